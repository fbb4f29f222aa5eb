"""The hour log of a worker or a customer for a month, with lines to sign."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from billing.papers.pdf.sheet import (
    HEIGHT,
    INK,
    LEFT,
    MM,
    MUTED,
    NBSP,
    RIGHT,
    TINT,
    day,
    hours,
    mark,
    open_sheet,
    rule,
    word,
    write,
)
from billing.rules.document import HourLogDocument, HourLogRow

ROWS_PER_PAGE = 36
ROW = 5.8 * MM
SUM_ROW = 5.4 * MM
FIRST_ROW = HEIGHT - 53 * MM
SIGN_AT = 26 * MM


def render_hour_log(doc: HourLogDocument) -> bytes:
    """The PDF of `doc`; the same bytes each time."""
    title = f"{doc.title}: {doc.subject}, {doc.period}"
    canvas, buffer = open_sheet(title=title, author=doc.organisation, language=doc.language)
    chunks = _pages(doc)
    for n, rows in enumerate(chunks, start=1):
        y = _head(canvas, doc)
        for row in rows:
            _row(canvas, doc, y, row)
            y -= ROW
        if not doc.rows:
            write(canvas, LEFT, y, word(doc.language, "empty"))
            y -= ROW
        if n == len(chunks):
            _end(canvas, doc, y)
        page = word(doc.language, "page", n=n, of=len(chunks))
        write(canvas, RIGHT, 10 * MM, page, size=7.5, colour=MUTED, align="right")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _pages(doc: HourLogDocument) -> list[tuple[HourLogRow, ...]]:
    """Rows per page; the last page, which may have none, keeps room for totals and signatures."""
    below_rows = 4 * MM + SUM_ROW * (len(doc.totals) + 1) + 14 * MM
    last = int((FIRST_ROW - SIGN_AT - below_rows) / ROW)
    rows = doc.rows
    pages = []
    while len(rows) > last:
        pages.append(rows[:ROWS_PER_PAGE])
        rows = rows[ROWS_PER_PAGE:]
    return [*pages, rows]


def _places(doc: HourLogDocument) -> list[tuple[str, float, str, float]]:
    """Column key, x, alignment, width in points."""
    second = "worker" if doc.for_customer else "place"
    return [
        ("date", LEFT, "left", 22 * MM),
        (second, LEFT + 23 * MM, "left", 44 * MM),
        ("task", LEFT + 69 * MM, "left", 32 * MM),
        ("start", LEFT + 114 * MM, "right", 13 * MM),
        ("end", LEFT + 128 * MM, "right", 13 * MM),
        ("break", LEFT + 142 * MM, "right", 13 * MM),
        ("hours", LEFT + 157 * MM, "right", 14 * MM),
        ("status", RIGHT, "right", 17 * MM),
    ]


def _head(canvas: Canvas, doc: HourLogDocument) -> float:
    mark(canvas, LEFT, HEIGHT - 20 * MM, doc.organisation)
    write(canvas, RIGHT, HEIGHT - 20 * MM, doc.title, size=15, bold=True, align="right")
    write(canvas, LEFT, HEIGHT - 34 * MM, doc.subject, size=12, bold=True, width=110 * MM)
    write(canvas, RIGHT, HEIGHT - 34 * MM, doc.period, size=11, align="right")
    y = HEIGHT - 45 * MM
    canvas.setFillColor(TINT)
    canvas.rect(LEFT - 2 * MM, y - 2 * MM, RIGHT - LEFT + 4 * MM, 7 * MM, stroke=0, fill=1)
    for key, x, align, _width in _places(doc):
        text = word(doc.language, key)
        write(canvas, x, y, text, size=7.5, bold=True, colour=MUTED, align=align)
    return FIRST_ROW


def columns(doc: HourLogDocument) -> list[tuple[str, bool]]:
    """Key of the word of each column, and whether it holds numbers."""
    return [(key, align == "right" and key != "status") for key, _x, align, _w in _places(doc)]


def cells(doc: HourLogDocument, row: HourLogRow) -> list[str]:
    """A row as text, in the order of the columns."""
    clock = "%H:%M" if doc.language == "en" else "%-H.%M"
    return [
        day(row.on, doc.language),
        row.worker if doc.for_customer else row.place,
        row.task,
        row.started.strftime(clock),
        row.ended.strftime(clock),
        f"{row.break_min}{NBSP}min" if row.break_min else "",
        hours(row.work_min, doc.language),
        row.status,
    ]


def sums(doc: HourLogDocument) -> list[tuple[str, str]]:
    """Labels and hours below the rows; the last is the sum of all."""
    rows = [*doc.totals, (word(doc.language, "sum"), doc.work_min)]
    return [(label, f"{hours(minutes, doc.language)}{NBSP}h") for label, minutes in rows]


def signers(doc: HourLogDocument) -> list[str]:
    """What stands under each line for a name."""
    other = "by_customer" if doc.for_customer else "by_worker"
    signed = word(doc.language, "signed").lower()
    return [f"{word(doc.language, key)}: {signed}" for key in (other, "by_us")]


def _row(canvas: Canvas, doc: HourLogDocument, y: float, row: HourLogRow) -> None:
    for (_key, x, align, width), text in zip(_places(doc), cells(doc, row), strict=True):
        write(canvas, x, y, text, size=8, align=align, width=width)


def _end(canvas: Canvas, doc: HourLogDocument, y: float) -> None:
    rule(canvas, y + 2 * MM)
    y -= 4 * MM
    for label, text in sums(doc):
        last = label == word(doc.language, "sum")
        write(canvas, LEFT + 69 * MM, y, label, bold=last)
        write(canvas, LEFT + 157 * MM, y, text, bold=last, align="right")
        y -= SUM_ROW
    y = SIGN_AT
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.6)
    for x, text in zip((LEFT, LEFT + 90 * MM), signers(doc), strict=True):
        canvas.line(x, y, x + 74 * MM, y)
        write(canvas, x, y - 4.5 * MM, text, size=7.5, colour=MUTED)
