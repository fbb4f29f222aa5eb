"""Invoice line texts: what is called a minimum charge, in three languages."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing.invoices.line_texts import line_text
from orders.rules.pricing import TariffRow, price_work
from tests import builders

pytestmark = pytest.mark.django_db
HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.mark.parametrize("people", [1, 2, 5])
@pytest.mark.parametrize(
    ("duration_min", "least"), [(60, True), (119, True), (120, False), (240, False)]
)
def test_line_text_minimum_charge_is_per_person(
    people: int, duration_min: int, least: bool
) -> None:
    """Two people for two hours are four hours of work and no minimum charge."""
    row = TariffRow("1", date(2026, 1, 1), Decimal(32), 120, (), Decimal("25.5"))
    start = datetime.combine(date(2026, 11, 26), time(9))
    nothing: frozenset[date] = frozenset()
    price = price_work(row, start, duration_min, people, nothing, nothing, HELSINKI)
    order = builders.order(duration_min=duration_min, people=people)
    text = line_text(price.lines[0], order, "fi")
    assert ("vähimmäisveloitus" in text) is least
    assert ("minsta debitering" in line_text(price.lines[0], order, "sv")) is least
    assert ("minimum charge" in line_text(price.lines[0], order, "en")) is least
