"""An order closes with the last of its hours, also when two people approve them at once."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from billing.hours import services as hours
from billing.models import HourEntry
from orders.models.lifecycle import OrderStatus
from tests.billing import world
from tests.frozen import NOW


@pytest.mark.django_db(transaction=True)
@pytest.mark.engine
def test_order_closes_when_two_approve_its_last_hours_at_once() -> None:
    order = world.order(people=2)
    places = [world.placed(order), world.placed(order)]
    for place in places:
        world.check_in(place)
    for place in places:
        world.check_out(place)
    one, other = HourEntry.objects.select_related("assignment__order")
    approved, done = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            hours.approve_hours([one], by=None, now=NOW, as_="dispatcher")
            approved.set()
            done.wait(0.5)  # the other waits for us where the order is locked
        connection.close()

    def quick() -> None:
        approved.wait(10)
        hours.approve_hours([other], by=None, now=NOW, as_="finance")
        done.set()
        connection.close()

    threads = [Thread(target=slow), Thread(target=quick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    order.refresh_from_db()
    assert order.status == OrderStatus.CLOSED
