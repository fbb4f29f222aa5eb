"""PyVRP: its penalties start at the scale of our prizes. One thread, limited in CPU seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pyvrp

from bench.visits import FORBIDDEN, Routes, Visits, main


class CpuSeconds:
    """Stops after so many CPU seconds of this process."""

    def __init__(self, seconds: float) -> None:
        self.until = time.process_time() + seconds

    def __call__(self, _best_cost: float) -> bool:
        """True when it is time to stop."""
        return time.process_time() >= self.until


def engine(v: Visits, seconds: float, seed: int) -> Callable[[], Routes]:
    """A pair of matrices per worker; places where somebody may not go are far away."""
    clients = [
        pyvrp.Client(
            i + 1,
            delivery=[1, int(v.work_min[i])],
            service_duration=int(v.duration[i]),
            tw_early=int(v.earliest[i]),
            tw_late=int(v.latest[i]),
            prize=int(v.prize[i]),
            required=False,
        )
        for i in range(v.count)
    ]
    vehicles = [
        pyvrp.VehicleType(
            capacity=[int(v.max_orders[w]), int(v.max_work_min[w])],
            tw_early=int(v.opens[w]),
            tw_late=int(v.closes[w]),
            profile=w,
        )
        for w in range(v.workers)
    ]
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0)] * (v.count + 1),
        clients,
        [pyvrp.Depot(0)],
        vehicles,
        [v.costs(w, FORBIDDEN) for w in range(v.workers)],
        [v.slots(w) for w in range(v.workers)],
    )
    params = pyvrp.SolveParams(
        penalty=pyvrp.PenaltyParams(
            min_penalty=100.0, max_penalty=1e6, solutions_between_updates=50
        )
    )

    def solve() -> Routes:
        found = pyvrp.solve(
            data, CpuSeconds(seconds), seed=seed, collect_stats=False, params=params
        )
        routes: Routes = [[] for _ in range(v.workers)]
        # An infeasible answer is repaired like any other: who cannot be somewhere is left out.
        for route in found.best.routes():
            routes[route.vehicle_type()].extend(
                visit.idx for visit in route.schedule() if visit.is_client()
            )
        return routes

    return solve


if __name__ == "__main__":
    main(engine, "pyvrp")
