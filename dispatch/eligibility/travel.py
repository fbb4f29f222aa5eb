"""Distance and travel time between two places: straight line, detour, speed of the mode.

Pure. One pair of places at a time, without numpy; `travel_arrays` has the same for many people,
and a test holds the two together. The numbers are dated rows of `data/travel_modes.csv` (planning
assumptions, each with its source). Minutes = ceil(great-circle km x detour / km/h x 60 + fixed
minutes), 0 at the same place.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
# Closer than this is the same place: another door of the same yard.
SAME_PLACE_M = 60
# Gigs closer than this may be one trip after another; farther apart the worker goes home between.
SAME_OUTING = timedelta(hours=12)
TABLE = Path(__file__).parents[1] / "data" / "travel_modes.csv"

# A number or an array of them.
Number = TypeVar("Number")


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
    """The row of a mode in force on a date (None: the newest).

    Raises:
        LookupError: no row is in force.
    """
    found = [(since, m) for name, since, m in _rows() if name == mode and not (on and since > on)]
    if not found:
        raise LookupError(f"no way to travel called {mode!r} on {on}")
    return max(found, key=lambda pair: pair[0])[1]


def metres(a: Point, b: Point) -> float:
    """Great-circle metres between two points (haversine): the one scalar home of this formula.

    `planning.travel.arc` is its home for arrays. The plan checker writes it a third time, because
    it has to find the faults of everything that the planner is built of.
    """
    lat_a, lon_a, lat_b, lon_b = (math.radians(n) for n in (*a, *b))
    half_lat = math.sin((lat_a - lat_b) / 2) ** 2
    half_lon = math.sin((lon_a - lon_b) / 2) ** 2
    chord = half_lat + math.cos(lat_a) * math.cos(lat_b) * half_lon
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(chord, 1)))


def exact_min(metres: Number, kmh: Any, fixed_min: Any, detour: Any) -> Number:
    """Minutes before they are rounded up, of a number or of an array."""
    # A hair is taken off, so that 20.000000001 is 20.
    minutes: Any = metres / 1000 * detour / kmh * 60 + fixed_min - 1e-9  # type: ignore[operator]
    return cast(Number, minutes)


def minutes_of(mode: Mode, metres: float) -> int:
    """Whole minutes for so many metres; 0 at the same place."""
    if metres < SAME_PLACE_M:
        return 0
    return math.ceil(exact_min(metres, mode.kmh, mode.fixed_min, mode.detour))


@lru_cache(maxsize=16_384)
def trip_min(mode: str, a: Point, b: Point, on: date | None = None) -> int:
    """Whole minutes from a to b: the same numbers as `travel_arrays.trips_min`."""
    return minutes_of(mode_on(mode, on), metres(a, b))
