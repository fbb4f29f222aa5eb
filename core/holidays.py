"""Public holidays of Finland, and the eves that wages and prices know."""

from __future__ import annotations

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=32)
def _calendar(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Public holidays of Finland and the eves of Midsummer and Christmas in a year."""
    import holidays  # noqa: PLC0415 - the calendars of every country

    named = holidays.country_holidays("FI", years=year, language="en_US")
    days = frozenset(day for day, name in named.items() if "Eve" not in name)
    midsummer_eve = next(date(year, 6, d) for d in range(19, 26) if date(year, 6, d).weekday() == 4)
    return days, frozenset({midsummer_eve, date(year, 12, 24)})


def holidays_between(first: date, last: date) -> tuple[frozenset[date], frozenset[date]]:
    """Public holidays and eves (Midsummer, Christmas) from `first` to `last`, both included."""
    days: set[date] = set()
    eves: set[date] = set()
    for year in range(first.year, last.year + 1):
        of_year = _calendar(year)
        days |= of_year[0]
        eves |= of_year[1]
    return (
        frozenset(d for d in days if first <= d <= last),
        frozenset(d for d in eves if first <= d <= last),
    )
