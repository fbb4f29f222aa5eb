"""The customer's order page beyond its sentence: facts, and what the two doors share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import Role
from billing.hours import services as hours
from billing.models import HourEntry
from billing.order_page.story import story_of
from core.models import AuditEvent
from orders.models import WorkOrder
from tests import builders
from tests.billing import world
from tests.billing.pages import anybody, link, signed_in, text_of
from tests.billing.world import BILLING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _december(time_machine: Any) -> None:
    time_machine.move_to(BILLING, tick=False)


def test_wear_is_the_orders_own_words_else_those_of_the_task() -> None:
    order = world.order()
    order.task_type.wear_en = "Indoor shoes"
    order.task_type.save(update_fields=["wear_en"])
    assert "Indoor shoes" in text_of(anybody().get(link("order-page", order)))
    WorkOrder.objects.filter(pk=order.pk).update(wear="Rubber boots")
    page = text_of(anybody().get(link("order-page", order)))
    assert "Rubber boots" in page
    assert "Indoor shoes" not in page


def test_link_and_sign_in_show_the_same_facts() -> None:
    """The order page has two doors, link and sign-in; each keeps its own addresses."""
    entry = world.done()
    order = entry.assignment.order
    owner = builders.user(Role.CUSTOMER)
    builders.contact(order.customer, user=owner)
    by_link = text_of(anybody().get(link("order-page", order)))
    inside = text_of(signed_in(owner).get(reverse("billing:order-page", args=[order.ref])))
    price = f"{order.quote_net:.2f} € + VAT 25.5% = {order.quote_gross:.2f} €"
    name = entry.assignment.worker.first_name
    for words in ("The work is done.", price, "Approve the hours", name):
        assert words in by_link, words
        assert words in inside, words
    assert link("order-approve-hours", order) in by_link
    assert link("order-approve-hours", order) not in inside


def test_approval_by_link_names_the_orderer_in_the_history() -> None:
    """Who said yes stays known although nobody signed in."""
    entry = world.done()
    order = entry.assignment.order
    anybody().post(link("order-approve-hours", order), {"entry": [str(entry.ref)]})
    event = AuditEvent.objects.get(verb="hours.approve", ref=str(entry.ref))
    assert event.actor_label == order.orderer_name
    assert HourEntry.objects.get(pk=entry.pk).approved_as == "customer"


def test_withdrawn_link_neither_shows_nor_acts() -> None:
    entry = world.done()
    order = entry.assignment.order
    page, approve = link("order-page", order), link("order-approve-hours", order)
    WorkOrder.objects.filter(pk=order.pk).update(link_no=2)
    assert anybody().get(page).status_code == 404
    assert anybody().post(approve).status_code == 404
    assert HourEntry.objects.get(pk=entry.pk).status == "submitted"


def test_dispute_of_one_person_leaves_the_others_hours() -> None:
    order = world.order(people=2)
    first, second = world.placed(order), world.placed(order)
    for row in (first, second):
        world.check_in(row)
    for row in (first, second):
        world.check_out(row)
    wrong = HourEntry.objects.get(assignment=first)
    data = {"entry": [str(wrong.ref)], "dispute-note": "Lähti jo kello 12"}
    assert anybody().post(link("order-dispute-hours", order), data).status_code == 302
    states = {e.assignment_id: e.status for e in HourEntry.objects.all()}
    assert states == {first.pk: "disputed", second.pk: "submitted"}


def test_cancelling_tells_of_the_worker_only_when_there_is_one(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    alone, taken = world.order(status="placed"), world.order(status="placed")
    world.placed(taken)
    for order, told in ((alone, False), (taken, True)):
        before = text_of(anybody().get(link("order-page", order)))
        assert "Cancelling costs nothing." in before
        assert ("The worker is told at once." in before) is told
        after = text_of(anybody().post(link("order-cancel", order), follow=True))
        assert "The order is cancelled." in after
        assert ("We have told the worker." in after) is told


def test_hours_of_a_team_approved_by_one_press_are_one_event() -> None:
    order = world.order(people=2)
    for row in [world.placed(order), world.placed(order)]:
        world.check_in(row)
        world.check_out(row)
    anybody().post(link("order-approve-hours", order))
    order.refresh_from_db()
    assert order.status == "closed"
    assert AuditEvent.objects.filter(verb="hours.approve").count() == 2
    with translation.override("en"):
        story = story_of(order, BILLING)
    assert [e.text for e in story.events].count("Hours approved") == 1
    # Nothing is asked of the customer before the invoice: no step is the current one.
    assert [(s.label, s.done) for s in story.steps][3:] == [
        ("Hours approved", True),
        ("Invoiced", False),
    ]
    assert not any(step.current for step in story.steps)


def test_move_into_the_past_is_refused_before_a_price_is_shown(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    order = world.order(status="placed")
    url = link("order-move", order)
    answer = anybody().get(url, {"works_on": "2026-11-20", "starts": "9"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "That time has passed." in page
    assert 'type="hidden" name="works_on"' not in page
    assert "Enter the day, for example" in text_of(anybody().get(url, {"starts": "9"}))


def test_dispute_of_hours_that_changed_meanwhile_is_not_thanked_for() -> None:
    """What the customer wrote is kept, and the page shows the hours as they are now."""
    entry = world.done()
    order = entry.assignment.order
    office = builders.user(Role.DISPATCHER)
    hours.correct_hours(
        entry,
        started_at=entry.started_at,
        ended_at=entry.started_at + timedelta(minutes=180),
        break_min=0,
        by=office,
        now=BILLING,
        note="Lähti kello 12",
    )
    data = {"entry": [str(entry.ref)], "dispute-note": "Tuli vasta kymmeneltä"}
    answer = anybody().post(link("order-dispute-hours", order), data)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Somebody changed these hours a moment ago. Look at them again." in page
    assert "Tuli vasta kymmeneltä" in answer.content.decode()
    assert "Thank you" not in page
    assert not AuditEvent.objects.filter(verb="hours.dispute").exists()
    now_waiting = HourEntry.objects.get(assignment=entry.assignment, status="submitted")
    data["entry"] = [str(now_waiting.ref)]
    assert anybody().post(link("order-dispute-hours", order), data).status_code == 302
    now_waiting.refresh_from_db()
    assert (now_waiting.status, now_waiting.note) == ("disputed", "Tuli vasta kymmeneltä")
