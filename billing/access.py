"""Whose hours and invoices a person may see and change; nothing by default."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import MONEY, OFFICE
from accounts.models import Role, User
from billing.models import HourEntry, Invoice
from billing.models.lifecycle import HourStatus, InvoiceStatus
from billing.models.payments import Reminder
from dispatch.access import assignments_for
from orders.access import customers_for

# Who answers for hours on our side; customers answer for their own on the order page.
APPROVERS = (Role.DISPATCHER, Role.FINANCE, Role.ADMIN)
# Who may open the customer's order page by sign-in; the others work from their own pages.
ORDER_READERS = (Role.CUSTOMER, Role.DISPATCHER, Role.FINANCE, Role.MANAGER, Role.ADMIN)
ORDER_ACTORS = (Role.CUSTOMER, *OFFICE)
ORDER_APPROVERS = (Role.CUSTOMER, *APPROVERS)


def entries_for(user: User) -> QuerySet[HourEntry]:
    """Hour entries of the assignments that this person may see; replaced ones are left out."""
    return (
        HourEntry.objects.filter(assignment__in=assignments_for(user))
        .exclude(status=HourStatus.CORRECTED)
        .select_related(
            "assignment__worker",
            "assignment__order__customer",
            "assignment__order__site",
            "assignment__order__task_type",
        )
    )


def get_entry(user: User, ref: UUID | str) -> HourEntry:
    """The entry that counts, or Http404 when it is not this person's to see."""
    return get_object_or_404(entries_for(user), ref=ref)


def invoices_for(user: User) -> QuerySet[Invoice]:
    """All for those who do the invoicing; a customer sees the own ones once they have a number."""
    rows = Invoice.objects.select_related("customer", "original")
    if user.role in MONEY:
        return rows
    if user.role == Role.CUSTOMER:
        return rows.filter(customer__in=customers_for(user)).exclude(status=InvoiceStatus.DRAFT)
    return rows.none()


def get_invoice(user: User, ref: UUID | str) -> Invoice:
    """The invoice, or Http404 when it is not this person's to see."""
    return get_object_or_404(invoices_for(user), ref=ref)


def get_reminder(user: User, ref: UUID | str) -> Reminder:
    """A sent reminder of an invoice that this person may see, or Http404."""
    rows = Reminder.objects.filter(invoice__in=invoices_for(user)).select_related("invoice")
    return get_object_or_404(rows, ref=ref)


def part_of(role: str) -> str:
    """In which part somebody answers for hours: as_ of the services."""
    return {Role.CUSTOMER: "customer", Role.FINANCE: "finance"}.get(Role(role), "dispatcher")
