"""Keyboard alone: the main job of every role by Tab, Enter, Space and arrows, focus always seen."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, expect

from accounts.models import Role
from billing.models import HourEntry, Invoice
from orders.models import WorkOrder
from tests.journeys.person import PASSWORD, Person, at, next_monday

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
MOST_TABS = 60

# What has the focus, whether it can be seen there, and whether something is drawn around it.
FOCUS = """() => {
  const el = document.activeElement;
  if (!el || el === document.body) return {tag: "BODY"};
  const label = el.labels && el.labels[0];
  const shown = el.getBoundingClientRect().width > 1 ? el : (label || el);
  const box = shown.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = box.top + Math.min(box.height / 2, 20);
  const hit = document.elementFromPoint(x, y);
  const seen = box.width > 1 && y >= 0 && y < innerHeight && !!hit &&
    (shown.contains(hit) || hit.contains(shown) || !!(label && label.contains(hit)));
  const ring = [el, el.nextElementSibling, label].some(e => {
    if (!e) return false;
    const s = getComputedStyle(e);
    return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2);
  });
  const text = (label ? label.textContent : el.textContent) || el.getAttribute("aria-label") || "";
  return {tag: el.tagName, type: el.type || "", name: el.name || "", value: el.value || "",
          href: el.getAttribute("href") || "", text: text.replace(/\\s+/g, " ").trim(), seen, ring};
}"""


class Typist(Person):
    """Somebody without a mouse; every stop of the focus is looked at."""

    def focus(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(FOCUS)
        if not found.get("seen"):
            # The browser scrolls to the focus in its next frame.
            self.page.evaluate("() => new Promise(r => setTimeout(r, 120))")
            found = self.page.evaluate(FOCUS)
        return found

    def tab_to(self, *, name: str = "", text: str = "", href: str = "") -> dict[str, Any]:
        """Press Tab until that input, button or link has the focus."""
        lost: list[dict[str, Any]] = []
        before = ""
        for _press in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            stop = self.focus()
            if stop["tag"] == "BODY":
                continue
            # Inside a date input the browser draws its own ring around the part with the focus.
            inside = stop["type"] == "date" and before == stop["name"]
            if not (stop["seen"] and (stop["ring"] or inside)):
                lost.append(stop)
            before = stop["name"]
            wanted = (
                (name and stop["name"] == name)
                or (text and stop["tag"] != "INPUT" and re.search(text, stop["text"]))
                or (href and href in stop["href"])
            )
            if wanted:
                assert lost == [], f"focus not seen on {self.page.url}: {lost}"
                return stop
        raise AssertionError(f"{name or text or href} not reached on {self.page.url}; {lost}")

    def type_into(self, name: str, text: str) -> None:
        self.tab_to(name=name)
        self.page.keyboard.type(text)

    def enter_on(self, *, text: str = "", href: str = "") -> None:
        self.tab_to(text=text, href=href)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


def _orders(me: Typist, back: str) -> str:
    page = me.page
    me.go("/")
    me.enter_on(href="/order/")
    me.tab_to(name="task")
    page.keyboard.press("Space")
    me.enter_on(text="Continue")
    me.tab_to(name="day")
    page.keyboard.press("Space")
    for _step in range(8):
        if me.focus()["value"] == back:
            break
        page.keyboard.press("ArrowRight")
    stop = me.focus()
    assert stop["value"] == back
    assert stop["seen"]
    assert stop["ring"]
    me.type_into("street", "Kauppakatu 4")
    me.type_into("postal_code", "53100")
    me.type_into("site_contact_name", "Maija Virtanen")
    me.enter_on(text="Continue")
    for name, text in (
        ("business_id", "0112038-9"),
        ("company_name", "Kahvila Oy"),
        ("orderer_name", "Maija Virtanen"),
        ("orderer_email", "maija@yritys.example"),
        ("orderer_phone", "040 123 4567"),
    ):
        me.type_into(name, text)
    me.enter_on(text="Send the order")
    return page.url.removeprefix(me.base)


def _fills(me: Typist, on: Any) -> None:
    order = WorkOrder.objects.get()
    me.go(f"/dispatch/day/?on={on}")
    me.tab_to(href=f"order={order.ref}")
    me.page.keyboard.press("Enter")
    expect(me.page.locator("#panel-h")).to_contain_text(str(order.number))
    expect(me.page.locator("#panel-h")).to_be_focused()
    me.tab_to(text="^Choose")
    me.page.keyboard.press("Enter")
    expect(me.page.locator("main")).to_contain_text("Waiting for answer")


def test_main_job_of_every_role_by_keyboard(world: dict[str, Any], browser: Browser) -> None:
    """2.1.1, 2.4.7, 2.4.11, 2.1.2: no mouse, no trap, focus seen at every stop."""
    base, people = world["base"], world["people"]

    def sits_down(role: Role | None, width: int = 1280) -> Typist:
        me = Typist(browser, base, width=width)
        if role is not None:
            me.enter(people[role])
        return me

    monday = next_monday()
    day = monday + timedelta(days=1)
    with time_machine.travel(at(monday, time(9)), tick=True):
        orderer = sits_down(None)
        link = _orders(orderer, day.isoformat())
        dispatcher = sits_down(Role.DISPATCHER, 1440)
        _fills(dispatcher, day)
        dispatcher.close()
        worker = sits_down(Role.WORKER, 360)
        worker.go("/my/")
        worker.enter_on(text="Yes, I will come")
        assert WorkOrder.objects.get().status == "filled"
        coach = sits_down(Role.COACH)
        coach.go("/coach/")
        coach.enter_on(text="^Aino")
        coach.close()
    with time_machine.travel(at(day, time(8, 57)), tick=True):
        worker.enter(people[Role.WORKER])
        worker.go("/my/")
        worker.enter_on(text="I am here")
    with time_machine.travel(at(day, time(13, 2)), tick=True):
        worker.go("/my/")
        worker.enter_on(text="The work is done")
        worker.close()
        orderer.go(link)
        orderer.enter_on(text="Approve the hours")
        assert HourEntry.objects.get().status == "approved"
        orderer.close()
    with time_machine.travel(at(day + timedelta(days=1), time(10)), tick=True):
        finance = sits_down(Role.FINANCE)
        finance.go("/finance/")
        finance.enter_on(text="Make drafts")
        finance.enter_on(text="Issue and send")
        assert Invoice.objects.get().status == "sent"
        finance.close()
        manager = sits_down(Role.MANAGER)
        manager.go("/manager/")
        manager.enter_on(href="/manager/hours/")
        expect(manager.page.locator("main")).to_contain_text("Kahvila Oy")
        manager.close()


def test_sign_in_by_keyboard(world: dict[str, Any], browser: Browser) -> None:
    me = Typist(browser, world["base"])
    me.go("/account/login/")
    me.type_into("login", "dispatcher@askare.example")
    me.type_into("password", PASSWORD)
    with me.page.expect_navigation():
        me.page.keyboard.press("Enter")
    expect(me.page).to_have_url(re.compile("/dispatch/"))
    me.close()


def test_focus_that_is_not_shown_is_noticed(world: dict[str, Any], browser: Browser) -> None:
    """Negative control: a page without rings fails, and so does a covered one."""
    for fault in (
        ":focus-visible, * { outline: none !important }",
        "main::after { content: ''; position: fixed; inset: 0; z-index: 99; background: red }",
    ):
        me = Typist(browser, world["base"], bypass_csp=True)
        me.go("/account/login/")
        me.page.add_style_tag(content=fault)
        with pytest.raises(AssertionError, match="focus not seen"):
            me.tab_to(name="login")
        me.context.close()
