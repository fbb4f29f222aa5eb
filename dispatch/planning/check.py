"""Judge a plan from the problem file alone.

Works on the plain file forms and imports nothing else of the planner, so that a mistake in the
search cannot hide in the judge. Every rule of the problem is checked for every assignment; the cost
is added up anew. The problem is one that `read_problem` accepts; a plan may be anything at all.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeGuard

EARTH_KM = 6371.0088
Row = Mapping[str, Any]


class Code(StrEnum):
    """What can be wrong with a plan."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    OFF_GRID = "off_grid"
    TWICE = "twice"
    TOO_MANY_PEOPLE = "too_many_people"
    TOO_MANY_ORDERS = "too_many_orders"
    TOO_MUCH_WORK = "too_much_work"
    NO_BREAK = "no_break"
    NOT_AVAILABLE = "not_available"
    LATE = "late"
    NOT_HOME = "not_home"
    TOO_FAR = "too_far"
    SKILL = "skill"
    BLOCKED = "blocked"
    NO_COACH = "no_coach"
    NOT_A_COACH = "not_a_coach"
    WINDOW = "window"
    NOT_TOGETHER = "not_together"
    LOCK_BROKEN = "lock_broken"
    OBJECTIVE = "objective"
    BOUND = "bound"


@dataclass(frozen=True)
class Fault:
    """One broken rule: whose, where, and the numbers that show it."""

    code: Code
    worker: str | None = None
    order: str | None = None
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Faults and the cost, part by part."""

    faults: tuple[Fault, ...]
    unfilled_cost: int
    pair_cost: float
    travel_min: int
    filled: int
    places: int

    @property
    def objective(self) -> float:
        """What the plan costs."""
        return self.unfilled_cost + self.pair_cost + self.travel_min


@dataclass
class _Case:
    problem: Row
    workers: dict[str, Row]
    orders: dict[str, Row]
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.worker_row = {name: n for n, name in enumerate(self.workers)}
        self.order_row = {name: n for n, name in enumerate(self.orders)}

    def fault(self, code: Code, worker: str | None, order: str | None, *numbers: float) -> None:
        self.faults.append(Fault(code, worker, order, numbers))

    def grid(self, minutes: float) -> int:
        """Minutes rounded up to the grid."""
        slot = int(self.problem["slot_min"])
        return math.ceil(minutes / slot) * slot

    def trip(self, worker: Row, start: Row, end: Row) -> int:
        """Whole minutes between home or a site and home or a site."""
        mode = str(worker["mode"])
        known = self.problem["travel"].get("measured", {}).get(mode)
        if known:
            return self._measured(known, start, end)
        km = _km(start.get("home") or start["site"], end.get("home") or end["site"])
        travel = self.problem["travel"]
        if km < travel["same_place_km"]:
            return 0
        speed = travel["modes"][mode]
        return math.ceil(float(km * travel["detour"] / speed["kmh"] * 60 + speed["fixed_min"]))

    def _measured(self, known: Row, start: Row, end: Row) -> int:
        kinds = ("home" in start, "home" in end)
        if kinds == (False, False):
            row = known["site_to_site"][self.order_row[start["id"]]]
            return int(row[self.order_row[end["id"]]])
        home, site = (start, end) if kinds[0] else (end, start)
        row = known["home_to_site"][self.worker_row[home["id"]]]
        return int(row[self.order_row[site["id"]]])

    def readable(self, plan: object) -> list[Row]:
        """The plan's assignments that have every field; a fault for each that has not."""
        rows = plan.get("assignments") if isinstance(plan, Mapping) else None
        if not isinstance(rows, list):
            self.fault(Code.MALFORMED, None, None)
            return []
        good = []
        for n, row in enumerate(rows):
            texts = isinstance(row, Mapping) and all(
                isinstance(row.get(key), str) for key in ("worker", "order", "role")
            )
            if texts and _number(row.get("start_min")):
                good.append(row)
            else:
                self.fault(Code.MALFORMED, None, None, n)
        return good


