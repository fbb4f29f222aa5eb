"""Finnish working-time rules for one shift among its neighbours.

Pure: facts, shifts and dated limits in, `list[Violation]` out. The numbers of the law are rows of
`data/legal_limits.csv` read by `load_limits`; none stands in this code. Sources:
Working Hours Act 872/2019 and Young Workers Act 998/1993. docs/algorithms/working-time.md says why
each rule is built as it is and holds worked cases that run as tests.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from core.intervals import (
    MINUTE,
    Interval,
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
)
from core.violations import Severity, Violation, in_order
from core.zone import local_date

HARD, SOFT = Severity.HARD, Severity.SOFT
DAY = timedelta(hours=24)
SUNDAY = 6


# ---------------------------------------------------------------- dated limits
@dataclass(frozen=True)
class LegalLimit:
    """One number of the law (or of a source) and when it holds; `valid_to` is its last day."""

    code: str
    valid_from: date
    valid_to: date | None
    value: int
    unit: str
    source: str
    certainty: str

    def holds_on(self, on: date) -> bool:
        """True when the number applies on that date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class UnknownLimitError(LookupError):
    """No number is known under this code for this date."""


@dataclass(frozen=True)
class LegalLimits:
    """Dated lookup of legal numbers.

    Raises:
        ValueError: two rows of a code share a day.
    """

    rows: Mapping[str, tuple[LegalLimit, ...]]

    def __post_init__(self) -> None:
        for code, rows in self.rows.items():
            ordered = sorted(rows, key=lambda row: row.valid_from)
            for earlier, later in pairwise(ordered):
                if earlier.holds_on(later.valid_from):
                    raise ValueError(f"two rows of {code} hold on {later.valid_from}")

    @classmethod
    def of(cls, rows: Iterable[LegalLimit]) -> LegalLimits:
        """Group rows by code (for rows that come from a table rather than from the csv)."""
        grouped: dict[str, list[LegalLimit]] = {}
        for row in rows:
            grouped.setdefault(row.code, []).append(row)
        return cls({code: tuple(found) for code, found in grouped.items()})

    def row(self, code: str, on: date) -> LegalLimit:
        """The row in force on a date.

        Raises:
            UnknownLimitError: no number is known for the date.
        """
        for row in self.rows.get(code, ()):
            if row.holds_on(on):
                return row
        raise UnknownLimitError(f"no legal limit {code} on {on}")

    def value(self, code: str, on: date) -> int:
        """The number in force on a date, in the row's own unit.

        Raises:
            UnknownLimitError: no number is known for the date.
        """
        return self.row(code, on).value


def load_limits(text: str) -> LegalLimits:
    """Read the csv text (header code,valid_from,valid_to,value,unit,source,certainty).

    Dates ISO, an empty `valid_to` is open.

    Raises:
        ValueError: for a bad date, number, missing column or for rows of one code that overlap.
    """
    reader = csv.DictReader(io.StringIO(text))
    wanted = ["code", "valid_from", "valid_to", "value", "unit", "source", "certainty"]
    if reader.fieldnames != wanted:
        raise ValueError(f"columns must be {','.join(wanted)}")
    rows: list[LegalLimit] = []
    for raw in reader:
        limit = LegalLimit(
            code=raw["code"],
            valid_from=date.fromisoformat(raw["valid_from"]),
            valid_to=date.fromisoformat(raw["valid_to"]) if raw["valid_to"] else None,
            value=int(raw["value"]),
            unit=raw["unit"],
            source=raw["source"],
            certainty=raw["certainty"],
        )
        if limit.valid_to is not None and limit.valid_to < limit.valid_from:
            raise ValueError(f"{limit.code} ends before it begins")
        rows.append(limit)
    return LegalLimits.of(rows)


# ----------------------------------------------------------------- the person
class PermitKind(StrEnum):
    """What an authority's exception permit for a young worker lets go; never a shorter rest."""

    OVERTIME = "overtime"  # more overtime in the year
    HOURS = "hours"  # longer days and weeks
    CLOCK = "clock"  # earlier or later on the clock
    TASK = "task"  # a task that is otherwise closed to the age
    AGE = "age"  # work before the working age


