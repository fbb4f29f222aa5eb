"""Distances and travel times of many people at once, as arrays; the numbers of `travel`.

Pure. Apart from `travel`, because numpy costs a process 12 MB and most of them never rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dispatch.eligibility.travel import EARTH_RADIUS_M, SAME_PLACE_M, Point, exact_min, mode_on
from dispatch.planning.travel import arc


def metres_between(
    lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike
) -> NDArray[np.float64]:
    """Great-circle metres between places in degrees; the shapes broadcast."""
    return np.asarray(2 * EARTH_RADIUS_M * arc(*map(np.radians, (lat_a, lon_a, lat_b, lon_b))))


def distances_m(places: Sequence[Point], to: Point) -> NDArray[np.float64]:
    """Great-circle metres from each of n places to one place: float[n]."""
    if not places:
        return np.zeros(0)
    points = np.asarray(places, dtype=np.float64)
    return metres_between(points[:, 0], points[:, 1], to[0], to[1])


def minutes_for(
    metres: ArrayLike, kmh: ArrayLike, fixed_min: ArrayLike, detour: ArrayLike
) -> NDArray[np.int64]:
    """Whole travel minutes for arrays of equal shape (or scalars that broadcast)."""
    length = np.asarray(metres, dtype=np.float64)
    raw = exact_min(length, np.asarray(kmh), np.asarray(fixed_min), np.asarray(detour))
    return np.where(length < SAME_PLACE_M, 0, np.ceil(raw).astype(np.int64))


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
