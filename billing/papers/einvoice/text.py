"""Texts and figures as e-invoices want them: nothing illegal, nothing cut through a letter. Pure.

Lengths are counted in code points, as XML Schema does.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

# Outside of what XML 1.0 can carry at all, even as a reference.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_JOINER = "\u200d"
# A cut at a word is worth losing at most this share of the room.
_WORD_AT_LEAST = 0.6


class TooLong(ValueError):
    """An identifier that would have to be cut: the message names the field."""


def plain(text: str) -> str:
    """One line without characters that XML cannot carry, composed as Finnish letters are."""
    return " ".join(_ILLEGAL.sub(" ", unicodedata.normalize("NFC", text)).split())


def identifier(text: str, limit: int, field: str) -> str:
    """The identifier whole.

    Raises:
        TooLong: it is longer than `limit`; an identifier is never shortened.
    """
    found = plain(text)
    if len(found) > limit:
        raise TooLong(field)
    return found


def shorten(text: str, limit: int) -> str:
    """At most `limit` code points, cut at a space when there is a good one, never in a letter."""
    found = plain(text)
    if len(found) <= limit:
        return found
    at = found.rfind(" ", 0, limit + 1)
    if at < limit * _WORD_AT_LEAST:
        at = _border(found, limit)
    return found[:at].rstrip()


def pieces(text: str, limit: int, most: int = 99, least: int = 2) -> list[str]:
    """The text in parts of at most `limit` code points, for elements that may be repeated.

    Only what does not fit into `most` parts is lost; no part is shorter than `least` unless the
    text is.
    """
    rest = plain(text)
    found: list[str] = []
    while len(rest) > limit and len(found) < most - 1:
        room = limit if len(rest) - limit >= least else limit - least
        part = shorten(rest, room)
        found.append(part)
        rest = rest[len(part) :].lstrip()
    if rest:
        found.append(shorten(rest, limit))
    return found


def _border(text: str, limit: int) -> int:
    """The last place at or before `limit` that lies between two letters as people see them."""
    at = limit
    while at > 1 and _inside(text, at):
        at -= 1
    return at if at > 1 else limit


def _inside(text: str, at: int) -> bool:
    """Whether the place before `text[at]` is inside a letter, an emoji or a flag."""
    after, before = text[at], text[at - 1]
    if unicodedata.category(after) in {"Mn", "Me", "Mc"} or _JOINER in (after, before):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if not _flag(after):
        return False
    start = at
    while start and _flag(text[start - 1]):
        start -= 1
    return (at - start) % 2 == 1


def _flag(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def figure(value: Decimal, least: int = 0, most: int = 4) -> str:
    """Digits with a point, `least` to `most` decimals, no exponent and no minus zero."""
    exact = format(round(value, most) + 0, "f")
    whole, _, decimals = exact.partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    found = f"{whole}.{decimals}" if decimals else whole
    return found.lstrip("-") if not Decimal(found) else found


def money(value: Decimal) -> str:
    """Two decimals: 12.50."""
    return figure(value, 2, 2)


def price(value: Decimal) -> str:
    """Two to five decimals, as a unit price has them."""
    return figure(value, 2, 5)
