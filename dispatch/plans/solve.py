"""The plan of a day: the planner searches, the rules judge what it found, the rest is filled.

The planner looks at pairs. `result` judges all orders that a worker got together; what the rules
refuse is searched again with less time for those workers.
"""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.util import find_spec

from dispatch.models.plan_lifecycle import SIMPLE
from dispatch.planning import problem as planning
from dispatch.plans.facts import PlanningFacts
from dispatch.plans.problem import DayProblem, day_problem, start_min
from dispatch.plans.result import (
    NOTHING,
    RULES,
    DayPlan,
    fill_places,
    keep_what_holds,
    lack_of,
    pick_of,
)
from orders.models import WorkOrder

# How often a day is planned anew when the rules refuse some of its gigs together.
ROUNDS = 4


@dataclass(frozen=True)
class Progress:
    """How far a search is: day, stage, best cost and proven bound so far."""

    on: date
    stage: str
    objective: int
    bound: float | None


def has_engine() -> bool:
    """Whether the full planner is installed; without it plans are made by simple rules."""
    return find_spec("numba") is not None and find_spec("highspy") is not None


def _never() -> bool:
    return False


@dataclass(frozen=True)
class _Found:
    """What a search gave: rows that hold together, and what is known of their worth."""

    kept: list[tuple[WorkOrder, int]] = field(default_factory=list)
    problem: planning.Problem | None = None
    bound: int | None = None
    engine: str = SIMPLE
    stopped_by: str = NOTHING
    dropped: int = 0


def plan_day(
    facts: PlanningFacts,
    on: date,
    *,
    seconds: float,
    should_stop: Callable[[], bool] = _never,
    on_progress: Callable[[Progress], None] | None = None,
    seed: int = 0,
    only: Collection[int] | None = None,
    before: DayPlan | None = None,
) -> DayPlan:
    """Propose workers for the open places of a date, and take the proposal into the facts.

    Stops after `seconds` of the clock or when `should_stop` says so, with the best plan so far.
    With 0 seconds each place goes at once to whoever costs least, the earliest order first.
    `before` is what was taken for the date earlier: it stays unless the new plan is better.
    """
    started = time.monotonic()
    earlier = [(pick.order, pick.worker.pk) for pick in before.picks] if before else []
    for order, worker_id in earlier:
        facts.release(order, worker_id)
    lacking = [
        o
        for o in facts.orders
        if o.works_on == on and facts.missing(o) and (only is None or o.pk in only)
    ]
    places = sum(facts.missing(o) for o in lacking)
    found = _Found(stopped_by=RULES if lacking else NOTHING)
    if lacking and seconds > 0:
        found = _search(facts, on, seconds, should_stop, on_progress, seed, only)
    kept = [*found.kept, *fill_places(facts, lacking)]
    if before is not None and not _improves(on, found.problem, kept, earlier):
        for order, worker_id in kept:
            facts.release(order, worker_id)
        for order, worker_id in earlier:
            facts.take(order, worker_id)
        return replace(before, seconds=before.seconds + time.monotonic() - started)
    objective, travel_min = _value(on, found.problem, kept)
    return DayPlan(
        on=on,
        picks=[pick_of(facts, order, worker_id) for order, worker_id in kept],
        lacks=[lack_of(facts, order) for order in lacking if facts.missing(order)],
        places=places,
        objective=objective,
        bound=found.bound,
        travel_min=travel_min,
        seconds=time.monotonic() - started + (before.seconds if before else 0.0),
        engine=found.engine,
        stopped_by=found.stopped_by,
        dropped=found.dropped,
    )


def _improves(
    on: date,
    problem: planning.Problem | None,
    new: Sequence[tuple[WorkOrder, int]],
    old: Sequence[tuple[WorkOrder, int]],
) -> bool:
    """Whether more places are filled, or as many at less cost as things are now."""
    if len(new) != len(old):
        return len(new) > len(old)
    now, then = _value(on, problem, new)[0], _value(on, problem, old)[0]
    return now is not None and then is not None and now < then


