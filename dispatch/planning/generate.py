"""Invented planning problems of any size, seeded, shaped like a Finnish town's day.

Kinds: ``mixed`` (teams, coaches, free starts together), ``single`` (one worker an order),
``team_fixed``, ``team_free`` and ``coached``. For tests and benchmarks; the shares follow the
development problems of the planner.
"""

from __future__ import annotations

from typing import Any

import numpy as np

KINDS = ("mixed", "single", "team_fixed", "team_free", "coached")
SKILLS = {"clean": 0.7, "move": 0.45, "yard": 0.37, "kitchen": 0.27, "office": 0.2, "store": 0.14}
MODES: dict[str, dict[str, float]] = {
    "walk": {"kmh": 4.8, "fixed_min": 0.0},
    "bike": {"kmh": 14.0, "fixed_min": 2.0},
    "bus": {"kmh": 15.0, "fixed_min": 8.0},
    "car": {"kmh": 35.0, "fixed_min": 4.0},
}
SHARES = {"walk": 0.27, "bike": 0.28, "bus": 0.34, "car": 0.11}
DURATIONS = {60: 0.23, 120: 0.33, 180: 0.22, 240: 0.11, 300: 0.04, 360: 0.03, 420: 0.01, 480: 0.03}
SLOT = 15
LAPPEENRANTA = (61.058, 28.187)


def generate(
    workers: int,
    orders: int,
    kind: str = "mixed",
    seed: int = 0,
    centre: tuple[float, float] = LAPPEENRANTA,
) -> dict[str, Any]:
    """A problem in its file form (askare-planning-problem/1). Raises ValueError: unknown kind."""
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    rng = np.random.default_rng([seed, workers, orders, KINDS.index(kind)])
    people = [_worker(rng, n, kind, centre) for n in range(workers)]
    return {
        "format": "askare-planning-problem/1",
        "name": f"{kind}-{workers}x{orders}-{seed}",
        "date": "2026-11-23",
        "slot_min": SLOT,
        "travel": {"detour": 1.3, "same_place_km": 0.05, "max_home_min": 60, "modes": MODES},
        "limits": {"max_orders_per_worker": 4},
        "weights": {
            "unfilled": {"normal": 1000, "high": 2000, "urgent": 4000},
            "unfilled_per_hour": 100,
            "pair_base": 60,
            "preferred": -40,
            "familiar": -20,
            "pair_min": 0,
            "pair_max": 100,
        },
        "workers": people,
        "orders": [_order(rng, n, kind, centre, workers) for n in range(orders)],
    }


def _grid(rng: np.random.Generator, low: int, high: int) -> int:
    """A minute on the grid in [low, high]."""
    return int(rng.integers(low // SLOT, high // SLOT + 1)) * SLOT


def _place(rng: np.random.Generator, centre: tuple[float, float]) -> list[float]:
    """Most live and work in town, some in the villages around."""
    wide = 0.03 if rng.random() < 0.85 else 0.09
    lat, lon = rng.normal(0, wide, 2)
    return [round(centre[0] + lat, 6), round(centre[1] + 2 * lon, 6)]


def _worker(
    rng: np.random.Generator, n: int, kind: str, centre: tuple[float, float]
) -> dict[str, Any]:
    begin = _grid(rng, 390, 495)
    shifts = ([begin, _grid(rng, 780, 870)], [begin, _grid(rng, 930, 1080)], [765, 1200])
    part = rng.choice(3, p=[0.2, 0.65, 0.15])
    return {
        "id": f"w{n}",
        "home": _place(rng, centre),
        "mode": str(rng.choice(list(SHARES), p=list(SHARES.values()))),
        "available": [] if rng.random() < 0.14 else [shifts[part]],
        "max_work_min": 480 if rng.random() < 0.83 else 420,
        "skills": [s for s, share in SKILLS.items() if rng.random() < share]
        + (["adult"] if rng.random() < 0.83 else []),
        "can_coach": bool(rng.random() < 0.08),
        "fairness_per_hour": int(rng.integers(0, 6)),
    }


def _order(
    rng: np.random.Generator, n: int, kind: str, centre: tuple[float, float], workers: int
) -> dict[str, Any]:
    team = kind in ("mixed", "team_fixed", "team_free") and rng.random() < 0.24
    coach = kind in ("mixed", "coached") and rng.random() < 0.09
    free = rng.random() < 0.39 and not (kind == "team_fixed" and team)
    free = free and not (kind == "coached" and coach)
    earliest = _grid(rng, 420, 900)
    skills = [s for s, share in SKILLS.items() if rng.random() < share * 0.28]
    return {
        "id": f"o{n}",
        "site": _place(rng, centre),
        "duration_min": int(rng.choice(list(DURATIONS), p=list(DURATIONS.values()))),
        "earliest_start_min": earliest,
        "latest_start_min": earliest + (_grid(rng, 120, 360) if free else 0),
        "workers_needed": int(rng.choice([2, 3, 4], p=[0.67, 0.2, 0.13])) if team else 1,
        "skills": skills + (["adult"] if rng.random() < 0.14 else []),
        "coach_on_site": coach,
        "priority": str(rng.choice(["normal", "high", "urgent"], p=[0.66, 0.25, 0.09])),
        "preferred": _some(rng, workers, 2.7),
        "familiar": _some(rng, workers, 11.0),
        "blocked": _some(rng, workers, 4.0),
    }


def _some(rng: np.random.Generator, workers: int, mean: float) -> list[str]:
    count = min(workers, int(rng.poisson(mean * min(1.0, workers / 200))))
    return [f"w{n}" for n in sorted(rng.choice(workers, count, replace=False))]
