"""One question to the working-time rules, with what several rules need. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import cached_property

from core.intervals import Interval, local_dates, overlaps
from core.violations import Severity, Violation
from core.zone import local_date
from workers.rules.worktime_counts import DAY, WorkDay, minutes_by_day, monday_of, work_days
from workers.rules.worktime_facts import (
    AgeRule,
    PersonFacts,
    SchoolCalendar,
    SchoolDays,
    Shift,
    age_on,
    age_rule,
)
from workers.rules.worktime_limits import LegalLimits

HARD = Severity.HARD


@dataclass(frozen=True)
class Case:
    """One question with what several rules need."""

    person: PersonFacts
    shift: Shift
    others: tuple[Shift, ...]
    limits: LegalLimits
    tz: tzinfo
    holidays: frozenset[date]
    school_days: SchoolDays | None
    school_min: Callable[[date], int] | None

    @cached_property
    def on(self) -> date:
        return local_date(self.shift.interval.start, self.tz)

    @cached_property
    def rule(self) -> AgeRule:
        return age_rule(self.person, self.on, self.limits)

    @cached_property
    def all_shifts(self) -> tuple[Shift, ...]:
        return (self.shift, *self.others)

    @cached_property
    def near(self) -> tuple[Shift, ...]:
        """The shifts that can bear on the rest around this one."""
        interval = self.shift.interval
        around = Interval(interval.start - 3 * DAY, interval.end + 3 * DAY)
        return tuple(s for s in self.all_shifts if overlaps(s.interval, around))

    @cached_property
    def by_date(self) -> Counter[date]:
        return minutes_by_day(self.all_shifts, self.tz)

    @cached_property
    def dates(self) -> list[date]:
        return local_dates(self.shift.interval, self.tz)

    @cached_property
    def mondays(self) -> list[date]:
        return sorted({monday_of(day) for day in self.dates})

    def value(self, code: str) -> int:
        return self.limits.value(code, self.on)

    def work_days(self, rest_code: str) -> list[WorkDay]:
        pause = self.value("adult_break_without_agreement")
        return work_days(self.near, self.value(rest_code), pause, self.tz)

    def is_school_day(self, day: date) -> bool:
        if self.school_days is None or isinstance(self.school_days, SchoolCalendar):
            calendar = self.school_days or SchoolCalendar()
            return calendar.has_school(day) and day not in self.holidays
        if callable(self.school_days):
            return self.school_days(day)
        return day in self.school_days

    def is_assumed(self, day: date) -> bool:
        """True when no school calendar says whether that day is a school day."""
        if isinstance(self.school_days, SchoolCalendar):
            return not self.school_days.knows(day)
        return self.school_days is None

    def broken(
        self, code: str, severity: Severity, subject: str, limit_code: str, got: int
    ) -> Violation:
        row = self.limits.row(limit_code, self.on)
        numbers: dict[str, int | str] = {
            "got_min": got,
            "limit_min": row.value,
            "source": row.source,
        }
        return Violation(code, severity, subject, numbers)


def too_young(person: PersonFacts, on: date, limits: LegalLimits) -> Violation:
    row = limits.row("working_age", on)
    age = age_on(person.birth_date, on)
    numbers: dict[str, int | str] = {"age": age, "limit_years": row.value, "source": row.source}
    return Violation("under_working_age", HARD, on.isoformat(), numbers)
