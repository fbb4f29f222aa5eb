"""The message with which a payment reminder leaves."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Organisation
from billing.models.payments import Reminder
from billing.rules.reminder_document import ReminderDocument
from core import messages
from core.messages import Recipient

KIND = "reminder"


def reminder(row: Reminder, document: ReminderDocument, *, now: datetime) -> None:
    """To the customer, once per reminder: the reminder as a PDF."""
    customer = row.invoice.customer
    messages.send(
        Recipient(customer.invoice_email, document.language),
        KIND,
        {"doc": document, "customer": customer, "organisation": Organisation.objects.first()},
        key=f"reminder:{row.invoice.number}:{row.serial}",
        now=now,
        attachment_ref=str(row.ref),
        resend_if_unknown=False,
    )
