"""A day to plan: workers, orders and what a pair of them costs, as frozen arrays.

Time is in slots of `slot_min` minutes from midnight unless a name ends in `_min`. W workers,
O orders, M modes of travel. Reading a file checks every field and names the wrong one by its path.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.travel import Mode, Roads, km_matrix, minutes

FORMAT = "askare-planning-problem/1"
DAY_MIN = 24 * 60
MOST = 1_000_000
HANDS, COACH = "worker", "coach"
NO_BREAK = {"break_after_min": 0, "break_min": 0}

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]


class ProblemError(ValueError):
    """A field of a problem or plan is missing, malformed or impossible.

    `path` names it as in `orders[3].duration_min`; `reason` is plain English.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


@dataclass(frozen=True, order=True)
class Assignment:
    """One worker on one order: indexes into the problem, start in minutes of the day."""

    order: int
    worker: int
    role: str
    start_min: int


@dataclass(frozen=True)
class Problem:
    """One day, all arrays read-only by convention.

    `windows[w]`: when worker w may be away from home, travel included, [from, to) in slots;
    `ends_min[w]` when each ends to the minute.
    `able` / `coach_able` (W, O): may take a place / coach there (skills, blocks, distance).
    `pair_cost` (W, O): cost of the pair in either role. `unfilled_cost` (O): per empty place.
    `home_min` (W, O), `leg_min` (M, O, O): travel minutes home to site and site to site.
    `new` (W): works only beside a coach, whatever the order asks.
    `locked`: what must stay as it is; it obeys every other rule.
    `measured`: travel times were measured and need not obey the triangle inequality.
    `break_after_min` (W): longest work without a pause of `break_min` (W); 0 means no rule.
    """

    name: str
    date: str
    slot_min: int
    worker_ids: tuple[str, ...]
    order_ids: tuple[str, ...]
    mode: Ints
    windows: tuple[tuple[tuple[int, int], ...], ...]
    ends_min: tuple[tuple[int, ...], ...]
    max_work_min: Ints
    max_orders: int
    break_after_min: Ints
    break_min: Ints
    duration_min: Ints
    earliest: Ints
    latest: Ints
    needed: Ints
    coach_needed: Bools
    new: Bools
    able: Bools
    coach_able: Bools
    pair_cost: Ints
    unfilled_cost: Ints
    home_min: NDArray[np.int16]
    leg_min: NDArray[np.int16]
    locked: tuple[Assignment, ...] = ()
    constant: int = 0
    measured: bool = False
    source: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def workers(self) -> int:
        """Number of workers."""
        return len(self.worker_ids)

    @property
    def orders(self) -> int:
        """Number of orders."""
        return len(self.order_ids)

    @cached_property
    def duration(self) -> Ints:
        """Slots that each order takes, rounded up (O)."""
        return -(-self.duration_min // self.slot_min)

    @cached_property
    def home(self) -> NDArray[np.int16]:
        """Slots from home to each site, rounded up (W, O)."""
        return -(-self.home_min // self.slot_min)

    @cached_property
    def leg(self) -> NDArray[np.int16]:
        """Slots between sites by mode, rounded up (M, O, O)."""
        return -(-self.leg_min // self.slot_min)

    @cached_property
    def shortcut_min(self) -> NDArray[np.int16]:
        """Minutes by which a worker's way over each site can be shorter than past it (W, O).

        Straight lines obey the triangle inequality but for places that count as the same.
        """
        near = np.array(self.leg_min == 0)
        near[:, np.arange(self.orders), np.arange(self.orders)] = False
        loose = near.any(axis=(0, 1)) | (self.home_min == 0).any(axis=0) | self.measured
        from dispatch.planning.kernel import shortcuts  # noqa: PLC0415 - loads numba

        return np.asarray(shortcuts(self.leg_min, self.home_min, self.mode, loose))

    @cached_property
    def synced(self) -> Bools:
        """Orders whose people must agree on one start: teams and coached ones that may move (O)."""
        together = (self.needed > 1) | self.coach_needed | self.coach_able.any(axis=0)
        return together & (self.latest > self.earliest)

    @cached_property
    def worker_index(self) -> dict[str, int]:
        """Position of each worker id."""
        return {name: at for at, name in enumerate(self.worker_ids)}

    @cached_property
    def order_index(self) -> dict[str, int]:
        """Position of each order id."""
        return {name: at for at, name in enumerate(self.order_ids)}


# ---------------------------------------------------------------- reading
def _get(at: Any, key: str, path: str) -> Any:
    if not isinstance(at, Mapping):
        raise ProblemError(path or "file", "must be an object")
    if key not in at:
        raise ProblemError(f"{path}.{key}".lstrip("."), "is missing")
    return at[key]


def _number(at: Any, key: str, path: str, low: float, high: float) -> float:
    value, where = _get(at, key, path), f"{path}.{key}".lstrip(".")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ProblemError(where, "must be a number")
    if not low <= value <= high:
        raise ProblemError(where, f"must be between {low:g} and {high:g}")
    return value


def _whole(at: Any, key: str, path: str, low: int, high: int) -> int:
    value = _number(at, key, path, low, high)
    if value != int(value):
        raise ProblemError(f"{path}.{key}".lstrip("."), "must be a whole number")
    return int(value)


def _flag(at: Any, key: str, path: str) -> bool:
    value = _get(at, key, path)
    if not isinstance(value, bool):
        raise ProblemError(f"{path}.{key}", "must be true or false")
    return value


def _rows(at: Any, key: str, path: str = "") -> list[Any]:
    value = _get(at, key, path)
    if not isinstance(value, list):
        raise ProblemError(f"{path}.{key}".lstrip("."), "must be a list")
    return value


def _text(at: Any, key: str, path: str) -> str:
    value = _get(at, key, path)
    if not isinstance(value, str):
        raise ProblemError(f"{path}.{key}".lstrip("."), "must be a text")
    return value


def _rows_by_name(at: Any, key: str, path: str) -> Mapping[str, Any]:
    value = _get(at, key, path)
    if not isinstance(value, Mapping):
        raise ProblemError(f"{path}.{key}", "must be an object")
    return value


def _names(at: Any, key: str, path: str) -> list[str]:
    rows = _rows(at, key, path)
    for n, value in enumerate(rows):
        if not isinstance(value, str):
            raise ProblemError(f"{path}.{key}[{n}]", "must be a text")
    return rows


def _point(at: Any, key: str, path: str) -> tuple[float, float]:
    value, where = _get(at, key, path), f"{path}.{key}"
    if not isinstance(value, list) or len(value) != 2:
        raise ProblemError(where, "must be [latitude, longitude]")
    named = {"latitude": value[0], "longitude": value[1]}
    return (
        _number(named, "latitude", where, -90, 90),
        _number(named, "longitude", where, -180, 180),
    )


def _ids(rows: Sequence[Any], noun: str) -> tuple[str, ...]:
    seen: set[str] = set()
    for n, row in enumerate(rows):
        name = _get(row, "id", f"{noun}[{n}]")
        if not isinstance(name, str) or not name:
            raise ProblemError(f"{noun}[{n}].id", "must be a text")
        if name in seen:
            raise ProblemError(f"{noun}[{n}].id", f"{name!r} appears twice")
        seen.add(name)
    return tuple(str(row["id"]) for row in rows)


def _known(names: Iterable[str], index: Mapping[str, int], path: str) -> list[int]:
    found = []
    for n, name in enumerate(names):
        if name not in index:
            raise ProblemError(f"{path}[{n}]", f"no worker has the id {name!r}")
        found.append(index[name])
    return found


def _windows(row: Any, path: str, slot: int) -> tuple[tuple[int, int, int], ...]:
    """First slot, last slot and end in minutes of each window."""
    found = []
    for n, window in enumerate(_rows(row, "available", path)):
        where = f"{path}.available[{n}]"
        if not isinstance(window, list) or len(window) != 2:
            raise ProblemError(where, "must be [from, to] in minutes of the day")
        named = {"from": window[0], "to": window[1]}
        start = _number(named, "from", where, 0, 2 * DAY_MIN)
        end = _number(named, "to", where, 0, 2 * DAY_MIN)
        if end <= start:
            raise ProblemError(where, "must end after it starts")
        found.append((start, end))
    found.sort()
    for n in range(1, len(found)):
        if found[n][0] <= found[n - 1][1]:
            raise ProblemError(
                f"{path}.available", "has windows that touch or overlap: make them one"
            )
    return tuple((math.ceil(a / slot), math.floor(b / slot), math.floor(b)) for a, b in found)


def read_problem(data: Any) -> Problem:
    """A problem from its file format (askare-planning-problem/1).

    Raises:
        ProblemError: naming the path of the first field that is wrong.
    """
    if _get(data, "format", "") != FORMAT:
        raise ProblemError("format", f"must be {FORMAT!r}")
    slot = _whole(data, "slot_min", "", 1, 60)
    travel = _get(data, "travel", "")
    roads = Roads(
        _number(travel, "detour", "travel", 1, 5), _number(travel, "same_place_km", "travel", 0, 5)
    )
    max_home = _number(travel, "max_home_min", "travel", 0, DAY_MIN)
    modes = {
        name: Mode(
            name,
            _number(row, "kmh", f"travel.modes.{name}", 0.1, 300),
            _number(row, "fixed_min", f"travel.modes.{name}", 0, 240),
        )
        for name, row in _rows_by_name(travel, "modes", "travel").items()
    }
    tables = _rows_by_name({"measured": {}, **travel}, "measured", "travel")
    weights, limits = _get(data, "weights", ""), _get(data, "limits", "")
    workers, orders = _rows(data, "workers"), _rows(data, "orders")
    worker_ids, order_ids = _ids(workers, "workers"), _ids(orders, "orders")
    people = [_read_worker(row, f"workers[{n}]", slot, modes) for n, row in enumerate(workers)]
    jobs = [_read_order(row, f"orders[{n}]", slot, weights) for n, row in enumerate(orders)]

    index = {name: n for n, name in enumerate(worker_ids)}
    shape = (len(workers), len(orders))
    bias = np.zeros(shape)
    blocked = np.zeros(shape, dtype=bool)
    for n, row in enumerate(orders):
        for key, weight in (("preferred", "preferred"), ("familiar", "familiar")):
            known = _known(_names(row, key, f"orders[{n}]"), index, f"orders[{n}].{key}")
            bias[known, n] += _whole(weights, weight, "weights", -MOST, MOST)
        known = _known(_names(row, "blocked", f"orders[{n}]"), index, f"orders[{n}].blocked")
        blocked[known, n] = True

    homes = np.array([p["home"] for p in people], dtype=float).reshape(-1, 2)
    sites = np.array([j["site"] for j in jobs], dtype=float).reshape(-1, 2)
    mode_names = list(modes)
    mode = np.array([mode_names.index(p["mode"]) for p in people], dtype=np.int32)
    home_km, leg_km = km_matrix(homes, sites), km_matrix(sites, sites)
    home_min = np.zeros(shape, dtype=np.int16)
    leg_min = np.zeros((len(modes), len(orders), len(orders)), dtype=np.int16)
    for at, name in enumerate(mode_names):
        home_min[mode == at] = minutes(home_km[mode == at], modes[name], roads)
        leg_min[at] = minutes(leg_km, modes[name], roads)
        measured = tables.get(name)
        if measured is not None:
            where = f"travel.measured.{name}"
            home_min[mode == at] = _minutes(measured, "home_to_site", where, shape)[mode == at]
            leg_min[at] = _minutes(measured, "site_to_site", where, (len(orders), len(orders)))

    reachable = ~blocked & (home_min <= max_home)
    skilled = np.array(
        [[j["skills"] <= p["skills"] for j in jobs] for p in people], dtype=bool
    ).reshape(shape)
    duration_min = np.array([j["duration_min"] for j in jobs], dtype=np.int32)
    fairness = np.array([p["fairness"] for p in people])
    # Half to even, as Python's round and the judge do.
    cost = (
        _whole(weights, "pair_base", "weights", -MOST, MOST)
        + bias
        + np.rint(fairness[:, None] * duration_min[None, :] / 60)
    )
    # Below nothing, a coach would be sent where nobody asks for one.
    low = _whole(weights, "pair_min", "weights", 0, MOST)
    high = _whole(weights, "pair_max", "weights", low, MOST)
    coach_needed = np.array([j["coach"] for j in jobs], dtype=bool)
    new = np.array([p["new"] for p in people], dtype=bool)
    able = reachable & skilled
    coached = coach_needed | (able & new[:, None]).any(axis=0)
    can_coach = np.array([p["coach"] for p in people], dtype=bool)
    problem = Problem(
        name=str(data.get("name", "")),
        date=_text(data, "date", ""),
        slot_min=slot,
        worker_ids=worker_ids,
        order_ids=order_ids,
        mode=mode,
        windows=tuple(tuple((a, b) for a, b, _ in p["windows"]) for p in people),
        ends_min=tuple(tuple(end for _, _, end in p["windows"]) for p in people),
        max_work_min=np.array([p["max_work_min"] for p in people], dtype=np.int32),
        max_orders=_whole(limits, "max_orders_per_worker", "limits", 1, 12),
        break_after_min=np.array([p["break_after_min"] for p in people], dtype=np.int32),
        break_min=np.array([p["break_min"] for p in people], dtype=np.int32),
        duration_min=duration_min,
        earliest=np.array([j["earliest"] for j in jobs], dtype=np.int32),
        latest=np.array([j["latest"] for j in jobs], dtype=np.int32),
        needed=np.array([j["needed"] for j in jobs], dtype=np.int32),
        coach_needed=coach_needed,
        new=new,
        able=able,
        coach_able=reachable & (can_coach & ~new)[:, None] & coached[None, :],
        pair_cost=np.clip(cost, low, high).astype(np.int32),
        unfilled_cost=np.array([j["unfilled"] for j in jobs], dtype=np.int32),
        home_min=home_min,
        leg_min=leg_min,
        measured=bool(tables),
        source=data,
    )
    return replace(problem, locked=read_assignments(data.get("locked", []), problem, "locked"))


def _minutes(at: Any, key: str, path: str, shape: tuple[int, int]) -> NDArray[np.int16]:
    try:
        found = np.array(_rows(at, key, path), dtype=np.int16)
    except (ValueError, TypeError, OverflowError) as error:
        raise ProblemError(f"{path}.{key}", "must be rows of whole minutes") from error
    if found.shape != shape or (found < 0).any():
        raise ProblemError(f"{path}.{key}", f"must be {shape[0]} rows of {shape[1]} minutes")
    return found


def _read_worker(row: Any, path: str, slot: int, modes: Mapping[str, Mode]) -> dict[str, Any]:
    mode = _get(row, "mode", path)
    if mode not in modes:
        raise ProblemError(f"{path}.mode", f"{mode!r} is not in travel.modes")
    return {
        "home": _point(row, "home", path),
        "mode": mode,
        "windows": _windows(row, path, slot),
        "max_work_min": _whole(row, "max_work_min", path, 0, DAY_MIN),
        "skills": set(_names(row, "skills", path)),
        "coach": _flag(row, "can_coach", path),
        "fairness": _number(row, "fairness_per_hour", path, -1e4, 1e4),
        "break_after_min": _whole({**NO_BREAK, **row}, "break_after_min", path, 0, DAY_MIN),
        "break_min": _whole({**NO_BREAK, **row}, "break_min", path, 0, DAY_MIN),
        "new": _flag({"needs_coach": False, **row}, "needs_coach", path),
    }


def _read_order(row: Any, path: str, slot: int, weights: Any) -> dict[str, Any]:
    duration = _whole(row, "duration_min", path, 1, DAY_MIN)
    earliest = _number(row, "earliest_start_min", path, 0, DAY_MIN)
    latest = _number(row, "latest_start_min", path, 0, DAY_MIN)
    if latest < earliest:
        raise ProblemError(f"{path}.latest_start_min", "is before earliest_start_min")
    unfilled = _rows_by_name(weights, "unfilled", "weights")
    priority = _get(row, "priority", path)
    if not isinstance(priority, str) or priority not in unfilled:
        raise ProblemError(f"{path}.priority", f"{priority!r} is not in weights.unfilled")
    per_place = _number(unfilled, priority, "weights.unfilled", 0, 1e8)
    per_hour = _number(weights, "unfilled_per_hour", "weights", 0, 1e6)
    return {
        "site": _point(row, "site", path),
        "duration_min": duration,
        "earliest": math.ceil(earliest / slot),
        "latest": math.floor(latest / slot),
        "needed": _whole(row, "workers_needed", path, 1, 50),
        "skills": set(_names(row, "skills", path)),
        "coach": _flag(row, "coach_on_site", path),
        "unfilled": round(per_place + per_hour * duration / 60),
    }


def read_assignments(rows: Any, problem: Problem, path: str) -> tuple[Assignment, ...]:
    """Assignments of a plan or of `locked`.

    Raises:
        ProblemError: naming a wrong field.
    """
    if not isinstance(rows, list):
        raise ProblemError(path, "must be a list")
    found = []
    for n, row in enumerate(rows):
        at = f"{path}[{n}]"
        who, what = _get(row, "worker", at), _get(row, "order", at)
        if who not in problem.worker_index:
            raise ProblemError(f"{at}.worker", f"no worker has the id {who!r}")
        if what not in problem.order_index:
            raise ProblemError(f"{at}.order", f"no order has the id {what!r}")
        role = _get(row, "role", at)
        if role not in (HANDS, COACH):
            raise ProblemError(f"{at}.role", f"must be {HANDS!r} or {COACH!r}")
        start = _whole(row, "start_min", at, 0, DAY_MIN)
        found.append(Assignment(problem.order_index[what], problem.worker_index[who], role, start))
    return tuple(sorted(found))
