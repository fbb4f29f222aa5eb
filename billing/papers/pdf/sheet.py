"""What all our papers share: fonts, colours, the mark, numbers and dates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from ttf_opensans import OPENSANS_BOLD, OPENSANS_REGULAR

from billing.papers.pdf.words import WORDS

WIDTH, HEIGHT = A4
MM = 72 / 25.4
LEFT, RIGHT = 20 * MM, WIDTH - 15 * MM
BRAND, ACCENT, INK = HexColor("#14594C"), HexColor("#B5471F"), HexColor("#1F2A2E")
MUTED, HAIR, TINT = HexColor("#55605F"), HexColor("#DDD3C2"), HexColor("#F3ECE0")
PLAIN, BOLD = "Askare", "Askare-Bold"
NBSP = "\u00a0"
_SPACES = re.compile(" {2,}")
# Not strftime, which follows the locale of the process.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=1)
def _fonts() -> None:
    # Open Sans: figures of one width, and letters for the Latin, Cyrillic and Greek names of our
    # workers. Embedded, as archives and printers ask.
    pdfmetrics.registerFont(TTFont(PLAIN, str(OPENSANS_REGULAR.path)))
    pdfmetrics.registerFont(TTFont(BOLD, str(OPENSANS_BOLD.path)))


def open_sheet(*, title: str, author: str, language: str) -> tuple[Canvas, BytesIO]:
    """A canvas that writes the same bytes for the same drawing."""
    _fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang=language, initialFontName=PLAIN)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setCreator("Askare")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    return canvas, buffer


def printable(text: str) -> str:
    """`text` as our fonts can draw it; the e-invoice and the stored content keep every sign.

    Emoji and other pictures are left out, since none of our fonts has them. A letter of a script
    that we have no font for is a question mark, so that nobody takes half a name for the whole. A
    text of nothing but pictures is said in words: "[hot beverage]".
    """
    _fonts()
    known = pdfmetrics.getFont(PLAIN).face.charToGlyph
    if all(ord(c) in known for c in text):
        return text
    shown = "".join(_drawn(c, known) for c in unicodedata.normalize("NFC", text))
    shown = _SPACES.sub(" ", shown).strip()
    pictures = dict.fromkeys(c for c in text if unicodedata.category(c) == "So")
    # The first few tell them from others; two hundred would push the address off the paper.
    return shown or " ".join(f"[{unicodedata.name(c, '?').lower()}]" for c in list(pictures)[:3])


def _drawn(letter: str, known: Container[int]) -> str:
    if ord(letter) in known:
        return letter
    if unicodedata.category(letter)[0] in "SCMZ":
        return " " if letter.isspace() else ""
    # Letters written wide, bold or in a circle are the letters they come from.
    plain = unicodedata.normalize("NFKC", letter)
    return plain if plain != letter and all(ord(c) in known for c in plain) else "?"


def write(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    *,
    size: float = 9,
    bold: bool = False,
    colour: object = INK,
    align: str = "left",
    width: float = 0,
) -> None:
    """One line of text; with `width` it is shortened with an ellipsis to fit."""
    font = BOLD if bold else PLAIN
    text = printable(text)
    if width:
        text = fit(text, font, size, width)
    canvas.setFont(font, size)
    canvas.setFillColor(colour)
    draw = {"left": canvas.drawString, "right": canvas.drawRightString}[align]
    draw(x, y, text)


def fit(text: str, font: str, size: float, width: float) -> str:
    """The longest beginning of `text` that fits `width` points."""
    if pdfmetrics.stringWidth(text, font, size) <= width:
        return text
    while text and pdfmetrics.stringWidth(text + "…", font, size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


# What a no-break space holds together is one word.
_WORDS = re.compile(rf"[^\s{NBSP}]+(?:{NBSP}[^\s{NBSP}]+)*")


def wrap(text: str, *, size: float, width: float, bold: bool = False) -> list[str]:
    """`text` in lines of at most `width` points; words longer than a line are broken."""
    _fonts()
    font = BOLD if bold else PLAIN
    lines: list[str] = []
    line = ""
    for word in _WORDS.findall(printable(text)):
        while pdfmetrics.stringWidth(word, font, size) > width:
            head = word
            while pdfmetrics.stringWidth(head, font, size) > width:
                head = head[:-1]
            if line:
                lines.append(line)
                line = ""
            lines.append(head)
            word = word[len(head) :]  # noqa: PLW2901 - the rest of the same word
        candidate = f"{line} {word}".strip()
        if pdfmetrics.stringWidth(candidate, font, size) > width:
            lines.append(line)
            line = word
        else:
            line = candidate
    return [*lines, line] if line else lines


def mark(canvas: Canvas, x: float, y: float, name: str) -> None:
    """The strips and our name; `y` is the baseline of the name."""
    canvas.saveState()
    canvas.setFillColor(BRAND)
    canvas.roundRect(x, y + 9, 12, 3.6, 1.8, stroke=0, fill=1)
    canvas.roundRect(x + 3, y - 1.4, 9, 3.6, 1.8, stroke=0, fill=1)
    canvas.setFillColor(ACCENT)
    canvas.roundRect(x + 5, y + 3.8, 13, 3.6, 1.8, stroke=0, fill=1)
    canvas.restoreState()
    write(canvas, x + 24, y, name, size=13, bold=True, colour=BRAND, width=88 * MM)


def rule(canvas: Canvas, y: float, *, strong: bool = False) -> None:
    canvas.setStrokeColor(BRAND if strong else HAIR)
    canvas.setLineWidth(1.2 if strong else 0.6)
    canvas.line(LEFT, y, RIGHT, y)


def word(language: str, key: str, **values: object) -> str:
    return WORDS[language][key].format(**values)


def day(on: date, language: str) -> str:
    if language == "en":
        return f"{on.day} {MONTHS[on.month - 1]} {on.year}"
    return f"{on.day}.{on.month}.{on.year}"


def money(amount: Decimal, language: str, decimals: int = 2) -> str:
    """1 234,50 in Finnish and Swedish, 1 234.50 in English; a true minus.

    Thousands never get a comma: in Finland 1,234 is read as a decimal.
    """
    text = f"{abs(amount):,.{decimals}f}".replace(",", NBSP)
    if language != "en":
        text = text.replace(".", ",")
    return ("\u2212" if amount < 0 else "") + text


def number(amount: Decimal, language: str) -> str:
    """As few decimals as it has, two to five: 4,00 and 2,3333."""
    plain = amount.normalize()
    decimals = max(2, -int(plain.as_tuple().exponent))
    return money(amount, language, min(decimals, 5))


def hours(minutes: int, language: str) -> str:
    return money(Decimal(minutes) / 60, language)
