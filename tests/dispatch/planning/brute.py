"""The best plan of a small problem by trying everything; knows only the file format.

Every start on the grid is tried in every worker's day, without any thought about which are worth
it, so that what the search leaves out for good reasons is in here. Days are then combined worker by
worker; a combination is dropped only when even the best day of everybody left could not bring it to
the cost of a plan that is known to be possible.
"""

from __future__ import annotations

import math
from typing import Any

HANDS, COACH, NEW = "hands", "coach", "new"
Item = tuple[int, str, int]  # order, part, start in minutes
Days = dict[tuple[Item, ...], float]  # what a worker does: the least it costs
Crew = tuple[int, int, int, int]  # start, hands, coaches, beginners


def optimum(problem: dict[str, Any], known: float) -> float:
    """Cost of the best plan. `known`: the cost of some plan that keeps every rule."""
    orders = problem["orders"]
    worth = [_place(problem, order) for order in orders]
    nothing = sum(
        value * order["workers_needed"] for value, order in zip(worth, orders, strict=True)
    )
    days = [_days(problem, n, worth) for n in range(len(problem["workers"]))]
    days.sort(key=len)
    # The most that the workers from here on could save together.
    hope = [0.0]
    for mine in reversed(days):
        hope.append(hope[-1] + max([0.0, *(-cost for cost in mine.values())]))
    hope.reverse()
    plans: dict[tuple[Crew, ...], float] = {((-1, 0, 0, 0),) * len(orders): nothing}
    for n, mine in enumerate(days):
        wider: dict[tuple[Crew, ...], float] = {}
        for plan, so_far in plans.items():
            # Nobody can save more than the places that are still empty, unless visits pay.
            left = sum(
                value * (order["workers_needed"] - crew[1])
                for value, order, crew in zip(worth, orders, plan, strict=True)
            )
            left = left if problem["weights"]["pair_min"] >= 0 else math.inf
            for items, cost in mine.items():
                total = so_far + cost
                saved = sum(worth[o] for o, part, _ in items if part != COACH)
                if total - min(hope[n + 1], left - saved) > known:
                    continue
                joined = _joined(problem, plan, items)
                if joined is not None and total < wider.get(joined, math.inf):
                    wider[joined] = total
        plans = wider
    return min(cost for plan, cost in plans.items() if _sound(problem, plan))


def _place(problem: dict[str, Any], order: dict[str, Any]) -> float:
    weights = problem["weights"]
    hours = order["duration_min"] / 60
    return round(weights["unfilled"][order["priority"]] + weights["unfilled_per_hour"] * hours)


def _joined(
    problem: dict[str, Any], plan: tuple[Crew, ...], items: tuple[Item, ...]
) -> tuple[Crew, ...] | None:
    crews = list(plan)
    for order, part, start in items:
        when, hands, coaches, new = crews[order]
        if when not in (-1, start):
            return None
        hands, coaches, new = (
            hands + (part != COACH),
            coaches + (part == COACH),
            new + (part == NEW),
        )
        if hands > problem["orders"][order]["workers_needed"] or coaches > 1:
            return None
        crews[order] = (start, hands, coaches, min(new, 1))
    return tuple(crews)


def _sound(problem: dict[str, Any], plan: tuple[Crew, ...]) -> bool:
    """Coaches where they must be and nowhere else."""
    for order, (_, hands, coaches, new) in zip(problem["orders"], plan, strict=True):
        must = new or (order["coach_on_site"] and hands)
        if must and not coaches:
            return False
        if coaches and not new and not order["coach_on_site"]:
            return False
    return True


def _km(a: list[float], b: list[float]) -> float:
    (y1, x1), (y2, x2) = ([math.radians(v) for v in p] for p in (a, b))
    h = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


def _minutes(problem: dict[str, Any], mode: str, a: list[float], b: list[float]) -> int:
    travel, km = problem["travel"], _km(a, b)
    if km < travel["same_place_km"]:
        return 0
    way = travel["modes"][mode]
    return math.ceil(km * travel["detour"] / way["kmh"] * 60 + way["fixed_min"])


