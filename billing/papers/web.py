"""Each paper as a web page: the same content, for those who cannot read a PDF well.

A `Sheet` is text only, in the paper's language, made from the same frozen document and by the
same functions as the PDF; no sum is counted here.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing.papers.pdf import hour_log as hour_log_pdf
from billing.papers.pdf import invoice as invoice_pdf
from billing.papers.pdf import reminder as reminder_pdf
from billing.papers.pdf.sheet import NBSP, day, hours, money, number, word
from billing.papers.register_pdf import apart, attendance, times
from billing.rules.document import CREDIT_NOTE, HourLogDocument, InvoiceDocument, Party
from billing.rules.register import Register, RegisterRow
from billing.rules.reminder_document import ReminderDocument

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Column:
    label: str
    numbers: bool = False
    # A name, a date or a text that says which row it is.
    names_row: bool = False


@dataclass(frozen=True)
class Cell:
    column: Column
    text: str

    @property
    def classes(self) -> str:
        """Numbers to the right; an empty cell is left out where the row is a card."""
        return " ".join(("r",) * self.column.numbers + ("none",) * (not self.text))


@dataclass(frozen=True)
class Table:
    """`rows` in the order of `columns`."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    wide: bool = False

    @property
    def cells(self) -> list[list[Cell]]:
        """The rows with each cell's column, as a small screen shows them."""
        return [
            [Cell(column, text) for column, text in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Sums:
    """Labels and amounts; the one named `last` is what it is all about; `more` explains one."""

    caption: str
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]
    last: bool = True


@dataclass(frozen=True)
class Box:
    """How to pay; `code` is the bank's virtual bar code, `qr` an SVG made by us."""

    title: str
    rows: Pairs
    code_label: str
    code: str
    qr: str
    qr_label: str
    interest: str


@dataclass(frozen=True)
class Block:
    """A heading and lines below it."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A paper as text; empty parts are not on it."""

    language: str
    title: str
    subject: str = ""
    period: str = ""
    copy: str = ""
    opening: tuple[str, ...] = ()
    parties: tuple[Block, ...] = ()
    facts: Pairs = ()
    table: Table | None = None
    empty: str = ""
    sums: Sums | None = None
    rates: Table | None = None
    notes: tuple[str, ...] = ()
    box: Box | None = None
    unpayable: str = ""
    signatures: Block | None = None


# --------------------------------------------------------------------------------- invoices


def invoice_sheet(doc: InvoiceDocument, *, copy: bool = False) -> Sheet:
    """An invoice or a credit note; a copy says so."""
    say = doc.language
    opening: tuple[str, ...] = ()
    if doc.original_number is not None and doc.original_issued_on is not None:
        original = day(doc.original_issued_on, say)
        opening = (word(say, "original", n=doc.original_number, on=original),)
    unpayable = invoice_pdf.unpayable(doc)
    total = "credit_total" if doc.kind == CREDIT_NOTE else "total"
    sums = (("total_net", doc.net), ("total_vat", doc.vat), (total, doc.gross))
    return Sheet(
        language=say,
        title=f"{word(say, doc.kind)} {doc.number}",
        copy=word(say, "copy") if copy else "",
        opening=opening,
        parties=_parties(doc.seller, doc.buyer, say),
        facts=_words(invoice_pdf.facts(doc), say),
        table=_lines(doc),
        sums=Sums(
            word(say, "sums"),
            tuple((word(say, key), f"{money(amount, say)}{NBSP}€", ()) for key, amount in sums),
        ),
        rates=_rates(doc),
        notes=invoice_pdf.notes(doc),
        box=None if unpayable else _box(doc),
        unpayable=word(say, unpayable) if unpayable else "",
    )


def _words(rows: list[tuple[str, str]], language: str) -> Pairs:
    return tuple((word(language, key), value) for key, value in rows if value)


def _parties(seller: Party, buyer: Party, language: str) -> tuple[Block, ...]:
    ids, contact = invoice_pdf.seller_facts(seller, language)
    return (
        Block(word(language, "seller"), tuple(part for part in (*ids, *contact) if part)),
        Block(word(language, "buyer"), (buyer.name, *invoice_pdf.post_lines(buyer))),
    )


def _lines(doc: InvoiceDocument) -> Table:
    say = doc.language
    columns = (
        Column(word(say, "date")),
        Column(word(say, "order")),
        Column(word(say, "what"), names_row=True),
        Column(word(say, "quantity"), numbers=True),
        Column(word(say, "unit_price"), numbers=True),
        Column(f"{word(say, 'vat_pct')}{NBSP}%", numbers=True),
        Column(f"{word(say, 'net')}{NBSP}€", numbers=True),
    )
    rows = tuple(
        (
            day(x.performed_on, say),
            x.order_no,
            x.text,
            invoice_pdf.quantity(x, say),
            number(x.unit_net, say),
            money(x.vat_pct, say, 1),
            money(x.net, say),
        )
        for x in invoice_pdf.shown_lines(doc)
    )
    return Table(word(say, "lines"), columns, rows)


def _rates(doc: InvoiceDocument) -> Table:
    say = doc.language
    columns = (
        Column(word(say, "rate"), names_row=True),
        Column(word(say, "vat_base"), numbers=True),
        Column(word(say, "vat_amount"), numbers=True),
    )
    rows = tuple(
        (
            invoice_pdf.rate_label(doc, row),
            f"{money(row.base, say)}{NBSP}€",
            f"{money(row.vat, say)}{NBSP}€",
        )
        for row in doc.vat_rows
    )
    return Table(word(say, "by_rate"), columns, rows)


def _box(doc: InvoiceDocument) -> Box:
    say = doc.language
    svg = invoice_pdf.qr_code(doc).svg_inline(omitsize=True, border=2, svgclass="qr", lineclass="")
    return Box(
        title=word(say, "payment"),
        rows=_words(invoice_pdf.payment_facts(doc), say),
        code_label=word(say, "virtual"),
        code=invoice_pdf.virtual_code(doc),
        qr=svg,
        qr_label=word(say, "qr"),
        interest=word(say, "interest"),
    )


# --------------------------------------------------------------------------------- reminders


def reminder_sheet(doc: ReminderDocument) -> Sheet:
    """A reminder with the payment details of what is open."""
    say = doc.language
    rows = [
        (
            word(say, key),
            f"{money(amount, say)}{NBSP}€",
            tuple(reminder_pdf.span_texts(doc)) if key == "interest_sum" else (),
        )
        for key, amount in reminder_pdf.sums(doc)
    ]
    rows.append((word(say, "total"), f"{money(doc.total, say)}{NBSP}€", ()))
    payment = reminder_pdf.payment_of(doc)
    unpayable = invoice_pdf.unpayable(payment)
    return Sheet(
        language=say,
        title=word(say, "reminder"),
        opening=reminder_pdf.opening(doc),
        parties=_parties(doc.seller, doc.buyer, say),
        facts=_words(reminder_pdf.facts(doc), say),
        sums=Sums(word(say, "reminder_sums"), tuple(rows)),
        notes=reminder_pdf.grounds(doc),
        box=None if unpayable else _box(payment),
        unpayable=word(say, unpayable) if unpayable else "",
    )


# --------------------------------------------------------------------------------- hours


def hour_log_sheet(doc: HourLogDocument) -> Sheet:
    """The hours of a worker or a customer in a month."""
    say = doc.language
    columns = tuple(
        Column(word(say, key), numbers=numbers, names_row=key == "date")
        for key, numbers in hour_log_pdf.columns(doc)
    )
    rows = tuple(tuple(hour_log_pdf.cells(doc, row)) for row in doc.rows)
    return Sheet(
        language=say,
        title=doc.title,
        subject=doc.subject,
        period=doc.period,
        opening=(doc.organisation,),
        table=Table(word(say, "lines"), columns, rows) if rows else None,
        empty="" if rows else word(say, "empty"),
        sums=Sums(word(say, "sums"), tuple((a, b, ()) for a, b in hour_log_pdf.sums(doc))),
        signatures=Block(word(say, "signatures"), tuple(hour_log_pdf.signers(doc))),
    )


def register_sheet(found: Register) -> Sheet:
    """The working-time register of a worker."""
    say = found.language
    with translation.override(say):
        columns = (
            Column(word(say, "date"), names_row=True),
            Column(word(say, "times")),
            Column(_("Paid"), numbers=True),
            *(Column(label, numbers=True) for _key, label in found.columns),
        )
        if found.attendance_min:
            columns = (*columns, Column(_("Attendance without pay")))
        totals = [(_("Paid"), hours(found.paid_min, say))]
        totals += [(label, hours(found.totals[key], say)) for key, label in found.columns]
        rows = [(label, f"{text}{NBSP}h", ()) for label, text in totals]
        rows += [(label, text, ()) for label, text in apart(found)]
        signed = word(say, "signed").lower()
        return Sheet(
            language=say,
            title=pgettext("document", "Working-time register"),
            subject=f"{found.worker} ({found.worker_no})",
            period=f"{day(found.first, say)}–{day(found.last, say)}",
            opening=(found.organisation,),
            table=_register_table(found, columns) if found.rows else None,
            empty="" if found.rows else word(say, "empty"),
            sums=Sums(word(say, "sum"), tuple(rows), last=False),
            signatures=Block(
                word(say, "signatures"),
                tuple(f"{word(say, key)}: {signed}" for key in ("by_worker", "by_us")),
            ),
        )


def _register_table(found: Register, columns: tuple[Column, ...]) -> Table:
    rows = []
    for row in found.rows:
        cells = [day(row.on, found.language), times(found, row), *_kinds(found, row)]
        if found.attendance_min:
            cells.append(attendance(found, row))
        rows.append(tuple(cells))
    return Table(word(found.language, "lines"), columns, tuple(rows), wide=True)


def _kinds(found: Register, row: RegisterRow) -> list[str]:
    paid = "" if row.attendance_min else hours(row.paid_min, found.language)
    minutes = [row.minutes.get(key, 0) for key, _label in found.columns]
    return [paid, *(hours(n, found.language) if n else "" for n in minutes)]
