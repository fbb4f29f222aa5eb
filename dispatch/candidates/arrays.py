"""From rows to the arrays of `planning.ranking`: what is kept in memory, what is read fresh.

Facts that rarely change (people, contracts, skills, usual weeks) stay in each process until the
mark in the database changes (`workers.models.guards`); gigs, days away and changed dates are
read for every order. Whatever the number of workers, `ranked` takes at most `QUERIES`
queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Func, IntegerField, Max, Q, Sum

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
from dispatch.eligibility import history, travel
from dispatch.eligibility.facts import LONGEST_TRIP, NEIGHBOURS, Known
from dispatch.eligibility.worker_time import Part, Row, read
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING, AssignmentStatus
from dispatch.rules.rank import (
    NO_LIMIT,
    Around,
    Busy,
    Change,
    Contracts,
    Flags,
    Ints,
    Job,
    KindRules,
    Ranking,
    Spans,
    Staff,
    bits,
    only,
    rank,
    would_fit,
)
from dispatch.rules.rank_hours import Law
from orders.models import Customer, TaskType, WorkOrder
from workers.models import (
    Absence,
    AvailabilityException,
    Engagement,
    Restriction,
    Skill,
    Strain,
    TravelMode,
    WeeklyAvailability,
    Worker,
    WorkerStamp,
)
from workers.rules.engagement import FACTS, UNPAID_KINDS, EngagementKind, numbers_of
from workers.rules.worktime_limits import LegalLimits
from workers.worktime import selectors

QUERIES = 3
MODES = tuple(TravelMode.values)
KINDS = tuple(EngagementKind)
STRAINS = tuple(Strain.values)
SUNDAY = 6
EVER = date.max.toordinal()
# Longer lists of people are asked without naming each of them.
NAMED = 400


class EpochMinutes(Func):
    """Whole minutes since 1970 of an instant, worked out by the database: rows stay numbers."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite keeps instants as text in UTC."""
        template = "(strftime('%%%%s', %(expressions)s) / 60)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """PostgreSQL answers with a decimal."""
        template = "floor(extract(epoch from %(expressions)s) / 60)::bigint"
        return self.as_sql(compiler, connection, template=template, **context)


def minute_of(at: datetime) -> int:
    """Whole minutes since 1970."""
    return int(at.timestamp() // 60)


# --------------------------------------------------------------------------- kept in memory


@dataclass(frozen=True)
class Usual:
    """Usual weeks: a row for each stretch of hours, touching ones joined.

    `worker` is an index, `starts` and `ends` are indices into `clocks`.
    """

    worker: Ints
    weekday: Ints
    starts: Ints
    ends: Ints


@dataclass(frozen=True)
class Kept:
    """What a process remembers of everybody at work; W workers in the order of their ids.

    `gigs` and `last_gig` (minutes) tell how many finished gigs were known when it was read.
    """

    stamp: tuple[int, int]
    ids: Ints
    staff: Staff
    skills: tuple[int, ...]
    asked: Mapping[int, tuple[Skill, ...]]
    usual: Usual
    liked: Usual
    clocks: tuple[time, ...]
    gigs: Ints
    last_gig: Ints
    limits: LegalLimits

    def places(self, worker_ids: Ints) -> tuple[Ints, Flags]:
        """Index of each worker id, and whether it is known."""
        if not len(self.ids):
            return np.zeros(len(worker_ids), dtype=np.int64), np.zeros(len(worker_ids), dtype=bool)
        place = np.minimum(np.searchsorted(self.ids, worker_ids), len(self.ids) - 1)
        return place, self.ids[place] == worker_ids

    def rows_of(self, worker_ids: Iterable[int]) -> Ints:
        """Indices of those of the workers that are known."""
        place, there = self.places(_ints(worker_ids))
        return place[there]


_kept: dict[str, Kept] = {}


def stamp() -> tuple[int, int]:
    """The mark of everything that is kept: changes with every change. One query, one row."""
    found = WorkerStamp.objects.aggregate(total=Sum("mark"), rows=Count("pk"))
    return found["total"] or 0, found["rows"]


def kept() -> Kept:
    """The arrays in memory, read again when the mark has changed."""
    # The mark is read first: a change in between only makes the next reader read once more.
    now, name = stamp(), str(connection.settings_dict["NAME"])
    if name not in _kept or _kept[name].stamp != now:
        _kept[name] = _read(now)
    return _kept[name]


def forget() -> None:
    """Drop what this process remembers (tests, measuring a cold start)."""
    _kept.clear()


_STAFF = (
    "pk",
    "lat",
    "lon",
    "travel_mode",
    "birth_date",
    "max_trip_min",
    "wish_week_min",
    "coach_id",
    "coached_gigs",
    "last_name",
)


def _read(mark: tuple[int, int]) -> Kept:
    rows = list(Worker.objects.filter(active=True).order_by("pk").values_list(*_STAFF))
    ids = _ints(r[0] for r in rows)
    place = {pk: n for n, pk in enumerate(ids.tolist())}
    ties = np.empty(len(rows), dtype=np.int64)
    ties[sorted(range(len(rows)), key=lambda n: (rows[n][9], rows[n][0]))] = np.arange(len(rows))
    skills, words = _skills(place)
    staff = Staff(
        lat=np.array([r[1] for r in rows], dtype=np.float64),
        lon=np.array([r[2] for r in rows], dtype=np.float64),
        mode=_ints(MODES.index(r[3]) for r in rows),
        birth=_ints(_number(r[4]) for r in rows),
        max_trip_min=_ints(r[5] for r in rows),
        wish_min=_ints(r[6] for r in rows),
        skills=words,
        strains=_strains(place),
        has_coach=np.array([r[7] is not None for r in rows], dtype=bool),
        coached_gigs=_ints(r[8] for r in rows),
        tie=ties,
        contracts=_contracts(place),
    )
    usual, liked, clocks = _usual(place)
    gigs, last_gig = _finished_ever(place)
    asked: defaultdict[int, tuple[Skill, ...]] = defaultdict(tuple)
    rows_asked: Any = Skill.objects.annotate(task=F("task_types__id")).filter(task__isnull=False)
    for skill in rows_asked.order_by("name_fi"):
        asked[skill.task] += (skill,)
    return Kept(
        stamp=mark,
        ids=ids,
        staff=staff,
        skills=skills,
        asked=dict(asked),
        usual=usual,
        liked=liked,
        clocks=clocks,
        gigs=gigs,
        last_gig=last_gig,
        limits=selectors.legal_limits(),
    )


def _ints(values: Iterable[Any]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _number(on: date) -> int:
    return on.year * 10_000 + on.month * 100 + on.day


def _skills(place: Mapping[int, int]) -> tuple[tuple[int, ...], Any]:
    """Ids of the skills by bit, and the words of each worker."""
    through = Worker.skills.through
    pairs = list(through.objects.values_list("worker_id", "skill_id"))
    asked = TaskType.skills.through.objects.values_list("skill_id", flat=True)
    known = tuple(sorted({s for _, s in pairs} | set(asked)))
    bit = {skill: n for n, skill in enumerate(known)}
    words = np.zeros((len(place), len(known) // 64 + 1), dtype=np.uint64)
    for worker, skill in pairs:
        if worker in place:
            word, n = divmod(bit[skill], 64)
            words[place[worker], word] |= np.uint64(1 << n)
    return known, words


def _strains(place: Mapping[int, int]) -> Ints:
    found = np.zeros(len(place), dtype=np.int64)
    for worker, strain in Restriction.objects.values_list("worker_id", "strain"):
        if worker in place:
            found[place[worker]] |= 1 << STRAINS.index(strain)
    return found


def _contracts(place: Mapping[int, int]) -> Contracts:
    names = ("worker_id", "kind", "starts_on", "ends_on", "daily_max_min", "weekly_max_min")
    stored = Engagement.objects.order_by("worker_id", "starts_on").values_list(
        *names, "days_per_week_max", "excludes_business"
    )
    rows = [r for r in stored if r[0] in place]
    most = [_ints(NO_LIMIT if r[n] is None else r[n] for r in rows) for n in (4, 5, 6)]
    return Contracts(
        worker=_ints(place[r[0]] for r in rows),
        kind=_ints(KINDS.index(EngagementKind(r[1])) for r in rows),
        from_day=_ints(r[2].toordinal() for r in rows),
        to_day=_ints(r[3].toordinal() if r[3] else EVER for r in rows),
        day_min=most[0],
        week_min=most[1],
        week_days=most[2],
        no_business=np.array([r[7] for r in rows], dtype=bool),
    )


def _usual(place: Mapping[int, int]) -> tuple[Usual, Usual, tuple[time, ...]]:
    """All usual hours and the liked ones, joined where they touch, and the clock times."""
    stored = WeeklyAvailability.objects.order_by("worker_id", "weekday", "starts").values_list(
        "worker_id", "weekday", "starts", "ends", "preferred"
    )
    rows = [r for r in stored if r[0] in place]
    clocks = sorted({r[2] for r in rows} | {r[3] for r in rows})
    at = {clock: n for n, clock in enumerate(clocks)}
    every = [(place[r[0]], r[1], at[r[2]], at[r[3]]) for r in rows]
    liked = [row for row, r in zip(every, rows, strict=True) if r[4]]
    return _joined(every), _joined(liked), tuple(clocks)


def _joined(rows: Iterable[tuple[int, int, int, int]]) -> Usual:
    found: list[list[int]] = []
    for worker, weekday, starts, ends in rows:
        last = found[-1] if found else None
        if last and last[:2] == [worker, weekday] and starts <= last[3]:
            last[3] = max(last[3], ends)
        else:
            found.append([worker, weekday, starts, ends])
    columns = np.array(found, dtype=np.int64).reshape(-1, 4).T
    return Usual(*columns)


def _finished_ever(place: Mapping[int, int]) -> tuple[Ints, Ints]:
    rows = Assignment.objects.filter(status=AssignmentStatus.COMPLETED).order_by()
    gigs, last = np.zeros((2, len(place)), dtype=np.int64)
    counted = rows.values("worker").annotate(n=Count("pk"), last=EpochMinutes(Max("starts_at")))
    for worker, number, latest in counted.values_list("worker", "n", "last"):
        if worker in place:
            gigs[place[worker]], last[place[worker]] = number, latest
    return gigs, last


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

    kept: Kept
    around: Around
    job: Job
    ranking: Ranking

    @property
    def ids(self) -> Ints:
        """Worker ids by row."""
        return self.kept.ids

    def known_of(self, order: WorkOrder) -> Known:
        """What the full rules need not read again."""
        return Known(self.kept.limits, self.kept.asked.get(order.task_type_id, ()))

    def changes(self, rows: Ints) -> list[Change | None]:
        """For each of these rows the smallest change that makes the worker possible."""
        staff, around = only(self.kept.staff, self.around, rows)
        return would_fit(staff, around, self.job, rank(staff, around, self.job))

    def skill(self, change: Change) -> Skill:
        """The skill that a change names."""
        wanted = self.kept.skills[change.amount]
        return next(s for found in self.kept.asked.values() for s in found if s.pk == wanted)


def ranked(order: WorkOrder) -> Everybody:
    """Everybody at work, ranked for the order; rows in `ranking.asks` wait for the full rules."""
    known = kept()
    frame = Frame.of(order, known.limits)
    job = _job(frame, known)
    around = _around(frame, known)
    return Everybody(known, around, job, rank(known.staff, around, job))


def _around(frame: Frame, known: Kept) -> Around:
    workers = len(known.ids)
    settled = _settled(frame, known)
    rows = _rows(frame, known, known.ids[~settled].tolist())
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


def _settled(frame: Frame, known: Kept) -> Flags:
    """Who had finished enough gigs when the arrays were read: a new count would change nothing."""
    enough = np.maximum(known.staff.coached_gigs, 1)
    return (known.gigs >= enough) & (known.last_gig < minute_of(frame.interval.start))


def _rows(frame: Frame, known: Kept, uncounted: list[int]) -> dict[str, list[Row]]:
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


def _numbers(known: Kept, rows: Iterable[Row]) -> Ints:
    """The number of each worker's row, 0 without one."""
    found = np.zeros(len(known.ids), dtype=np.int64)
    told = {row.worker_id: row.number or 0 for row in rows}
    place, there = known.places(_ints(told))
    found[place[there]] = _ints(told.values())[there]
    return found


