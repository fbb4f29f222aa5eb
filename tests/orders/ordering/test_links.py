"""The secret link of an order: right token in, anything else out."""

import pytest

from orders.ordering.links import order_by_token, order_token, order_url
from tests import builders

pytestmark = pytest.mark.django_db


def test_order_by_token_gives_the_order_back() -> None:
    order = builders.order()
    assert order_by_token(order_token(order)) == order


def test_order_by_token_of_one_order_never_opens_another() -> None:
    first, second = builders.order(), builders.order()
    _ref, rest = order_token(first).split("~", 1)
    assert order_by_token(f"{second.ref.hex}~{rest}") is None


@pytest.mark.parametrize("token", ["", "~", "x~1~y", "a" * 300, "ä", "~~~~"])
def test_order_by_token_rubbish_is_none(token: str) -> None:
    assert order_by_token(token) is None


def test_order_by_token_one_letter_changed_is_none() -> None:
    token = order_token(builders.order())
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert order_by_token(changed) is None


def test_order_by_token_withdrawn_link_is_none() -> None:
    order = builders.order()
    token = order_token(order)
    order.link_no += 1
    order.save(update_fields=["link_no"])
    assert order_by_token(token) is None
    assert order_by_token(order_token(order)) == order


def test_order_url_is_absolute_and_carries_the_token(settings: object) -> None:
    settings.SITE_URL = "https://tilaa.askare.example"  # type: ignore[attr-defined]
    order = builders.order()
    assert order_url(order) == f"https://tilaa.askare.example/o/{order_token(order)}/"
