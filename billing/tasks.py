"""What the schedules call; each function may run twice without harm."""

from __future__ import annotations

from accounts.clock import now
from accounts.tasks import schedule
from billing import reminders, runs


def remind_of_hours() -> int:
    """Remind of hours that wait for approval; runs every hour, writes by day."""
    return reminders.remind(now())


def continue_runs() -> int:
    """Go on with invoice runs that are not finished; each invoice is issued and sent once."""
    return runs.continue_all(now())


schedule("continue invoice runs", "billing.tasks.continue_runs", minutes=1)
schedule("remind of hours", "billing.tasks.remind_of_hours", minutes=60)
