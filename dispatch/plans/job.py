"""The job that makes a plan: day after day, large ones in parts, then written down.

A plan is claimed by compare-and-set and shows a sign of life each second; a job that lost its plan
writes nothing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from core.violations import RuleBroken
from dispatch.models import Plan, PlanRow
from dispatch.models.plan_lifecycle import FULL, SIMPLE, PlanAction, PlanState
from dispatch.planning.problem import ProblemError
from dispatch.planning.stopwatch import turns
from dispatch.plans import parts as plan_parts
from dispatch.plans import pieces, solve
from dispatch.plans.facts import PlanningFacts, load_facts
from dispatch.plans.pieces import Piece
from dispatch.plans.result import NOTHING, DayPlan, Pick, gather
from dispatch.plans.services import move_plan, try_move_plan

_S, _A = PlanState, PlanAction
# The stage while parts are solved apart, and the share of the time that they have.
PARTS, FIRST_ROUND = "parts", 0.6


class Beat:
    """Progress of a running plan: one write a second at most, which also reads the wish to stop."""

    def __init__(self, plan: Plan, clock: Callable[[], datetime]) -> None:
        self.plan, self.clock = plan, clock
        self.last = time.monotonic()
        self.over = False
        self.lost = False
        self.known: dict[str, Any] = {}
        # Asked for what is known when it is written, where others do the work.
        self.news: Callable[[], dict[str, Any]] = dict

    def on_progress(self, news: solve.Progress) -> None:
        self.known = {
            "planning_on": news.on,
            "stage": news.stage,
            "best": news.objective,
            "bound": None if news.bound is None or news.bound < 0 else int(news.bound),
        }
        self.should_stop()

    def should_stop(self) -> bool:
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
        facts, found = _days(plan, Beat(plan, clock), clock())
        ended = _finish(plan, facts, found, clock())
    except ProblemError as error:
        ended = True
        move_plan(plan, _A.FAIL, by=None, now=clock(), failure="unreadable", stage=error.path[:20])
    finally:
        # Whatever broke is the queue's to report; the page need not wait until the lease is over.
        if not ended:
            try_move_plan(plan, _A.FAIL, clock(), failure="lost")
    return ended


def _claim(plan_id: int, now: datetime) -> Plan | None:
    plan = Plan.objects.select_related("asked_by").filter(pk=plan_id).first()
    if plan is None:
        return None
    started = try_move_plan(plan, _A.START, now, token=str(uuid.uuid4()), beat_at=now)
    return plan if started else None


def _days(plan: Plan, beat: Beat, now: datetime) -> tuple[PlanningFacts, list[DayPlan]]:
    """Day after day, each with the hours and rests of those before it; then each once more.

    The second time a day knows all the others and gives way only to a better plan. A large plan
    has its first round solved apart (`plan_parts`).
    """
    facts = load_facts(plan.first_on, plan.last_on, now=now)
    span = (plan.last_on - plan.first_on).days + 1
    days = [plan.first_on + timedelta(days=n) for n in range(span)]
    weight = [_lacking(facts, on) for on in days]
    found: list[DayPlan | None] = [None] * span
    until, passes = time.monotonic() + plan.seconds, None
    cut = [piece for on in days for piece in pieces.cut(facts, on)]
    if plan.pk and _worth_parts(cut):
        found, whole = _apart(plan, facts, days, cut, beat)
        passes = 0 if whole and span == 1 else 1
    for n, part in turns(weight, passes):
        before, share = found[n], (until - time.monotonic()) * part
        if before is not None and (beat.over or share <= 0 or not solve.has_engine()):
            continue
        found[n] = solve.plan_day(
            facts,
            days[n],
            seconds=max(0.0, share),
            should_stop=beat.should_stop,
            on_progress=beat.on_progress,
            before=before,
        )
        beat.should_stop()
    return facts, [day for day in found if day is not None]


def _worth_parts(cut: Sequence[Piece]) -> bool:
    places = sum(piece.places for piece in cut)
    return len(cut) > 1 and places >= plan_parts.PLACES_APART and solve.has_engine()


def _apart(
    plan: Plan,
    facts: PlanningFacts,
    days: Sequence[date],
    cut: Sequence[Piece],
    beat: Beat,
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
    plan_parts.work_through(plan, seconds=seconds, clock=beat.clock, should_stop=beat.should_stop)
    beat.news = dict
    took, whole = (time.monotonic() - started) / len(days), True
    found: list[DayPlan | None] = []
    for on in days:
        gave, all_there = plan_parts.found_on(plan, on)
        day = gather(facts, on, gave, exact=all_there)
        found.append(replace(day, seconds=day.seconds + took))
        whole = whole and all_there
        beat.should_stop()
    return found, whole


def _lacking(facts: PlanningFacts, on: date) -> int:
    return sum(facts.missing(order) for order in facts.orders if order.works_on == on)


def propose(first_on: date, last_on: date, *, seconds: float, now: datetime) -> list[DayPlan]:
    """The same search without a plan in the database: nothing is written."""
    plan = Plan(first_on=first_on, last_on=last_on, seconds=round(seconds))
    beat = Beat(plan, lambda: now)
    beat.last = float("inf")
    return _days(plan, beat, now)[1]


def _finish(plan: Plan, facts: PlanningFacts, found: list[DayPlan], now: datetime) -> bool:
    """Write the rows, if the plan is still ours."""
    stop_asked = Plan.objects.filter(pk=plan.pk, stop_asked=True).exists()
    action = _A.STOP if stop_asked else _A.FINISH
    try:
        with transaction.atomic():
            move_plan(
                plan,
                action,
                by=None,
                now=now,
                numbers=numbers_of(facts, found) | {"parts": plan.parts.count()},
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


def numbers_of(facts: PlanningFacts, found: list[DayPlan]) -> dict[str, Any]:
    """What a plan says of itself.

    `places` wanted and `held` before, `filled` by the plan; `gap_pct` how far a day may be
    at most from the best possible (None: no proof), `proven`; `people` who get gigs, `newly`
    those of them who had none this week; `fairness_min` mean distance from the hours wished.
    """
    picks = [pick for day in found for pick in day.picks]
    wanted = [o for o in facts.orders if any(o.works_on == day.on for day in found)]
    filled, lacking = len(picks), sum(lack.missing for day in found for lack in day.lacks)
    gaps = [_gap_pct(day) for day in found if day.places]
    known = [gap for gap in gaps if gap is not None]
    first_week_min: dict[int, int] = {}
    for pick in sorted(picks, key=lambda p: p.order.starts_at):
        first_week_min.setdefault(pick.worker.pk, _before(facts, picks, pick.worker.pk))
    away = [
        abs(w.wish_week_min - facts.week_min(pk, facts.first)) for pk, w in facts.workers.items()
    ]
    return {
        "places": filled + lacking,
        "held": sum(len(facts.held(o)) for o in wanted) - filled,
        "filled": filled,
        "travel_min": sum(day.travel_min for day in found),
        "gap_pct": max(known) if known and len(known) == len(gaps) else None,
        "proven": bool(gaps) and len(known) == len(gaps) and not any(known),
        "seconds": round(sum(day.seconds for day in found), 1),
        "engine": FULL if any(d.engine == FULL for d in found) else SIMPLE,
        "has_engine": solve.has_engine(),
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


def _before(facts: PlanningFacts, picks: Iterable[Pick], worker_id: int) -> int:
    """Minutes of the week without what the plan gives."""
    given = sum(p.order.duration_min for p in picks if p.worker.pk == worker_id)
    return max(0, facts.week_min(worker_id, facts.first) - given)


def _gap_pct(day: DayPlan) -> float | None:
    """Percent that the plan of a day costs more than what is proven to be the least."""
    if day.stopped_by == NOTHING:
        return 0.0
    if day.objective is None or day.bound is None or not 0 <= day.bound <= day.objective:
        return None
    if day.bound == day.objective:
        return 0.0
    return round(100 * (day.objective - day.bound) / day.bound, 1) if day.bound else None
