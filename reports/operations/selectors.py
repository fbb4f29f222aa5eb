"""The manager's few figures, each with the rows that it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from billing.invoices.selectors import invoices_of
from billing.models import HourEntry
from billing.models.lifecycle import HourStatus, InvoiceStatus
from core.months import next_month
from dispatch.models import Assignment
from dispatch.models.lifecycle import FILLING
from orders.models import WorkOrder
from orders.models.lifecycle import OrderStatus


@dataclass(frozen=True)
class Figures:
    """Figures of one month. `places` is how many people were asked for, `filled` how many came."""

    orders: int
    cancelled: int
    places: int
    filled: int
    worked_min: int
    workers: int
    invoiced: Decimal
    unpaid: Decimal

    @property
    def fill_pct(self) -> int | None:
        """Places filled of places asked for, whole per cent; None without places."""
        return round(100 * self.filled / self.places) if self.places else None


def orders_of(first: date) -> QuerySet[WorkOrder]:
    """Orders whose work is in the month, with `held`: places filled."""
    return (
        WorkOrder.objects.filter(works_on__gte=first, works_on__lt=next_month(first))
        .annotate(
            held=Count("assignments", filter=Q(assignments__status__in=[s.value for s in FILLING]))
        )
        .select_related("customer", "site", "task_type")
        .order_by("starts_at", "id")
    )


def hours_of(first: date) -> QuerySet[HourEntry]:
    """Approved hours of the month."""
    return (
        HourEntry.objects.filter(
            works_on__gte=first,
            works_on__lt=next_month(first),
            status__in=(HourStatus.APPROVED, HourStatus.LOCKED),
        )
        .select_related("assignment__order__customer", "assignment__order__task_type")
        .order_by("started_at", "id")
    )


def figures(first: date) -> Figures:
    """All figures of the month that begins on `first`."""
    orders = list(orders_of(first))
    kept = [order for order in orders if order.status != OrderStatus.CANCELLED]
    filled = Assignment.objects.filter(order__in=kept, status__in=[s.value for s in FILLING])
    hours = hours_of(first).aggregate(
        total=Sum("work_min"), workers=Count("assignment__worker", distinct=True)
    )
    invoices = invoices_of(first)
    unpaid = invoices.filter(status__in=(InvoiceStatus.ISSUED, InvoiceStatus.SENT), kind="invoice")
    return Figures(
        orders=len(orders),
        cancelled=len(orders) - len(kept),
        places=sum(order.people for order in kept),
        filled=filled.count(),
        worked_min=hours["total"] or 0,
        workers=hours["workers"],
        invoiced=invoices.aggregate(total=Sum("net"))["total"] or Decimal("0.00"),
        unpaid=unpaid.aggregate(total=Sum("open_sum"))["total"] or Decimal("0.00"),
    )
