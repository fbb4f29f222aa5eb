"""Worlds that are made once: each test meets them as they were made, or not at all."""

from __future__ import annotations

import pytest

from orders.models import Customer
from tests import builders
from tests.worlds import made_once

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
BUILT: list[int] = []


def _build() -> Customer:
    BUILT.append(Customer.objects.count())
    return builders.customer(name="Made once")


town = made_once(_build)


@pytest.mark.parametrize("turn", range(3))
def test_world_is_met_as_it_was_made(town: Customer, turn: int) -> None:
    assert [c.name for c in Customer.objects.all()] == ["Made once"]
    assert BUILT == [0], "made once, on an empty database"
    Customer.objects.filter(pk=town.pk).update(name=f"Changed {turn}")
    builders.customer()


def test_who_does_not_ask_meets_no_world() -> None:
    assert Customer.objects.count() == 0
    builders.customer()


def test_world_that_ended_early_is_made_again(town: Customer) -> None:
    assert [c.name for c in Customer.objects.all()] == ["Made once"]
    # Whichever of these tests ran before: no row of theirs was there when it was made.
    assert set(BUILT) == {0}
