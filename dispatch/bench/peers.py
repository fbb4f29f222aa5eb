"""The same problem through other engines: as single visits, and back with everything mended.

The engines know no teams, no coaches and no agreed starts. Orders of several people become one
visit per place, all at the start that the greedy plan chose; a coach is a visit of its own. What
comes back is mended with the planner's own tools, so that each engine is judged at its best.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.visits import Visits
from dispatch.planning.greedy import Days, Route, Routes, Stop, coached, complete, greedy, held
from dispatch.planning.problem import Ints, Problem

# Engine -> adapter in bench/.
PEERS = {"vroom": "with_vroom", "ortools": "with_ortools", "pyvrp": "with_pyvrp"}
ROOT = Path(__file__).resolve().parents[2]
# Building the model and writing the answer; the engine's own limit is the seconds asked for.
SPARE_S = 900


class PeerFailed(RuntimeError):  # noqa: N818 - it is the peer that failed
    """The engine is not installed, ran out of time or memory, or gave no answer."""


@dataclass(frozen=True)
class Split:
    """A problem as single visits: `order` and `role` of each (V), `agreed` starts (O)."""

    visits: Visits
    order: Ints
    role: Ints
    agreed: Ints


def peer_python() -> str:
    """The Python that has the engines: ASKARE_BENCH_PYTHON, or this one."""
    return os.environ.get("ASKARE_BENCH_PYTHON", sys.executable)


def agreed_starts(problem: Problem, plan: Routes) -> Ints:
    """One start for each order whose people must agree (O): the plan's, or when most could come."""
    starts = np.full(problem.orders, -1, np.int32)
    for order, start in held(problem, plan).start.items():
        starts[order] = start
    for order in map(int, np.flatnonzero(problem.synced & (starts < 0))):
        free = np.zeros(int(problem.latest[order] - problem.earliest[order]) + 1, int)
        for w in np.flatnonzero(problem.able[:, order]):
            home = problem.home[w, order]
            for opens, closes in problem.windows[w]:
                first = max(opens + home - problem.earliest[order], 0)
                last = closes - home - problem.duration[order] - problem.earliest[order]
                free[first : max(last + 1, 0)] += 1
        starts[order] = problem.earliest[order] + int(np.argmax(free))
    return np.where(problem.synced, starts, -1).astype(np.int32)


def as_visits(problem: Problem) -> Split:
    """The problem as single visits.

    Raises:
        ValueError: for what the engines cannot express.
    """
    if any(len(windows) > 1 for windows in problem.windows) or problem.break_after_min.any():
        raise ValueError("only problems with one window a day and without breaks can be compared")
    agreed = agreed_starts(problem, greedy(problem))
    coach = np.flatnonzero(problem.coach_needed)
    order = np.concatenate([np.repeat(np.arange(problem.orders), problem.needed), coach])
    role = np.repeat([0, 1], [len(order) - len(coach), len(coach)])
    fixed = agreed[order] >= 0
    # Without its coach the whole order stays empty.
    prize = problem.unfilled_cost[order] * np.where(role == 1, problem.needed[order], 1)
    able = np.where(role == 1, problem.coach_able[:, order], problem.able[:, order])
    away = [windows[0] if windows else (0, 0) for windows in problem.windows]
    visits = Visits(
        earliest=np.where(fixed, agreed[order], problem.earliest[order]).astype(np.int64),
        latest=np.where(fixed, agreed[order], problem.latest[order]).astype(np.int64),
        duration=problem.duration[order].astype(np.int64),
        work_min=problem.duration_min[order].astype(np.int64),
        prize=prize.astype(np.int64),
        kind=(2 * order + role).astype(np.int64),
        able=able & np.array([bool(windows) for windows in problem.windows])[:, None],
        pair=problem.pair_cost[:, order].astype(np.int64),
        opens=np.array([a for a, _ in away], np.int64),
        closes=np.array([b for _, b in away], np.int64),
        max_work_min=problem.max_work_min.astype(np.int64),
        max_orders=np.full(problem.workers, problem.max_orders, np.int64),
        mode=problem.mode.astype(np.int64),
        home=problem.home[:, order].astype(np.int64),
        home_min=problem.home_min[:, order].astype(np.int64),
        leg=problem.leg[:, order[:, None], order[None, :]].astype(np.int64),
        leg_min=problem.leg_min[:, order[:, None], order[None, :]].astype(np.int64),
    )
    return Split(visits, order.astype(np.int32), role.astype(np.int32), agreed)


def mended(problem: Problem, split: Split, routes: list[list[int]]) -> Routes:
    """A plan from the engine's days: the impossible and the coach-less left out, gaps filled."""
    plan: Routes = {}
    served: set[int] = set()
    for w, mine in enumerate(routes):
        stops: list[Stop] = []
        for visit in mine:
            if visit in served:
                continue
            longer = [*stops, _stop(problem, split, visit)]
            known = {stop.order for stop in stops}
            if split.visits.able[w, visit] and longer[-1].order not in known:
                route = Route(w, 0, tuple(longer))
                if len(longer) <= problem.max_orders and Days(problem, [route]).travel[w] >= 0:
                    stops = longer
                    served.add(visit)
        if stops:
            plan[w] = Route(w, 0, tuple(stops))
    # A coach whose workers were left out goes too, and so on, until nobody is lonely.
    while (kept := coached(problem, plan)) != plan:
        plan = kept
    return complete(problem, plan)


def _stop(problem: Problem, split: Split, visit: int) -> Stop:
    order = int(split.order[visit])
    agreed = int(split.agreed[order])
    lo, hi = (agreed, agreed) if agreed >= 0 else (problem.earliest[order], problem.latest[order])
    return Stop(order, int(split.role[visit]), int(lo), int(hi))


def solve_with(peer: str, split: Split, seconds: float, seed: int) -> dict[str, Any]:
    """The peer's answer: routes, wall_s, cpu_s, peak_mb, version.

    Raises:
        PeerFailed: the engine gave no answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder) / "visits.npz", Path(folder) / "answer.json"
        split.visits.save(asked)
        call = [peer_python(), "-m", f"bench.{PEERS[peer]}", asked, f"{seconds}", f"{seed}", answer]
        try:
            subprocess.run(
                [str(part) for part in call],
                cwd=ROOT,
                check=True,
                capture_output=True,
                text=True,
                timeout=seconds + SPARE_S,
            )
        except OSError as error:
            raise PeerFailed(f"{peer}: {error}") from error
        except subprocess.TimeoutExpired as error:
            raise PeerFailed(f"{peer}: no answer in time") from error
        except subprocess.CalledProcessError as error:
            why = (error.stderr or "").strip().splitlines() or [f"exit {error.returncode}"]
            raise PeerFailed(f"{peer}: {why[-1]}") from error
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return found
