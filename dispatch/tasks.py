"""What the queue and the schedules call; each function may run twice without harm."""

from __future__ import annotations

from core.clock import now
from core.tasks import schedule
from dispatch.assignments import deadlines

# Every process imports this file to register its schedules. What plans brings numpy along, so it is
# imported by the jobs that need it.


def expire_offers() -> int:
    """Close offers that nobody answered in time; runs every few minutes."""
    return deadlines.expire_offers(now())


def give_up_unfilled() -> int:
    """End orders that nobody was found for in time; runs every few minutes."""
    return deadlines.give_up_unfilled(now())


def make_plan(plan_id: int) -> bool:
    """Make one plan that somebody asked for."""
    from dispatch.plans import services as plan_services  # noqa: PLC0415 - see the note above

    return plan_services.make_plan(plan_id, clock=now)


def make_part(part_id: int) -> bool:
    """Solve one part of a plan that another job makes."""
    from dispatch.plans import parts as plan_parts  # noqa: PLC0415

    return plan_parts.make_part(part_id, clock=now)


def settle_plans() -> int:
    """Close plans whose job has gone silent and proposals whose days are over."""
    from dispatch.plans import services as plan_services  # noqa: PLC0415

    return plan_services.settle_lost(now())


schedule("expire offers", "dispatch.tasks.expire_offers", minutes=5)
schedule("give up unfilled orders", "dispatch.tasks.give_up_unfilled", minutes=5)
schedule("settle plans", "dispatch.tasks.settle_plans", minutes=1)
