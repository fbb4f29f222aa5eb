"""Orders as the audit trail tells of them: by number, with a link to the order's page."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse

from accounts.audit_trail.subjects import Subject
from orders.models import WorkOrder

# A longer number is no order's.
MOST_DIGITS = 9


class Orders:
    """The owner of orders for the trail."""

    def refs_of(self, text: str) -> set[str]:
        """The ref of the order of this number."""
        if not (text.isascii() and text.isdecimal()) or len(text) > MOST_DIGITS:
            return set()
        return {
            str(r) for r in WorkOrder.objects.filter(number=int(text)).values_list("ref", flat=True)
        }

    def subjects_of(self, refs: Collection[str]) -> dict[str, Subject]:
        """Numbers and pages of the orders among the refs."""
        keys = [key for key in map(_uuid, refs) if key]
        rows = WorkOrder.objects.filter(ref__in=keys).values_list("ref", "number")
        return {
            str(ref): Subject(str(number), reverse("dispatch:order-detail", args=[ref]))
            for ref, number in rows
        }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