PERMITTED: Mapping[str, PermitKind] = {
    "young_daily_max": PermitKind.HOURS,
    "young_weekly_max": PermitKind.HOURS,
    "young_term_week": PermitKind.HOURS,
    "young_school_day": PermitKind.HOURS,
    "young_term_free_day": PermitKind.HOURS,
    "young_school_and_work": PermitKind.HOURS,
    "young_clock": PermitKind.CLOCK,
    "task_hazardous_for_young": PermitKind.TASK,
    "task_not_light_work": PermitKind.TASK,
    "under_working_age": PermitKind.AGE,
}
"""Hard codes that a permit of the kind makes soft; what is not here, no permit bends.

A permit of overtime reaches as far as its own limit of hours; see `_overtime`.
"""


@dataclass(frozen=True)
class Permit:
    """An exception permit: its number, and the first and the last day on which it holds."""

    number: str
    kind: PermitKind
    valid_from: date
    valid_to: date

    def holds_on(self, on: date) -> bool:
        """True on each day of its period."""
        return self.valid_from <= on <= self.valid_to


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
    the 48 h average that lies before the shifts told one by one. For the young only:
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


def check_task(
    person: PersonFacts,
    *,
    min_age: int | None,
    hazardous: bool,
    light_work_ok: bool,
    on: date,
    limits: LegalLimits,
) -> list[Violation]:
    """May this person do this kind of task on this date? Hard, unless a permit lets it go."""
    rule, age = age_rule(person, on, limits), age_on(person.birth_date, on)
    found: list[Violation] = []
    if rule is AgeRule.TOO_YOUNG:
        found.append(_too_young(person, on, limits))
    if min_age is not None and age < min_age:
        found.append(Violation("task_min_age", HARD, "", {"age": age, "limit_years": min_age}))
    if hazardous and rule is not AgeRule.ADULT:
        found.append(Violation("task_hazardous_for_young", HARD, "", {"age": age}))
    light_only = rule in (AgeRule.TOO_YOUNG, AgeRule.CHILD, AgeRule.YOUNG_PUPIL)
    if light_only and not light_work_ok:
        found.append(Violation("task_not_light_work", HARD, "", {"age": age}))
    return in_order(permitted(found, person.permits, [on]))


def permitted(
    violations: Iterable[Violation], permits: Iterable[Permit], days: Iterable[date]
) -> list[Violation]:
    """The violations, with those soft that a permit lets go on every one of the days.

    The permit's number is added to theirs: who overrides says which paper allows it.
    """
    number_of = _numbers_of(permits, days)
    found: list[Violation] = []
    for v in violations:
        kind = PERMITTED.get(v.code)
        softer = v.is_hard and kind in number_of
        found.append(_with_permit(v, number_of[kind]) if softer and kind else v)
    return found


def _numbers_of(permits: Iterable[Permit], days: Iterable[date]) -> dict[PermitKind, str]:
    """Number of the permit that holds on all of the days, by kind."""
    asked = list(days)
    holding = [permit for permit in permits if all(permit.holds_on(day) for day in asked)]
    return {permit.kind: permit.number for permit in reversed(holding)}


def _with_permit(violation: Violation, number: str) -> Violation:
    numbers = {**violation.numbers, "permit": number}
    return Violation(violation.code, SOFT, violation.subject, numbers)


# ------------------------------------------------------------------ the shifts
@dataclass(frozen=True)
class Shift:
    """One gig of a worker.

    `travel_before_min` is the way to this gig from the one before, `travel_after_min` the way
    from it to the next: two neighbours describe the same leg, the longer statement counts.
    `break_min` is unpaid and the worker is free to leave. `ref` is the caller's own name.
    """

    interval: Interval
    travel_before_min: int = 0
    travel_after_min: int = 0
    break_min: int = 0
    ref: str = ""

    @property
    def work_min(self) -> int:
        """Working time in the gig: presence less the break."""
        return max(0, self.interval.minutes - self.break_min)


def leg_min(first: Shift, second: Shift) -> int:
    """Minutes needed on the way from one gig to the next."""
    return max(first.travel_after_min, second.travel_before_min)


@dataclass(frozen=True)
class WorkDay:
    """The gigs between two rests, the first gig after them, and the rest they leave.

    `rest_min` is the smaller of two: the gap to the following gig, and the longest free span in
    the 24 elapsed hours from the first start.
    """

    shifts: tuple[Shift, ...]
    following: Shift | None
    rest_min: int

    @property
    def starts_at(self) -> datetime:
        """Start of the first gig."""
        return self.shifts[0].interval.start


