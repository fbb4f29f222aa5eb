"""Check-ins and check-outs: what the clock says against them, and when somebody came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from accounts.models import Role, User
from core.intervals import local_instant
from core.violations import Severity, Violation
from core.zone import HELSINKI, local_date
from dispatch.models import Assignment, Punch
from dispatch.models.lifecycle import AssignmentAction, AssignmentStatus

HARD = Severity.HARD
# A clock of a phone may run ahead a little; a tap in the morning may come well before the start.
CLOCK_SLACK = timedelta(minutes=5)
EARLY_CHECK_IN = timedelta(hours=2)
# How long after the planned minute a missing tap is worth a phone call.
LATE_AFTER = timedelta(minutes=10)
LEFT_OPEN_AFTER = timedelta(minutes=30)
# Anybody may take back a wrong tap for this long; later only the hours can be corrected.
UNDO_WITHIN = timedelta(minutes=60)
# How long after its planned end an assignment may have gone on past midnight.
OVERRUN = timedelta(hours=8)
KINDS = {
    AssignmentAction.CHECK_IN: Punch.Kind.IN,
    AssignmentAction.CHECK_OUT: Punch.Kind.OUT,
    AssignmentAction.UNDO: Punch.Kind.UNDO,
}


def time_rules(
    row: Assignment, action: AssignmentAction, *, at: datetime, now: datetime, by: User | None
) -> list[Violation]:
    """What the clock says against an action; codes only."""
    if action is AssignmentAction.UNDO:
        return _undo_rules(row, now=now, by=by)
    found: list[Violation] = []
    subject = str(row.ref)
    if action in (AssignmentAction.ACCEPT, AssignmentAction.OFFER) and row.ends_at <= now:
        found.append(Violation("gig_in_past", HARD, subject))
    if action is AssignmentAction.MARK_NO_SHOW and now < row.starts_at:
        found.append(Violation("no_show_early", HARD, subject))
    if action not in KINDS:
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


def _undo_rules(row: Assignment, *, now: datetime, by: User | None) -> list[Violation]:
    """A tap can be taken back for an hour, and a worker takes back only the last one."""
    taps = list(row.punches.order_by("received_at", "id"))
    last = taps[-1].kind if taps else None
    if last == Punch.Kind.UNDO and by is not None and by.role == Role.WORKER:
        return [Violation("undo_done", HARD, str(row.ref))]
    if _can_undo(taps, now):
        return []
    code = "undo_late" if by is None or by.role == Role.WORKER else "undo_late_office"
    minutes = int(UNDO_WITHIN.total_seconds()) // 60
    return [Violation(code, HARD, str(row.ref), {"minutes": minutes})]


def undoable(rows: Iterable[Assignment], now: datetime) -> set[int]:
    """Keys of those whose last tap can be taken back, in one query at most."""
    begun = (AssignmentStatus.ON_SITE, AssignmentStatus.COMPLETED)
    keys = [row.pk for row in rows if row.status in begun]
    taps: dict[int, list[Punch]] = {}
    if keys:
        for tap in Punch.objects.filter(assignment__in=keys).order_by("received_at", "id"):
            taps.setdefault(tap.assignment_id, []).append(tap)
    return {key for key, found in taps.items() if _can_undo(found, now)}


def _can_undo(taps: Iterable[Punch], now: datetime) -> bool:
    """Whether the last tap that nobody took back was received within the hour."""
    standing: list[Punch] = []
    for tap in taps:
        if tap.kind != Punch.Kind.UNDO:
            standing.append(tap)
        elif standing:
            standing.pop()
    return bool(standing) and standing[-1].received_at >= now - UNDO_WITHIN


def conflicting_punch(
    row: Assignment, action: AssignmentAction, *, at: datetime | None, now: datetime
) -> list[Violation]:
    """Refuse a repeated check-in or check-out that names another time than the recorded one.

    Nobody may think that the second time was kept. A second tap within minutes is the same tap.
    """
    if action not in KINDS or action is AssignmentAction.UNDO:
        return []
    noted = row.punches.filter(kind=KINDS[action]).order_by("-received_at", "-id").first()
    if noted is None or abs((at or now) - noted.at) <= CLOCK_SLACK:
        return []
    return [Violation("punch_noted", HARD, str(row.ref), {"at": noted.at.isoformat()})]


def instant_of_named_time(wall: time, *, began: datetime, planned_end: datetime) -> datetime:
    """The instant that somebody named by its time of day: the first one after `began`.

    An early time is the next day's only where the assignment may have gone on past midnight.
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
