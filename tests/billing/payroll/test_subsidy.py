"""billing.subsidy: the hours of a pay subsidy by decision and funder."""

from __future__ import annotations

import csv
import io
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from billing.models import HourEntry
from billing.models.payroll import SubsidyDecision
from billing.payroll import subsidy
from core.violations import RuleBroken
from tests import builders
from tests.billing.payroll.test_services import correct, done
from tests.billing.world import BILLING
from workers.models import Engagement, Worker

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def subsidised(**fields: Any) -> Worker:
    return builders.worker(engagement="pay_subsidy", **fields)


def decision(worker: Worker, first: date, last: date, **fields: Any) -> SubsidyDecision:
    values = {
        "engagement": worker.engagements.get(),
        "funder": "Etelä-Karjalan työllisyysalue",
        "decision_no": "EK-1",
        "starts_on": first,
        "ends_on": last,
        "percent": Decimal(50),
    }
    return SubsidyDecision.objects.create(**(values | fields))


def finance() -> User:
    return builders.user(Role.FINANCE)


@pytest.mark.parametrize("seed", range(4))
def test_hours_of_funders_and_uncovered_are_the_approved_hours(seed: int) -> None:
    """Hours per funder equal approved hours, whatever decisions there are."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible walk
    people = [subsidised() for _ in range(3)]
    for person in people[:2]:
        begins = date(2026, 9, 1) + timedelta(days=rng.randint(0, 40))
        middle = begins + timedelta(days=rng.randint(5, 30))
        decision(person, begins, middle)
        decision(person, middle + timedelta(days=1), middle + timedelta(days=9), funder="Imatra")
    done(builders.worker())
    for n in range(14):
        entry = done(rng.choice(people), date(2026, 9, 3) + timedelta(days=5 * n))
        if rng.random() < 0.3:
            correct(entry, rng.randint(60, 400), approve=rng.random() < 0.7)
    found = subsidy.ledger(finance(), TODAY)
    told = sum(n for months in found.by_funder.values() for n in months.values())
    approved = HourEntry.objects.filter(engagement_kind="pay_subsidy", status="approved")
    assert told + found.uncovered_min == sum(approved.values_list("work_min", flat=True))
    assert told == sum(row.total_min for row in found.rows)


@pytest.mark.engine
def test_control_two_decisions_on_one_day_would_be_refused_by_the_form() -> None:
    worker = subsidised()
    decision(worker, date(2026, 9, 1), date(2026, 10, 31))
    again = SubsidyDecision(
        engagement=worker.engagements.get(),
        funder="X",
        decision_no="2",
        percent=Decimal(50),
        starts_on=date(2026, 10, 31),
        ends_on=date(2026, 12, 31),
    )
    with pytest.raises(ValidationError):
        again.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        decision(worker, date(2026, 12, 2), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("ends_in", "soon"), [(60, True), (61, False), (0, True), (-1, False), (5, True)]
)
def test_end_is_told_sixty_days_before(ends_in: int, soon: bool) -> None:
    """The office is told 60 days before the end; the number is a field of the decision."""
    decision(subsidised(), date(2026, 1, 1), TODAY + timedelta(days=ends_in))
    found = subsidy.ledger(finance(), TODAY)
    assert [row.ends_soon for row in found.rows] == [soon]
    assert len(found.ending) == soon


def test_coach_sees_the_own_workers_only() -> None:
    coach = builders.user(Role.COACH)
    mine, other = subsidised(coach=coach), subsidised()
    for person in (mine, other):
        decision(person, date(2026, 11, 1), date(2027, 3, 31))
        done(person)
    found = subsidy.ledger(coach, TODAY)
    assert [row.decision.engagement.worker for row in found.rows] == [mine]
    assert sum(row.total_min for row in found.rows) == 240
    assert subsidy.ledger(builders.user(Role.DISPATCHER), TODAY).rows == []


def test_month_above_the_decision_is_told() -> None:
    worker = subsidised()
    row = decision(worker, date(2026, 11, 1), date(2027, 3, 31), month_max_min=300)
    done(worker)
    done(worker, date(2026, 11, 25))
    (found,) = subsidy.ledger(finance(), TODAY).rows
    assert found.decision == row
    assert found.over_months == [date(2026, 11, 1)]


def test_claim_has_the_hours_under_the_decision_only() -> None:
    worker = subsidised()
    row = decision(worker, date(2026, 11, 20), date(2026, 11, 26), funder="=Cmd")
    for n in (19, 20, 26, 27):
        done(worker, date(2026, 11, n))
    text = subsidy.claim_csv(row, date(2026, 11, 1)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[1][1] == "'=Cmd"
    assert [r[0] for r in rows[8:-1]] == ["2026-11-20", "2026-11-26"]
    assert rows[-1][3:] == ["480", "8,00"]


def test_attendance_report_counts_days_of_unpaid_kinds() -> None:
    trial, employed = builders.worker(engagement="work_trial"), builders.worker()
    for n in (24, 25):
        done(trial, date(2026, 11, n))
    done(employed)
    text = subsidy.attendance_csv(finance(), date(2026, 11, 1)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert {r[0] for r in rows[1:]} == {str(trial)}
    assert rows[-1][-2:] == ["480", "8,00"]


def test_decision_needs_a_subsidised_contract() -> None:
    worker = builders.worker()
    row = SubsidyDecision(
        engagement=Engagement.objects.get(worker=worker),
        funder="X",
        decision_no="1",
        percent=Decimal(50),
        starts_on=TODAY,
        ends_on=TODAY,
    )
    with pytest.raises(RuleBroken):
        subsidy.add_decision(row, by=finance(), now=BILLING)
