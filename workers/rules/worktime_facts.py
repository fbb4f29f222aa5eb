"""What the working-time rules know of a worker, of the schools and of a shift. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.intervals import Interval
from workers.rules.worktime_limits import LegalLimits
from workers.rules.worktime_permits import Permit

SUNDAY = 6


@dataclass(frozen=True)
class SchoolCalendar:
    """Terms and holidays of the schools, as (first day, last day); a holiday in a term is free.

    A day that no row covers is unknown: the rules then read a Monday to Friday as a school day.
    """

    terms: tuple[tuple[date, date], ...] = ()
    breaks: tuple[tuple[date, date], ...] = ()

    def knows(self, day: date) -> bool:
        """True when a row tells whether school is on."""
        return any(first <= day <= last for first, last in (*self.terms, *self.breaks))

    def has_school(self, day: date) -> bool:
        """True on a Monday to Friday that is not in a holiday row."""
        weekday = day.weekday() < SUNDAY - 1
        return weekday and not any(first <= day <= last for first, last in self.breaks)


@dataclass(frozen=True)
class PersonFacts:
    """What the rules must know of a worker.

    `weekly_max_min`, `daily_max_min` and `days_per_week_max` are the worker's own limits
    (what was agreed or what is good for them), `agreed_windows` the reference hours of a
    variable-hours contract; None means no limit. `earlier_min` is work in the balancing period of
    the 48 h average that lies before the shifts listed one by one. For the young only:
    `overtime_consent_on` and `guardian_consent_on` are the dates of written consents,
    `overtime_used_min` the overtime of the calendar year outside the weeks of this shift,
    `permits` the exception permits of the authority.
    """

    birth_date: date
    basic_school_done: bool = True
    weekly_max_min: int | None = None
    daily_max_min: int | None = None
    days_per_week_max: int | None = None
    agreed_windows: tuple[Interval, ...] | None = None
    earlier_min: int = 0
    overtime_consent_on: date | None = None
    guardian_consent_on: date | None = None
    overtime_used_min: int = 0
    permits: tuple[Permit, ...] = ()


class AgeRule(StrEnum):
    """Which set of rules the law lays on a person on a date."""

    TOO_YOUNG = "too_young"
    CHILD = "child"  # turns 14 this year or is 14
    YOUNG_PUPIL = "young_pupil"  # 15-17, basic school not done
    YOUNG = "young"  # 15-17, basic school done
    ADULT = "adult"


SchoolDays = Container[date] | Callable[[date], bool] | SchoolCalendar


def age_on(birth_date: date, on: date) -> int:
    """Full years. Someone born on 29 February turns a year older on 1 March in other years."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def age_rule(person: PersonFacts, on: date, limits: LegalLimits) -> AgeRule:
    """The rules for the date of the shift, not for today."""
    age = age_on(person.birth_date, on)
    if age >= limits.value("adult_age", on):
        return AgeRule.ADULT
    if on.year - person.birth_date.year < limits.value("working_age", on):
        return AgeRule.TOO_YOUNG
    if age < limits.value("child_until_age", on):
        return AgeRule.CHILD
    return AgeRule.YOUNG if person.basic_school_done else AgeRule.YOUNG_PUPIL


def required_break_min(person: PersonFacts, minutes: int, on: date, limits: LegalLimits) -> int:
    """Break to plan into `minutes` of presence (an adult's: the short break, which is agreed)."""
    if age_rule(person, on, limits) is not AgeRule.ADULT:
        long = minutes > limits.value("young_break_over", on)
        return limits.value("young_break", on) if long else 0
    if minutes > limits.value("adult_long_break_over", on):
        return limits.value("adult_break", on) + limits.value("adult_long_break", on)
    return limits.value("adult_break", on) if minutes > limits.value("adult_break_over", on) else 0


@dataclass(frozen=True)
class Shift:
    """One shift of a worker, done or planned.

    `travel_before_min` is the trip to this shift from the one before, `travel_after_min` the trip
    from it to the next: two neighbours describe the same trip, and the longer statement counts.
    During `break_min` the worker is unpaid and free to leave. `ref` is the caller's own name.
    """

    interval: Interval
    travel_before_min: int = 0
    travel_after_min: int = 0
    break_min: int = 0
    ref: str = ""

    @property
    def work_min(self) -> int:
        """Working time of the shift: presence less the break."""
        return max(0, self.interval.minutes - self.break_min)


def leg_min(first: Shift, second: Shift) -> int:
    """Minutes of the trip from one shift to the next."""
    return max(first.travel_after_min, second.travel_before_min)
