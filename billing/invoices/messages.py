"""The message with which an invoice or a credit note leaves by e-mail."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Organisation
from billing.models import Invoice
from core import messages
from core.languages import Language
from core.messages import Recipient

KIND = "invoice"


def mail_key(invoice: Invoice) -> str:
    """Key of the one mail that carries an invoice."""
    return f"invoice:{invoice.series}:{invoice.number}:mail:1"


def invoice_sent(invoice: Invoice, *, now: datetime) -> None:
    """To the customer, once for ever: the invoice as a PDF."""
    customer = invoice.customer
    messages.send(
        Recipient(customer.invoice_email, Language(customer.language).document),
        KIND,
        {"invoice": invoice, "customer": customer, "organisation": Organisation.objects.first()},
        key=mail_key(invoice),
        now=now,
        attachment_ref=str(invoice.ref),
        resend_if_unknown=False,
    )
