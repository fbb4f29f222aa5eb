"""Why an order stays empty: the rules that together forbid it, and the cheapest way out.

A rule is lifted by editing the problem's own file form and everything is tried again, so an
answer is never a guess. The rules in `because` alone keep the order empty, and without any one
of them it would be filled; every way out was checked, all other rules standing, by placing people.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dispatch.planning.explain import explain
from dispatch.planning.greedy import Days, Routes, fill, held
from dispatch.planning.problem import DAY_MIN, Problem, read_problem

Change = Callable[[dict[str, Any], dict[str, Any]], None]


class Rule(StrEnum):
    """Families of rules that can leave an order empty, the cheapest to lift first."""

    START = "start"
    BUSY = "busy"
    AVAILABILITY = "availability"
    COACH = "coach"
    DISTANCE = "distance"
    SKILLS = "skills"
    BLOCKED = "blocked"
    DAY_COUNT = "day_count"
    HOURS = "hours"


def _any_start(data: dict[str, Any], order: dict[str, Any]) -> None:
    order["earliest_start_min"] = min(order["earliest_start_min"], 6 * 60)
    latest = max(order["latest_start_min"], 22 * 60 - order["duration_min"])
    order["latest_start_min"] = max(order["earliest_start_min"], latest)


def _always_free(data: dict[str, Any], order: dict[str, Any]) -> None:
    for worker in data["workers"]:
        worker["available"] = [[0, DAY_MIN]]


def _no_coach(data: dict[str, Any], order: dict[str, Any]) -> None:
    order["coach_on_site"] = False
    for worker in data["workers"]:
        worker["needs_coach"] = False


def _any_distance(data: dict[str, Any], order: dict[str, Any]) -> None:
    data["travel"]["max_home_min"] = DAY_MIN


def _no_skills(data: dict[str, Any], order: dict[str, Any]) -> None:
    order["skills"] = []


def _nobody_blocked(data: dict[str, Any], order: dict[str, Any]) -> None:
    order["blocked"] = []


def _many_orders(data: dict[str, Any], order: dict[str, Any]) -> None:
    data["limits"]["max_orders_per_worker"] = 12


def _any_hours(data: dict[str, Any], order: dict[str, Any]) -> None:
    for worker in data["workers"]:
        worker["max_work_min"] = DAY_MIN
        worker["break_after_min"] = 0


# Legal limits come last: they explain, but they are never offered as a way out.
LIFTS: Mapping[Rule, Change] = {
    Rule.START: _any_start,
    Rule.AVAILABILITY: _always_free,
    Rule.COACH: _no_coach,
    Rule.DISTANCE: _any_distance,
    Rule.SKILLS: _no_skills,
    Rule.BLOCKED: _nobody_blocked,
    Rule.DAY_COUNT: _many_orders,
    Rule.HOURS: _any_hours,
}
NEVER_OFFERED = frozenset({Rule.HOURS})


@dataclass(frozen=True)
class WayOut:
    """Lifting these rules fills the order: by these workers, at this start (minutes)."""

    rules: tuple[Rule, ...]
    workers: tuple[str, ...]
    start_min: int


@dataclass(frozen=True)
class Why:
    """`because`: a smallest set of rules that together keep the order empty; empty: it fits."""

    order: str
    because: tuple[Rule, ...]
    ways_out: tuple[WayOut, ...]


def _fits(problem: Problem, order: str, routes: Routes, lifted: frozenset[Rule]) -> WayOut | None:
    """Who could take the places that are left when these rules do not hold."""
    data = copy.deepcopy(dict(problem.source or {}))
    row = next(o for o in data["orders"] if o["id"] == order)
    for rule in lifted:
        if rule in LIFTS:
            LIFTS[rule](data, row)
    data["locked"] = []
    relaxed, at = read_problem(data), problem.order_index[order]
    have = held(relaxed, routes)
    around = {} if Rule.BUSY in lifted else routes
    if Rule.BUSY in lifted:
        # Colleagues on this very order stay with it.
        around = {w: r for w, r in routes.items() if any(stop.order == at for stop in r.stops)}
    days = Days(relaxed, around.values())
    fill(days, [at], have)
    after = days.routes()
    came = [w for w, r in after.items() if any(s.order == at and not s.role for s in r.stops)]
    if len(came) < relaxed.needed[at]:
        return None
    new = tuple(
        relaxed.worker_ids[w]
        for w in came
        if w not in around or at not in {s.order for s in around[w].stops}
    )
    route = after[came[0]]
    slot = days.timed(came[0])[1][[s.order for s in route.stops].index(at)]
    return WayOut(tuple(sorted(lifted)), new, int(slot) * relaxed.slot_min)


def why_unfilled(problem: Problem, routes: Routes, order: str, most: int = 3) -> Why:
    """Why `order` is not full in these routes. Needs `problem.source`.

    Raises:
        KeyError: for an unknown order.
    """
    at = problem.order_index[order]
    if held(problem, routes).hands[at] >= problem.needed[at]:
        return Why(order, (), ())
    if _fits(problem, order, routes, frozenset()):
        return Why(order, (), ())
    offered = [rule for rule in Rule if rule not in NEVER_OFFERED]
    because, ways = explain(
        list(Rule), offered, lambda lifted: _fits(problem, order, routes, lifted), most
    )
    return Why(order, because, ways)
