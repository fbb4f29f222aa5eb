"""Hours of a day and a week: those of the law for adults, and the worker's own limits. Pure."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from core.intervals import local_day_bounds, subtract, total_min
from core.violations import Severity, Violation
from core.zone import local_date
from workers.rules.worktime_case import Case
from workers.rules.worktime_counts import (
    average_week_min,
    counted_trip_min,
    minutes_within,
    monday_of,
    week_total,
)
from workers.rules.worktime_facts import SUNDAY

SOFT = Severity.SOFT


def day_totals(case: Case, rest_code: str) -> dict[date, int]:
    """Minutes to hold against a daily limit, for each date of the shift.

    The stricter of two counts: the calendar date, and the work day, which midnight does not cut.
    """
    totals = {day: case.by_date[day] for day in case.dates}
    for work_day in case.work_days(rest_code):
        if case.shift in work_day.shifts:
            minutes = sum(s.work_min for s in work_day.shifts) + sum(
                counted_trip_min(a, b) for a, b in pairwise(work_day.shifts)
            )
            opened = local_date(work_day.starts_at, case.tz)
            totals[opened] = max(totals.get(opened, 0), minutes)
    return totals


def check_adult_hours(case: Case) -> list[Violation]:
    """Hours of the days and weeks of the shift, and the average of four months."""
    found: list[Violation] = []
    for day, minutes in day_totals(case, "adult_daily_rest").items():
        if minutes > case.value("adult_daily_regular"):
            code = "adult_daily_regular"
            found.append(case.broken("daily_hours", SOFT, day.isoformat(), code, minutes))
    for monday in case.mondays:
        minutes = week_total(case.by_date, monday)
        if minutes > case.value("adult_weekly_max"):
            code = "adult_weekly_max"
            found.append(case.broken("weekly_max", SOFT, monday.isoformat(), code, minutes))
        elif minutes > case.value("adult_weekly_regular"):
            code = "adult_weekly_regular"
            found.append(case.broken("weekly_hours", SOFT, monday.isoformat(), code, minutes))
    average = average_week_min(case.by_date, case.dates[-1], case.limits, case.person.earlier_min)
    if average > case.value("adult_weekly_max"):
        found.append(case.broken("weekly_average", SOFT, "", "adult_weekly_max", average))
    return found


def check_own_limits(case: Case) -> list[Violation]:
    """What was agreed with this worker, whatever the law would allow."""
    person, by_date = case.person, case.by_date
    found: list[Violation] = []

    def over(code: str, subject: date, limit: int | None, got: int, unit: str) -> None:
        if limit is not None and got > limit:
            numbers: dict[str, int | str] = {f"got_{unit}": got, f"limit_{unit}": limit}
            found.append(Violation(code, SOFT, subject.isoformat(), numbers))

    for day in case.dates:
        over("own_daily_max", day, person.daily_max_min, by_date[day], "min")
    for monday in case.mondays:
        over(
            "own_weekly_max",
            monday,
            person.weekly_max_min,
            week_total(case.by_date, monday),
            "min",
        )
        worked = {local_date(s.interval.start, case.tz) for s in case.all_shifts}
        days = sum(monday_of(day) == monday for day in worked)
        over("own_days_per_week", monday, person.days_per_week_max, days, "days")
    if person.agreed_windows is not None:
        outside = total_min(subtract([case.shift.interval], person.agreed_windows))
        if outside:
            numbers = {"outside_min": outside}
            found.append(Violation("outside_agreed_hours", SOFT, case.on.isoformat(), numbers))
    return found


def check_special_days(case: Case) -> list[Violation]:
    """Minutes on Sundays and public holidays."""
    found: list[Violation] = []
    for day in case.dates:
        minutes = minutes_within(case.shift.interval, local_day_bounds(day, case.tz))
        if day in case.holidays:
            found.append(Violation("holiday_work", SOFT, day.isoformat(), {"got_min": minutes}))
        elif day.weekday() == SUNDAY:
            found.append(Violation("sunday_work", SOFT, day.isoformat(), {"got_min": minutes}))
    return found
