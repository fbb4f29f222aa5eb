"""From rows to the arrays of `dispatch.rules.rank`: what is read for every order.

The people themselves come from the `StaffSnapshot`; assignments, days away and changed dates are
read anew. Whatever the number of workers, `ranked` takes at most `QUERIES` queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db.models import Count, F, Q

from core.holidays import holidays_between
from core.intervals import (
    DateException,
    Interval,
    WeeklyWindow,
    local_dates,
    local_day_bounds,
    local_instant,
    local_week_bounds,
    weekly_windows,
)
from core.violations import Severity
from core.zone import local_date
from dispatch.candidates.staff_snapshot import (
    KINDS,
    MODES,
    STRAINS,
    EpochMinutes,
    StaffSnapshot,
    Usual,
    current_snapshot,
    date_number,
    ints,
    minute_of,
)
from dispatch.eligibility import history, travel
from dispatch.eligibility.facts import LONGEST_TRIP, NEIGHBOURS, Known
from dispatch.eligibility.worker_time import Part, Row, read
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING, AssignmentStatus
from dispatch.rules.codes import bits
from dispatch.rules.rank import Ranking, rank
from dispatch.rules.rank_arrays import (
    Around,
    Busy,
    Flags,
    Ints,
    Job,
    KindRules,
    Law,
    Spans,
    only,
)
from dispatch.rules.rank_changes import Change, would_fit
from orders.models import Customer, WorkOrder
from workers.models import (
    Absence,
    AvailabilityException,
    Skill,
)
from workers.rules.engagement import FACTS, UNPAID_KINDS, EngagementKind, numbers_of
from workers.rules.worktime_limits import LegalLimits

QUERIES = 3
SUNDAY = 6
# Longer lists of people are asked without naming each of them.
NAMED = 400


# --------------------------------------------------------------------------- read fresh


@dataclass(frozen=True)
class Frame:
    """One order with the law of its date and the time around it that matters."""

    order: WorkOrder
    interval: Interval
    on: date
    tz: ZoneInfo
    limits: LegalLimits
    first: datetime
    last: datetime

    @classmethod
    def of(cls, order: WorkOrder, limits: LegalLimits) -> Frame:
        """The same weeks as the full rules look at."""
        tz = ZoneInfo(order.site.time_zone)
        interval = Interval(order.starts_at, order.ends_at)
        on = local_date(interval.start, tz)
        week = local_week_bounds(on, tz)
        first = min(week.start, interval.start) - NEIGHBOURS
        last = max(week.end, interval.end) + NEIGHBOURS
        return cls(order, interval, on, tz, limits, first, last)


@dataclass(frozen=True)
class Everybody:
    """All workers for one order: `ids` and the ranking have the same order of rows."""

    snapshot: StaffSnapshot
    around: Around
    job: Job
    ranking: Ranking

    @property
    def ids(self) -> Ints:
        """Worker ids by row."""
        return self.snapshot.ids

    def known_of(self, order: WorkOrder) -> Known:
        """What the full rules need not read again."""
        return Known(self.snapshot.limits, self.snapshot.task_skills.get(order.task_type_id, ()))

    def changes(self, rows: Ints) -> list[Change | None]:
        """For each of these rows the smallest change that makes the worker possible."""
        staff, around = only(self.snapshot.staff, self.around, rows)
        return would_fit(staff, around, self.job, rank(staff, around, self.job))

    def skill(self, change: Change) -> Skill:
        """The skill that a change names."""
        wanted = self.snapshot.skills[change.amount]
        return next(
            s for found in self.snapshot.task_skills.values() for s in found if s.pk == wanted
        )


def ranked(order: WorkOrder) -> Everybody:
    """Everybody at work, ranked for the order.

    Rows in `ranking.needs_full_rules` still wait for the answer of the full rules.
    """
    known = current_snapshot()
    frame = Frame.of(order, known.limits)
    job = _job(frame, known)
    around = _around(frame, known)
    return Everybody(known, around, job, rank(known.staff, around, job))


def _around(frame: Frame, known: StaffSnapshot) -> Around:
    workers = len(known.ids)
    settled = _settled(frame, known)
    rows = _rows(frame, known.ids[~settled].tolist())
    at_site, absent = np.zeros((2, workers), dtype=bool)
    at_site[known.rows_of(r.worker_id for r in rows["site"])] = True
    absent[known.rows_of(r.worker_id for r in rows["away"])] = True
    windows, liked = _windows(frame, known, rows["changed"])
    return Around(
        windows=windows,
        liked=liked,
        absent=absent,
        done=np.where(settled, known.gigs, _numbers(known, rows["done"])),
        at_site=at_site,
        earlier_min=_numbers(known, rows["earlier"]),
        busy=_busy(frame, known),
    )


def _settled(frame: Frame, known: StaffSnapshot) -> Flags:
    """Who had finished enough gigs when the arrays were read: a new count would change nothing."""
    enough = np.maximum(known.staff.coached_gigs, 1)
    return (known.gigs >= enough) & (known.last_gig < minute_of(frame.interval.start))


def _rows(frame: Frame, uncounted: list[int]) -> dict[str, list[Row]]:
    """What is few around the order, of all kinds, by kind: one query.

    Past work at the site, days away, changed dates, finished gigs of the `uncounted` and the work
    of earlier months where it could matter.
    """
    start, end = frame.interval.start, frame.interval.end
    outing = _outing(frame)
    span = (min(frame.on - timedelta(days=1), outing[0]), outing[-1])
    completed = Assignment.objects.filter(
        status=AssignmentStatus.COMPLETED, starts_at__lt=start
    ).order_by()
    here = completed.filter(order__site=frame.order.site_id)
    return read(
        [
            Part(here, "site", {}),
            Part(Absence.objects.filter(starts_at__lt=end, ends_at__gt=start), "away", {}),
            Part(
                AvailabilityException.objects.filter(on__range=span),
                "changed",
                {"on": "on", "yes": "available", "from_time": "starts", "to_time": "ends"},
            ),
            Part(_finished(start, uncounted), "done", {"number": "n"}),
            Part(_earlier(frame), "earlier", {"number": "total"}),
        ]
    )


def _finished(before: datetime, worker_ids: list[int]) -> Any:
    """Finished gigs of these workers, or of everybody when they are many."""
    rows: Any = Assignment.objects.filter(starts_at__lt=before).order_by()
    done = Q(status=AssignmentStatus.COMPLETED)
    if len(worker_ids) > NAMED:
        return rows.filter(done).values("worker_id").annotate(n=Count("pk"))
    # The status is a condition of the count: so the database goes by the index of the worker.
    rows = rows.filter(worker_id__in=worker_ids).values("worker_id")
    return rows.annotate(n=Count("pk", filter=done))


def _earlier(frame: Frame) -> Any:
    """Minutes of the average's months before the weeks that are read, by worker."""
    loaded = Interval(frame.first, frame.last)
    last_on = local_dates(frame.interval, frame.tz)[-1]
    return history.earlier_rows(last_on, loaded, frame.limits, frame.tz)


