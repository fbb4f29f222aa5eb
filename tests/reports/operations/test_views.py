"""The manager's page: each figure opens the rows that it counts."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Role
from orders.ordering.services import cancel_order
from tests.billing import world
from tests.billing.pages import as_, text_of
from tests.billing.world import BILLING, made_invoice

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _december(time_machine: Any) -> None:
    time_machine.move_to(BILLING, tick=False)


def test_manager_figures_link_to_rows_that_add_up() -> None:
    """Each number opens its rows."""
    made_invoice()
    cancelled = world.order(status="placed")
    cancel_order(cancelled, by=None, now=BILLING)
    world.order(people=2, at=world.time(15))
    client = as_(Role.MANAGER)
    page = text_of(client.get(reverse("reports:manager-home") + "?month=2026-11"))
    assert "1 of 3 places" in page
    assert "33%" in page
    for name, count in (("orders", 3), ("hours", 1)):
        rows = text_of(client.get(reverse(f"reports:manager-{name}") + "?month=2026-11"))
        assert f'<span class="count">{count}</span>' in rows
    december = text_of(client.get(reverse("reports:manager-home") + "?month=2026-12"))
    assert "128.00 €" in december
    rows = text_of(client.get(reverse("reports:manager-invoices") + "?month=2026-12"))
    assert "128.00 €" in rows
