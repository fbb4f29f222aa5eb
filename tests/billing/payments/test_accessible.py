"""The pages of payments, reminders, credits and books: axe, width and console find nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from billing.models import Invoice
from tests.journeys.test_accessible import demo, problems_of, signed_in_page

__all__ = ["demo"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def pages() -> list[str]:
    issued = Invoice.objects.filter(kind="invoice", number__isnull=False).order_by("pk")
    paid = issued.filter(status="paid").first() or issued[0]
    sent = issued.filter(status__in=("sent", "issued")).first() or issued[0]
    month = sent.issued_on.strftime("%Y-%m") if sent.issued_on else ""
    return [
        reverse("billing:payments"),
        reverse("billing:invoice-payments", args=[paid.ref]),
        reverse("billing:invoice-credit-rows", args=[sent.ref]),
        reverse("billing:reminders"),
        reverse("billing:books") + f"?month={month}",
        reverse("billing:books-rows") + f"?month={month}",
        reverse("billing:books-rows") + f"?month={month}&of=payments",
        reverse("billing:books-open"),
        reverse("billing:invoice-new"),
        reverse("billing:invoice-wish", args=[paid.customer.ref]),
    ]


def test_axe_finds_nothing_on_pages_of_money(demo: str, browser: Browser) -> None:
    page = signed_in_page(browser, demo, "finance")
    found: list[str] = []
    for path in pages():
        answer = page.goto(demo + path)
        assert answer is not None
        assert answer.status == 200, path
        found += problems_of(page, path, demo)
    assert found == []
