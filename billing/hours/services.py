"""Services of hour entries: made by check-ins, approved, disputed, corrected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from billing.hours import messages
from billing.hours.rounding_versions import times_rule as rule_on
from billing.hours.status import batches, begin_entry, entry_event, move_entry, move_hours
from billing.models import HourEntry
from billing.models.lifecycle import (
    BillState,
    HourAction,
    HourStatus,
    hour_target,
)
from billing.rules.breaks import usual_break, worked
from core.violations import RuleBroken
from core.zone import local_date
from dispatch.models import Assignment, Punch
from orders.models import WorkOrder
from orders.models.lifecycle import OrderAction, OrderStatus
from orders.ordering.services import apply_order_action
from workers.models import Engagement, Worker
from workers.rules.worktime_facts import PersonFacts
from workers.rules.worktime_limits import LegalLimits
from workers.worktime.selectors import legal_limits

MOST_MIN = 16 * 60
# What somebody has still to answer for.
WAITING = (HourStatus.OPEN, HourStatus.SUBMITTED, HourStatus.DISPUTED)
CURRENT = (
    HourStatus.OPEN,
    HourStatus.SUBMITTED,
    HourStatus.DISPUTED,
    HourStatus.APPROVED,
    HourStatus.LOCKED,
)


# --------------------------------------------------------------------------- from check-ins


def current_entry(assignment: Assignment) -> HourEntry | None:
    """The entry that counts: the one that no correction has replaced."""
    return HourEntry.objects.filter(assignment=assignment, status__in=CURRENT).first()


def record_check_in(
    assignment: Assignment, *, by: User | None, now: datetime, at: datetime
) -> None:
    """Open an entry; the planned start counts when the worker came early or nearly on time."""
    rule = rule_on(local_date(assignment.starts_at))
    deal = engagement_of(assignment)
    entry = begin_entry(
        HourStatus.OPEN,
        assignment=assignment,
        works_on=assignment.order.works_on,
        started_at=rule.start(assignment.starts_at, at),
        engagement_kind=deal.kind,
        rounding_version=rule.version,
        bill_state=BillState.UNBILLED if deal.may_be_billed else BillState.NOT_BILLABLE,
        created_at=now,
        created_by=by,
    )
    entry_event(entry, "opened", by=by, now=now).save()


def record_check_out(
    assignment: Assignment, *, by: User | None, now: datetime, at: datetime
) -> None:
    """Close the assignment's own entry, never another's, and send it for approval.

    Raises:
        RuleBroken: hours_not_open, hours_overlap.
    """
    entry = current_entry(assignment)
    if entry is None or entry.status != HourStatus.OPEN:
        raise RuleBroken.of("hours_not_open")
    came = (
        Punch.objects.filter(assignment=assignment, kind=Punch.Kind.IN)
        .order_by("-received_at", "-id")
        .values_list("at", flat=True)
        .first()
    )
    rule = rule_on(entry.works_on)
    planned = (assignment.starts_at, assignment.ends_at)
    end = rule.end(planned, came or entry.started_at, at)
    entry.ended_at = max(end or at, entry.started_at + timedelta(minutes=1))
    # The worker's lock: two check-outs at once would not see each other.
    Worker.objects.filter(pk=assignment.worker_id).update(lock_no=F("lock_no") + 1)
    # Hours that are still under way are in nobody's way: their end comes later.
    _refuse_overlap(entry, entry.started_at, entry.ended_at, ended_only=True)
    entry.break_min = default_break(assignment, entry.started_at, entry.ended_at)
    entry.work_min = worked(entry.started_at, entry.ended_at, entry.break_min)
    entry.save(update_fields=["ended_at", "break_min", "work_min"])
    move_entry(entry, HourAction.SUBMIT, by=by, now=now)


def undo_punch(assignment: Assignment, *, by: User | None, now: datetime) -> None:
    """A check-in or check-out was undone: the entry is replaced, the raw taps stay.

    Raises:
        RuleBroken: hours_approved, hours_locked.
    """
    entry = current_entry(assignment)
    if entry is None:
        return
    if hour_target(entry.status, HourAction.CORRECT) is None:
        raise RuleBroken.of("hours_locked")
    if entry.status == HourStatus.APPROVED:
        # Somebody has said yes to these hours: only a correction with a note changes them.
        raise RuleBroken.of("hours_approved")
    was_open = entry.status == HourStatus.OPEN
    move_entry(entry, HourAction.CORRECT, by=by, now=now)
    if not was_open:
        again = begin_entry(
            HourStatus.OPEN,
            assignment=assignment,
            corrects=entry,
            works_on=entry.works_on,
            started_at=entry.started_at,
            engagement_kind=entry.engagement_kind,
            rounding_version=entry.rounding_version,
            bill_state=entry.bill_state,
            created_at=now,
            created_by=by,
        )
        entry_event(again, "opened", by=by, now=now).save()


def engagement_of(assignment: Assignment) -> Engagement:
    """The worker's engagement on the day of work; of two, the one that began last.

    Raises:
        RuleBroken: no_engagement.
    """
    on = local_date(assignment.starts_at)
    found = (
        Engagement.objects.filter(worker=assignment.worker_id, starts_on__lte=on)
        .exclude(ends_on__lt=on)
        .order_by("-starts_on", "-pk")
        .first()
    )
    if found is None:
        raise RuleBroken.of("no_engagement", on.isoformat())
    return found


def default_break(
    assignment: Assignment, start: datetime, end: datetime, limits: LegalLimits | None = None
) -> int:
    """The break that the law asks for in so long a presence, minutes."""
    worker = assignment.worker
    person = PersonFacts(worker.birth_date, worker.basic_school_done)
    return usual_break(person, start, end, limits or legal_limits())


# --------------------------------------------------------------------------- by people


def approve_hours(
    entries: Iterable[HourEntry],
    *,
    by: User | None,
    now: datetime,
    as_: str,
    actor_label: str = "",
) -> list[HourEntry]:
    """Approve every submitted one of `entries`; others are left and not returned.

    `as_` says in which part: dispatcher, finance or customer (by link without a
    user, then `actor_label` names the person).
    """
    waiting = [entry for entry in entries if entry.status == HourStatus.SUBMITTED]
    fields = {"approved_at": now, "approved_by": by, "approved_as": as_}
    label = actor_label or as_
    with transaction.atomic():
        # Two who approve the last hours of one order at once would each see the other's waiting.
        for some in batches(sorted({entry.assignment.order_id for entry in waiting})):
            rows = WorkOrder.objects.filter(pk__in=some).order_by("pk")
            list(rows.select_for_update().values_list("pk"))
        done = move_hours(
            waiting, HourAction.APPROVE, by=by, now=now, fields=fields, actor_label=label
        )
        for order in _all_approved({entry.assignment.order_id for entry in done}):
            apply_order_action(order, OrderAction.CLOSE, by=by, now=now)
    return done


def dispute_hours(
    entry: HourEntry,
    *,
    by: User | None,
    now: datetime,
    note: str,
    as_: str,
    actor_label: str = "",
) -> HourEntry:
    """Say that submitted hours are wrong; the note tells what.

    Raises:
        RuleBroken: hours_note (nothing said), hours_not_possible.
    """
    if not note.strip():
        raise RuleBroken.of("hours_note")
    with transaction.atomic():
        move_entry(
            entry,
            HourAction.DISPUTE,
            by=by,
            now=now,
            fields={"note": note.strip()[:300]},
            actor_label=actor_label or as_,
        )
        if as_ == "customer":
            messages.hours_disputed(entry, now=now)
    return entry


def dispute_all(
    entries: Iterable[HourEntry],
    *,
    by: User | None,
    now: datetime,
    note: str,
    as_: str,
    actor_label: str = "",
) -> None:
    """Dispute the hours of several people, all or none; raises as dispute_hours does."""
    with transaction.atomic():
        for entry in entries:
            dispute_hours(entry, by=by, now=now, note=note, as_=as_, actor_label=actor_label)


def uphold_hours(entry: HourEntry, *, by: User, now: datetime, note: str) -> HourEntry:
    """Disputed hours are right after all; they wait for approval again, with our answer.

    Raises:
        RuleBroken: hours_note (no answer given), hours_not_possible.
    """
    if not note.strip():
        raise RuleBroken.of("hours_note")
    with transaction.atomic():
        fields: dict[str, object] = {"note": note.strip()[:300]}
        move_entry(entry, HourAction.RESUBMIT, by=by, now=now, fields=fields)
    return entry


def correct_hours(
    entry: HourEntry,
    *,
    started_at: datetime,
    ended_at: datetime,
    break_min: int,
    by: User | None,
    now: datetime,
    note: str,
) -> HourEntry:
    """Replace an entry by a new one that waits for approval; an approval is dropped.

    Raises:
        RuleBroken: hours_order, hours_too_long, hours_break, hours_in_future, hours_locked,
            hours_note, hours_overlap, hours_not_closed (nobody has said yet when they end).
    """
    minutes = _checked_min(entry, started_at, ended_at, break_min, note, now)
    with transaction.atomic():
        if hour_target(entry.status, HourAction.CORRECT) is None:
            raise RuleBroken.of("hours_locked")
        # The worker's lock: two corrections at once would not see each other.
        Worker.objects.filter(pk=entry.assignment.worker_id).update(lock_no=F("lock_no") + 1)
        _refuse_overlap(entry, started_at, ended_at)
        move_entry(entry, HourAction.CORRECT, by=by, now=now)
        new = begin_entry(
            HourStatus.SUBMITTED,
            assignment=entry.assignment,
            corrects=entry,
            works_on=entry.works_on,
            started_at=started_at,
            ended_at=ended_at,
            break_min=break_min,
            work_min=minutes - break_min,
            engagement_kind=entry.engagement_kind,
            rounding_version=entry.rounding_version,
            bill_state=entry.bill_state,
            note=note.strip()[:300],
            created_at=now,
            created_by=by,
        )
        entry_event(
            new,
            "corrected",
            by=by,
            now=now,
            before={"work_min": entry.work_min},
            after={"work_min": new.work_min},
        ).save()
        order = WorkOrder.objects.get(pk=entry.assignment.order_id)
        if order.status == OrderStatus.CLOSED:
            apply_order_action(order, OrderAction.UNCLOSE, by=by, now=now)
    return new


def _checked_min(
    entry: HourEntry,
    started_at: datetime,
    ended_at: datetime,
    break_min: int,
    note: str,
    now: datetime,
) -> int:
    """Minutes from start to end of a correction that may be asked for; raises as its caller."""
    if entry.status == HourStatus.OPEN:
        raise RuleBroken.of("hours_not_closed")
    minutes = int((ended_at - started_at).total_seconds()) // 60
    if minutes < 1:
        raise RuleBroken.of("hours_order")
    if minutes > MOST_MIN:
        raise RuleBroken.of("hours_too_long", hours=MOST_MIN // 60)
    if not 0 <= break_min < minutes:
        raise RuleBroken.of("hours_break")
    if ended_at > now:
        raise RuleBroken.of("hours_in_future")
    if not note.strip():
        raise RuleBroken.of("hours_note")
    return minutes


def _refuse_overlap(
    entry: HourEntry, started_at: datetime, ended_at: datetime, *, ended_only: bool = False
) -> None:
    """Nobody works in two places at once: the other hours of the worker are in the way."""
    under_way = Q() if ended_only else Q(ended_at__isnull=True)
    other = (
        HourEntry.objects.filter(
            Q(ended_at__gt=started_at) | under_way,
            assignment__worker=entry.assignment.worker_id,
            status__in=CURRENT,
            started_at__lt=ended_at,
        )
        .exclude(assignment=entry.assignment_id)
        .select_related("assignment__order")
        .order_by("started_at")
        .first()
    )
    if other is None:
        return
    until = other.ended_at or other.assignment.ends_at
    raise RuleBroken.of(
        "hours_overlap",
        str(other.ref),
        order=other.assignment.order.number,
        **{"from": other.started_at.isoformat(), "until": until.isoformat()},
    )


def waiting_entries(order: WorkOrder) -> QuerySet[HourEntry]:
    """Entries of an order that keep it from being closed."""
    return HourEntry.objects.filter(assignment__order=order, status__in=WAITING)


def close_when_approved(order: WorkOrder, *, by: User | None, now: datetime) -> None:
    """Close an order that is done and whose hours have all been approved."""
    if order.status == OrderStatus.DONE and not waiting_entries(order).exists():
        apply_order_action(order, OrderAction.CLOSE, by=by, now=now)


def _all_approved(order_ids: Iterable[int]) -> list[WorkOrder]:
    """Those of the orders that are done and whose hours have all been approved."""
    waiting = HourEntry.objects.filter(assignment__order=OuterRef("pk"), status__in=WAITING)
    found: list[WorkOrder] = []
    for some in batches(sorted(order_ids)):
        done = WorkOrder.objects.filter(pk__in=some, status=OrderStatus.DONE)
        found += done.exclude(Exists(waiting)).order_by("pk")
    return found
