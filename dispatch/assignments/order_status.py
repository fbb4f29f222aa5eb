"""The status of an order follows its places; every step is a move of the order's lifecycle."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from dispatch.models.lifecycle import FILLING, HOLDING, AssignmentStatus
from orders.models import WorkOrder
from orders.models.lifecycle import OrderAction, OrderStatus
from orders.ordering.services import apply_order_action


def sync_order(
    order: WorkOrder, *, by: User | None, now: datetime, actor_label: str = ""
) -> WorkOrder:
    """Bring the order in line with its places; the caller holds its lock."""
    states = list(order.assignments.filter(status__in=HOLDING).values_list("status", flat=True))
    while (step := _next_step(order, states)) is not None:
        order = apply_order_action(order, step, by=by, now=now, actor_label=actor_label)
    return order


def _next_step(order: WorkOrder, states: list[str]) -> OrderAction | None:
    on_site = AssignmentStatus.ON_SITE in states
    completed = AssignmentStatus.COMPLETED in states
    waiting = len([s for s in states if s not in {"on_site", "completed"}])
    full = len([s for s in states if s in FILLING]) >= order.people
    match order.status:
        case OrderStatus.UNFILLED if states:
            return OrderAction.REOPEN
        case OrderStatus.PLACED | OrderStatus.FILLED if on_site or completed:
            return OrderAction.START
        case OrderStatus.PLACED if full:
            return OrderAction.FILL
        case OrderStatus.FILLED if not full:
            return OrderAction.REOPEN
        case OrderStatus.IN_PROGRESS if completed and not on_site and not waiting:
            return OrderAction.FINISH
        case OrderStatus.IN_PROGRESS if not on_site and not completed:
            return OrderAction.REOPEN
        case OrderStatus.DONE if on_site:
            return OrderAction.RESUME
    return None