def _numbers(known: StaffSnapshot, rows: Iterable[Row]) -> Ints:
    """The number of each worker's row, 0 without one."""
    found = np.zeros(len(known.ids), dtype=np.int64)
    numbers = {row.worker_id: row.number or 0 for row in rows}
    place, there = known.places(ints(numbers))
    found[place[there]] = ints(numbers.values())[there]
    return found


def _busy(frame: Frame, known: StaffSnapshot) -> Busy:
    """Gigs of everybody that touch the weeks around the order."""
    rows = Assignment.objects.filter(
        status__in=HOLDING, starts_at__lt=frame.last, ends_at__gt=frame.first
    )
    found = rows.order_by().values_list(
        "worker_id",
        EpochMinutes("starts_at"),
        EpochMinutes("ends_at"),
        "order_id",
        F("order__site__lat"),
        F("order__site__lon"),
    )
    table = np.array(list(found), dtype=np.float64).reshape(-1, 6)
    place, there = known.places(table[:, 0].astype(np.int64))
    order = np.flatnonzero(there)
    order = order[np.lexsort((table[order, 1], place[order]))]
    ptr = np.searchsorted(place[order], np.arange(len(known.ids) + 1))
    return Busy(
        ptr=ptr,
        start=table[order, 1].astype(np.int64),
        end=table[order, 2].astype(np.int64),
        lat=table[order, 4],
        lon=table[order, 5],
        order=table[order, 3].astype(np.int64),
    )


def _windows(frame: Frame, known: StaffSnapshot, rows: Iterable[Row]) -> tuple[Spans, Spans]:
    """Hours given on the order's dates: the usual ones and, where a date differs, its own."""
    days = local_dates(frame.interval, frame.tz)
    windows = _laid(known.usual, known, days, frame.tz)
    liked = _laid(known.liked, known, days, frame.tz)
    changes: defaultdict[int, list[DateException]] = defaultdict(list)
    for row in rows:
        change = DateException(row.on, bool(row.yes), row.from_time, row.to_time)
        changes[row.worker_id].append(change)
    place, there = known.places(ints(changes))
    changed = {n: c for n, c, ok in zip(place.tolist(), changes.values(), there, strict=True) if ok}
    return _changed(frame, known, windows, changed), liked


def _outing(frame: Frame) -> list[date]:
    """Dates that the order and the trips around it can touch."""
    start, end = frame.interval.start - LONGEST_TRIP, frame.interval.end + LONGEST_TRIP
    return local_dates(Interval(start, end), frame.tz)


