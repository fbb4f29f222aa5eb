"""The one door through which the time of workers is given, taken and given back.

Locks are always taken in this order: workers (by id), work order, assignment. Every lock is an
UPDATE, because SQLite silently drops `select_for_update`. A cancelled order only releases time,
so it starts at the order and never reaches for a worker (docs/adr/0003-databases-and-locking.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from accounts.models import User
from core import audit
from core.violations import RuleBroken, Severity, Violation
from dispatch.assignments import messages
from dispatch.models import Assignment
from dispatch.models.lifecycle import BIRTHS, AssignmentAction, AssignmentStatus, target
from dispatch.rules.quiet_hours import answer_deadline
from dispatch.signals import assignment_changed
from orders.models import WorkOrder
from workers.models import Worker

HARD = Severity.HARD
ANSWERS = frozenset({AssignmentAction.ACCEPT, AssignmentAction.DECLINE})
# What the trail calls each action.
_EVENTS = {
    AssignmentAction.OFFER: "offered",
    AssignmentAction.ACCEPT: "accepted",
    AssignmentAction.DECLINE: "declined",
    AssignmentAction.EXPIRE: "expired",
    AssignmentAction.WITHDRAW: "withdrawn",
    AssignmentAction.CHECK_IN: "checked_in",
    AssignmentAction.CHECK_OUT: "checked_out",
    AssignmentAction.UNDO: "undone",
    AssignmentAction.MARK_ABSENT: "absent",
    AssignmentAction.MARK_NO_SHOW: "no_show",
}


def lock_workers(worker_ids: Iterable[int]) -> None:
    """Hold the workers' time until the transaction ends."""
    # One UPDATE for each in the order of ids: a single one may lock in any order (deadlocks).
    for worker_id in sorted(set(worker_ids)):
        Worker.objects.filter(pk=worker_id).update(lock_no=F("lock_no") + 1)


def lock_order(order: WorkOrder) -> WorkOrder:
    """The order as it is now, held until the transaction ends."""
    WorkOrder.objects.filter(pk=order.pk).update(link_no=F("link_no"))
    fresh = WorkOrder.objects.get(pk=order.pk)
    for name in ("customer", "site", "task_type"):
        if getattr(fresh, f"{name}_id") == getattr(order, f"{name}_id"):
            setattr(fresh, name, getattr(order, name))
    return fresh


def create_assignment(
    order: WorkOrder,
    worker_id: int,
    *,
    by: User | None,
    now: datetime,
    offer: bool,
    answer_by: datetime | None,
    codes: list[str],
    reason: str,
    draft: bool,
) -> Assignment:
    """Give a worker a place of an order; the caller holds both locks and has checked the rules.

    The worker is notified of an offer or of a place that is theirs at once, never of a `draft`.
    """
    status = AssignmentStatus.OFFERED if offer else AssignmentStatus.ACCEPTED
    if draft:
        status, offer = AssignmentStatus.PLANNED, False
    if status not in BIRTHS:
        raise ValueError(f"no assignment begins as {status}")
    row = Assignment.objects.create(
        order=order,
        worker_id=worker_id,
        status=status,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        answer_by=(answer_by or answer_deadline(order.starts_at, now)) if offer else None,
        override_codes=codes,
        override_reason=reason if codes else "",
        told_at=None if draft else now,
        created_at=now,
        created_by=by,
    )
    verb = "planned" if draft else "offered" if offer else "placed"
    audit.record(
        f"assignment.{verb}",
        kind="assignment",
        ref=row.ref,
        order_ref=order.ref,
        by=by,
        now=now,
        after={"status": status.value, "worker": str(row.worker.ref), "override": codes},
        reason=row.override_reason,
    )
    if draft:
        return row
    action = AssignmentAction.OFFER if offer else AssignmentAction.ACCEPT
    messages.notify_of_place(row, now=now)
    announce(row, action, by=by, now=now, at=now)
    return row


def next_status(row: Assignment, action: AssignmentAction, *, named: str = "") -> AssignmentStatus:
    """The state that `action` leads to; `named` replaces its name in a refusal.

    Raises:
        RuleBroken: `not_possible_now` when the table has no such move.
    """
    new = target(row.status, action)
    if new is None:
        numbers: dict[str, int | str] = {"status": row.status, "action": named or action.value}
        raise RuleBroken(Violation("not_possible_now", HARD, str(row.ref), numbers))
    return new


def change_status(
    row: Assignment,
    action: AssignmentAction,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    actor_label: str = "",
    verb: str = "",
) -> None:
    """Write the state that `action` leads to, with its event; the caller holds the order's lock.

    Raises:
        RuleBroken: `not_possible_now` when the row has another state by now, or the table no move.
    """
    old, new = row.status, next_status(row, action)
    changes: dict[str, object] = {"status": new.value}
    if action in ANSWERS:
        changes["answered_at"] = now
    if action is AssignmentAction.OFFER:
        changes["answer_by"] = answer_deadline(row.starts_at, now)
    if not Assignment.objects.filter(pk=row.pk, status=old).update(**changes):
        raise RuleBroken(Violation("not_possible_now", HARD, str(row.ref), {"status": old}))
    for name, value in changes.items():
        setattr(row, name, value)
    # An absence or a "no" has no reason here: it could be about somebody's health.
    private = action in {AssignmentAction.MARK_ABSENT, AssignmentAction.DECLINE}
    audit.record(
        f"assignment.{verb or _EVENTS[action]}",
        kind="assignment",
        ref=row.ref,
        order_ref=row.order.ref,
        by=by,
        now=now,
        before={"status": old},
        after={"status": new.value, "worker": str(row.worker.ref)},
        reason="" if private else reason,
        actor_label=actor_label,
    )


def announce(
    row: Assignment, action: AssignmentAction, *, by: User | None, now: datetime, at: datetime
) -> None:
    assignment_changed.send(Assignment, assignment=row, action=action, by=by, now=now, at=at)
