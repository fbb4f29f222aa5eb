"""A worker is away: the absence, and the assignments that it sets free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from core import audit
from core.violations import RuleBroken, Severity, Violation
from dispatch.assignments import door
from dispatch.assignments.services import apply_action
from dispatch.models import Assignment
from dispatch.models.lifecycle import YET_TO_COME, AssignmentAction
from workers.models import Absence, Worker


@dataclass(frozen=True)
class AbsenceResult:
    """An absence and the assignments it released, for which somebody else is needed."""

    absence: Absence
    released: list[Assignment]


def record_absence(
    worker: Worker, starts_at: datetime, ends_at: datetime, *, by: User | None, now: datetime
) -> AbsenceResult:
    """Note that a worker is away and release the assignments that lie in that time.

    Released assignments become absent and their orders open again; office and customers are
    notified.
    An assignment that the worker has already started stays. The same absence twice is one row.

    Raises:
        RuleBroken: `absence_ends_before_start`.
    """
    if ends_at <= starts_at:
        raise RuleBroken(Violation("absence_ends_before_start", Severity.HARD, str(worker.ref)))
    with transaction.atomic():
        door.lock_workers([worker.pk])
        absence, made = Absence.objects.get_or_create(
            worker=worker,
            starts_at=starts_at,
            ends_at=ends_at,
            defaults={"created_at": now, "created_by": by},
        )
        if made:
            _record_absence_event("absence.recorded", worker, absence, by=by, now=now)
        clashing = Assignment.objects.filter(
            worker=worker,
            status__in=YET_TO_COME,
            starts_at__lt=ends_at,
            ends_at__gt=starts_at,
        )
        released = [
            apply_action(row, AssignmentAction.MARK_ABSENT, by=by, now=now)
            for row in clashing.order_by("order_id")
        ]
        return AbsenceResult(absence, released)


def remove_absence(absence: Absence, *, by: User | None, now: datetime) -> None:
    """Take an absence back. Assignments that were given away do not return by themselves."""
    with transaction.atomic():
        door.lock_workers([absence.worker_id])
        if Absence.objects.filter(pk=absence.pk).delete()[0]:
            _record_absence_event("absence.removed", absence.worker, absence, by=by, now=now)


def _record_absence_event(
    verb: str, worker: Worker, absence: Absence, *, by: User | None, now: datetime
) -> None:
    times = {"starts_at": absence.starts_at, "ends_at": absence.ends_at}
    audit.record(verb, kind="worker", ref=worker.ref, by=by, now=now, after=times)
