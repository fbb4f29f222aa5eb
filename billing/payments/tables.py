"""The office's table of recorded payments."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models.payments import Payment
from core.tables import Column, OfficeTable, by_rank


def listed() -> QuerySet[Payment]:
    """All payments, the newest first, with what their row shows: a frozen invoice is wide."""
    return (
        Payment.objects.select_related("invoice__customer", "entry")
        .only(
            "kind", "amount", "paid_on", "note", "reverses", "entry__ref", "entry__payer",
            "invoice__ref", "invoice__number", "invoice__customer__name",
        )
        .order_by("-pk")
    )  # fmt: skip


def _payer(row: Payment) -> str:
    if row.invoice:
        return row.invoice.customer.name
    return row.entry.payer if row.entry else ""


def _kind(row: Payment) -> str:
    kind = row.get_kind_display()
    return f"{kind} ({_('taken back')})" if row.reverses_id else kind


class PaymentTable(OfficeTable):
    """Payments that are written, the newest first."""

    row_template = "billing/payments/_payment_table_row.html"
    file_name = "payments"

    day = Column(_("Day"), sort=("paid_on",), value=lambda p: p.paid_on)
    invoice = Column(
        _("Invoice"),
        sort=("invoice__number",),
        value=lambda p: p.invoice.number if p.invoice else None,
    )
    payer = Column(
        _("Customer"),
        sort=(Coalesce("invoice__customer__name", "entry__payer"),),
        value=_payer,
    )
    kind = Column(_("Kind"), sort=(by_rank("kind", Payment.Kind.values), "reverses"), value=_kind)
    note = Column(_("Note"), value=lambda p: p.note)
    amount = Column(
        pgettext_lazy("column", "Amount"), sort=("amount",), value=lambda p: p.amount, css="r"
    )
