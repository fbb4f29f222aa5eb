"""What a bookkeeper asks for: sales journal, VAT summary, open items, money that came.

Everything is told by the frozen documents and the kept payments; sums are made here in Decimal,
because SQLite adds up in floating point.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from billing.invoices.selectors import invoices_of
from billing.models import Invoice
from billing.models.payments import Payment
from billing.rules.document import InvoiceDocument
from core.csv_safety import csv_bytes
from core.money import total
from core.months import next_month


@dataclass(frozen=True)
class JournalRow:
    """One VAT category and rate of one document, euros; negative on a credit note."""

    invoice: Invoice
    code: str
    pct: Decimal
    base: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        return self.base + self.vat


@dataclass(frozen=True)
class VatSum:
    """A month's sales of one category and rate, and how many documents have it."""

    code: str
    pct: Decimal
    base: Decimal
    vat: Decimal
    documents: int


@dataclass(frozen=True)
class OpenItem:
    """What was open of an invoice at the end of a day; negative when too much had come."""

    invoice: Invoice
    credited: Decimal
    paid: Decimal
    open: Decimal
    days_late: int


def journal(first: date) -> list[JournalRow]:
    """Sales of the month that begins on `first`, in the order of series and number."""
    rows = []
    for invoice in invoices_of(first):
        document = InvoiceDocument.from_canonical(invoice.content)
        rows += [JournalRow(invoice, x.code, x.pct, x.base, x.vat) for x in document.vat_rows]
    return rows


def of_rate(rows: Iterable[JournalRow], code: str, pct: Decimal) -> list[JournalRow]:
    """The journal's rows of one category and rate: what a sum of the VAT summary counts."""
    return [row for row in rows if (row.code, row.pct) == (code, pct)]


def vat_summary(rows: Iterable[JournalRow]) -> list[VatSum]:
    """Sums by category and rate, the highest rate first."""
    groups: dict[tuple[str, Decimal], list[JournalRow]] = defaultdict(list)
    for row in rows:
        groups[row.code, row.pct.normalize()].append(row)
    found = [
        VatSum(
            code,
            group[0].pct,
            total(x.base for x in group),
            total(x.vat for x in group),
            len(group),
        )
        for (code, _pct), group in groups.items()
    ]
    return sorted(found, key=lambda x: (-x.pct, x.code))


def open_items(on: date) -> list[OpenItem]:
    """Invoices that were not settled at the end of a day, the oldest due date first."""
    issued = (
        Invoice.objects.filter(kind=Invoice.Kind.INVOICE, issued_on__lte=on)
        .select_related("customer")
        .order_by("due_on", "number")
    )
    credited: dict[int | None, Decimal] = defaultdict(Decimal)
    notes = Invoice.objects.filter(kind=Invoice.Kind.CREDIT_NOTE, issued_on__lte=on)
    for original, gross in notes.values_list("original", "gross"):
        credited[original] -= gross
    paid: dict[int | None, Decimal] = defaultdict(Decimal)
    money = Payment.objects.filter(paid_on__lte=on).exclude(kind=Payment.Kind.CHARGES)
    for invoice_id, amount in money.values_list("invoice", "amount"):
        paid[invoice_id] += amount
    found = []
    for invoice in issued:
        left = invoice.gross - credited[invoice.pk] - paid[invoice.pk]
        if left and invoice.due_on:
            late = max(0, (on - invoice.due_on).days)
            found.append(OpenItem(invoice, credited[invoice.pk], paid[invoice.pk], left, late))
    return found


def payments_of(first: date) -> QuerySet[Payment]:
    """Payments and what else became of bank entries in the month that begins on `first`."""
    return (
        Payment.objects.filter(paid_on__gte=first, paid_on__lt=next_month(first))
        .select_related("invoice__customer", "entry")
        .order_by("paid_on", "pk")
    )


# --------------------------------------------------------------------------- files


def journal_csv(rows: Sequence[JournalRow]) -> bytes:
    """The journal as a file, its sum in the last line."""
    lines: list[list[str]] = [
        ["Laji", "Numero", "Päiväys", "Eräpäivä", "Asiakasnro", "Asiakas", "Y-tunnus", "Alv-koodi",
         "Alv-%", "Veroton", "Alv", "Yhteensä", "Hyvittää"]
    ]  # fmt: skip
    for row in rows:
        i = row.invoice
        kind = "lasku" if i.kind == Invoice.Kind.INVOICE else "hyvityslasku"
        lines.append([
            kind, str(i.number), _day(i.issued_on), _day(i.due_on), i.customer.customer_no,
            i.customer.name, i.customer.business_id or i.customer.vat_id, row.code,
            _plain(row.pct), _money(row.base), _money(row.vat), _money(row.gross),
            str(i.original.number) if i.original else "",
        ])  # fmt: skip
    lines.append([
        "yhteensä", *[""] * 8, _money(total(r.base for r in rows)),
        _money(total(r.vat for r in rows)), _money(total(r.gross for r in rows)), "",
    ])  # fmt: skip
    return _csv(lines)


def vat_csv(sums: Sequence[VatSum]) -> bytes:
    """The VAT summary as a file, its sum in the last line."""
    lines = [["Alv-koodi", "Alv-%", "Veroton", "Alv", "Tositteita"]]
    lines += [
        [x.code, _plain(x.pct), _money(x.base), _money(x.vat), str(x.documents)] for x in sums
    ]
    base, vat = total(x.base for x in sums), total(x.vat for x in sums)
    lines.append(["yhteensä", "", _money(base), _money(vat), ""])
    return _csv(lines)


def open_csv(items: Sequence[OpenItem], on: date) -> bytes:
    """Open items of a day as a file, their sum in the last line."""
    lines = [["Numero", "Päiväys", "Eräpäivä", "Asiakasnro", "Asiakas", "Summa", "Hyvitetty",
              "Maksettu", f"Avoinna {_day(on)}", "Myöhässä pv"]]  # fmt: skip
    for x in items:
        i = x.invoice
        lines.append([
            str(i.number), _day(i.issued_on), _day(i.due_on), i.customer.customer_no,
            i.customer.name, _money(i.gross), _money(x.credited), _money(x.paid), _money(x.open),
            str(x.days_late),
        ])  # fmt: skip
    lines.append(["yhteensä", *[""] * 7, _money(total(x.open for x in items)), ""])
    return _csv(lines)


def payments_csv(rows: Iterable[Payment]) -> bytes:
    """Payments of a month as a file, their sum in the last line."""
    lines = [["Pvm", "Laji", "Lasku", "Asiakas", "Summa", "Arkistointitunnus", "Selite"]]
    amounts = []
    for row in rows:
        invoice = row.invoice
        amounts.append(row.amount)
        lines.append([
            _day(row.paid_on), row.kind, str(invoice.number) if invoice else "",
            invoice.customer.name if invoice else "", _money(row.amount),
            row.entry.bank_ref if row.entry else "", row.note,
        ])  # fmt: skip
    lines.append(["yhteensä", "", "", "", _money(total(amounts)), "", ""])
    return _csv(lines)


def _csv(lines: Iterable[Sequence[str]]) -> bytes:
    """Each cell on one line."""
    return csv_bytes([" ".join(cell.split()) for cell in line] for line in lines)


def _day(on: date | None) -> str:
    return f"{on.day}.{on.month}.{on.year}" if on else ""


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _plain(pct: Decimal) -> str:
    text = format(pct.normalize(), "f")
    return text.replace(".", ",")
