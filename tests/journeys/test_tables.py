"""The office's tables in a browser: cards on a small phone, order without scripts, keys."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, expect

from core import audit
from tests import builders
from tests.journeys.person import Person, at, next_monday

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Etelä-Karjalan Kiinteistöhuoltoyhdistyksen Tukipalveluosuuskunta"
PAGES = (
    "/dispatch/orders/?show=all",
    "/dispatch/workers/",
    "/customers/",
    "/finance/invoices/",
    "/finance/invoices/?tab=overdue",
    "/finance/payments/",
    "/hours/",
    "/subsidies/",
    "/audit/",
)
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


def fill(monday: Any) -> None:
    """A few rows of everything, with names as long as they get."""
    from tests import test_office_tables as office

    owner = builders.customer(name=LONG)
    for n in range(3):
        builders.order(customer=owner, on=monday, status=("placed", "filled", "cancelled")[n])
        office.hours(n)
        office.draft(n)
        office.sent(n)
        office.payment(n)
        office.subsidy(n)
        audit.record(
            "invoice.paid", kind="invoice", ref="0" * 36, by=None, now=at(monday, time(9)),
            after={"note": LONG.replace(" ", ""), "gross": "1.00"},
        )  # fmt: skip


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_tables_fold_and_nothing_scrolls_sideways(
    world: dict[str, Any], browser: Browser, width: int
) -> None:
    monday = next_monday()
    fill(monday)
    with time_machine.travel(at(monday, time(9)), tick=True):
        me = Person(browser, world["base"], width=width)
        me.enter(world["people"]["admin"])
        for path in PAGES:
            me.go(path)
            row = me.page.locator(".dt tbody tr:not(.group)").first
            expect(row).to_be_visible()
            layout = row.locator("td").first.evaluate("cell => getComputedStyle(cell).display")
            assert layout == ("table-cell" if width == 1280 else "block"), path
            assert me.page.evaluate(SIDEWAYS) <= 0, (path, width)
        if width == 320:
            # Control: laid out as a table again, the same rows are wider than the phone.
            me.go("/dispatch/orders/?show=all")
            me.page.evaluate(
                "for (const cell of document.querySelectorAll('.dt td')) {"
                "Object.assign(cell.style, {display: 'table-cell', whiteSpace: 'nowrap'});"
                "cell.parentElement.style.display = 'table-row'; }"
            )
            assert me.page.evaluate(SIDEWAYS) > 0
        assert me.problems == []
        me.close()


def test_order_by_a_head_and_the_size_of_the_page_without_scripts(
    world: dict[str, Any], browser: Browser
) -> None:
    for n in range(26):
        builders.customer(name=f"Asiakas {chr(ord('Z') - n)} Oy")
    me = Person(browser, world["base"], width=1280, java_script_enabled=False)
    me.enter(world["people"]["dispatcher"])
    me.go("/customers/")
    first = me.page.locator(".dt tbody tr").first
    expect(first).to_contain_text("Asiakas A Oy")
    me.page.locator(".dt thead").get_by_role("link", name="Name").click()
    expect(first).to_contain_text("Asiakas Z Oy")
    head = me.page.get_by_role("columnheader", name="Name")
    assert head.get_attribute("aria-sort") == "descending"
    me.page.get_by_role("navigation", name="Rows on a page").get_by_role("link", name="25").click()
    expect(me.page.locator(".dt tbody tr")).to_have_count(25)
    expect(first).to_contain_text("Asiakas Z Oy")
    me.page.get_by_role("link", name="Next").click()
    expect(me.page.locator(".dt tbody tr")).to_have_count(1)
    expect(first).to_contain_text("Asiakas A Oy")
    me.go("/customers/")
    expect(me.page.locator(".dt tbody tr")).to_have_count(25)
    with me.page.expect_download() as waiting:
        me.page.get_by_role("link", name="CSV").click()
    assert waiting.value.suggested_filename.startswith("customers-")
    me.close()


def test_ticks_of_the_hours_table_belong_to_its_form_without_scripts(
    world: dict[str, Any], browser: Browser
) -> None:
    from billing.models import HourEntry
    from tests import test_office_tables as office

    monday = next_monday()
    for _n in range(2):
        work = office.gig(2)
        HourEntry.objects.create(
            assignment=work, works_on=work.order.works_on, started_at=work.starts_at,
            ended_at=work.ends_at, work_min=240, engagement_kind="employment", status="submitted",
            created_at=work.created_at,
        )  # fmt: skip
    with time_machine.travel(at(monday, time(9)), tick=True):
        me = Person(browser, world["base"], width=320, java_script_enabled=False)
        me.enter(world["people"]["finance"])
        me.go("/hours/?sort=-worker")
        ticks = me.page.locator(".dt input[type=checkbox]")
        expect(ticks).to_have_count(2)
        waits = ticks.first.get_attribute("value")
        ticks.first.uncheck()
        me.press("Approve all as planned")
        assert str(HourEntry.objects.get(status="submitted").ref) == waits
        assert HourEntry.objects.filter(status="approved").count() == 1
        me.close()


COVERED = """[...document.querySelectorAll('.dt tr > .mark')].filter(m => {
  const next = m.nextElementSibling.getBoundingClientRect();
  return m.getBoundingClientRect().bottom > next.top + 1;
}).length"""


@pytest.mark.parametrize("width", [320, 360])
def test_status_of_a_card_covers_no_other_line(
    world: dict[str, Any], browser: Browser, width: int
) -> None:
    monday = next_monday()
    fill(monday)
    with time_machine.travel(at(monday, time(9)), tick=True):
        me = Person(browser, world["base"], width=width)
        me.enter(world["people"]["admin"])
        me.go("/dispatch/orders/?show=all")
        assert me.page.locator(".dt tr > .mark").count() >= 3
        assert me.page.evaluate(COVERED) == 0
