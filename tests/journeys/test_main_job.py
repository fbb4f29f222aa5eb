"""The whole job through six roles in a real browser: order, assign, work, hours, invoice."""

from __future__ import annotations

import io
from datetime import time, timedelta
from typing import Any

import pikepdf
import pytest
import time_machine
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from billing.models import HourEntry, Invoice
from billing.rules.reference import validate_reference
from core.book_checks import broken_invariants
from orders.models import WorkOrder
from tests.journeys.person import Person, at, next_monday
from tests.journeys.steps import business_orders, dispatcher_offers, worker_accepts
from tests.oracle import check_invoice_pdf

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_order_to_paid_invoice_through_six_roles(world: dict[str, Any], browser: Browser) -> None:
    """From the order to the paid invoice nothing is typed twice."""
    monday = next_monday()
    thursday = monday + timedelta(days=3)
    base = world["base"]
    with time_machine.travel(at(monday, time(9)), tick=True):
        link = business_orders(Person(browser, base), thursday)
        dispatcher_offers(Person(browser, base, width=1440))
        worker_accepts(Person(browser, base, width=360))
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
