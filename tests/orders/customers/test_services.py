"""Changes of a customer's card and of its sites."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.models import AuditEvent
from orders.customers.services import pin_site, save_customer
from tests import builders

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def test_save_customer_traces_only_what_changed() -> None:
    customer = builders.customer(city="Imatra")
    customer.city = "Lappeenranta"
    save_customer(customer, by=builders.user(), now=NOW)
    event = AuditEvent.objects.get()
    assert (event.verb, event.before, event.after) == (
        "customer.changed",
        {"city": "Imatra"},
        {"city": "Lappeenranta"},
    )
    save_customer(customer, by=builders.user(), now=NOW)
    assert AuditEvent.objects.count() == 1


def test_pin_site_moves_the_point_and_says_so() -> None:
    site = builders.site(builders.customer())
    pin_site(site, 61.07, 28.2, "Varasto", by=builders.user(), now=NOW)
    site.refresh_from_db()
    assert (site.lat, site.lon, site.located, site.name) == (61.07, 28.2, "pin", "Varasto")


def test_pin_site_name_alone_keeps_how_it_was_located() -> None:
    site = builders.site(builders.customer())
    pin_site(site, site.lat, site.lon, "Varasto", by=builders.user(), now=NOW)
    site.refresh_from_db()
    assert site.located == "postal_code"
