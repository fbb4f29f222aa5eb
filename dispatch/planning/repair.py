"""When somebody falls ill: new people for the lost gigs with the fewest changes for the others.

Starts that people know stay. A change to somebody who has been told costs ``CHANGE``; finding
replacements comes before that. The greedy repair is there at once, the exact one solves the
nearest workers' days again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from dispatch.planning.greedy import Route, Routes, Stop, coached, complete, cost
from dispatch.planning.parts import solve_part
from dispatch.planning.problem import COACH, Assignment, Problem
from dispatch.planning.stopwatch import Stopwatch

CHANGE = 100
NEAREST = 30


@dataclass(frozen=True)
class Repair:
    """Two repaired plans. ``lost``: orders that need somebody. Changes are (order, worker) pairs
    that were told and are not in the plan; the lost worker's own do not count."""

    problem: Problem
    lost: tuple[int, ...]
    at_once: Routes
    best: Routes
    changes_at_once: int
    changes: int
    seconds: float


def frozen(problem: Problem, told: Collection[Assignment], ill: Collection[int]) -> Problem:
    """The problem with every told start fixed and a price on changing a told pair."""
    earliest, latest = problem.earliest.copy(), problem.latest.copy()
    pair, kept = problem.pair_cost.copy(), 0
    for a in told:
        earliest[a.order] = latest[a.order] = a.start_min // problem.slot_min
        if a.worker not in ill:
            pair[a.worker, a.order] -= CHANGE
            kept += 1
    return replace(
        problem,
        earliest=earliest,
        latest=latest,
        pair_cost=pair,
        constant=problem.constant + CHANGE * kept,
        locked=(),
    )


def as_routes(problem: Problem, told: Collection[Assignment]) -> Routes:
    """Told assignments as routes. Raises ValueError when a worker's day fits in no window."""
    days: dict[int, list[Assignment]] = {}
    for a in told:
        days.setdefault(a.worker, []).append(a)
    routes: Routes = {}
    for w, day in days.items():
        day.sort(key=lambda a: a.start_min)
        first = day[0].start_min // problem.slot_min
        windows = [v for v, (a, b) in enumerate(problem.windows[w]) if a <= first <= b]
        if not windows:
            raise ValueError(f"worker {problem.worker_ids[w]} is not available for the told plan")
        stops = []
        for a in day:
            slot = a.start_min // problem.slot_min
            stops.append(Stop(a.order, int(a.role == COACH), slot, slot))
        routes[w] = Route(w, windows[0], tuple(stops))
    return routes


def repair(
    problem: Problem,
    told: Collection[Assignment],
    ill: Collection[int],
    watch: Stopwatch | None = None,
    seed: int = 0,
) -> Repair:
    """Repair a told plan when the workers ``ill`` (indexes) cannot come.

    ``told`` is the plan that people know, the ill workers' assignments included.
    """
    watch = watch or Stopwatch(5.0)
    lost = tuple(sorted({a.order for a in told if a.worker in ill}))
    kept = [a for a in told if a.worker not in ill]
    away = np.zeros(problem.workers, bool)
    away[list(ill)] = True
    now = frozen(
        replace(
            problem,
            able=problem.able & ~away[:, None],
            coach_able=problem.coach_able & ~away[:, None],
        ),
        told,
        ill,
    )
    start = coached(now, as_routes(now, kept))
    at_once = complete(now, start)
    best = at_once
    better = solve_part(now, at_once, _nearest(now, lost), watch, seed)
    if better is not None and cost(now, better) < cost(now, best):
        best = better
    return Repair(
        now, lost, at_once, best, changes(now, kept, at_once), changes(now, kept, best),
        watch.used(),
    )  # fmt: skip


def _nearest(problem: Problem, lost: Collection[int]) -> list[int]:
    """The workers nearest to the lost orders among those who could take one."""
    orders = list(lost)
    able = problem.able[:, orders] | problem.coach_able[:, orders]
    near = np.where(able, problem.home_min[:, orders], np.iinfo(np.int16).max).min(axis=1)
    ranked = np.argsort(near, kind="stable")
    return [int(w) for w in ranked[:NEAREST] if problem.windows[w]]


def changes(problem: Problem, told: Collection[Assignment], routes: Routes) -> int:
    """How many told (order, worker) pairs the routes no longer hold."""
    now = {(s.order, w) for w, route in routes.items() for s in route.stops}
    return sum((a.order, a.worker) not in now for a in told)
