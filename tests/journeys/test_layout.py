"""Lists and fields keep their room: what only a browser can measure."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser

from tests import builders
from tests.journeys.person import Person, at, next_monday

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_my_orders_rows_are_as_wide_as_the_list(
    world: dict[str, Any], browser: Browser, width: int
) -> None:
    """One order a row, and no word of it broken into letters."""
    owner = builders.customer()
    user = world["people"]["customer"]
    builders.contact(owner, user=user)
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        for _ in range(3):
            builders.order(customer=owner)
        me = Person(browser, world["base"], width=width)
        me.enter(user)
        me.go("/orders/")
        whole, rows = me.page.evaluate(
            "() => { const l = document.querySelector('.rowlist');"
            "return [l.clientWidth, [...l.children].map(r => [r.offsetWidth, r.offsetHeight])]; }"
        )
        assert len(rows) == 3
        assert all(wide >= whole - 2 for wide, _high in rows), (whole, rows)
        assert all(high <= (240 if width == 320 else 130) for _wide, high in rows), rows
        me.close()


def test_mistakes_on_a_small_phone_do_not_break_words(
    world: dict[str, Any], browser: Browser
) -> None:
    """Two narrow fields stand below each other as soon as one of them has a message."""
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        me = Person(browser, world["base"], width=320)
        me.go("/order/")
        me.page.get_by_role("radio").first.check(force=True)
        me.press("Continue")
        starts, people = me.page.locator("[name=starts]"), me.page.locator("[name=people]")
        top = "e => e.getBoundingClientRect().top"
        assert abs(starts.evaluate(top) - people.evaluate(top)) < 2
        people.fill("200")
        me.press("Continue")
        assert people.evaluate(top) - starts.evaluate(top) > 40
        me.close()


def test_long_lists_of_the_board_scroll_inside_it(world: dict[str, Any], browser: Browser) -> None:
    """Words for screen readers in what is scrolled away do not lengthen the page."""
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        for n in range(12):
            builders.worker(first_name=f"Eeva{n}")
        order = builders.order(on=next_monday())
        me = Person(browser, world["base"], width=1280)
        me.enter(world["people"]["dispatcher"])
        me.go(f"/dispatch/day/?order={order.ref}")
        below = (
            "() => document.documentElement.scrollHeight - Math.max(innerHeight,"
            "document.querySelector('footer').getBoundingClientRect().bottom + scrollY)"
        )
        assert me.page.evaluate(below) <= 2
        # Control: as it was before the panel held its own.
        me.page.evaluate("document.querySelector('.board>aside').style.position = 'static'")
        assert me.page.evaluate(below) > 100
        me.close()
