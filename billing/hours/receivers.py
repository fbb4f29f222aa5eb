"""News that billing acts on: check-ins make hours, the end of the work asks for approval."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.models import User
from billing.hours import messages
from billing.hours import services as hours
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction
from dispatch.signals import assignment_changed
from orders.models import WorkOrder
from orders.models.lifecycle import OrderAction
from orders.signals import order_changed


@receiver(assignment_changed, dispatch_uid="hours-of-check-ins")
def keep_hours(
    sender: Any,
    *,
    assignment: Assignment,
    action: AssignmentAction,
    by: User | None,
    now: datetime,
    at: datetime,
    **_: Any,
) -> None:
    """Open, submit or take back the hour entry of the assignment."""
    if action is AssignmentAction.CHECK_IN:
        hours.record_check_in(assignment, by=by, now=now, at=at)
    elif action is AssignmentAction.CHECK_OUT:
        hours.record_check_out(assignment, by=by, now=now, at=at)
    elif action is AssignmentAction.UNDO:
        hours.undo_punch(assignment, by=by, now=now)


@receiver(order_changed, dispatch_uid="hours-when-the-work-is-done")
def work_done(
    sender: Any,
    *,
    order: WorkOrder,
    action: OrderAction,
    by: User | None,
    now: datetime,
    **_: Any,
) -> None:
    """Close an order whose hours are all approved already, else ask the orderer to approve."""
    if action is not OrderAction.FINISH:
        return
    if hours.waiting_entries(order).exists():
        messages.hours_waiting(order, now=now)
    else:
        hours.close_when_approved(order, by=by, now=now)
