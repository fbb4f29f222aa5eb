"""A coach's first page: each of my workers with the next gig, why they need me, and one action."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from dispatch.board import is_late
from dispatch.lifecycle import AssignmentStatus
from dispatch.models import Assignment
from dispatch.worker_day import ARRIVE_FROM, LEFT_OPEN_AFTER
from workers.models import Absence, Worker

_S = AssignmentStatus
NO_GIG_FOR = timedelta(days=21)
# The most urgent first; "fine" rows come last.
ORDER = ("late", "left_open", "offer", "arrive", "on_site", "first", "away", "quiet", "next", "fine")


@dataclass(frozen=True)
class CoachRow:
    """A worker with the reason why they are on the list; a work reason, never a health one."""

    worker: Worker
    code: str
    gig: Assignment | None
    tone: str


def rows(workers: QuerySet[Worker], now: datetime) -> list[CoachRow]:
    """Every active worker of the coach, those who need something first; four queries."""
    done = Assignment.objects.filter(worker=OuterRef("pk"), status=_S.COMPLETED)
    gone = Absence.objects.filter(worker=OuterRef("pk"), starts_at__lte=now, ends_at__gt=now)
    people = list(
        workers.filter(active=True).annotate(
            has_worked=Exists(done),
            is_away=Exists(gone),
            last_end=Max("assignments__ends_at", filter=Q(assignments__status=_S.COMPLETED)),
        )
    )
    gigs: dict[int, list[Assignment]] = defaultdict(list)
    live = (
        Assignment.objects.filter(worker__in=[w.pk for w in people])
        .filter(
            Q(status=_S.ON_SITE) | Q(status__in=[_S.OFFERED, _S.ACCEPTED], ends_at__gt=now)
        )
        .select_related("order__task_type", "order__site")
        .order_by("starts_at", "id")
    )
    for row in live:
        gigs[row.worker_id].append(row)
    found = [_row(w, gigs[w.pk], now) for w in people]
    return sorted(
        found,
        key=lambda r: (
            ORDER.index(r.code),
            r.gig.starts_at if r.gig else now + timedelta(days=999),
            r.worker.first_name,
        ),
    )


def _row(worker: Worker, gigs: list[Assignment], now: datetime) -> CoachRow:
    for gig in gigs:
        if is_late(gig, now):
            return CoachRow(worker, "late", gig, "error")
        if gig.status == _S.ON_SITE:
            late = now >= gig.ends_at + LEFT_OPEN_AFTER
            return CoachRow(worker, "left_open" if late else "on_site", gig, "warn" if late else "")
    for gig in gigs:
        if gig.status == _S.OFFERED:
            return CoachRow(worker, "offer", gig, "warn")
    coming = gigs[0] if gigs else None
    if coming and now >= coming.starts_at - ARRIVE_FROM:
        return CoachRow(worker, "arrive", coming, "")
    if getattr(worker, "is_away", False):
        return CoachRow(worker, "away", coming, "")
    if coming and not getattr(worker, "has_worked", True):
        return CoachRow(worker, "first", coming, "warn")
    if coming:
        return CoachRow(worker, "next", coming, "")
    last = getattr(worker, "last_end", None)
    if last is None or last < now - NO_GIG_FOR:
        return CoachRow(worker, "quiet", None, "warn")
    return CoachRow(worker, "fine", None, "")
