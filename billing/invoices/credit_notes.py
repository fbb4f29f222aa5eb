"""What of an invoice is credited and what is left to credit, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from accounts.models import User
from billing.hours.status import move_all_hours, move_minutes
from billing.invoices.vat import given_back
from billing.models import HourEntry, Invoice, InvoiceLine
from billing.models.lifecycle import BillAction, HourAction
from billing.rules.vat import VatRow, credit_breakdown
from core.violations import RuleBroken


@dataclass(frozen=True)
class CreditRow:
    """Lines of an invoice that are credited together: those of one hour entry, or one line.

    `key` names the row in a form: the position of its first line. `net` is euros before VAT.
    """

    key: int
    lines: tuple[InvoiceLine, ...]
    credited: bool

    @property
    def net(self) -> Decimal:
        return sum((x.net for x in self.lines), Decimal(0))

    @property
    def work_min(self) -> int:
        return sum(x.work_min for x in self.lines)

    @property
    def performed_on(self) -> date:
        return self.lines[0].performed_on

    @property
    def text(self) -> str:
        return self.lines[0].text


def rows_of(invoice: Invoice) -> list[CreditRow]:
    """Every row of an invoice in its order; a supplement goes with the hours it was paid for."""
    groups: dict[tuple[str, int], list[InvoiceLine]] = {}
    for line in invoice.lines.select_related("order", "hour_entry", "credited_by"):
        of = ("hours", line.hour_entry_id) if line.hour_entry_id else ("line", line.pk)
        groups.setdefault(of, []).append(line)
    return [
        CreditRow(lines[0].position, tuple(lines), any(hasattr(x, "credited_by") for x in lines))
        for lines in groups.values()
    ]


def chosen_rows(invoice: Invoice, keys: Collection[int] | None) -> list[CreditRow]:
    """The rows to credit: those named, or all that are left.

    Raises:
        RuleBroken: credit_rows (none, or one that the invoice does not have), credit_twice.
    """
    rows = rows_of(invoice)
    if keys is None:
        chosen = [row for row in rows if not row.credited]
    else:
        chosen = [row for row in rows if row.key in set(keys)]
        if len(chosen) != len(set(keys)):
            raise RuleBroken.of("credit_rows")
    if any(row.credited for row in chosen):
        raise RuleBroken.of("credit_twice")
    if not chosen:
        raise RuleBroken.of("credit_rows")
    return chosen


def note_lines(note: Invoice, rows: Iterable[CreditRow]) -> list[InvoiceLine]:
    """Unsaved lines of a credit note, each naming the line that it takes back."""
    taken = [line for row in rows for line in row.lines]
    return [
        InvoiceLine(
            invoice=note,
            position=n,
            credits=x,
            order=x.order,
            hour_entry=x.hour_entry,
            performed_on=x.performed_on,
            text=x.text,
            quantity=-x.quantity,
            unit=x.unit,
            unit_net=x.unit_net,
            net=-x.net,
            discount=-x.discount,
            discount_pct=x.discount_pct,
            vat_code=x.vat_code,
            vat_why=x.vat_why,
            vat_pct=x.vat_pct,
            work_min=x.work_min,
            tariff_ref=x.tariff_ref,
        )
        for n, x in enumerate(taken, start=1)
    ]


def vat_of(invoice: Invoice, rows: Iterable[CreditRow]) -> tuple[VatRow, ...]:
    """VAT of a credit note of the rows that is not made yet."""
    own = [(x.vat_code, x.vat_pct, -x.net) for row in rows for x in row.lines]
    return credit_breakdown(given_back(invoice.pk), own)


def free_hours(
    rows: Iterable[CreditRow], *, bill_again: bool, by: User | None, now: datetime
) -> None:
    """The hours of the rows become credited, or go back to be corrected and billed.

    Raises:
        RuleBroken: hours_changed.
    """
    keys = {x.hour_entry_id for row in rows for x in row.lines if x.hour_entry_id}
    if not bill_again:
        move_minutes(keys, BillAction.CREDIT)
        return
    move_minutes(keys, BillAction.BILL_AGAIN)
    entries = HourEntry.objects.filter(pk__in=keys).select_related("assignment__order")
    move_all_hours(list(entries.order_by("pk")), HourAction.RELEASE, by=by, now=now)
