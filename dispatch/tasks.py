"""What the queue and the schedules call; each function may run twice without harm."""

from __future__ import annotations

from accounts.clock import now
from dispatch import services


def expire_offers() -> int:
    """Close offers that nobody answered in time; runs every few minutes."""
    return services.expire_offers(now())
