"""Order notice: how soon and how far ahead work can be ordered. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from core.timing import YEARS, NoSuchLocalTime, window
from core.violations import Severity, Violation
from core.zone import local_date
from orders.rules.order_size import MIN_MINUTES

HARD = Severity.HARD
AHEAD_DAYS = 366
"""Nobody orders further ahead than this: it is a mistyped year."""


def time_violations(
    works_on: date, starts: time, *, notice_min: int, now: datetime
) -> list[Violation]:
    """A start that is past, too soon, too far away, or that the clocks jump over.

    `notice_min` is how long before the start this person orders at the latest.
    """
    day = works_on.isoformat()
    if works_on.year < YEARS.start:
        return [Violation("order_in_past", HARD, day)]
    try:
        starts_at, _ = window(works_on, starts, MIN_MINUTES)
    except NoSuchLocalTime:
        return [Violation("order_no_such_time", HARD, day)]
    today = local_date(now)
    if works_on < today or starts_at < now:
        return [Violation("order_in_past", HARD, day)]
    if starts_at < now + timedelta(minutes=notice_min):
        return [Violation("order_too_soon", HARD, day, {"min": notice_min})]
    if works_on > today + timedelta(days=AHEAD_DAYS):
        return [Violation("order_too_far", HARD, day, {"days": AHEAD_DAYS})]
    return []
