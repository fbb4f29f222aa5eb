"""Which workers the office's table lists, and what it reads of them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from core.search import search_words
from workers.models import Worker


def with_worker_columns(rows: QuerySet[Worker]) -> QuerySet[Worker]:
    """Workers with what their row shows: whole rows, and those of their accounts, are wide."""
    return (
        rows.select_related(None)
        .select_related("coach")
        .prefetch_related("skills")
        .only(
            "ref", "worker_no", "first_name", "last_name", "phone", "city", "active",
            "coach__name", "coach__email",
        )
    )  # fmt: skip


def search_workers(rows: QuerySet[Worker], query: str) -> QuerySet[Worker]:
    """Workers of whom each word is part of the name or town, their number or a skill."""
    for word in search_words(query):
        rows = rows.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(city__icontains=word)
            | Q(worker_no__iexact=word)
            | Q(pk__in=Worker.objects.filter(skills__name_fi__icontains=word).values("pk"))
        )
    return rows
