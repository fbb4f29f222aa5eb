"""Messages about an order to the orderer and to the office, written into the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.messages import office
from core import messages
from core.messages import Recipient
from orders.models import WorkOrder
from orders.ordering import selectors
from orders.ordering.links import order_url


def send_order_placed(order: WorkOrder, *, now: datetime, differs: str = "") -> None:
    """To the orderer: received, with the link; to the office: a new order.

    `differs` is what the orderer wrote otherwise than the customer's card says.
    """
    _to_orderer(order, "order_placed", f"order-placed:{order.ref}", now)
    context = about_order(order, differs=differs)
    key = f"order-placed-office:{order.ref}"
    messages.send(office(context["organisation"]), "order_placed_office", context, key=key, now=now)


def send_order_cancelled(order: WorkOrder, *, now: datetime) -> None:
    """To the orderer: cancelled."""
    _to_orderer(order, "order_cancelled", f"order-cancelled:{order.ref}", now)


def send_order_moved(order: WorkOrder, *, now: datetime) -> None:
    """To the orderer: the new time and price."""
    key = f"order-moved:{order.ref}:{now.isoformat()}"
    _to_orderer(order, "order_moved", key, now)


def send_new_link(order: WorkOrder, *, now: datetime) -> None:
    """To the orderer: the new link; the earlier ones open nothing any more."""
    _to_orderer(order, "order_link", f"order-link:{order.ref}:{order.link_no}", now)


def orderer(order: WorkOrder) -> Recipient:
    """Whoever placed an order, in the language in which they did."""
    return Recipient(order.orderer_email, order.language)


def about_order(order: WorkOrder, **more: Any) -> dict[str, Any]:
    """What the words of a message about an order need; `more` adds to it or overwrites it."""
    shown = {"order": order, "url": order_url(order), "organisation": selectors.organisation()}
    return shown | more


def _to_orderer(order: WorkOrder, kind: str, key: str, now: datetime) -> None:
    messages.send(orderer(order), kind, about_order(order), key=key, now=now)