def judge(problem: Row, plan: object) -> Verdict:
    """Judge a plan (askare-plan/1) against its problem (askare-planning-problem/1)."""
    case = _Case(
        problem,
        {row["id"]: row for row in problem["workers"]},
        {row["id"]: row for row in problem["orders"]},
    )
    days: defaultdict[str, list[Row]] = defaultdict(list)
    crews: defaultdict[str, list[Row]] = defaultdict(list)
    rows = case.readable(plan)
    for row in rows:
        known = row["worker"] in case.workers and row["order"] in case.orders
        if not known or row["role"] not in ("worker", "coach"):
            case.fault(Code.UNKNOWN, row["worker"], row["order"])
            continue
        days[row["worker"]].append(row)
        crews[row["order"]].append(row)
        if row["start_min"] % problem["slot_min"]:
            case.fault(Code.OFF_GRID, row["worker"], row["order"], row["start_min"])
    travel = sum(_day(case, case.workers[w], day) for w, day in days.items())
    pairs = sum(
        _pair(problem, case.workers[row["worker"]], case.orders[row["order"]])
        for day in days.values()
        for row in day
    )
    unfilled = filled = 0
    for name, order in case.orders.items():
        hands = _crew(case, order, crews[name])
        short = max(0, order["workers_needed"] - hands)
        weights = problem["weights"]
        worth = weights["unfilled"][order["priority"]]
        worth += weights["unfilled_per_hour"] * order["duration_min"] / 60
        unfilled += short * round(worth)
        filled += hands
    _locks(case, rows)
    verdict = Verdict(
        (), unfilled, pairs, travel, filled, sum(o["workers_needed"] for o in case.orders.values())
    )
    if isinstance(plan, Mapping):
        _claims(case, plan, verdict.objective)
    return Verdict(tuple(case.faults), unfilled, pairs, travel, verdict.filled, verdict.places)


def _number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _km(a: Sequence[float], b: Sequence[float]) -> float:
    lat1, lon1, lat2, lon2 = (math.radians(x) for x in (*a, *b))
    h = math.sin((lat2 - lat1) / 2) ** 2
    h += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(h))


def _pair(problem: Row, worker: Row, order: Row) -> float:
    weights = problem["weights"]
    value: float = weights["pair_base"] + round(
        worker["fairness_per_hour"] * order["duration_min"] / 60
    )
    value += weights["preferred"] * (worker["id"] in order["preferred"])
    value += weights["familiar"] * (worker["id"] in order["familiar"])
    return float(min(max(value, weights["pair_min"]), weights["pair_max"]))


def _day(case: _Case, worker: Row, day: list[Row]) -> int:
    """Check one worker's day; returns its travel minutes."""
    name, day = worker["id"], sorted(day, key=lambda row: row["start_min"])
    orders = [case.orders[row["order"]] for row in day]
    if len(day) > case.problem["limits"]["max_orders_per_worker"]:
        case.fault(Code.TOO_MANY_ORDERS, name, None, len(day))
    work = sum(order["duration_min"] for order in orders)
    if work > worker["max_work_min"]:
        case.fault(Code.TOO_MUCH_WORK, name, None, work, worker["max_work_min"])
    first = day[0]["start_min"]
    window = next((w for w in worker["available"] if w[0] <= first <= w[1]), None)
    if window is None:
        case.fault(Code.NOT_AVAILABLE, name, orders[0]["id"], first)
        window = (0, math.inf)
    free: float = window[0]
    place, travel, run = worker, 0, 0
    for row, order in zip(day, orders, strict=True):
        leg = case.trip(worker, place, order)
        travel += leg
        reach, start = free + case.grid(leg), row["start_min"]
        if reach > start:
            case.fault(Code.LATE, name, order["id"], reach, start)
        # A pause counts in whole slots: what is left of the last one is lost.
        run = _run(case, worker, order, run, start - case.grid(reach))
        _visit(case, worker, order, row)
        free, place = start + order["duration_min"], order
    leg = case.trip(worker, place, worker)
    if free + case.grid(leg) > window[1]:
        case.fault(Code.NOT_HOME, name, None, free + case.grid(leg), window[1])
    return travel + leg


