"""A plan at once: orders in falling worth, each to those who get there cheapest.

Also the home of `Routes`, the form in which every part of the planner passes plans on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.kernel import NEVER, cheapest_places, day_travel
from dispatch.planning.problem import COACH, HANDS, Assignment, Ints, Problem, ProblemError


@dataclass(frozen=True)
class Stop:
    """One order in a worker's day: role 0 takes a place, 1 coaches; start in slots, [lo, hi]."""

    order: int
    role: int
    lo: int
    hi: int


@dataclass(frozen=True)
class Route:
    """A worker's day: the window they are away in and the stops in order."""

    worker: int
    window: int
    stops: tuple[Stop, ...]


Routes = dict[int, Route]


class Days:
    """The days of all workers while a plan is being built."""

    def __init__(self, problem: Problem, routes: Iterable[Route] = ()) -> None:
        self.problem = problem
        width = (problem.workers, problem.max_orders)
        self.length = np.zeros(problem.workers, np.int32)
        self.order = np.zeros(width, np.int32)
        self.role = np.zeros(width, np.int32)
        self.lo = np.zeros(width, np.int32)
        self.hi = np.zeros(width, np.int32)
        self.travel = np.zeros(problem.workers, np.int32)
        self.window = np.zeros(problem.workers, np.int32)
        self.extra = np.zeros(problem.workers, np.int32)
        self.place = np.zeros(problem.workers, np.int32)
        self.place_window = np.zeros(problem.workers, np.int32)
        flat = [window for windows in problem.windows for window in windows]
        self.win_ptr = np.cumsum([0, *(len(ws) for ws in problem.windows)]).astype(np.int32)
        self.win_open = np.array([a for a, _ in flat], np.int32)
        self.win_close = np.array([end for ends in problem.ends_min for end in ends], np.int32)
        for route in routes:
            w = route.worker
            self.length[w], self.window[w] = len(route.stops), route.window
            for i, stop in enumerate(route.stops):
                self.order[w, i], self.role[w, i] = stop.order, stop.role
                self.lo[w, i], self.hi[w, i] = stop.lo, stop.hi
            self.travel[w] = self.timed(w)[0]

    def timed(self, w: int) -> tuple[int, Ints]:
        """Travel minutes (-1: impossible) and starts in slots of a worker's day."""
        p, starts = self.problem, np.zeros(self.problem.max_orders, np.int32)
        at = self.win_ptr[w] + self.window[w]
        if not self.length[w]:
            return 0, starts
        travel = day_travel(
            self.length[w], self.order[w], self.lo[w], self.hi[w], starts, self.win_open[at],
            self.win_close[at], p.duration, p.duration_min, p.home[w], p.home_min[w],
            p.leg[p.mode[w]], p.leg_min[p.mode[w]], p.max_work_min[w], p.break_after_min[w],
            p.break_min[w], p.slot_min,
        )  # fmt: skip
        return int(travel), starts

    def offers(self, order: int, role: int, lo: int, hi: int) -> NDArray[np.int32]:
        """What the order would add to each worker's day (W); NEVER where it cannot be."""
        p = self.problem
        able = (p.coach_able if role else p.able)[:, order]
        cheapest_places(
            order, lo, hi, able, p.pair_cost[:, order], self.length, self.order, self.lo, self.hi,
            self.travel, self.window, self.win_ptr, self.win_open, self.win_close, p.duration,
            p.duration_min, p.home, p.home_min, p.leg, p.leg_min, p.mode, p.max_work_min,
            p.max_orders, p.break_after_min, p.break_min, p.slot_min, self.extra, self.place,
            self.place_window,
        )  # fmt: skip
        return self.extra.copy()

    def insert(self, w: int, order: int, role: int, lo: int, hi: int) -> None:
        """Put the order where the last `offers` for it said."""
        at, count = int(self.place[w]), int(self.length[w])
        for array, value in ((self.order, order), (self.role, role), (self.lo, lo), (self.hi, hi)):
            array[w, at + 1 : count + 1] = array[w, at:count]
            array[w, at] = value
        self.length[w], self.window[w] = count + 1, self.place_window[w]
        self.travel[w] = self.timed(w)[0]

    def routes(self) -> Routes:
        """The days as routes, only of workers who have any order."""
        return {
            int(w): Route(
                int(w),
                int(self.window[w]),
                tuple(
                    Stop(*(int(a[w, i]) for a in (self.order, self.role, self.lo, self.hi)))
                    for i in range(self.length[w])
                ),
            )
            for w in np.flatnonzero(self.length)
        }


