"""The search: as good as trying everything, bounds below every plan, sound at any stop."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.check import judge
from dispatch.planning.files import write_plan
from dispatch.planning.generate import KINDS, generate
from dispatch.planning.greedy import cost, greedy
from dispatch.planning.problem import read_problem
from dispatch.planning.search import Result, search
from dispatch.planning.stopwatch import Stopwatch
from tests.dispatch.planning.brute import optimum


def tiny(seed: int) -> dict[str, Any]:
    """Up to 5 workers and 5 orders with every rule there is: beginners, breaks, two windows."""
    rng = random.Random(seed)
    problem = generate(rng.randint(1, 5), rng.randint(1, 5), rng.choice(KINDS), seed)
    for worker in problem["workers"]:
        worker["skills"] = ["clean", "move", "yard", "kitchen", "office", "store", "adult"]
        if rng.random() < 0.25:
            worker["needs_coach"] = True
        if rng.random() < 0.3:
            worker["can_coach"] = True
        if rng.random() < 0.4:
            worker["break_after_min"], worker["break_min"] = rng.choice([180, 240, 360]), 30
        if rng.random() < 0.3:
            worker["available"] = [[420, 720], [780, 1080]]
    for order in problem["orders"]:
        # At most three starts, so that trying everything stays possible.
        slack = min(order["latest_start_min"] - order["earliest_start_min"], rng.choice([15, 30]))
        order["latest_start_min"] = order["earliest_start_min"] + slack
        order["earliest_start_min"] -= slack
        order["workers_needed"] = min(2, order["workers_needed"])
    return problem


def solved(problem: dict[str, Any], rounds: int = 15, seed: int = 0) -> Result:
    return search(read_problem(problem), Stopwatch(60.0, rounds=rounds), seed)


@pytest.mark.parametrize("seed", range(60))
def test_search_tiny_problem_equals_trying_everything(seed):
    """The plan is the best there is and the bound is never above it."""
    problem = tiny(seed)
    result = solved(problem)
    least = optimum(problem, result.objective)
    assert judge(problem, write_plan(result)).faults == ()
    assert result.objective == least
    assert result.bound is not None
    assert result.bound <= least


def test_best_by_trying_everything_can_tell_a_worse_plan():
    """Control: greedy alone misses the best on some of these problems."""
    worse = 0
    for seed in range(60):
        problem = tiny(seed)
        built = read_problem(problem)
        worse += cost(built, greedy(built)) > solved(problem).objective
    assert worse >= 5


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.integers(2, 14), st.integers(1, 24), st.sampled_from(KINDS), st.integers(0, 9_999), st.data()
)
def test_search_any_problem_sound_plan(workers, orders, kind, seed, data):
    """Nobody twice, skills, windows, limits, coach cover; never worse than greedy."""
    problem = generate(workers, orders, kind, seed)
    for worker in problem["workers"]:
        worker["needs_coach"] = data.draw(st.booleans()) and not worker["can_coach"]
    result = solved(problem, rounds=2)
    assert judge(problem, write_plan(result)).faults == ()
    built = read_problem(problem)
    assert result.objective <= cost(built, greedy(built))


@pytest.mark.parametrize("kind", KINDS)
def test_search_same_seed_and_rounds_same_plan(kind):
    problem = generate(25, 40, kind, 3)
    first, second = solved(problem, 3, seed=7), solved(problem, 3, seed=7)
    assert first.routes == second.routes
    assert first.bound == second.bound


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.1, 0.3])
def test_search_stopped_early_never_worse_than_greedy(seconds):
    for seed in range(3):
        built = read_problem(generate(40, 70, "mixed", seed))
        result = search(built, Stopwatch(seconds))
        assert result.objective <= cost(built, greedy(built))


def test_search_asked_to_stop_keeps_the_best():
    built = read_problem(generate(30, 50, "mixed", 1))
    asked = iter([False] * 5 + [True] * 10_000)
    result = search(built, Stopwatch(60.0, should_stop=lambda: next(asked)))
    assert result.seconds < 20
    assert result.objective <= cost(built, greedy(built))


@pytest.mark.parametrize("seed", range(8))
def test_search_locked_assignments_stay(seed):
    """What was agreed is in the plan as it was; the rest is planned around it."""
    problem = generate(20, 30, "mixed", seed)
    plan = write_plan(solved(problem, 1))["assignments"]
    chosen = random.Random(seed).sample(plan, min(4, len(plan)))
    # A locked visit needs its coach: lock the whole crew of its order.
    names = {row["order"] for row in chosen}
    locked = {**problem, "locked": [row for row in plan if row["order"] in names]}
    for worker in locked["workers"]:
        worker["fairness_per_hour"] = 0
    again = write_plan(solved(locked, 2))
    assert judge(locked, again).faults == ()


def test_search_pieces_without_common_worker_bounds_add_up():
    """Towns apart are solved apart; the plan is that of both."""
    north = generate(8, 12, "single", 1, centre=(66.5, 25.7))
    south = generate(8, 12, "single", 2, centre=(60.2, 24.9))
    for row in [*south["workers"], *south["orders"]]:
        row["id"] = "s" + row["id"]
    for order in south["orders"]:
        for key in ("preferred", "familiar", "blocked"):
            order[key] = ["s" + name for name in order[key]]
    both = {
        **north,
        "workers": north["workers"] + south["workers"],
        "orders": north["orders"] + south["orders"],
    }
    parts, whole = [solved(north), solved(south)], solved(both)
    assert whole.objective == sum(part.objective for part in parts)
    assert whole.bound == sum(part.bound or 0 for part in parts)


def test_search_nobody_or_nothing_is_no_problem():
    for workers, orders in ((0, 5), (5, 0), (0, 0)):
        problem = generate(workers, orders, "mixed", 0)
        result = solved(problem)
        assert result.routes == {}
        assert result.bound in (None, result.objective)


def test_search_without_the_solver_plans_greedily_and_says_so(monkeypatch):
    monkeypatch.setattr("dispatch.planning.search.SOLVER", False)
    plan = write_plan(solved(generate(10, 15, "mixed", 1)))
    assert plan["engine"] == "askare greedy"
    assert plan["bound"] is None


def test_problem_prices_equal_the_judges():
    """The arrays and the judge reckon the same cost for the same plan."""
    for kind in KINDS:
        problem = generate(30, 50, kind, 4)
        built = read_problem(problem)
        result = search(built, Stopwatch(60.0, rounds=0))
        assert judge(problem, write_plan(result)).objective == result.objective
        assert np.isfinite(result.objective)
