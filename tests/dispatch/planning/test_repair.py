"""The planner's repair, its reasons and its parts, on invented problems judged by the judge."""

from __future__ import annotations

import itertools
from enum import StrEnum
from random import Random
from typing import Any

import numpy as np
import pytest

from dispatch.planning.check import judge
from dispatch.planning.explain import explain
from dispatch.planning.greedy import Routes, assignments, cost, greedy, held
from dispatch.planning.parts import components, join, split
from dispatch.planning.problem import Assignment, Problem, read_problem
from dispatch.planning.repair import CHANGE, repair
from dispatch.planning.search import Search, search
from dispatch.planning.stopwatch import PASSES, Stopwatch, turns

SEEDS = range(6)
KINDS = ("single", "teams", "moving", "coached")


def generate(workers: int, orders: int, *, kind: str, seed: int) -> dict[str, Any]:
    """An invented day of one town, too short of people for everything."""
    random = Random(seed)

    def spot() -> list[float]:
        return [round(61.06 + random.gauss(0, 0.03), 5), round(28.19 + random.gauss(0, 0.05), 5)]

    def some(share: float, ids: list[str]) -> list[str]:
        return [name for name in ids if random.random() < share]

    ids = [f"w{n}" for n in range(workers)]
    skills = ["clean", "move", "yard"]
    people = [
        {
            "id": name,
            "home": spot(),
            "mode": random.choice(["bike", "car"]),
            "available": [[random.choice([420, 480, 720]), random.choice([960, 1080, 1260])]],
            "max_work_min": random.choice([420, 480]),
            "skills": some(0.7, skills),
            "can_coach": kind == "coached" and random.random() < 0.3,
            "needs_coach": kind == "coached" and random.random() < 0.2,
            "fairness_per_hour": random.randint(-3, 5),
        }
        for name in ids
    ]
    jobs = []
    for n in range(orders):
        starts = random.randrange(420, 960, 15)
        slack = random.choice([0, 60, 180]) if kind in ("moving", "coached") else 0
        team = kind in ("teams", "moving") and random.random() < 0.3
        jobs.append(
            {
                "id": f"o{n}", "site": spot(), "duration_min": random.choice([60, 120, 180, 240]),
                "earliest_start_min": starts, "latest_start_min": starts + slack,
                "workers_needed": random.choice([2, 3]) if team else 1,
                "skills": some(0.3, skills), "priority": random.choice(["normal", "high"]),
                "coach_on_site": kind == "coached" and random.random() < 0.2,
                "preferred": some(0.1, ids), "familiar": some(0.1, ids), "blocked": some(0.1, ids),
            }
        )  # fmt: skip
    modes = {"bike": {"kmh": 14.0, "fixed_min": 2.0}, "car": {"kmh": 35.0, "fixed_min": 4.0}}
    return {
        "format": "askare-planning-problem/1", "name": f"{kind} {seed}", "date": "2026-11-26",
        "slot_min": 15, "limits": {"max_orders_per_worker": 4}, "locked": [],
        "travel": {"detour": 1.3, "same_place_km": 0.05, "max_home_min": 60, "modes": modes},
        "weights": {"unfilled": {"normal": 1000, "high": 2000}, "unfilled_per_hour": 100,
                    "pair_base": 60, "preferred": -40, "familiar": -20, "pair_min": 0,
                    "pair_max": 100},
        "workers": people, "orders": jobs,
    }  # fmt: skip


def told_day(kind: str, seed: int, workers: int = 14, orders: int = 20) -> tuple[Any, ...]:
    """A problem, the plan that people know and the one who falls ill: somebody with gigs."""
    data = generate(workers, orders, kind=kind, seed=seed)
    problem = read_problem(data)
    told = assignments(problem, greedy(problem))
    ill = Random(seed).choice(sorted({a.worker for a in told}))
    return data, problem, told, ill


def written(problem: Problem, rows: tuple[Assignment, ...]) -> dict[str, Any]:
    return {
        "format": "askare-plan/1",
        "assignments": [
            {
                "order": problem.order_ids[a.order],
                "worker": problem.worker_ids[a.worker],
                "role": a.role,
                "start_min": a.start_min,
            }
            for a in rows
        ],
    }