@dataclass(frozen=True)
class Held:
    """What routes already give each order: hands (O), the coach's worker, the agreed start."""

    hands: Ints
    coach: dict[int, int]
    start: dict[int, int]


def held(problem: Problem, routes: Routes) -> Held:
    """Who serves which order in these routes; starts only where people must agree on one."""
    hands, coach, start = np.zeros(problem.orders, np.int32), {}, {}
    for w, route in routes.items():
        for stop in route.stops:
            if stop.role:
                coach[stop.order] = w
            else:
                hands[stop.order] += 1
            if stop.lo == stop.hi:
                start[stop.order] = stop.lo
    return Held(hands, coach, start)


def _crew(
    days: Days, order: int, lo: int, hi: int, places: int, *, guided: bool
) -> tuple[int, list[int], int]:
    """Gain, workers and coach (-1: none) of the best crew for the order within [lo, hi]."""
    p, worth = days.problem, int(days.problem.unfilled_cost[order])
    offers = days.offers(order, 0, lo, hi)
    ranked = np.argsort(offers, kind="stable")[: places + p.needed[order] + 1]
    hands = [int(w) for w in ranked if offers[w] < worth]
    alone = [w for w in hands if guided or not p.new[w]][:places]
    choices = []
    if guided or not p.coach_needed[order]:
        choices.append((sum(worth - int(offers[w]) for w in alone), alone, -1))
    if hands and not guided and p.coach_able[:, order].any():
        trips = days.offers(order, 1, lo, hi)
        for coach in np.argsort(trips, kind="stable")[:3]:
            crew = [w for w in hands if w != coach][:places]
            if trips[coach] < NEVER and crew:
                gain = sum(worth - int(offers[w]) for w in crew) - int(trips[coach])
                choices.append((gain, crew, int(coach)))
    return max(choices, key=lambda c: c[0], default=(0, [], -1))


def fill(days: Days, orders: Iterable[int], have: Held) -> None:
    """Insert each order in turn, at the start where its crew gains most.

    `have` says what others already give the orders; agreed starts stay.
    """
    p = days.problem
    for order in orders:
        lo, hi = int(p.earliest[order]), int(p.latest[order])
        if order in have.start:
            lo = hi = have.start[order]
        starts = [(t, t) for t in range(lo, hi + 1)] if p.synced[order] else [(lo, hi)]
        places, guided = int(p.needed[order] - have.hands[order]), order in have.coach
        best: tuple[int, list[int], int] = (0, [], -1)
        at = (lo, hi)
        for start in starts:
            crew = _crew(days, order, *start, places, guided=guided)
            if crew[0] > best[0]:
                best, at = crew, start
        for w in best[1]:
            days.offers(order, 0, *at)
            days.insert(w, order, 0, *at)
        if best[2] >= 0:
            days.offers(order, 1, *at)
            days.insert(best[2], order, 1, *at)


def greedy(problem: Problem) -> Routes:
    """A whole plan by cheapest insertion, the dearest orders first."""
    return complete(problem, {})


def lonely(problem: Problem, routes: Routes, have: Held) -> set[int]:
    """Orders with hands in these routes that need a coach and have none."""
    served = problem.coach_needed & (have.hands > 0)
    for w in routes:
        if problem.new[w]:
            served[[s.order for s in routes[w].stops if not s.role]] = True
    return {int(o) for o in np.flatnonzero(served)} - have.coach.keys()


