"""The invoice and the credit note, A4, for a Finnish window envelope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import segno
from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfgen.canvas import Canvas

from billing.papers.einvoice.wording import exemption
from billing.papers.pdf.sheet import (
    ACCENT,
    BRAND,
    HAIR,
    HEIGHT,
    INK,
    LEFT,
    MM,
    MUTED,
    NBSP,
    RIGHT,
    TINT,
    day,
    mark,
    money,
    number,
    open_sheet,
    rule,
    word,
    wrap,
    write,
)
from billing.rules.barcode import bank_barcode, epc_text
from billing.rules.document import CREDIT_NOTE, DocumentLine, InvoiceDocument, Party
from billing.rules.reference import format_reference
from billing.rules.vat import VatRow
from orders.rules.vat_treatment import HOME, country_name

FIRST_TOP, NEXT_TOP = HEIGHT - 108 * MM, HEIGHT - 42 * MM
FOOT, PAYMENT_TOP, PAYMENT_FOOT = 22 * MM, 87 * MM, 23 * MM
ORDER_X, TEXT_X, TEXT_W = LEFT + 20 * MM, LEFT + 35 * MM, 66 * MM
QTY_X, UNIT_X, VAT_X, NET_X = LEFT + 118 * MM, LEFT + 137 * MM, LEFT + 151 * MM, RIGHT
ROW, GAP = 4.2 * MM, 1.8 * MM
SIZE = 8.5
# A last page with one lonely line looks like a mistake.
KEEP = 3
NAME_LINES = 3


def render_invoice(doc: InvoiceDocument, *, copy: bool = False) -> bytes:
    """The PDF of `doc`; the same bytes each time. A copy says so on each page."""
    say = doc.language
    title = f"{word(say, doc.kind)} {doc.number}, {doc.seller.name}"
    canvas, buffer = open_sheet(title=title, author=doc.seller.name, language=say)
    pages = list(_paginate(doc))
    carried = Decimal(0)
    for n, lines in enumerate(pages, start=1):
        last = n == len(pages)
        _head(canvas, doc, first=n == 1)
        if copy:
            mark_copy(canvas, say)
        y = _columns(canvas, doc, FIRST_TOP if n == 1 else NEXT_TOP)
        if n > 1:
            y = _sum_row(canvas, doc, y, word(say, "carried"), carried)
        for line in lines:
            y = _line(canvas, doc, y, line)
            carried += line.net
        if last:
            _totals(canvas, doc, y)
            payment_box(canvas, doc)
        else:
            _sum_row(canvas, doc, y, word(say, "carry"), carried)
        foot(canvas, doc, n, len(pages))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


# ------------------------------------------------------------------------------- pagination


def _height(line: DocumentLine) -> float:
    return ROW * len(wrap(line.text, size=SIZE, width=TEXT_W)) + GAP


def _totals_height(doc: InvoiceDocument) -> float:
    rates = 10 + 4.6 * len(doc.vat_rows)
    return (max(rates, 22) + 5 * len(_notes(doc))) * MM


def shown_lines(doc: InvoiceDocument) -> list[DocumentLine]:
    """The lines as printed: a line says its discount, one on the whole document is a line."""
    say = doc.language
    lines = [
        replace(x, text=f"{x.text} ({x.discount_text} {money(-x.discount, say)}{NBSP}€)")
        if x.discount
        else x
        for x in doc.lines
    ]
    last = max((x.performed_on for x in doc.lines), default=doc.issued_on)
    for x in doc.allowances:
        parts = (x.text, last, Decimal(1), "C62", -x.amount, -x.amount, x.vat_code, x.vat_pct)
        lines.append(DocumentLine(*parts))
    return lines


def _paginate(doc: InvoiceDocument) -> Iterator[list[DocumentLine]]:
    """Lines per page; the last page keeps room for totals and the payment box."""
    rest = shown_lines(doc)
    top = FIRST_TOP
    while True:
        carried = ROW + GAP if top == NEXT_TOP else 0
        room = top - 8 * MM - PAYMENT_TOP - carried - _totals_height(doc)
        if sum(_height(line) for line in rest) <= room:
            yield rest
            return
        page: list[DocumentLine] = []
        room = top - 8 * MM - FOOT - carried - ROW - GAP
        keep = min(KEEP, len(rest) - 1)
        while len(rest) > keep and _height(rest[0]) <= room:
            room -= _height(rest[0])
            page.append(rest.pop(0))
        if not page:
            yield rest
            return
        yield page
        top = NEXT_TOP


# --------------------------------------------------------------------------------- the head


def address(canvas: Canvas, x: float, y: float, party: Party) -> None:
    """Name and address for the window of the envelope."""
    lines = wrap(party.name, size=10, width=80 * MM)
    if len(lines) > NAME_LINES:
        # A legal name is written whole, so a long one is written smaller.
        for text in wrap(party.name, size=8, width=80 * MM)[:6]:
            write(canvas, x, y, text, size=8, width=82 * MM)
            y -= 3.8 * MM
        y -= 1 * MM
        lines = []
    for n, text in enumerate(lines + post_lines(party)):
        write(canvas, x, y - n * 5 * MM, text, size=10, width=82 * MM)


def post_lines(party: Party) -> list[str]:
    """Street, town and, abroad, country of an address."""
    lines = [party.street, f"{party.postal_code} {party.city}"]
    if party.country != HOME:
        # In English, as the post of every country reads it.
        lines.append(country_name(party.country, "en").upper())
    return lines


def mark_copy(canvas: Canvas, language: str) -> None:
    """The word that keeps a second print from being booked or paid as another invoice."""
    text = word(language, "copy")
    write(canvas, RIGHT, HEIGHT - 27 * MM, text, size=11, bold=True, colour=ACCENT, align="right")


def _head(canvas: Canvas, doc: InvoiceDocument, *, first: bool) -> None:
    say = doc.language
    mark(canvas, LEFT, HEIGHT - 20 * MM, doc.seller.name)
    write(
        canvas,
        RIGHT,
        HEIGHT - 20 * MM,
        f"{word(say, doc.kind)} {doc.number}",
        size=17,
        bold=True,
        align="right",
    )
    if not first:
        write(canvas, LEFT, HEIGHT - 31 * MM, doc.buyer.name, colour=MUTED, width=120 * MM)
        issued = day(doc.issued_on, say)
        write(canvas, RIGHT, HEIGHT - 31 * MM, issued, colour=MUTED, align="right")
        return
    # Small, above the recipient: shown in the window as the sender.
    sender = f"{doc.seller.street}, {doc.seller.postal_code} {doc.seller.city}"
    write(canvas, LEFT, HEIGHT - 26 * MM, sender, size=8, colour=MUTED, width=95 * MM)
    address(canvas, LEFT, HEIGHT - 48 * MM, doc.buyer)
    y = HEIGHT - 34 * MM
    for key, value in facts(doc):
        write(canvas, LEFT + 100 * MM, y, word(say, key), size=SIZE, colour=MUTED)
        write(canvas, RIGHT, y, value, bold=key == "due", align="right", width=46 * MM)
        canvas.setStrokeColor(HAIR)
        canvas.setLineWidth(0.4)
        canvas.line(LEFT + 100 * MM, y - 1.9 * MM, RIGHT, y - 1.9 * MM)
        y -= 6 * MM
    if doc.original_number is not None and doc.original_issued_on is not None:
        text = word(say, "original", n=doc.original_number, on=day(doc.original_issued_on, say))
        write(canvas, LEFT, HEIGHT - 96 * MM, text, size=10, bold=True, width=RIGHT - LEFT)


def facts(doc: InvoiceDocument) -> list[tuple[str, str]]:
    """Keys of words and values of the column beside the address; empty ones left out."""
    say = doc.language
    rows = [
        ("issued", day(doc.issued_on, say)),
        ("note_number" if doc.kind == CREDIT_NOTE else "number", str(doc.number)),
        ("customer_no", doc.customer_no),
        ("business_id", doc.buyer.business_id),
        # The law asks for it when the buyer is liable for the tax.
        ("vat_id", doc.buyer.vat_id),
        ("your_reference", doc.buyer_reference),
    ]
    if doc.kind != CREDIT_NOTE:
        rows += [
            ("terms", word(say, "days", n=doc.payment_term_days)),
            ("due", day(doc.due_on, say)),
            ("reference", format_reference(doc.reference)),
        ]
    return [(key, value) for key, value in rows if value]


# -------------------------------------------------------------------------------- the lines


def _columns(canvas: Canvas, doc: InvoiceDocument, y: float) -> float:
    canvas.setFillColor(TINT)
    canvas.rect(LEFT - 2 * MM, y - 2.2 * MM, RIGHT - LEFT + 4 * MM, 7 * MM, stroke=0, fill=1)
    heads = [
        (LEFT, "date", "left"),
        (ORDER_X, "order", "left"),
        (TEXT_X, "what", "left"),
        (QTY_X, "quantity", "right"),
        (UNIT_X, "unit_price", "right"),
        (VAT_X, "vat_pct", "right"),
        (NET_X, "net", "right"),
    ]
    for x, key, align in heads:
        unit = {"net": NBSP + "€", "vat_pct": NBSP + "%"}.get(key, "")
        write(
            canvas,
            x,
            y,
            word(doc.language, key) + unit,
            size=7.5,
            bold=True,
            colour=MUTED,
            align=align,
        )
    return y - 8 * MM


def quantity(line: DocumentLine, language: str) -> str:
    """How much with its unit: 4,00 h."""
    return f"{number(line.quantity, language)}{NBSP}{word(language, line.unit)}"


def _line(canvas: Canvas, doc: InvoiceDocument, y: float, line: DocumentLine) -> float:
    say = doc.language
    write(canvas, LEFT, y, day(line.performed_on, say), size=SIZE)
    write(canvas, ORDER_X, y, line.order_no, size=SIZE, width=14 * MM)
    for n, text in enumerate(wrap(line.text, size=SIZE, width=TEXT_W)):
        write(canvas, TEXT_X, y - n * ROW, text, size=SIZE)
    write(canvas, QTY_X, y, quantity(line, say), size=SIZE, align="right")
    write(canvas, UNIT_X, y, number(line.unit_net, say), size=SIZE, align="right")
    write(canvas, VAT_X, y, money(line.vat_pct, say, 1), size=SIZE, align="right")
    write(canvas, NET_X, y, money(line.net, say), size=SIZE, align="right")
    below = y - _height(line)
    canvas.setStrokeColor(HAIR)
    canvas.setLineWidth(0.4)
    canvas.line(LEFT, below + ROW - 0.6 * MM, RIGHT, below + ROW - 0.6 * MM)
    return below


def _sum_row(canvas: Canvas, doc: InvoiceDocument, y: float, label: str, amount: Decimal) -> float:
    write(canvas, TEXT_X, y, label, size=SIZE, colour=MUTED)
    write(canvas, NET_X, y, money(amount, doc.language), size=SIZE, colour=MUTED, align="right")
    return y - ROW - GAP


# ------------------------------------------------------------------------------- the totals


def notes(doc: InvoiceDocument) -> tuple[str, ...]:
    """What is said below the sums; the law wants the reason named when there is no tax."""
    # Of a reverse charge the document's own note says more than its reason.
    codes = dict.fromkeys(row.code for row in doc.vat_rows if row.code in {"E", "O"})
    return (*doc.notes, *(exemption(doc, code) for code in codes))


def _notes(doc: InvoiceDocument) -> list[str]:
    return [part for note in notes(doc) for part in wrap(note, size=SIZE, width=RIGHT - LEFT)]


def rate_label(doc: InvoiceDocument, row: VatRow) -> str:
    label = word(doc.language, f"vat_{row.code}")
    return f"{label} {money(row.pct, doc.language, 1)}{NBSP}%"


def _totals(canvas: Canvas, doc: InvoiceDocument, y: float) -> None:
    say = doc.language
    top = y - 4 * MM
    _rates(canvas, doc, top)
    for key, amount in (("total_net", doc.net), ("total_vat", doc.vat)):
        write(canvas, LEFT + 100 * MM, top, word(say, key), colour=MUTED)
        write(canvas, NET_X, top, f"{money(amount, say)}{NBSP}€", align="right")
        top -= 5 * MM
    canvas.setStrokeColor(BRAND)
    canvas.setLineWidth(1)
    canvas.line(LEFT + 100 * MM, top + 2 * MM, RIGHT, top + 2 * MM)
    key = "credit_total" if doc.kind == CREDIT_NOTE else "total"
    top -= 3.5 * MM
    write(canvas, LEFT + 100 * MM, top, word(say, key), size=11, bold=True)
    gross = f"{money(doc.gross, say)}{NBSP}€"
    write(canvas, NET_X, top, gross, size=12, bold=True, align="right")
    y = min(top, y - (10 + 4.6 * len(doc.vat_rows)) * MM) - 6 * MM
    for note in _notes(doc):
        write(canvas, LEFT, y, note, size=SIZE)
        y -= 4.6 * MM


def _rates(canvas: Canvas, doc: InvoiceDocument, y: float) -> None:
    """The tax by rate, at the left of the totals."""
    say = doc.language
    base_x, vat_x = LEFT + 64 * MM, LEFT + 85 * MM
    for x, key in ((base_x, "vat_base"), (vat_x, "vat_amount")):
        write(canvas, x, y, word(say, key), size=7.5, bold=True, colour=MUTED, align="right")
    for row in doc.vat_rows:
        y -= 4.6 * MM
        write(canvas, LEFT, y, rate_label(doc, row), size=8, colour=MUTED, width=44 * MM)
        write(canvas, base_x, y, money(row.base, say), size=8, colour=MUTED, align="right")
        write(canvas, vat_x, y, money(row.vat, say), size=8, colour=MUTED, align="right")


# ------------------------------------------------------------------------------ the payment


def unpayable(doc: InvoiceDocument) -> str:
    """Key of the words that say why there is nothing to pay; empty when there is."""
    if doc.kind == CREDIT_NOTE:
        return "no_pay"
    return "nothing_due" if doc.gross <= 0 else ""


def payment_facts(doc: InvoiceDocument) -> list[tuple[str, str]]:
    """Keys of words and values that a payer types: whom, then what."""
    say = doc.language
    return [
        ("receiver", doc.seller.name),
        ("bank", " ".join(doc.iban[n : n + 4] for n in range(0, len(doc.iban), 4))),
        ("bic", doc.bic),
        ("reference", format_reference(doc.reference)),
        ("due", day(doc.due_on, say)),
        ("amount", f"{money(doc.gross, say)}{NBSP}€"),
    ]


def virtual_code(doc: InvoiceDocument) -> str:
    """The digits of the bank bar code."""
    return bank_barcode(doc.iban, doc.gross, doc.reference, doc.due_on)


def qr_code(doc: InvoiceDocument) -> segno.QRCode:
    """The code that a bank's app reads."""
    payload = epc_text(
        name=doc.seller.name,
        iban=doc.iban,
        bic=doc.bic,
        amount=doc.gross,
        reference=doc.reference,
        due_on=doc.due_on,
    )
    return segno.make(payload, error="m", boost_error=False)


