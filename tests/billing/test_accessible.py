"""The pages of hours and invoicing behind the first ones: axe, width and console find nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from billing.models import HourEntry, Invoice
from orders.models import WorkOrder
from orders.ordering.links import order_token
from tests.journeys.test_accessible import demo, problems_of, signed_in_page

__all__ = ["demo"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def pages() -> list[tuple[str | None, str]]:
    movable = WorkOrder.objects.filter(status__in=("placed", "filled")).latest("starts_at")
    draft = Invoice.objects.filter(status="draft").earliest("pk")
    waiting = HourEntry.objects.filter(status__in=("submitted", "disputed")).earliest("pk")
    lists = reverse("billing:invoice-drafts")
    move = reverse("billing:order-move-link", args=[order_token(movable)])
    return [
        (None, move),
        (None, reverse("billing:order-page-link", args=["gone"])),
        ("dispatcher", reverse("billing:hours-correct", args=[waiting.ref])),
        ("dispatcher", reverse("billing:hours-dispute", args=[waiting.ref])),
        ("finance", lists),
        ("finance", f"{lists}?tab=sent"),
        ("finance", f"{lists}?tab=overdue"),
        ("finance", reverse("billing:invoice-detail", args=[draft.ref])),
        ("finance", reverse("billing:invoice-result")),
        ("manager", reverse("reports:manager-orders")),
        ("manager", reverse("reports:manager-hours")),
        ("manager", reverse("reports:manager-invoices")),
    ]


def test_axe_finds_nothing_on_inner_pages_of_billing(demo: str, browser: Browser) -> None:
    found: list[str] = []
    opened: dict[str | None, Page] = {}
    for role, path in pages():
        if role not in opened:
            opened[role] = signed_in_page(browser, demo, role)
        answer = opened[role].goto(demo + path)
        assert answer is not None
        assert answer.status in {200, 404}, path
        found += problems_of(opened[role], path, demo)
    assert found == []
