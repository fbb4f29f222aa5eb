"""The time zone of the service. Pure, so that rules may know it without knowing a clock."""

from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")
