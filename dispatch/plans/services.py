"""Making plans in the background, and making them true through `dispatch.assignments.services`.

A plan writes nothing but its own rows until somebody accepts some of them; accepted ones hold the
workers' time as drafts, and nobody is told before they are sent. The queue is only the bell: a
plan is claimed by compare-and-set, shows signs of life each second, and one that goes silent for
`LEASE` counts as failed, whoever looks next.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
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
from dispatch.planning.problem import ProblemError
from dispatch.planning.stopwatch import turns
from dispatch.plans import bridge, pieces
from dispatch.plans import parts as plan_parts
from dispatch.plans.bridge import DayPlan
from dispatch.plans.pieces import Piece
from orders.models import WorkOrder

_S, _A = PlanState, PlanAction
HARD = Severity.HARD
SECONDS_MAX = 40
# Reading, judging and writing a large week want their share besides. The queue may hand the task
# out again before this is over: the second finds the plan claimed.
TASK_TIMEOUT_S = 150
LEASE = timedelta(seconds=75)
DAYS_MAX = 7
# The stage while parts are solved apart, and the share of the time that they have.
PARTS, FIRST_ROUND = "parts", 0.6


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
        _move(plan, _A.STOP, by=by, now=now)


# --------------------------------------------------------------------------- making it


class _Beat:
    """Progress of a running plan: one write a second at most, which also reads the wish to stop."""

    def __init__(self, plan: Plan, clock: Callable[[], datetime]) -> None:
        self.plan, self.clock = plan, clock
        self.last = time.monotonic()
        self.over = False
        self.lost = False
        self.known: dict[str, Any] = {}
        # Asked for what is known when it is written, where others do the work.
        self.news: Callable[[], dict[str, Any]] = dict

    def told(self, news: bridge.Told) -> None:
        self.known = {
            "planning_on": news.on,
            "stage": news.stage,
            "best": news.objective,
            "bound": None if news.bound is None or news.bound < 0 else int(news.bound),
        }
        self.asked()

    def asked(self) -> bool:
        """Whether to stop: somebody wishes it, or the plan is no longer ours."""
        if self.over or time.monotonic() - self.last < plan_parts.BEAT:
            return self.over
        self.last = time.monotonic()
        mine = Plan.objects.filter(pk=self.plan.pk, token=self.plan.token, state=_S.RUNNING)
        self.lost = not mine.update(beat_at=self.clock(), **{**self.known, **self.news()})
        self.over = self.lost or mine.filter(stop_asked=True).exists()
        return self.over


def make_plan(plan_id: int, *, clock: Callable[[], datetime]) -> bool:
    """Make a plan that waits; returns False when it was not ours to make. Safe to call twice."""
    plan = _claim(plan_id, clock())
    if plan is None:
        return False
    ended = False
    try:
        book, found = _days(plan, _Beat(plan, clock), clock())
        ended = _finish(plan, book, found, clock())
    except ProblemError as error:
        ended = True
        _move(plan, _A.FAIL, by=None, now=clock(), failure="unreadable", stage=error.path[:20])
    finally:
        # Whatever broke is the queue's to report; the page need not wait until the lease is over.
        if not ended:
            _moved(plan, _A.FAIL, clock(), failure="lost")
    return ended


def _claim(plan_id: int, now: datetime) -> Plan | None:
    plan = Plan.objects.select_related("asked_by").filter(pk=plan_id).first()
    if plan is None:
        return None
    started = _moved(plan, _A.START, now, token=str(uuid.uuid4()), beat_at=now)
    return plan if started else None


def _days(plan: Plan, beat: _Beat, now: datetime) -> tuple[bridge.Book, list[DayPlan]]:
    """Day after day, each with the hours and rests of those before it; then each once more.

    The second time a day knows all the others and gives way only to a better plan. A large plan
    has its first round solved apart (`plan_parts`).
    """
    book = bridge.load(plan.first_on, plan.last_on, now=now)
    span = (plan.last_on - plan.first_on).days + 1
    days = [plan.first_on + timedelta(days=n) for n in range(span)]
    weight = [_lacking(book, on) for on in days]
    found: list[DayPlan | None] = [None] * span
    until, passes = time.monotonic() + plan.seconds, None
    cut = [piece for on in days for piece in pieces.cut(book, on)]
    if plan.pk and _worth_parts(cut):
        found, whole = _apart(plan, book, days, cut, beat)
        passes = 0 if whole and span == 1 else 1
    for n, part in turns(weight, passes):
        before, share = found[n], (until - time.monotonic()) * part
        if before is not None and (beat.over or share <= 0 or not bridge.has_engine()):
            continue
        found[n] = bridge.plan_day(
            book,
            days[n],
            seconds=max(0.0, share),
            asked=beat.asked,
            told=beat.told,
            before=before,
        )
        beat.asked()
    return book, [day for day in found if day is not None]


def _worth_parts(cut: Sequence[Piece]) -> bool:
    places = sum(piece.places for piece in cut)
    return len(cut) > 1 and places >= plan_parts.PLACES_APART and bridge.has_engine()


def _apart(
    plan: Plan,
    book: bridge.Book,
    days: Sequence[date],
    cut: Sequence[Piece],
    beat: _Beat,
) -> tuple[list[DayPlan | None], bool]:
    """The days from their parts, by date; and whether nothing is left to do about them.

    Parts of one day that share nobody have all the time, since they are the whole of it; what was
    cut by day or by area keeps some of it for a second round that sees across the cuts.
    """
    exact = len(days) == 1 and all(piece.exact for piece in cut)
    seconds = plan.seconds * (1.0 if exact else FIRST_ROUND)
    started, now = time.monotonic(), beat.clock()
    parts = plan_parts.write(plan, cut, until=now + timedelta(seconds=seconds), now=now)
    plan_parts.ring(parts)
    beat.news = lambda: {"stage": PARTS, "planning_on": None, **plan_parts.totals(plan)}
    plan_parts.work_through(plan, seconds=seconds, clock=beat.clock, asked=beat.asked)
    beat.news = dict
    took, whole = (time.monotonic() - started) / len(days), True
    found: list[DayPlan | None] = []
    for on in days:
        gave, all_there = plan_parts.found_on(plan, on)
        day = bridge.gather(book, on, gave, exact=all_there)
        found.append(replace(day, seconds=day.seconds + took))
        whole = whole and all_there
        beat.asked()
    return found, whole


def _lacking(book: bridge.Book, on: date) -> int:
    return sum(book.missing(order) for order in book.orders if order.works_on == on)


def propose(first_on: date, last_on: date, *, seconds: float, now: datetime) -> list[DayPlan]:
    """The same search without a plan in the database: nothing is written."""
    plan = Plan(first_on=first_on, last_on=last_on, seconds=round(seconds))
    beat = _Beat(plan, lambda: now)
    beat.last = float("inf")
    return _days(plan, beat, now)[1]


def _finish(plan: Plan, book: bridge.Book, found: list[DayPlan], now: datetime) -> bool:
    """Write the rows, if the plan is still ours."""
    stop_asked = Plan.objects.filter(pk=plan.pk, stop_asked=True).exists()
    action = _A.STOP if stop_asked else _A.FINISH
    try:
        with transaction.atomic():
            _move(
                plan,
                action,
                by=None,
                now=now,
                numbers=numbers_of(book, found) | {"parts": plan.parts.count()},
                lacks=[
                    {"order": lack.order.pk, "missing": lack.missing, "why": list(lack.why)}
                    for day in found
                    for lack in day.lacks
                ],
                finished_at=now,
            )
            PlanRow.objects.bulk_create(_rows(plan, found))
            plan.parts.all().delete()
    except RuleBroken:
        return False  # given up as lost in the meantime
    return True


def _rows(plan: Plan, found: Iterable[DayPlan]) -> list[PlanRow]:
    return [
        PlanRow(
            plan=plan,
            order=pick.order,
            worker=pick.worker,
            starts_at=pick.order.starts_at,
            ends_at=pick.order.ends_at,
            reasons=[[r.kind, r.code, dict(r.numbers)] for r in pick.reasons],
        )
        for day in found
        for pick in day.picks
    ]


def numbers_of(book: bridge.Book, found: list[DayPlan]) -> dict[str, Any]:
    """What a plan says of itself.

    `places` wanted and `held` before, `filled` by the plan; `gap_pct` how far a day may be
    at most from the best possible (None: no proof), `proven`; `people` who get gigs, `newly`
    those of them who had none this week; `fairness_min` mean distance from the hours wished.
    """
    picks = [pick for day in found for pick in day.picks]
    wanted = [o for o in book.orders if any(o.works_on == day.on for day in found)]
    filled, lacking = len(picks), sum(lack.missing for day in found for lack in day.lacks)
    gaps = [_gap_pct(day) for day in found if day.places]
    known = [gap for gap in gaps if gap is not None]
    first_week_min: dict[int, int] = {}
    for pick in sorted(picks, key=lambda p: p.order.starts_at):
        first_week_min.setdefault(pick.worker.pk, _before(book, picks, pick.worker.pk))
    away = [abs(w.wish_week_min - book.week_min(pk, book.first)) for pk, w in book.workers.items()]
    return {
        "places": filled + lacking,
        "held": sum(len(book.held(o)) for o in wanted) - filled,
        "filled": filled,
        "travel_min": sum(day.travel_min for day in found),
        "gap_pct": max(known) if known and len(known) == len(gaps) else None,
        "proven": bool(gaps) and len(known) == len(gaps) and not any(known),
        "seconds": round(sum(day.seconds for day in found), 1),
        "engine": bridge.FULL if any(d.engine == bridge.FULL for d in found) else bridge.SIMPLE,
        "has_engine": bridge.has_engine(),
        "people": len(first_week_min),
        "newly": sum(not minutes for minutes in first_week_min.values()),
        "fairness_min": round(sum(away) / len(away)) if away else 0,
        "dropped": sum(day.dropped for day in found),
        "days": [
            {
                "on": day.on.isoformat(),
                "places": day.places,
                "filled": len(day.picks),
                "objective": day.objective,
                "bound": day.bound,
                "stopped_by": day.stopped_by,
            }
            for day in found
        ],
    }


def _before(book: bridge.Book, picks: Iterable[bridge.Pick], worker_id: int) -> int:
    """Minutes of the week without what the plan gives."""
    given = sum(p.order.duration_min for p in picks if p.worker.pk == worker_id)
    return max(0, book.week_min(worker_id, book.first) - given)


def _gap_pct(day: DayPlan) -> float | None:
    """Percent that the plan of a day costs more than what is proven to be the least."""
    if day.stopped_by == bridge.NOTHING:
        return 0.0
    if day.objective is None or day.bound is None or not 0 <= day.bound <= day.objective:
        return None
    if day.bound == day.objective:
        return 0.0
    return round(100 * (day.objective - day.bound) / day.bound, 1) if day.bound else None


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
        _move(plan, _A.ACCEPT, by=by, now=now, rows=len(taken))
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
        _move(plan, _A.UNDO, by=by, now=now)
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
        _move(plan, _A.SEND, by=by, now=now)
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
    _move(plan, _A.DISCARD, by=by, now=now)


# --------------------------------------------------------------------------- lost and old ones


def is_lost(plan: Plan, now: datetime) -> bool:
    """Whether nothing has been heard of the plan for too long."""
    return plan.state in WORKING and plan.beat_at < now - LEASE


def settle_lost(now: datetime) -> int:
    """Close plans whose job has gone silent, and proposals whose days are over."""
    count = 0
    for plan in Plan.objects.filter(state__in=WORKING, beat_at__lt=now - LEASE):
        failure = "queue_silent" if plan.state == _S.QUEUED else "lost"
        count += _moved(plan, _A.FAIL, now, failure=failure)
    PlanPart.objects.exclude(plan__state__in=WORKING).delete()
    old = Plan.objects.filter(state__in=[_S.READY, _S.STOPPED], last_on__lt=local_date(now))
    for plan in old:
        count += _moved(plan, _A.EXPIRE, now)
    return count


def _moved(plan: Plan, action: PlanAction, now: datetime, **changes: Any) -> int:
    try:
        _move(plan, action, by=None, now=now, **changes)
    except RuleBroken:
        return 0  # somebody was quicker
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


def _move(
    plan: Plan,
    action: PlanAction,
    *,
    by: User | None,
    now: datetime,
    rows: int | None = None,
    **changes: Any,
) -> None:
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
