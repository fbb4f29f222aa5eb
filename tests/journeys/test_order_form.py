"""The public order form in a browser: live hint, map on demand, lost line, double press, weight."""

from __future__ import annotations

import gzip
import re
from datetime import time
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Response, expect

from orders.models import WorkOrder
from tests.journeys.person import Person, at, next_monday
from tests.journeys.test_accessible import problems_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
FIRST_LOAD_BYTES = 100_000


class Weigher(Person):
    """A person whose first load is weighed as the web server would send it: gzipped."""

    def __init__(self, browser: Browser, base: str, **options: Any) -> None:
        super().__init__(browser, base, **options)
        self.got: list[Response] = []
        self.page.on("response", lambda answer: self.got.append(answer))  # noqa: PLW0108

    def weight(self) -> int:
        """Bytes of everything fetched since the last call."""
        bodies = [r.body() for r in self.got if r.ok]
        self.got.clear()
        return sum(len(gzip.compress(body, 6)) for body in bodies)


def at_step_2(me: Person) -> None:
    me.go("/order/")
    me.page.get_by_role("radio").first.check(force=True)
    me.press("Continue")


def choose_day(me: Person) -> None:
    me.page.locator("input[name=day]").nth(1).check(force=True)


def test_step_2_is_light_and_the_map_comes_when_it_is_opened(
    world: dict[str, Any], browser: Browser
) -> None:
    """At most 100 kB before the map; then one click on it sets the point of the site."""
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        before = Person(browser, world["base"])
        at_step_2(before)
        me = Weigher(browser, world["base"])
        # The same person with an empty cache.
        me.context.add_cookies(before.context.cookies())  # type: ignore[arg-type]
        before.close()
        me.go("/order/when/")
        me.page.wait_for_load_state("networkidle")
        assert not any("leaflet" in r.url for r in me.got)
        assert me.weight() <= FIRST_LOAD_BYTES
        choose_day(me)
        me.page.fill("[name=street]", "Kauppakatu 4")
        me.page.fill("[name=postal_code]", "53100")
        me.page.fill("[name=site_contact_name]", "Maija")
        me.page.locator("#map-box summary").click()
        expect(me.page.locator("#map .leaflet-marker-icon")).to_be_visible()
        expect(me.page.locator("#map .place").first).to_contain_text("53100")
        assert all(r.url.startswith(me.base) for r in me.got)
        expect(me.page.locator("#id_lat")).to_have_value("")
        me.page.locator("#map").click(position={"x": 120, "y": 120})
        expect(me.page.locator("#id_lat")).to_have_value(re.compile(r"^61\.\d+"))
        me.page.fill("[name=street]", "Valtakatu 30")
        me.page.locator("[name=postal_code]").click()
        expect(me.page.locator("#id_lat")).to_have_value("")
        me.page.locator("#map").click(position={"x": 90, "y": 150})
        expect(me.page.locator("#id_lat")).to_have_value(re.compile(r"^61\.\d+"))
        me.press("Continue")
        expect(me.page.locator("main")).to_contain_text("point set on the map")
        me.close()


def test_price_and_hint_follow_the_form_and_a_better_day_is_one_press(
    world: dict[str, Any], browser: Browser
) -> None:
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        me = Person(browser, world["base"], width=360)
        at_step_2(me)
        choose_day(me)
        expect(me.page.locator("#estimate")).to_contain_text("128.00")
        expect(me.page.locator("#hint")).to_be_empty()
        me.page.fill("[name=postal_code]", "53100")
        expect(me.page.locator("#hint")).to_contain_text("A few people are free then")
        me.page.fill("[name=people]", "3")
        expect(me.page.locator("#hint")).to_contain_text("It may be hard to find someone")
        me.page.fill("[name=people]", "1")
        # Nobody works at night in this world.
        me.page.fill("[name=starts]", "22")
        expect(me.page.locator("#hint")).to_contain_text("05 123 4567")
        me.page.locator("#map-box summary").click()
        expect(me.page.locator("#map .leaflet-marker-icon")).to_be_visible()
        # Leaving the input asks once more; while that runs the price is dimmed.
        me.page.wait_for_timeout(400)
        expect(me.page.locator("#estimate[aria-busy]")).to_have_count(0)
        assert problems_of(me.page, "step 2", me.base) == []
        me.close()


def test_lost_line_says_so_and_keeps_what_was_typed(
    world: dict[str, Any], browser: Browser
) -> None:
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        me = Person(browser, world["base"])
        at_step_2(me)
        choose_day(me)
        estimate = me.page.locator("#estimate")
        expect(estimate).to_contain_text("128.00")
        me.context.set_offline(True)
        me.page.fill("[name=people]", "2")
        expect(estimate).to_contain_text("That did not go through. Please try again.")
        expect(me.page.locator("[name=people]")).to_have_value("2")
        expect(me.page.locator("#live")).to_contain_text("That did not go through")
        me.context.set_offline(False)
        me.page.fill("[name=street]", "Kauppakatu 4")
        expect(estimate).to_contain_text("256.00")
        expect(estimate).not_to_contain_text("That did not go through")
        # The browser itself reports the lost line; nothing else may be in the log.
        assert all("ERR_INTERNET_DISCONNECTED" in p or "htmx" in p for p in me.problems)
        me.problems.clear()
        me.close()


def test_send_pressed_twice_is_one_order(world: dict[str, Any], browser: Browser) -> None:
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        me = Person(browser, world["base"])
        at_step_2(me)
        choose_day(me)
        for name, text in (
            ("street", "Kauppakatu 4"),
            ("postal_code", "53100"),
            ("site_contact_name", "Maija"),
        ):
            me.page.fill(f"[name={name}]", text)
        me.press("Continue")
        for name, text in (
            ("business_id", "0112038-9"),
            ("company_name", "Kahvila Oy"),
            ("orderer_name", "Maija"),
            ("orderer_email", "maija@yritys.example"),
            ("orderer_phone", "040 123 4567"),
        ):
            me.page.fill(f"[name={name}]", text)
        me.page.get_by_role("button", name="Send the order").dblclick()
        expect(me.page).to_have_url(re.compile("/o/"))
        assert WorkOrder.objects.count() == 1
        me.close()
