"""The month run by mouse: from the finance home to every invoice sent, and pressed twice.

Most presses are those agreed in tests/journeys/test_budgets.py for "invoice the month".
"""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, expect

from accounts.models import Role
from billing.hours.services import approve_hours
from billing.models import HourEntry, Invoice
from core.book_checks import broken_invariants
from core.models import OutboxMessage
from orders.models import Customer
from tests import builders
from tests.billing import world as billing
from tests.journeys.person import at, next_monday
from tests.journeys.test_budgets import BUDGETS, Counted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_PRESSES = BUDGETS["invoice the month"][0] or 0


def month_of(customers: int, on: date) -> list[Customer]:
    """Customers with hours of one gig each that are approved and wait for an invoice."""
    owners = [builders.customer() for _ in range(customers)]
    for owner in owners:
        entry = billing.done(billing.order(customer=owner, on=on))
        approve_hours([entry], by=None, now=at(on, time(18)), as_="dispatcher")
    return owners


def state() -> tuple[Any, ...]:
    """All that a second press could change: invoices, hours, mails and how many they are."""
    return (
        sorted(Invoice.objects.values_list("number", "status", "gross")),
        Counter(HourEntry.objects.values_list("status", "bill_state")),
        Counter(OutboxMessage.objects.values_list("key", flat=True)),
    )


def numbers() -> list[int]:
    rows = Invoice.objects.exclude(number=None).order_by("number")
    return [n for n in rows.values_list("number", flat=True) if n]


def test_all_of_the_month_in_four_presses_with_a_result_for_each_and_nothing_twice(
    world: dict[str, Any], browser: Browser
) -> None:
    """Three customers of which one has no address: the others go, and it says whom to ask."""
    monday = next_monday()
    owners = month_of(3, monday)
    Customer.objects.filter(pk=owners[1].pk).update(invoice_email="")
    with time_machine.travel(at(monday + timedelta(days=1), time(9)), tick=True):
        me = Counted(browser, world["base"], user=world["people"][Role.FINANCE])
        me.go("/finance/")
        me.presses.clear()
        me.press("Make drafts")
        expect(me.page.locator("main .dt tbody tr")).to_have_count(3)
        drafts = me.page.url
        me.press("Issue and send")
        assert len(me.presses) <= MOST_PRESSES
        rows = me.page.locator("#run li")
        expect(rows).to_have_count(3)
        for owner in owners:
            row = rows.filter(has_text=owner.name)
            word = "Issued, not sent" if owner == owners[1] else "Sent"
            expect(row).to_contain_text(word)
        assert numbers() == [1001, 1002, 1003]
        assert Counter(Invoice.objects.values_list("status", flat=True)) == {"sent": 2, "issued": 1}
        before = state()

        # The window still shows the drafts: back, and the same button again.
        me.page.go_back()
        me.page.wait_for_load_state()
        assert me.page.url == drafts
        if me.page.get_by_role("button", name="Issue and send").count():
            me.press("Issue and send")
        me.go("/finance/")
        expect(me.page.locator("main")).to_contain_text("Nothing to invoice.")
        assert state() == before
        assert list(broken_invariants()) == []
        me.close()


def test_same_forms_sent_again_and_at_once_make_each_invoice_once(
    world: dict[str, Any], browser: Browser
) -> None:
    """Two presses on each button before the first answer has come, as an impatient hand does."""
    monday = next_monday()
    month_of(2, monday)
    twice = """form => {
      const again = () => fetch(form.action, {method: "post", body: new FormData(form)});
      return Promise.all([again(), again()]).then(all => all.map(one => one.status));
    }"""
    with time_machine.travel(at(monday + timedelta(days=1), time(9)), tick=True):
        me = Counted(browser, world["base"], user=world["people"][Role.FINANCE])
        for path, action in (("/finance/", "drafts/make"), ("/finance/invoices/", "invoices/run")):
            me.go(path)
            form = me.page.locator(f"main form[action*='{action}']")
            assert form.evaluate(twice) == [200, 200]
        me.go("/finance/invoices/?tab=sent")
        expect(me.page.locator("main .dt tbody tr")).to_have_count(2)
        me.close()
    assert numbers() == [1001, 1002]
    assert set(Invoice.objects.values_list("status", flat=True)) == {"sent"}
    mails = OutboxMessage.objects.filter(kind="invoice").values_list("key", flat=True)
    assert sorted(Counter(mails).values()) == [1, 1]
    assert list(broken_invariants()) == []


def test_more_customers_than_a_page_shows_take_no_more_presses(
    world: dict[str, Any], browser: Browser
) -> None:
    """52 customers: the same two presses reach those on the second page."""
    monday = next_monday()
    owners = month_of(52, monday)
    with time_machine.travel(at(monday + timedelta(days=1), time(9)), tick=True):
        me = Counted(browser, world["base"], user=world["people"][Role.FINANCE])
        me.page.set_default_timeout(30_000)
        me.go("/finance/")
        me.presses.clear()
        me.press("Make drafts for all 52 customers")
        assert Invoice.objects.count() == len(owners)
        me.go("/finance/invoices/")
        me.press("Issue and send all 52 drafts")
        assert len(me.presses) <= MOST_PRESSES
        me.go("/finance/invoices/result/")
        expect(me.page.locator("#run li.ok", has_text="Sent")).to_have_count(len(owners))
        me.close()
    assert numbers() == list(range(1001, 1001 + len(owners)))
