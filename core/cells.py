"""One cell of text -> one value; a wrong cell raises BadCell with a code and a remedy's numbers."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from stdnum.fi import ytunnus

from core.money import cents
from core.timing import YEARS, parse_clock

SPAN = re.compile(r"\s*([\d.:]+)\s*[-–—]\s*([\d.:]+)\s*")
YES = frozenset({"1", "x", "k", "kyllä", "ja", "yes", "y", "true", "on"})
NO = frozenset({"", "0", "e", "ei", "nej", "no", "n", "false"})


class BadCell(Exception):  # noqa: N818 - reads as the sentence it is
    """A value that cannot be used; `code` names the remedy to show."""

    def __init__(self, code: str, **numbers: object) -> None:
        super().__init__(code)
        self.code = code
        self.numbers = numbers


def required(value: str) -> str:
    if not value:
        raise BadCell("required")
    return value


def number(value: str) -> Decimal:
    """Decimal with comma or point; thousands may be spaced."""
    plain = re.sub(r"[\s\u00a0€]", "", value).replace(",", ".")
    try:
        found = Decimal(plain)
    except InvalidOperation as error:
        raise BadCell("number") from error
    if not found.is_finite():
        raise BadCell("number")
    return found


def whole(value: str, *, least: int = 0, most: int = 10_000) -> int:
    found = number(value)
    if found != found.to_integral_value():
        raise BadCell("whole")
    if not least <= found <= most:
        raise BadCell("between", least=least, most=most)
    return int(found)


def within(value: str, *, least: int, most: int) -> Decimal:
    """A number that makes sense in its column, for example degrees of latitude."""
    found = number(value)
    if not least <= found <= most:
        raise BadCell("between", least=least, most=most)
    return found


def price(value: str) -> Decimal:
    """Euros in whole cents, from one cent up."""
    found = number(value)
    if found < Decimal("0.005"):
        raise BadCell("positive")
    if found >= 10_000:
        raise BadCell("between", least=1, most=9_999)
    return cents(found)


def day(value: str) -> date:
    """1.12.2026, 01.12.2026 or 2026-12-01."""
    for form in ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(value, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
        if found.year in YEARS:
            return found
    raise BadCell("day")


def clock(value: str) -> time:
    """9, 9.00, 9:00, 0900 or 900."""
    found = parse_clock(value)
    if found is None:
        raise BadCell("clock")
    return found


def spans(value: str) -> tuple[tuple[time, time], ...]:
    """Hours of a weekday: "8-16" or "8.00–12.00, 13–17"; empty means not available."""
    if not value or value.casefold() in NO or value in {"-", "–"}:
        return ()
    found = []
    for part in re.split(r"[,;/]", value):
        match = SPAN.fullmatch(part)
        if not match:
            raise BadCell("spans")
        start, end = clock(match.group(1)), clock(match.group(2))
        if end <= start:
            raise BadCell("span_order")
        found.append((start, end))
    return tuple(sorted(found))


def hours(value: str, *, least: int = 0, most: int = 168) -> int:
    """Hours with a decimal comma -> minutes."""
    minutes = within(value, least=least, most=most) * 60
    if minutes != minutes.to_integral_value():
        raise BadCell("hours")
    return int(minutes)


def business_id(value: str) -> str:
    if not ytunnus.is_valid(value):
        raise BadCell("business_id")
    return str(ytunnus.format(value))


def postal_code(value: str) -> str:
    # Excel drops the leading zero of 00100.
    plain = value.strip().zfill(5) if value.strip().isdigit() else value.strip()
    if not re.fullmatch(r"\d{5}", plain):
        raise BadCell("postal_code")
    return plain


def words(value: str, *, most: int = 80) -> tuple[str, ...]:
    found = tuple(w.strip() for w in re.split(r"[,;/]", value) if w.strip())
    if any(len(w) > most for w in found):
        raise BadCell("long", most=most)
    return found


def yes(value: str) -> bool:
    plain = value.casefold()
    if plain in YES:
        return True
    if plain in NO:
        return False
    raise BadCell("yes")
