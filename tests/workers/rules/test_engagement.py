"""Kinds of engagement: who pays, what is billed, which limits block."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.violations import Violation
from workers.rules.engagement import (
    ALL_KINDS,
    FACTS,
    UNPAID_KINDS,
    EngagementKind,
    Report,
    check_engagement,
    check_period,
    months_later,
)
from workers.rules.worktime_limits import load_limits

CSV = Path(__file__).parents[3] / "workers" / "data" / "legal_limits.csv"
LIMITS = load_limits(CSV.read_text(encoding="utf-8"))
MON = date(2026, 12, 7)
KIND = EngagementKind


def check(kind: EngagementKind | None, **more) -> list[Violation]:
    """A six-hour day, the first of its week, on an order nobody pays for, at a public site."""
    given = {
        "on": MON,
        "starts_on": date(2026, 10, 1),
        "ends_on": date(2027, 1, 31),
        "shift_min": 360,
        "week_min": 360,
        "week_days": 1,
        "limits": LIMITS,
        "billable_order": False,
        "customer_is_company": False,
    }
    return check_engagement(kind, **{**given, **more})


def codes(found: list[Violation]) -> list[str]:
    return [f"{v.code}:{v.severity}" for v in found]


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_plain_day_is_allowed_for_every_kind(kind):
    assert check(kind) == []


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
@pytest.mark.parametrize(
    ("on", "allowed"),
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2027, 1, 29), True),
        (date(2027, 2, 1), False),
    ],
)
def test_engagement_covers_its_first_and_last_day_only(kind, on, allowed):
    found = check(kind, on=on, ends_on=date(2027, 1, 29))
    assert codes(found) == ([] if allowed else ["no_engagement:hard"])


def test_no_engagement_at_all_blocks_and_says_nothing_else():
    assert codes(check(None, shift_min=9000)) == ["no_engagement:hard"]
    assert codes(check(KIND.EMPLOYMENT, starts_on=None)) == ["no_engagement:hard"]


def test_open_ended_employment_goes_on():
    assert check(KIND.EMPLOYMENT, ends_on=None, on=date(2040, 1, 2)) == []


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        (KIND.WORK_TRIAL, {"shift_min": 240}, []),
        (KIND.WORK_TRIAL, {"shift_min": 239}, ["engagement_day_short:soft"]),
        (KIND.WORK_TRIAL, {"shift_min": 120, "day_min": 300}, []),
        (KIND.WORK_TRIAL, {"shift_min": 480}, []),
        (KIND.WORK_TRIAL, {"shift_min": 481}, ["engagement_day_long:hard"]),
        (KIND.WORK_TRIAL, {"shift_min": 240, "day_min": 481}, ["engagement_day_long:hard"]),
        (KIND.WORK_TRIAL, {"week_days": 5}, []),
        (KIND.WORK_TRIAL, {"week_days": 6}, ["engagement_week_days:hard"]),
        (KIND.REHABILITATIVE, {"shift_min": 239}, ["engagement_day_short:soft"]),
        (KIND.REHABILITATIVE, {"shift_min": 481}, ["engagement_day_long:hard"]),
        (KIND.REHABILITATIVE, {"week_days": 4}, []),
        (KIND.REHABILITATIVE, {"week_days": 5}, ["engagement_week_days:hard"]),
        (KIND.REHABILITATIVE, {"week_min": 32 * 60}, []),
        (KIND.REHABILITATIVE, {"week_min": 32 * 60 + 1}, ["engagement_week_long:hard"]),
        (KIND.TRAINING_AGREEMENT, {"shift_min": 481}, ["engagement_day_long:hard"]),
        (KIND.TRAINING_AGREEMENT, {"week_min": 2401}, ["engagement_week_long:hard"]),
        (KIND.SCHOOL_PRACTICE, {"shift_min": 361}, ["engagement_day_long:soft"]),
        (KIND.SCHOOL_PRACTICE, {"week_min": 1801}, ["engagement_week_long:soft"]),
        (KIND.SCHOOL_PRACTICE, {"on": date(2026, 12, 12)}, ["school_practice_weekend:hard"]),
        (KIND.APPRENTICESHIP, {"age": 15}, []),
        (KIND.APPRENTICESHIP, {"age": 14}, ["engagement_min_age:hard"]),
        (KIND.EMPLOYMENT, {"shift_min": 600, "week_min": 3000, "week_days": 7}, []),
    ],
)
def test_limits_of_the_kind(kind, more, expected):
    assert codes(check(kind, **more)) == expected


def test_limit_names_both_numbers_and_the_source():
    (found,) = check(KIND.REHABILITATIVE, week_days=5)
    assert found.subject == "rehabilitative"
    assert found.numbers["got_days"] == 5
    assert found.numbers["limit_days"] == 4
    assert "thl.fi" in str(found.numbers["source"])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (KIND.WORK_TRIAL, ["engagement_own_day_min:hard", "engagement_own_week_days:hard",
                           "engagement_own_week_min:hard"]),
        (KIND.PAY_SUBSIDY, []),
    ],
)  # fmt: skip
def test_written_limits_are_hard_for_unpaid_kinds_only(kind, expected):
    own = {"daily_max_min": 359, "weekly_max_min": 359, "days_per_week_max": 0}
    assert codes(check(kind, **own)) == expected


def test_rehabilitative_work_never_goes_to_a_company():
    found = check(KIND.REHABILITATIVE, customer_is_company=True)
    assert codes(found) == ["rehabilitative_at_company:hard"]
    assert check(KIND.WORK_TRIAL, customer_is_company=True) == []


def test_kind_the_organisation_may_not_run_blocks():
    enabled = ALL_KINDS - {KIND.REHABILITATIVE}
    assert codes(check(KIND.REHABILITATIVE, company_may_run=enabled)) == ["kind_disabled:hard"]
    assert check(KIND.EMPLOYMENT, company_may_run=enabled) == []


def test_full_subsidy_that_excludes_business_stays_off_paid_orders():
    paid = {"billable_order": True, "subsidy_excludes_business": True}
    assert codes(check(KIND.PAY_SUBSIDY, **paid)) == ["subsidy_excludes_business:hard"]
    assert check(KIND.PAY_SUBSIDY, billable_order=True) == []
    assert check(KIND.PAY_SUBSIDY, subsidy_excludes_business=True) == []


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_unpaid_kind_on_a_paid_order_is_told_and_paid_kind_is_not(kind):
    found = codes(check(kind, billable_order=True))
    assert found == (["kind_not_billable:soft"] if kind in UNPAID_KINDS else [])


def test_facts_cover_every_kind_and_unpaid_hours_never_reach_payroll_or_invoice():
    assert set(FACTS) == set(EngagementKind)
    assert {
        KIND.WORK_TRIAL,
        KIND.REHABILITATIVE,
        KIND.TRAINING_AGREEMENT,
        KIND.SCHOOL_PRACTICE,
    } == UNPAID_KINDS
    for facts in FACTS.values():
        assert facts.pays_wage == facts.billable_default == (Report.PAYROLL in facts.reports)
        assert facts.reports


@pytest.mark.parametrize(
    ("kind", "starts", "ends", "expected"),
    [
        (KIND.WORK_TRIAL, date(2026, 1, 15), date(2026, 7, 14), []),
        (KIND.WORK_TRIAL, date(2026, 1, 15), date(2026, 7, 15), ["engagement_too_long:soft"]),
        (KIND.WORK_TRIAL, date(2026, 1, 15), None, ["engagement_needs_end:soft"]),
        (KIND.REHABILITATIVE, date(2026, 1, 1), date(2026, 3, 31), []),
        (KIND.REHABILITATIVE, date(2026, 1, 1), date(2026, 3, 30), ["engagement_too_short:soft"]),
        (KIND.REHABILITATIVE, date(2026, 1, 1), date(2027, 12, 31), []),
        (KIND.REHABILITATIVE, date(2026, 1, 1), date(2028, 1, 1), ["engagement_too_long:soft"]),
        (KIND.EMPLOYMENT, date(2026, 1, 1), None, []),
    ],
)
def test_period_of_the_kind(kind, starts, ends, expected):
    assert codes(check_period(kind, starts, ends, LIMITS)) == expected


@pytest.mark.parametrize(
    ("starts", "months", "last"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 14)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
    ],
)
def test_period_of_whole_months_ends_the_day_before(starts, months, last):
    assert months_later(starts, months) == last
