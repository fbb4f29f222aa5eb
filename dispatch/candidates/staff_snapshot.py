"""What a process remembers of everybody at work, as arrays.

Facts that rarely change (people, contracts, skills, usual weeks) stay in each process until the
mark in the database changes (`workers.models.guards`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Count, F, Func, IntegerField, Max, Sum

from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus
from dispatch.rules.rank_arrays import NO_LIMIT, Contracts, Flags, Ints, Staff
from orders.models import TaskType
from workers.models import (
    Engagement,
    Restriction,
    Skill,
    Strain,
    TravelMode,
    WeeklyAvailability,
    Worker,
    WorkerStamp,
)
from workers.rules.engagement import EngagementKind
from workers.rules.worktime_limits import LegalLimits
from workers.worktime import selectors

MODES = tuple(TravelMode.values)


KINDS = tuple(EngagementKind)


STRAINS = tuple(Strain.values)


EVER = date.max.toordinal()


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
class StaffSnapshot:
    """What a process remembers of everybody at work; W workers in the order of their ids.

    `gigs` and `last_gig` (minutes) tell how many finished gigs were known when it was read.
    """

    stamp: tuple[int, int]
    ids: Ints
    staff: Staff
    skills: tuple[int, ...]
    task_skills: Mapping[int, tuple[Skill, ...]]
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
        place, there = self.places(ints(worker_ids))
        return place[there]


_snapshots: dict[str, StaffSnapshot] = {}


def stamp() -> tuple[int, int]:
    """The mark of everything in the snapshot: changes with every change. One query, one row."""
    found = WorkerStamp.objects.aggregate(total=Sum("mark"), rows=Count("pk"))
    return found["total"] or 0, found["rows"]


def current_snapshot() -> StaffSnapshot:
    """The arrays in memory, read again when the mark has changed."""
    # The mark is read first: a change in between only makes the next reader read once more.
    now, name = stamp(), str(connection.settings_dict["NAME"])
    if name not in _snapshots or _snapshots[name].stamp != now:
        _snapshots[name] = _read_staff(now)
    return _snapshots[name]


def forget() -> None:
    """Drop what this process remembers (tests, measuring a cold start)."""
    _snapshots.clear()


STAFF_FIELDS = (
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


def _read_staff(mark: tuple[int, int]) -> StaffSnapshot:
    rows = list(Worker.objects.filter(active=True).order_by("pk").values_list(*STAFF_FIELDS))
    ids = ints(r[0] for r in rows)
    place = {pk: n for n, pk in enumerate(ids.tolist())}
    ties = np.empty(len(rows), dtype=np.int64)
    ties[sorted(range(len(rows)), key=lambda n: (rows[n][9], rows[n][0]))] = np.arange(len(rows))
    skills, words = _skills(place)
    staff = Staff(
        lat=np.array([r[1] for r in rows], dtype=np.float64),
        lon=np.array([r[2] for r in rows], dtype=np.float64),
        mode=ints(MODES.index(r[3]) for r in rows),
        birth=ints(date_number(r[4]) for r in rows),
        max_trip_min=ints(r[5] for r in rows),
        wish_min=ints(r[6] for r in rows),
        skills=words,
        strains=_strains(place),
        has_coach=np.array([r[7] is not None for r in rows], dtype=bool),
        coached_gigs=ints(r[8] for r in rows),
        tie=ties,
        contracts=_contracts(place),
    )
    usual, liked, clocks = _usual(place)
    gigs, last_gig = _finished_ever(place)
    task_skills: defaultdict[int, tuple[Skill, ...]] = defaultdict(tuple)
    wanted: Any = Skill.objects.annotate(task=F("task_types__id")).filter(task__isnull=False)
    for skill in wanted.order_by("name_fi"):
        task_skills[skill.task] += (skill,)
    return StaffSnapshot(
        stamp=mark,
        ids=ids,
        staff=staff,
        skills=skills,
        task_skills=dict(task_skills),
        usual=usual,
        liked=liked,
        clocks=clocks,
        gigs=gigs,
        last_gig=last_gig,
        limits=selectors.legal_limits(),
    )


def ints(values: Iterable[Any]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def date_number(on: date) -> int:
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
    most = [ints(NO_LIMIT if r[n] is None else r[n] for r in rows) for n in (4, 5, 6)]
    return Contracts(
        worker=ints(place[r[0]] for r in rows),
        kind=ints(KINDS.index(EngagementKind(r[1])) for r in rows),
        from_day=ints(r[2].toordinal() for r in rows),
        to_day=ints(r[3].toordinal() if r[3] else EVER for r in rows),
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
    return joined(every), joined(liked), tuple(clocks)


def joined(rows: Iterable[tuple[int, int, int, int]]) -> Usual:
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
