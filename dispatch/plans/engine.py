"""The planner for people who have a problem: the full search, or simple rules without its packages.

Imported only when something is planned, because the compiled loops take a while to load. Knows
problems and nothing of rows.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from dispatch.models.plan_lifecycle import FULL, SIMPLE
from dispatch.planning.greedy import Days, Routes, as_routes, assignments, complete, cost
from dispatch.planning.problem import Assignment, Problem, ProblemError

Tell = Callable[[str, int, "float | None"], None]


@dataclass(frozen=True)
class Solved:
    """All assignments, held ones among them; `bound` None when nothing is proven."""

    rows: tuple[Assignment, ...]
    bound: int | None
    engine: str
    stopped_by: str


def solve(
    problem: Problem,
    *,
    full: bool,
    seconds: float,
    should_stop: Callable[[], bool],
    tell: Tell,
    seed: int,
) -> Solved:
    """A plan within `seconds` of the clock, or earlier when `should_stop` says so."""
    if not full:
        started = time.monotonic()
        routes = simple(problem)
        tell("greedy", cost(problem, routes), None)
        by = "time" if time.monotonic() - started > seconds else "rules"
        return Solved(assignments(problem, routes), None, SIMPLE, by)
    from dispatch.planning import search  # noqa: PLC0415 - needs packages that may be missing
    from dispatch.planning.stopwatch import Stopwatch  # noqa: PLC0415

    def on_progress(progress: search.Progress) -> None:
        tell(progress.stage, progress.objective, progress.bound)

    watch = Stopwatch(seconds, clock=time.monotonic, should_stop=should_stop)
    result = search.search(problem, watch, seed, on_progress=on_progress)
    rows = assignments(problem, result.routes)
    return Solved(rows, result.bound, FULL, "asked" if should_stop() else result.stopped_by)


def simple(problem: Problem) -> Routes:
    """Cheapest insertion around what is held."""
    return complete(problem, as_routes(problem, problem.locked))


@dataclass(frozen=True)
class Repaired:
    """An announced day after somebody fell out.

    `gone` and `new` are the pairs that leave and come; `cost` is in the problem's units with
    the price of every change to an announced pair; `now` is the problem it was reckoned in.
    """

    gone: tuple[Assignment, ...]
    new: tuple[Assignment, ...]
    cost: int
    now: Problem

    def cost_of(self, announced: Iterable[Assignment]) -> int | None:
        """What another answer would cost (None: the planner cannot hold it)."""
        return value(self.now, announced)[0]


def repaired(
    problem: Problem, announced: Sequence[Assignment], ill: Collection[int], *, seconds: float
) -> Repaired:
    """The least costly day without these people; a few others move if that pays.

    `announced` holds the ill workers' assignments too. Needs the full planner.
    """
    from dispatch.planning.repair import repair  # noqa: PLC0415 - packages that may be missing
    from dispatch.planning.stopwatch import Stopwatch  # noqa: PLC0415

    found = repair(problem, announced, ill, Stopwatch(seconds, clock=time.monotonic))
    rows = {(a.order, a.worker): a for a in assignments(found.problem, found.best)}
    before = {(a.order, a.worker): a for a in announced if a.worker not in ill}
    return Repaired(
        tuple(a for pair, a in sorted(before.items()) if pair not in rows),
        tuple(a for pair, a in sorted(rows.items()) if pair not in before),
        cost(found.problem, found.best),
        found.problem,
    )


def broken_days(problem: Problem) -> set[int]:
    """Workers whose held day the planner's own rules do not allow."""
    routes, broken = _held_days(problem, problem.locked)
    days = Days(problem, routes.values())
    broken |= {w for w in routes if days.travel[w] < 0}
    return broken | {a.worker for a in problem.locked if not problem.able[a.worker, a.order]}


def _held_days(problem: Problem, rows: Iterable[Assignment]) -> tuple[Routes, set[int]]:
    """The days of the workers, and those whose hours do not hold theirs."""
    by_worker: defaultdict[int, list[Assignment]] = defaultdict(list)
    for row in rows:
        by_worker[row.worker].append(row)
    routes: Routes = {}
    outside: set[int] = set()
    for worker, mine in by_worker.items():
        try:
            routes |= as_routes(problem, mine)
        except ProblemError:
            outside.add(worker)
    return routes, outside


def value(problem: Problem, rows: Iterable[Assignment]) -> tuple[int | None, int]:
    """Cost of a plan and its travel minutes; the cost is None when the planner cannot hold it."""
    routes, outside = _held_days(problem, rows)
    days = Days(problem, routes.values())
    travel_min = int(sum(days.travel[w] for w in routes if days.travel[w] > 0))
    if outside or any(days.travel[w] < 0 for w in routes):
        return None, travel_min
    return cost(problem, routes), travel_min
