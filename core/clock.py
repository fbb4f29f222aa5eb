"""The only place that reads the clock; everything below views and commands takes `now`."""

from datetime import date, datetime

from django.utils import timezone

from core.zone import HELSINKI


def now() -> datetime:
    """The present instant, aware, UTC."""
    return timezone.now()


def local_date(instant: datetime) -> date:
    """The Helsinki calendar date of an instant."""
    return instant.astimezone(HELSINKI).date()
