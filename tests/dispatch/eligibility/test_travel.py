"""Distances and trips: worked by hand, the same for one as for many. No database."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from dispatch.eligibility import travel, travel_arrays
from dispatch.eligibility.travel import Point

LPR = Point(61.0587, 28.1887)
IMATRA = Point(61.1719, 28.7757)
PLACES = st.builds(
    Point, st.floats(min_value=59.5, max_value=70), st.floats(min_value=19, max_value=31.6)
)


def test_distance_one_degree_of_latitude_is_111_km():
    assert round(travel.metres(Point(61, 28), Point(62, 28))) == 111195


def test_distance_agrees_with_the_ellipsoid_within_half_a_percent():
    exact = geodesic(LPR, IMATRA).meters
    assert travel.metres(LPR, IMATRA) == pytest.approx(exact, rel=0.005)


@given(PLACES, PLACES)
def test_distance_is_the_same_both_ways(a, b):
    assert travel.metres(a, b) == pytest.approx(travel.metres(b, a), abs=1e-6)


@pytest.mark.parametrize(
    ("metres", "kmh", "fixed", "detour", "expected"),
    [
        (0, 4.5, 0, 1.25, 0),
        (59, 36, 5, 1.3, 0),  # another door of the same yard
        (60, 36, 5, 1.3, 6),
        (3000, 4.5, 0, 1.25, 50),  # 3.75 km on foot
        (10_000, 36, 5, 1.3, 27),  # 21 min 40 s and 5 min
        (6000, 18, 0, 1.0, 20),  # exactly 20, not 21
    ],
)
def test_minutes_by_hand(metres, kmh, fixed, detour, expected):
    assert int(travel_arrays.minutes_for(metres, kmh, fixed, detour)) == expected


def test_trip_follows_the_rows_of_the_table():
    mode = travel.mode_on("bus")
    km = travel.metres(LPR, IMATRA) / 1000
    by_hand = km * mode.detour / mode.kmh * 60 + mode.fixed_min
    assert travel.trip_min("bus", LPR, IMATRA) == int(np.ceil(by_hand))


def test_car_beats_bike_beats_walk_over_five_kilometres():
    near = Point(61.0587, 28.28)
    minutes = [travel.trip_min(mode, LPR, near) for mode in ("car", "bike", "walk")]
    assert minutes == sorted(minutes)
    assert len(set(minutes)) == 3


def test_many_trips_equal_single_ones():
    modes = ["walk", "bike", "bus", "car"] * 25
    dice = np.random.default_rng(3)
    degrees = np.column_stack([dice.uniform(60, 62, 100), dice.uniform(27, 29, 100)])
    places = [Point(*place) for place in degrees]
    _, minutes = travel_arrays.trips_min(modes, places, LPR)
    assert minutes.tolist() == [
        travel.trip_min(mode, place, LPR) for mode, place in zip(modes, places, strict=True)
    ]


def test_nobody_to_travel_gives_empty_arrays():
    metres, minutes = travel_arrays.trips_min([], [], LPR)
    assert (metres.size, minutes.size) == (0, 0)


@pytest.mark.parametrize(("mode", "on"), [("boat", None), ("bus", date(2020, 1, 1))])
def test_unknown_mode_or_date_is_refused(mode, on):
    with pytest.raises(LookupError):
        travel.mode_on(mode, on)
