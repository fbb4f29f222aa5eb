"""What the queue and the schedules call; each function may run twice without harm."""

from __future__ import annotations

from accounts.clock import now
from accounts.tasks import schedule
from dispatch import services


def expire_offers() -> int:
    """Close offers that nobody answered in time; runs every few minutes."""
    return services.expire_offers(now())


schedule("expire offers", "dispatch.tasks.expire_offers", minutes=5)
