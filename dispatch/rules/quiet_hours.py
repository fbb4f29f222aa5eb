"""Hours in which nobody gets a message, and how long an offer may be answered. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from core.intervals import local_instant
from core.zone import HELSINKI, local_date

QUIET_FROM = time(21)
QUIET_TO = time(7)
ANSWER_WITHIN = timedelta(hours=24)
BEFORE_START = timedelta(hours=2)
LEAST_TIME = timedelta(minutes=30)


def due_at(now: datetime, starts_at: datetime | None = None) -> datetime:
    """When a message, or news of a gig, may leave: now, or seven in the morning (local).

    Nobody's phone rings at night, except for a gig so early that the morning would be too late.
    """
    wall = now.astimezone(HELSINKI).time()
    if QUIET_TO <= wall < QUIET_FROM:
        return now
    morning = local_date(now, HELSINKI) + timedelta(days=wall >= QUIET_FROM)
    opens = local_instant(morning, QUIET_TO, HELSINKI)
    too_late = starts_at is not None and opens > starts_at - BEFORE_START
    return now if too_late else opens


def answer_deadline(starts_at: datetime, now: datetime) -> datetime:
    """Until when an offer waits: two hours before the start, at most 24 hours from now.

    Nobody has to answer before the message could reach them: there is always half an hour from then
    on, even when the gig starts soon.
    """
    wanted = min(starts_at - BEFORE_START, now + ANSWER_WITHIN)
    return max(wanted, due_at(now, starts_at) + LEAST_TIME)
