"""News from dispatch that billing acts on: check-ins make hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.models import User
from billing import hours
from dispatch.lifecycle import AssignmentAction
from dispatch.models import Assignment
from dispatch.signals import assignment_changed


@receiver(assignment_changed, dispatch_uid="hours-of-check-ins")
def keep_hours(
    sender: Any,
    *,
    assignment: Assignment,
    action: AssignmentAction,
    by: User | None,
    now: datetime,
    at: datetime,
    **_: Any,
) -> None:
    """Open, submit or take back the hour entry of the assignment."""
    if action is AssignmentAction.CHECK_IN:
        hours.checked_in(assignment, by=by, now=now, at=at)
    elif action is AssignmentAction.CHECK_OUT:
        hours.checked_out(assignment, by=by, now=now, at=at)
    elif action is AssignmentAction.UNDO:
        hours.taken_back(assignment, by=by, now=now)
