"""Hours in which nobody gets a message, and how long an offer may be answered. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from workers.intervals import local_date, local_instant

HELSINKI = ZoneInfo("Europe/Helsinki")
QUIET_FROM = time(21)
QUIET_TO = time(7)
ANSWER_WITHIN = timedelta(hours=24)
BEFORE_START = timedelta(hours=2)
LEAST_TIME = timedelta(minutes=30)


def due_at(now: datetime) -> datetime:
    """When a message of this moment may leave: now, or seven in the morning (local)."""
    wall = now.astimezone(HELSINKI).time()
    today = local_date(now, HELSINKI)
    if wall >= QUIET_FROM:
        return local_instant(today + timedelta(days=1), QUIET_TO, HELSINKI)
    if wall < QUIET_TO:
        return local_instant(today, QUIET_TO, HELSINKI)
    return now


def answer_deadline(starts_at: datetime, now: datetime) -> datetime:
    """Until when an offer waits: two hours before the start, at most 24 hours from now.

    Nobody has to answer before the message could reach them: there is always half an hour from then
    on, even when the gig starts soon.
    """
    wanted = min(starts_at - BEFORE_START, now + ANSWER_WITHIN)
    return max(wanted, due_at(now) + LEAST_TIME)