def _search(
    facts: PlanningFacts,
    on: date,
    seconds: float,
    should_stop: Callable[[], bool],
    on_progress: Callable[[Progress], None] | None,
    seed: int,
    only: Collection[int] | None,
) -> _Found:
    from dispatch.plans import engine as plan_engine  # noqa: PLC0415 - loads compiled loops, only where needed

    def tell(stage: str, objective: int, bound: float | None) -> None:
        if on_progress is not None:
            on_progress(Progress(on, stage, objective, bound))

    unlocked: set[int] = set()
    while True:
        day = day_problem(facts, on, only=only, unlocked=unlocked)
        problem = planning.read_problem(day.data)
        broken = plan_engine.broken_days(problem)
        if not broken:
            break
        # Held days that break the planner's grid stay as they are and get nothing more.
        unlocked |= {int(problem.worker_ids[w]) for w in broken}
    if not day.pairs:
        return _Found()
    whole, until = problem, time.monotonic() + seconds
    best, least = _Found(), math.inf
    for left in range(ROUNDS, 0, -1):
        share = max(0.1, (until - time.monotonic()) / (1 if left == 1 else 2))
        solved = plan_engine.solve(
            problem, full=has_engine(), seconds=share, should_stop=should_stop, tell=tell, seed=seed
        )
        picked = _new_gigs(facts, day, problem, solved.rows)
        kept = keep_what_holds(facts, picked)
        for order, worker_id in kept:
            facts.release(order, worker_id)
        refused = {w for w, orders in picked.items() for o in orders if (o, w) not in kept}
        dropped = sum(len(orders) for orders in picked.values()) - len(kept)
        # Later rounds plan less than the rules allow: only the first bound is one for the day.
        bound = solved.bound if left == ROUNDS else best.bound
        cost = _value(on, whole, kept)[0]
        if left == ROUNDS or (cost is not None and cost < least):
            least = math.inf if cost is None else cost
            best = _Found(kept, whole, bound, solved.engine, solved.stopped_by, dropped)
        if not refused or should_stop() or time.monotonic() >= until:
            break
        problem = _with_shorter_days(day, picked, refused)
    for order, worker_id in best.kept:
        facts.take(order, worker_id)
    return best


def _with_shorter_days(
    day: DayProblem, picked: Mapping[int, list[WorkOrder]], too_long: Collection[int]
) -> planning.Problem:
    """The problem again, these workers with less time than what they could not do together.

    The planner does not count trips between gigs as work; the law does.
    """
    held = Counter[str]()
    for lock in day.data["locked"]:
        held[lock["worker"]] += day.orders[lock["order"]].duration_min
    for row in day.data["workers"]:
        if (pk := int(row["id"])) in too_long:
            mine = [order.duration_min for order in picked[pk]]
            least = held[row["id"]] + max(mine)
            row["max_work_min"] = max(least, held[row["id"]] + sum(mine) - 1)
    return planning.read_problem(day.data)


def _new_gigs(
    facts: PlanningFacts,
    day: DayProblem,
    problem: planning.Problem,
    rows: Iterable[planning.Assignment],
) -> dict[int, list[WorkOrder]]:
    """New gigs of each worker by the clock."""
    found: defaultdict[int, list[WorkOrder]] = defaultdict(list)
    for row in rows:
        order = day.orders[problem.order_ids[row.order]]
        worker_id = int(problem.worker_ids[row.worker])
        if worker_id not in facts.held(order):
            found[worker_id].append(order)
    for orders in found.values():
        orders.sort(key=lambda o: o.starts_at)
    return found


def _value(
    on: date,
    problem: planning.Problem | None,
    kept: Iterable[tuple[WorkOrder, int]],
) -> tuple[int | None, int]:
    """Cost of what is held and kept (None: not known in the planner's terms), travel minutes."""
    if problem is None:
        return None, 0
    from dispatch.plans import engine as plan_engine  # noqa: PLC0415 - as above

    new = [
        planning.Assignment(
            problem.order_index[str(order.pk)],
            problem.worker_index[str(worker_id)],
            planning.HANDS,
            start_min(order, on),
        )
        for order, worker_id in kept
    ]
    return plan_engine.value(problem, [*problem.locked, *new])
