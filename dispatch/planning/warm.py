"""Compile the loops before anybody waits for them; numba keeps the result on disk."""

from __future__ import annotations

from dispatch.planning.problem import read_problem
from dispatch.planning.search import search
from dispatch.planning.stopwatch import Stopwatch


def warm() -> None:
    """Plan a tiny day with two towns' worth of detail, so that every loop has run once."""
    order = {
        "site": [61.05, 28.2], "duration_min": 60, "earliest_start_min": 540,
        "latest_start_min": 600, "skills": [], "coach_on_site": True, "priority": "normal",
        "preferred": [], "familiar": [], "blocked": [], "workers_needed": 1,
    }  # fmt: skip
    worker = {
        "home": [61.06, 28.19],
        "mode": "car",
        "available": [[420, 1020]],
        "max_work_min": 480,
        "skills": [],
        "can_coach": True,
        "fairness_per_hour": 0.0,
    }
    problem = {
        "format": "askare-planning-problem/1", "name": "warm", "date": "2026-01-01", "slot_min": 15,
        "travel": {"detour": 1.3, "same_place_km": 0.05, "max_home_min": 60,
                   "modes": {"car": {"kmh": 36.0, "fixed_min": 5.0}}},
        "limits": {"max_orders_per_worker": 4},
        "weights": {"unfilled": {"normal": 1000}, "unfilled_per_hour": 100, "pair_base": 60,
                    "preferred": -40, "familiar": -20, "pair_min": 0, "pair_max": 100},
        "workers": [{"id": f"w{n}", **worker} for n in range(3)],
        "orders": [{"id": f"o{n}", **order} for n in range(3)],
    }  # fmt: skip
    search(read_problem(problem), Stopwatch(60.0, rounds=1))