class _Walk:
    """One worker on all the roads there are."""

    def __init__(self, problem: dict[str, Any], n: int) -> None:
        self.problem, self.worker = problem, problem["workers"][n]
        orders, mode = problem["orders"], self.worker["mode"]
        measured = problem["travel"].get("measured", {}).get(mode)
        if measured:
            self.home, self.leg = measured["home_to_site"][n], measured["site_to_site"]
        else:
            sites = [order["site"] for order in orders]
            self.home = [_minutes(problem, mode, self.worker["home"], s) for s in sites]
            self.leg = [[_minutes(problem, mode, a, b) for b in sites] for a in sites]

    def grid(self, minutes: float) -> int:
        slot = self.problem["slot_min"]
        return math.ceil(minutes / slot) * slot

    def parts(self, order: dict[str, Any], at: int) -> list[str]:
        """What the worker may be on this order."""
        w = self.worker
        if w["id"] in order["blocked"] or self.home[at] > self.problem["travel"]["max_home_min"]:
            return []
        new, found = w.get("needs_coach", False), []
        if set(order["skills"]) <= set(w["skills"]):
            found.append(NEW if new else HANDS)
        if w["can_coach"] and not new:
            found.append(COACH)
        return found

    def pair(self, order: dict[str, Any]) -> float:
        weights, w = self.problem["weights"], self.worker
        cost = weights["pair_base"]
        cost += weights["preferred"] if w["id"] in order["preferred"] else 0
        cost += weights["familiar"] if w["id"] in order["familiar"] else 0
        cost += round(w["fairness_per_hour"] * order["duration_min"] / 60)
        return float(min(max(cost, weights["pair_min"]), weights["pair_max"]))


def _days(problem: dict[str, Any], n: int, worth: list[float]) -> Days:
    """Everything that a worker could do in a day and what it costs, less what it saves."""
    walk, slot = _Walk(problem, n), problem["slot_min"]
    worker, orders = walk.worker, problem["orders"]
    parts = [walk.parts(order, at) for at, order in enumerate(orders)]
    anybody = [
        order["coach_on_site"] or any(w.get("needs_coach") for w in problem["workers"])
        for order in orders
    ]
    locked = {row["order"]: row for row in problem.get("locked", [])}
    mine = {row["order"]: row for row in problem.get("locked", []) if row["worker"] == worker["id"]}
    found: Days = {}

    def home(window: list[int], free: int, cost: float, items: tuple[Item, ...]) -> None:
        """Keep the day as it is when the worker gets home and has made every locked visit."""
        trip = walk.home[items[-1][0]]
        have = {(orders[o]["id"], "coach" if p == COACH else "worker") for o, p, _ in items}
        made = all((o, row["role"]) in have for o, row in mine.items())
        if made and free + walk.grid(trip) <= window[1]:
            key = tuple(
                sorted(
                    (o, p, t if orders[o]["workers_needed"] > 1 or anybody[o] else 0)
                    for o, p, t in items
                )
            )
            found[key] = min(found.get(key, math.inf), cost + trip)

    def starts(order: dict[str, Any], arrives: int) -> range:
        if order["id"] in locked:
            only = locked[order["id"]]["start_min"]
            return range(only, only + 1) if arrives <= only else range(0)
        first = math.ceil(max(arrives, order["earliest_start_min"]) / slot) * slot
        return range(first, math.floor(order["latest_start_min"]) + 1, slot)

    def go(
        window: list[int], free: int, work: int, run: int, cost: float, items: tuple[Item, ...]
    ) -> None:
        if items:
            home(window, free, cost, items)
        if len(items) == problem["limits"]["max_orders_per_worker"]:
            return
        for o, order in enumerate(orders):
            minutes = order["duration_min"]
            again = any(o == other for other, _, _ in items)
            if again or not parts[o] or work + minutes > worker["max_work_min"]:
                continue
            trip = walk.leg[items[-1][0]][o] if items else walk.home[o]
            arrives = free + walk.grid(trip)
            for start in starts(order, arrives):
                after = _rested(worker, run, start - walk.grid(arrives), minutes)
                if after is None or (not items and start > window[1]):
                    continue
                for part in parts[o]:
                    saved = 0 if part == COACH else worth[o]
                    go(
                        window,
                        start + minutes,
                        work + minutes,
                        after,
                        cost + trip + walk.pair(order) - saved,
                        (*items, (o, part, start)),
                    )

    for window in worker["available"]:
        go(window, window[0], 0, 0, 0.0, ())
    if not mine:
        found[()] = 0.0
    return found


def _rested(worker: dict[str, Any], run: int, pause: int, minutes: int) -> int | None:
    """Minutes since the last break after an order; None when that is too long."""
    longest = worker.get("break_after_min", 0)
    if not longest:
        return 0
    run = 0 if pause >= worker.get("break_min", 0) else run
    if minutes > longest:
        return None if run else minutes // 2
    return run + minutes if run + minutes <= longest else None
