"""The day's orders as numbered pins. The list is the truth; the map only shows where it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dispatch.board.selectors import LACKS_PEOPLE, with_counts
from orders.models import WorkOrder
from orders.models.lifecycle import OrderStatus

# More pins than this help nobody; the list of orders has all.
SHOWN = 200


@dataclass(frozen=True)
class Pin:
    """An order with its number on the map; `open` when it lacks people."""

    no: int
    order: WorkOrder
    open: bool


def pins(on: date) -> tuple[list[Pin], int]:
    """The orders of a day by the clock, those that lack people first; and how many there are."""
    rows = WorkOrder.objects.filter(works_on=on).exclude(status=OrderStatus.CANCELLED)
    found = with_counts(rows).order_by("starts_at", "pk")
    orders = sorted(found, key=lambda order: not _lacks(order))
    return [Pin(n, o, _lacks(o)) for n, o in enumerate(orders[:SHOWN], start=1)], len(orders)


def _lacks(order: WorkOrder) -> bool:
    return order.status in LACKS_PEOPLE