def places(problem: Problem, routes: Routes) -> int:
    return int(held(problem, routes).hands.sum())


# ------------------------------------------------------------------ repair


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_repair_never_worse_than_greedy_and_judged_clean(kind: str, seed: int) -> None:
    """Places, cost and told starts, and every rule of the judge."""
    data, problem, told, ill = told_day(kind, seed)
    found = repair(problem, told, [ill], Stopwatch(2.0))
    assert cost(found.problem, found.best) <= cost(found.problem, found.at_once)
    assert places(problem, found.best) >= places(problem, found.at_once)
    starts = {a.order: a.start_min for a in told}
    for routes in (found.at_once, found.best):
        rows = assignments(found.problem, routes)
        assert not judge(data, written(problem, rows)).faults
        assert all(a.start_min == starts[a.order] for a in rows if a.order in starts)
        assert ill not in routes


@pytest.mark.parametrize("seed", SEEDS)
def test_changes_are_counted_and_cost_a_hundred_each(seed: int) -> None:
    """The count by sets, and the cost by the plain problem: both say the same."""
    _data, problem, told, ill = told_day("moving", seed)
    found = repair(problem, told, [ill], Stopwatch(2.0))
    kept = {(a.order, a.worker) for a in told if a.worker != ill}
    for routes, said in ((found.at_once, found.changes_at_once), (found.best, found.changes)):
        now = {(a.order, a.worker) for a in assignments(found.problem, routes)}
        assert said == len(kept - now)
        assert cost(found.problem, routes) == cost(problem, routes) + CHANGE * said


def test_lost_orders_are_those_of_the_ill() -> None:
    _data, problem, told, ill = told_day("single", 1)
    found = repair(problem, told, [ill], Stopwatch(1.0))
    assert found.lost == tuple(sorted({a.order for a in told if a.worker == ill}))


