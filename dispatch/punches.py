"""Check-ins and check-outs: what the clock says against them, and when somebody came."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.lifecycle import AssignmentAction
from dispatch.models import Assignment, Punch
from workers.violations import Severity, Violation

HARD = Severity.HARD
# A clock of a phone may run ahead a little; a tap in the morning may come well before the start.
CLOCK_SLACK = timedelta(minutes=5)
EARLY_CHECK_IN = timedelta(hours=2)
KINDS = {
    AssignmentAction.CHECK_IN: Punch.Kind.IN,
    AssignmentAction.CHECK_OUT: Punch.Kind.OUT,
    AssignmentAction.UNDO: Punch.Kind.UNDO,
}


def time_rules(
    row: Assignment, action: AssignmentAction, *, at: datetime, now: datetime
) -> list[Violation]:
    """What the clock says against an action; codes only."""
    found: list[Violation] = []
    subject = str(row.ref)
    if action is AssignmentAction.ACCEPT and row.ends_at <= now:
        found.append(Violation("gig_in_past", HARD, subject))
    if action is AssignmentAction.MARK_NO_SHOW and now < row.starts_at:
        found.append(Violation("no_show_early", HARD, subject))
    if action not in KINDS or action is AssignmentAction.UNDO:
        return found
    if at > now + CLOCK_SLACK:
        found.append(Violation("punch_in_future", HARD, subject))
    if action is AssignmentAction.CHECK_IN:
        if at < row.starts_at - EARLY_CHECK_IN:
            found.append(Violation("check_in_early", HARD, subject))
        if at >= row.ends_at:
            found.append(Violation("check_in_late", HARD, subject))
    if action is AssignmentAction.CHECK_OUT:
        came = checked_in_at(row)
        if came is not None and at <= came:
            found.append(Violation("check_out_before_in", HARD, subject))
    return found


def checked_in_at(assignment: Assignment) -> datetime | None:
    """When the worker came: the last check-in that was not taken back."""
    open_in: list[datetime] = []
    closed: list[bool] = []
    for kind, at in assignment.punches.order_by("received_at", "id").values_list("kind", "at"):
        if kind == Punch.Kind.IN:
            open_in.append(at)
            closed.append(False)
        elif kind == Punch.Kind.OUT and closed:
            closed[-1] = True
        elif kind == Punch.Kind.UNDO and closed:
            if closed[-1]:
                closed[-1] = False
            else:
                open_in.pop()
                closed.pop()
    return open_in[-1] if open_in else None
