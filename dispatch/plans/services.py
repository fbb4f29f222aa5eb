"""A plan from its wish to its end: asked for, accepted row by row, sent, or put away.

A plan writes nothing but its own rows until somebody accepts some of them. Accepted rows hold the
workers' time as drafts, through `dispatch.assignments.services`; nobody is notified before they are
sent. `job` makes the plan in the background: the queue is only the bell, and a plan that shows no
sign of life for `LEASE` counts as failed, whoever looks next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django_q.tasks import async_task

from accounts.models import User
from core import audit
from core.violations import RuleBroken, Severity, Violation
from core.zone import local_date
from dispatch.assignments import services
from dispatch.models import Assignment, Plan, PlanPart, PlanRow
from dispatch.models.lifecycle import AssignmentAction, AssignmentStatus
from dispatch.models.plan_lifecycle import WORKING, PlanAction, PlanState, target
from orders.models import WorkOrder

_S, _A = PlanState, PlanAction
HARD = Severity.HARD
SECONDS_MAX = 40
# Reading, judging and writing a large week want their share besides. The queue may hand the task
# out again before this is over: the second finds the plan claimed.
TASK_TIMEOUT_S = 150
LEASE = timedelta(seconds=75)
DAYS_MAX = 7


@dataclass(frozen=True)
class Accepted:
    """What became of the rows that somebody accepted."""

    rows: list[PlanRow]
    refused: list[tuple[PlanRow, list[Violation]]]


# --------------------------------------------------------------------------- asking for a plan


def week_of(on: date, today: date) -> tuple[date, date]:
    """The days of the ISO week of `on` that are not over yet."""
    monday = on - timedelta(days=on.weekday())
    return max(monday, today), monday + timedelta(days=6)


def start_plan(
    first_on: date,
    last_on: date,
    *,
    seconds: int,
    by: User | None,
    now: datetime,
    ring: bool = True,
) -> Plan:
    """Write a plan down and ring for it to be made (unless the caller makes it itself).

    Days that are over already are left out.

    Raises:
        RuleBroken: `plan_in_past`, `plan_too_long` or `plan_running` (one plan is made for a week
            at a time; subject: the ref of the one that is).
    """
    today = local_date(now)
    first_on = max(first_on, today)
    if last_on < first_on:
        raise RuleBroken(Violation("plan_in_past", HARD, last_on.isoformat()))
    week_on = first_on - timedelta(days=first_on.weekday())
    if (last_on - week_on).days >= DAYS_MAX:
        raise RuleBroken(Violation("plan_too_long", HARD, last_on.isoformat()))
    settle_lost(now)
    try:
        with transaction.atomic():
            plan = Plan.objects.create(
                first_on=first_on,
                last_on=last_on,
                week_on=week_on,
                seconds=max(1, min(seconds, SECONDS_MAX)),
                asked_by=by,
                created_at=now,
                beat_at=now,
            )
            days = {"first_on": first_on, "last_on": last_on}
            audit.record("plan.asked", kind="plan", ref=plan.ref, by=by, now=now, after=days)
            if ring:
                transaction.on_commit(lambda: _ring(plan.pk))
    except IntegrityError:
        other = Plan.objects.filter(week_on=week_on, state__in=WORKING).first()
        if other is None:
            raise
        raise RuleBroken(Violation("plan_running", HARD, str(other.ref))) from None
    return plan


def _ring(plan_id: int) -> None:
    name = f"plan-{plan_id}"
    options = {"task_name": name, "save": False, "timeout": TASK_TIMEOUT_S}
    async_task("dispatch.tasks.make_plan", plan_id, q_options=options)


def request_stop(plan: Plan, *, by: User | None, now: datetime) -> None:
    """Ask the search to end with the best so far; a plan that has not begun is dropped."""
    with transaction.atomic():
        if Plan.objects.filter(pk=plan.pk, state=_S.RUNNING).update(stop_asked=True):
            audit.record("plan.stop_asked", kind="plan", ref=plan.ref, by=by, now=now)
            return
    if plan.state == _S.QUEUED:
        move_plan(plan, _A.STOP, by=by, now=now)


# --------------------------------------------------------------------------- accepting


def accept(plan: Plan, rows: Iterable[PlanRow], *, by: User | None, now: datetime) -> Accepted:
    """Hold the time of the rows' workers as drafts; nobody is told.

    Each row goes through `services.assign` with all its checks; one that the rules refuse now is
    returned with its reasons and the others are taken all the same.

    Raises:
        RuleBroken: `plan_not_open` when the plan is no proposal any more.
    """
    _must(plan, _A.ACCEPT)
    taken: list[PlanRow] = []
    refused: list[tuple[PlanRow, list[Violation]]] = []
    for row in sorted(rows, key=lambda r: (r.starts_at, r.pk)):
        if row.state != PlanRow.State.PROPOSED:
            continue
        try:
            _accept_row(row, by=by, now=now)
        except RuleBroken as error:
            refused.append((row, error.violations))
        else:
            taken.append(row)
    if taken:
        move_plan(plan, _A.ACCEPT, by=by, now=now, rows=len(taken))
    return Accepted(taken, refused)


def _accept_row(row: PlanRow, *, by: User | None, now: datetime) -> None:
    with transaction.atomic():
        order = WorkOrder.objects.select_related("customer", "site", "task_type").get(
            pk=row.order_id
        )
        if (order.starts_at, order.ends_at) != (row.starts_at, row.ends_at):
            raise RuleBroken(Violation("order_moved", HARD, str(order.ref)))
        made = services.assign(order, [row.worker_id], by=by, now=now, draft=True)
        row.state, row.assignment = PlanRow.State.ACCEPTED, made[0]
        row.save(update_fields=["state", "assignment"])


def undo(plan: Plan, *, by: User | None, now: datetime) -> int:
    """Take back what was accepted and not sent; returns how many gigs. Nobody hears of it."""
    with transaction.atomic():
        _must(plan, _A.UNDO)
        rows = _accepted_rows(plan)
        for row in rows:
            if row.assignment is not None:
                services.apply_action(row.assignment, AssignmentAction.WITHDRAW, by=by, now=now)
            row.state, row.assignment = PlanRow.State.PROPOSED, None
            row.save(update_fields=["state", "assignment"])
        move_plan(plan, _A.UNDO, by=by, now=now)
    return len(rows)


def send(plan: Plan, *, by: User | None, now: datetime, offer: bool = True) -> list[Assignment]:
    """Tell everybody of what was accepted: as offers, or as gigs that are theirs at once.

    Drafts of gigs that are over by now are withdrawn: nobody was told of them, and nobody need be.
    """
    with transaction.atomic():
        _must(plan, _A.SEND)
        rows = _accepted_rows(plan)
        told = []
        for draft in (row.assignment for row in rows if row.assignment is not None):
            if draft.ends_at <= now:
                services.apply_action(draft, AssignmentAction.WITHDRAW, by=by, now=now)
            else:
                told.append(services.notify_planned(draft, by=by, now=now, offer=offer))
        PlanRow.objects.filter(pk__in=[row.pk for row in rows]).update(state=PlanRow.State.SENT)
        move_plan(plan, _A.SEND, by=by, now=now)
    return told


def _accepted_rows(plan: Plan) -> list[PlanRow]:
    """Accepted rows; the assignment only while it is still a draft."""
    rows = list(plan.rows.filter(state=PlanRow.State.ACCEPTED).select_related("assignment"))
    for row in rows:
        if row.assignment and row.assignment.status != AssignmentStatus.PLANNED:
            row.assignment = None
    return rows


def discard(plan: Plan, *, by: User | None, now: datetime) -> None:
    """Put a proposal away.

    Raises:
        RuleBroken: `plan_not_open` when some of it is accepted.
    """
    move_plan(plan, _A.DISCARD, by=by, now=now)


# --------------------------------------------------------------------------- lost and old ones


def is_lost(plan: Plan, now: datetime) -> bool:
    """Whether nothing has been heard of the plan for too long."""
    return plan.state in WORKING and plan.beat_at < now - LEASE


def settle_lost(now: datetime) -> int:
    """Close plans whose job has gone silent, and proposals whose days are over."""
    count = 0
    for plan in Plan.objects.filter(state__in=WORKING, beat_at__lt=now - LEASE):
        failure = "queue_silent" if plan.state == _S.QUEUED else "lost"
        count += try_move_plan(plan, _A.FAIL, now, failure=failure)
    PlanPart.objects.exclude(plan__state__in=WORKING).delete()
    old = Plan.objects.filter(state__in=[_S.READY, _S.STOPPED], last_on__lt=local_date(now))
    for plan in old:
        count += try_move_plan(plan, _A.EXPIRE, now)
    return count


def try_move_plan(plan: Plan, action: PlanAction, now: datetime, **changes: Any) -> int:
    """1 when the plan took the action, 0 when somebody was quicker."""
    try:
        move_plan(plan, action, by=None, now=now, **changes)
    except RuleBroken:
        return 0
    return 1


# --------------------------------------------------------------------------- the one door


def _must(plan: Plan, action: PlanAction) -> PlanState:
    """The state after the action, as things are now."""
    plan.refresh_from_db(fields=["state"])
    new = target(plan.state, action)
    if new is None:
        numbers: dict[str, int | str] = {"state": plan.state, "action": action.value}
        raise RuleBroken(Violation("plan_not_open", HARD, str(plan.ref), numbers))
    return new


def move_plan(
    plan: Plan,
    action: PlanAction,
    *,
    by: User | None,
    now: datetime,
    rows: int | None = None,
    **changes: Any,
) -> None:
    """Change the state of a plan and of nothing that moved on meanwhile.

    Raises:
        RuleBroken: `plan_not_open` when the action is not possible now.
    """
    with transaction.atomic():
        new, old = _must(plan, action), plan.state
        held = Plan.objects.filter(pk=plan.pk, state=old, token=plan.token)
        if not held.update(state=new.value, **changes):
            raise RuleBroken(Violation("plan_not_open", HARD, str(plan.ref), {"state": old}))
        audit.record(
            f"plan.{action.value}",
            kind="plan",
            ref=plan.ref,
            by=by,
            now=now,
            before={"state": old},
            after={"state": new.value} | ({} if rows is None else {"rows": rows}),
        )
        plan.state = new.value
        for name, value in changes.items():
            setattr(plan, name, value)
