"""VAT of an invoice or a credit note, from its lines and what earlier notes gave back."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from billing.models import Invoice, InvoiceLine
from billing.rules.vat import VatRow, credit_breakdown, vat_breakdown


def vat_rows(invoice: Invoice, lines: Iterable[InvoiceLine]) -> tuple[VatRow, ...]:
    """VAT of a document from its lines; a credit note takes in what earlier ones gave back."""
    own = [(x.vat_code, x.vat_pct, x.net) for x in lines]
    if invoice.original_id is None:
        return vat_breakdown(own)
    return credit_breakdown(given_back(invoice.original_id, before=invoice.pk), own)


def given_back(original: int, before: int | None = None) -> list[tuple[str, Decimal, Decimal]]:
    """VAT lines (code, rate, net) of the credit notes of an invoice: all, or those before one."""
    lines = InvoiceLine.objects.filter(invoice__original=original)
    if before:
        lines = lines.filter(invoice__pk__lt=before)
    return list(lines.values_list("vat_code", "vat_pct", "net"))
