"""The one door of an invoice's status: the table says whether, one row must change, it is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from accounts.models import User
from billing.models import Invoice
from billing.models.lifecycle import InvoiceAction, invoice_target
from core import audit
from core.violations import RuleBroken

# A credit note is issued and sent; nobody owes it.
OF_CREDIT_NOTES = (InvoiceAction.ISSUE, InvoiceAction.SEND)


def possible(invoice: Invoice, action: InvoiceAction) -> bool:
    """Whether the document can take the action as it is now."""
    if invoice.kind == Invoice.Kind.CREDIT_NOTE and action not in OF_CREDIT_NOTES:
        return False
    return invoice_target(invoice.status, action) is not None


def move_invoice(
    invoice: Invoice,
    action: InvoiceAction,
    fields: Mapping[str, object],
    *,
    by: User | None,
    now: datetime,
    verb: str = "",
    after: Mapping[str, object] | None = None,
) -> None:
    """Take one action, write `fields` in the same step and append the event `invoice.<verb>`.

    The event says the action where there is no other `verb`. Call it in a transaction.

    Raises:
        RuleBroken: invoice_not_possible, invoice_changed (somebody was first).
    """
    old = invoice.status
    new = invoice_target(old, action)
    if new is None or not possible(invoice, action):
        raise RuleBroken.of("invoice_not_possible", status=str(old))
    changes = {**fields, "status": new.value}
    if not Invoice.objects.filter(pk=invoice.pk, status=old).update(**changes):
        raise RuleBroken.of("invoice_changed")
    for name, value in changes.items():
        setattr(invoice, name, value)
    audit.record(
        f"invoice.{verb or action.value}",
        kind="invoice",
        ref=invoice.ref,
        by=by,
        now=now,
        before={"status": old},
        after={"status": new.value, **(after or {})},
    )
