"""Steps of the job that several journeys walk through."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import expect

from orders.models import WorkOrder
from tests.journeys.person import Person


def business_orders(me: Person, on: date) -> str:
    """From the start page to the order's own page; its path is the answer."""
    me.go("/")
    me.go("/order/")
    fill_order(me, on, reference="KP 4000")
    link = me.page.url.removeprefix(me.base)
    me.close()
    return link


def fill_order(me: Person, on: date, *, reference: str = "") -> None:
    """The three steps, touching only what has no good value yet; the first step is open."""
    page = me.page
    page.get_by_role("radio", name=re.compile("Cleaning")).check()
    me.press("Continue")
    radio = page.locator(f"input[name=day][value='{on.isoformat()}']")
    if radio.count():
        radio.first.check(force=True)
    else:
        page.locator("input[name=day]").last.check(force=True)
        page.fill("[name=day_other]", on.isoformat())
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
    if reference:
        page.fill("[name=customer_reference]", reference)
    me.press("Send the order")
    expect(page).to_have_url(re.compile("/o/"))


def dispatcher_offers(me: Person) -> None:
    me.sign_in("dispatcher@askare.example")
    me.go("/dispatch/orders/")
    me.page.locator("main a", has_text=str(WorkOrder.objects.get().number)).first.click()
    me.page.wait_for_load_state()
    me.press("Choose")
    expect(me.page.locator("main")).to_contain_text("Waiting for answer")
    me.close()


def worker_accepts(me: Person) -> None:
    me.sign_in("worker@askare.example")
    me.go("/my/")
    me.press("Yes, I will come")
    me.close()
    assert WorkOrder.objects.get().status == "filled"