def day(workers: list[dict[str, Any]], orders: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A small day in one place: everybody free, everything at nine, unless told otherwise."""
    data = generate(len(workers), len(orders), kind="single", seed=1)
    free = {
        "home": [61.05, 28.19], "mode": "car", "available": [[360, 1320]], "skills": [],
        "max_work_min": 480, "can_coach": False, "needs_coach": False, "fairness_per_hour": 0,
    }  # fmt: skip
    plain = {
        "site": [61.05, 28.19], "duration_min": 120, "earliest_start_min": 540,
        "latest_start_min": 540, "workers_needed": 1, "skills": [], "coach_on_site": False,
        "priority": "normal", "preferred": [], "familiar": [], "blocked": [],
    }  # fmt: skip
    data["workers"] = [free | own for own in workers]
    data["orders"] = [plain | own for own in orders]
    return data | more


def chain() -> tuple[dict[str, Any], Problem, list[Assignment]]:
    """Only the ill one and A know the yard; A is told for something that B could do."""
    yard = {"skills": ["yard"]}
    data = day(
        [{"id": "ill", **yard}, {"id": "A", **yard}, {"id": "B"}],
        [{"id": "yard", **yard}, {"id": "plain"}],
    )
    told = [Assignment(0, 0, "worker", 540), Assignment(1, 1, "worker", 540)]
    return data, read_problem(data), told


def test_one_told_person_moves_when_that_fills_a_place() -> None:
    _data, problem, told = chain()
    found = repair(problem, told, [0], Stopwatch(2.0))
    assert places(problem, found.at_once) == 1
    assert places(problem, found.best) == 2
    assert (found.changes_at_once, found.changes) == (0, 1)


def test_locked_pair_stays_whatever_it_would_win() -> None:
    """Negative control of the chain: A is locked, so the yard stays empty."""
    data, _problem, told = chain()
    lock = {"order": "plain", "worker": "A", "role": "worker", "start_min": 540}
    problem = read_problem(data | {"locked": [lock]})
    found = repair(problem, told, [0], Stopwatch(2.0))
    assert places(problem, found.best) == 1
    assert [s.order for s in found.best[1].stops] == [1]


# ------------------------------------------------------------------ explaining


class Letter(StrEnum):
    """Rules of no meaning."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"


@pytest.mark.parametrize("seed", range(40))
def test_explain_names_a_minimal_set_for_any_rules(seed: int) -> None:
    """Against every subset: workers are sets of what each of them breaks."""
    random = Random(seed)
    people = [
        frozenset(random.sample(list(Letter), random.randint(1, 4)))
        for _ in range(random.randint(1, 5))
    ]

    def fits(lifted: frozenset[Letter]) -> frozenset[Letter] | None:
        return next((p for p in people if p <= lifted), None)

    because, ways = explain(list(Letter), list(Letter), fits, 3)
    whole = frozenset(Letter)
    assert fits(whole - set(because)) is None
    for some in itertools.combinations(because, len(because) - 1):
        assert fits(whole - set(some)) is not None
    shortest = min(len(p) for p in people)
    if shortest <= 3:
        assert ways
        assert all(len(way) == shortest for way in ways)


def test_explain_with_nobody_says_nothing() -> None:
    assert explain(list(Letter), list(Letter), lambda _lifted: None, 3) == ((), ())


# ------------------------------------------------------------------ parts and turns


def two_towns(seed: int) -> dict[str, Any]:
    """Two days side by side whose people cannot reach each other's orders."""
    here, there = (generate(5, 7, kind="teams", seed=seed + n) for n in (0, 100))
    for rows in ("workers", "orders"):
        for n, row in enumerate(there[rows]):
            row["id"] = f"far{n}{rows[0]}"
            for key in ("home", "site"):
                if key in row:
                    row[key] = [row[key][0] + 3.0, row[key][1]]
    return here | {rows: here[rows] + there[rows] for rows in ("workers", "orders")}


@pytest.mark.parametrize("seed", range(4))
def test_components_share_no_order_and_cover_everybody_able(seed: int) -> None:
    problem = read_problem(two_towns(seed))
    able = problem.able | problem.coach_able
    groups = components(problem)
    assert len(groups) >= 2
    reach = [set(np.flatnonzero(able[list(group)].any(axis=0))) for group in groups]
    for one, other in itertools.combinations(reach, 2):
        assert not one & other
    assert sorted(w for g in groups for w in g) == [
        int(w) for w in np.flatnonzero(able.any(axis=1))
    ]


@pytest.mark.parametrize("seed", range(3))
def test_bounds_and_costs_of_the_parts_add_up(seed: int) -> None:
    """The parts and what nobody can do add up to the whole; the judge agrees on the cost."""
    data = two_towns(seed)
    problem = read_problem(data)
    whole = search(problem, Stopwatch(6.0), seed=1)
    parts = split(problem)
    alone = [Search(part.problem, Stopwatch(6.0), 1).run() for part in parts]
    nobody = sum(
        int(problem.unfilled_cost[o] * problem.needed[o])
        for o in range(problem.orders)
        if all(o not in part.orders for part in parts)
    )
    joined = join(parts, [result.routes for result in alone])
    assert cost(problem, joined) == nobody + sum(result.objective for result in alone)
    verdict = judge(data, written(problem, assignments(problem, joined)))
    assert (verdict.faults, verdict.objective) == ((), cost(problem, joined))
    assert all(result.proven for result in alone)
    assert whole.bound == nobody + sum(result.bound or 0 for result in alone)
    assert whole.objective == cost(problem, joined)


def test_turns_give_each_day_two_and_share_the_time_by_weight() -> None:
    assert list(turns([3, 1])) == [(0, 3 / 8), (1, 1 / 5), (0, 3 / 4), (1, 1.0)]
    assert len(list(turns([1.0] * 7))) == 7 * PASSES
    assert list(turns([2])) == [(0, 1.0)]
    assert list(turns([0, 0])) == [(0, 0.0), (1, 0.0), (0, 0.0), (1, 0.0)]
