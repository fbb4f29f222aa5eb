"""The one door through which the time of workers is given, taken and given back.

Locks are always taken in this order: workers (by id), work order, assignment. Every lock is an
UPDATE, because SQLite silently drops `select_for_update`. A cancelled order only releases time,
so it starts at the order and never reaches for a worker (docs/adr/0003-databases-and-locking.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef

from accounts.access import OFFICE
from accounts.models import User
from core import audit
from core.violations import RuleBroken, Severity, Violation, hard, in_order, soft
from dispatch.assignments import messages as notices
from dispatch.assignments import order_status, punches
from dispatch.eligibility import judge as rules
from dispatch.models import Assignment, Punch
from dispatch.models.lifecycle import (
    BIRTHS,
    FILLING,
    HOLDING,
    AssignmentAction,
    AssignmentStatus,
    target,
)
from dispatch.rules.quiet_hours import answer_deadline
from dispatch.signals import assignment_changed
from orders.models import WorkOrder
from orders.models.lifecycle import OrderAction, OrderStatus
from orders.ordering.services import order_apply
from workers.models import Absence, Worker

HARD = Severity.HARD
# Orders that still take workers; an unfilled one comes back to life when somebody is found.
TAKES_WORKERS = frozenset(
    {OrderStatus.PLACED, OrderStatus.FILLED, OrderStatus.IN_PROGRESS, OrderStatus.UNFILLED}
)
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
ANSWERS = frozenset({AssignmentAction.ACCEPT, AssignmentAction.DECLINE})


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


@dataclass(frozen=True)
class AbsenceResult:
    """An absence and the assignments it released, for which somebody else is needed."""

    absence: Absence
    released: list[Assignment]


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

    A `draft` holds the workers' time as planned, and nobody is told before `tell_planned`.
    The place of `instead_of` is given up in the same step: it counts as free here.

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
            _lock_workers([*worker_ids, *([instead_of.worker_id] if instead_of else [])])
            fresh = _lock_order(order)
            if instead_of is not None:
                _hand_over(instead_of, fresh, by=by, now=now, tell_orderer=offer)
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
        raise BookedMeanwhile(rules.holders().get(pk=taken.assignment_id)) from None
    except IntegrityError as error:
        # The guard of the database spoke; ask the rows who was faster instead of reading its text.
        holder = rules.holder(ids, order)
        if holder is None:
            raise
        raise BookedMeanwhile(holder) from error


class _Taken(Exception):
    """The time of a worker is held by another assignment; who it is, is read after the lock."""

    def __init__(self, assignment_id: int) -> None:
        self.assignment_id = assignment_id
        super().__init__(assignment_id)


def _lock_workers(worker_ids: Iterable[int]) -> None:
    # One UPDATE for each in the order of ids: a single one may lock in any order (deadlocks).
    for worker_id in sorted(set(worker_ids)):
        Worker.objects.filter(pk=worker_id).update(lock_no=F("lock_no") + 1)


def _lock_order(order: WorkOrder) -> WorkOrder:
    """The order as it is now, held until the transaction ends."""
    WorkOrder.objects.filter(pk=order.pk).update(link_no=F("link_no"))
    fresh = WorkOrder.objects.get(pk=order.pk)
    for name in ("customer", "site", "task_type"):
        if getattr(fresh, f"{name}_id") == getattr(order, f"{name}_id"):
            setattr(fresh, name, getattr(order, name))
    return fresh


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
    rows = rules.holding(order, ids)
    held = {worker_id: pk for pk, worker_id, order_id in rows if order_id == order.pk}
    new_ids = [i for i in ids if i not in held]
    found = _refusals(order, held=len(held), wanted=len(new_ids), now=now) if new_ids else []
    taken = [pk for pk, worker_id, _ in rows if worker_id in new_ids]
    if taken and not found:
        raise _Taken(taken[0])
    checked = rules.check(order, new_ids) if new_ids else {}
    for violations in checked.values():
        found += violations
    reason = override_reason.strip()
    blocking = hard(found) if reason else found
    if blocking:
        raise RuleBroken(in_order(found))
    made = [
        _place(
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
        order_status.sync(order, by=by, now=now)
    there = rules.holders().filter(pk__in=[held[i] for i in ids if i in held])
    if draft:
        return [*there, *made]
    return [*(_told_as_wanted(row, by=by, now=now, offer=offer) for row in there), *made]


def _told_as_wanted(row: Assignment, *, by: User | None, now: datetime, offer: bool) -> Assignment:
    """Who has the place already hears what the dispatcher has just decided, where it is more.

    A draft that nobody was told of is told; an offer becomes a gig when it is given directly.
    """
    if row.status == AssignmentStatus.PLANNED:
        return tell_planned(row, by=by, now=now, offer=offer)
    if row.status == AssignmentStatus.OFFERED and not offer:
        Assignment.objects.filter(pk=row.pk).update(answer_by=None)
        return tell_planned(row, by=by, now=now, offer=False)
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


def _place(
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
    notices.placed(row, now=now)
    _announce(row, action, by=by, now=now, at=now)
    return row


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

    Raises what `assign` raises; the first worker then keeps the place.
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

    Everybody concerned is told. Raises `MoveRefused` with what `assign` would say,
    or BookedMeanwhile.
    """
    ordered = sorted(moves, key=lambda move: move.order.pk)
    concerned = [pk for m in ordered for pk in (*m.comes, *(a.worker_id for a in m.leaves))]
    at: list[Move] = []
    try:
        with transaction.atomic():
            _lock_workers(concerned)
            fresh = [_lock_order(move.order) for move in ordered]
            for move, order in zip(ordered, fresh, strict=True):
                at[:] = [move]
                for row in move.leaves:
                    _hand_over(row, order, by=by, now=now, tell_orderer=offer)
            made: list[Assignment] = []
            for move, order in zip(ordered, fresh, strict=True):
                at[:] = [move]
                made += _come(move, order, by=by, now=now, offer=offer)
            return made
    except _Taken as taken:
        raise BookedMeanwhile(rules.holders().get(pk=taken.assignment_id)) from None
    except IntegrityError as error:
        holder = rules.holder(at[0].comes, at[0].order) if at else None
        if holder is None:
            raise
        raise BookedMeanwhile(holder) from error
    except RuleBroken as error:
        if not at or isinstance(error, BookedMeanwhile):
            raise
        raise MoveRefused(at[0].order, error.violations) from error