def _busy(frame: Frame, known: Kept) -> Busy:
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


def _windows(frame: Frame, known: Kept, rows: Iterable[Row]) -> tuple[Spans, Spans]:
    """Hours given on the order's dates: the usual ones and, where a date differs, its own."""
    days = local_dates(frame.interval, frame.tz)
    windows = _laid(known.usual, known, days, frame.tz)
    liked = _laid(known.liked, known, days, frame.tz)
    changes: defaultdict[int, list[DateException]] = defaultdict(list)
    for row in rows:
        change = DateException(row.on, bool(row.yes), row.from_time, row.to_time)
        changes[row.worker_id].append(change)
    place, there = known.places(_ints(changes))
    changed = {n: c for n, c, ok in zip(place.tolist(), changes.values(), there, strict=True) if ok}
    return _changed(frame, known, windows, changed), liked


def _outing(frame: Frame) -> list[date]:
    """Dates that the order and the ways around it can touch."""
    start, end = frame.interval.start - LONGEST_TRIP, frame.interval.end + LONGEST_TRIP
    return local_dates(Interval(start, end), frame.tz)


def _laid(usual: Usual, known: Kept, days: Iterable[date], tz: ZoneInfo) -> Spans:
    parts = []
    for day in days:
        at = _ints(minute_of(local_instant(day, clock, tz)) for clock in known.clocks)
        rows = np.flatnonzero(usual.weekday == day.weekday())
        parts.append((usual.worker[rows], at[usual.starts[rows]], at[usual.ends[rows]]))
    return Spans(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _changed(
    frame: Frame, known: Kept, windows: Spans, changed: Mapping[int, list[DateException]]
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


def _job(frame: Frame, known: Kept) -> Job:
    order, on = frame.order, frame.on
    task = order.task_type
    words = np.zeros(len(known.skills) // 64 + 1, dtype=np.uint64)
    for skill in known.asked.get(task.pk, ()):
        word, n = divmod(known.skills.index(skill.pk), 64)
        words[word] |= np.uint64(1 << n)
    modes = [travel.mode_on(mode, on) for mode in MODES]
    return Job(
        order=order.pk,
        start=minute_of(order.starts_at),
        end=minute_of(order.ends_at),
        lat=order.site.lat,
        lon=order.site.lon,
        on_number=_number(on),
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
        midnights=_ints(minute_of(at) for at in midnights),
        first_day=first.toordinal(),
    )
