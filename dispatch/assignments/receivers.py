"""News from orders: the workers of a cancelled or moved order are released."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.models import User
from dispatch.assignments import services
from orders.models import WorkOrder
from orders.signals import order_cancelled, order_moved


@receiver([order_cancelled, order_moved], dispatch_uid="dispatch-release-order")
def release(sender: Any, order: WorkOrder, by: User | None, now: datetime, **kwargs: Any) -> None:
    """Withdraw the assignments of the order and notify their workers."""
    begins, _ends = kwargs.get("before") or (order.starts_at, order.ends_at)
    services.release_order(order, begins=begins, by=by, now=now)
    # A moved order that was filled is open again.
    order.refresh_from_db(fields=["status"])
