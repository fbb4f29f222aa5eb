"""A coach's first page: each of my workers with what is next, why they need me, and one action."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from dispatch.assignments.punches import LEFT_OPEN_AFTER
from dispatch.board.looks import is_late
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus
from dispatch.phone.day import ARRIVE_FROM
from workers.models import Absence, Worker

_S = AssignmentStatus
NO_GIG_FOR = timedelta(days=21)
# The most urgent first; "fine" rows come last.
ORDER = (
    "late",
    "left_open",
    "arrive",
    "offer",
    "on_site",
    "first",
    "away",
    "quiet",
    "next",
    "fine",
)
TONE = {"late": "error", "left_open": "warn", "offer": "warn", "first": "warn", "quiet": "warn"}


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
    assignments: dict[int, list[Assignment]] = defaultdict(list)
    live = (
        Assignment.objects.filter(worker__in=[w.pk for w in people])
        .filter(Q(status=_S.ON_SITE) | Q(status__in=[_S.OFFERED, _S.ACCEPTED], ends_at__gt=now))
        .select_related("order__task_type", "order__site")
        .order_by("starts_at", "id")
    )
    for row in live:
        assignments[row.worker_id].append(row)
    found = [_row(w, assignments[w.pk], now) for w in people]
    return sorted(
        found,
        key=lambda r: (
            ORDER.index(r.code),
            r.gig.starts_at if r.gig else now + timedelta(days=999),
            r.worker.first_name,
        ),
    )


def _row(worker: Worker, assignments: list[Assignment], now: datetime) -> CoachRow:
    urgent = min(
        (found for assignment in assignments if (found := _urgency(assignment, now))),
        key=lambda pair: ORDER.index(pair[0]),
        default=None,
    )
    if urgent is not None:
        code, assignment = urgent
        return CoachRow(worker, code, assignment, TONE.get(code, ""))
    code = _calm(worker, bool(assignments), now)
    return CoachRow(worker, code, assignments[0] if assignments else None, TONE.get(code, ""))


def _urgency(assignment: Assignment, now: datetime) -> tuple[str, Assignment] | None:
    if is_late(assignment, now):
        return "late", assignment
    if assignment.status == _S.ON_SITE:
        return (
            "left_open" if now >= assignment.ends_at + LEFT_OPEN_AFTER else "on_site"
        ), assignment
    if assignment.status == _S.OFFERED:
        return "offer", assignment
    return ("arrive", assignment) if now >= assignment.starts_at - ARRIVE_FROM else None


def _calm(worker: Worker, has_gig: bool, now: datetime) -> str:  # noqa: FBT001 - private
    if getattr(worker, "is_away", False):
        return "away"
    if has_gig:
        return "next" if getattr(worker, "has_worked", True) else "first"
    last = getattr(worker, "last_end", None)
    return "quiet" if last is None or last < now - NO_GIG_FOR else "fine"
