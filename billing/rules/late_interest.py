"""Delay interest of the Finnish Interest Act (633/1982): simple, by half-years. Pure.

The reference rate is confirmed by the Bank of Finland for each half-year; a half-year without its
rate raises, because a guessed rate would be an unlawful demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.money import cents

YEAR_DAYS = 365


class RateMissing(Exception):  # noqa: N818 - reads as the sentence it is
    """No reference rate is known for the half-year that begins on `half`."""

    def __init__(self, half: date) -> None:
        super().__init__(half.isoformat())
        self.half = half


@dataclass(frozen=True)
class Span:
    """Interest days of one principal and rate; `first` and `last` are both counted."""

    first: date
    last: date
    principal: Decimal
    pct: Decimal

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def exact(self) -> Decimal:
        """Euros, not rounded: multiplied before dividing."""
        return self.principal * self.pct * self.days / (100 * YEAR_DAYS)


def half_year(on: date) -> date:
    """The first day of the half-year of a day."""
    return date(on.year, 1 if on.month < 7 else 7, 1)


def next_half(half: date) -> date:
    return date(half.year, 7, 1) if half.month == 1 else date(half.year + 1, 1, 1)


def spans(
    principal: Decimal,
    payments: Iterable[tuple[date, Decimal]],
    *,
    due_on: date,
    until: date,
    rates: Mapping[date, Decimal],
    margin_pct: Decimal,
) -> list[Span]:
    """Interest days after `due_on` up to `until`, cut at each half-year and each payment.

    `payments` are (day, euros, negative when taken back); what came on or before the due date
    lowers the principal from the beginning, and the day of a late payment still bears interest.
    `rates` are reference rates by the first day of their half-year.

    Raises:
        RateMissing: a half-year with interest days has no rate.
    """
    found: list[Span] = []
    came = sorted(payments)
    first = due_on + timedelta(days=1)
    while first <= until:
        owed = principal - sum((x for on, x in came if on < first), Decimal(0))
        last = min(until, next_half(half_year(first)) - timedelta(days=1))
        last = min([last, *(on for on, _x in came if first <= on < last)])
        if owed > 0:
            half = half_year(first)
            if half not in rates:
                raise RateMissing(half)
            found.append(Span(first, last, owed, rates[half] + margin_pct))
        first = last + timedelta(days=1)
    return found


def interest(of: Iterable[Span]) -> Decimal:
    """Euros of all spans, rounded once."""
    return cents(sum((span.exact for span in of), Decimal(0)))
