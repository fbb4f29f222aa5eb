"""OR-Tools routing: parallel cheapest insertion, then guided local search.

One thread, limited in CPU seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from bench.visits import Ints, Routes, Visits, main

# More numbers than this and the costs of pairs no longer fit into memory as a matrix per worker.
MOST_NUMBERS = 150_000_000


def engine(v: Visits, seconds: float, _seed: int) -> Callable[[], Routes]:
    """Homes follow the visits as places of their own. The seed is not used."""
    places = v.count + v.workers
    homes = list(range(v.count, places))
    manager = pywrapcp.RoutingIndexManager(places, v.workers, homes, homes)
    routing = pywrapcp.RoutingModel(manager)
    _travel(v, routing, places)
    _limits(v, routing)
    clock = routing.GetDimensionOrDie("time")
    for w in range(v.workers):
        clock.CumulVar(routing.Start(w)).SetRange(int(v.opens[w]), int(v.closes[w]))
        clock.CumulVar(routing.End(w)).SetRange(int(v.opens[w]), int(v.closes[w]))
    for i in range(v.count):
        at = manager.NodeToIndex(i)
        clock.CumulVar(at).SetRange(int(v.earliest[i]), int(v.latest[i]))
        routing.VehicleVar(at).SetValues([-1, *(int(w) for w in np.flatnonzero(v.able[:, i]))])
        routing.AddDisjunction([at], int(v.prize[i]))
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    search.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    # Of its own it knows wall seconds only: a far limit, should the one in CPU seconds fail.
    search.time_limit.FromMilliseconds(int(seconds * 30_000))
    routing.CloseModelWithParameters(search)

    def solve() -> Routes:
        until = time.process_time() + seconds
        routing.AddSearchMonitor(routing.solver().CustomLimit(lambda: time.process_time() > until))
        found = routing.SolveWithParameters(search)
        routes: Routes = [[] for _ in range(v.workers)]
        if found is None:
            return routes
        for w in range(v.workers):
            at = found.Value(routing.NextVar(routing.Start(w)))
            while not routing.IsEnd(at):
                routes[w].append(manager.IndexToNode(at))
                at = found.Value(routing.NextVar(at))
        return routes

    return solve


def _between(v: Visits, home: Ints, leg: Ints) -> Ints:
    """From any place to any other (V + W, V + W) by one mode of travel."""
    whole = np.zeros((v.count + v.workers,) * 2, np.int64)
    whole[: v.count, : v.count] = leg
    whole[v.count :, : v.count] = home
    whole[: v.count, v.count :] = home.T
    return whole


def _travel(v: Visits, routing: pywrapcp.RoutingModel, places: int) -> None:
    service = np.concatenate([v.duration, np.zeros(v.workers, np.int64)])[:, None]
    minutes, slots = {}, {}
    for mode in np.unique(v.mode):
        minutes[mode] = _between(v, v.home_min, v.leg_min[mode])
        whole = _between(v, v.home, v.leg[mode]) + service
        slots[mode] = routing.RegisterTransitMatrix(whole.tolist())
    longest = int(v.closes.max())
    routing.AddDimensionWithVehicleTransits(
        [slots[v.mode[w]] for w in range(v.workers)],
        longest,
        longest,
        False,  # noqa: FBT003 - the library's own order: people need not start at 0
        "time",
    )
    paired = v.workers * places * places <= MOST_NUMBERS
    plain = {m: routing.RegisterTransitMatrix(x.tolist()) for m, x in minutes.items()}
    for w in range(v.workers):
        cost = plain[v.mode[w]]
        if paired:
            whole = minutes[v.mode[w]].copy()
            whole[:, : v.count] += v.pair[w]
            cost = routing.RegisterTransitMatrix(whole.tolist())
        routing.SetArcCostEvaluatorOfVehicle(cost, w)


def _limits(v: Visits, routing: pywrapcp.RoutingModel) -> None:
    nobody = [0] * v.workers
    work = routing.RegisterUnaryTransitVector([*v.work_min.tolist(), *nobody])
    each = routing.RegisterUnaryTransitVector([*([1] * v.count), *nobody])
    for transit, limit, name in ((work, v.max_work_min, "work"), (each, v.max_orders, "orders")):
        routing.AddDimensionWithVehicleCapacity(transit, 0, limit.tolist(), True, name)  # noqa: FBT003


if __name__ == "__main__":
    main(engine, "ortools")
