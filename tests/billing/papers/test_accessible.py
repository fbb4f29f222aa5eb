"""The web pages of the papers: axe, width and console find nothing, on screen and on paper."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from playwright.sync_api import Browser, Page

from accounts.models import Role
from billing.papers.views import show
from billing.papers.web import Sheet, hour_log_sheet, invoice_sheet, register_sheet, reminder_sheet
from tests import builders
from tests.billing.papers.test_web import credit_note, invoice, log_of, register_of, reminder
from tests.journeys.test_accessible import problems_of, signed_in_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def sheets() -> dict[str, Sheet]:
    return {
        "invoice": invoice_sheet(invoice("fi")),
        "copy in Swedish": invoice_sheet(invoice("sv"), copy=True),
        "credit note": invoice_sheet(credit_note("en")),
        "reminder": reminder_sheet(reminder("fi", 14)),
        "hour log": hour_log_sheet(log_of("fi")),
        "customer's log": hour_log_sheet(log_of("sv", for_customer=True)),
        "register": register_sheet(register_of("fi")),
        "empty log": hour_log_sheet(log_of("fi", 0)),
    }


@pytest.fixture
def page(live_server: Any, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page of finance at the address of an invoice, which shows the sheet asked for by ?name."""
    builders.user(Role.FINANCE)
    every = sheets()

    def fake(request: HttpRequest, **_ignored: object) -> HttpResponse:
        return show(request, every[request.GET["name"]], pdf="/", back=("/", "Laskut"))

    from tests.test_access import own_urls

    monkeypatch.setattr(own_urls()["billing:invoice-web"], "callback", fake)
    return signed_in_page(browser, live_server.url, "finance")


def address(base: str, name: str) -> str:
    path = reverse("billing:invoice-web", args=["00000000-0000-4000-8000-000000000000"])
    return f"{base}{path}?name={name}"


def test_axe_finds_nothing_on_the_pages_of_papers(live_server: Any, page: Page) -> None:
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
    for name in sheets():
        answer = page.goto(address(live_server.url, name))
        assert answer is not None
        assert answer.status == 200, name
        assert page.locator("article h1").is_visible()
        found += problems_of(page, name, live_server.url)
    assert found == []


def test_small_screen_has_cards_that_stay_a_table_for_readers(live_server: Any, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(address(live_server.url, "invoice"))
    table = page.get_by_role("table", name="Rivit")
    assert table.get_by_role("row").count() == 11
    assert table.get_by_role("columnheader").count() == 7
    assert table.get_by_role("rowheader").count() == 10
    assert table.locator("tbody .lbl").first.is_visible()


def test_printed_page_has_the_paper_only(live_server: Any, page: Page) -> None:
    page.goto(address(live_server.url, "invoice"))
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 900})
    assert not page.locator("header.top").is_visible()
    assert not page.get_by_role("link", name="PDF").is_visible()
    assert page.locator("thead th").first.is_visible()
    assert not page.locator("tbody .lbl").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
