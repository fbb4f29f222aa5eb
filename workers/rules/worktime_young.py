"""Rules for workers under 18: clock, breaks, hours, school, overtime and consents. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo

from core.intervals import MINUTE, Interval, contains, gap_min, local_instant, subtract, total_min
from core.violations import Severity, Violation
from workers.rules.worktime_case import Case
from workers.rules.worktime_counts import monday_of, week_total
from workers.rules.worktime_facts import AgeRule, Shift, age_on, leg_min
from workers.rules.worktime_hours import day_totals
from workers.rules.worktime_permits import PermitKind, numbers_by_kind, with_permit

HARD, SOFT = Severity.HARD, Severity.SOFT


def check_young_clock(case: Case) -> list[Violation]:
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


def check_young_break(case: Case) -> list[Violation]:
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


def check_young_hours(case: Case) -> list[Violation]:
    """Hours of days and weeks by age and school, and the overtime of the year."""
    rest = "child_daily_rest" if case.rule is AgeRule.CHILD else "young_daily_rest"
    totals = day_totals(case, rest)
    weeks = {monday: week_total(case.by_date, monday) for monday in case.mondays}
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
    case: Case,
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


def check_guardian_consent(case: Case) -> list[Violation]:
    """Under the age of an own contract the guardian makes it or has permitted it in writing."""
    consent_on, age = case.person.guardian_consent_on, age_on(case.person.birth_date, case.on)
    row = case.limits.row("own_contract_age", case.on)
    if age >= row.value or (consent_on is not None and consent_on <= case.on):
        return []
    numbers: dict[str, int | str] = {"age": age, "limit_years": row.value, "source": row.source}
    return [Violation("guardian_consent_missing", HARD, case.on.isoformat(), numbers)]


def _overtime(case: Case, totals: Mapping[date, int], weeks: Mapping[date, int]) -> list[Violation]:
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
    number = numbers_by_kind(case.person.permits, case.dates).get(PermitKind.OVERTIME)
    most = case.value("young_overtime_year_max") + case.value("young_overtime_permit_extra")
    return [*found, with_permit(over, number) if number and used <= most else over]


def _term(case: Case, totals: Mapping[date, int], weeks: Mapping[date, int]) -> list[Violation]:
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
        if monday_of(day) in in_term and day not in school
    }
    found += _above(case, "young_term_free_day", "pupil_free_day_max", off)
    if case.school_min is not None:
        together = {day: minutes + case.school_min(day) for day, minutes in school.items()}
        code = "pupil_school_and_work_max"
        found += _above(case, "young_school_and_work", code, together)
    return [_with_assumption(case, v) for v in found]


def _with_assumption(case: Case, violation: Violation) -> Violation:
    """Say in the numbers when school was taken to be on because no calendar tells."""
    day = date.fromisoformat(violation.subject)
    of_day = violation.code in {"young_school_day", "young_school_and_work"}
    days = [day] if of_day else [monday_of(day) + timedelta(days=n) for n in range(7)]
    if not any(case.is_assumed(d) and case.is_school_day(d) for d in days):
        return violation
    numbers = {**violation.numbers, "assumed": 1}
    return Violation(violation.code, violation.severity, violation.subject, numbers)
