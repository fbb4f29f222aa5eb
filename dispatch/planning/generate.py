"""Invented planning problems of any size, seeded, shaped like a Finnish town's day.

Kinds: `mixed` (teams, coaches, free starts together), `single` (one worker an order),
`team_fixed`, `team_free` and `coached`. For tests and benchmarks; the shares follow the
development problems of the planner.
"""

from __future__ import annotations

from typing import Any

import numpy as np

KINDS = ("mixed", "single", "team_fixed", "team_free", "coached")
# Share of workers with each skill; how often an order asks for it.
SKILLS = {"clean": 0.68, "move": 0.49, "yard": 0.4, "kitchen": 0.31, "office": 0.2, "store": 0.16}
ASKED = {"clean": 0.36, "move": 0.22, "yard": 0.16, "kitchen": 0.12, "office": 0.08, "store": 0.06}
MODES: dict[str, dict[str, float]] = {
    "walk": {"kmh": 4.8, "fixed_min": 0.0},
    "bike": {"kmh": 14.0, "fixed_min": 2.0},
    "bus": {"kmh": 15.0, "fixed_min": 8.0},
    "car": {"kmh": 35.0, "fixed_min": 4.0},
}
SHARES = {"walk": 0.25, "bike": 0.3, "bus": 0.34, "car": 0.11}
DURATIONS = {60: 0.23, 120: 0.32, 180: 0.2, 240: 0.12, 300: 0.04, 360: 0.04, 420: 0.01, 480: 0.04}
LAST_END = 1260
SLOT = 15
LAPPEENRANTA = (61.058, 28.187)


def generate(
    workers: int,
    orders: int,
    kind: str = "mixed",
    seed: int = 0,
    centre: tuple[float, float] = LAPPEENRANTA,
) -> dict[str, Any]:
    """A problem in its file form (askare-planning-problem/1).

    Raises:
        ValueError: unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    rng = np.random.default_rng([seed, workers, orders, KINDS.index(kind)])
    town = _Town(rng, centre)
    people = [_worker(rng, n, town) for n in range(workers)]
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
        "orders": [_order(rng, n, kind, town, workers) for n in range(orders)],
    }


def _grid(rng: np.random.Generator, low: int, high: int) -> int:
    """A minute on the grid in [low, high]."""
    return int(rng.integers(low // SLOT, high // SLOT + 1)) * SLOT


class _Town:
    """Quarters and villages around a centre; people live wider apart than they work."""

    def __init__(self, rng: np.random.Generator, centre: tuple[float, float]) -> None:
        self.rng, self.centre = rng, centre
        self.quarters = [self._near(centre, 0.04) for _ in range(4)]

    def _near(self, point: tuple[float, float], wide: float) -> tuple[float, float]:
        """A point so many degrees of latitude away; a degree of longitude is about half as long."""
        north, east = self.rng.normal(0, wide, 2)
        return float(point[0] + north), float(point[1] + 1.6 * east)

    def _somewhere(self, in_centre: float, wide: float) -> list[float]:
        at = self.centre
        if self.rng.random() >= in_centre:
            at = self.quarters[self.rng.integers(len(self.quarters))]
        return [round(x, 6) for x in self._near(at, wide)]

    def home(self) -> list[float]:
        return self._somewhere(0.3, 0.023)

    def site(self) -> list[float]:
        return self._somewhere(0.5, 0.018)


def _shift(rng: np.random.Generator) -> list[int]:
    """When somebody may be away from home: early, by day or late."""
    part = rng.choice(3, p=[0.26, 0.61, 0.13])
    if part == 0:
        return [_grid(rng, 390, 480), _grid(rng, 780, 870)]
    if part == 1:
        return [_grid(rng, 420, 540), _grid(rng, 930, 1080)]
    return [_grid(rng, 690, 780), max(1200, _grid(rng, 1155, 1320))]


def _worker(rng: np.random.Generator, n: int, town: _Town) -> dict[str, Any]:
    adult = bool(rng.random() < 0.85)
    return {
        "id": f"w{n}",
        "home": town.home(),
        "mode": str(rng.choice(list(SHARES), p=list(SHARES.values()))),
        "available": [] if rng.random() < 0.14 else [_shift(rng)],
        "max_work_min": 480 if adult else 420,
        "skills": [s for s, share in SKILLS.items() if rng.random() < share] + ["adult"] * adult,
        "can_coach": bool(rng.random() < 0.075),
        "fairness_per_hour": int(rng.integers(0, 6)),
    }


def _asked(rng: np.random.Generator) -> list[str]:
    """Skills that an order asks for: often one, seldom two."""
    names, shares = list(ASKED), list(ASKED.values())
    count = rng.choice(3, p=[0.36, 0.56, 0.08])
    chosen = {str(name) for name in rng.choice(names, count, replace=False, p=shares)}
    return sorted(chosen) + (["adult"] if rng.random() < 0.13 else [])


def _order(
    rng: np.random.Generator, n: int, kind: str, town: _Town, workers: int
) -> dict[str, Any]:
    team = kind in ("mixed", "team_fixed", "team_free") and rng.random() < 0.24
    coach = kind in ("mixed", "coached") and rng.random() < 0.095
    free = rng.random() < 0.39 and not (kind == "team_fixed" and team)
    free = free and not (kind == "coached" and coach)
    minutes = int(rng.choice(list(DURATIONS), p=list(DURATIONS.values())))
    earliest = min(_grid(rng, 420, 900), LAST_END - minutes)
    width = _grid(rng, 120, 360) if free else 0
    return {
        "id": f"o{n}",
        "site": town.site(),
        "duration_min": minutes,
        "earliest_start_min": earliest,
        "latest_start_min": min(earliest + width, LAST_END - minutes),
        "workers_needed": int(rng.choice([2, 3, 4], p=[0.63, 0.22, 0.15])) if team else 1,
        "skills": _asked(rng),
        "coach_on_site": bool(coach),
        "priority": str(rng.choice(["normal", "high", "urgent"], p=[0.7, 0.22, 0.08])),
        "preferred": _some(rng, workers, min(0.03, 3 / max(1, workers))),
        "familiar": _some(rng, workers, 0.06),
        "blocked": _some(rng, workers, 0.02),
    }


def _some(rng: np.random.Generator, workers: int, share: float) -> list[str]:
    return [f"w{n}" for n in np.flatnonzero(rng.random(workers) < share)]
