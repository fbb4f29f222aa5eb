"""What every other engine is given: single visits with fixed windows, and people who may do them.

V visits, W workers, M modes of travel; times in slots, costs and travel in minutes. Written and
read back by `dispatch/bench/peers.py`, which also says how a problem becomes visits.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Scales the costs of a pair of places nobody may go between; dearer than any prize.
FORBIDDEN = 100_000
# The visits of each worker, in order.
Routes = list[list[int]]


@dataclass(frozen=True)
class Visits:
    """`prize` (V): what leaving the visit out costs. `able` and `pair` (W, V)."""

    earliest: Ints
    latest: Ints
    duration: Ints
    work_min: Ints
    prize: Ints
    kind: Ints
    able: Bools
    pair: Ints
    opens: Ints
    closes: Ints
    max_work_min: Ints
    max_orders: Ints
    mode: Ints
    home: Ints
    home_min: Ints
    leg: Ints
    leg_min: Ints

    @property
    def count(self) -> int:
        """Number of visits."""
        return len(self.earliest)

    @property
    def workers(self) -> int:
        """Number of workers."""
        return len(self.opens)

    def slots(self, worker: int) -> Ints:
        """Slots between places of one worker, home first (V + 1, V + 1)."""
        return self._from_home(self.home[worker], self.leg[self.mode[worker]])

    def costs(self, worker: int, forbidden: int = 0) -> Ints:
        """Travel minutes, and the pair's cost on arrival, home first (V + 1, V + 1)."""
        cost = self._from_home(self.home_min[worker], self.leg_min[self.mode[worker]])
        cost[:, 1:] += self.pair[worker]
        cost[:, 1:][:, ~self.able[worker]] += forbidden
        np.fill_diagonal(cost, 0)
        return cost

    def cost(self, routes: Routes) -> int:
        """Prizes left lying, pairs and travel of these days."""
        total = int(self.prize.sum())
        for w, route in enumerate(routes):
            stops, matrix = [0, *(visit + 1 for visit in route), 0], self.costs(w)
            total += int(matrix[stops[:-1], stops[1:]].sum() - self.prize[route].sum())
        return total

    @staticmethod
    def _from_home(home: Ints, leg: Ints) -> Ints:
        whole = np.zeros((len(home) + 1, len(home) + 1), np.int64)
        whole[0, 1:] = whole[1:, 0] = home
        whole[1:, 1:] = leg
        return whole

    def save(self, path: Path) -> None:
        """Write to a file."""
        np.savez(path, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Visits:
        """Read from a file."""
        with np.load(path) as stored:
            return cls(**{f.name: stored[f.name] for f in fields(cls)})


# Builds the engine's model, which is not timed, and returns what solves it.
Engine = Callable[[Visits, float, int], Callable[[], Routes]]


def main(engine: Engine, package: str) -> None:
    """Command line of an adapter: VISITS SECONDS SEED ANSWER."""
    parser = argparse.ArgumentParser()
    parser.add_argument("visits", type=Path)
    parser.add_argument("seconds", type=float)
    parser.add_argument("seed", type=int)
    parser.add_argument("answer", type=Path)
    options = parser.parse_args()
    solve = engine(Visits.load(options.visits), options.seconds, options.seed)
    wall, cpu = time.monotonic(), time.process_time()
    routes = solve()
    answer = {
        "routes": routes,
        "wall_s": round(time.monotonic() - wall, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "version": version(package),
    }
    options.answer.write_text(json.dumps(answer), encoding="utf-8")
