"""Distance and travel time between two places: straight line, detour, speed of the mode.

Pure. The numbers are dated rows of ``data/travel_modes.csv`` (planning assumptions, each with its
source). Minutes = ceil(great-circle km x detour / km/h x 60 + fixed minutes), 0 at the same place.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
# Closer than this is the same place: another door of the same yard.
SAME_PLACE_M = 60
TABLE = Path(__file__).parents[1] / "data" / "travel_modes.csv"


class Point(NamedTuple):
    """A place in degrees (WGS 84)."""

    lat: float
    lon: float


@dataclass(frozen=True)
class Mode:
    """How somebody moves: speed, minutes that do not depend on the distance, detour factor."""

    kmh: float
    fixed_min: float
    detour: float


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[str, date, Mode], ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                row["mode"],
                date.fromisoformat(row["valid_from"]),
                Mode(float(row["kmh"]), float(row["fixed_min"]), float(row["detour"])),
            )
            for row in csv.DictReader(file)
        )


def mode_on(mode: str, on: date | None = None) -> Mode:
    """The row of a mode in force on a date (None: the newest). Raises LookupError."""
    found = [(since, m) for name, since, m in _rows() if name == mode and not (on and since > on)]
    if not found:
        raise LookupError(f"no way to travel called {mode!r} on {on}")
    return max(found, key=lambda pair: pair[0])[1]


def distance_m(a: Point, b: Point) -> int:
    """Great-circle metres between two points (haversine)."""
    return round(float(distances_m([a], b)[0]))


def distances_m(places: Sequence[Point], to: Point) -> NDArray[np.float64]:
    """Great-circle metres from each of n places to one place: float[n]."""
    if not places:
        return np.zeros(0)
    points = np.radians(np.asarray(places, dtype=np.float64))
    lat, lon = math.radians(to[0]), math.radians(to[1])
    half_lat = np.sin((points[:, 0] - lat) / 2) ** 2
    half_lon = np.sin((points[:, 1] - lon) / 2) ** 2
    chord = half_lat + np.cos(points[:, 0]) * math.cos(lat) * half_lon
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))


def minutes_for(
    metres: ArrayLike, kmh: ArrayLike, fixed_min: ArrayLike, detour: ArrayLike
) -> NDArray[np.int64]:
    """Whole travel minutes for arrays of equal shape (or scalars that broadcast)."""
    way = np.asarray(metres, dtype=np.float64)
    raw = way / 1000 * np.asarray(detour) / np.asarray(kmh) * 60 + np.asarray(fixed_min)
    # A hair is taken off before rounding up, so that 20.000000001 is 20.
    minutes = np.ceil(raw - 1e-9).astype(np.int64)
    return np.where(way < SAME_PLACE_M, 0, minutes)


def trips_min(
    modes: Sequence[str], places: Sequence[Point], to: Point, on: date | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Metres and minutes of n people, each in their own mode, to one place: float[n], int[n]."""
    metres = distances_m(places, to)
    if not places:
        return metres, np.zeros(0, dtype=np.int64)
    table = {name: mode_on(name, on) for name in set(modes)}
    rows = [table[name] for name in modes]
    minutes = minutes_for(
        metres,
        np.array([m.kmh for m in rows]),
        np.array([m.fixed_min for m in rows]),
        np.array([m.detour for m in rows]),
    )
    return metres, minutes


@lru_cache(maxsize=16_384)
def trip_min(mode: str, a: Point, b: Point, on: date | None = None) -> int:
    """Whole minutes from a to b: the same numbers as :func:`trips_min`."""
    return int(trips_min([mode], [a], b, on)[1][0])
