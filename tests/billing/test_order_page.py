"""The customer's order page beyond its sentence: facts, and what the two doors share."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Role
from billing.models import HourEntry
from orders.models import WorkOrder
from tests import builders
from tests.billing import world
from tests.billing.test_views import anybody, link, signed_in, text_of
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
    """N12: one page, two doors; each door keeps its own addresses."""
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
    """A1: who said yes stays known although nobody signed in."""
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