def _run(case: _Case, worker: Row, order: Row, run: int, pause: float) -> int:
    """Minutes of work since the last whole break, after this order."""
    longest, whole = worker.get("break_after_min", 0), worker.get("break_min", 0)
    if not longest:
        return 0
    if pause >= whole:
        run = 0
    minutes = int(order["duration_min"])
    if minutes > longest:
        # So long a gig has a break of its own in the middle.
        if run:
            case.fault(Code.NO_BREAK, worker["id"], order["id"], run + minutes)
        return minutes // 2
    if run + minutes > longest:
        case.fault(Code.NO_BREAK, worker["id"], order["id"], run + minutes, longest)
    return run + minutes


def _visit(case: _Case, worker: Row, order: Row, row: Row) -> None:
    """Check what concerns the worker and this order alone."""
    name, start = worker["id"], row["start_min"]
    if not order["earliest_start_min"] <= start <= order["latest_start_min"]:
        case.fault(Code.WINDOW, name, order["id"], start)
    if row["role"] == "worker" and set(order["skills"]) - set(worker["skills"]):
        case.fault(Code.SKILL, name, order["id"])
    if row["role"] == "coach":
        crew_new = worker.get("needs_coach", False)
        if not worker["can_coach"] or crew_new:
            case.fault(Code.NOT_A_COACH, name, order["id"])
    if name in order["blocked"]:
        case.fault(Code.BLOCKED, name, order["id"])
    trip = case.trip(worker, worker, order)
    if trip > case.problem["travel"]["max_home_min"]:
        case.fault(Code.TOO_FAR, name, order["id"], trip)


def _crew(case: _Case, order: Row, crew: Sequence[Row]) -> int:
    """Check the people of one order together; returns how many take a place."""
    name = order["id"]
    hands = [row["worker"] for row in crew if row["role"] == "worker"]
    coaches = [row["worker"] for row in crew if row["role"] == "coach"]
    if len({row["start_min"] for row in crew}) > 1:
        case.fault(Code.NOT_TOGETHER, None, name)
    if len({row["worker"] for row in crew}) < len(crew):
        case.fault(Code.TWICE, None, name)
    if len(hands) > order["workers_needed"] or len(coaches) > 1:
        case.fault(Code.TOO_MANY_PEOPLE, None, name, len(hands), len(coaches))
    beginners = [w for w in hands if case.workers[w].get("needs_coach")]
    if not coaches and ((order["coach_on_site"] and hands) or beginners):
        case.fault(Code.NO_COACH, beginners[0] if beginners else None, name)
    if coaches and not order["coach_on_site"] and not beginners:
        case.fault(Code.NOT_A_COACH, coaches[0], name)
    return len(hands)


def _locks(case: _Case, rows: Sequence[Row]) -> None:
    have = {(r["order"], r["worker"], r["role"], r["start_min"]) for r in rows}
    for lock in case.problem.get("locked", ()):
        if (lock["order"], lock["worker"], lock["role"], lock["start_min"]) not in have:
            case.fault(Code.LOCK_BROKEN, lock["worker"], lock["order"], lock["start_min"])


def _claims(case: _Case, plan: Row, objective: float) -> None:
    """The objective and bounds that the plan names; each is a whole number or missing."""
    for key, code in (
        ("objective", Code.OBJECTIVE),
        ("bound", Code.BOUND),
        ("bound_starts_fixed", Code.BOUND),
    ):
        claimed = plan.get(key)
        if claimed is None:
            continue
        if not _number(claimed):
            case.fault(Code.MALFORMED, None, None)
        elif claimed > objective + 0.5 or (code is Code.OBJECTIVE and claimed < objective - 0.5):
            case.fault(code, None, None, claimed, objective)
