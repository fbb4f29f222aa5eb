"""Kinds of engagement: who pays, what may be billed, and the limits each kind brings.

Pure. The kind decides about wage, billing and reports (`FACTS`); the numbers of its limits are
dated rows of `data/legal_limits.csv`. A workshop is a setting, not a kind: store what lies under
it. Volunteers and light entrepreneurs are no kinds here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from core.violations import Severity, Violation, in_order
from workers.rules.worktime_limits import LegalLimits

HARD, SOFT = Severity.HARD, Severity.SOFT
SATURDAY = 5


class EngagementKind(StrEnum):
    """On what footing a person works."""

    EMPLOYMENT = "employment"
    PAY_SUBSIDY = "pay_subsidy"
    WORK_TRIAL = "work_trial"
    REHABILITATIVE = "rehabilitative"
    APPRENTICESHIP = "apprenticeship"
    TRAINING_AGREEMENT = "training_agreement"
    SCHOOL_PRACTICE = "school_practice"


class Report(StrEnum):
    """What somebody outside is owed about the engagement."""

    PAYROLL = "payroll"
    INCOMES_REGISTER = "incomes_register"
    SUBSIDY_CLAIM = "subsidy_claim"
    ABSENCES = "absences"
    WRITTEN_FEEDBACK = "written_feedback"
    ATTENDANCE_DAYS = "attendance_days"
    PROGRESS_TO_PROVIDER = "progress_to_provider"
    FEEDBACK_TO_SCHOOL = "feedback_to_school"


@dataclass(frozen=True)
class KindFacts:
    """`pays_wage`: we owe wage for the hours, else only attendance is recorded and nothing goes
    to payroll. `billable_default`: the customer is charged for the time unless someone decides
    otherwise."""

    pays_wage: bool
    billable_default: bool
    reports: tuple[Report, ...]


_WAGE = (Report.PAYROLL, Report.INCOMES_REGISTER)
FACTS: Mapping[EngagementKind, KindFacts] = MappingProxyType(
    {
        EngagementKind.EMPLOYMENT: KindFacts(pays_wage=True, billable_default=True, reports=_WAGE),
        EngagementKind.PAY_SUBSIDY: KindFacts(
            pays_wage=True, billable_default=True, reports=(*_WAGE, Report.SUBSIDY_CLAIM)
        ),
        EngagementKind.WORK_TRIAL: KindFacts(
            pays_wage=False,
            billable_default=False,
            reports=(Report.ABSENCES, Report.WRITTEN_FEEDBACK),
        ),
        EngagementKind.REHABILITATIVE: KindFacts(
            pays_wage=False, billable_default=False, reports=(Report.ATTENDANCE_DAYS,)
        ),
        EngagementKind.APPRENTICESHIP: KindFacts(
            pays_wage=True, billable_default=True, reports=(*_WAGE, Report.PROGRESS_TO_PROVIDER)
        ),
        EngagementKind.TRAINING_AGREEMENT: KindFacts(
            pays_wage=False, billable_default=False, reports=(Report.PROGRESS_TO_PROVIDER,)
        ),
        EngagementKind.SCHOOL_PRACTICE: KindFacts(
            pays_wage=False, billable_default=False, reports=(Report.FEEDBACK_TO_SCHOOL,)
        ),
    }
)
ALL_KINDS = frozenset(EngagementKind)
UNPAID_KINDS = frozenset(kind for kind, facts in FACTS.items() if not facts.pays_wage)


@dataclass(frozen=True)
class _Limit:
    """`measure` is held against the row `code`; `at_least` turns the comparison round."""

    violation: str
    measure: str
    code: str
    severity: Severity = HARD
    at_least: bool = False


_LIMITS: Mapping[EngagementKind, tuple[_Limit, ...]] = MappingProxyType(
    {
        EngagementKind.WORK_TRIAL: (
            # A short day is soft: the rest of it may be workshop time the dispatcher cannot see.
            _Limit("engagement_day_short", "day_min", "trial_daily_min", SOFT, at_least=True),
            _Limit("engagement_day_long", "day_min", "trial_daily_max"),
            _Limit("engagement_week_days", "week_days", "trial_week_days_max"),
        ),
        EngagementKind.REHABILITATIVE: (
            _Limit(
                "engagement_day_short", "day_min", "rehabilitative_daily_min", SOFT, at_least=True
            ),
            _Limit("engagement_day_long", "day_min", "rehabilitative_daily_max"),
            _Limit("engagement_week_days", "week_days", "rehabilitative_week_days_max"),
            _Limit("engagement_week_long", "week_min", "rehabilitative_weekly_max"),
        ),
        EngagementKind.TRAINING_AGREEMENT: (
            _Limit("engagement_day_long", "day_min", "training_daily_max"),
            _Limit("engagement_week_long", "week_min", "training_weekly_max"),
        ),
        EngagementKind.SCHOOL_PRACTICE: (
            # "About" six hours: schools differ, so these two can be overridden.
            _Limit("engagement_day_long", "day_min", "school_practice_daily_max", SOFT),
            _Limit("engagement_week_long", "week_min", "school_practice_weekly_max", SOFT),
            _Limit("engagement_week_days", "week_days", "school_practice_week_days_max"),
        ),
    }
)


def check_engagement(
    kind: EngagementKind | None,
    *,
    on: date,
    starts_on: date | None,
    ends_on: date | None,
    shift_min: int,
    week_min: int,
    week_days: int,
    limits: LegalLimits,
    day_min: int | None = None,
    daily_max_min: int | None = None,
    weekly_max_min: int | None = None,
    days_per_week_max: int | None = None,
    subsidy_excludes_business: bool = False,
    billable_order: bool = True,
    customer_is_company: bool = True,
    company_may_run: frozenset[EngagementKind] = ALL_KINDS,
    age: int | None = None,
) -> list[Violation]:
    """What the footing on which a person works says against a shift on `on`.

    `kind` None means no engagement; `starts_on` and `ends_on` are both days of it. `shift_min` is
    this shift, `day_min` its local date (None: this shift alone), `week_min` and `week_days` its
    ISO week, all with this shift counted. `daily_max_min`, `weekly_max_min` and
    `days_per_week_max` are the engagement's own written limits: hard for unpaid kinds, because the
    decision or contract is all they stand on; for paid kinds workers.rules.worktime answers softly
    about them. `age` in years, if known, is for apprenticeships.

    Raises:
        UnknownLimitError: no number is known for the date.
    """
    outside = starts_on is None or on < starts_on or (ends_on is not None and ends_on < on)
    if kind is None or outside:
        return [Violation("no_engagement", HARD, on.isoformat())]
    found = _may_at_all(
        kind,
        subsidy_excludes_business=subsidy_excludes_business,
        billable_order=billable_order,
        customer_is_company=customer_is_company,
        company_may_run=company_may_run,
    )
    measures = {
        "day_min": shift_min if day_min is None else day_min,
        "week_min": week_min,
        "week_days": week_days,
    }
    found += _of_the_kind(kind, measures, on, limits)
    if kind in UNPAID_KINDS:
        own = {
            "day_min": daily_max_min,
            "week_min": weekly_max_min,
            "week_days": days_per_week_max,
        }
        found += _written(kind, measures, own)
    if kind is EngagementKind.SCHOOL_PRACTICE and on.weekday() >= SATURDAY:
        found.append(Violation("school_practice_weekend", HARD, on.isoformat()))
    if kind is EngagementKind.APPRENTICESHIP and age is not None:
        found += _age_of_apprentice(age, on, limits)
    return in_order(found)


def numbers_of(
    kind: EngagementKind, on: date, limits: LegalLimits
) -> list[tuple[str, str, Severity, bool, int]]:
    """The kind's limits on a date: (violation, measure, severity, at least, number).

    For code that holds many workers against them at once; `check_engagement` is the rule.
    """
    return [
        (rule.violation, rule.measure, rule.severity, rule.at_least, limits.value(rule.code, on))
        for rule in _LIMITS.get(kind, ())
    ]


def check_period(
    kind: EngagementKind, starts_on: date, ends_on: date | None, limits: LegalLimits
) -> list[Violation]:
    """Is the period of an engagement too short or too long for its kind? Soft: rows are entered
    before every decision is known, and an extension is decided elsewhere."""
    codes = {
        EngagementKind.WORK_TRIAL: (None, "trial_same_organiser_max"),
        EngagementKind.REHABILITATIVE: ("rehabilitative_period_min", "rehabilitative_period_max"),
    }
    if kind not in codes:
        return []
    if ends_on is None:
        return [Violation("engagement_needs_end", SOFT, kind.value)]
    shortest, longest = codes[kind]
    found: list[Violation] = []
    if shortest is not None:
        months = limits.value(shortest, starts_on)
        if ends_on < months_later(starts_on, months):
            found.append(
                Violation("engagement_too_short", SOFT, kind.value, {"limit_months": months})
            )
    months = limits.value(longest, starts_on)
    if ends_on > months_later(starts_on, months):
        found.append(Violation("engagement_too_long", SOFT, kind.value, {"limit_months": months}))
    return found


def months_later(starts_on: date, months: int) -> date:
    """The last day of a period of whole months: from 15 January one month runs to 14 February."""
    index = starts_on.year * 12 + starts_on.month - 1 + months
    year, month = divmod(index, 12)
    first_after = date(year + (month == 11), (month + 1) % 12 + 1, 1)  # noqa: PLR2004 - December
    last_in_month = date.fromordinal(first_after.toordinal() - 1)
    if starts_on.day > last_in_month.day:
        return last_in_month
    return date.fromordinal(date(year, month + 1, starts_on.day).toordinal() - 1)


def _may_at_all(
    kind: EngagementKind,
    *,
    subsidy_excludes_business: bool,
    billable_order: bool,
    customer_is_company: bool,
    company_may_run: frozenset[EngagementKind],
) -> list[Violation]:
    found: list[Violation] = []
    if kind not in company_may_run:
        found.append(Violation("kind_disabled", HARD, kind.value))
    if kind is EngagementKind.REHABILITATIVE and customer_is_company:
        found.append(Violation("rehabilitative_at_company", HARD, kind.value))
    if billable_order and subsidy_excludes_business:
        found.append(Violation("subsidy_excludes_business", HARD, kind.value))
    if billable_order and not FACTS[kind].billable_default:
        found.append(Violation("kind_not_billable", SOFT, kind.value))
    return found


def _age_of_apprentice(age: int, on: date, limits: LegalLimits) -> list[Violation]:
    least = limits.value("apprenticeship_min_age", on)
    if age >= least:
        return []
    numbers: dict[str, int | str] = {"age": age, "limit_years": least}
    return [Violation("engagement_min_age", HARD, EngagementKind.APPRENTICESHIP.value, numbers)]


def _of_the_kind(
    kind: EngagementKind, measures: Mapping[str, int], on: date, limits: LegalLimits
) -> list[Violation]:
    """The measures against the limits that the law lays on the kind."""
    found: list[Violation] = []
    for rule in _LIMITS.get(kind, ()):
        row = limits.row(rule.code, on)
        got = measures[rule.measure]
        if (got < row.value) if rule.at_least else (got > row.value):
            unit = "days" if rule.measure == "week_days" else "min"
            numbers: dict[str, int | str] = {
                f"got_{unit}": got,
                f"limit_{unit}": row.value,
                "source": row.source,
            }
            found.append(Violation(rule.violation, rule.severity, kind.value, numbers))
    return found


def _written(
    kind: EngagementKind, measures: Mapping[str, int], own: Mapping[str, int | None]
) -> list[Violation]:
    found: list[Violation] = []
    for measure, limit in own.items():
        if limit is not None and measures[measure] > limit:
            unit = "days" if measure == "week_days" else "min"
            numbers: dict[str, int | str] = {
                f"got_{unit}": measures[measure],
                f"limit_{unit}": limit,
            }
            found.append(Violation(f"engagement_own_{measure}", HARD, kind.value, numbers))
    return found
