"""How a status looks on the board, in words and signs, and the addresses that its links carry."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.urls import reverse

from dispatch.assignments.punches import LATE_AFTER
from dispatch.models import STATUS_CHOICES, Assignment
from dispatch.models.lifecycle import AssignmentStatus

_S = AssignmentStatus
_NO_REF = UUID(int=0)

STYLES: dict[str, tuple[str, str]] = {
    _S.PLANNED: ("plan", "file-pen"),
    _S.OFFERED: ("offer", "clock"),
    _S.ACCEPTED: ("", "circle-check"),
    _S.ON_SITE: ("onsite", "circle-dot"),
    _S.COMPLETED: ("done", "check"),
    _S.NO_SHOW: ("bad", "triangle-alert"),
}
# The choices' own lookup builds a dict of all lazy words for each row.
WORDS = dict(STATUS_CHOICES)


def address(name: str, ref: UUID) -> str:
    """The page of a ref; the pattern is resolved once, a board has hundreds of links."""
    return _pattern(name).replace(str(_NO_REF), str(ref))


@lru_cache(maxsize=8)
def _pattern(name: str) -> str:
    return reverse(name, args=[_NO_REF])


def style_of(status: str) -> tuple[str, str]:
    """(class, icon) of an assignment in a status."""
    return STYLES[status]


def status_word(assignment: Assignment) -> str:
    """The status in words."""
    return str(WORDS[assignment.status])


def is_late(assignment: Assignment, now: datetime) -> bool:
    """Confirmed, but the arrival is missing."""
    return assignment.status == _S.ACCEPTED and assignment.starts_at + LATE_AFTER <= now
