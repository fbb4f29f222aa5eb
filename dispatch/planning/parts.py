"""Parts of a problem: neighbourhoods solved exactly, pieces that share nothing solved apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dispatch.planning import columns as lp
from dispatch.planning.greedy import Route, Routes, Stop, cost, held
from dispatch.planning.groups import groups
from dispatch.planning.problem import Problem
from dispatch.planning.stopwatch import Share, Stopwatch

# Most days in the whole-number programme of a neighbourhood, and its seconds.
POOL = 3000
WHOLE_S = 1.5


def solve_part(
    problem: Problem, routes: Routes, team: list[int], watch: Stopwatch, seed: int
) -> Routes | None:
    """The best days of `team` while all others keep theirs; None when nothing was found.

    Orders that others serve in part keep their start; a coach whom others lean on stays out.
    """
    part = Part(problem, routes, team)
    if not part.team or not part.orders:
        return None
    net = lp.Network(part.problem)
    master = lp.Master(net, seed)
    mine = [net.column(r) for r in part.routes.values()]
    master.add(mine)
    clock = Share(watch, watch.seconds)
    root = master.converge(clock, 0.0002)
    while master.tie(root.x) and not clock.over():
        root = master.converge(clock, 0.0002)
    now = cost(part.problem, part.routes)
    if root.bound > now - 0.9999 or clock.over():
        return None
    width = master.widen(root.price, now - root.bound, POOL)
    picked, _ = master.whole(
        watch.wall(min(WHOLE_S, watch.left() + 0.1)), width, master.reduced(root.price), mine
    )
    if not picked:
        return None
    return part.merge({c.worker: net.route(c) for c in picked})


def _movable(problem: Problem, routes: Routes, inside: set[int]) -> set[int]:
    """Workers of `inside` that share no coached order with anyone outside."""
    while True:
        others = held(problem, {w: r for w, r in routes.items() if w not in inside})
        tied = {
            w
            for w in inside
            for stop in (routes[w].stops if w in routes else ())
            if (stop.role == 1 and others.hands[stop.order])
            or (stop.role == 0 and problem.new[w] and stop.order in others.coach)
        }
        if not tied:
            return inside
        inside = inside - tied


class Part:
    """A problem cut down to some workers and the orders that they serve or could."""

    def __init__(self, problem: Problem, routes: Routes, team: list[int]) -> None:
        inside = _movable(problem, routes, set(team))
        self.whole, self.outside = problem, {w: r for w, r in routes.items() if w not in inside}
        self.team = sorted(inside)
        others = held(problem, self.outside)
        lacking = problem.needed - others.hands
        reach = np.any(problem.able[self.team], axis=0)
        self.orders = [int(o) for o in np.flatnonzero((lacking > 0) & reach)]
        at = {o: i for i, o in enumerate(self.orders)}
        ix = np.ix_(self.team, self.orders)
        earliest, latest = problem.earliest[self.orders], problem.latest[self.orders]
        coach_needed = problem.coach_needed[self.orders].copy()
        able, coach_able = problem.able[ix].copy(), problem.coach_able[ix].copy()
        for order, slot in others.start.items():
            if order in at:
                earliest[at[order]] = latest[at[order]] = slot
        for order in others.coach:
            if order in at:
                coach_needed[at[order]] = False
                coach_able[:, at[order]] = False
        # A beginner's visit needs a coach inside; who has one outside stays outside as well.
        alone = coach_able.sum(axis=0) == 0
        able &= ~(problem.new[self.team][:, None] & alone[None, :])
        orders = np.array(self.orders, int)
        self.problem = replace(
            problem,
            worker_ids=tuple(problem.worker_ids[w] for w in self.team),
            order_ids=tuple(problem.order_ids[o] for o in self.orders),
            mode=problem.mode[self.team],
            windows=tuple(problem.windows[w] for w in self.team),
            ends_min=tuple(problem.ends_min[w] for w in self.team),
            max_work_min=problem.max_work_min[self.team],
            break_after_min=problem.break_after_min[self.team],
            break_min=problem.break_min[self.team],
            duration_min=problem.duration_min[orders],
            earliest=earliest,
            latest=latest,
            needed=lacking[orders],
            coach_needed=coach_needed,
            new=problem.new[self.team],
            able=able,
            coach_able=coach_able,
            pair_cost=problem.pair_cost[ix],
            unfilled_cost=problem.unfilled_cost[orders],
            home_min=problem.home_min[ix],
            leg_min=problem.leg_min[:, orders[:, None], orders[None, :]],
            locked=(),
            constant=0,
            source=None,
        )
        self.routes = {
            i: Route(i, routes[w].window, tuple(self._stop(s, at) for s in routes[w].stops))
            for i, w in enumerate(self.team)
            if w in routes
        }

    @staticmethod
    def _stop(stop: Stop, at: dict[int, int]) -> Stop:
        return Stop(at[stop.order], stop.role, stop.lo, stop.hi)

    def merge(self, routes: Routes) -> Routes:
        """The whole plan with these days for the team."""
        merged = dict(self.outside)
        for i, route in routes.items():
            w = self.team[i]
            stops = tuple(Stop(self.orders[s.order], s.role, s.lo, s.hi) for s in route.stops)
            merged[w] = Route(w, route.window, stops)
        return merged


def components(problem: Problem) -> list[tuple[int, ...]]:
    """Groups of workers (indexes) such that no order could use people of two groups.

    Workers who can do nothing are in no group. Biggest group first.
    """
    return groups(np.asarray(problem.able | problem.coach_able))


def split(problem: Problem) -> list[Part]:
    """The problem cut into its components, exact: the plans and bounds of the parts add up."""
    return [Part(problem, {}, list(team)) for team in components(problem)]


def join(parts: Sequence[Part], plans: Sequence[Routes]) -> Routes:
    """The plans of the parts as one plan of the whole problem."""
    whole: Routes = {}
    for part, routes in zip(parts, plans, strict=True):
        whole |= part.merge(routes)
    return whole
