"""The pages of pay, subsidy and liability: axe, width and console find nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.models import User
from billing.models import HourEntry
from billing.models.payroll import SubsidyDecision
from billing.payroll import services as payroll
from tests.journeys.test_accessible import demo, problems_of, signed_in_page
from workers.models import Engagement, Worker

__all__ = ["demo"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def pages() -> list[tuple[str, str]]:
    """Every page with rows on it: an export is made, a decision ends soon, one card lacks."""
    today = timezone.localdate()
    first, last = today - timedelta(days=30), today
    for worker in Worker.objects.order_by("pk")[1:]:
        Worker.objects.filter(pk=worker.pk).update(payroll_no=str(7000 + worker.pk))
    Worker.objects.filter(pk=Worker.objects.earliest("pk").pk).update(payroll_no="")
    finance = User.objects.get(email="finance@askare.example")
    batch = payroll.export(first, last, by=finance, now=timezone.now())
    entry = HourEntry.objects.filter(status="approved").earliest("pk")
    deal = Engagement.objects.filter(kind="pay_subsidy").earliest("pk")
    SubsidyDecision.objects.create(
        engagement=deal,
        funder="Etelä-Karjalan työllisyysalue",
        decision_no="EK-1",
        starts_on=date(2026, 1, 1),
        ends_on=today + timedelta(days=20),
        percent=Decimal(50),
        month_max_min=60,
    )
    period = f"?first={first.isoformat()}&last={last.isoformat()}"
    return [
        ("finance", reverse("billing:pay") + period),
        ("finance", reverse("billing:pay-batch", args=[batch.ref])),
        ("finance", reverse("billing:hours-decide", args=[entry.ref])),
        ("finance", reverse("billing:subsidies")),
        ("finance", reverse("billing:subsidy-new")),
        ("finance", reverse("billing:liability")),
        ("coach", reverse("billing:subsidies")),
        ("customer", reverse("billing:my-papers")),
    ]


def test_axe_finds_nothing_on_the_pages_of_pay(demo: str, browser: Browser) -> None:
    found: list[str] = []
    opened: dict[str, Page] = {}
    for role, path in pages():
        if role not in opened:
            opened[role] = signed_in_page(browser, demo, role)
        answer = opened[role].goto(demo + path)
        assert answer is not None
        assert answer.status == 200, path
        found += problems_of(opened[role], path, demo)
    assert found == []
