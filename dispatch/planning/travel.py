"""Distances and travel times between places, for whole matrices at once.

Great-circle distance times a detour factor stands in for roads; it errs less than the factor does
(at most 0.4 % against the geodesic in Finland).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EARTH_KM = 6371.0088
Points = NDArray[np.float64]
Angles = NDArray[np.float64] | float
Minutes = NDArray[np.int16]


@dataclass(frozen=True)
class Mode:
    """A way to travel: km/h on the road and minutes that every trip takes besides."""

    name: str
    kmh: float
    fixed_min: float


@dataclass(frozen=True)
class Roads:
    """How distances become minutes.

    `detour`: road km per great-circle km. `same_place_km`: nearer than this takes no time.
    """

    detour: float
    same_place_km: float


def arc(lat_a: Angles, lon_a: Angles, lat_b: Angles, lon_b: Angles) -> NDArray[np.float64]:
    """Half the angle between places in radians (haversine): the one array home of this formula.

    `dispatch.eligibility.travel.metres` is its home for one pair, so that most processes need no
    numpy. The plan checker writes it a third time on purpose (`check.py`).
    """
    half_lat = np.sin((lat_b - lat_a) / 2) ** 2
    half_lon = np.sin((lon_b - lon_a) / 2) ** 2
    chord = half_lat + np.cos(lat_a) * np.cos(lat_b) * half_lon
    return np.asarray(np.arcsin(np.sqrt(np.clip(chord, 0, 1))))


def km_matrix(a: Points, b: Points) -> NDArray[np.float64]:
    """Great-circle km between each of `a` (n, 2) and each of `b` (m, 2), degrees: (n, m)."""
    lat_a, lon_a = np.radians(a[:, 0])[:, None], np.radians(a[:, 1])[:, None]
    lat_b, lon_b = np.radians(b[:, 0])[None, :], np.radians(b[:, 1])[None, :]
    return np.asarray(2 * EARTH_KM * arc(lat_a, lon_a, lat_b, lon_b))


def minutes(km: NDArray[np.float64], mode: Mode, roads: Roads) -> Minutes:
    """Whole minutes for each distance, rounded up; 0 where both ends are the same place."""
    raw = np.ceil(km * roads.detour / mode.kmh * 60 + mode.fixed_min)
    raw = np.minimum(raw, np.iinfo(np.int16).max)
    return np.where(km < roads.same_place_km, 0, raw).astype(np.int16)
