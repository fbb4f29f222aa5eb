"""Small invented problems with every rule there is, dense enough that orders compete for people."""

from __future__ import annotations

import copy
import random
from typing import Any

from dispatch.planning.generate import KINDS, generate
from dispatch.planning.greedy import assignments, greedy
from dispatch.planning.problem import read_problem

Data = dict[str, Any]


def small(seed: int, most: int = 8) -> Data:
    """Up to `most` workers and orders: teams, coaches, beginners, breaks, two windows."""
    rng = random.Random(seed)
    problem = generate(rng.randint(1, most), rng.randint(1, most), rng.choice(KINDS), seed)
    beginners, breaks, twice = (
        rng.choice([0, 0, 0.3]),
        rng.choice([0, 0, 0.6]),
        rng.choice([0, 0.4]),
    )
    for worker in problem["workers"]:
        start, end = rng.choice([420, 450, 480, 525]), rng.choice([780, 840, 960, 1020])
        noon = (start + end) // 30 * 15
        worker["available"] = [[start, end]]
        if rng.random() < twice:
            worker["available"] = [[start, noon], [noon + rng.randint(1, 5) * 15, end]]
        worker["skills"] = sorted({*worker["skills"], "clean", "move", "adult"})
        if rng.random() < beginners:
            worker |= {"needs_coach": True, "can_coach": False}
        elif rng.random() < 0.2:
            worker["can_coach"] = True
        if rng.random() < breaks:
            worker["break_after_min"] = rng.choice([120, 180, 240, 300])
            worker["break_min"] = rng.choice([15, 30, 40])
    for order in problem["orders"]:
        order["earliest_start_min"] = rng.randint(30, 52) * 15
        order["latest_start_min"] = order["earliest_start_min"] + rng.choice([0, 0, 15, 30, 45])
        if order["duration_min"] > 240:
            order["duration_min"] = rng.choice([45, 60, 90, 120, 180])
        order["workers_needed"] = min(order["workers_needed"], 3)
        if rng.random() < 0.3:
            order["workers_needed"] = 2
        if rng.random() < 0.5:
            order["skills"] = []
    problem["limits"]["max_orders_per_worker"] = rng.choice([2, 3, 3, 4])
    return problem


def locked(seed: int) -> Data:
    """A problem in which visits of a plan made for other wishes are locked."""
    rng, problem = random.Random(seed), small(seed, 5)
    other = copy.deepcopy(problem)
    for order in other["orders"]:
        # Fewer people and starts: a plan that is possible and seldom the best.
        if rng.random() < 0.4:
            order["blocked"] = [w["id"] for w in other["workers"] if rng.random() < 0.5]
        if rng.random() < 0.5:
            order["earliest_start_min"] = order["latest_start_min"]
        order["blocked"] += [w for w in _blocked(problem, order["id"]) if w not in order["blocked"]]
    built = read_problem(other)
    problem["locked"] = [
        {
            "order": built.order_ids[a.order],
            "worker": built.worker_ids[a.worker],
            "role": a.role,
            "start_min": a.start_min,
        }
        for a in assignments(built, greedy(built))
        if rng.random() < 0.6
    ]
    if rng.random() < 0.5:
        problem["weights"]["unfilled"] = {"normal": 1000, "high": 60_000, "urgent": 200_000}
    return problem


def _blocked(problem: Data, name: str) -> list[str]:
    return next(list(o["blocked"]) for o in problem["orders"] if o["id"] == name)


def measured(seed: int) -> Data:
    """Road times as they come: a way over a third place may be shorter than the direct one."""
    rng, problem = random.Random(seed), small(seed, 5)
    people, sites = len(problem["workers"]), len(problem["orders"])
    problem["travel"]["measured"] = {
        mode: {
            "home_to_site": [[rng.randint(0, 50) for _ in range(sites)] for _ in range(people)],
            "site_to_site": [
                [0 if a == b else rng.randint(0, 50) for b in range(sites)] for a in range(sites)
            ],
        }
        for mode in problem["travel"]["modes"]
    }
    for worker in problem["workers"]:
        worker["available"] = worker["available"][:1]
    return problem


def off_grid(seed: int) -> Data:
    """Durations and ends of windows between two slots."""
    rng, problem = random.Random(seed), small(seed, 5)
    for order in problem["orders"]:
        order["duration_min"] = rng.choice([20, 35, 50, 95, 100, 125])
    for worker in problem["workers"]:
        worker["available"] = [
            [start + rng.randint(0, 7), end + rng.randint(0, 7)]
            for start, end in worker["available"]
        ]
    return problem


def near_nothing(seed: int) -> Data:
    """Sites a few steps apart, places hardly worth filling: each visit is nearly free or a loss."""
    rng, problem = random.Random(seed), small(seed, 5)
    north, east = problem["orders"][0]["site"]
    for n, order in enumerate(problem["orders"]):
        order["site"] = [north + n * 0.0004, east]
    for mode in problem["travel"]["modes"].values():
        mode["fixed_min"] = rng.choice([0, 8, 20])
    names = problem["weights"]["unfilled"]
    problem["weights"] |= {
        "unfilled": {name: rng.choice([5, 60, 100]) for name in names},
        "unfilled_per_hour": 0,
    }
    return problem