def work_days(
    shifts: Iterable[Shift], rest_limit_min: int, pause_min: int, tz: tzinfo
) -> list[WorkDay]:
    """Split gigs into work days.

    Gigs that start on the same local date are one work day, unless a whole rest lies between them.
    Gigs of two dates are two work days, unless only a pause (`pause_min` and the way) lies
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

    Breaks are taken from the longest piece of a gig over midnight. The way between two gigs that
    start on the same date is working time and counts on that date, never more than the gap is.
    """
    result: Counter[date] = Counter()
    before: Shift | None = None
    for shift in sorted(shifts, key=lambda s: s.interval):
        pieces = {
            day: _within(shift.interval, local_day_bounds(day, tz))
            for day in local_dates(shift.interval, tz)
        }
        longest = max(pieces, key=lambda day: pieces[day])
        pieces[longest] = max(0, pieces[longest] - shift.break_min)
        result.update(pieces)
        starts_on = local_date(shift.interval.start, tz)
        if before is not None and local_date(before.interval.start, tz) == starts_on:
            result[starts_on] += _way(before, shift)
        before = shift
    return result


def average_weekly_min(shifts: Iterable[Shift], on: date, limits: LegalLimits, tz: tzinfo) -> int:
    """Mean working minutes a week over the balancing period that ends with the week of `on`.

    Weeks without data count as zero, so a short history never accuses falsely. Rounded up: a
    minute over the limit in the whole period is over.
    """
    return _average(minutes_by_day(shifts, tz), on, limits)


def average_period(on: date, limits: LegalLimits) -> tuple[date, date]:
    """First and last day of the balancing period that ends with the week of `on`."""
    last = _monday(on) + timedelta(days=6)
    return last - timedelta(days=7 * limits.value("adult_average_weeks", on) - 1), last


