"""The board by keyboard in a real browser: the grid, the menu, the keys, the panel's focus."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from accounts.models import Role
from dispatch.assignments import services
from dispatch.models import Assignment
from orders.models import WorkOrder
from tests import builders
from tests.journeys.person import Person, at, next_monday

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HERE = "(document.activeElement.textContent || '').replace(/\\s+/g, ' ').trim()"


@pytest.fixture
def board(world: dict[str, Any], browser: Browser) -> Any:
    """The dispatcher at a day with three workers, two gigs and two open orders."""
    monday = next_monday()
    on = monday + timedelta(days=1)
    with time_machine.travel(at(monday, time(9)), tick=True):
        office = world["people"][Role.DISPATCHER]
        early = builders.order(on=on, at=time(8), duration_min=120)
        late = builders.order(on=on, at=time(13), duration_min=120)
        ville = builders.worker(first_name="Ville", last_name="Laine")
        services.assign(
            early, [world["worker"].pk], by=office, now=at(monday, time(8)), offer=False
        )
        services.assign(late, [ville.pk], by=office, now=at(monday, time(8)), offer=False)
        builders.worker(first_name="Zaida", last_name="Niemi")
        builders.order(on=on, at=time(10), duration_min=120)
        builders.order(on=on, at=time(15), duration_min=60)
        me = Person(browser, world["base"], width=1440)
        me.enter(office)
        me.go(f"/dispatch/day/?on={on}")
        yield me, on, world
        me.close()


def focus_text(page: Page) -> str:
    return str(page.evaluate(HERE))


def settle(page: Page) -> None:
    page.wait_for_function("!document.querySelector('[aria-busy=true]')")


def test_timeline_is_one_tab_stop_and_arrows_walk_in_it(board: Any) -> None:
    """APG grid: Tab enters once, arrows move by row and by the clock, Home and End by row."""
    page = board[0].page
    assert page.locator("#tl").get_attribute("role") == "grid"
    assert page.locator("#tl a[tabindex='0'], #tl [tabindex='0']").count() == 1
    page.locator("#tl a[tabindex='0']").focus()
    assert focus_text(page).startswith("Aino")
    page.keyboard.press("End")
    assert "8:00–10:00" in focus_text(page)
    page.keyboard.press("ArrowDown")
    assert "13:00–15:00" in focus_text(page)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert focus_text(page).startswith("Ville")
    page.keyboard.press("Control+End")
    page.keyboard.press("Home")
    assert focus_text(page).startswith("Zaida")
    page.keyboard.press("ArrowUp")
    assert focus_text(page).startswith("Ville")
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('#tl')")
    page.keyboard.press("Shift+Tab")
    assert focus_text(page).startswith("Ville")


def test_gig_that_goes_on_now_stays_on_its_line(board: Any) -> None:
    """The line of the present minute crosses the gig and does not push it a line down."""
    me, on, world = board
    today = on - timedelta(days=1)
    work = builders.order(on=today, at=time(8), duration_min=240, status="filled")
    Assignment.objects.create(
        order=work,
        worker=world["worker"],
        status="on_site",
        starts_at=work.starts_at,
        ends_at=work.ends_at,
        created_at=work.created_at,
    )
    me.go(f"/dispatch/day/?on={today}")
    line = me.page.locator(".line", has_text="Aino").locator(".lane-t")
    expect(line.locator(".cell .gig")).to_be_visible()
    expect(line.locator(".nowline")).to_have_count(1)
    gig, whole = line.locator(".gig").bounding_box(), line.bounding_box()
    assert gig
    assert whole
    # In the middle of the line, not below it.
    assert abs(gig["y"] + gig["height"] / 2 - whole["y"] - whole["height"] / 2) < 4


def test_menu_knows_what_is_chosen_and_gives_the_focus_back(board: Any) -> None:
    me, on, world = board
    page: Page = me.page
    gig = page.locator(".line", has_text="Aino").locator("a.gig")
    gig.focus()
    page.keyboard.press("a")
    expect(page.locator("#menu")).to_be_visible()
    expect(page.locator("#menu section")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    assert gig.evaluate("el => el === document.activeElement")
    page.keyboard.press("p")
    expect(page.locator("#menu")).to_be_visible()
    assert page.evaluate("document.activeElement.matches('[data-away]')")
    assert focus_text(page) == "Away on this day"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    row = Assignment.objects.get(worker=world["worker"])
    assert (row.status, row.order.works_on) == ("absent", on)


def test_menu_opens_by_a_single_click_too(board: Any) -> None:
    """2.5.7: no dragging anywhere; moving a gig is a click on the dots and a click on the link."""
    page: Page = board[0].page
    page.locator(".line", has_text="Ville").locator(".dots").click()
    expect(page.locator("#menu")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Move to another worker").click()
    expect(page.locator("#panel")).to_contain_text("in place of Ville")


def test_keys_move_between_day_and_week_and_can_be_switched_off(board: Any) -> None:
    """2.1.4: the switch is in the list of keys, and it is kept."""
    page: Page = board[0].page
    page.locator("#tl a[tabindex='0']").focus()
    with page.expect_navigation(url="**/dispatch/day/week/**"):
        page.keyboard.press("w")
    page.locator("#board").focus()
    with page.expect_navigation(url="**/dispatch/day/?on=**"):
        page.keyboard.press("d")
    page.locator("#tl a[tabindex='0']").focus()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("w")
    page.get_by_label("Keys are on").uncheck()
    page.keyboard.press("Escape")
    page.locator("#tl a[tabindex='0']").focus()
    here = page.url
    for key in "wmpn?":
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert page.url == here
    assert not page.locator("dialog#keys").is_visible()
    assert not page.locator("#menu").is_visible()
    page.reload()
    assert not page.locator("[data-keys]").is_checked()


def test_keys_are_dead_while_typing(board: Any) -> None:
    page: Page = board[0].page
    page.locator("#tl a[tabindex='0']").focus()
    page.keyboard.press("/")
    page.keyboard.type("wdnmp")
    assert page.locator("#q").input_value() == "wdnmp"


def test_panel_takes_the_focus_after_the_swap_and_escape_returns_it(board: Any) -> None:
    """A real htmx swap: the heading has the focus, Esc closes and goes back to the opener."""
    page: Page = board[0].page
    first = page.locator("#lane [data-open]").first
    number = (first.inner_text()).split()[0]
    first.focus()
    with page.expect_response(
        lambda r: "order=" in r.url and r.request.headers.get("hx-request") == "true"
    ):
        page.keyboard.press("Enter")
    expect(page.locator("#panel-h")).to_be_focused()
    expect(page.locator("#panel-h")).to_contain_text(number)
    assert page.locator(f"#o{number}").get_attribute("aria-current") == "true"
    page.keyboard.press("Escape")
    expect(page.locator(f"#o{number}")).to_be_focused()
    expect(page.locator("#panel-h")).not_to_contain_text(number)
    expect(page.locator("#lane [aria-current]")).to_have_count(0)


def test_j_and_a_digit_offer_and_u_takes_it_back(board: Any) -> None:
    """Fill an order with three keys: j, 1 (and Enter where a reason is asked); u undoes."""
    me, on, _world = board
    page: Page = me.page
    page.locator("#tl a[tabindex='0']").focus()
    page.keyboard.press("j")
    expect(page.locator("#panel-h")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("1")
    order = WorkOrder.objects.get(works_on=on, starts_at=at(on, time(10)))
    assert order.assignments.get().status == "offered"
    page.locator("#tl a[tabindex='0']").focus()
    with page.expect_navigation():
        page.keyboard.press("u")
    assert order.assignments.get().status == "withdrawn"


def test_lost_line_on_the_board_says_so_and_keeps_the_day(board: Any) -> None:
    """On the phone: the day stays, and the same click works when the line is back."""
    me, _on, _world = board
    page: Page = me.page
    order = page.locator("a[data-open][hx-get]").first
    me.context.set_offline(True)
    order.click()
    expect(page.locator("#live")).to_contain_text("That did not go through")
    expect(page.locator("#tl")).to_contain_text("Zaida")
    me.context.set_offline(False)
    order.click()
    expect(page.locator("#panel")).to_contain_text("Aino")
    assert all("ERR_INTERNET_DISCONNECTED" in p or "htmx" in p for p in me.problems)
    me.problems.clear()
