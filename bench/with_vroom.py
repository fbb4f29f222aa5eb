"""VROOM: exploration level 5, every core; the best of several scales of priority.

It knows wall seconds only. When a busy machine gave it too few of the processors by then, it is
asked again with more wall seconds. It often ends by itself; the rest goes to the next scale.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import vroom

from bench.visits import Routes, Visits, main

SLOT_S = 60


# Steps of priority up to 100, its highest. Few steps sometimes lead it to better plans.
STEPS = (100, 5, 10, 25)


def engine(v: Visits, seconds: float, _seed: int) -> Callable[[], Routes]:
    """Skills say who may do what; a matrix per worker carries the costs. The seed is not used."""

    def solve() -> Routes:
        left, least = seconds, np.inf
        best: Routes = [[] for _ in range(v.workers)]
        for steps in STEPS:
            if left < 0.1:
                break
            routes, spent = _fairly(_model(v, steps), left)
            left -= spent
            if v.cost(_routes(v, routes)) < least:
                best = _routes(v, routes)
                least = v.cost(best)
        return best

    return solve


def _fairly(model: vroom.Input, seconds: float) -> tuple[vroom.solution.Solution, float]:
    """Solve, in so many wall seconds that most of `seconds` were spent working; CPU seconds."""
    wall = seconds
    while True:
        began, cpu = time.monotonic(), time.process_time()
        found = model.solve(5, os.cpu_count() or 1, timedelta(seconds=wall))
        spent = time.process_time() - cpu
        cut = time.monotonic() - began >= 0.95 * wall
        if not cut or spent >= 0.8 * seconds or wall > 20 * seconds:
            return found, spent
        wall *= 1.1 * seconds / max(spent, 0.1 * seconds)


def _routes(v: Visits, found: vroom.solution.Solution) -> Routes:
    routes: Routes = [[] for _ in range(v.workers)]
    jobs = found.routes[found.routes.type == "job"]
    for worker, visit in zip(jobs.vehicle_id, jobs.id, strict=True):
        routes[int(worker)].append(int(visit))
    return routes


def _model(v: Visits, steps: int) -> vroom.Input:
    model = vroom.Input()
    for w in range(v.workers):
        name = f"w{w}"
        model.set_durations_matrix(name, v.slots(w) * SLOT_S)
        model.set_costs_matrix(name, v.costs(w))
        model.add_vehicle(
            vroom.Vehicle(
                w,
                start=0,
                end=0,
                profile=name,
                capacity=[int(v.max_work_min[w])],
                skills={int(k) for k in v.kind[v.able[w]]},
                time_window=vroom.TimeWindow(int(v.opens[w]) * SLOT_S, int(v.closes[w]) * SLOT_S),
                max_tasks=int(v.max_orders[w]),
            )
        )
    priority = np.maximum(1, v.prize * steps // v.prize.max())
    for i in range(v.count):
        window = vroom.TimeWindow(int(v.earliest[i]) * SLOT_S, int(v.latest[i]) * SLOT_S)
        model.add_job(
            vroom.Job(
                i,
                location=i + 1,
                default_service=int(v.duration[i]) * SLOT_S,
                delivery=vroom.Amount([int(v.work_min[i])]),
                skills={int(v.kind[i])},
                priority=int(priority[i]),
                time_windows=[window],
            )
        )
    return model


if __name__ == "__main__":
    main(engine, "pyvroom")
