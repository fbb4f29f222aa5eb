"""What is known of workers' time around some dates: hours given, days away, gigs; one query.

The ranking and the day board read the same rows; a page that shows both hands them on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Cast

from core.intervals import DateException, Interval
from dispatch.eligibility.travel import Point
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING
from workers.models import Absence, AvailabilityException, WeeklyAvailability


class Usual(NamedTuple):
    """Hours of a usual week; `weekday` 0 is Monday, times are local."""

    weekday: int
    starts: time
    ends: time
    preferred: bool


@dataclass(frozen=True)
class Gig:
    """Work that holds a worker's time: where, when and for which order."""

    order_id: int
    order_number: int
    order_ref: str
    interval: Interval
    place: Point


@dataclass
class WorkerTime:
    """By worker id: the usual week, changed dates, days away, and gigs by the clock."""

    usual: defaultdict[int, list[Usual]] = field(default_factory=lambda: defaultdict(list))
    changes: defaultdict[int, list[DateException]] = field(
        default_factory=lambda: defaultdict(list)
    )
    away: defaultdict[int, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    gigs: defaultdict[int, list[Gig]] = field(default_factory=lambda: defaultdict(list))
    other: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))


class Row(NamedTuple):
    """A row of any of the tables; what a table does not know is None."""

    worker_id: int
    kind: str
    number: Any = None
    on: Any = None
    to: Any = None
    code: Any = None
    text: Any = None
    yes: Any = None
    from_time: Any = None
    to_time: Any = None
    begins: Any = None
    until: Any = None
    order_id: Any = None
    order_ref: Any = None
    lat: Any = None
    lon: Any = None


@dataclass(frozen=True)
class Part:
    """Rows of one table and which of its columns fill those of `Row`.

    `worker` None is for a table that is about nobody; its rows have the worker id 0.
    """

    rows: QuerySet[Any]
    kind: str
    columns: dict[str, str]
    worker: str | None = "worker_id"

    def select(self, names: Iterable[str]) -> QuerySet[Any, tuple[Any, ...]]:
        """The named columns; those that the table does not have are typed NULLs."""
        values: dict[str, Any] = {
            f"v_{name}": F(self.columns[name])
            if name in self.columns
            else Cast(Value(None), _TYPES[name])
            for name in names
        }
        worker = F(self.worker) if self.worker else Value(0)
        rows = self.rows.order_by().annotate(v_worker=worker, v_kind=Value(self.kind), **values)
        return rows.values_list("v_worker", "v_kind", *values)


_TYPES: dict[str, models.Field[Any, Any]] = {
    "number": models.IntegerField(),
    "on": models.DateField(),
    "to": models.DateField(),
    "code": models.CharField(),
    "text": models.CharField(),
    "yes": models.BooleanField(),
    "from_time": models.TimeField(),
    "to_time": models.TimeField(),
    "begins": models.DateTimeField(),
    "until": models.DateTimeField(),
    "order_id": models.BigIntegerField(),
    "order_ref": models.UUIDField(),
    "lat": models.FloatField(),
    "lon": models.FloatField(),
}


def load(
    days: Sequence[date],
    away_in: Interval,
    worker_ids: Collection[int] | None = None,
    *,
    gigs_in: Interval | None = None,
    more: Iterable[Part] = (),
) -> WorkerTime:
    """Time of these workers (None: of everybody), in one query.

    `days` are the local dates whose hours are asked for; days away are those that touch
    `away_in`, gigs those that touch `gigs_in` (None: none are read). `more` are further
    parts that are asked along; their rows come back in `other`, by kind.
    """
    chosen = {} if worker_ids is None else {"worker_id__in": worker_ids}
    weekdays = {on.weekday() for on in days}
    parts = [
        Part(
            WeeklyAvailability.objects.filter(**chosen, weekday__in=weekdays),
            "usual",
            {"number": "weekday", "yes": "preferred", "from_time": "starts", "to_time": "ends"},
        ),
        Part(
            AvailabilityException.objects.filter(**chosen, on__range=(min(days), max(days))),
            "changed",
            {"on": "on", "yes": "available", "from_time": "starts", "to_time": "ends"},
        ),
        Part(
            Absence.objects.filter(**chosen, starts_at__lt=away_in.end, ends_at__gt=away_in.start),
            "away",
            {"begins": "starts_at", "until": "ends_at"},
        ),
        *more,
    ]
    if gigs_in is not None:
        held = Assignment.objects.filter(
            **chosen, status__in=HOLDING, starts_at__lt=gigs_in.end, ends_at__gt=gigs_in.start
        )
        parts.append(Part(held, "gig", _GIG))
    return _sorted_out(_rows(parts))


_GIG = {
    "number": "order__number",
    "begins": "starts_at",
    "until": "ends_at",
    "order_id": "order_id",
    "order_ref": "order__ref",
    "lat": "order__site__lat",
    "lon": "order__site__lon",
}


def read(parts: Sequence[Part]) -> defaultdict[str, list[Row]]:
    """The rows of all parts, by kind; one query."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in _rows(parts):
        found[row.kind].append(row)
    return found


def _rows(parts: Sequence[Part]) -> Iterator[Row]:
    """The rows of all parts, with the columns that any of them has."""
    names = [name for name in _TYPES if any(name in part.columns for part in parts)]
    first, *others = (part.select(names) for part in parts)
    for row in first.union(*others, all=True):
        yield Row(row[0], row[1], **dict(zip(names, row[2:], strict=True)))


def _sorted_out(rows: Iterable[Row]) -> WorkerTime:
    found = WorkerTime()
    for row in rows:
        if row.kind == "usual":
            hours = Usual(row.number, row.from_time, row.to_time, bool(row.yes))
            found.usual[row.worker_id].append(hours)
        elif row.kind == "changed":
            change = DateException(row.on, bool(row.yes), row.from_time, row.to_time)
            found.changes[row.worker_id].append(change)
        elif row.kind == "away":
            found.away[row.worker_id].append(Interval(row.begins, row.until))
        elif row.kind == "gig":
            found.gigs[row.worker_id].append(_gig(row))
        else:
            found.other[row.kind].append(row)
    for gigs in found.gigs.values():
        gigs.sort(key=lambda gig: gig.interval.start)
    for absences in found.away.values():
        absences.sort()
    return found


def _gig(row: Row) -> Gig:
    interval = Interval(row.begins, row.until)
    return Gig(row.order_id, row.number, str(row.order_ref), interval, Point(row.lat, row.lon))
