"""Half-open intervals: algebra, clock-change days, weekly availability."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intervals import (
    DateException,
    Interval,
    MinuteSpan,
    WeeklyWindow,
    clip,
    contains,
    free,
    gap_min,
    intersection,
    local_dates,
    local_day_bounds,
    local_instant,
    local_week_bounds,
    merge,
    overlaps,
    subtract,
    total_min,
    weekly_windows,
)

HELSINKI = ZoneInfo("Europe/Helsinki")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
BASE = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def _spans(draw) -> MinuteSpan:
    start = draw(st.integers(0, 200))
    return MinuteSpan(start, start + draw(st.integers(1, 60)))


@st.composite
def _intervals(draw) -> Interval:
    span = draw(_spans())
    return Interval(BASE + timedelta(minutes=span.start), BASE + timedelta(minutes=span.end))


def _minutes(spans: list[MinuteSpan]) -> set[int]:
    """The plain model the algebra is held against: a set of minutes."""
    return {minute for span in spans for minute in range(span.start, span.end)}


SPAN_LISTS = st.lists(_spans(), max_size=6)


@given(SPAN_LISTS, SPAN_LISTS, SPAN_LISTS)
def test_merge_grouped_either_way_gives_same_spans(a, b, c):
    assert merge([*merge([*a, *b]), *c]) == merge([*a, *merge([*b, *c])])


@given(SPAN_LISTS)
def test_merge_keeps_exactly_the_minutes_and_leaves_gaps_between(spans):
    merged = merge(spans)
    assert _minutes(merged) == _minutes(spans)
    assert total_min(spans) == len(_minutes(spans)) == sum(span.minutes for span in merged)
    assert all(first.end < second.start for first, second in zip(merged, merged[1:], strict=False))


@given(SPAN_LISTS, SPAN_LISTS)
def test_subtract_and_shared_part_conserve_total_minutes(spans, holes):
    left = subtract(spans, holes)
    assert _minutes(left) == _minutes(spans) - _minutes(holes)
    removed = total_min(subtract(spans, left))
    assert total_min(left) + removed == total_min(spans)


@given(SPAN_LISTS, _spans())
def test_clip_and_free_split_a_frame_without_loss(spans, frame):
    assert _minutes(clip(spans, frame)) == _minutes(spans) & _minutes([frame])
    assert total_min(clip(spans, frame)) + total_min(free(frame, spans)) == frame.minutes


@given(_spans(), _spans())
def test_overlap_is_symmetric_and_agrees_with_gap_and_intersection(a, b):
    shared = _minutes([a]) & _minutes([b])
    assert overlaps(a, b) == overlaps(b, a) == bool(shared)
    assert gap_min(a, b) == gap_min(b, a)
    assert (gap_min(a, b) < 0) == bool(shared)
    both = intersection(a, b)
    assert (both.minutes if both else 0) == len(shared)


@given(_intervals(), st.integers(1, 60))
def test_touching_intervals_do_not_overlap(interval, length):
    after = Interval(interval.end, interval.end + timedelta(minutes=length))
    assert not overlaps(interval, after)
    assert gap_min(interval, after) == 0
    assert total_min([interval, after]) == interval.minutes + length
    assert merge([after, interval]) == [Interval(interval.start, after.end)]


@given(_intervals(), _intervals())
def test_containment_means_nothing_is_left_over(a, b):
    assert contains(a, b) == (subtract([b], [a]) == [])


@pytest.mark.parametrize("minutes", [0, -1])
def test_interval_that_does_not_end_after_start_is_refused(minutes):
    with pytest.raises(ValueError, match="end after"):
        Interval(BASE, BASE + timedelta(minutes=minutes))
    with pytest.raises(ValueError, match="end after"):
        MinuteSpan(5, 5 + minutes)


def test_naive_datetime_is_refused():
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the fault under test
    with pytest.raises(ValueError, match="aware"):
        Interval(naive, naive + timedelta(hours=1))


def test_minutes_over_spring_night_are_elapsed_not_wall():
    """Two datetimes of one zone would subtract to 480; the night has one hour less."""
    evening = datetime(2026, 3, 28, 22, 0, tzinfo=HELSINKI)
    morning = datetime(2026, 3, 29, 6, 0, tzinfo=HELSINKI)
    assert (morning - evening) == timedelta(hours=8)
    night = Interval(evening, morning)
    assert night.minutes == 7 * 60
    assert night.start.tzinfo is night.end.tzinfo is UTC


@pytest.mark.parametrize(
    ("on", "hours"), [(date(2026, 1, 5), 24), (SPRING, 23), (AUTUMN, 25), (date(2026, 12, 31), 24)]
)
def test_local_day_has_the_hours_of_its_clock(on, hours):
    assert local_day_bounds(on, HELSINKI).minutes == hours * 60


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 12, 9), 168), (SPRING, 167), (AUTUMN, 169)])
def test_local_week_runs_monday_to_sunday(on, hours):
    week = local_week_bounds(on, HELSINKI)
    assert week.start.astimezone(HELSINKI).weekday() == 0
    assert week.minutes == hours * 60


def test_local_dates_midnight_end_is_not_the_next_date():
    start = local_instant(date(2026, 12, 7), time(22), HELSINKI)
    assert local_dates(Interval(start, start + timedelta(hours=2)), HELSINKI) == [date(2026, 12, 7)]
    assert len(local_dates(Interval(start, start + timedelta(hours=3)), HELSINKI)) == 2


@given(st.sampled_from([SPRING, AUTUMN]), st.integers(0, 1438), st.integers(1, 1439))
def test_later_wall_time_is_never_an_earlier_instant(on, minute, more):
    first = time(minute // 60, minute % 60)
    second_minute = min(1439, minute + more)
    second = time(second_minute // 60, second_minute % 60)
    assert local_instant(on, first, HELSINKI) <= local_instant(on, second, HELSINKI)


def test_skipped_wall_time_is_the_moment_of_the_jump():
    jump = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert local_instant(SPRING, time(3, 30), HELSINKI) == jump
    assert local_instant(SPRING, time(4), HELSINKI) == jump


def test_repeated_wall_time_is_its_first_occurrence():
    assert local_instant(AUTUMN, time(3, 30), HELSINKI) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


MON_FRI = [WeeklyWindow(day, time(8), time(16)) for day in range(5)]
NIGHT_SAT = [WeeklyWindow(5, time(22), time(6))]
WHOLE_SUNDAY = [WeeklyWindow(6, time(0), time(0))]


@pytest.mark.parametrize(
    ("pattern", "first", "last", "minutes"),
    [
        (MON_FRI, date(2026, 12, 7), date(2026, 12, 13), [480] * 5),
        (NIGHT_SAT, date(2026, 3, 28), SPRING, [420]),
        (NIGHT_SAT, date(2026, 10, 24), AUTUMN, [540]),
        (NIGHT_SAT, AUTUMN, AUTUMN, [420]),  # the part of the night that lies on Sunday
        (WHOLE_SUNDAY, SPRING, SPRING, [23 * 60]),
        (WHOLE_SUNDAY, AUTUMN, AUTUMN, [25 * 60]),
        ([WeeklyWindow(6, time(3), time(4))], SPRING, SPRING, []),  # the hour that is not
        ([WeeklyWindow(6, time(3, 30), time(5))], SPRING, SPRING, [60]),
    ],
)
def test_weekly_pattern_becomes_elapsed_time(pattern, first, last, minutes):
    windows = weekly_windows(pattern, [], first, last, HELSINKI)
    assert [window.minutes for window in windows] == minutes


def _clock(windows: list[Interval]) -> list[str]:
    return [
        f"{w.start.astimezone(HELSINKI):%H.%M}-{w.end.astimezone(HELSINKI):%H.%M}" for w in windows
    ]


MONDAY = date(2026, 12, 7)


@pytest.mark.parametrize(
    ("exceptions", "expected"),
    [
        ([], ["08.00-16.00"]),
        ([DateException(MONDAY, available=False)], []),
        ([DateException(MONDAY, False, time(10), time(12))], ["08.00-10.00", "12.00-16.00"]),
        ([DateException(MONDAY, True, time(16), time(18))], ["08.00-18.00"]),
        (
            [
                DateException(MONDAY, available=False),
                DateException(MONDAY, True, time(10), time(14)),
            ],
            ["10.00-14.00"],
        ),
        ([DateException(MONDAY, available=True)], ["00.00-00.00"]),
        (
            [
                DateException(MONDAY, available=True),
                DateException(MONDAY, False, time(0), time(20)),
            ],
            ["20.00-00.00"],
        ),
        ([DateException(MONDAY - timedelta(days=7), available=False)], ["08.00-16.00"]),
    ],
)
def test_date_exception_more_exact_statement_wins(exceptions, expected):
    windows = weekly_windows(MON_FRI, exceptions, MONDAY, MONDAY, HELSINKI)
    assert _clock(windows) == expected


def test_day_off_cancels_the_night_that_begins_on_it():
    off = [DateException(date(2026, 12, 12), available=False)]
    assert weekly_windows(NIGHT_SAT, off, MONDAY, date(2026, 12, 13), HELSINKI) == []


def test_day_off_also_ends_the_night_before():
    off = [DateException(date(2026, 12, 13), available=False)]
    windows = weekly_windows(NIGHT_SAT, off, MONDAY, date(2026, 12, 13), HELSINKI)
    assert _clock(windows) == ["22.00-00.00"]
