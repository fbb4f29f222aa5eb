"""Finnish working-time rules for one shift among its neighbours.

Pure: facts, shifts and dated limits in, `list[Violation]` out. The numbers of the law are rows of
`data/legal_limits.csv`; none stands in this code. The rules stand in modules by their kind
(`worktime_rests`, `worktime_hours`, `worktime_young`), and this one asks them all. Sources:
Working Hours Act 872/2019 and Young Workers Act 998/1993. docs/algorithms/working-time.md says why
each rule is built as it is and holds worked cases that run as tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, tzinfo

from core.violations import Severity, Violation, in_order
from workers.rules.worktime_case import Case, too_young
from workers.rules.worktime_facts import (
    AgeRule,
    PersonFacts,
    SchoolDays,
    Shift,
    age_on,
    age_rule,
)
from workers.rules.worktime_hours import (
    check_adult_hours,
    check_own_limits,
    check_special_days,
)
from workers.rules.worktime_limits import LegalLimits
from workers.rules.worktime_permits import permitted
from workers.rules.worktime_rests import check_daily_rest, check_neighbours, check_weekly_rest
from workers.rules.worktime_young import (
    check_guardian_consent,
    check_young_break,
    check_young_clock,
    check_young_hours,
)

HARD = Severity.HARD


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
        found.append(too_young(person, on, limits))
    if min_age is not None and age < min_age:
        found.append(Violation("task_min_age", HARD, "", {"age": age, "limit_years": min_age}))
    if hazardous and rule is not AgeRule.ADULT:
        found.append(Violation("task_hazardous_for_young", HARD, "", {"age": age}))
    light_only = rule in (AgeRule.TOO_YOUNG, AgeRule.CHILD, AgeRule.YOUNG_PUPIL)
    if light_only and not light_work_ok:
        found.append(Violation("task_not_light_work", HARD, "", {"age": age}))
    return in_order(permitted(found, person.permits, [on]))


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
    case = Case(person, shift, tuple(others), limits, tz, holidays, school_days, school_min)
    found = [*check_neighbours(case), *check_own_limits(case), *check_special_days(case)]
    if case.rule is AgeRule.TOO_YOUNG:
        found.append(too_young(person, case.on, limits))
    elif case.rule is AgeRule.ADULT:
        found += [*check_daily_rest(case), *check_weekly_rest(case), *check_adult_hours(case)]
    else:
        found += [*check_daily_rest(case), *check_weekly_rest(case), *check_young_clock(case)]
        found += [*check_young_break(case), *check_young_hours(case), *check_guardian_consent(case)]
    return in_order(permitted(found, person.permits, case.dates))
