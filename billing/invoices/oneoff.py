"""Invoices that no hours are behind: an advance, a material, one agreed sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Invoice, InvoiceLine
from billing.rules.barcode import LARGEST
from billing.rules.vat import totals, vat_breakdown
from core import audit
from core.languages import Language
from core.money import cents
from core.violations import RuleBroken
from orders.models import Customer
from orders.prices.selectors import Vat, sale_of
from orders.rules.pricing import PricingGap
from orders.rules.vat_treatment import Why


@dataclass(frozen=True)
class Row:
    """`quantity` pieces or hours (`unit` C62 or HUR) at `unit_net` euros before VAT."""

    text: str
    quantity: Decimal
    unit_net: Decimal
    unit: str = "C62"


def make_one_off(
    customer: Customer,
    rows: Iterable[Row],
    *,
    on: date,
    by: User | None,
    now: datetime,
    reference: str = "",
    advance: bool = False,
    real_property: bool = True,
) -> Invoice:
    """A draft of free rows with the general VAT rate of the day of supply or advance.

    A buyer of another EU state accounts for the VAT of what is not connected with real property.

    Raises:
        RuleBroken: invoice_empty, row_text, row_quantity, invoice_not_positive,
            invoice_too_large, vat_missing.
    """
    wanted = list(rows)
    if not wanted:
        raise RuleBroken.of("invoice_empty")
    code, pct, why = _vat(customer, on, real_property=real_property)
    for row in wanted:
        _check(row)
    with transaction.atomic():
        invoice = Invoice.objects.create(
            customer=customer,
            customer_reference=reference[:70],
            created_at=now,
            note=_advance_text(customer) if advance else "",
        )
        lines = [
            InvoiceLine(
                invoice=invoice, position=n, performed_on=on, text=row.text.strip(),
                quantity=row.quantity, unit=row.unit, unit_net=row.unit_net,
                net=cents(row.quantity * row.unit_net), vat_code=code, vat_pct=pct, vat_why=why,
            )
            for n, row in enumerate(wanted, start=1)
        ]  # fmt: skip
        found = totals(vat_breakdown((x.vat_code, x.vat_pct, x.net) for x in lines))
        if found.gross <= 0:
            raise RuleBroken.of("invoice_not_positive")
        if found.gross > LARGEST:
            raise RuleBroken.of("invoice_too_large", customer.name)
        InvoiceLine.objects.bulk_create(lines)
        invoice.net, invoice.vat, invoice.gross = found.net, found.vat, found.gross
        invoice.save(update_fields=["net", "vat", "gross"])
        audit.record(
            "invoice.drafted",
            kind="invoice",
            ref=invoice.ref,
            by=by,
            now=now,
            after={"net": invoice.net, "lines": len(lines), "advance": advance},
        )
    return invoice


def _vat(customer: Customer, on: date, *, real_property: bool) -> tuple[str, Decimal, Why]:
    """VAT code, percentage on a day and why; a row by hand is never construction by itself.

    Raises:
        RuleBroken: vat_missing.
    """
    sale = replace(sale_of(None, customer), real_property=real_property, construction_seller=False)
    try:
        return Vat().of(sale, "general", on)
    except PricingGap as gap:
        raise RuleBroken.of("vat_missing") from gap


def _check(row: Row) -> None:
    if not row.text.strip() or len(row.text.strip()) > 200:
        raise RuleBroken.of("row_text")
    whole = abs(row.quantity) <= 99_999 and abs(row.unit_net) <= LARGEST
    exact = row.quantity == round(row.quantity, 4) and row.unit_net == round(row.unit_net, 5)
    # A discount is a negative quantity; a price below zero is refused by e-invoice networks.
    if not whole or not exact or row.quantity == 0 or row.unit_net < 0:
        raise RuleBroken.of("row_quantity")


def _advance_text(customer: Customer) -> str:
    with translation.override(Language(customer.language).document):
        return _("Advance invoice: the work is done later.")