def payment_box(canvas: Canvas, doc: InvoiceDocument) -> None:
    """What a person or a bank's machine needs to pay: text, QR and bar code."""
    say = doc.language
    if key := unpayable(doc):
        write(canvas, LEFT, PAYMENT_TOP - 20 * MM, word(say, key), size=10, bold=True)
        return
    left, width = LEFT - 2 * MM, RIGHT - LEFT + 4 * MM
    canvas.setStrokeColor(BRAND)
    canvas.setLineWidth(0.8)
    canvas.roundRect(left, PAYMENT_FOOT, width, PAYMENT_TOP - PAYMENT_FOOT, 2.5 * MM)
    x, second = LEFT + 3 * MM, LEFT + 76 * MM
    rows = payment_facts(doc)
    y = PAYMENT_TOP - 6.5 * MM
    for (key, value), (key_2, value_2) in zip(rows[:3], rows[3:], strict=True):
        write(canvas, x, y, word(say, key), size=7.5, colour=MUTED)
        write(canvas, x, y - 4.8 * MM, value, size=10, width=70 * MM)
        write(canvas, second, y, word(say, key_2), size=7.5, colour=MUTED)
        size = 12 if key_2 == "amount" else 10
        write(canvas, second, y - 4.8 * MM, value_2, size=size, bold=True, width=56 * MM)
        y -= 11 * MM
    _qr(canvas, doc, RIGHT - 31 * MM, PAYMENT_TOP - 33 * MM)
    code = virtual_code(doc)
    # quiet=0: the quiet zones are the empty paper left and right of the bars, over 10 modules.
    bars = Code128(code, barWidth=0.34 * MM, barHeight=12 * MM, quiet=0, humanReadable=0)
    bars.drawOn(canvas, LEFT + 6 * MM, 34.5 * MM)
    write(canvas, x, 30 * MM, f"{word(say, 'virtual')} {code}", size=8)
    write(canvas, x, 25.8 * MM, word(say, "interest"), size=7.5, colour=MUTED)


