"""Check-ins and check-outs: what the clock says against them, and when somebody came."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from core.intervals import local_instant
from core.violations import Severity, Violation
from core.zone import HELSINKI, local_date
from dispatch.models import Assignment, Punch
from dispatch.models.lifecycle import AssignmentAction

HARD = Severity.HARD
# A clock of a phone may run ahead a little; a tap in the morning may come well before the start.
CLOCK_SLACK = timedelta(minutes=5)
EARLY_CHECK_IN = timedelta(hours=2)
# How long after the planned minute a missing tap is worth a phone call.
LATE_AFTER = timedelta(minutes=10)
LEFT_OPEN_AFTER = timedelta(minutes=30)
# How long after its planned end a gig may have gone on past midnight.
OVERRUN = timedelta(hours=8)
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
    if action in (AssignmentAction.ACCEPT, AssignmentAction.OFFER) and row.ends_at <= now:
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


def noted_otherwise(
    row: Assignment, action: AssignmentAction, *, at: datetime | None, now: datetime
) -> list[Violation]:
    """A time that is told again and is another one than the time that was noted: nobody may think
    that theirs was kept. A second tap of the moment is the same tap.
    """
    if action not in KINDS or action is AssignmentAction.UNDO:
        return []
    noted = row.punches.filter(kind=KINDS[action]).order_by("-received_at", "-id").first()
    if noted is None or abs((at or now) - noted.at) <= CLOCK_SLACK:
        return []
    return [Violation("punch_noted", HARD, str(row.ref), {"at": noted.at.isoformat()})]


def told(wall: time, *, began: datetime, planned_end: datetime) -> datetime:
    """The moment that somebody names by its time of day: the first one after `began`.

    An early time is the next day's only where the gig ends so late that it may have gone on.
    """
    on = local_date(began)
    at = local_instant(on, wall, HELSINKI)
    next_day = local_instant(on + timedelta(days=1), wall, HELSINKI)
    return next_day if at <= began and next_day <= planned_end + OVERRUN else at


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