def _come(
    move: Move, order: WorkOrder, *, by: User | None, now: datetime, offer: bool
) -> list[Assignment]:
    if not move.comes:
        order_status.sync(order, by=by, now=now)
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
    assignment: Assignment, order: WorkOrder, *, by: User | None, now: datetime, tell_orderer: bool
) -> None:
    """Give up a place that goes to somebody else; the order was never open in between."""
    row = Assignment.objects.select_related("worker__user", "created_by").get(pk=assignment.pk)
    if not row.holds_time:
        return
    row.order, old = order, row.status
    new = target(old, AssignmentAction.WITHDRAW)
    if new is None:
        numbers: dict[str, int | str] = {"status": old, "action": "reassign"}
        raise RuleBroken(Violation("not_possible_now", HARD, str(row.ref), numbers))
    action = AssignmentAction.WITHDRAW
    _move(row, action, new, by=by, now=now, reason="", actor_label="", verb="reassigned")
    if old != AssignmentStatus.PLANNED:
        tells = tell_orderer and old in FILLING
        notices.changed(row, action, now=now, tell_orderer=tells)
    _announce(row, action, by=by, now=now, at=now)


# --------------------------------------------------------------------------- one assignment


def assignment_apply(
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
    tell_orderer: bool = True,
) -> Assignment:
    """Take one action on an assignment and return it fresh.

    `at` is when a check-in or check-out happened (default `now`); `form_key` makes a tap that
    arrives twice count once. A repeated answer changes nothing. `seen` is the status that the
    page showed of a tap to be taken back: a second press must not take back the one before it as
    well. `tell_orderer` False keeps the customer's mail box quiet where another message says it
    all. Why somebody says no or cannot come
    is never stored, whatever `reason` holds.

    Raises:
        RuleBroken: `not_possible_now` when the action does not fit the state, `undo_done` when it
            was taken back already, the codes of the time rules of check-ins, check-outs and of
            taking them back, and when somebody is to come who does not work here any more
            `worker_inactive` or `no_engagement`.
    """
    with transaction.atomic():
        order = _lock_order(assignment.order)
        row = Assignment.objects.select_related("worker__user", "created_by").get(pk=assignment.pk)
        row.order = order
        if form_key is not None and Punch.objects.filter(form_key=form_key).exists():
            return row
        reached = _arrived(action)
        if action in REPEATABLE and row.status == reached:
            if otherwise := punches.noted_otherwise(row, action, at=at, now=now):
                raise RuleBroken(otherwise)
            return row
        if action is AssignmentAction.UNDO and seen and row.status != seen:
            raise RuleBroken(Violation("undo_done", HARD, str(row.ref)))
        new = target(row.status, action)
        if new is None:
            numbers: dict[str, int | str] = {"status": row.status, "action": action.value}
            raise RuleBroken(Violation("not_possible_now", HARD, str(row.ref), numbers))
        old, moment = row.status, at or now
        refused = punches.time_rules(row, action, at=moment, now=now, by=by)
        if action in (AssignmentAction.ACCEPT, AssignmentAction.OFFER):
            refused += rules.contract_violations(row.worker, row.starts_at)
        if refused:
            raise RuleBroken(refused)
        _move(row, action, new, by=by, now=now, reason=reason, actor_label=actor_label)
        if action in punches.KINDS:
            Punch.objects.create(
                assignment=row,
                kind=punches.KINDS[action],
                at=moment,
                received_at=now,
                by=by,
                form_key=form_key,
            )
        # Who has not heard of a gig need not hear that it is gone.
        if (old, action) != (AssignmentStatus.PLANNED, AssignmentAction.WITHDRAW):
            tells = tell_orderer and old in FILLING
            notices.changed(row, action, now=now, tell_orderer=tells)
        _announce(row, action, by=by, now=now, at=moment)
        order_status.sync(order, by=by, now=now, actor_label=actor_label)
        return row


