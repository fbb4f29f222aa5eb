"""The whole job through six roles in a real browser: order, assign, work, hours, invoice."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pikepdf
import pytest
import time_machine
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from accounts.models import Role
from billing.checks_books import broken_invariants
from billing.models import HourEntry, Invoice
from billing.reference import validate_reference
from orders.models import WorkOrder
from tests import builders
from tests.oracle import check_invoice_pdf

HELSINKI = ZoneInfo("Europe/Helsinki")
PASSWORD = "salasana-testi"  # noqa: S105
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def next_monday() -> date:
    """A Monday after today: browser cookies expire by the real clock."""
    today = datetime.now(tz=HELSINKI).date()
    return today + timedelta(days=7 - today.weekday())


def at(on: date, clock: time) -> datetime:
    return datetime.combine(on, clock, HELSINKI).astimezone(UTC)


class Person:
    """One person in a browser window of their own, in English."""

    def __init__(self, browser: Browser, base: str, *, width: int = 1280) -> None:
        self.base = base
        self.context: BrowserContext = browser.new_context(viewport={"width": width, "height": 800})
        self.context.add_cookies([{"name": "django_language", "value": "en", "url": base}])
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(8_000)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "console",
            lambda m: self.problems.append(m.text) if m.type == "error" else None,
        )

    def go(self, path: str) -> None:
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, path

    def sign_in(self, email: str) -> None:
        self.go("/account/login/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.locator("main button[type=submit]").first.click()
        self.page.wait_for_load_state()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=re.compile(name)).first.click()
        self.page.wait_for_load_state()

    def close(self) -> None:
        assert self.problems == []
        self.context.close()


@pytest.fixture
def world(live_server: Any) -> dict[str, Any]:
    builders.organisation()
    builders.tariff()
    people = {r: builders.user(r, email=f"{r.value}@askare.example") for r in Role}
    worker = builders.worker(
        first_name="Aino", user=people[Role.WORKER], coach=people[Role.COACH],
        email="worker@askare.example", coached_gigs=0,
    )  # fmt: skip
    builders.task_type(icon="brush-cleaning")
    return {"people": people, "worker": worker, "base": live_server.url}


def test_order_to_paid_invoice_through_six_roles(world: dict[str, Any], browser: Browser) -> None:
    """A37, P1, P2, P8, P11, P13, P18's paper: nothing is typed twice."""
    monday = next_monday()
    thursday = monday + timedelta(days=3)
    base = world["base"]
    with time_machine.travel(at(monday, time(9)), tick=True):
        link = _a_business_orders(Person(browser, base), thursday)
        _the_dispatcher_offers(Person(browser, base, width=1440))
        _the_worker_accepts(Person(browser, base, width=360))
        orderer = Person(browser, base, width=320)
        orderer.go(link)
        expect(orderer.page.locator("main")).to_contain_text("Aino")
        expect(orderer.page.locator("main")).not_to_contain_text("Mäki")
        orderer.close()
        _the_coach_sees(Person(browser, base))
    with time_machine.travel(at(thursday, time(8, 57)), tick=True):
        worker = Person(browser, base, width=320)
        worker.sign_in("worker@askare.example")
        worker.press("I am here")
    with time_machine.travel(at(thursday, time(13, 2)), tick=True):
        worker.go("/my/")
        worker.press("The work is done")
        worker.close()
        orderer = Person(browser, base, width=360)
        orderer.go(link)
        orderer.press("Approve")
        orderer.close()
    entry = HourEntry.objects.get()
    assert (entry.status, entry.work_min, entry.approved_as) == ("approved", 240, "customer")
    with time_machine.travel(at(thursday + timedelta(days=1), time(10)), tick=True):
        _finance_bills(Person(browser, base))
        _the_manager_looks(Person(browser, base))
        _hour_log_equals_approved(world, browser)
    invoice = Invoice.objects.get()
    order = WorkOrder.objects.get()
    assert invoice.net == order.quote_net
    assert invoice.gross == order.quote_gross
    validate_reference(invoice.reference)
    assert [p for p in broken_invariants() if "outbox" not in p] == []


def _a_business_orders(me: Person, on: date) -> str:
    me.go("/")
    me.go("/order/")
    me.page.get_by_role("radio", name=re.compile("Cleaning")).check()
    me.press("Continue")
    page = me.page
    radio = page.locator(f"input[name=day][value='{on.isoformat()}']")
    if radio.count():
        radio.first.check(force=True)
    else:
        page.locator("input[name=day]").last.check(force=True)
        page.fill("[name=day_other]", on.isoformat())
    page.fill("[name=starts]", "9.00")
    page.locator("input[name=duration][value='240']").check(force=True)
    page.fill("[name=street]", "Kauppakatu 4")
    page.fill("[name=postal_code]", "53100")
    page.fill("[name=site_contact_name]", "Maija Virtanen")
    me.press("Continue")
    expect(page.locator("main")).to_contain_text("160.64")
    page.fill("[name=business_id]", "0112038-9")
    page.fill("[name=company_name]", "Kahvila Saimaanranta Oy")
    page.fill("[name=orderer_name]", "Maija Virtanen")
    page.fill("[name=orderer_email]", "maija@yritys.example")
    page.fill("[name=orderer_phone]", "040 123 4567")
    page.fill("[name=customer_reference]", "KP 4000")
    me.press("Send the order")
    expect(page).to_have_url(re.compile("/o/"))
    link = page.url.removeprefix(me.base)
    me.close()
    return link


def _the_dispatcher_offers(me: Person) -> None:
    me.sign_in("dispatcher@askare.example")
    me.go("/dispatch/orders/")
    me.page.locator("main a", has_text=str(WorkOrder.objects.get().number)).first.click()
    me.page.wait_for_load_state()
    me.press("Choose")
    expect(me.page.locator("main")).to_contain_text("Waiting for answer")
    me.close()


def _the_worker_accepts(me: Person) -> None:
    me.sign_in("worker@askare.example")
    me.go("/my/")
    me.press("Yes, I will come")
    me.close()
    assert WorkOrder.objects.get().status == "filled"


def _the_coach_sees(me: Person) -> None:
    me.sign_in("coach@askare.example")
    me.go("/coach/")
    expect(me.page.locator("main")).to_contain_text("Aino")
    me.close()


def _finance_bills(me: Person) -> None:
    me.sign_in("finance@askare.example")
    me.go("/finance/")
    me.press("Make drafts")
    me.press("Issue and send")
    invoice = Invoice.objects.get()
    assert invoice.status == "sent"
    content = me.context.request.get(f"{me.base}/finance/{invoice.ref}/pdf/").body()
    found = check_invoice_pdf(content)
    assert found == [], found
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.Root.Lang) == "en" or str(pdf.Root.Lang) == "fi"
    me.close()


def _the_manager_looks(me: Person) -> None:
    me.sign_in("manager@askare.example")
    me.go("/manager/")
    expect(me.page.locator("main h1")).to_be_visible()
    me.close()


def _hour_log_equals_approved(world: dict[str, Any], browser: Browser) -> None:
    me = Person(browser, world["base"], width=360)
    me.sign_in("worker@askare.example")
    me.go("/my/hours/")
    expect(me.page.locator("main")).to_contain_text("4")
    href = me.page.locator("a[href*='pdf']").first.get_attribute("href")
    content = me.context.request.get(f"{me.base}{href}").body()
    text = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    approved = sum(HourEntry.objects.filter(status="locked").values_list("work_min", flat=True))
    assert approved == 240
    assert "4.00" in text or "4,00" in text
    me.close()
