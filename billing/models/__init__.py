"""Hours, invoices, payments and pay, as rows."""

from billing.models import payments, payroll  # noqa: F401 - Django looks for rows here
from billing.models.hours import BILL_STATE_CHOICES, HOUR_STATUS_CHOICES, HourEntry
from billing.models.invoices import (
    INVOICE_STATUS_CHOICES,
    VAT_WHY_CHOICES,
    EInvoice,
    Invoice,
    InvoiceLine,
)

__all__ = [
    "BILL_STATE_CHOICES",
    "EInvoice",
    "HOUR_STATUS_CHOICES",
    "HourEntry",
    "INVOICE_STATUS_CHOICES",
    "Invoice",
    "InvoiceLine",
    "VAT_WHY_CHOICES",
]
