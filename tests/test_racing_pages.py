"""Browsers that press at the same moment: one wins, and everybody gets a page that says so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import partial
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from dispatch.models import Assignment
from orders.models import WorkOrder
from orders.ordering.links import order_token
from tests import builders
from tests.dispatch.office.test_views import NOW, choice, signed_in
from tests.orders.ordering.test_views import CHECK, at_step_3
from tests.rounds import how_many

pytestmark = [
    pytest.mark.engine,
    pytest.mark.racing,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]
PRESSES, ROUNDS = 6, how_many(2, 5)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def together(presses: list[Callable[[], Any]]) -> list[Any]:
    """What each press answers; all begin when all are ready."""
    ready = Barrier(len(presses))

    def press(send: Callable[[], Any]) -> Any:
        ready.wait(timeout=30)
        try:
            return send()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(presses)) as pool:
        return [job.result() for job in [pool.submit(press, send) for send in presses]]


def test_dispatchers_who_press_at_once_book_a_worker_once_and_hear_who_was_faster() -> None:
    """The list of the others is still there, so that they can go on at once."""
    builders.organisation()
    desks = [
        signed_in(builders.user(Role.DISPATCHER, name=f"Päivystäjä {n}")) for n in range(PRESSES)
    ]
    free = builders.worker(first_name="Aino")
    for n in range(ROUNDS):
        wanted = builders.worker(first_name=f"Ville{n}")
        orders = [builders.order() for _ in desks]
        answers = together(
            [
                partial(desk.post, reverse("dispatch:assign", args=[order.ref]), choice(wanted))
                for desk, order in zip(desks, orders, strict=True)
            ]
        )
        (booked,) = Assignment.objects.filter(worker=wanted).select_related("created_by", "order")
        assert sorted(a.status_code for a in answers) == [302] + [409] * (PRESSES - 1)
        for answer, order in zip(answers, orders, strict=True):
            assert (answer.status_code == 302) == (order == booked.order)
            if order == booked.order:
                continue
            page = answer.content.decode()
            assert f"booked {wanted.first_name} for order {booked.order.number}" in page
            assert free.first_name in page


def test_order_pressed_at_once_in_several_tabs_is_one_order() -> None:
    """Each tab ends on the page of that order."""
    builders.organisation()
    builders.tariff("32.00")
    builders.task_type("cleaning")
    for n in range(1, ROUNDS + 1):
        first = Client()
        typed = at_step_3(first)
        tabs = [Client() for _ in range(PRESSES)]
        for tab in tabs:
            tab.cookies = copy(first.cookies)
        answers = together([partial(tab.post, "/order/check/", {**CHECK, **typed}) for tab in tabs])
        assert {a.status_code for a in answers} == {302}
        order = WorkOrder.objects.latest("pk")
        assert {a["Location"].split("/o/")[1] for a in answers} == {f"{order_token(order)}/"}
        assert WorkOrder.objects.count() == n