def _average(by_day: Counter[date], on: date, limits: LegalLimits, earlier_min: int = 0) -> int:
    first, last = average_period(on, limits)
    minutes = sum(minutes for day, minutes in by_day.items() if first <= day <= last)
    return -(-(minutes + earlier_min) // limits.value("adult_average_weeks", on))


def check_shift(
    person: PersonFacts,
    shift: Shift,
    others: Sequence[Shift],
    limits: LegalLimits,
    tz: tzinfo,
    holidays: frozenset[date] = frozenset(),
    *,
    school_days: SchoolDays | None = None,
    school_min: Callable[[date], int] | None = None,
) -> list[Violation]:
    """Everything the working-time rules say against this shift, hard ones first.

    `others` are the worker's other shifts (never this one): at least the ISO weeks touched and a
    week on both sides; what lies before them in the four months of the 48 h average may come as one
    sum (`person.earlier_min`). `holidays` are local dates on which work
    counts as holiday work. `school_days` matters for pupils only: None takes every Monday to
    Friday that is no holiday, the careful reading, as does a day that a SchoolCalendar does not
    know; days of work practice (TET) are not school days.
    `school_min` gives the school minutes of a date for the rule on school and work together.

    Raises:
        UnknownLimitError: no legal number is known for the date.
    """
    case = _Case(person, shift, tuple(others), limits, tz, holidays, school_days, school_min)
    found = [*_neighbours(case), *_own_limits(case), *_special_days(case)]
    if case.rule is AgeRule.TOO_YOUNG:
        found.append(_too_young(person, case.on, limits))
    elif case.rule is AgeRule.ADULT:
        found += [*_daily_rest(case), *_weekly_rest(case), *_adult_hours(case)]
    else:
        found += [*_daily_rest(case), *_weekly_rest(case), *_young_clock(case)]
        found += [*_young_break(case), *_young_hours(case), *_guardian(case)]
    return in_order(permitted(found, person.permits, case.dates))


# ----------------------------------------------------------------- the insides
@dataclass(frozen=True)
class _Case:
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
        return sorted({_monday(day) for day in self.dates})

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


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _within(interval: Interval, frame: Interval) -> int:
    shared = intersection(interval, frame)
    return shared.minutes if shared is not None else 0


def _way(first: Shift, second: Shift) -> int:
    """Minutes of the leg that can be working time: no more than lies between the gigs."""
    return max(0, min(leg_min(first, second), gap_min(first.interval, second.interval)))


def _week_total(by_day: Counter[date], monday: date) -> int:
    return sum(by_day[monday + timedelta(days=n)] for n in range(7))


def _too_young(person: PersonFacts, on: date, limits: LegalLimits) -> Violation:
    row = limits.row("working_age", on)
    age = age_on(person.birth_date, on)
    numbers: dict[str, int | str] = {"age": age, "limit_years": row.value, "source": row.source}
    return Violation("under_working_age", HARD, on.isoformat(), numbers)


def _neighbours(case: _Case) -> list[Violation]:
    """Nobody is in two places, nor on two ways at once."""
    mine = case.shift
    found: list[Violation] = []
    for other in case.others:
        if overlaps(mine.interval, other.interval):
            shared = -gap_min(mine.interval, other.interval)
            found.append(Violation("overlap", HARD, other.ref, {"overlap_min": shared}))
    clear = [s for s in case.others if not overlaps(mine.interval, s.interval)]
    earlier = [s for s in clear if s.interval.end <= mine.interval.start]
    later = [s for s in clear if s.interval.start >= mine.interval.end]
    pairs: list[tuple[Shift, Shift, Shift]] = []
    if earlier:
        before = max(earlier, key=lambda s: s.interval.end)
        pairs.append((before, mine, before))
    if later:
        after = min(later, key=lambda s: s.interval.start)
        pairs.append((mine, after, after))
    for first, second, other in pairs:
        gap, need = gap_min(first.interval, second.interval), leg_min(first, second)
        if gap < need:
            numbers = {"gap_min": gap, "travel_min": need}
            found.append(Violation("travel_overlap", HARD, other.ref, numbers))
    return found


def _daily_rest(case: _Case) -> list[Violation]:
    limit_code = {
        AgeRule.ADULT: "adult_daily_rest",
        AgeRule.CHILD: "child_daily_rest",
    }.get(case.rule, "young_daily_rest")
    limit = case.value(limit_code)
    found: list[Violation] = []
    for day in case.work_days(limit_code):
        if day.rest_min >= limit or not (case.shift in day.shifts or case.shift == day.following):
            continue
        subject = local_date(day.starts_at, case.tz).isoformat()
        if case.rule is not AgeRule.ADULT:
            found.append(case.broken("young_daily_rest", HARD, subject, limit_code, day.rest_min))
            continue
        below_floor = day.rest_min < case.value("adult_daily_rest_floor")
        if below_floor:
            code = "adult_daily_rest_floor"
            found.append(case.broken("daily_rest_floor", HARD, subject, code, day.rest_min))
        else:
            found.append(case.broken("daily_rest", SOFT, subject, limit_code, day.rest_min))
    return found


def _weekly_rest(case: _Case) -> list[Violation]:
    adult = case.rule is AgeRule.ADULT
    limit_code = "adult_weekly_rest" if adult else "young_weekly_rest"
    limit = case.value(limit_code)
    found: list[Violation] = []
    for monday in case.mondays:
        longest = weekly_rest_min(case.all_shifts, monday, limit, case.tz)
        if longest < limit:
            code, severity = ("weekly_rest", SOFT) if adult else ("young_weekly_rest", HARD)
            found.append(case.broken(code, severity, monday.isoformat(), limit_code, longest))
    return found


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


def _day_totals(case: _Case, rest_code: str) -> dict[date, int]:
    """Minutes to hold against a daily limit, for each date of the shift.

    The stricter of two counts: the calendar date, and the work day, which midnight does not cut.
    """
    totals = {day: case.by_date[day] for day in case.dates}
    for work_day in case.work_days(rest_code):
        if case.shift in work_day.shifts:
            minutes = sum(s.work_min for s in work_day.shifts) + sum(
                _way(a, b) for a, b in pairwise(work_day.shifts)
            )
            opened = local_date(work_day.starts_at, case.tz)
            totals[opened] = max(totals.get(opened, 0), minutes)
    return totals


def _adult_hours(case: _Case) -> list[Violation]:
    found: list[Violation] = []
    for day, minutes in _day_totals(case, "adult_daily_rest").items():
        if minutes > case.value("adult_daily_regular"):
            code = "adult_daily_regular"
            found.append(case.broken("daily_hours", SOFT, day.isoformat(), code, minutes))
    for monday in case.mondays:
        minutes = _week_total(case.by_date, monday)
        if minutes > case.value("adult_weekly_max"):
            code = "adult_weekly_max"
            found.append(case.broken("weekly_max", SOFT, monday.isoformat(), code, minutes))
        elif minutes > case.value("adult_weekly_regular"):
            code = "adult_weekly_regular"
            found.append(case.broken("weekly_hours", SOFT, monday.isoformat(), code, minutes))
    average = _average(case.by_date, case.dates[-1], case.limits, case.person.earlier_min)
    if average > case.value("adult_weekly_max"):
        found.append(case.broken("weekly_average", SOFT, "", "adult_weekly_max", average))
    return found


def _own_limits(case: _Case) -> list[Violation]:
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
            _week_total(case.by_date, monday),
            "min",
        )
        worked = {local_date(s.interval.start, case.tz) for s in case.all_shifts}
        days = sum(_monday(day) == monday for day in worked)
        over("own_days_per_week", monday, person.days_per_week_max, days, "days")
    if person.agreed_windows is not None:
        outside = total_min(subtract([case.shift.interval], person.agreed_windows))
        if outside:
            numbers = {"outside_min": outside}
            found.append(Violation("outside_agreed_hours", SOFT, case.on.isoformat(), numbers))
    return found


