"""Click budgets: a journey that needs more presses, screens or inputs than agreed fails.

Presses are counted in the page (trusted pointer presses), inputs by the names that the person
really changed, screens by the documents that were opened on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, expect

from billing.models import Invoice
from orders.models import WorkOrder
from tests import builders
from tests.journeys.person import Person, at, next_monday
from tests.journeys.steps import fill_order

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

# Journey -> most presses, screens, inputs (None: not agreed). From the design of the screens.
BUDGETS: dict[str, tuple[int | None, int | None, int | None]] = {
    "order the first time": (None, 3, 10),
    "fill an order from the board": (2, None, None),
    "answer an offer": (1, None, 0),
    "check in": (1, None, 0),
    "check out": (1, None, 0),
    "approve the hours": (1, None, 0),
    "invoice the month": (4, None, 0),
    "order again": (2, None, 0),
}
COUNT = """
addEventListener("pointerdown", e => e.isTrusted && window.countPress(""), true);
for (const kind of ["input", "change"])
  addEventListener(kind, e => e.target.name && window.countInput(e.target.name), true);
"""


@dataclass
class Spent:
    """What a journey took."""

    presses: int
    screens: int
    inputs: int


class Counted(Person):
    """A person whose presses, inputs and opened documents are kept."""

    def __init__(self, browser: Browser, base: str, *, width: int = 1280, user: Any = None) -> None:
        super().__init__(browser, base, width=width)
        self.presses: list[str] = []
        self.inputs: list[str] = []
        self.opened: list[str] = []
        self.page.expose_function("countPress", lambda what: self.presses.append(what))  # noqa: PLW0108
        self.page.expose_function("countInput", lambda what: self.inputs.append(what))  # noqa: PLW0108
        self.page.add_init_script(COUNT)
        self.page.on("framenavigated", lambda frame: self.opened.append(frame.url))
        if user is not None:
            self.enter(user)


class Ledger:
    """What each journey took, against BUDGETS."""

    def __init__(self) -> None:
        self.rows: dict[str, Spent] = {}

    def over(self) -> list[str]:
        """Journeys over their budget, in words."""
        found = []
        for name, spent in self.rows.items():
            counts = (spent.presses, spent.screens, spent.inputs)
            for what, used, most in zip(
                ("presses", "screens", "inputs"), counts, BUDGETS[name], strict=True
            ):
                if most is not None and used > most:
                    found.append(f"{name}: {used} {what}, agreed {most}")
        return found

    def table(self) -> str:
        """One line per journey: used / agreed."""
        lines = [f"{'journey':<32}{'presses':>10}{'screens':>10}{'inputs':>10}"]
        for name, spent in self.rows.items():
            counts = (spent.presses, spent.screens, spent.inputs)
            cells = [
                f"{used}/{'-' if most is None else most}"
                for used, most in zip(counts, BUDGETS[name], strict=True)
            ]
            lines.append(f"{name:<32}{cells[0]:>10}{cells[1]:>10}{cells[2]:>10}")
        return "\n".join(lines)

    @contextmanager
    def count(self, name: str, me: Counted) -> Iterator[None]:
        """Count what is done inside; the page that is open when it begins is the first screen."""
        for seen in (me.presses, me.inputs, me.opened):
            seen.clear()
        begun = me.page.url
        yield
        me.page.wait_for_load_state()
        # The last document is the confirmation.
        screens = {url.split("?")[0] for url in [begun, *me.opened[:-1]]}
        self.rows[name] = Spent(len(me.presses), len(screens), len(set(me.inputs)))


def test_every_journey_keeps_its_budget(world: dict[str, Any], browser: Browser) -> None:
    base, people = world["base"], world["people"]
    monday = next_monday()
    thursday = monday + timedelta(days=3)
    ledger = Ledger()
    with time_machine.travel(at(monday, time(9)), tick=True):
        orderer = Counted(browser, base)
        orderer.go("/order/")
        with ledger.count("order the first time", orderer):
            fill_order(orderer, thursday)
        order = WorkOrder.objects.get()
        link = orderer.page.url.removeprefix(base)

        dispatcher = Counted(browser, base, width=1440, user=people["dispatcher"])
        dispatcher.go(f"/dispatch/day/?on={thursday}")
        with ledger.count("fill an order from the board", dispatcher):
            dispatcher.page.locator(f"main a[href*='order={order.ref}']").first.click()
            dispatcher.press("Choose")
            expect(dispatcher.page.locator("main")).to_contain_text("Waiting for answer")

        worker = Counted(browser, base, width=360, user=people["worker"])
        worker.go("/my/")
        with ledger.count("answer an offer", worker):
            worker.press("Yes, I will come")
        order.refresh_from_db()
        assert order.status == "filled"
    with time_machine.travel(at(thursday, time(8, 57)), tick=True):
        worker.enter(people["worker"])
        worker.go("/my/")
        with ledger.count("check in", worker):
            worker.press("I am here")
    with time_machine.travel(at(thursday, time(13, 2)), tick=True):
        worker.go("/my/")
        with ledger.count("check out", worker):
            worker.press("The work is done")
        orderer.go(link)
        with ledger.count("approve the hours", orderer):
            orderer.press("Approve the hours")
    with time_machine.travel(at(thursday + timedelta(days=1), time(10)), tick=True):
        _afterwards(ledger, browser, world, order)
    for person in (orderer, dispatcher, worker):
        person.close()
    assert set(ledger.rows) == set(BUDGETS)
    assert ledger.over() == [], "\n" + ledger.table()
    print("\n" + ledger.table())  # noqa: T201 - `pytest -s` shows the table


def _afterwards(ledger: Ledger, browser: Browser, world: dict[str, Any], order: WorkOrder) -> None:
    finance = Counted(browser, world["base"], user=world["people"]["finance"])
    finance.go("/finance/")
    with ledger.count("invoice the month", finance):
        finance.press("Make drafts")
        finance.press("Issue and send")
    assert Invoice.objects.get().status == "sent"
    finance.close()
    user = world["people"]["customer"]
    builders.contact(order.customer, user=user, phone="+358401234567")
    customer = Counted(browser, world["base"], user=user)
    customer.go("/orders/")
    with ledger.count("order again", customer):
        customer.press("Order again")
        customer.press("Send the order")
    assert WorkOrder.objects.count() == 2
    customer.close()


def test_one_press_too_many_goes_over_the_budget(world: dict[str, Any], browser: Browser) -> None:
    """Negative control: the counter sees a press, an input and a screen that nobody agreed on."""
    ledger = Ledger()
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        me = Counted(browser, world["base"])
        me.go("/order/")
        with ledger.count("answer an offer", me):
            me.page.locator("h1").click()
            me.page.locator("label.chip").first.click()
            me.press("Continue")
    assert ledger.rows["answer an offer"] == Spent(3, 1, 1)
    assert ledger.over() == [
        "answer an offer: 3 presses, agreed 1",
        "answer an offer: 1 inputs, agreed 0",
    ]
    me.close()
