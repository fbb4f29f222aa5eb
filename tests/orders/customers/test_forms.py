"""What is typed about customers and sites."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orders.customers.forms import CustomerForm, SiteForm

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def test_customer_form_public_body_pays_within_thirty_days() -> None:
    base = {"name": "Kaupunki", "business_id": "2077474-0", "language": "fi", "active": "on"}
    late = CustomerForm({**base, "kind": "public", "payment_term_days": "31"}, today=NOW.date())
    assert list(late.errors) == ["payment_term_days"]
    assert CustomerForm(
        {**base, "kind": "public", "payment_term_days": "30"}, today=NOW.date()
    ).is_valid()
    assert CustomerForm(
        {**base, "kind": "private", "payment_term_days": "31"}, today=NOW.date()
    ).is_valid()


def test_site_form_outside_finland_is_refused() -> None:
    assert set(SiteForm({"lat": "28.19", "lon": "61.05"}).errors) == {"lat", "lon"}
