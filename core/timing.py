"""The ordered window: local wall time of the site in, instants out, and when it may be ordered."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.zone import HELSINKI

# So long a browser keeps what somebody chose.
YEAR_S = 60 * 60 * 24 * 365
# People, tariffs and orders of today; any other year is a slip of the keyboard.
YEARS = range(1900, 2101)


class NoSuchLocalTime(ValueError):  # noqa: N818 - reads as the sentence it is
    """The clocks jump over this wall time, e.g. 3.30 on the last Sunday of March."""


def window(
    works_on: date, starts: time, duration_min: int, zone: ZoneInfo = HELSINKI
) -> tuple[datetime, datetime]:
    """Start and end as UTC instants; the duration is elapsed minutes.

    A wall time that comes twice (last Sunday of October) means the first of the two.

    Raises:
        NoSuchLocalTime: the wall time does not exist on that date.
    """
    local = datetime.combine(works_on, starts.replace(fold=0), zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchLocalTime(f"{works_on} {starts}")
    return instant, instant + timedelta(minutes=duration_min)


def parse_clock(text: str) -> time | None:
    """A time as people type it: "9", "9.00", "9:00", "900", "0930", "klo 9.30"; None if not one."""
    cleaned = text.strip().lower().removeprefix("klo").removeprefix("kl.").removeprefix("kl")
    cleaned = cleaned.strip().replace(":", ".").replace(",", ".")
    hour, mark, minute = cleaned.partition(".")
    if not mark and len(hour) in (3, 4):
        hour, minute = hour[:-2], hour[-2:]
    if not (hour.isascii() and hour.isdigit() and len(hour) <= 2):
        return None
    if mark and not minute:
        return None
    if minute and not (minute.isascii() and minute.isdigit() and len(minute) == 2):
        return None
    if int(hour) > 23 or int(minute or 0) > 59:
        return None
    return time(int(hour), int(minute or 0))


def typed_date(text: str) -> date | None:
    """A date as addresses write it, 2026-12-01; None when it is none, or of a strange year."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def next_working_days(today: date, count: int, closed: frozenset[date]) -> list[date]:
    """The next `count` days after `today` that are neither weekend nor in `closed` (holidays)."""
    days: list[date] = []
    day = today
    while len(days) < count:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in closed:
            days.append(day)
    return days


def same_weekday_next_week(works_on: date, today: date) -> date:
    """The weekday of `works_on` in the week after `today`'s."""
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
    return monday + timedelta(days=works_on.weekday())
