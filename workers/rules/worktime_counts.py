"""How working minutes, work days and rests are counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from core.intervals import (
    MINUTE,
    Interval,
    free,
    gap_min,
    intersection,
    local_dates,
    local_day_bounds,
    local_week_bounds,
    merge,
)
from core.zone import local_date
from workers.rules.worktime_facts import Shift, leg_min
from workers.rules.worktime_limits import LegalLimits

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class WorkDay:
    """The shifts between two rests, the first shift after them, and the rest they leave.

    `rest_min` is the smaller of two: the gap to the following shift, and the longest free span in
    the 24 elapsed hours from the first start.
    """

    shifts: tuple[Shift, ...]
    following: Shift | None
    rest_min: int

    @property
    def starts_at(self) -> datetime:
        """Start of the first shift."""
        return self.shifts[0].interval.start


def work_days(
    shifts: Iterable[Shift], rest_limit_min: int, pause_min: int, tz: tzinfo
) -> list[WorkDay]:
    """Split shifts into work days.

    Shifts that start on the same local date are one work day, unless a whole rest lies between.
    Shifts of two dates are two work days, unless only a pause (`pause_min` and the trip) lies
    between: an evening that runs on over midnight is one.
    """
    ordered = sorted(shifts, key=lambda s: s.interval)
    groups: list[list[Shift]] = []
    for shift in ordered:
        last = max(groups[-1], key=lambda s: s.interval.end) if groups else None
        if last is None or _new_day(last, shift, rest_limit_min, pause_min, tz):
            groups.append([shift])
        else:
            groups[-1].append(shift)
    busy = merge(s.interval for s in ordered)
    found: list[WorkDay] = []
    for index, group in enumerate(groups):
        opening = group[0].interval.start
        spans = free(Interval(opening, opening + DAY), busy)
        rest = max((span.minutes for span in spans), default=0)
        following = groups[index + 1][0] if index + 1 < len(groups) else None
        if following is not None:
            ends_at = max(s.interval.end for s in group)
            rest = min(rest, (following.interval.start - ends_at) // MINUTE)
        found.append(WorkDay(tuple(group), following, rest))
    return found


def _new_day(last: Shift, shift: Shift, rest_limit_min: int, pause_min: int, tz: tzinfo) -> bool:
    gap = gap_min(last.interval, shift.interval)
    if gap >= rest_limit_min:
        return True
    same_date = local_date(last.interval.start, tz) == local_date(shift.interval.start, tz)
    return not same_date and gap > pause_min + leg_min(last, shift)


def minutes_by_day(shifts: Iterable[Shift], tz: tzinfo) -> Counter[date]:
    """Working minutes per local calendar date.

    Breaks are taken from the longest piece of a shift over midnight. The trip between two shifts
    that start on the same date is working time and counts on that date, never more than the gap is.
    """
    result: Counter[date] = Counter()
    before: Shift | None = None
    for shift in sorted(shifts, key=lambda s: s.interval):
        pieces = {
            day: minutes_within(shift.interval, local_day_bounds(day, tz))
            for day in local_dates(shift.interval, tz)
        }
        longest = max(pieces, key=lambda day: pieces[day])
        pieces[longest] = max(0, pieces[longest] - shift.break_min)
        result.update(pieces)
        starts_on = local_date(shift.interval.start, tz)
        if before is not None and local_date(before.interval.start, tz) == starts_on:
            result[starts_on] += counted_trip_min(before, shift)
        before = shift
    return result


def average_period(on: date, limits: LegalLimits) -> tuple[date, date]:
    """First and last day of the balancing period that ends with the week of `on`."""
    last = monday_of(on) + timedelta(days=6)
    return last - timedelta(days=7 * limits.value("adult_average_weeks", on) - 1), last


def average_week_min(
    by_day: Counter[date], on: date, limits: LegalLimits, earlier_min: int = 0
) -> int:
    """Mean working minutes a week over the balancing period that ends with the week of `on`.

    A week without data counts as zero, so a short history never accuses falsely. Rounded up: one
    minute over the limit in the whole period is over.
    """
    first, last = average_period(on, limits)
    minutes = sum(minutes for day, minutes in by_day.items() if first <= day <= last)
    return -(-(minutes + earlier_min) // limits.value("adult_average_weeks", on))


def monday_of(day: date) -> date:
    """First day of the ISO week of a date."""
    return day - timedelta(days=day.weekday())


def minutes_within(interval: Interval, frame: Interval) -> int:
    """Minutes of an interval that lie inside another."""
    shared = intersection(interval, frame)
    return shared.minutes if shared is not None else 0


def counted_trip_min(first: Shift, second: Shift) -> int:
    """Minutes of the trip that can be working time: no more than lies between the shifts."""
    return max(0, min(leg_min(first, second), gap_min(first.interval, second.interval)))


def week_total(by_day: Counter[date], monday: date) -> int:
    """Minutes of the ISO week that begins on `monday`."""
    return sum(by_day[monday + timedelta(days=n)] for n in range(7))


def weekly_rest_min(shifts: Iterable[Shift], monday: date, limit_min: int, tz: tzinfo) -> int:
    """The longest free span that serves the ISO week beginning on `monday`.

    A rest may lie over the week's edge. It serves the week when `limit_min` of it can be laid at
    least half inside the week, so Saturday 16 to Monday 8 serves the week that ends.
    """
    week = local_week_bounds(monday, tz)
    half = limit_min * MINUTE / 2
    frame = Interval(week.start - half, week.end + half)
    spans = free(frame, [s.interval for s in shifts])
    return max((span.minutes for span in spans), default=0)


def overtime_min(shifts: Iterable[Shift], limits: LegalLimits, on: date, tz: tzinfo) -> int:
    """Overtime of a young worker: of each week the larger of its days' and its own, added up."""
    by_day = minutes_by_day(shifts, tz)
    day_limit = limits.value("young_daily_regular", on)
    week_limit = limits.value("young_weekly_regular", on)
    found = 0
    for monday in {monday_of(day) for day in by_day}:
        days = sum(max(0, by_day[monday + timedelta(days=n)] - day_limit) for n in range(7))
        found += max(days, week_total(by_day, monday) - week_limit)
    return found
