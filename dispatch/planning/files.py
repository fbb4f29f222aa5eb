"""Plans in their file form (askare-plan/1)."""

from __future__ import annotations

from typing import Any

from dispatch.planning.greedy import assignments
from dispatch.planning.search import Result

FORMAT = "askare-plan/1"
ENGINE = "askare columns"
GREEDY = "askare greedy"


def write_plan(result: Result) -> dict[str, Any]:
    """A finished search as the file form."""
    problem = result.problem
    return {
        "format": FORMAT,
        "problem": problem.name,
        "assignments": [
            {
                "order": problem.order_ids[a.order],
                "worker": problem.worker_ids[a.worker],
                "role": a.role,
                "start_min": a.start_min,
            }
            for a in assignments(problem, result.routes)
        ],
        "objective": result.objective,
        "bound": result.bound,
        "bound_starts_fixed": result.bound_starts_fixed,
        "seconds": round(result.seconds, 3),
        "engine": GREEDY if result.stopped_by == "greedy" else ENGINE,
        "stopped_by": result.stopped_by,
    }
