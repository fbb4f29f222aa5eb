"""The customer's own orders, and the same work once more: the pages as people use them."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import WorkOrder
from orders.ordering.links import order_token
from tests import builders
from tests.orders.pages import hidden, queries, sign_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


def test_reorder_is_two_clicks_with_the_same_weekday_next_week(web: Client) -> None:
    """Reorder: "Order again", then "Send"."""
    owner = builders.customer()
    person = builders.contact(owner, phone="+358401112222", email="c@y.example").user
    old = builders.order(customer=owner, duration_min=180, people=2, hazards="Koira")
    sign_in(web, person)
    answer = web.post(reverse("orders:reorder", args=[old.ref]))
    assert answer["Location"] == "/order/check/"
    page = web.get("/order/check/")
    assert "Thu 3 Dec 2026" in words(page)
    assert web.post("/order/check/", hidden(page.content.decode())).status_code == 302
    new = WorkOrder.objects.exclude(pk=old.pk).get()
    assert (new.works_on, new.duration_min, new.people, new.hazards, new.site) == (
        date(2026, 12, 3),
        180,
        2,
        "Koira",
        old.site,
    )


def test_reorder_of_another_customers_order_is_404(web: Client) -> None:
    sign_in(web, builders.contact(builders.customer()).user)
    assert web.post(reverse("orders:reorder", args=[builders.order().ref])).status_code == 404
    assert web.get(reverse("orders:reorder", args=[uuid.uuid4()])).status_code == 405


def test_reorder_by_link_needs_the_right_token(web: Client) -> None:
    first, second = builders.order(), builders.order()
    good = web.post(reverse("orders:reorder-link", args=[order_token(first)]))
    assert good["Location"] == "/order/check/"
    assert first.customer.name in web.get("/order/check/").content.decode()
    forged = order_token(first).replace(first.ref.hex, second.ref.hex)
    assert web.post(reverse("orders:reorder-link", args=[forged])).status_code == 404
    assert web.post(reverse("orders:reorder-link", args=["x"])).status_code == 404


def test_my_orders_shows_only_the_own(web: Client) -> None:
    mine, other = builders.order(), builders.order()
    sign_in(web, builders.contact(mine.customer).user)
    text = words(web.get("/orders/"))
    assert f"Order {mine.number}" in text
    assert str(other.number) not in text
    assert "Looking for a worker" in text


def test_my_orders_come_in_parts_what_to_do_first(web: Client) -> None:
    """Hours to check, then what is coming with the next first, then the rest."""
    owner = builders.customer()
    sign_in(web, builders.contact(owner).user)
    rows = {
        name: builders.order(customer=owner, on=date(2026, month, day), status=status)
        for name, status, month, day in (
            ("cancelled", "cancelled", 12, 18),
            ("later", "filled", 12, 4),
            ("next", "placed", 11, 25),
            ("done", "done", 11, 12),
            ("closed", "closed", 11, 2),
        )
    }
    text = words(web.get("/orders/"))
    wanted = [
        "Done: check the hours",
        f"Order {rows['done'].number}",
        "Coming",
        f"Order {rows['next'].number}",
        f"Order {rows['later'].number}",
        "Earlier",
        f"Order {rows['cancelled'].number}",
        f"Order {rows['closed'].number}",
    ]
    places = [text.index(part) for part in wanted]
    assert places == sorted(places)
    page = web.get("/orders/").content.decode()
    assert reverse("orders:reorder", args=[rows["next"].ref]) in page
    assert reverse("orders:reorder", args=[rows["done"].ref]) not in page


def test_my_orders_empty_says_what_to_do(web: Client) -> None:
    sign_in(web, builders.contact(builders.customer()).user)
    assert "No orders yet." in words(web.get("/orders/"))


@pytest.mark.engine
def test_my_orders_query_count_does_not_grow(web: Client) -> None:
    owner = builders.customer()
    sign_in(web, builders.contact(owner).user)
    for _ in range(25):
        builders.order(customer=owner)
    at_25 = queries(web, "/orders/")
    for _ in range(25):
        builders.order(customer=owner)
    assert queries(web, "/orders/") == at_25 <= 12
