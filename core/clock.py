"""The only place that reads the clock; everything below views and commands takes `now`."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """The present instant, aware, UTC."""
    return timezone.now()
