"""Named reads about workers that more than one app needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from workers.models import LegalLimit, SchoolPeriod
from workers.rules import worktime_limits
from workers.rules.worktime_facts import SchoolCalendar
from workers.rules.worktime_limits import LegalLimits, load_limits

LIMITS_FILE = Path(__file__).parents[1] / "data" / "legal_limits.csv"


@lru_cache(maxsize=1)
def shipped_limits() -> LegalLimits:
    """The legal numbers that come with the software."""
    return load_limits(LIMITS_FILE.read_text(encoding="utf-8"))


def legal_limits() -> LegalLimits:
    """Legal numbers in force: a code that has rows in the database is read from there alone.

    A later row of a code ends the one before it, so a new number needs no second edit. One query.
    """
    stored: dict[str, list[worktime_limits.LegalLimit]] = {}
    for row in LegalLimit.objects.order_by("code", "valid_from"):
        rows = stored.setdefault(row.code, [])
        if rows and (rows[-1].valid_to is None or rows[-1].valid_to >= row.valid_from):
            rows[-1] = replace(rows[-1], valid_to=row.valid_from - timedelta(days=1))
        rows.append(
            worktime_limits.LegalLimit(
                code=row.code,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                value=int(row.value),
                unit=row.unit,
                source=row.source,
                certainty="stored",
            )
        )
    shipped = shipped_limits()
    if not stored:
        return shipped
    return LegalLimits({**shipped.rows, **{code: tuple(rows) for code, rows in stored.items()}})


def school_calendar() -> SchoolCalendar:
    """Terms and holidays of the schools as the office has written them down. One query."""
    rows = list(SchoolPeriod.objects.values_list("kind", "first_on", "last_on"))
    return SchoolCalendar(
        terms=tuple((first, last) for kind, first, last in rows if kind == "term"),
        breaks=tuple((first, last) for kind, first, last in rows if kind == "holiday"),
    )
