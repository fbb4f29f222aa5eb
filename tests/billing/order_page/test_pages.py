"""The customer's order page: who sees what, and what each button does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from billing.order_page.story import story_of
from orders.models import WorkOrder
from tests import builders
from tests.billing import world
from tests.billing.pages import anybody, as_, link, signed_in, text_of
from tests.billing.world import BILLING

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _december(time_machine: Any) -> None:
    time_machine.move_to(BILLING, tick=False)


def test_order_page_link_says_who_comes_by_first_name_only() -> None:
    """The customer sees no surname, no kind of engagement and no reason."""
    order = world.order()
    world.placed(
        order, builders.worker(first_name="Aino", last_name="Sukunimi", engagement="work_trial")
    )
    page = text_of(anybody().get(link("order-page", order)))
    # The clock stands in December: the page warns that nobody has said to have arrived.
    assert "Aino should have arrived" in page
    for word in ("Sukunimi", "trial", "kokeilu", "Mäki"):
        assert word not in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("placed", "We are looking for a worker for you."),
        ("unfilled", "We found nobody for this time."),
        ("cancelled", "This order was cancelled."),
        ("done", "The work is done."),
    ],
)
def test_order_page_first_sentence_follows_the_state(status: str, words: str) -> None:
    order = world.order(status=status)
    page = text_of(anybody().get(link("order-page", order)))
    sentence = page.split('role="status"', 1)[1]
    assert words in sentence[:900]


def test_order_page_before_the_work_names_day_and_time(time_machine: Any) -> None:
    """The first sentence answers who and when."""
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    order = world.order()
    world.placed(order, builders.worker(first_name="Aino"))
    page = text_of(anybody().get(link("order-page", order)))
    assert "Aino is coming on Thu 26 Nov at 9:00." in page


def test_order_page_absence_is_told_without_a_reason() -> None:
    order = world.order()
    row = world.placed(order, builders.worker(first_name="Ali"))
    row.status = "absent"
    row.save(update_fields=["status"])
    WorkOrder.objects.filter(pk=order.pk).update(status="placed")
    page = text_of(anybody().get(link("order-page", order)))
    assert "Ali cannot come. We are looking for somebody else." in page


def test_order_page_wrong_link_is_explained_with_404() -> None:
    answer = anybody().get(reverse("billing:order-page-link", args=["nonsense"]))
    assert answer.status_code == 404
    assert "This link no longer works" in text_of(answer)


def test_order_page_approve_hours_takes_one_click_by_link() -> None:
    """To approve hours that are as planned takes one click."""
    entry = world.done()
    order = entry.assignment.order
    page = text_of(anybody().get(link("order-page", order)))
    assert "Approve the hours" in page
    answer = anybody().post(link("order-approve-hours", order), {"entry": str(entry.ref)})
    assert answer.url == link("order-page", order)
    entry.refresh_from_db()
    assert (entry.status, entry.approved_as) == ("approved", "customer")


def test_order_page_approves_no_hours_of_other_orders() -> None:
    mine, other = world.done(), world.done()
    url = link("order-approve-hours", mine.assignment.order)
    anybody().post(url, {"entry": str(other.ref)})
    other.refresh_from_db()
    assert other.status == "submitted"


def test_order_page_dispute_needs_words_and_keeps_them() -> None:
    """The customer may approve some hours and dispute others, in their own words."""
    entry = world.done()
    url = link("order-dispute-hours", entry.assignment.order)
    assert anybody().post(url, {"entry": str(entry.ref)}).status_code == 422
    anybody().post(url, {"entry": str(entry.ref), "dispute-note": "Lähti klo 12"})
    entry.refresh_from_db()
    assert (entry.status, entry.note) == ("disputed", "Lähti klo 12")


def test_order_page_cancel_by_link_and_again_is_refused_in_words(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    order = world.order()
    url = link("order-cancel", order)
    assert anybody().post(url).status_code == 302
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert anybody().post(url).status_code == 409


def test_order_page_move_shows_the_price_before_it_moves(time_machine: Any) -> None:
    """The price before and after is seen before anything is done."""
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    order = world.order()
    asked = {"works_on": "2026-12-03", "starts": "10.00"}
    page = text_of(anybody().get(link("order-move", order), asked))
    assert "The price stays the same." in page
    order.refresh_from_db()
    assert order.works_on == world.THURSDAY
    anybody().post(link("order-move", order), asked)
    order.refresh_from_db()
    assert (order.works_on.isoformat(), order.starts.hour) == ("2026-12-03", 10)


def test_order_page_move_into_the_past_keeps_what_was_typed(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    order = world.order()
    answer = anybody().post(link("order-move", order), {"works_on": "2026-11-20", "starts": "9"})
    assert answer.status_code == 409
    assert "That time has passed" in text_of(answer)
    assert "2026-11-20" in text_of(answer)


def test_order_page_of_another_customer_is_404() -> None:
    """T1."""
    order = world.order()
    stranger = builders.user(Role.CUSTOMER)
    builders.contact(builders.customer(), user=stranger)
    answer = signed_in(stranger).get(reverse("billing:order-page", args=[order.ref]))
    assert answer.status_code == 404


def test_order_page_manager_reads_and_may_not_act() -> None:
    entry = world.done()
    ref = entry.assignment.order.ref
    client = as_(Role.MANAGER)
    page = text_of(client.get(reverse("billing:order-page", args=[ref])))
    assert "Approve the hours" not in page
    assert client.post(reverse("billing:order-approve-hours", args=[ref])).status_code == 403


def test_order_page_queries_do_not_grow_with_people() -> None:
    def queries(people: int) -> int:
        order = world.order(people=people)
        for _ in range(people):
            row = world.placed(order)
            world.check_in(row)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            anybody().get(link("order-page", order))
        return len(seen)

    assert queries(1) == queries(4)


def test_story_events_are_plain_words_with_first_names() -> None:
    order = world.order()
    row = world.placed(order, builders.worker(first_name="Aino", last_name="Sukunimi"))
    world.check_in(row)
    world.check_out(row)
    texts = [event.text for event in story_of(order, BILLING).events]
    assert any("Aino" in text for text in texts)
    assert not any("Sukunimi" in text for text in texts)
