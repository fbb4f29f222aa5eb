"""The planner as its dispatcher meets it: every state by axe, the whole way by clicks, the map."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from accounts.models import Role
from core.models import OutboxMessage
from dispatch.assignments import services
from dispatch.assignments.absences import record_absence
from dispatch.models import Assignment, Plan
from dispatch.plans import services as plan_services
from orders.models import WorkOrder
from tests import builders
from tests.journeys.person import Person, at, next_monday
from tests.journeys.test_accessible import problems_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


class Desk:
    """A dispatcher on a Monday morning; Tuesday has work, people, and one order nobody can do."""

    def __init__(self, world: dict[str, Any], browser: Browser, *, script: bool = True) -> None:
        self.monday = next_monday()
        self.on = self.monday + timedelta(days=1)
        self.base, self.office = world["base"], world["people"][Role.DISPATCHER]
        self.aino = world["worker"]
        self.ville = builders.worker(first_name="Ville", last_name="Laine", lat=61.07)
        builders.worker(first_name="Zaida", last_name="Niemi", lon=28.22)
        owner = builders.customer()
        sites = [
            builders.site(owner, street=f"Kauppakatu {n}", lat=61.0587 + n / 50) for n in range(4)
        ]
        self.orders = [
            builders.order(on=self.on, at=time(8 + n), duration_min=120, customer=owner, site=s)
            for n, s in enumerate(sites[:3])
        ]
        diving = builders.task_type("diving", skills=("diving",), name_en="Diving")
        self.nobody = builders.order(
            on=self.on, at=time(13), task_type=diving, customer=owner, site=sites[3]
        )
        self.me = Person(browser, self.base, width=1280, java_script_enabled=script)
        self.me.enter(self.office)

    @property
    def now(self) -> datetime:
        return at(self.monday, time(9))

    @property
    def page(self) -> Page:
        return self.me.page

    def asked(self, **fields: Any) -> Plan:
        options = {"seconds": 5, "by": self.office, "now": self.now, "ring": False} | fields
        return plan_services.start_plan(self.on, self.on, **options)

    def made(self) -> Plan:
        plan = self.asked()
        assert plan_services.make_plan(plan.pk, clock=lambda: self.now)
        plan.refresh_from_db()
        return plan

    def page_of(self, plan: Plan) -> str:
        return reverse("dispatch:plan-detail", args=[plan.ref])


@pytest.fixture
def desk(world: dict[str, Any], browser: Browser) -> Iterator[Desk]:
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        it = Desk(world, browser)
        yield it
        it.me.close()


@pytest.fixture
def plain_desk(world: dict[str, Any], browser: Browser) -> Iterator[Desk]:
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        it = Desk(world, browser, script=False)
        yield it
        it.me.close()


def ill(desk: Desk) -> str:
    """Ville is told for an order and falls ill: the page of his substitutes."""
    services.assign(desk.orders[0], [desk.ville.pk], by=desk.office, now=desk.now, offer=False)
    day = (at(desk.on, time(0)), at(desk.on, time(23)))
    found = record_absence(desk.ville, *day, by=desk.office, now=desk.now)
    return reverse("dispatch:absence-replace", args=[desk.ville.ref, found.absence.pk])


# ------------------------------------------------------------------ every state by axe


def test_axe_finds_nothing_in_any_state_of_a_plan(desk: Desk) -> None:
    found: list[str] = []

    def look(where: str, path: str = "") -> None:
        if path:
            desk.me.go(path)
        found.extend(problems_of(desk.page, where, desk.base))

    look("ask", f"{reverse('dispatch:plan-new')}?on={desk.on}")
    plan = desk.asked()
    look("waiting", desk.page_of(plan))
    Plan.objects.filter(pk=plan.pk).update(
        state="running", stage="dive", best=1200, bound=1100, planning_on=desk.on
    )
    look("running", desk.page_of(plan))
    Plan.objects.filter(pk=plan.pk).update(stop_asked=True)
    look("stopping", desk.page_of(plan))
    Plan.objects.filter(pk=plan.pk).update(state="failed", failure="lost")
    look("failed", desk.page_of(plan))
    plan = desk.made()
    look("rows", desk.page_of(plan))
    desk.page.locator("section a.btn", has_text="What would help?").first.click()
    expect(desk.page.locator("section a.btn", has_text="What would help?")).to_have_count(0)
    look("rows with help")
    WorkOrder.objects.filter(pk=desk.orders[1].pk).update(
        starts_at=desk.orders[1].starts_at + timedelta(minutes=30),
        ends_at=desk.orders[1].ends_at + timedelta(minutes=30),
    )
    look("a row that no longer holds", desk.page_of(plan))
    plan_services.accept(plan, plan.rows.all(), by=desk.office, now=desk.now)
    look("accepted", desk.page_of(plan))
    plan_services.send(plan, by=desk.office, now=desk.now)
    look("sent", desk.page_of(plan))
    look("asked again", reverse("dispatch:plan-new"))
    assert found == []


def test_axe_finds_nothing_on_the_pages_beside_the_plan(desk: Desk) -> None:
    found: list[str] = []
    order = reverse("dispatch:order-detail", args=[desk.orders[1].ref])
    paths = {
        "substitutes": ill(desk),
        "why": reverse("dispatch:order-why", args=[desk.nobody.ref]),
        "week": f"{reverse('dispatch:week')}?on={desk.on}",
        "ranking": order,
        "panel": f"{reverse('dispatch:day')}?order={desk.orders[1].ref}",
        "map": f"{reverse('dispatch:day-map')}?on={desk.on}",
        "map of an empty day": f"{reverse('dispatch:day-map')}?on={desk.on + timedelta(days=9)}",
    }
    for where, path in paths.items():
        desk.me.go(path)
        found += problems_of(desk.page, where, desk.base)
    desk.page.set_viewport_size({"width": 1280, "height": 800})
    desk.me.go(f"{reverse('dispatch:day')}?on={desk.on}")
    desk.page.locator(".only-wide .dots").first.click()
    expect(desk.page.locator("#menu")).to_be_visible()
    found += problems_of(desk.page, "menu", desk.base)
    assert found == []


# ------------------------------------------------------------------ the whole way by clicks


def walk(desk: Desk) -> None:
    """Ask, look, accept two of three, take back, accept again, send."""
    me, page = desk.me, desk.page
    me.go(f"{reverse('dispatch:day')}?on={desk.on}")
    page.get_by_role("link", name="Suggest a plan").click()
    expect(page.locator("[name=on]")).to_have_value(desk.on.isoformat())
    me.press("Suggest a plan")
    expect(page.locator("h1")).to_contain_text("Suggested plan")
    ticks = page.locator("input[name=row]")
    expect(ticks).to_have_count(3)
    ticks.nth(2).uncheck()
    me.press("Accept the ticked ones")
    expect(page.get_by_text("2 gigs accepted. Nobody has been told yet.")).to_be_visible()
    assert Assignment.objects.filter(status="planned").count() == 2
    me.press("Take back")
    expect(page.get_by_text("Nobody had been told.").first).to_be_visible()
    assert not OutboxMessage.objects.exists()
    me.press("Accept the ticked ones")
    me.press("Send 3 offers")
    expect(page.get_by_text("3 offers sent.")).to_be_visible()
    assert Assignment.objects.filter(status="offered").count() == 3


def test_a_dispatcher_asks_looks_accepts_takes_back_and_sends(desk: Desk) -> None:
    walk(desk)


def test_the_same_without_scripts(plain_desk: Desk) -> None:
    walk(plain_desk)


@pytest.mark.parametrize("script", [True, False])
def test_progress_is_followed_and_stopped(
    world: dict[str, Any], browser: Browser, script: bool
) -> None:
    """With scripts the page follows by itself; without there is a link that looks again."""
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        desk = Desk(world, browser, script=script)
        page, plan = desk.page, desk.asked()
        desk.me.go(desk.page_of(plan))
        expect(page.locator("#stage-h")).to_have_text("Waiting to begin")
        claimed = plan_services._claim(plan.pk, desk.now)
        assert claimed is not None
        if script:
            expect(page.locator("#stage-h")).not_to_have_text("Waiting to begin")
        else:
            page.get_by_role("link", name="Show how far it is").click()
        desk.me.press("Stop and take the best so far")
        expect(page.get_by_text("Stopping")).to_be_visible()
        plan.refresh_from_db()
        assert plan.stop_asked
        desk.me.close()


@pytest.mark.parametrize("script", [True, False])
def test_a_sick_call_is_recorded_and_its_answer_taken(
    world: dict[str, Any], browser: Browser, script: bool
) -> None:
    with time_machine.travel(at(next_monday(), time(9)), tick=True):
        desk = Desk(world, browser, script=script)
        services.assign(desk.orders[0], [desk.ville.pk], by=desk.office, now=desk.now, offer=False)
        desk.me.go(reverse("dispatch:absence-new", args=[desk.ville.ref]))
        for field in ("from_on", "to_on"):
            desk.page.fill(f"[name={field}]", desk.on.isoformat())
        desk.me.press("Save and see the gigs")
        desk.page.get_by_role("link", name="Find replacements").click()
        desk.page.get_by_role("button", name="Change and tell").first.click()
        desk.page.wait_for_load_state()
        desk.me.close()
    status = dict(Assignment.objects.values_list("worker__first_name", "status"))
    assert status.pop("Ville") == "absent"
    assert list(status.values()) == ["offered"]


# ------------------------------------------------------------------ the map


def test_the_map_is_worked_by_clicks_alone(desk: Desk) -> None:
    """WCAG 2.5.7: panning, zooming, hiding and choosing need no dragging."""
    services.assign(desk.orders[0], [desk.ville.pk], by=desk.office, now=desk.now, offer=False)
    page = desk.page
    desk.me.go(f"{reverse('dispatch:day')}?on={desk.on}")
    page.locator("#board h2").first.click()
    with page.expect_navigation(url="**/dispatch/day/map/**"):
        page.keyboard.press("m")
    pins = page.locator("#map .leaflet-marker-icon .pin-no")
    expect(pins).to_have_count(4)
    expect(page.locator("#map .pin-no.open")).to_have_count(3)
    listed = page.locator(".maplist .pin-no").all_inner_texts()
    assert sorted(pins.all_inner_texts()) == listed == ["1", "2", "3", "4"]
    page.get_by_label("Hide the pins").check()
    expect(pins).to_have_count(3)
    page.get_by_label("Hide the pins").uncheck()
    expect(pins).to_have_count(4)

    def spot() -> float:
        box = pins.first.bounding_box()
        assert box is not None
        return box["x"]

    before = spot()
    page.get_by_role("button", name="East").click()
    assert spot() == pytest.approx(before - 120, abs=2)
    page.get_by_role("button", name="All pins").click()
    assert spot() == pytest.approx(before, abs=2)
    third = page.locator("#map .leaflet-marker-icon", has_text="3")
    third.click()
    expect(page.locator("#pin3 a")).to_be_focused()
    with page.expect_navigation(url="**/dispatch/day/?order=*"):
        page.keyboard.press("Enter")


def test_the_map_page_is_a_list_without_scripts(plain_desk: Desk) -> None:
    page = plain_desk.page
    plain_desk.me.go(f"{reverse('dispatch:day-map')}?on={plain_desk.on}")
    expect(page.locator(".maplist li")).to_have_count(4)
    expect(page.locator("#map-box")).to_be_hidden()
