"""The working-time register as a paper: hours by kind for each day, sums, lines to sign."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.pdfgen.canvas import Canvas

from billing.papers.pdf.sheet import (
    HEIGHT,
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
    wrap,
    write,
)
from billing.rules.register import Register, RegisterRow

ROW = 5.2 * MM
ROWS_PER_PAGE = 38
FIRST_ROW = HEIGHT - 60 * MM
LAST_ROWS = 28
KIND_WIDTH = 13.5 * MM


def render_register(found: Register) -> bytes:
    """The PDF; the same bytes each time."""
    with translation.override(found.language):
        title = pgettext("document", "Working-time register")
        period = f"{day(found.first, found.language)}–{day(found.last, found.language)}"
        canvas, buffer = open_sheet(
            title=f"{title}: {found.worker}, {period}",
            author=found.organisation,
            language=found.language,
        )
        pages = _pages(found)
        for n, rows in enumerate(pages, start=1):
            y = _head(canvas, found, title, period)
            for row in rows:
                _row(canvas, found, y, row)
                y -= ROW
            if n == len(pages):
                _end(canvas, found, y)
            page = word(found.language, "page", n=n, of=len(pages))
            write(canvas, RIGHT, 10 * MM, page, size=7.5, colour=MUTED, align="right")
            canvas.showPage()
        canvas.save()
    return buffer.getvalue()


def _pages(found: Register) -> list[tuple[RegisterRow, ...]]:
    rows, pages = found.rows, []
    while len(rows) > LAST_ROWS:
        pages.append(rows[:ROWS_PER_PAGE])
        rows = rows[ROWS_PER_PAGE:]
    return [*pages, rows]


def _places(found: Register) -> list[float]:
    """Right edges of the columns of kinds; the last ends at the margin."""
    count = len(found.columns)
    step = min(KIND_WIDTH, (RIGHT - LEFT - 66 * MM) / count)
    return [RIGHT - step * (count - 1 - n) for n in range(count)]


def _head(canvas: Canvas, found: Register, title: str, period: str) -> float:
    mark(canvas, LEFT, HEIGHT - 20 * MM, found.organisation)
    write(canvas, RIGHT, HEIGHT - 20 * MM, title, size=15, bold=True, align="right")
    name = f"{found.worker} ({found.worker_no})"
    write(canvas, LEFT, HEIGHT - 34 * MM, name, size=12, bold=True, width=100 * MM)
    write(canvas, RIGHT, HEIGHT - 34 * MM, period, size=11, align="right")
    y = HEIGHT - 45 * MM
    canvas.setFillColor(TINT)
    canvas.rect(LEFT - 2 * MM, y - 10 * MM, RIGHT - LEFT + 4 * MM, 15 * MM, stroke=0, fill=1)
    for key, x in (("date", LEFT), ("times", LEFT + 20 * MM)):
        write(canvas, x, y, word(found.language, key), size=7, bold=True, colour=MUTED)
    write(canvas, LEFT + 64 * MM, y, _("Paid"), size=7, bold=True, colour=MUTED, align="right")
    places = _places(found)
    step = places[1] - places[0] if len(places) > 1 else KIND_WIDTH
    for (_key, label), x in zip(found.columns, places, strict=True):
        for n, line in enumerate(wrap(label, size=6, width=step - 1 * MM)[:4]):
            write(canvas, x, y + 1 * MM - n * 2.8 * MM, line, size=6, colour=MUTED, align="right")
    return FIRST_ROW


def times(found: Register, row: RegisterRow) -> str:
    """From and to, with the break in brackets."""
    clock = "%H:%M" if found.language == "en" else "%-H.%M"
    text = f"{row.started.strftime(clock)}–{row.ended.strftime(clock)}"
    return f"{text} (−{row.break_min}{NBSP}min)" if row.break_min else text


def attendance(found: Register, row: RegisterRow) -> str:
    """Hours that no wage is paid for and why; empty for paid work."""
    return f"{hours(row.attendance_min, found.language)} h {row.kind}" if row.attendance_min else ""


def apart(found: Register) -> list[tuple[str, str]]:
    """Labels and hours of what stands beside the paid hours; zeros left out."""
    rows = (
        (_("Attendance without pay"), found.attendance_min),
        (_("Not approved yet"), found.waiting_min),
    )
    return [(label, f"{hours(n, found.language)} h") for label, n in rows if n]


def _row(canvas: Canvas, found: Register, y: float, row: RegisterRow) -> None:
    write(canvas, LEFT, y, day(row.on, found.language), size=7.5)
    write(canvas, LEFT + 20 * MM, y, times(found, row), size=7.5, width=33 * MM)
    if text := attendance(found, row):
        write(canvas, LEFT + 66 * MM, y, text, size=7.5, colour=MUTED, width=100 * MM)
        return
    paid = hours(row.paid_min, found.language)
    write(canvas, LEFT + 64 * MM, y, paid, size=7.5, bold=True, align="right")
    for (key, _label), x in zip(found.columns, _places(found), strict=True):
        if row.minutes.get(key):
            text = hours(row.minutes[key], found.language)
            write(canvas, x, y, text, size=7.5, align="right")


def _end(canvas: Canvas, found: Register, y: float) -> None:
    rule(canvas, y + 2 * MM)
    y -= 3 * MM
    write(canvas, LEFT, y, word(found.language, "sum"), size=8, bold=True)
    paid = hours(found.paid_min, found.language)
    write(canvas, LEFT + 64 * MM, y, paid, size=8, bold=True, align="right")
    for (key, _label), x in zip(found.columns, _places(found), strict=True):
        text = hours(found.totals[key], found.language)
        write(canvas, x, y, text, size=7.5, bold=True, align="right")
    for label, text in apart(found):
        y -= ROW
        write(canvas, LEFT, y, f"{label}: {text}", size=8)
    y = 22 * MM
    for x, key in ((LEFT, "by_worker"), (LEFT + 90 * MM, "by_us")):
        canvas.setLineWidth(0.6)
        canvas.line(x, y, x + 74 * MM, y)
        text = f"{word(found.language, key)}: {word(found.language, 'signed').lower()}"
        write(canvas, x, y - 4.5 * MM, text, size=7.5, colour=MUTED)