def _special_days(case: _Case) -> list[Violation]:
    found: list[Violation] = []
    for day in case.dates:
        minutes = _within(case.shift.interval, local_day_bounds(day, case.tz))
        if day in case.holidays:
            found.append(Violation("holiday_work", SOFT, day.isoformat(), {"got_min": minutes}))
        elif day.weekday() == SUNDAY:
            found.append(Violation("sunday_work", SOFT, day.isoformat(), {"got_min": minutes}))
    return found


def _young_clock(case: _Case) -> list[Violation]:
    """All of the shift lies between the two clock times of its own date."""
    who = "child" if case.rule is AgeRule.CHILD else "young"
    opens, closes = case.value(f"{who}_clock_from"), case.value(f"{who}_clock_to")
    allowed = Interval(_at_minute(case.on, opens, case.tz), _at_minute(case.on, closes, case.tz))
    if contains(allowed, case.shift.interval):
        return []
    numbers: dict[str, int | str] = {
        "from_minute": opens,
        "to_minute": closes,
        "outside_min": total_min(subtract([case.shift.interval], [allowed])),
        "source": case.limits.row(f"{who}_clock_from", case.on).source,
    }
    return [Violation("young_clock", HARD, case.on.isoformat(), numbers)]


def _at_minute(on: date, minute: int, tz: tzinfo) -> datetime:
    """The instant at which the wall clock shows `minute` of the day (1440 = next midnight)."""
    days, rest = divmod(minute, 24 * 60)
    return local_instant(on + timedelta(days=days), time(rest // 60, rest % 60), tz)


def _young_break(case: _Case) -> list[Violation]:
    """No run of work longer than the limit without one whole break."""
    need = case.value("young_break")
    run = [case.shift]
    ordered = sorted(case.others, key=lambda s: s.interval)
    for other in reversed([s for s in ordered if s.interval.end <= case.shift.interval.start]):
        if _free_between(other, run[0]) >= need:
            break
        run.insert(0, other)
    for other in [s for s in ordered if s.interval.start >= case.shift.interval.end]:
        if _free_between(run[-1], other) >= need:
            break
        run.append(other)
    length = (run[-1].interval.end - run[0].interval.start) // MINUTE
    rested = max(s.break_min for s in run)
    if length <= case.value("young_break_over") or rested >= need:
        return []
    return [
        Violation(
            "young_break",
            HARD,
            case.on.isoformat(),
            {
                "got_min": rested,
                "limit_min": need,
                "work_min": length,
                "source": case.limits.row("young_break", case.on).source,
            },
        )
    ]


def _free_between(first: Shift, second: Shift) -> int:
    return gap_min(first.interval, second.interval) - leg_min(first, second)


def _young_hours(case: _Case) -> list[Violation]:
    rest = "child_daily_rest" if case.rule is AgeRule.CHILD else "young_daily_rest"
    totals = _day_totals(case, rest)
    weeks = {monday: _week_total(case.by_date, monday) for monday in case.mondays}
    found: list[Violation] = []
    if case.rule is not AgeRule.YOUNG:
        found += _term(case, totals, weeks)
    if case.rule is AgeRule.CHILD:
        found += _above(case, "young_daily_max", "child_daily_max", totals)
        found += _above(case, "young_weekly_max", "child_weekly_max", weeks)
        return found
    found += _above(case, "young_daily_max", "young_daily_max", totals)
    found += _above(case, "young_weekly_max", "young_weekly_max", weeks)
    return found + _overtime(case, totals, weeks)


def _above(
    case: _Case,
    code: str,
    limit_code: str,
    totals: Mapping[date, int],
    severity: Severity = HARD,
) -> list[Violation]:
    limit = case.value(limit_code)
    return [
        case.broken(code, severity, day.isoformat(), limit_code, minutes)
        for day, minutes in totals.items()
        if minutes > limit
    ]


def overtime_min(shifts: Iterable[Shift], limits: LegalLimits, on: date, tz: tzinfo) -> int:
    """Overtime of a young worker: of each week the larger of its days' and its own, added up."""
    by_day = minutes_by_day(shifts, tz)
    day_limit = limits.value("young_daily_regular", on)
    week_limit = limits.value("young_weekly_regular", on)
    found = 0
    for monday in {_monday(day) for day in by_day}:
        days = sum(max(0, by_day[monday + timedelta(days=n)] - day_limit) for n in range(7))
        found += max(days, _week_total(by_day, monday) - week_limit)
    return found


def _guardian(case: _Case) -> list[Violation]:
    """Under the age of an own contract the guardian makes it or has permitted it in writing."""
    consent_on, age = case.person.guardian_consent_on, age_on(case.person.birth_date, case.on)
    row = case.limits.row("own_contract_age", case.on)
    if age >= row.value or (consent_on is not None and consent_on <= case.on):
        return []
    numbers: dict[str, int | str] = {"age": age, "limit_years": row.value, "source": row.source}
    return [Violation("guardian_consent_missing", HARD, case.on.isoformat(), numbers)]


def _overtime(
    case: _Case, totals: Mapping[date, int], weeks: Mapping[date, int]
) -> list[Violation]:
    """Over 8/40 is overtime: hard without consent, with it soft until the year's hours are used.

    A permit of the overtime kind adds its hours to those of the year.
    """
    day_limit, week_limit = case.value("young_daily_regular"), case.value("young_weekly_regular")
    daily = {d: m for d, m in totals.items() if m <= case.value("young_daily_max")}
    weekly = {d: m for d, m in weeks.items() if m <= case.value("young_weekly_max")}
    consent_on = case.person.overtime_consent_on
    severity = SOFT if consent_on is not None and consent_on <= case.on else HARD
    found = _above(case, "young_daily_hours", "young_daily_regular", daily, severity)
    found += _above(case, "young_weekly_hours", "young_weekly_regular", weekly, severity)
    by_week = sum(max(0, minutes - week_limit) for minutes in weeks.values())
    extra = max(sum(max(0, m - day_limit) for m in totals.values()), by_week)
    of_weeks = [monday + timedelta(days=n) for monday in case.mondays for n in range(7)]
    by_day = {day: max(case.by_date[day], totals.get(day, 0)) for day in of_weeks}
    together = max(sum(max(0, m - day_limit) for m in by_day.values()), by_week)
    used, year = case.person.overtime_used_min + together, str(case.on.year)
    if not extra or used <= case.value("young_overtime_year_max"):
        return found
    over = case.broken("young_overtime_year", HARD, year, "young_overtime_year_max", used)
    number = _numbers_of(case.person.permits, case.dates).get(PermitKind.OVERTIME)
    most = case.value("young_overtime_year_max") + case.value("young_overtime_permit_extra")
    return [*found, _with_permit(over, number) if number and used <= most else over]


def _term(case: _Case, totals: Mapping[date, int], weeks: Mapping[date, int]) -> list[Violation]:
    """Who still goes to basic school: short days and a short week while school is on."""
    found: list[Violation] = []
    in_term = {
        monday: minutes
        for monday, minutes in weeks.items()
        if any(case.is_school_day(monday + timedelta(days=n)) for n in range(7))
    }
    found += _above(case, "young_term_week", "pupil_term_week_max", in_term)
    school = {day: minutes for day, minutes in totals.items() if case.is_school_day(day)}
    found += _above(case, "young_school_day", "pupil_school_day_max", school)
    off = {
        day: minutes
        for day, minutes in totals.items()
        if _monday(day) in in_term and day not in school
    }
    found += _above(case, "young_term_free_day", "pupil_free_day_max", off)
    if case.school_min is not None:
        together = {day: minutes + case.school_min(day) for day, minutes in school.items()}
        code = "pupil_school_and_work_max"
        found += _above(case, "young_school_and_work", code, together)
    return [_with_assumption(case, v) for v in found]


def _with_assumption(case: _Case, violation: Violation) -> Violation:
    """Say in the numbers when school was taken to be on because no calendar tells."""
    day = date.fromisoformat(violation.subject)
    of_day = violation.code in {"young_school_day", "young_school_and_work"}
    days = [day] if of_day else [_monday(day) + timedelta(days=n) for n in range(7)]
    if not any(case.is_assumed(d) and case.is_school_day(d) for d in days):
        return violation
    numbers = {**violation.numbers, "assumed": 1}
    return Violation(violation.code, violation.severity, violation.subject, numbers)
