"""The secret link of an order: it opens the order's page without an account.

A signature over the order's ref and its `link_no`; nothing is stored. Raising `link_no` makes
every earlier link of that order worthless.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer

from core import places
from orders.models import WorkOrder

_SIGNER = "orders.link"


def order_token(order: WorkOrder) -> str:
    """Token of the order's link: "<ref>~<link_no>~<signature>", safe in a URL."""
    return Signer(sep="~", salt=_SIGNER).sign(f"{order.ref.hex}~{order.link_no}")


def order_by_token(token: str) -> WorkOrder | None:
    """The order that `token` opens, or None when it is forged, withdrawn or of no order."""
    try:
        ref, number = Signer(sep="~", salt=_SIGNER).unsign(token).split("~")
        found = {"ref": uuid.UUID(hex=ref), "link_no": int(number)}
    except (BadSignature, ValueError):
        return None
    return WorkOrder.objects.select_related("customer", "site", "task_type").filter(**found).first()


def order_path(order: WorkOrder) -> str:
    """Path of the order's page, for redirects: they must stay where the person is (CSP)."""
    return places.url_of("order page by link", order_token(order))


def order_url(order: WorkOrder) -> str:
    """Absolute address of the order's page, for messages."""
    return f"{settings.SITE_URL}{order_path(order)}"