def _qr(canvas: Canvas, doc: InvoiceDocument, x: float, y: float) -> None:
    matrix = qr_code(doc).matrix
    module = 28 * MM / len(matrix)
    canvas.setFillColor(INK)
    for row, cells in enumerate(matrix):
        top = y + 28 * MM - (row + 1) * module
        for column, dark in enumerate(cells):
            if dark:
                # A hair of overlap: no white lines between modules when printed small.
                canvas.rect(
                    x + column * module, top, module * 1.02, module * 1.02, stroke=0, fill=1
                )
    caption = word(doc.language, "qr")
    write(canvas, x + 28 * MM, y - 4 * MM, caption, size=7.5, colour=MUTED, align="right")


def seller_facts(s: Party, language: str) -> tuple[list[str], list[str]]:
    """Who the seller is by law, and where to reach them."""
    ids = [s.name, f"{word(language, 'business_id')} {s.business_id}"]
    if s.vat_id:
        ids.append(f"{word(language, 'vat_id')} {s.vat_id}")
    return ids, [f"{s.street}, {s.postal_code} {s.city}", s.phone, s.email]


def foot(canvas: Canvas, doc: InvoiceDocument, page: int, of: int) -> None:
    """Who the seller is, and the page."""
    say = doc.language
    rule(canvas, 18.4 * MM)
    canvas.setFillColor(ACCENT)
    canvas.rect(LEFT, 18.4 * MM - 0.3, 12 * MM, 1, stroke=0, fill=1)
    for y, parts in zip((14 * MM, 10.2 * MM), seller_facts(doc.seller, say), strict=True):
        text = "  ·  ".join(part for part in parts if part)
        write(canvas, LEFT, y, text, size=7.5, colour=MUTED, width=152 * MM)
    turn = word(say, "page", n=page, of=of)
    write(canvas, RIGHT, 10.2 * MM, turn, size=7.5, colour=MUTED, align="right")
