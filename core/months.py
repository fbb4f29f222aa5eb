"""Calendar months: the first day stands for the month."""

from __future__ import annotations

from datetime import date, timedelta

from core.timing import typed_date


def month_of(text: str) -> date | None:
    """The first day of "2026-11"; None when it is not a month."""
    return typed_date(f"{text}-01") if len(text) == len("2026-11") else None


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


def previous_month(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)
