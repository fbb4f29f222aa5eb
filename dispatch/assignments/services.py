"""Places of orders: given, handed over, taken and given back, all through `door`.

Every change of a worker's time is written by `dispatch.assignments.door`, which also says in
which order the locks are taken.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.access import OFFICE
from accounts.models import User
from core.violations import RuleBroken, Violation, hard, in_order, soft
from dispatch.assignments import door, messages, order_status, punches
from dispatch.assignments.door import HARD
from dispatch.eligibility import judge
from dispatch.models import Assignment, Punch
from dispatch.models.lifecycle import (
    FILLING,
    TAKES_WORKERS,
    YET_TO_COME,
    AssignmentAction,
    AssignmentStatus,
)
from orders.models import WorkOrder

# Taps and links that arrive twice; the second finds the work done and changes nothing.
REPEATABLE = frozenset(
    {
        AssignmentAction.ACCEPT,
        AssignmentAction.DECLINE,
        AssignmentAction.EXPIRE,
        AssignmentAction.WITHDRAW,
        AssignmentAction.MARK_ABSENT,
        AssignmentAction.MARK_NO_SHOW,
        AssignmentAction.CHECK_IN,
        AssignmentAction.CHECK_OUT,
    }
)


class BookedMeanwhile(RuleBroken):  # noqa: N818 - reads as a sentence, as RuleBroken does
    """The worker's time was taken by somebody else in the meantime.

    `worker_name`, `by_name` (may be empty), `order_number` and `at` (when it was taken) let
    the page say who did it and for which order.
    """

    def __init__(self, holder: Assignment) -> None:
        self.worker_name = holder.worker.first_name
        self.by_name = str(holder.created_by) if holder.created_by else ""
        self.order_number = holder.order.number
        self.at = holder.created_at
        numbers: dict[str, int | str] = {
            "worker": self.worker_name,
            "by": self.by_name,
            "order": holder.order.number,
            "at": holder.created_at.isoformat(),
        }
        super().__init__(Violation("booked_meanwhile", HARD, str(holder.order.ref), numbers))


# --------------------------------------------------------------------------- assigning


def assign(
    order: WorkOrder,
    worker_ids: Collection[int],
    *,
    by: User | None,
    now: datetime,
    offer: bool = True,
    answer_by: datetime | None = None,
    override_reason: str = "",
    draft: bool = False,
    instead_of: Assignment | None = None,
) -> list[Assignment]:
    """Give places of an order to workers: as offers, or accepted at once when `offer` is False.

    A `draft` holds the workers' time as planned; nobody is notified before `notify_planned`.
    The place of `instead_of` is given up in the same step, so it counts as free.

    All workers get their place or none does. Somebody who already holds a place of this order keeps
    it, so a repeated call changes nothing. `answer_by` defaults to the earlier of two hours
    before the start and 24 hours from now.

    Raises:
        RuleBroken: with every reason: hard ones always, soft ones unless `override_reason` is given
            (it is logged).
        BookedMeanwhile: somebody else took the time.
    """
    ids = sorted(set(worker_ids))
    if not ids:
        raise ValueError("nobody to assign")
    try:
        with transaction.atomic():
            door.lock_workers([*worker_ids, *([instead_of.worker_id] if instead_of else [])])
            fresh = door.lock_order(order)
            if instead_of is not None:
                _hand_over(instead_of, fresh, by=by, now=now, notify_orderer=offer)
            return _fill_places(
                fresh,
                ids,
                by=by,
                now=now,
                offer=offer,
                answer_by=answer_by,
                override_reason=override_reason,
                draft=draft,
                moving=instead_of is not None,
            )
    except _Taken as taken:
        raise BookedMeanwhile(judge.holders().get(pk=taken.assignment_id)) from None
    except IntegrityError as error:
        # The guard of the database spoke; ask the rows who was faster instead of reading its text.
        holder = judge.holder(ids, order)
        if holder is None:
            raise
        raise BookedMeanwhile(holder) from error


class _Taken(Exception):
    """The time of a worker is held by another assignment; who it is, is read after the lock."""

    def __init__(self, assignment_id: int) -> None:
        self.assignment_id = assignment_id
        super().__init__(assignment_id)


def _fill_places(
    order: WorkOrder,
    ids: list[int],
    *,
    by: User | None,
    now: datetime,
    offer: bool,
    answer_by: datetime | None,
    override_reason: str,
    draft: bool,
    moving: bool = False,
) -> list[Assignment]:
    rows = judge.holding(order, ids)
    held = {worker_id: pk for pk, worker_id, order_id in rows if order_id == order.pk}
    new_ids = [i for i in ids if i not in held]
    found = _refusals(order, held=len(held), wanted=len(new_ids), now=now) if new_ids else []
    taken = [pk for pk, worker_id, _ in rows if worker_id in new_ids]
    if taken and not found:
        raise _Taken(taken[0])
    checked = judge.check(order, new_ids) if new_ids else {}
    for violations in checked.values():
        found += violations
    reason = override_reason.strip()
    blocking = hard(found) if reason else found
    if blocking:
        raise RuleBroken(in_order(found))
    made = [
        door.create_assignment(
            order,
            worker_id,
            by=by,
            now=now,
            offer=offer,
            answer_by=answer_by,
            codes=sorted({v.code for v in soft(checked[worker_id])}),
            reason=reason,
            draft=draft,
        )
        for worker_id in new_ids
    ]
    if made or moving:
        order_status.sync_order(order, by=by, now=now)
    there = judge.holders().filter(pk__in=[held[i] for i in ids if i in held])
    if draft:
        return [*there, *made]
    return [*(_notify_existing_holder(row, by=by, now=now, offer=offer) for row in there), *made]


def _notify_existing_holder(
    row: Assignment, *, by: User | None, now: datetime, offer: bool
) -> Assignment:
    """Notify a worker who has a place of the order already, where the dispatcher now gives more.

    A draft becomes an offer or a confirmed place, an open offer a confirmed one.
    """
    if row.status == AssignmentStatus.PLANNED:
        return notify_planned(row, by=by, now=now, offer=offer)
    if row.status == AssignmentStatus.OFFERED and not offer:
        Assignment.objects.filter(pk=row.pk).update(answer_by=None)
        return notify_planned(row, by=by, now=now, offer=False)
    return row


def _refusals(order: WorkOrder, *, held: int, wanted: int, now: datetime) -> list[Violation]:
    found: list[Violation] = []
    if order.status not in TAKES_WORKERS:
        found.append(Violation("order_not_open", HARD, str(order.ref)))
    if order.ends_at <= now:
        found.append(Violation("gig_in_past", HARD, str(order.ref)))
    if held + wanted > order.people:
        numbers: dict[str, int | str] = {"people": order.people, "held": held}
        found.append(Violation("order_full", HARD, str(order.ref), numbers))
    return found


def reassign(
    assignment: Assignment,
    worker_id: int,
    *,
    by: User | None,
    now: datetime,
    offer: bool = True,
    override_reason: str = "",
) -> Assignment:
    """Give the place of an assignment to another worker, in one transaction or not at all.

    The first worker keeps the place when the other cannot take it: then it raises as `assign`.
    """
    if assignment.worker_id == worker_id:
        return assignment
    return assign(
        assignment.order,
        [worker_id],
        by=by,
        now=now,
        offer=offer,
        override_reason=override_reason,
        instead_of=assignment,
    )[0]


@dataclass(frozen=True)
class Move:
    """Places of an order that change hands: who leaves it and who comes (ids)."""

    order: WorkOrder
    leaves: tuple[Assignment, ...] = ()
    comes: tuple[int, ...] = ()


class MoveRefused(RuleBroken):  # noqa: N818 - reads as a sentence, as RuleBroken does
    """One of several moves does not hold; `order_number` says which."""

    def __init__(self, order: WorkOrder, violations: list[Violation]) -> None:
        self.order_number = order.number
        super().__init__(violations)


def rearrange(
    moves: Collection[Move], *, by: User | None, now: datetime, offer: bool = True
) -> list[Assignment]:
    """Let places change hands, all in one transaction or none: first all leave, then all come.

    Everybody concerned is notified.

    Raises:
        MoveRefused: with what `assign` would say of the first move that does not hold.
        BookedMeanwhile: somebody else took the time.
    """
    ordered = sorted(moves, key=lambda move: move.order.pk)
    concerned = [pk for m in ordered for pk in (*m.comes, *(a.worker_id for a in m.leaves))]
    at: list[Move] = []
    try:
        with transaction.atomic():
            door.lock_workers(concerned)
            fresh = [door.lock_order(move.order) for move in ordered]
            for move, order in zip(ordered, fresh, strict=True):
                at[:] = [move]
                for row in move.leaves:
                    _hand_over(row, order, by=by, now=now, notify_orderer=offer)
            made: list[Assignment] = []
            for move, order in zip(ordered, fresh, strict=True):
                at[:] = [move]
                made += _fill_move(move, order, by=by, now=now, offer=offer)
            return made
    except _Taken as taken:
        raise BookedMeanwhile(judge.holders().get(pk=taken.assignment_id)) from None
    except IntegrityError as error:
        holder = judge.holder(at[0].comes, at[0].order) if at else None
        if holder is None:
            raise
        raise BookedMeanwhile(holder) from error
    except RuleBroken as error:
        if not at or isinstance(error, BookedMeanwhile):
            raise
        raise MoveRefused(at[0].order, error.violations) from error


def _fill_move(
    move: Move, order: WorkOrder, *, by: User | None, now: datetime, offer: bool
) -> list[Assignment]:
    if not move.comes:
        order_status.sync_order(order, by=by, now=now)
        return []
    return _fill_places(
        order,
        sorted(move.comes),
        by=by,
        now=now,
        offer=offer,
        answer_by=None,
        override_reason="",
        draft=False,
        moving=bool(move.leaves),
    )


def _hand_over(
    assignment: Assignment,
    order: WorkOrder,
    *,
    by: User | None,
    now: datetime,
    notify_orderer: bool,
) -> None:
    """Give up a place that goes to somebody else; the order was never open in between."""
    row = Assignment.objects.select_related("worker__user", "created_by").get(pk=assignment.pk)
    if not row.holds_time:
        return
    row.order, old = order, row.status
    action = AssignmentAction.WITHDRAW
    door.next_status(row, action, named="reassign")
    door.change_status(row, action, by=by, now=now, verb="reassigned")
    if old != AssignmentStatus.PLANNED:
        notify = notify_orderer and old in FILLING
        messages.notify_of_change(row, action, now=now, notify_orderer=notify)
    door.announce(row, action, by=by, now=now, at=now)


# --------------------------------------------------------------------------- one assignment


def apply_action(
    assignment: Assignment,
    action: AssignmentAction,
    *,
    by: User | None,
    now: datetime,
    at: datetime | None = None,
    reason: str = "",
    actor_label: str = "",
    form_key: UUID | None = None,
    seen: str = "",
    notify_orderer: bool = True,
) -> Assignment:
    """Take one action on an assignment and return it fresh.

    `at` is when a check-in or check-out happened (default `now`); `form_key` makes a tap that
    arrives twice count once. A repeated answer changes nothing. `seen` is the status that the
    page showed when somebody took a tap back: a second press must not take back the tap before it.
    `notify_orderer` False spares the customer a message where another one says it all. Why a worker
    says no or cannot come is never stored, whatever `reason` holds.

    Raises:
        RuleBroken: `not_possible_now` when the action does not fit the state, `undo_done` when it
            was taken back already, the codes of `punches.time_rules`, and `worker_inactive` or
            `no_engagement` when the worker does not work here any more.
    """
    with transaction.atomic():
        order = door.lock_order(assignment.order)
        row = Assignment.objects.select_related("worker__user", "created_by").get(pk=assignment.pk)
        row.order = order
        if form_key is not None and Punch.objects.filter(form_key=form_key).exists():
            return row
        if _is_repeated(row, action, at=at, now=now):
            return row
        old, moment = row.status, at or now
        _refuse(row, action, at=moment, now=now, by=by, seen=seen)
        door.change_status(row, action, by=by, now=now, reason=reason, actor_label=actor_label)
        if action in punches.KINDS:
            Punch.objects.create(
                assignment=row,
                kind=punches.KINDS[action],
                at=moment,
                received_at=now,
                by=by,
                form_key=form_key,
            )
        # A worker who was never notified of a draft is not notified of its end.
        if (old, action) != (AssignmentStatus.PLANNED, AssignmentAction.WITHDRAW):
            notify = notify_orderer and old in FILLING
            messages.notify_of_change(row, action, now=now, notify_orderer=notify)
        door.announce(row, action, by=by, now=now, at=moment)
        order_status.sync_order(order, by=by, now=now, actor_label=actor_label)
        return row


def _is_repeated(
    row: Assignment, action: AssignmentAction, *, at: datetime | None, now: datetime
) -> bool:
    """Whether the action was taken before.

    Raises:
        RuleBroken: `punch_noted` when it was taken at another time than `at`.
    """
    if action not in REPEATABLE or row.status != _target_status(action):
        return False
    if conflict := punches.conflicting_punch(row, action, at=at, now=now):
        raise RuleBroken(conflict)
    return True


def _refuse(
    row: Assignment,
    action: AssignmentAction,
    *,
    at: datetime,
    now: datetime,
    by: User | None,
    seen: str,
) -> None:
    """Raise RuleBroken with the first reason against an action: state, clock, contract."""
    if action is AssignmentAction.UNDO and seen and row.status != seen:
        raise RuleBroken(Violation("undo_done", HARD, str(row.ref)))
    door.next_status(row, action)
    refused = punches.time_rules(row, action, at=at, now=now, by=by)
    if action in (AssignmentAction.ACCEPT, AssignmentAction.OFFER):
        refused += judge.contract_violations(row.worker, row.starts_at)
    if refused:
        raise RuleBroken(refused)


def notify_planned(
    assignment: Assignment, *, by: User | None, now: datetime, offer: bool = True
) -> Assignment:
    """Notify the worker of a planned assignment, as an offer or as confirmed.

    Without `offer` an open offer is confirmed as well.

    Raises:
        RuleBroken: `not_possible_now` when it is neither planned nor offered any more, and what
            `apply_action` raises.
    """
    action = AssignmentAction.OFFER if offer else AssignmentAction.ACCEPT
    with transaction.atomic():
        row = apply_action(assignment, action, by=by, now=now)
        changes: dict[str, datetime | None] = {"told_at": now}
        if not offer:
            # The office decided: nobody has answered.
            changes["answered_at"] = None
            messages.notify_of_place(row, now=now)
        Assignment.objects.filter(pk=row.pk).update(**changes)
        return row


def _target_status(action: AssignmentAction) -> AssignmentStatus | None:
    return {
        AssignmentAction.ACCEPT: AssignmentStatus.ACCEPTED,
        AssignmentAction.DECLINE: AssignmentStatus.DECLINED,
        AssignmentAction.EXPIRE: AssignmentStatus.EXPIRED,
        AssignmentAction.WITHDRAW: AssignmentStatus.WITHDRAWN,
        AssignmentAction.MARK_ABSENT: AssignmentStatus.ABSENT,
        AssignmentAction.MARK_NO_SHOW: AssignmentStatus.NO_SHOW,
        AssignmentAction.CHECK_IN: AssignmentStatus.ON_SITE,
        AssignmentAction.CHECK_OUT: AssignmentStatus.COMPLETED,
    }.get(action)


# --------------------------------------------------------------------------- cancelled or moved


def release_order(
    order: WorkOrder, *, begins: datetime, by: User | None, now: datetime
) -> list[Assignment]:
    """Withdraw everybody who was to come; called when an order is cancelled or moved.

    `begins` is when they were to come. The caller holds the order's lock. Workers are not
    locked: giving time back needs no check.

    Raises:
        RuleBroken: `order_begun`: somebody may be at work without having checked in, and hours
            without an assignment could never be recorded. The office says first who did not come.
    """
    waiting = order.assignments.filter(status__in=YET_TO_COME)
    if begins <= now and waiting.filter(status=AssignmentStatus.ACCEPTED).exists():
        code = "order_begun_office" if by is not None and by.role in OFFICE else "order_begun"
        raise RuleBroken(Violation(code, HARD, str(order.number)))
    return [
        apply_action(row, AssignmentAction.WITHDRAW, by=by, now=now, notify_orderer=False)
        for row in waiting.order_by("id")
    ]


# --------------------------------------------------------------------------- nobody found
