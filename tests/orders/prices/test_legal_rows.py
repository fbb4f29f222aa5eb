"""Numbers of law and of the organisation are rows, not code: payment term and notice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import Organisation, Role
from core.violations import RuleBroken
from orders.customers.forms import CustomerForm
from orders.customers.selectors import public_term_max
from orders.customers.services import save_customer
from orders.imports.kinds import KINDS
from orders.imports.reader import read_table
from orders.imports.services import plan_import
from orders.imports.texts import problem_text
from orders.models import Customer
from orders.ordering.selectors import notice_min_for
from orders.rules.order_notice import time_violations
from orders.rules.payment_term import term_violations
from tests import builders
from workers.models import LegalLimit

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # Monday 9.00 in Helsinki
CARD = {
    "name": "Kaupunki",
    "business_id": "2077474-0",
    "language": "fi",
    "active": "on",
    "kind": "public",
    "payment_term_days": "21",
    "invoice_channel": "email",
}


def new_law(days: int, since: date) -> None:
    LegalLimit.objects.create(
        code="public_payment_term_max",
        valid_from=since,
        value=Decimal(days),
        unit="days",
        source="test",
    )


def test_public_term_follows_the_row_in_force_on_the_day() -> None:
    new_law(20, date(2026, 11, 24))
    assert CustomerForm(CARD, today=date(2026, 11, 23)).is_valid()
    form = CustomerForm(CARD, today=date(2026, 11, 24))
    assert "20" in form.errors["payment_term_days"][0]
    assert CustomerForm({**CARD, "kind": "private"}, today=date(2026, 11, 24)).is_valid()


def test_service_refuses_what_the_form_would_not_have_shown() -> None:
    customer = builders.customer(kind=Customer.Kind.PUBLIC)
    customer.payment_term_days = 31
    with pytest.raises(RuleBroken) as error:
        save_customer(customer, by=builders.user(), now=NOW)
    assert error.value.violations[0].numbers == {"days": 31, "to": 30}
    assert Customer.objects.get().payment_term_days == 14


@pytest.mark.parametrize(
    ("kind", "days", "wrong"), [("julkinen", 31, 1), ("julkinen", 30, 0), ("yritys", 31, 0)]
)
def test_import_refuses_a_long_term_of_a_public_body(kind: str, days: int, wrong: int) -> None:
    text = (
        "Asiakasnumero;Nimi;Y-tunnus;Postinumero;Laji;Maksuehto pv\n"
        f"1;Kunta;2077474-0;53100;{kind};{days}\n"
    )
    plan = plan_import(KINDS["customers"], read_table("x.csv", text.encode()), now=NOW)
    assert len(plan.problems) == wrong
    assert all("30" in problem_text(p) for p in plan.problems)


def test_no_law_no_refusal_before_its_first_day() -> None:
    with pytest.raises(LookupError):
        public_term_max(date(2000, 1, 1))
    assert term_violations(60, public=False, most=public_term_max(date(2026, 11, 23))) == []


@pytest.mark.parametrize(
    ("notice_min", "starts", "codes"),
    [
        (120, time(10, 59), ["order_too_soon"]),
        (120, time(11), []),
        (240, time(11), ["order_too_soon"]),
        (0, time(9), []),
    ],
)
def test_notice_is_a_setting_of_the_organisation(
    notice_min: int, starts: time, codes: list[str]
) -> None:
    builders.organisation(order_notice_min=notice_min)
    found = time_violations(NOW.date(), starts, notice_min=notice_min_for(None), now=NOW)
    assert [v.code for v in found] == codes
    office = notice_min_for(builders.user(Role.DISPATCHER))
    assert time_violations(NOW.date(), starts, notice_min=office, now=NOW) == []


def test_without_an_organisation_the_notice_is_that_of_the_model() -> None:
    assert Organisation().order_notice_min == 120
    notice_min = notice_min_for(None)
    found = time_violations(NOW.date(), time(10), notice_min=notice_min, now=NOW)
    assert found[0].numbers == {"min": 120}


def test_no_number_of_law_stands_in_the_code_of_orders() -> None:
    for path in Path("orders").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "PUBLIC_TERM" not in text, path
        assert "NOTICE_MIN" not in text, path
