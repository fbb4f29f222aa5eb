"""Words of prices and days for the order pages."""

from __future__ import annotations

from datetime import date

from django import template

from core.formats import day
from orders.models import TariffSupplement

register = template.Library()
NBSP = "\u00a0"


@register.filter
def supplement_name(code: str) -> str:
    """A price line's supplement in words: "evening"; "" for the work itself."""
    kind = code.removeprefix("supplement.")
    if kind not in TariffSupplement.Kind.values:
        return ""
    return str(TariffSupplement.Kind(kind).label).lower()


@register.filter
def weekday(value: date) -> str:
    """The short weekday alone: "to"."""
    return day(value).split(NBSP)[0]


@register.filter
def daymonth(value: date) -> str:
    """Day and month without the weekday: "26.11."."""
    return day(value).split(NBSP, 1)[1]
