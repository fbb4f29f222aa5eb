"""Template tags and filters of the frame: icons, status chips, dates, hours and money for people.

The module is a template builtin (settings), so templates use it without ``{% load %}``.
Instants are shown in the current time zone (Europe/Helsinki); numbers and dates follow the
active language: fi and sv write "9.00" and "4,25", en writes "9:00" and "4.25".
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.db.models import Model
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from phonenumber_field.phonenumber import to_python as phone_number

register = template.Library()

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

# Status = shape + word: the tone picks the tint, the icon is the shape (docs: design tokens).
# Keys are the stored values of the lifecycles; a bare tone ("ok") is a key as well.
STATUS: dict[str, tuple[str, str]] = {
    "ok": ("ok", "circle-check"),
    "info": ("info", "info"),
    "warn": ("warn", "triangle-alert"),
    "error": ("error", "triangle-alert"),
    "neutral": ("neutral", "circle"),
    "plum": ("plum", "circle-dot"),
    # work orders
    "draft": ("neutral", "file-pen"),
    "placed": ("warn", "circle-dashed"),
    "filled": ("ok", "circle-check"),
    "in_progress": ("plum", "circle-dot"),
    "done": ("info", "circle-check-big"),
    "closed": ("neutral", "lock"),
    "cancelled": ("neutral", "x"),
    "unfilled": ("warn", "circle-dashed"),
    # assignments
    "planned": ("neutral", "file-pen"),
    "offered": ("info", "clock"),
    "accepted": ("ok", "circle-check"),
    "confirmed": ("ok", "circle-check"),
    "on_site": ("plum", "circle-dot"),
    "completed": ("ok", "check"),
    "declined": ("neutral", "x"),
    "expired": ("neutral", "hourglass"),
    "withdrawn": ("neutral", "undo-2"),
    "absent": ("warn", "user-x"),
    "no_show": ("error", "triangle-alert"),
    "problem": ("error", "triangle-alert"),
    # hour entries
    "open": ("info", "clock"),
    "submitted": ("info", "send"),
    "approved": ("ok", "badge-check"),
    "locked": ("neutral", "lock"),
    "disputed": ("warn", "message-square-warning"),
    # invoices
    "issued": ("info", "file-check"),
    "sent": ("info", "mail"),
    "paid": ("ok", "banknote"),
    "credited": ("neutral", "undo-2"),
    "overdue": ("error", "triangle-alert"),
}


# --------------------------------------------------------------------------- language


def _language() -> str:
    """The active language as one of fi, fi-easy, sv, en; anything else reads as Finnish."""
    code = (get_language() or "fi").lower()
    if code.startswith("fi"):
        return "fi-easy" if code.endswith("easy") else "fi"
    return code[:2] if code[:2] in ("sv", "en") else "fi"


def _decimal(value: Decimal | float | str) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _number(value: Decimal, places: int, *, trim: bool = False) -> str:
    """``value`` half-up with ``places`` decimals in the active language; ``trim`` drops zeros."""
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


# --------------------------------------------------------------------------- icons


@lru_cache(maxsize=512)
def _icon(name: str) -> SafeString:
    svg = lucide._load_icon(name)  # noqa: SLF001 - the package offers no public loader
    inner = "".join(lucide.ElementTree.tostring(node, encoding="unicode") for node in svg)
    inner = inner.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace("\n", "")
    return mark_safe(  # noqa: S308 - the drawing comes from the icon package, not from input
        '<svg class="i" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        f"{inner.strip()}</svg>"
    )


def drawing(name: str, size: int) -> SafeString:
    """An icon of so many pixels, for pages without our style sheet."""
    sized = _icon(name).replace("<svg ", f'<svg width="{size}" height="{size}" ', 1)
    return mark_safe(sized)  # noqa: S308 - see _icon


def icon_exists(name: str) -> bool:
    """Whether ``name`` is an icon of the set; for validating names kept in the database."""
    try:
        _icon(name)
    except lucide.IconDoesNotExist:
        return False
    return True


@register.simple_tag
def icon(name: str, instead: str = "") -> SafeString:
    """An inline, decorative SVG of the Lucide set: ``{% icon "truck" %}``.

    ``instead`` is drawn when a name that was kept in the database is none of the set.

    Raises:
        lucide.IconDoesNotExist: no icon has this name.
    """
    return _icon(instead if instead and not icon_exists(name) else str(name))


@register.simple_tag
def status_chip(kind: str, label: str, icon_name: str = "") -> SafeString:
    """A status as shape + word: ``{% status_chip order.status order.get_status_display %}``.

    ``kind`` is a tone (ok, info, warn, error, neutral, plum) or a lifecycle value (see STATUS);
    an unknown kind is drawn in the neutral tone, because the word still says what it is.
    """
    return _chip(str(kind), conditional_escape(label), icon_name)


@register.simple_tag
def status_of(row: Model) -> SafeString:
    """The chip of a row's own status, for lists: ``{% status_of order %}``."""
    kind: str = row.status  # type: ignore[attr-defined]
    return _chip(kind, conditional_escape(_status_words(type(row)).get(kind, kind)), "")


@lru_cache(maxsize=64)
def _status_words(model: type[Model]) -> dict[str, str]:
    """Lazy words of a model's statuses; get_status_display makes this dictionary for each row."""
    field: Any = model._meta.get_field("status")  # noqa: SLF001 - the documented way to a field
    return dict(field.flatchoices)


