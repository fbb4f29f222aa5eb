"""The time zone of the service. Pure, so that rules may know it without knowing a clock."""

from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")


def local_date(at: datetime, tz: tzinfo = HELSINKI) -> date:
    """The local calendar date of an instant, in Helsinki unless another zone is named."""
    return at.astimezone(tz).date()