def complete(problem: Problem, routes: Routes) -> Routes:
    """The routes with every empty place filled that still can be, the dearest orders first.

    A coach comes first to those who lack one; whoever still lacks one goes.
    """
    days, have = Days(problem, routes.values()), held(problem, routes)
    for order in sorted(lonely(problem, routes, have)):
        slot = have.start.get(order, int(problem.earliest[order]))
        trips = days.offers(order, 1, slot, slot)
        if trips.size and trips.min() < NEVER:
            days.insert(int(trips.argmin()), order, 1, slot, slot)
    routes = days.routes()
    have = held(problem, routes)
    if lonely(problem, routes, have):
        routes = coached(problem, routes)
        days, have = Days(problem, routes.values()), held(problem, routes)
    fixed = {a.order for a in problem.locked}
    worth = problem.unfilled_cost * np.minimum(problem.needed, 2)
    ranked = sorted(
        (int(o) for o in np.flatnonzero(have.hands < problem.needed)),
        key=lambda o: (o not in fixed, -worth[o], o),
    )
    fill(days, ranked, have)
    return days.routes()


def coached(problem: Problem, routes: Routes) -> Routes:
    """The routes without the visits that lack their coach and the coaches nobody needs."""
    have = held(problem, routes)
    alone = lonely(problem, routes, have)
    needs = lonely(problem, routes, replace(have, coach={}))

    def stays(w: int, stop: Stop) -> bool:
        if stop.role:
            return stop.order in needs
        leans = problem.coach_needed[stop.order] or problem.new[w]
        return not (leans and stop.order in alone)

    kept = {
        w: Route(w, route.window, tuple(s for s in route.stops if stays(w, s)))
        for w, route in routes.items()
    }
    return {w: route for w, route in kept.items() if route.stops}


def as_routes(problem: Problem, rows: Collection[Assignment]) -> Routes:
    """The assignments as routes.

    Raises:
        ProblemError: a worker is not available then.
    """
    days: dict[int, list[Assignment]] = {}
    for a in rows:
        days.setdefault(a.worker, []).append(a)
    routes: Routes = {}
    for w, day in days.items():
        day.sort(key=lambda a: a.start_min)
        first = day[0].start_min // problem.slot_min
        windows = [v for v, (a, b) in enumerate(problem.windows[w]) if a <= first <= b]
        if not windows:
            raise ProblemError("locked", f"{problem.worker_ids[w]} is not available then")
        stops = []
        for a in day:
            slot = a.start_min // problem.slot_min
            stops.append(Stop(a.order, int(a.role == COACH), slot, slot))
        routes[w] = Route(w, windows[0], tuple(stops))
    return routes


def cost(problem: Problem, routes: Routes) -> int:
    """What the routes cost with every empty place, in the problem's own units."""
    days, total = Days(problem, routes.values()), 0
    short = problem.needed.astype(int).copy()
    for w, route in routes.items():
        if days.travel[w] < 0:
            raise ValueError(f"the day of worker {w} cannot be done")
        total += int(days.travel[w])
        for stop in route.stops:
            total += int(problem.pair_cost[w, stop.order])
            short[stop.order] -= stop.role == 0
    return total + int((short * problem.unfilled_cost).sum()) + problem.constant


def assignments(problem: Problem, routes: Routes) -> tuple[Assignment, ...]:
    """The routes as assignments with starts in minutes of the day."""
    days, found = Days(problem, routes.values()), []
    for w, route in routes.items():
        starts = days.timed(w)[1]
        for i, stop in enumerate(route.stops):
            role = COACH if stop.role else HANDS
            found.append(Assignment(stop.order, w, role, int(starts[i]) * problem.slot_min))
    return tuple(sorted(found))