@lru_cache(maxsize=512)
def _chip(kind: str, label: SafeString, icon_name: str) -> SafeString:
    tone, shape = STATUS.get(kind, STATUS["neutral"])
    css = "st" if tone == "neutral" else f"st {tone}"
    html = '<span class="{}">{}<span>{}</span></span>'
    return format_html(html, css, _icon(icon_name or shape), label)


# --------------------------------------------------------------------------- forms


@register.simple_tag
def control(field: BoundField, css: str = "inp") -> SafeString:
    """The widget of a bound field with the class of our inputs added to its own classes.

    Django itself writes aria-invalid and aria-describedby (help and error ids).
    """
    own = field.field.widget.attrs.get("class", "")
    classes = " ".join(dict.fromkeys([*own.split(), *css.split()]))
    return field.as_widget(attrs={"class": classes} if classes else None)


@register.filter
def kind_of(field: BoundField) -> str:
    """Shape of a field for the field template: hidden, checkbox, chips, file or plain."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    kind = field.widget_type
    if kind in ("radioselect", "checkboxselectmultiple"):
        return "chips"
    if kind == "checkbox":
        return "checkbox"
    if getattr(widget, "input_type", "") == "file":
        return "file"
    return "fieldset" if field.use_fieldset else "plain"


@register.filter
def error_anchor(field: BoundField) -> str:
    """Id that a link of the error summary should lead to: the first control of the field."""
    if field.use_fieldset and len(field.subwidgets) > 0:
        return str(field.subwidgets[0].id_for_label or field.auto_id)
    return str(field.id_for_label or field.auto_id)


# --------------------------------------------------------------------------- dates and times


@register.filter
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


@register.filter
def daylong(value: date | None) -> str:
    """Weekday and date with the year: "to 26.11.2026", en "Thu 26 Nov 2026"; None gives ""."""
    if value is None or value == "":
        return ""
    local = _local_date(value)
    space = NBSP if _language() == "en" else ""
    return f"{day(value)}{space}{local.year}"


@register.filter
def clock(value: datetime | time | None) -> str:
    """Local wall-clock time, 24 h: "9.00", en "9:00"; None gives ""."""
    if value is None or value == "":
        return ""
    local = _local_time(value)
    mark = ":" if _language() == "en" else "."
    return f"{local.hour}{mark}{local.minute:02d}"


@register.filter
def clockrange(start: datetime | time | None, end: datetime | time | None) -> str:
    """Start and end on the clock: ``{{ start|clockrange:end }}`` gives "9.00–13.00"."""
    if not start or not end:
        return clock(start or end)
    return f"{clock(start)}{EN_DASH}{clock(end)}"


# --------------------------------------------------------------------------- quantities


@register.filter
def hours(minutes: int | Decimal | None) -> str:
    """Minutes as hours with at most two decimals: 240 gives "4 h", 255 gives "4,25 h"."""
    if minutes is None or minutes == "":
        return ""
    return f"{_number(_decimal(minutes) / 60, 2, trim=True)}{NBSP}h"


@register.filter
def hoursof(minutes: int, limit: int) -> str:
    """Minutes used of a limit, with one unit: ``{{ 240|hoursof:1200 }}`` gives "4 / 20 h"."""
    return f"{_number(_decimal(minutes) / 60, 2, trim=True)}{NBSP}/{NBSP}{hours(limit)}"


@register.filter
def hoursnum(minutes: int | Decimal | None) -> str:
    """Minutes as hours with two decimals and no unit, for columns: 255 gives "4,25"."""
    if minutes is None or minutes == "":
        return ""
    return _number(_decimal(minutes) / 60, 2)


@register.filter
def eur(amount: Decimal | int | str | None) -> str:
    """Money with the euro sign after a no-break space: "1 310,00 €", en "1,310.00 €"."""
    if amount is None or amount == "":
        return ""
    return f"{_number(_decimal(amount), 2)}{NBSP}€"


@register.filter
def pct(value: Decimal | int | float | str | None) -> str:
    """A number that already is a percentage: 25.5 gives "25,5 %", en "25.5%"."""
    if value is None or value == "":
        return ""
    number = _number(_decimal(value), 2, trim=True)
    return f"{number}%" if _language() == "en" else f"{number}{NBSP}%"


@register.filter
def num(value: Decimal | int | float | str | None, places: int = 2) -> str:
    """A plain number with at most ``places`` decimals in the active language."""
    if value is None or value == "":
        return ""
    return _number(_decimal(value), int(places), trim=True)


@register.filter
def km(metres: int | Decimal | None) -> str:
    """Metres as kilometres with at most one decimal: 3120 gives "3,1 km"."""
    if metres is None or metres == "":
        return ""
    return f"{_number(_decimal(metres) / 1000, 1, trim=True)}{NBSP}km"


@register.filter
def minutes(value: int | str | None) -> str:
    """Minutes with their unit: 16 gives "16 min"."""
    return "" if value is None or value == "" else f"{_number(_decimal(value), 0)}{NBSP}min"


@register.filter
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


@register.filter
def telhref(phone: object) -> str:
    """A phone number as the target of a tel: link: digits and a leading plus only."""
    text = str(phone or "")
    digits = "".join(c for c in text if c.isdigit())
    return conditional_escape(f"+{digits}" if text.strip().startswith("+") else digits)