def _laid(usual: Usual, known: StaffSnapshot, days: Iterable[date], tz: ZoneInfo) -> Spans:
    parts = []
    for day in days:
        at = ints(minute_of(local_instant(day, clock, tz)) for clock in known.clocks)
        rows = np.flatnonzero(usual.weekday == day.weekday())
        parts.append((usual.worker[rows], at[usual.starts[rows]], at[usual.ends[rows]]))
    return Spans(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _changed(
    frame: Frame, known: StaffSnapshot, windows: Spans, changed: Mapping[int, list[DateException]]
) -> Spans:
    if not changed:
        return windows
    kept_rows = ~np.isin(windows.worker, list(changed))
    days = _outing(frame)
    found: list[tuple[int, int, int]] = []
    for worker, exceptions in changed.items():
        low, high = np.searchsorted(known.usual.worker, [worker, worker + 1]).tolist()
        weekly = [
            WeeklyWindow(weekday, known.clocks[starts], known.clocks[ends])
            for weekday, starts, ends in zip(
                known.usual.weekday[low:high].tolist(),
                known.usual.starts[low:high].tolist(),
                known.usual.ends[low:high].tolist(),
                strict=True,
            )
        ]
        spans = weekly_windows(weekly, exceptions, days[0], days[-1], frame.tz)
        found += [(worker, minute_of(s.start), minute_of(s.end)) for s in spans]
    more = np.array(found, dtype=np.int64).reshape(-1, 3)
    return Spans(
        np.concatenate((windows.worker[kept_rows], more[:, 0])),
        np.concatenate((windows.start[kept_rows], more[:, 1])),
        np.concatenate((windows.end[kept_rows], more[:, 2])),
    )


# --------------------------------------------------------------------------- the order


def _job(frame: Frame, known: StaffSnapshot) -> Job:
    order, on = frame.order, frame.on
    task = order.task_type
    words = np.zeros(len(known.skills) // 64 + 1, dtype=np.uint64)
    for skill in known.task_skills.get(task.pk, ()):
        word, n = divmod(known.skills.index(skill.pk), 64)
        words[word] |= np.uint64(1 << n)
    modes = [travel.mode_on(mode, on) for mode in MODES]
    return Job(
        order=order.pk,
        start=minute_of(order.starts_at),
        end=minute_of(order.ends_at),
        lat=order.site.lat,
        lon=order.site.lon,
        on_number=date_number(on),
        skills=words,
        strains=sum(1 << STRAINS.index(s) for s in set(task.strains)),
        min_age=task.min_age or 0,
        coach_on_site=order.coach_on_site,
        special=_special(frame),
        at_company=order.customer.kind == Customer.Kind.PRIVATE,
        modes=np.array([(m.kmh, m.fixed_min, m.detour) for m in modes]),
        kinds=tuple(_kind_rules(kind, on, frame.limits) for kind in KINDS),
        law=_law(frame),
    )


def _special(frame: Frame) -> int:
    """Work on a Sunday or on a holiday is asked about, whoever does it."""
    days = local_dates(frame.interval, frame.tz)
    holidays = holidays_between(days[0], days[-1])[0]
    found = 0
    for day in days:
        if day in holidays:
            found |= bits(soft=("holiday_work",))
        elif day.weekday() == SUNDAY:
            found |= bits(soft=("sunday_work",))
    return found


def _kind_rules(kind: EngagementKind, on: date, limits: LegalLimits) -> KindRules:
    values: dict[str, Any] = {}
    names = {"day_min": "day_most", "week_min": "week_most", "week_days": "days_most"}
    for _code, measure, severity, at_least, value in numbers_of(kind, on, limits):
        values["day_least" if at_least else names[measure]] = value
        if measure != "week_days" and not at_least:
            values["most_is_soft"] = severity is Severity.SOFT
    if kind is EngagementKind.APPRENTICESHIP:
        values["min_age"] = limits.value("apprenticeship_min_age", on)
    return KindRules(
        **values,
        no_weekend=kind is EngagementKind.SCHOOL_PRACTICE,
        unpaid=kind in UNPAID_KINDS,
        disabled=kind not in settings.ENGAGEMENT_KINDS,
        not_at_company=kind is EngagementKind.REHABILITATIVE,
        not_billable=not FACTS[kind].billable_default,
    )


def _law(frame: Frame) -> Law:
    def value(code: str) -> int:
        return frame.limits.value(code, frame.on)

    first = local_date(frame.first, frame.tz) - timedelta(days=2)
    days = (frame.last - frame.first).days + 7
    midnights = [local_day_bounds(first + timedelta(days=n), frame.tz).start for n in range(days)]
    return Law(
        adult_age=value("adult_age"),
        day_regular=value("adult_daily_regular"),
        week_regular=value("adult_weekly_regular"),
        week_max=value("adult_weekly_max"),
        average_weeks=value("adult_average_weeks"),
        daily_rest=value("adult_daily_rest"),
        rest_floor=value("adult_daily_rest_floor"),
        weekly_rest=value("adult_weekly_rest"),
        pause=value("adult_break_without_agreement"),
        breaks=(
            (value("adult_break_over"), value("adult_break")),
            (value("adult_long_break_over"), value("adult_long_break")),
        ),
        young_breaks=((value("young_break_over"), value("young_break")),),
        midnights=ints(minute_of(at) for at in midnights),
        first_day=first.toordinal(),
    )
