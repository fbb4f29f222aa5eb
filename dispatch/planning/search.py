"""The search for a good plan, ready to stop at any moment with the best so far.

Greedy first; then prices and a bound for the whole problem; a dive that settles starts and days
round by round; then all days that a better plan could use, solved in whole numbers, which often
proves the plan the best possible; then neighbourhoods solved exactly, again and again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dispatch.planning import columns as lp
from dispatch.planning.greedy import Days, Routes, as_routes, coached, complete, cost, held
from dispatch.planning.jit import SOLVER
from dispatch.planning.parts import join, solve_part, split
from dispatch.planning.problem import COACH, Bools, Problem, ProblemError
from dispatch.planning.stopwatch import Share, Stopwatch

# So few workers left open, a dive ends in whole numbers.
OPEN = 25
# Most days in one whole-number programme of the whole problem.
POOL = 8_000
# The prize on a locked pair stays below this, so that whole numbers keep their room.
MOST_LOCK = 50_000_000
# Relative distance between programme and bound at which pricing stops; coarser while diving.
FINE, COARSE, EXACT = 0.0005, 0.002, 1e-6
# With less than this share of what the bound takes, prices say too little to build a plan on;
# where starts are to be agreed they help sooner (measured).
HASTE, HASTE_STARTS = 0.45, 0.1
# Largest share of the open days that a dive settles at a time: more spoils the plan.
DAYS_MOST = 0.3


@dataclass(frozen=True)
class Progress:
    """What a running search has: its stage, best cost and proven bound (None: none yet)."""

    stage: str
    objective: int
    bound: int | None
    seconds: float


@dataclass(frozen=True)
class Result:
    """A finished search. `bound` holds for the whole problem, `bound_starts_fixed` only for
    the starts that the plan chose; both are None when nothing was proven."""

    problem: Problem
    routes: Routes
    objective: int
    bound: int | None
    bound_starts_fixed: int | None
    seconds: float
    stopped_by: str
    rounds: int

    @property
    def gap(self) -> float | None:
        """How far the plan may be from the best possible, as a share of the bound."""
        if self.bound is None:
            return None
        return (self.objective - self.bound) / max(1, abs(self.bound))

    @property
    def proven(self) -> bool:
        """True when no plan is better."""
        return self.bound is not None and self.bound >= self.objective


OnProgress = Callable[[Progress], None]


def search(
    problem: Problem, watch: Stopwatch, seed: int = 0, on_progress: OnProgress | None = None
) -> Result:
    """The best plan found before the stopwatch ends; same seed and rounds give the same plan."""
    problem = with_locks(problem)
    if len(split(problem)) > 1:
        return _apart(problem, watch, seed, on_progress)
    return Search(problem, watch, seed, on_progress).run()


def _apart(problem: Problem, watch: Stopwatch, seed: int, on_progress: OnProgress | None) -> Result:
    """Solve the pieces one by one; their costs and bounds add up to those of the whole."""
    parts = split(problem)
    whole = Search(problem, watch, seed, on_progress)
    whole.offer(complete(problem, as_routes(problem, problem.locked)))
    left = sum(len(part.team) * len(part.orders) for part in parts)
    reached = {order for part in parts for order in part.orders}
    # Nobody can do these: they cost the same in every plan.
    empty = [o for o in range(problem.orders) if o not in reached]
    bound = fixed = int((problem.unfilled_cost * problem.needed)[empty].sum()) + problem.constant
    plans, proven, rounds = [], True, 0
    for part in parts:
        size = len(part.team) * len(part.orders)
        mine = replace(watch, seconds=watch.left() * size / max(1, left))
        result = Search(part.problem, mine, seed).run()
        left -= size
        rounds += result.rounds
        plans.append(result.routes)
        if result.bound is None:
            proven = False
        else:
            bound += result.bound
            fixed += result.bound_starts_fixed or result.bound
    whole.offer(join(parts, plans))
    if proven:
        whole.prove(bound - problem.constant)
        whole.bound_starts = fixed - problem.constant
    watch.done += rounds
    return whole.result()


def with_locks(problem: Problem) -> Problem:
    """The problem with a prize on each locked pair and its start fixed; costs stay the same.

    The prize is more than all that one worker's whole day could win otherwise.

    Raises:
        ProblemError: the locked assignments cannot all be kept.
    """
    if not problem.locked:
        return problem
    days = Days(problem, as_routes(problem, problem.locked).values())
    for w in {lock.worker for lock in problem.locked}:
        if days.travel[w] < 0:
            raise ProblemError("locked", f"{problem.worker_ids[w]} cannot do all of these that day")
    prize = 10_000 + problem.max_orders * int((problem.unfilled_cost * problem.needed).max())
    prize = min(prize, MOST_LOCK)
    pair, earliest, latest = (
        problem.pair_cost.copy(),
        problem.earliest.copy(),
        problem.latest.copy(),
    )
    able, coach_able = problem.able.copy(), problem.coach_able.copy()
    for lock in problem.locked:
        start = lock.start_min // problem.slot_min
        if not earliest[lock.order] <= start <= latest[lock.order]:
            raise ProblemError("locked", f"{problem.order_ids[lock.order]} cannot start then")
        mine, other = (coach_able, able) if lock.role == COACH else (able, coach_able)
        if not mine[lock.worker, lock.order]:
            who, what = problem.worker_ids[lock.worker], problem.order_ids[lock.order]
            raise ProblemError("locked", f"{who} may not be on {what}")
        pair[lock.worker, lock.order] -= prize
        earliest[lock.order] = latest[lock.order] = start
        other[lock.worker, lock.order] = False
    return replace(
        problem,
        pair_cost=pair,
        earliest=earliest,
        latest=latest,
        able=able,
        coach_able=coach_able,
        constant=problem.constant + prize * len(problem.locked),
    )


class Search:
    """One search: the best plan so far, what is proven, and the steps that improve both."""

    def __init__(
        self,
        problem: Problem,
        watch: Stopwatch,
        seed: int = 0,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.problem, self.watch, self.seed, self.on_progress = problem, watch, seed, on_progress
        self.rng = np.random.default_rng(seed)
        self.away = np.array([bool(windows) for windows in problem.windows], bool)
        self.routes: Routes = {}
        self.objective = cost(problem, {})
        # Bounds leave out the problem's constant, as the programme does.
        self.bound = -math.inf
        self.bound_starts = -math.inf
        self.stage = "greedy"
        self.tried = math.inf
        # Seconds that a round of pricing took lately.
        self.pace = 0.0
        # Workers in a neighbourhood; follows the time that one takes.
        self.size = 12.0 if problem.synced.any() else 50.0

    # ------------------------------------------------------------ what is known
    def offer(self, routes: Routes) -> None:
        """Take the routes when they are better than the best so far."""
        value = cost(self.problem, routes)
        if value < self.objective:
            self.objective, self.routes = value, routes
            self.tell()

    def prove(self, bound: float) -> None:
        """Keep the best bound; costs are whole numbers."""
        if math.isfinite(bound):
            self.bound = max(self.bound, math.ceil(bound - 1e-4))

    @property
    def varying(self) -> int:
        """The best cost without the problem's constant."""
        return self.objective - self.problem.constant

    @property
    def done(self) -> bool:
        """True when nothing is left to find, or no time."""
        return self.bound >= self.varying or self.watch.over()

    def tell(self) -> None:
        """Report progress."""
        if self.on_progress:
            self.on_progress(
                Progress(self.stage, self.objective, self._whole(self.bound), self.watch.used())
            )

    def _whole(self, bound: float) -> int | None:
        # Costs are seldom below nought: such a bound is one of prices that hardly began.
        if bound + self.problem.constant < min(0, self.objective):
            return None
        return min(self.objective, int(math.ceil(bound - 1e-4)) + self.problem.constant)

    def result(self) -> Result:
        """Where the search stands."""
        by = "proof" if self.bound >= self.varying else "time" if self.watch.over() else "rounds"
        by = by if SOLVER else "greedy"
        return Result(
            self.problem, self.routes, self.objective, self._whole(self.bound),
            self._whole(max(self.bound, self.bound_starts)), self.watch.used(), by, self.watch.done,
        )  # fmt: skip

    # ------------------------------------------------------------ steps
    def run(self) -> Result:
        """All steps, as many as the time allows."""
        p = self.problem
        self.offer(complete(p, as_routes(p, p.locked)))
        if SOLVER and self.problem.orders and self.problem.workers and not self.watch.over():
            self._improve()
        return self.result()

    def _enter(self, stage: str) -> None:
        self.stage = stage
        self.tell()

    def _improve(self) -> None:
        takes = self._root_seconds()
        master = None
        haste = HASTE_STARTS if self.problem.synced.any() else HASTE
        if self.watch.seconds < haste * takes:
            self._enter("sweep")
            self._sweep()
        else:
            master = self._whole_problem()
        if not self.done:
            self._enter("neighbourhoods")
            self._neighbourhoods(master)

    def _whole_problem(self) -> lp.Master:
        net = lp.Network(self.problem)
        master = lp.Master(net, self.seed)
        master.add(net.column(route) for route in self.routes.values())
        self._enter("bound")
        root = self._paced(master, self._share(0.5), FINE)
        self.prove(root.bound)
        self._round_up(master, root)
        self._enter("dive")
        dived = self._dive(master, root)
        if not self.done and (self.problem.synced.any() or self.problem.coach_needed.any()):
            self._enter("ties")
            root = self._ties(master, root)
            if self.problem.synced.any() and self.watch.left() > 2 * dived:
                self._enter("dive")
                self._dive(master, root)
        for step in (self._close, self._settle, self._close):
            if not self.done:
                self._enter(step.__name__.strip("_"))
                step(master)
        return master

    def _share(self, part: float) -> Share:
        return Share(self.watch, self.watch.used() + part * self.watch.left())

    def _root_seconds(self) -> float:
        """Rough seconds until the whole problem has a bound (measured: 12 s at 500 x 800)."""
        p = self.problem
        starts = int((p.latest - p.earliest)[p.synced].sum())
        return 12.0 * (p.workers * (p.orders + starts) / 400_000) ** 1.3

    def _sweep(self) -> None:
        """Each worker once, in neighbourhoods that do not overlap."""
        fresh = self.away.copy()
        while fresh.any() and not self.watch.over():
            team = self._team(int(self.size), fresh)
            fresh[team] = False
            self._solve(team)

    def _ties(self, master: lp.Master, root: lp.Root) -> lp.Root:
        """A better bound: no visit without its start, where the solution breaks that."""
        master.release()
        clock = self._share(0.3)
        for _ in range(15):
            root = master.converge(clock, FINE)
            self.prove(root.bound)
            self.tell()
            if clock.over() or not master.tie(root.x):
                break
        return root

    def _take(self, master: lp.Master, picked: list[lp.Column]) -> None:
        self.offer({c.worker: master.net.route(c) for c in picked})

    def _round_up(self, master: lp.Master, root: lp.Root) -> None:
        """The surest days of a solution, the rest filled in greedily."""
        master.fix_days(root.x, 1.0)
        picked = {c.worker: master.net.route(c) for c in master.chosen}
        master.release()
        self.offer(complete(self.problem, coached(self.problem, picked)))

    def _dive(self, master: lp.Master, root: lp.Root) -> float:
        """Settle starts, then days, round by round; the last workers by whole numbers.

        Returns the seconds that it took.
        """
        began, clock = self.watch.used(), self._share(1.0)
        master.release()
        known: set[int] = set()
        while not clock.over():
            shares = master.start_shares(root.x)
            open_ = []
            for order, share in shares.items():
                if order not in known:
                    start = max(share, key=lambda t: share[t])
                    open_.append((share[start] / sum(share.values()), order, start))
            if not open_:
                break
            open_.sort(reverse=True)
            part = self._portion(0.25, len(open_), 1, 0.5, 4)
            count = max(1, int(part * len(open_)))
            new = {o: s for i, (sure, o, s) in enumerate(open_) if i < count or sure > 0.99}
            known.update(new)
            master.fix_starts(new)
            root = self._paced(master, clock, COARSE, rounds=4)
            if not clock.over() and master.tie(root.x):
                root = self._paced(master, clock, COARSE, rounds=4)
        while master.free.sum() > OPEN and not clock.over():
            part = self._portion(0.12, int(master.free.sum()), OPEN, 0.9, 3)
            if not master.fix_days(root.x, min(part, DAYS_MOST)):
                break
            root = self._paced(master, clock, FINE, rounds=3)
        picked, _ = master.whole(min(5.0, self.watch.left()), math.inf, master.reduced(root.price))
        if picked:
            self._take(master, picked)
        else:
            self._round_up(master, root)
        return self.watch.used() - began

    def _portion(self, least: float, now: int, then: int, part: float, rounds: int) -> float:
        """Share to settle at a time to come from `now` to `then` in a `part` of what is left.

        At leisure it is `least`; `rounds` of pricing follow each time.
        """
        if self.watch.rounds is not None:
            return least
        times = part * self.watch.left() / max(1e-3, rounds * self.pace)
        return max(least, 1.0 - (then / max(now, then)) ** (1.0 / max(1.0, times)))

    def _paced(self, master: lp.Master, clock: Share, gap: float, rounds: int = 400) -> lp.Root:
        """Converge, and remember the seconds that a round took."""
        began = self.watch.used()
        root = master.converge(clock, gap, rounds=rounds)
        self.pace = (self.watch.used() - began) / max(1, root.rounds)
        return root

    def _close(self, master: lp.Master) -> None:
        """Prove the plan the best possible, or find a better: all days that could be in one.

        Tried again only when a fifth of the gap has gone since.
        """
        if self.varying > self.tried - 0.2 * (self.tried - self.bound):
            return
        master.release()
        self.tried = self.varying
        root = master.converge(self._share(0.5), EXACT)
        self.prove(root.bound)
        if self.done:
            return
        mine = [master.net.column(route) for route in self.routes.values()]
        master.add(mine)
        width = master.widen(root.price, self.varying - root.bound, POOL)
        picked, bound = master.whole(
            self.watch.wall(min(12.0, 0.5 * self.watch.left())),
            width,
            master.reduced(root.price),
            mine,
        )
        if picked:
            self._take(master, picked)
        # A plan that uses any other day costs more than the bound and the width together.
        self.prove(min(bound, root.bound + width, self.varying))

    def _settle(self, master: lp.Master) -> None:
        """Keep the starts of the best plan and solve everything else again."""
        p = self.problem
        agreed = held(p, self.routes).start
        starts = {order: start for order, start in agreed.items() if p.synced[order]}
        if not starts:
            return
        master.release()
        master.fix_starts(starts)
        clock = self._share(0.5)
        master.add([master.net.column(route) for route in self.routes.values()])
        root = master.converge(clock, FINE)
        self.bound_starts = root.bound
        while master.free.sum() > 4 * OPEN and not clock.over():
            if not master.fix_days(root.x, 0.12):
                break
            root = master.converge(clock, FINE, rounds=3)
        if not clock.over():
            picked, _ = master.whole(
                self.watch.wall(min(6.0, 0.3 * self.watch.left())),
                math.inf,
                master.reduced(root.price),
            )
            if picked:
                self._take(master, picked)
        master.release()

    def _neighbourhoods(self, master: lp.Master | None) -> None:
        """Small teams' days solved exactly."""
        watch = self.watch
        while not self.done and (watch.rounds is None or watch.done < watch.rounds):
            watch.done += 1
            self._solve(self._team(int(self.size), self.away))
            if master and watch.done % 40 == 0:
                self._close(master)

    def _solve(self, team: list[int]) -> None:
        watch, began = self.watch, self.watch.used()
        better = solve_part(self.problem, self.routes, team, watch, self.seed)
        if better is not None:
            self.offer(better)
        spent = watch.used() - began
        if watch.rounds is None and spent < 0.25:
            self.size = min(self.problem.workers, self.size * (1.05 if spent > 0.1 else 1.3))
        elif watch.rounds is None and spent > 0.6:
            self.size = max(6.0, self.size * 0.9)

    def _team(self, size: int, among: Bools) -> list[int]:
        """Workers who could rearrange their days together around one order, most often an
        order with an empty place."""
        p = self.problem
        empty = np.flatnonzero((held(p, self.routes).hands < p.needed) & p.able.any(axis=0))
        if len(empty) and self.rng.random() < 0.7:
            order = int(self.rng.choice(empty))
        else:
            order = int(self.rng.integers(p.orders))
        near = np.where(p.able[:, order] | p.coach_able[:, order], p.home_min[:, order], 9999)
        near = near + self.rng.integers(0, 15, p.workers)
        ranked = np.argsort(np.where(among, near, 1 << 20), kind="stable")
        team = [int(w) for w in ranked[: min(size, int(among.sum()))]]
        return self._with_coaches(team, among)

    def _with_coaches(self, team: list[int], among: Bools) -> list[int]:
        """The team, its coaches, and everyone those coaches accompany.

        A coach could not be moved without the workers that they accompany.
        """
        crew: dict[int, list[int]] = {}
        for w, route in self.routes.items():
            for stop in route.stops:
                crew.setdefault(stop.order, []).append(w)
        wider = set(team)
        for _ in range(2):
            for order in held(self.problem, self.routes).coach:
                if not wider.isdisjoint(crew[order]):
                    wider.update(w for w in crew[order] if among[w])
            if len(wider) > 2 * len(team):
                break
        return sorted(wider)
