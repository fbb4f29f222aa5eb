"""Invariants of people and places, asked of the database."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.db.models import Count, F, Q

from dispatch.models.lifecycle import FILLING, HOLDING
from orders.models import WorkOrder
from orders.models.lifecycle import OrderStatus


def broken() -> list[str]:
    """A sentence for each worker booked twice and each order with too many or too few people."""
    return [*_overlaps(), *_places()]


def _overlaps() -> Iterator[str]:
    marks = ", ".join(["%s"] * len(HOLDING))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id, b.id, a.worker_id FROM dispatch_assignment a "
            "JOIN dispatch_assignment b ON a.worker_id = b.worker_id AND a.id < b.id "
            "AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at "
            f"WHERE a.status IN ({marks}) AND b.status IN ({marks})",
            [s.value for s in HOLDING] * 2,
        )
        for first, second, worker in cursor.fetchall():
            yield f"worker {worker} is booked twice: assignments {first} and {second}"


def _places() -> Iterator[str]:
    rows = WorkOrder.objects.annotate(
        held=Count("assignments", filter=Q(assignments__status__in=[s.value for s in HOLDING])),
        filled=Count("assignments", filter=Q(assignments__status__in=[s.value for s in FILLING])),
    )
    for order in rows.filter(held__gt=F("people")):
        yield f"order {order.number} has {order.held} people for {order.people} places"
    for order in rows.filter(status=OrderStatus.FILLED).exclude(filled=F("people")):
        yield f"order {order.number} says filled with {order.filled} of {order.people}"
