"""What the clock ends: offers that nobody answered, and orders that nobody was found for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from core.violations import RuleBroken
from dispatch.assignments import door
from dispatch.assignments.services import apply_action
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING, AssignmentAction, AssignmentStatus
from orders.models import WorkOrder
from orders.models.lifecycle import OrderAction, OrderStatus
from orders.ordering.services import apply_order_action


def expire_offers(now: datetime) -> int:
    """Close every offer whose time to answer is over; returns how many. Safe to repeat."""
    due = Assignment.objects.filter(
        status__in=[AssignmentStatus.OFFERED], answer_by__isnull=False, answer_by__lte=now
    )
    closed = 0
    for row in due.order_by("id"):
        try:
            apply_action(row, AssignmentAction.EXPIRE, by=None, now=now)
        except RuleBroken:
            continue  # answered in this very moment: the answer counts
        closed += 1
    return closed


def give_up_unfilled(now: datetime) -> int:
    """End as unfilled every order whose time is over and that nobody holds a place of; how many.

    Safe to repeat. An order with a held place stays, also when only a draft holds it: the office
    settles that place first.
    """
    over = WorkOrder.objects.filter(status=OrderStatus.PLACED, ends_at__lte=now)
    held = Assignment.objects.filter(order=OuterRef("pk"), status__in=HOLDING)
    ended = 0
    for found in over.exclude(Exists(held)).order_by("ends_at", "pk"):
        with transaction.atomic():
            order = door.lock_order(found)
            # Moved, cancelled or taken by somebody while the others were being ended.
            gone = order.status != OrderStatus.PLACED or order.ends_at > now
            if gone or order.assignments.filter(status__in=HOLDING).exists():
                continue
            apply_order_action(order, OrderAction.GIVE_UP, by=None, now=now)
        ended += 1
    return ended
