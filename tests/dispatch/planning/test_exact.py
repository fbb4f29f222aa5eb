"""Small problems: the search finds what trying everything finds, and never claims more."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from dispatch.planning.check import judge
from dispatch.planning.files import write_plan
from dispatch.planning.problem import ProblemError, read_problem
from dispatch.planning.search import search
from dispatch.planning.stopwatch import Stopwatch
from tests.dispatch.planning import small
from tests.dispatch.planning.brute import optimum
from tests.dispatch.planning.small import Data

MAKERS: dict[str, tuple[Callable[[int], Data], int]] = {
    "every rule": (small.small, 60),
    "locked": (small.locked, 120),
    "measured roads": (small.measured, 60),
    "off the grid": (small.off_grid, 60),
    "near nothing": (small.near_nothing, 60),
}
# Trying everything takes these more than a second of the machine.
SLOW = {("every rule", 11)}


def ticks() -> Callable[[], float]:
    """A clock that moves one second each time that somebody looks at it."""
    seconds = count(1)
    return lambda: float(next(seconds))


def cases() -> list[tuple[str, int]]:
    return [
        (name, seed)
        for name, (_, seeds) in MAKERS.items()
        for seed in range(seeds)
        if (name, seed) not in SLOW
    ]


@pytest.mark.parametrize(("name", "seed"), cases())
def test_search_small_problem_best_plan_proven_and_no_stop_claims_more(name, seed):
    """Run to the end, the plan is proven the best; stopped anywhere, plan and bound hold."""
    problem = MAKERS[name][0](seed)
    built = read_problem(problem)
    result = search(built, Stopwatch(60.0, rounds=3), seed)
    verdict = judge(problem, write_plan(result))
    assert verdict.faults == ()
    best = optimum(problem, verdict.objective)
    assert result.objective == best
    assert result.proven

    looks = ticks()
    search(built, Stopwatch(1e9, rounds=3, clock=looks), seed)
    for last in {2, 3, 5, *(int(looks()) * n // 5 for n in range(1, 5))}:
        stopped = search(built, Stopwatch(float(last), rounds=3, clock=ticks()), seed)
        assert judge(problem, write_plan(stopped)).faults == (), last
        assert stopped.bound is None or stopped.bound <= best, last


def test_search_small_problems_hold_every_rule():
    """Control: what the problems above are made for is in them."""
    problems = [maker(seed) for maker, seeds in MAKERS.values() for seed in range(seeds)]
    workers = [worker for problem in problems for worker in problem["workers"]]
    orders = [order for problem in problems for order in problem["orders"]]
    assert sum(len(problem.get("locked", [])) for problem in problems) > 60
    assert sum(worker.get("needs_coach", False) for worker in workers) > 60
    assert sum(worker.get("break_after_min", 0) > 0 for worker in workers) > 60
    assert sum(len(worker["available"]) > 1 for worker in workers) > 60
    assert sum(order["coach_on_site"] for order in orders) > 30
    teams = [order for order in orders if order["workers_needed"] > 1]
    assert sum(o["latest_start_min"] > o["earliest_start_min"] for o in teams) > 60
    assert {8} <= {len(problem["workers"]) for problem in problems}
    assert {8} <= {len(problem["orders"]) for problem in problems}


def test_search_locked_visit_that_cannot_be_refused():
    problem = small.small(3)
    order, worker = problem["orders"][0], problem["workers"][0]
    order["blocked"] = [worker["id"]]
    problem["locked"] = [
        {
            "order": order["id"],
            "worker": worker["id"],
            "role": "worker",
            "start_min": order["earliest_start_min"],
        }
    ]
    with pytest.raises(ProblemError, match="locked"):
        search(read_problem(problem), Stopwatch(1.0))
