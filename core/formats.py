"""Dates, hours, money and numbers as people read them, in the active language.

Instants are shown in the current time zone (Europe/Helsinki); numbers and dates follow the
active language: fi and sv write "9.00" and "4,25", en writes "9:00" and "4.25".
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.translation import get_language
from phonenumber_field.phonenumber import to_python as phone_number

NBSP = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"
# Calling code of Finland.
HOME_CODE = 358
WEEKDAYS = {
    "fi": ("ma", "ti", "ke", "to", "pe", "la", "su"),
    "fi-easy": (
        "maanantai",
        "tiistai",
        "keskiviikko",
        "torstai",
        "perjantai",
        "lauantai",
        "sunnuntai",
    ),
    "sv": ("må", "ti", "on", "to", "fr", "lö", "sö"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS_EN = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


def _language() -> str:
    """The active language as one of fi, fi-easy, sv, en; anything else reads as Finnish."""
    code = (get_language() or "fi").lower()
    if code.startswith("fi"):
        return "fi-easy" if code.endswith("easy") else "fi"
    return code[:2] if code[:2] in ("sv", "en") else "fi"


def _decimal(value: Decimal | float | str) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _number(value: Decimal, places: int, *, trim: bool = False) -> str:
    """`value` half-up with `places` decimals in the active language; `trim` drops zeros."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,f}"
    whole, _, fraction = text.partition(".")
    if trim:
        fraction = fraction.rstrip("0")
    english = _language() == "en"
    whole = whole if english else whole.replace(",", NBSP)
    sign = MINUS if rounded < 0 else ""
    point = "." if english else ","
    return f"{sign}{whole}{point}{fraction}" if fraction else f"{sign}{whole}"


def _local_date(value: date) -> date:
    """The calendar day of a date as it is, of an instant as it falls in the local zone."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def _local_time(value: datetime | time) -> datetime | time:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def day(value: date | None) -> str:
    """Weekday and date without the year: "to 26.11.", en "Thu 26 Nov"; None gives ""."""
    if value is None or value == "":
        return ""
    local = _local_date(value)
    language = _language()
    weekday = WEEKDAYS[language][local.weekday()]
    if language == "en":
        return f"{weekday}{NBSP}{local.day}{NBSP}{MONTHS_EN[local.month - 1]}"
    return f"{weekday}{NBSP}{local.day}.{local.month}."


def daylong(value: date | None) -> str:
    """Weekday and date with the year: "to 26.11.2026", en "Thu 26 Nov 2026"; None gives ""."""
    if value is None or value == "":
        return ""
    local = _local_date(value)
    space = NBSP if _language() == "en" else ""
    return f"{day(value)}{space}{local.year}"


def clock(value: datetime | time | None) -> str:
    """Local wall-clock time, 24 h: "9.00", en "9:00"; None gives ""."""
    if value is None or value == "":
        return ""
    local = _local_time(value)
    mark = ":" if _language() == "en" else "."
    return f"{local.hour}{mark}{local.minute:02d}"


def clockrange(start: datetime | time | None, end: datetime | time | None) -> str:
    """Start and end on the clock: `{{ start|clockrange:end }}` gives "9.00–13.00"."""
    if not start or not end:
        return clock(start or end)
    return f"{clock(start)}{EN_DASH}{clock(end)}"


def hours(minutes: int | Decimal | None) -> str:
    """Minutes as hours with at most two decimals: 240 gives "4 h", 255 gives "4,25 h"."""
    if minutes is None or minutes == "":
        return ""
    return f"{_number(_decimal(minutes) / 60, 2, trim=True)}{NBSP}h"


def hoursof(minutes: int, limit: int) -> str:
    """Minutes used of a limit, with one unit: `{{ 240|hoursof:1200 }}` gives "4 / 20 h"."""
    return f"{_number(_decimal(minutes) / 60, 2, trim=True)}{NBSP}/{NBSP}{hours(limit)}"


def hoursnum(minutes: int | Decimal | None) -> str:
    """Minutes as hours with two decimals and no unit, for columns: 255 gives "4,25"."""
    if minutes is None or minutes == "":
        return ""
    return _number(_decimal(minutes) / 60, 2)


def eur(amount: Decimal | int | str | None) -> str:
    """Money with the euro sign after a no-break space: "1 310,00 €", en "1,310.00 €"."""
    if amount is None or amount == "":
        return ""
    return f"{_number(_decimal(amount), 2)}{NBSP}€"


def pct(value: Decimal | int | float | str | None) -> str:
    """A number that already is a percentage: 25.5 gives "25,5 %", en "25.5%"."""
    if value is None or value == "":
        return ""
    number = _number(_decimal(value), 2, trim=True)
    return f"{number}%" if _language() == "en" else f"{number}{NBSP}%"


def num(value: Decimal | int | float | str | None, places: int = 2) -> str:
    """A plain number with at most `places` decimals in the active language."""
    if value is None or value == "":
        return ""
    return _number(_decimal(value), int(places), trim=True)


def km(metres: int | Decimal | None) -> str:
    """Metres as kilometres with at most one decimal: 3120 gives "3,1 km"."""
    if metres is None or metres == "":
        return ""
    return f"{_number(_decimal(metres) / 1000, 1, trim=True)}{NBSP}km"


def minutes(value: int | str | None) -> str:
    """Minutes with their unit: 16 gives "16 min"."""
    return "" if value is None or value == "" else f"{_number(_decimal(value), 0)}{NBSP}min"


def phonetext(phone: object) -> str:
    """A phone number as people here read it: 040 123 4567; one from abroad with its country."""
    return _phone_text(str(phone)) if phone else ""


@lru_cache(maxsize=4096)
def _phone_text(text: str) -> str:
    # Lists show the same numbers again and again, and reading one takes longer than its row.
    found = phone_number(text)
    if not found or not found.is_valid():
        return text
    return str(found.as_national if found.country_code == HOME_CODE else found.as_international)


def telhref(phone: object) -> str:
    """A phone number as the target of a tel: link: digits and a leading plus only."""
    text = str(phone or "")
    digits = "".join(c for c in text if c.isdigit())
    return conditional_escape(f"+{digits}" if text.strip().startswith("+") else digits)