def tell_planned(
    assignment: Assignment, *, by: User | None, now: datetime, offer: bool = True
) -> Assignment:
    """Tell of a draft: as an offer, or as a gig that is the worker's own (an offer may be, too).

    Raises:
        RuleBroken: `not_possible_now` when it is neither any more, and as `assignment_apply`.
    """
    action = AssignmentAction.OFFER if offer else AssignmentAction.ACCEPT
    with transaction.atomic():
        row = assignment_apply(assignment, action, by=by, now=now)
        told: dict[str, datetime | None] = {"told_at": now}
        if not offer:
            # The office decided: nobody has answered.
            told["answered_at"] = None
            notices.placed(row, now=now)
        Assignment.objects.filter(pk=row.pk).update(**told)
        return row


def _arrived(action: AssignmentAction) -> AssignmentStatus | None:
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


def _move(
    row: Assignment,
    action: AssignmentAction,
    new: AssignmentStatus,
    *,
    by: User | None,
    now: datetime,
    reason: str,
    actor_label: str,
    verb: str = "",
) -> None:
    old = row.status
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
        f"assignment.{verb or _PAST[action]}",
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


_PAST = {
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


def _announce(
    row: Assignment, action: AssignmentAction, *, by: User | None, now: datetime, at: datetime
) -> None:
    assignment_changed.send(Assignment, assignment=row, action=action, by=by, now=now, at=at)


# --------------------------------------------------------------------------- cancelled or moved


def release_order(
    order: WorkOrder, *, begins: datetime, by: User | None, now: datetime
) -> list[Assignment]:
    """Withdraw everybody who was to come; called when an order is cancelled or moved.

    `begins` is when they were to come. The caller holds the order's lock. Workers are not
    locked: giving time back needs no check.

    Raises:
        RuleBroken: `order_begun`: somebody may be at work without having checked in, and hours
            without a gig could never be recorded. The office says first who did not come.
    """
    waiting = order.assignments.filter(
        status__in=[AssignmentStatus.PLANNED, AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED]
    )
    if begins <= now and waiting.filter(status=AssignmentStatus.ACCEPTED).exists():
        code = "order_begun_office" if by is not None and by.role in OFFICE else "order_begun"
        raise RuleBroken(Violation(code, HARD, str(order.number)))
    return [
        assignment_apply(row, AssignmentAction.WITHDRAW, by=by, now=now, tell_orderer=False)
        for row in waiting.order_by("id")
    ]


# --------------------------------------------------------------------------- absences


def record_absence(
    worker: Worker, starts_at: datetime, ends_at: datetime, *, by: User | None, now: datetime
) -> AbsenceResult:
    """Note that a worker is away and release the gigs that lie in that time.

    Released assignments become absent, their orders open again, and office and customers are told.
    A gig that the worker has already started stays. The same absence twice is one row.

    Raises:
        RuleBroken: `absence_ends_before_start`.
    """
    if ends_at <= starts_at:
        raise RuleBroken(Violation("absence_ends_before_start", HARD, str(worker.ref)))
    with transaction.atomic():
        _lock_workers([worker.pk])
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
            status__in=[
                AssignmentStatus.PLANNED,
                AssignmentStatus.OFFERED,
                AssignmentStatus.ACCEPTED,
            ],
            starts_at__lt=ends_at,
            ends_at__gt=starts_at,
        )
        released = [
            assignment_apply(row, AssignmentAction.MARK_ABSENT, by=by, now=now)
            for row in clashing.order_by("order_id")
        ]
        return AbsenceResult(absence, released)


