"""What the schedules call; each function may run twice without harm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from accounts.models import User
from billing.hours import approval_reminders as reminders
from billing.invoices import drafting, runs
from core.clock import now
from core.tasks import schedule


def remind_of_hours() -> int:
    """Remind of hours that wait for approval; runs every hour, writes by day."""
    return reminders.remind(now())


def continue_runs() -> int:
    """Go on with invoice runs that are not finished; each invoice is issued and sent once."""
    return runs.continue_all(now())


def make_drafts(customer_ids: Sequence[int], until: str, user_id: int) -> int:
    """Drafts of customers up to a day (ISO); what is left goes to another task. How many it made.

    Who cannot be invoiced stays on the page of what is ready, with the reason.
    """
    by, day = User.objects.get(pk=user_id), date.fromisoformat(until)
    made = drafting.make(customer_ids, until=day, by=by, now=now(), budget_s=drafting.TASK_S)
    if made.left:
        drafting.ring(made.left, until=day, by=by)
    return made.drafts


schedule("continue invoice runs", "billing.tasks.continue_runs", minutes=1)
schedule("remind of hours", "billing.tasks.remind_of_hours", minutes=60)
