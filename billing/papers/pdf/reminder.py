"""The reminder of payment, A4, with the same payment box as the invoice."""

from __future__ import annotations

from decimal import Decimal

from reportlab.pdfgen.canvas import Canvas

from billing.papers.pdf.invoice import address, foot, payment_box
from billing.papers.pdf.sheet import (
    BRAND,
    HEIGHT,
    LEFT,
    MM,
    MUTED,
    NBSP,
    RIGHT,
    day,
    mark,
    money,
    open_sheet,
    word,
    wrap,
    write,
)
from billing.rules.document import INVOICE, InvoiceDocument
from billing.rules.late_interest import interest
from billing.rules.reference import format_reference
from billing.rules.reminder_document import ReminderDocument

ROW = 6 * MM
# More lines than this would run into the payment box.
MOST_SPANS = 10


def render_reminder(doc: ReminderDocument) -> bytes:
    """The PDF of `doc`; the same bytes each time."""
    say = doc.language
    title = f"{word(say, 'reminder')} {doc.number}, {doc.seller.name}"
    canvas, buffer = open_sheet(title=title, author=doc.seller.name, language=say)
    _head(canvas, doc)
    y = _sums(canvas, doc, _words(canvas, doc, HEIGHT - 92 * MM))
    _grounds(canvas, doc, y)
    box = payment_of(doc)
    payment_box(canvas, box)
    foot(canvas, box, 1, 1)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def payment_of(doc: ReminderDocument) -> InvoiceDocument:
    """What the payment box prints: sum and day of the reminder, reference of the invoice."""
    return InvoiceDocument(
        kind=INVOICE, number=doc.number, language=doc.language, issued_on=doc.made_on,
        due_on=doc.due_on, seller=doc.seller, buyer=doc.buyer, customer_no=doc.customer_no,
        buyer_reference="", lines=(), vat_rows=(), net=doc.total, vat=Decimal(0), gross=doc.total,
        iban=doc.iban, bic=doc.bic, reference=doc.reference, payment_term_days=0,
    )  # fmt: skip


def _head(canvas: Canvas, doc: ReminderDocument) -> None:
    say = doc.language
    mark(canvas, LEFT, HEIGHT - 20 * MM, doc.seller.name)
    write(canvas, RIGHT, HEIGHT - 20 * MM, word(say, "reminder"), size=17, bold=True, align="right")
    sender = f"{doc.seller.street}, {doc.seller.postal_code} {doc.seller.city}"
    write(canvas, LEFT, HEIGHT - 26 * MM, sender, size=8, colour=MUTED, width=95 * MM)
    address(canvas, LEFT, HEIGHT - 48 * MM, doc.buyer)
    y = HEIGHT - 34 * MM
    for key, value in facts(doc):
        write(canvas, LEFT + 100 * MM, y, word(say, key), size=8.5, colour=MUTED)
        write(canvas, RIGHT, y, value, bold=key == "due", align="right", width=46 * MM)
        y -= ROW


def facts(doc: ReminderDocument) -> list[tuple[str, str]]:
    """Keys of words and values of the column beside the address; empty ones left out."""
    rows = [
        ("made", day(doc.made_on, doc.language)),
        ("number", str(doc.number)),
        ("customer_no", doc.customer_no),
        ("business_id", doc.buyer.business_id),
        ("due", day(doc.due_on, doc.language)),
        ("reference", format_reference(doc.reference)),
    ]
    return [(key, value) for key, value in rows if value]


def opening(doc: ReminderDocument) -> tuple[str, str]:
    """What the reminder is about, and what we ask for."""
    say = doc.language
    about = word(
        say,
        "reminder_of",
        n=doc.number,
        on=day(doc.issued_on, say),
        due=day(doc.invoice_due_on, say),
    )
    return about, word(say, "reminder_text", due=day(doc.due_on, say))


def sums(doc: ReminderDocument) -> list[tuple[str, Decimal]]:
    """Keys of words and euros from the invoice to what is asked for; zeros left out."""
    rows = [
        ("was_invoiced", doc.gross),
        ("was_credited", -doc.credited),
        ("was_paid", -doc.paid),
        ("principal", doc.principal),
        ("interest_sum", doc.interest),
        ("compensation", doc.compensation),
        ("fee", doc.fee),
        ("charges_paid", -doc.charges_paid),
    ]
    return [(key, amount) for key, amount in rows if amount]


def grounds(doc: ReminderDocument) -> tuple[str, str]:
    """On what law we ask, and what to do when the invoice is wrong."""
    contact = ", ".join(part for part in (doc.seller.phone, doc.seller.email) if part)
    key = "basis" if doc.business else "basis_other"
    return word(doc.language, key), word(doc.language, "object", contact=contact)


def _paragraph(canvas: Canvas, y: float, text: str, *, bold: bool = False) -> float:
    for line in wrap(text, size=10, width=RIGHT - LEFT, bold=bold):
        write(canvas, LEFT, y, line, size=10, bold=bold)
        y -= 5 * MM
    return y - 2 * MM


def _words(canvas: Canvas, doc: ReminderDocument, y: float) -> float:
    about, request = opening(doc)
    y = _paragraph(canvas, y, about, bold=True)
    return _paragraph(canvas, y, request)


def _sums(canvas: Canvas, doc: ReminderDocument, y: float) -> float:
    say = doc.language
    for key, amount in sums(doc):
        bold = key == "principal"
        write(canvas, LEFT, y, word(say, key), size=9.5, bold=bold)
        write(canvas, RIGHT, y, f"{money(amount, say)}{NBSP}€", bold=bold, align="right")
        y -= ROW
        if key == "interest_sum":
            y = _spans(canvas, doc, y)
    canvas.setStrokeColor(BRAND)
    canvas.setLineWidth(1)
    canvas.line(LEFT, y + 3.5 * MM, RIGHT, y + 3.5 * MM)
    write(canvas, LEFT, y - 2 * MM, word(say, "total"), size=11, bold=True)
    total = f"{money(doc.total, say)}{NBSP}€"
    write(canvas, RIGHT, y - 2 * MM, total, size=12, bold=True, align="right")
    return y - 10 * MM


def _spans(canvas: Canvas, doc: ReminderDocument, y: float) -> float:
    for text in span_texts(doc):
        write(canvas, LEFT + 5 * MM, y, text, size=8, colour=MUTED)
        y -= 4.6 * MM
    return y


def span_texts(doc: ReminderDocument) -> list[str]:
    """A line for each span; when they are many, the oldest together."""
    say = doc.language
    texts = [
        word(
            say,
            "interest_row",
            pct=money(x.pct, say, 1),
            first=day(x.first, say),
            last=day(x.last, say),
            days=x.days,
            sum=money(x.principal, say),
        )
        for x in doc.spans
    ]
    if len(texts) <= MOST_SPANS:
        return texts
    older = doc.spans[: 1 - MOST_SPANS]
    first, last = day(older[0].first, say), day(older[-1].last, say)
    together = word(say, "interest_older", first=first, last=last, sum=money(interest(older), say))
    return [together, *texts[1 - MOST_SPANS :]]


def _grounds(canvas: Canvas, doc: ReminderDocument, y: float) -> None:
    for text in grounds(doc):
        for line in wrap(text, size=8.5, width=RIGHT - LEFT):
            write(canvas, LEFT, y, line, size=8.5)
            y -= 4.4 * MM
