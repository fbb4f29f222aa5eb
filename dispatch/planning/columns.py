"""Routes as columns of a linear programme: prices, bounds, and whole-number plans.

A column is a worker's whole day. The programme chooses at most one per worker so that places are
filled at least cost; HiGHS solves it, `kernel.best_days` finds the columns that would improve it.
At any prices the sum of each worker's best day bounds the cost of every plan from below. Orders
whose people must start together have one stop per possible start, tied by rows; rows that tie a
single worker's visit to the start are added only where a solution breaks them.
docs/algorithms/planning.md has the model in full.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.greedy import Route, Stop
from dispatch.planning.kernel import EPS, best_days
from dispatch.planning.problem import Problem

with suppress(ModuleNotFoundError):
    # Without the solver the package still reads problems and plans greedily.
    import highspy

Floats = NDArray[np.float64]
OFF = -1e9
INF = math.inf
HANDS, COACH, BEGINNER = 0, 1, 2
# From this many workers on the interior-point method beats the simplex method at the root
# (measured: 7 s against 63 s at 500 workers, 7 s against 2.4 s at 200 with teams).
INTERIOR_FROM = 300


class Clock(Protocol):
    """Says when to stop."""

    def over(self) -> bool:
        """True when the time or the rounds are used up."""

    def wall_left(self) -> float:
        """Seconds of the wall clock that remain."""


@dataclass(frozen=True)
class Root:
    """A solved programme: its value, the bound it proves, column values, prices, best prices.

    `rounds` of pricing led there.
    """

    value: float
    bound: float
    x: Floats
    price: Floats
    centre: Floats
    rounds: int


@dataclass(frozen=True)
class Column:
    """A worker's day as the programme sees it: stop numbers, cost in the problem's units."""

    worker: int
    window: int
    stops: tuple[int, ...]
    cost: int


class Network:
    """The stops of a problem, who may make each, and the rows that tie them together."""

    def __init__(self, problem: Problem) -> None:
        self.problem = p = problem
        self.order: list[int] = []
        self.kind: list[int] = []
        self.lo: list[int] = []
        self.hi: list[int] = []
        self.rows: list[list[tuple[int, float]]] = []
        self.row_upper: list[float] = [1.0] * p.workers + [float(n) for n in p.needed]
        self.row_lower: list[float] = [-INF] * p.workers + [float(n) for n in p.needed]
        # Start switches: one variable per possible start of a team that no coach ties together.
        self.switches: list[tuple[int, int, list[tuple[int, float]]]] = []
        self.tie_of: dict[int, tuple[str, int]] = {}
        self.coach_stops: dict[tuple[int, int], int] = {}
        for order in range(p.orders):
            self._add_order(order)
        self.stop_order = np.array(self.order, np.int32)
        self.stop_kind = np.array(self.kind, np.int32)
        self.stop_lo = np.array(self.lo, np.int32)
        self.stop_hi = np.array(self.hi, np.int32)
        self.count = len(self.order)
        self.switch_at = {(o, t): i for i, (o, t, _) in enumerate(self.switches)}
        self.numbers = {
            (o, k, lo, hi): n
            for n, (o, k, lo, hi) in enumerate(
                zip(self.order, self.kind, self.lo, self.hi, strict=True)
            )
        }
        self.worth = self._worth()
        flat = [(n, row, v) for n, rows in enumerate(self.rows) for row, v in rows]
        self.flat_stop = np.array([n for n, _, _ in flat], np.int64)
        self.flat_row = np.array([row for _, row, _ in flat], np.int64)
        self.flat_value = np.array([v for _, _, v in flat], float)
        self.upper = np.array(self.row_upper)

    def _row(self, upper: float) -> int:
        self.row_lower.append(-INF)
        self.row_upper.append(upper)
        return len(self.row_upper) - 1

    def _stop(self, order: int, kind: int, lo: int, hi: int, rows: list[tuple[int, float]]) -> int:
        for array, value in ((self.order, order), (self.kind, kind), (self.lo, lo), (self.hi, hi)):
            array.append(value)
        self.rows.append(rows)
        return len(self.order) - 1

    def _add_order(self, order: int) -> None:
        p = self.problem
        lo, hi = int(p.earliest[order]), int(p.latest[order])
        places, fill = float(p.needed[order]), [(p.workers + order, 1.0)]
        coached = bool(p.coach_needed[order])
        coach = bool(p.coach_able[:, order].any())
        beginners = not coached and coach and bool((p.able[:, order] & p.new).any())
        together = places > 1 or coached
        if not p.synced[order] and not coached and not beginners:
            self._stop(order, HANDS, lo, hi, fill)
            return
        if coached and not coach:
            return
        pick = self._row(1.0)
        if not together:
            self._stop(order, HANDS, lo, hi, fill)
        for t in range(lo, hi + 1):
            tie = self._row(0.0) if together else -1
            if coached:
                for_hands = [*fill, (tie, 1.0)]
                n = self._stop(order, HANDS, t, t, for_hands)
                self.tie_of[n] = ("coach", self._stop(order, COACH, t, t, []))
                self.rows[n + 1] = [(tie, -places), (pick, 1.0)]
                continue
            if together:
                n = self._stop(order, HANDS, t, t, [*fill, (tie, 1.0)])
                self.tie_of[n] = ("switch", len(self.switches))
                self.switches.append((order, t, [(tie, -places), (pick, 1.0)]))
            if beginners:
                beside = self._row(0.0)
                held = [*fill, (beside, 1.0)] + ([(tie, 1.0)] if together else [])
                n = self._stop(order, BEGINNER, t, t, held)
                guide = self._stop(order, COACH, t, t, [(beside, -places)])
                self.tie_of[n] = ("coach", guide)
                if together:
                    follow = self._row(0.0)
                    self.rows[guide].append((follow, 1.0))
                    self.switches[-1][2].append((follow, -1.0))
                else:
                    self.rows[guide].append((pick, 1.0))

    def _worth(self) -> Floats:
        """Minus the pair cost where the worker may make the stop, OFF elsewhere (W, N)."""
        p, order, kind = self.problem, self.stop_order, self.stop_kind
        hands, guide = p.able[:, order], p.coach_able[:, order]
        fresh = p.new[:, None] & ~p.coach_needed[order][None, :]
        able = np.where(
            kind == COACH, guide, np.where(kind == BEGINNER, hands & fresh, hands & ~fresh)
        )
        return np.where(able, -p.pair_cost[:, order].astype(float), OFF)

    def column(self, route: Route) -> Column:
        """A route of stops with fixed or open starts as a column."""
        p, w, stops = self.problem, route.worker, []
        for stop in route.stops:
            kind = COACH if stop.role else HANDS
            if kind == HANDS and p.new[w] and not p.coach_needed[stop.order]:
                kind = BEGINNER
            key = (stop.order, kind, stop.lo, stop.hi)
            if key not in self.numbers:
                key = (stop.order, kind, int(p.earliest[stop.order]), int(p.latest[stop.order]))
            stops.append(self.numbers[key])
        orders = self.stop_order[stops]
        travel = int(p.home_min[w, orders[0]]) + int(p.home_min[w, orders[-1]])
        travel += sum(
            int(p.leg_min[p.mode[w], a, b]) for a, b in zip(orders, orders[1:], strict=False)
        )
        cost = travel + int(p.pair_cost[w, orders].sum())
        return Column(w, route.window, tuple(stops), cost)

    def route(self, column: Column) -> Route:
        """A column as a route."""
        return Route(
            column.worker,
            column.window,
            tuple(
                Stop(
                    int(self.stop_order[n]),
                    int(self.stop_kind[n] == COACH),
                    int(self.stop_lo[n]),
                    int(self.stop_hi[n]),
                )
                for n in column.stops
            ),
        )


def _solver(seed: int) -> highspy.Highs:
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", seed),
        ("presolve", "on"),
    ):
        highs.setOptionValue(option, value)
    return highs


class Master:
    """The restricted programme: some columns of a network, its prices, its whole-number plans."""

    def __init__(self, network: Network, seed: int = 0) -> None:
        self.net, self.seed = network, seed
        p = network.problem
        self.columns: list[Column] = []
        self.seen: set[tuple[int, ...]] = set()
        self.links: dict[tuple[int, int], int] = {}
        self.link_to: dict[int, list[int]] = {}
        self.switch_links: dict[int, list[int]] = {}
        self.highs = _solver(seed)
        if p.workers >= INTERIOR_FROM:
            self.highs.setOptionValue("solver", "ipm")
            self.highs.setOptionValue("run_crossover", "off")
        else:
            self.highs.setOptionValue("presolve", "off")
        self.allowed = np.ones((p.workers, network.count), bool)
        self.free = np.ones(p.workers, bool)
        # What the settled days leave: places per order, coach stops made, starts agreed.
        self.left = p.needed.copy()
        self.guided: set[int] = set()
        self.starts: dict[int, int] = {}
        self.chosen: list[Column] = []
        self.near_min, self.near = self._near()
        self._start_model()

    def _near(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        p = self.net.problem
        if p.orders < 2:
            nothing = np.zeros((p.leg_min.shape[0], p.orders), np.int16)
            return nothing, nothing
        least, slots = p.leg_min.copy(), p.leg.copy()
        for m in range(least.shape[0]):
            np.fill_diagonal(least[m], np.iinfo(np.int16).max)
            np.fill_diagonal(slots[m], np.iinfo(np.int16).max)
        return least.min(axis=1), slots.min(axis=1)

    # ------------------------------------------------------------ the model
    def _start_model(self) -> None:
        net, p = self.net, self.net.problem
        rows = len(net.row_upper)
        none = np.zeros(rows, np.int32)
        self.highs.addRows(
            rows,
            np.array(net.row_lower),
            np.array(net.row_upper),
            0,
            none,
            np.array([], np.int32),
            np.array([]),
        )
        entries = [[(p.workers + o, 1.0)] for o in range(p.orders)]
        entries += [rows for _, _, rows in net.switches]
        costs = [float(c) for c in p.unfilled_cost] + [0.0] * len(net.switches)
        upper = [float(n) for n in p.needed] + [1.0] * len(net.switches)
        self._add_columns(entries, costs, upper)
        self.fixed = len(entries)
        self.upper = np.array(upper)
        self.solved: tuple[float, Floats, Floats] = (INF, np.zeros(0), np.zeros(0))

    def _add_columns(
        self,
        entries: Sequence[Sequence[tuple[int, float]]],
        costs: Sequence[float],
        upper: Sequence[float],
    ) -> None:
        starts = np.cumsum([0, *(len(e) for e in entries)])[:-1].astype(np.int32)
        index = np.array([row for e in entries for row, _ in e], np.int32)
        value = np.array([v for e in entries for _, v in e])
        self.highs.addCols(
            len(entries), np.array(costs, float), np.zeros(len(entries)), np.array(upper, float),
            len(index), starts, index, value,
        )  # fmt: skip

    def _entries(self, column: Column) -> list[tuple[int, float]]:
        entries: dict[int, float] = {column.worker: 1.0}
        for n in column.stops:
            for row, value in self.net.rows[n]:
                entries[row] = entries.get(row, 0.0) + value
            link = self.links.get((column.worker, n))
            if link is not None:
                entries[link] = 1.0
            for row in self.link_to.get(n, ()):
                entries[row] = entries.get(row, 0.0) - 1.0
        return list(entries.items())

    def add(self, columns: Iterable[Column]) -> int:
        """Add columns that are not there yet; returns how many were new."""
        new = []
        for column in columns:
            key = (column.worker, column.window, *column.stops)
            if key not in self.seen:
                self.seen.add(key)
                new.append(column)
        if new:
            self._add_columns(
                [self._entries(c) for c in new], [float(c.cost) for c in new], [1.0] * len(new)
            )
            self.columns.extend(new)
        return len(new)

    def solve(self, clock: Clock) -> tuple[float, Floats, Floats]:
        """Value, column values (without switches and empty places) and row prices.

        They are those of the time before where the clock ends first.
        """
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + clock.wall_left())
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kTimeLimit:
            solution = self.highs.getSolution()
            self.solved = (
                self.highs.getInfo().objective_function_value,
                np.array(solution.col_value),
                np.array(solution.row_dual),
            )
        value, x, price = self.solved
        # Rows that are younger than the solution cost nothing in it.
        return value, x, np.pad(price, (0, self.highs.getNumRow() - len(price)))

    # ------------------------------------------------------------ prices and bounds
    def values(self, price: Floats) -> Floats:
        """Worth of every stop to every worker at these prices (W, N); OFF where not allowed."""
        net = self.net
        priced = price[net.flat_row] * net.flat_value
        worth = np.bincount(net.flat_stop, priced, net.count)
        for n, rows in self.link_to.items():
            worth[n] -= sum(price[row] for row in rows)
        value = net.worth + worth
        for (w, n), row in self.links.items():
            value[w, n] += price[row]
        value[~self.allowed] = OFF
        return value

    def improve(self, price: Floats, keep: int, clock: Clock) -> tuple[list[Column], float]:
        """Columns that pay at these prices, and the bound that these prices prove (-inf: cut)."""
        value = self.values(price)
        found: list[Column] = []
        bound = self._price_of_rows(price)
        for w in np.flatnonzero(self.free):
            if clock.over():
                return found, -INF
            columns, best = self._days(int(w), value, -price[w], keep)
            found += columns
            bound -= best
        return found, bound

    def _days(
        self, w: int, value: Floats, threshold: float, keep: int, *, all_or_none: bool = False
    ) -> tuple[list[Column], float]:
        """Days of a worker worth more than `threshold`, and a bound on the best of all."""
        net, p = self.net, self.net.problem
        stops = np.empty((keep, p.max_orders), np.int32)
        worth, length = np.empty(keep), np.empty(keep, np.int32)
        found: list[Column] = []
        best = max(0.0, threshold + EPS)
        for v, (opens, _) in enumerate(p.windows[w]):
            count, top = best_days(
                value[w], net.stop_order, net.stop_lo, net.stop_hi, p.duration,
                p.duration_min, p.home[w], p.home_min[w], p.leg[p.mode[w]],
                p.leg_min[p.mode[w]], self.near_min[p.mode[w]], self.near[p.mode[w]], opens,
                p.ends_min[w][v], int(p.max_work_min[w]), p.max_orders, int(p.break_after_min[w]),
                int(p.break_min[w]), p.slot_min, p.shortcut_min[w], threshold, keep, all_or_none,
                worth, stops, length,
            )  # fmt: skip
            best = max(best, top)
            for i in range(count):
                chosen = tuple(stops[i, : length[i]].tolist())
                picked = list(chosen)
                travel = round(float(value[w, picked].sum() - worth[i]))
                cost = travel + int(p.pair_cost[w, net.stop_order[picked]].sum())
                found.append(Column(w, v, chosen, cost))
        return found, best

    def all_within(self, price: Floats, gap: float, most: int) -> list[Column] | None:
        """Every day whose reduced cost is at most `gap`; None when there are over `most`."""
        value = self.values(price)
        found: list[Column] = []
        for w in range(self.net.problem.workers):
            columns, _ = self._days(w, value, -price[w] - gap, most - len(found), all_or_none=True)
            found += columns
            if len(found) >= most:
                return None
        return found

    def widen(self, price: Floats, gap: float, most: int) -> float:
        """Add every day within the widest reduced cost, at most `gap`, that `most` allows.

        Returns that reduced cost: no plan within it of the bound can use any other day.
        """
        width = gap
        for _ in range(6):
            days = self.all_within(price, width, most)
            if days is not None:
                self.add(days)
                return width
            width /= 2
        return 0.0

    def release(self) -> None:
        """Undo all fixing."""
        p = self.net.problem
        count = self.fixed + len(self.columns)
        upper = np.ones(count)
        upper[: p.orders] = p.needed
        self.upper = upper[: self.fixed].copy()
        self.highs.changeColsBounds(count, np.arange(count, dtype=np.int32), np.zeros(count), upper)
        self.allowed[:] = True
        self.free[:] = True
        self.left = p.needed.copy()
        self.guided, self.starts, self.chosen = set(), {}, []

    def _price_of_rows(self, price: Floats) -> float:
        """What the rows and the variables that are not days contribute to the bound."""
        net, p = self.net, self.net.problem
        rows = slice(p.workers, len(net.upper))
        bound = float((price[rows] * net.upper[rows]).sum())
        fill = price[p.workers : p.workers + p.orders]
        bound += float((np.minimum(0.0, p.unfilled_cost - fill) * p.needed).sum())
        for i, (_, _, entries) in enumerate(net.switches):
            worth = sum(price[row] * v for row, v in entries)
            worth -= sum(price[row] for row in self.switch_links.get(i, ()))
            bound += min(0.0, -worth) * self.upper[p.orders + i]
        return bound

    def legal(self, price: Floats) -> Floats:
        """Prices with the sign that their rows allow."""
        legal = np.minimum(price, 0.0)
        p = self.net.problem
        equal = slice(p.workers, p.workers + p.orders)
        legal[equal] = price[equal]
        return legal

    def converge(self, clock: Clock, gap: float, keep: int = 6, rounds: int = 400) -> Root:
        """Add columns until the programme's value is within `gap` of the bound it proves.

        Prices are smoothed towards those of the best bound so far, which steadies them.
        """
        best, centre = -np.inf, None
        value, x, price = self.solve(clock)
        done = 0
        while done < rounds:
            done += 1
            legal = self.legal(price)
            ask = (
                legal if centre is None else self.smoothing * centre + (1 - self.smoothing) * legal
            )
            found, bound = self.improve(ask, keep, clock)
            if bound > best:
                best, centre = bound, ask
            added = self.add(found)
            if not added and centre is not None and ask is not legal:
                found, bound = self.improve(legal, keep, clock)
                added = self.add(found)
                if bound > best:
                    best, centre = bound, legal
            if not added or clock.over():
                break
            value, x, price = self.solve(clock)
            if value - best <= gap * max(1.0, abs(value + self.net.problem.constant)):
                break
        # Columns added after the last solution are at nought in it.
        x = np.pad(x, (0, self.fixed + len(self.columns) - len(x)))
        centre = price if centre is None else centre
        return Root(value, best, x, self.legal(price), centre, done)

    smoothing = 0.4

    def tie(self, x: Floats, least: float = 0.05) -> int:
        """Add rows "no visit without its start" that this solution breaks; returns how many."""
        net, p = self.net, self.net.problem
        visits: dict[tuple[int, int], float] = {}
        guides: dict[int, float] = {}
        for at, column in enumerate(self.columns):
            share = x[self.fixed + at]
            if share < EPS:
                continue
            for n in column.stops:
                if n in net.tie_of:
                    visits[column.worker, n] = visits.get((column.worker, n), 0.0) + share
                elif net.kind[n] == COACH:
                    guides[n] = guides.get(n, 0.0) + share
        broken = []
        for (w, n), share in visits.items():
            kind, to = net.tie_of[n]
            held = x[p.orders + to] if kind == "switch" else guides.get(to, 0.0)
            if share > held + least and (w, n) not in self.links:
                broken.append((w, n))
        for w, n in broken:
            self._add_link(w, n)
        return len(broken)

    def _add_link(self, w: int, n: int) -> None:
        net, p = self.net, self.net.problem
        kind, to = net.tie_of[n]
        row = len(net.upper) + len(self.links)
        entries: dict[int, float] = {}
        for at, column in enumerate(self.columns):
            here = float(column.worker == w and n in column.stops)
            here -= float(kind == "coach" and to in column.stops)
            if here:
                entries[self.fixed + at] = here
        if kind == "switch":
            entries[p.orders + to] = -1.0
            self.switch_links.setdefault(to, []).append(row)
        else:
            self.link_to.setdefault(to, []).append(row)
        self.links[w, n] = row
        self.highs.addRow(
            -INF,
            0.0,
            len(entries),
            np.array(list(entries), np.int32),
            np.array(list(entries.values())),
        )

    # ------------------------------------------------------------ whole numbers
    def whole(
        self, seconds: float, cutoff: float, reduced: Floats, incumbent: Sequence[Column] = ()
    ) -> tuple[list[Column], float]:
        """The best plan among columns whose reduced cost is at most `cutoff`.

        Returns its columns and the solver's own bound over those columns (inf: none better).
        """
        p = self.net.problem
        keep = np.flatnonzero(reduced[self.fixed :] <= cutoff)
        have = {(c.worker, c.window, *c.stops) for c in incumbent}
        at = {(c.worker, c.window, *c.stops): i for i, c in enumerate(self.columns)}
        chosen = sorted(set(keep.tolist()) | {at[key] for key in have if key in at})
        highs = _solver(self.seed)
        highs.passModel(self.highs.getLp())
        drop = np.setdiff1d(np.arange(len(self.columns)), chosen) + self.fixed
        if len(drop):
            highs.deleteCols(len(drop), drop.astype(np.int32))
        count = self.fixed + len(chosen)
        kinds = [highspy.HighsVarType.kInteger] * (count - p.orders)
        whole = np.arange(p.orders, count).astype(np.int32)
        highs.changeColsIntegrality(len(whole), whole, np.array(kinds))
        highs.setOptionValue("time_limit", seconds)
        highs.setOptionValue("mip_rel_gap", 0.0)
        highs.setOptionValue("mip_abs_gap", 0.99)
        if incumbent:
            start = highspy.HighsSolution()
            start.col_value = self._start(chosen, have)
            highs.setSolution(start)
        highs.run()
        info = highs.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return [], float(info.mip_dual_bound)
        x = highs.getSolution().col_value
        picked = [self.columns[c] for i, c in enumerate(chosen) if x[self.fixed + i] > 0.5]
        return picked, float(info.mip_dual_bound)

    def _start(self, chosen: Sequence[int], have: set[tuple[int, ...]]) -> list[float]:
        net, p = self.net, self.net.problem
        short = p.needed.astype(float).copy()
        switch = [0.0] * len(net.switches)
        x = []
        for i in chosen:
            column = self.columns[i]
            on = (column.worker, column.window, *column.stops) in have
            x.append(float(on))
            for n in column.stops if on else ():
                if net.kind[n] != COACH:
                    short[net.order[n]] -= 1
                kind, to = net.tie_of.get(n, ("", -1))
                if kind == "switch":
                    switch[to] = 1.0
        return [*short, *switch, *x]

    # ------------------------------------------------------------ fixing, round by round
    def reduced(self, price: Floats) -> Floats:
        """Reduced cost of every variable of the programme at these prices; empty places get 0."""
        net, p = self.net, self.net.problem
        value = self.values(price)
        found = np.zeros(self.fixed + len(self.columns))
        for at, column in enumerate(self.columns):
            stops = list(column.stops)
            travel = column.cost - int(p.pair_cost[column.worker, net.stop_order[stops]].sum())
            worth = value[column.worker, stops].sum()
            found[self.fixed + at] = travel - worth - price[column.worker]
        return found

    def start_shares(self, x: Floats) -> dict[int, dict[int, float]]:
        """How much of each order that must start together this solution puts on each start."""
        net, p = self.net, self.net.problem
        shares: dict[int, dict[int, float]] = {}
        for at, column in enumerate(self.columns):
            share = x[self.fixed + at]
            if share > EPS:
                for n in column.stops:
                    order, start = net.order[n], net.lo[n]
                    if p.synced[order] and net.hi[n] == start:
                        mine = shares.setdefault(order, {})
                        mine[start] = mine.get(start, 0.0) + share
        return shares

    def fix_starts(self, starts: dict[int, int]) -> None:
        """Allow each of these orders only its given start."""
        net, p = self.net, self.net.problem
        late = [n for n in range(net.count) if starts.get(net.order[n], net.lo[n]) != net.lo[n]]
        self.allowed[:, late] = False
        gone = set(late)
        drop = [
            self.fixed + at
            for at, column in enumerate(self.columns)
            if not gone.isdisjoint(column.stops)
        ]
        drop += [
            p.orders + i
            for i, (order, start, _) in enumerate(net.switches)
            if starts.get(order, start) != start
        ]
        self._bound(drop, 0.0, 0.0)

    def _bound(self, variables: Sequence[int], lower: float, upper: float) -> None:
        count = len(variables)
        if count:
            self.highs.changeColsBounds(
                count, np.array(variables, np.int32), np.full(count, lower), np.full(count, upper)
            )
            for v in variables:
                if v < self.fixed:
                    self.upper[v] = upper

    def fix_days(self, x: Floats, share: float) -> int:
        """Settle the days that this solution is surest of; returns how many workers.

        At least `share` of the workers still open, unless their days collide. A visit that needs
        a coach waits until the coach's day is settled.
        """
        net = self.net
        left, guided = self.left, self.guided
        open_days = [
            (x[self.fixed + at], at)
            for at, column in enumerate(self.columns)
            if self.free[column.worker] and x[self.fixed + at] > 0.05
        ]
        # Days with a coach's visit first: the others lean on them.
        open_days.sort(
            key=lambda d: (
                -round(d[0], 3),
                not any(net.kind[n] == COACH for n in self.columns[d[1]].stops),
            )
        )
        wanted = max(1, int(share * self.free.sum()))
        fixed: list[int] = []
        for value, at in open_days:
            if len(fixed) >= wanted and value < 0.99:
                break
            column = self.columns[at]
            if not self.free[column.worker]:
                continue
            hands = [net.order[n] for n in column.stops if net.kind[n] != COACH]
            ties = [
                net.tie_of[n][1] for n in column.stops if net.tie_of.get(n, ("",))[0] == "coach"
            ]
            if any(left[o] < 1 for o in hands) or any(n not in guided for n in ties):
                continue
            guides = [n for n in column.stops if net.kind[n] == COACH]
            if any(net.order[n] in {net.order[g] for g in guided} for n in guides):
                continue
            if not self._same_start(column):
                continue
            for o in hands:
                left[o] -= 1
            guided.update(guides)
            self.free[column.worker] = False
            self.chosen.append(column)
            fixed.append(self.fixed + at)
        self._bound(fixed, 1.0, 1.0)
        return len(fixed)

    def _same_start(self, column: Column) -> bool:
        net, p = self.net, self.net.problem
        synced = [n for n in column.stops if p.synced[net.order[n]] and net.lo[n] == net.hi[n]]
        if any(self.starts.get(net.order[n], net.lo[n]) != net.lo[n] for n in synced):
            return False
        self.starts.update({net.order[n]: net.lo[n] for n in synced})
        return True