def remove_absence(absence: Absence, *, by: User | None, now: datetime) -> None:
    """Take an absence back. Gigs that were given away do not return by themselves."""
    with transaction.atomic():
        _lock_workers([absence.worker_id])
        if Absence.objects.filter(pk=absence.pk).delete()[0]:
            _record_absence_event("absence.removed", absence.worker, absence, by=by, now=now)


def _record_absence_event(
    verb: str, worker: Worker, absence: Absence, *, by: User | None, now: datetime
) -> None:
    times = {"starts_at": absence.starts_at, "ends_at": absence.ends_at}
    audit.record(verb, kind="worker", ref=worker.ref, by=by, now=now, after=times)


# --------------------------------------------------------------------------- offers


def expire_offers(now: datetime) -> int:
    """Close every offer whose time to answer is over; returns how many. Safe to repeat."""
    due = Assignment.objects.filter(
        status__in=[AssignmentStatus.OFFERED], answer_by__isnull=False, answer_by__lte=now
    )
    closed = 0
    for row in due.order_by("id"):
        try:
            assignment_apply(row, AssignmentAction.EXPIRE, by=None, now=now)
        except RuleBroken:
            continue  # answered in this very moment: the answer counts
        closed += 1
    return closed


# --------------------------------------------------------------------------- nobody found


def give_up_unfilled(now: datetime) -> int:
    """End as unfilled every order whose time is over and that nobody holds a place of; how many.

    Safe to repeat. A place that is held, be it by a draft that nobody was told of, is the office's
    to settle first.
    """
    over = WorkOrder.objects.filter(status=OrderStatus.PLACED, ends_at__lte=now)
    held = Assignment.objects.filter(order=OuterRef("pk"), status__in=HOLDING)
    ended = 0
    for found in over.exclude(Exists(held)).order_by("ends_at", "pk"):
        with transaction.atomic():
            order = _lock_order(found)
            # Moved, cancelled or taken by somebody while the others were being ended.
            gone = order.status != OrderStatus.PLACED or order.ends_at > now
            if gone or order.assignments.filter(status__in=HOLDING).exists():
                continue
            order_apply(order, OrderAction.GIVE_UP, by=None, now=now)
        ended += 1
    return ended
