"""The ordered window, times as people type them, and the days offered."""

from datetime import UTC, date, datetime, time

import pytest

from core.timing import (
    NoSuchLocalTime,
    next_working_days,
    parse_clock,
    same_weekday_next_week,
    window,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9", time(9)),
        ("9.00", time(9)),
        ("9:00", time(9)),
        ("900", time(9)),
        ("0930", time(9, 30)),
        ("klo 13.15", time(13, 15)),
        (" 23,45 ", time(23, 45)),
        ("0", time(0)),
        ("24", None),
        ("9.60", None),
        ("9.5", None),
        ("9.", None),
        ("aamulla", None),
        ("12345", None),
        ("-9", None),
        ("²", None),
        ("", None),
    ],
)
def test_parse_clock_as_people_type_it(text: str, expected: time | None) -> None:
    assert parse_clock(text) == expected


def test_window_winter_day_is_utc_plus_two() -> None:
    assert window(date(2026, 11, 26), time(9), 240) == (
        datetime(2026, 11, 26, 7, tzinfo=UTC),
        datetime(2026, 11, 26, 11, tzinfo=UTC),
    )


def test_window_time_skipped_by_the_clocks_is_refused() -> None:
    """3.30 does not exist on the last Sunday of March."""
    with pytest.raises(NoSuchLocalTime):
        window(date(2027, 3, 28), time(3, 30), 60)


def test_window_time_that_comes_twice_is_the_first() -> None:
    start, end = window(date(2027, 10, 31), time(3, 30), 120)
    assert start == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert end == datetime(2027, 10, 31, 2, 30, tzinfo=UTC)


def test_window_over_the_change_keeps_elapsed_minutes() -> None:
    start, end = window(date(2027, 3, 28), time(2, 30), 120)
    assert (end - start).total_seconds() == 7200


def test_next_working_days_skips_weekend_and_holidays() -> None:
    closed = frozenset({date(2026, 12, 25)})
    assert next_working_days(date(2026, 12, 23), 3, closed) == [
        date(2026, 12, 24),
        date(2026, 12, 28),
        date(2026, 12, 29),
    ]


@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2026, 11, 29)])
def test_same_weekday_next_week_from_any_day_of_the_week(today: date) -> None:
    assert same_weekday_next_week(date(2026, 10, 1), today) == date(2026, 12, 3)
