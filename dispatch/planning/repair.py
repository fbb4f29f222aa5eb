"""When somebody falls ill: new people for the lost gigs with the fewest changes for the others.

Starts that people know stay. A change to somebody who has been told costs `CHANGE`; finding
replacements comes before that. The greedy repair is there at once, the exact one solves the
nearest workers' days again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from dispatch.planning.greedy import Routes, as_routes, coached, complete, cost, held
from dispatch.planning.parts import solve_part
from dispatch.planning.problem import Assignment, Problem
from dispatch.planning.search import with_locks
from dispatch.planning.stopwatch import Stopwatch

CHANGE = 100
NEAREST = 30


@dataclass(frozen=True)
class Repair:
    """Two repaired plans. `lost`: orders that need somebody. Changes are (order, worker) pairs
    of the announced plan that are gone; the lost worker's own do not count."""

    problem: Problem
    lost: tuple[int, ...]
    at_once: Routes
    best: Routes
    changes_at_once: int
    changes: int
    seconds: float


def frozen(problem: Problem, announced: Collection[Assignment], ill: Collection[int]) -> Problem:
    """The problem with every announced start fixed and a price on changing an announced pair."""
    earliest, latest = problem.earliest.copy(), problem.latest.copy()
    pair, kept = problem.pair_cost.copy(), 0
    for a in announced:
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


def repair(
    problem: Problem,
    announced: Collection[Assignment],
    ill: Collection[int],
    watch: Stopwatch | None = None,
    seed: int = 0,
) -> Repair:
    """Repair an announced plan when the workers `ill` (indexes) cannot come.

    `announced` is the plan that people know, the ill workers' assignments and the problem's locked
    ones included; locked ones stay. The better plan never fills fewer places than the one at once.
    """
    watch = watch or Stopwatch(5.0)
    lost = tuple(sorted({a.order for a in announced if a.worker in ill}))
    kept = [a for a in announced if a.worker not in ill]
    away = np.zeros(problem.workers, bool)
    away[list(ill)] = True
    kept_problem = with_locks(problem)
    now = frozen(
        replace(
            kept_problem,
            able=kept_problem.able & ~away[:, None],
            coach_able=kept_problem.coach_able & ~away[:, None],
        ),
        announced,
        ill,
    )
    start = coached(now, as_routes(now, kept))
    at_once = complete(now, start)
    best = at_once
    better = solve_part(now, at_once, _nearest(now, lost), watch, seed)
    if better is not None and _empty(now, better) <= _empty(now, best):
        best = better if cost(now, better) < cost(now, best) else best
    return Repair(
        now,
        lost,
        at_once,
        best,
        changes(kept, at_once),
        changes(kept, best),
        watch.used(),
    )


def _empty(problem: Problem, routes: Routes) -> int:
    """Places that nobody takes."""
    return int((problem.needed - held(problem, routes).hands).sum())


def _nearest(problem: Problem, lost: Collection[int]) -> list[int]:
    """The workers nearest to the lost orders among those who could take one."""
    orders = list(lost)
    able = problem.able[:, orders] | problem.coach_able[:, orders]
    near = np.where(able, problem.home_min[:, orders], np.iinfo(np.int16).max).min(axis=1)
    ranked = np.argsort(near, kind="stable")
    return [int(w) for w in ranked[:NEAREST] if problem.windows[w]]


def changes(announced: Collection[Assignment], routes: Routes) -> int:
    """How many announced (order, worker) pairs the routes no longer hold."""
    now = {(s.order, w) for w, route in routes.items() for s in route.stops}
    return sum((a.order, a.worker) not in now for a in announced)
