"""Messages about an order to the orderer and to the office, written into the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from core import outbox
from core.languages import Language
from orders.models import WorkOrder
from orders.ordering import selectors
from orders.ordering.links import order_url


def send_order_placed(order: WorkOrder, *, now: datetime, differs: str = "") -> None:
    """To the orderer: received, with the link; to the office: a new order.

    `differs` is what the orderer wrote otherwise than the customer's card says.
    """
    _to_orderer(order, "order_placed", f"order-placed:{order.ref}", now)
    us = selectors.organisation()
    if us is not None:
        subject, body = _text("order_placed_office", order, Language.FI, differs=differs)
        outbox.enqueue(
            f"order-placed-office:{order.ref}",
            kind="order_placed_office",
            to=us.email,
            language=Language.FI,
            subject=subject,
            body=body,
            now=now,
        )


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


def _to_orderer(order: WorkOrder, kind: str, key: str, now: datetime) -> None:
    if not order.orderer_email:
        return
    subject, body = _text(kind, order, order.language)
    outbox.enqueue(
        key,
        kind=kind,
        to=order.orderer_email,
        language=order.language,
        subject=subject,
        body=body,
        now=now,
    )


def _text(kind: str, order: WorkOrder, language: str, **more: str) -> tuple[str, str]:
    """Subject (first line of the template) and body in a language."""
    context: dict[str, Any] = {
        "order": order,
        "url": order_url(order),
        "organisation": selectors.organisation(),
        **more,
    }
    with translation.override(language):
        text = render_to_string(f"messages/{kind}.txt", context).strip()
    subject, _, body = text.partition("\n")
    return subject.strip()[:200], body.strip() + "\n"
