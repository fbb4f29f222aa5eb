"""The invoice and the credit note, A4, for a Finnish window envelope."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import segno
from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfgen.canvas import Canvas

from billing.barcode import bank_barcode, epc_text
from billing.documents import CREDIT_NOTE, DocumentLine, InvoiceDocument, Party
from billing.pdf.sheet import (
    ACCENT,
    BRAND,
    HAIR,
    HEIGHT,
    INK,
    LEFT,
    MM,
    MUTED,
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
from billing.reference import format_reference

FIRST_TOP, NEXT_TOP = HEIGHT - 112 * MM, HEIGHT - 42 * MM
FOOT, PAYMENT_TOP = 22 * MM, 92 * MM
TEXT_X, TEXT_W = LEFT + 21 * MM, 66 * MM
QTY_X, UNIT_X, VAT_X, NET_X = LEFT + 103 * MM, LEFT + 124 * MM, LEFT + 141 * MM, RIGHT
ROW = 4.4 * MM


def render_invoice(doc: InvoiceDocument) -> bytes:
    """The PDF of `doc`; the same bytes each time."""
    say = doc.language
    title = f"{word(say, doc.kind)} {doc.number}, {doc.seller.name}"
    canvas, buffer = open_sheet(title=title, author=doc.seller.name, language=say)
    pages = list(_paginate(doc))
    carried = Decimal(0)
    for n, lines in enumerate(pages, start=1):
        last = n == len(pages)
        _head(canvas, doc, first=n == 1)
        y = _columns(canvas, doc, FIRST_TOP if n == 1 else NEXT_TOP)
        if n > 1:
            y = _sum_row(canvas, doc, y, word(say, "carried"), carried)
        for line in lines:
            y = _line(canvas, doc, y, line)
            carried += line.net
        if last:
            _totals(canvas, doc, y)
            _payment(canvas, doc)
        else:
            _sum_row(canvas, doc, y, word(say, "carry"), carried)
        _foot(canvas, doc, n, len(pages))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _text_of(doc: InvoiceDocument, line: DocumentLine) -> list[str]:
    order = f" ({word(doc.language, 'order')} {line.order_no})" if line.order_no else ""
    return wrap(line.text + order, size=8.5, width=TEXT_W)


def _height(doc: InvoiceDocument, line: DocumentLine) -> float:
    return ROW * len(_text_of(doc, line)) + 1.4 * MM


def _totals_height(doc: InvoiceDocument) -> float:
    return (20 + 4.6 * len(doc.vat_rows) + 5 * len(doc.notes)) * MM


def _paginate(doc: InvoiceDocument) -> Iterator[list[DocumentLine]]:
    """Lines per page; the last page keeps room for totals and the payment box."""
    rest = list(doc.lines)
    top = FIRST_TOP
    while True:
        room = top - 14 * MM - PAYMENT_TOP - _totals_height(doc)
        if sum(_height(doc, line) for line in rest) <= room:
            yield rest
            return
        page: list[DocumentLine] = []
        room = top - 14 * MM - FOOT - 8 * MM
        # Leave at least one line for the last page, where the totals stand.
        while len(rest) > 1 and _height(doc, rest[0]) <= room:
            room -= _height(doc, rest[0])
            page.append(rest.pop(0))
        if not page:
            yield rest
            return
        yield page
        top = NEXT_TOP


def _address(canvas: Canvas, x: float, y: float, party: Party) -> None:
    lines = wrap(party.name, size=10, width=80 * MM)[:3]
    lines += [party.street, f"{party.postal_code} {party.city}"]
    for n, text in enumerate(lines):
        write(canvas, x, y - n * 5 * MM, text, size=10, width=82 * MM)


def _head(canvas: Canvas, doc: InvoiceDocument, *, first: bool) -> None:
    say = doc.language
    mark(canvas, LEFT, HEIGHT - 20 * MM, doc.seller.name)
    write(
        canvas, RIGHT, HEIGHT - 20 * MM, f"{word(say, doc.kind)} {doc.number}",
        size=15, bold=True, colour=INK, align="right",
    )  # fmt: skip
    if not first:
        write(canvas, LEFT, HEIGHT - 32 * MM, doc.buyer.name, colour=MUTED, width=100 * MM)
        write(
            canvas, RIGHT, HEIGHT - 32 * MM, day(doc.issued_on, say), colour=MUTED, align="right"
        )
        return
    seller = f"{doc.seller.street}, {doc.seller.postal_code} {doc.seller.city}"
    write(canvas, LEFT, HEIGHT - 26 * MM, seller, size=8.5, colour=MUTED, width=95 * MM)
    _address(canvas, LEFT, HEIGHT - 50 * MM, doc.buyer)
    rows = [
        ("issued", day(doc.issued_on, say)),
        ("number", str(doc.number)),
        ("customer_no", doc.customer_no),
        ("business_id", doc.buyer.business_id),
        ("your_reference", doc.buyer_reference),
    ]
    if doc.kind != CREDIT_NOTE:
        rows += [
            ("terms", word(say, "days", n=doc.payment_term_days)),
            ("due", day(doc.due_on, say)),
            ("reference", format_reference(doc.reference)),
        ]
    y = HEIGHT - 34 * MM
    for key, value in rows:
        if not value:
            continue
        write(canvas, LEFT + 100 * MM, y, word(say, key), size=8.5, colour=MUTED)
        write(canvas, RIGHT, y, value, size=9, bold=key == "due", align="right", width=46 * MM)
        y -= 5.4 * MM
    if doc.original_number is not None and doc.original_issued_on is not None:
        text = word(say, "original", n=doc.original_number, on=day(doc.original_issued_on, say))
        write(canvas, LEFT, HEIGHT - 94 * MM, text, size=10, bold=True)


def _columns(canvas: Canvas, doc: InvoiceDocument, y: float) -> float:
    canvas.setFillColor(TINT)
    canvas.rect(LEFT - 2 * MM, y - 2 * MM, RIGHT - LEFT + 4 * MM, 7 * MM, stroke=0, fill=1)
    heads = [
        (LEFT, "date", "left"), (TEXT_X, "what", "left"), (QTY_X, "quantity", "right"),
        (UNIT_X, "unit_price", "right"), (VAT_X, "vat_pct", "right"), (NET_X, "net", "right"),
    ]  # fmt: skip
    for x, key, align in heads:
        text = word(doc.language, key) + (" €" if key == "net" else " %" if key == "vat_pct" else "")
        write(canvas, x, y, text, size=8, bold=True, colour=MUTED, align=align)
    return y - 7.5 * MM


def _line(canvas: Canvas, doc: InvoiceDocument, y: float, line: DocumentLine) -> float:
    say = doc.language
    texts = _text_of(doc, line)
    write(canvas, LEFT, y, day(line.performed_on, say), size=8.5)
    for n, text in enumerate(texts):
        write(canvas, TEXT_X, y - n * ROW, text, size=8.5)
    quantity = f"{number(line.quantity, say)} {word(say, line.unit)}"
    write(canvas, QTY_X, y, quantity, size=8.5, align="right")
    write(canvas, UNIT_X, y, number(line.unit_net, say), size=8.5, align="right")
    pct = money(line.vat_pct, say, 1) if line.vat_code == "S" else line.vat_code
    write(canvas, VAT_X, y, pct, size=8.5, align="right")
    write(canvas, NET_X, y, money(line.net, say), size=8.5, align="right")
    below = y - _height(doc, line)
    canvas.setStrokeColor(HAIR)
    canvas.setLineWidth(0.4)
    canvas.line(LEFT, below + 3.2 * MM, RIGHT, below + 3.2 * MM)
    return below


def _sum_row(
    canvas: Canvas, doc: InvoiceDocument, y: float, label: str, amount: Decimal
) -> float:
    write(canvas, TEXT_X, y, label, size=8.5, colour=MUTED)
    write(
        canvas, NET_X, y, money(amount, doc.language), size=8.5, colour=MUTED, align="right"
    )
    return y - ROW - 1.4 * MM


def _totals(canvas: Canvas, doc: InvoiceDocument, y: float) -> None:
    say = doc.language
    y -= 2 * MM
    for row in doc.vat_rows:
        label = (
            f"{word(say, 'vat_pct')} {money(row.pct, say, 1)} %, "
            f"{word(say, 'vat_base').lower()} {money(row.base, say)} €"
        )
        write(canvas, UNIT_X + 8 * MM, y, label, size=8.5, colour=MUTED, align="right")
        write(canvas, NET_X, y, money(row.vat, say), size=8.5, colour=MUTED, align="right")
        y -= 4.6 * MM
    write(canvas, UNIT_X + 8 * MM, y, word(say, "total_net"), size=9, align="right")
    write(canvas, NET_X, y, f"{money(doc.net, say)}", size=9, align="right")
    y -= 4.6 * MM
    write(canvas, UNIT_X + 8 * MM, y, word(say, "total_vat"), size=9, align="right")
    write(canvas, NET_X, y, f"{money(doc.vat, say)}", size=9, align="right")
    y -= 6.5 * MM
    key = "credit_total" if doc.kind == CREDIT_NOTE else "total"
    write(canvas, UNIT_X + 8 * MM, y, word(say, key), size=11, bold=True, align="right")
    write(canvas, NET_X, y, f"{money(doc.gross, say)}\u00a0€", size=11, bold=True, align="right")
    for note in doc.notes:
        y -= 5 * MM
        write(canvas, LEFT, y, note, size=8.5, width=RIGHT - LEFT)


def _payment(canvas: Canvas, doc: InvoiceDocument) -> None:
    say = doc.language
    if doc.kind == CREDIT_NOTE or doc.gross <= 0:
        write(canvas, LEFT, PAYMENT_TOP - 20 * MM, word(say, "no_pay"), size=10, bold=True)
        return
    rule(canvas, PAYMENT_TOP, strong=True)
    rows = [
        ("receiver", doc.seller.name),
        ("bank", " ".join(doc.iban[n : n + 4] for n in range(0, len(doc.iban), 4))),
        ("bic", doc.bic),
        ("reference", format_reference(doc.reference)),
        ("due", day(doc.due_on, say)),
        ("amount", f"{money(doc.gross, say)}\u00a0€"),
    ]
    y = PAYMENT_TOP - 7 * MM
    for key, value in rows:
        strong = key in {"amount", "due", "reference"}
        write(canvas, LEFT, y, word(say, key), size=8.5, colour=MUTED)
        write(canvas, LEFT + 34 * MM, y, value, size=10, bold=strong, width=92 * MM)
        y -= 5.6 * MM
    _qr(canvas, doc, RIGHT - 30 * MM, PAYMENT_TOP - 36 * MM)
    code = bank_barcode(doc.iban, doc.gross, doc.reference, doc.due_on)
    # quiet=0: the quiet zones are the empty margins left and right of the bars.
    bars = Code128(code, barWidth=0.30 * MM, barHeight=11 * MM, quiet=0, humanReadable=0)
    bars.drawOn(canvas, LEFT + 8 * MM, 36 * MM)
    write(canvas, LEFT, 31 * MM, f"{word(say, 'virtual')}: {code}", size=8)
    write(canvas, LEFT, 26.5 * MM, word(say, "interest"), size=8, colour=MUTED)


def _qr(canvas: Canvas, doc: InvoiceDocument, x: float, y: float) -> None:
    payload = epc_text(
        name=doc.seller.name, iban=doc.iban, bic=doc.bic, amount=doc.gross,
        reference=doc.reference, due_on=doc.due_on,
    )  # fmt: skip
    matrix = segno.make(payload, error="m", boost_error=False).matrix
    size = 28 * MM / len(matrix)
    canvas.setFillColor(INK)
    for row, cells in enumerate(matrix):
        for column, dark in enumerate(cells):
            if dark:
                top = y + 28 * MM - (row + 1) * size
                # A hair of overlap: no white lines between modules when printed small.
                canvas.rect(x + column * size, top, size * 1.02, size * 1.02, stroke=0, fill=1)
    write(canvas, x + 28 * MM, y - 4 * MM, word(doc.language, "qr"), size=7.5, colour=MUTED, align="right")


def _foot(canvas: Canvas, doc: InvoiceDocument, page: int, of: int) -> None:
    say = doc.language
    canvas.setFillColor(ACCENT)
    canvas.rect(LEFT, 18.4 * MM, 12 * MM, 0.8, stroke=0, fill=1)
    canvas.setFillColor(BRAND)
    canvas.rect(LEFT + 12 * MM, 18.4 * MM, RIGHT - LEFT - 12 * MM, 0.8, stroke=0, fill=1)
    s = doc.seller
    ids = [f"{word(say, 'business_id')} {s.business_id}"]
    if s.vat_id:
        ids.append(f"{word(say, 'vat_id')} {s.vat_id}")
    contact = [s.phone, s.email, f"{s.street}, {s.postal_code} {s.city}"]
    write(canvas, LEFT, 14 * MM, "  ·  ".join(ids), size=7.5, colour=MUTED)
    text = "  ·  ".join(c for c in contact if c)
    write(canvas, LEFT, 10.2 * MM, text, size=7.5, colour=MUTED, width=150 * MM)
    write(
        canvas, RIGHT, 10.2 * MM, word(say, "page", n=page, of=of), size=7.5, colour=MUTED,
        align="right",
    )  # fmt: skip
