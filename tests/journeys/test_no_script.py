"""JavaScript switched off: the whole job by plain forms, from the order to the invoice."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, expect

from billing.models import HourEntry, Invoice
from orders.models import WorkOrder
from tests.journeys.person import Person, at, next_monday
from tests.journeys.steps import business_orders, dispatcher_offers, worker_accepts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def plain(browser: Browser, base: str, *, width: int = 1280) -> Person:
    return Person(browser, base, width=width, java_script_enabled=False)


def test_order_to_invoice_without_scripts(world: dict[str, Any], browser: Browser) -> None:
    """Every step works as a plain form; htmx only makes it quicker."""
    base = world["base"]
    monday = next_monday()
    thursday = monday + timedelta(days=3)
    with time_machine.travel(at(monday, time(9)), tick=True):
        link = business_orders(plain(browser, base), thursday)
        dispatcher_offers(plain(browser, base, width=1440))
        worker = plain(browser, base, width=360)
        worker_accepts(worker)
    with time_machine.travel(at(thursday, time(8, 57)), tick=True):
        worker = plain(browser, base, width=320)
        worker.enter(world["people"]["worker"])
        worker.go("/my/")
        worker.press("I am here")
    with time_machine.travel(at(thursday, time(13, 2)), tick=True):
        worker.go("/my/")
        worker.press("The work is done")
        worker.close()
        orderer = plain(browser, base, width=360)
        orderer.go(link)
        orderer.press("Approve")
        orderer.close()
    assert HourEntry.objects.get().status == "approved"
    with time_machine.travel(at(thursday + timedelta(days=1), time(10)), tick=True):
        finance = plain(browser, base)
        finance.enter(world["people"]["finance"])
        finance.go("/finance/")
        finance.press("Make drafts")
        finance.press("Issue and send")
        finance.close()
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.net) == ("sent", WorkOrder.objects.get().quote_net)


def test_price_and_hint_without_scripts_by_the_button(
    world: dict[str, Any], browser: Browser
) -> None:
    monday = next_monday()
    with time_machine.travel(at(monday, time(9)), tick=True):
        me = plain(browser, world["base"], width=360)
        me.go("/order/")
        me.page.get_by_role("radio").first.check(force=True)
        me.press("Continue")
        me.page.locator("input[name=day]").nth(2).check(force=True)
        me.page.fill("[name=postal_code]", "53100")
        me.press("Calculate the price")
        main = me.page.locator("main")
        expect(main).to_contain_text("128.00")
        expect(main).to_contain_text("A few people are free then")
        me.page.locator("summary", has_text="map").click()
        expect(me.page.locator("[name=lat]")).to_be_visible()
        expect(me.page.locator("#map")).to_be_hidden()
        me.close()


def test_without_scripts_means_that_no_script_runs(world: dict[str, Any], browser: Browser) -> None:
    """Negative control of the two tests above: with scripts the button is hidden."""
    for scripts in (False, True):
        me = Person(browser, world["base"], java_script_enabled=scripts)
        me.go("/order/")
        me.page.get_by_role("radio").first.check(force=True)
        me.press("Continue")
        button = me.page.get_by_role("button", name="Calculate the price")
        expect(button).to_be_hidden() if scripts else expect(button).to_be_visible()
        me.close()
