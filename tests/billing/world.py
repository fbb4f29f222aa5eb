"""Work done through the real services, for the tests of billing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from billing.hours.services import approve_hours
from billing.invoices import services
from billing.models import HourEntry, Invoice
from billing.models.payroll import PayrollRow
from dispatch.assignments.services import apply_action
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction
from orders.models import Customer, WorkOrder
from orders.ordering.services import quote_fields
from orders.prices.selectors import quote
from tests import builders
from workers.models import Worker

THURSDAY = date(2026, 11, 26)
# After the month of the work: when finance runs the invoices.
BILLING = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


def quoted(order: WorkOrder) -> WorkOrder:
    """The order with the price that the pricing rules promise."""
    price = quote(
        order.task_type,
        order.customer,
        order.works_on,
        order.starts,
        order.duration_min,
        order.people,
    )
    WorkOrder.objects.filter(pk=order.pk).update(**quote_fields(price))
    order.refresh_from_db()
    return order


def order(**fields: Any) -> WorkOrder:
    return quoted(builders.order(**fields))


def placed(on: WorkOrder, worker: Worker | None = None) -> Assignment:
    """A worker who has said yes."""
    row = Assignment.objects.create(
        order=on,
        worker=worker or builders.worker(),
        status="accepted",
        starts_at=on.starts_at,
        ends_at=on.ends_at,
        created_at=on.created_at,
    )
    if on.assignments.filter(status="accepted").count() >= on.people:
        WorkOrder.objects.filter(pk=on.pk).update(status="filled")
        on.refresh_from_db()
    return row


def check_in(row: Assignment, late_min: int = 0) -> None:
    at = row.starts_at + timedelta(minutes=late_min)
    apply_action(row, AssignmentAction.CHECK_IN, by=None, now=at)


def check_out(row: Assignment, extra_min: int = 0) -> None:
    at = row.ends_at + timedelta(minutes=extra_min)
    apply_action(row, AssignmentAction.CHECK_OUT, by=None, now=at)


def done(
    on: WorkOrder | None = None, *, worker: Worker | None = None, extra_min: int = 0
) -> HourEntry:
    """Hours of one person, waiting for approval."""
    row = placed(on or order(), worker)
    check_in(row)
    check_out(row, extra_min)
    return HourEntry.objects.select_related(
        "assignment__order__customer", "assignment__worker"
    ).get(assignment=row)


def approved(on: WorkOrder | None = None, *, by: User | None = None, **fields: Any) -> HourEntry:
    """Hours of one person, approved and ready to be billed."""
    entry = done(on, **fields)
    approve_hours([entry], by=by, now=BILLING, as_="dispatcher")
    return entry


__all__ = ["BILLING", "THURSDAY", "Decimal", "approved", "check_in", "check_out", "done", "order",
           "placed", "quoted", "time"]  # fmt: skip


def exported_min(first: date, last: date) -> int:
    """Paid minutes of a period over all exports."""
    rows = PayrollRow.objects.filter(on__range=(first, last), is_part=True)
    return sum(rows.values_list("minutes", flat=True))


def ready_customer() -> Customer:
    customer: Customer = approved().assignment.order.customer
    return customer


def made_invoice() -> Invoice:
    builders.organisation()
    customer = ready_customer()
    (draft,) = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
    return services.issue_invoice(draft, by=None, now=BILLING)
