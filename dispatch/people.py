"""What the rules ask about an order and about people, read from the database.

Whatever the number of workers, :func:`load` takes at most :data:`QUERIES` queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from dispatch import travel
from dispatch.lifecycle import HOLDING, AssignmentStatus
from dispatch.models import Assignment
from dispatch.travel import Point
from orders.models import WorkOrder
from orders.selectors import holidays_between
from workers import selectors
from workers.engagement import EngagementKind
from workers.intervals import (
    DateException,
    Interval,
    WeeklyWindow,
    local_date,
    local_dates,
    local_week_bounds,
    local_window,
    merge,
    weekly_windows,
)
from workers.models import (
    Absence,
    AvailabilityException,
    Restriction,
    Skill,
    WeeklyAvailability,
    Worker,
)
from workers.violations import Violation
from workers.worktime import AgeRule, LegalLimits, PersonFacts, Shift

QUERIES = 8
# The rules on rest look at the weeks touched and at least eight days to both sides.
NEIGHBOURS = timedelta(days=8)
# Nobody is asked to be on the way for longer than this; only frames the windows that are read.
LONGEST_TRIP = timedelta(hours=3)


@dataclass(frozen=True)
class Gig:
    """Work that holds a worker's time: where, when and for which order."""

    order_id: int
    order_number: int
    order_ref: str
    interval: Interval
    place: Point


@dataclass(frozen=True)
class Contract:
    """The engagement in force on the date, as the rules read it."""

    kind: EngagementKind
    starts_on: date
    ends_on: date | None
    weekly_max_min: int | None
    daily_max_min: int | None
    days_per_week_max: int | None
    excludes_business: bool


@dataclass
class Person:
    """One worker with everything the rules ask about, around the time of one order."""

    worker: Worker
    contracts: list[Contract] = field(default_factory=list)
    windows: list[Interval] = field(default_factory=list)
    preferred: list[Interval] = field(default_factory=list)
    absences: list[Interval] = field(default_factory=list)
    gigs: list[Gig] = field(default_factory=list)
    missing_skills: list[Skill] = field(default_factory=list)
    strains: list[str] = field(default_factory=list)
    done: int = 0
    at_site: int = 0
    home_m: int = 0
    home_min: int = 0


@dataclass
class Case:
    """One order as the rules see it, with the law of its date and results that many share."""

    order: WorkOrder
    interval: Interval
    on: date
    place: Point
    tz: ZoneInfo
    limits: LegalLimits
    holidays: frozenset[date]
    breaks: dict[tuple[AgeRule, int], int] = field(default_factory=dict)
    shifts_checked: dict[tuple[PersonFacts, Shift, tuple[Shift, ...]], list[Violation]] = field(
        default_factory=dict
    )

    @property
    def week(self) -> Interval:
        """The ISO week (local) in which the order begins."""
        return local_week_bounds(self.on, self.tz)


def load(order: WorkOrder, worker_ids: Collection[int] | None = None) -> tuple[Case, list[Person]]:
    """The order's case and the people: these workers, or (None) every active one."""
    tz = ZoneInfo(order.site.time_zone)
    interval = Interval(order.starts_at, order.ends_at)
    on = local_date(interval.start, tz)
    week = local_week_bounds(on, tz)
    first = min(week.start, interval.start) - NEIGHBOURS
    last = max(week.end, interval.end) + NEIGHBOURS
    case = Case(
        order=order,
        interval=interval,
        on=on,
        place=Point(order.site.lat, order.site.lon),
        tz=tz,
        limits=selectors.legal_limits(),
        holidays=holidays_between(local_date(first, tz), local_date(last, tz))[0],
    )
    people = _people(case, worker_ids)
    chosen = {"worker_id__in": worker_ids} if worker_ids is not None else {}
    _load_trips(case, people)
    _load_skills(case, people)
    _load_strains(case, people, chosen)
    _load_windows(case, people, chosen)
    for worker_id, starts_at, ends_at in Absence.objects.filter(
        **chosen, starts_at__lt=interval.end, ends_at__gt=interval.start
    ).values_list("worker_id", "starts_at", "ends_at"):
        if worker_id in people:
            people[worker_id].absences.append(Interval(starts_at, ends_at))
    _load_gigs(people, chosen, first, last)
    return case, list(people.values())


def _people(case: Case, worker_ids: Collection[int] | None) -> dict[int, Person]:
    """Workers, their engagement of the date and their past gigs in one query."""
    finished = Assignment.objects.filter(
        worker=OuterRef("pk"), status=AssignmentStatus.COMPLETED, starts_at__lt=case.interval.start
    ).order_by()
    rows: Any = Worker.objects.select_related("user", "coach").annotate(
        valid=FilteredRelation(
            "engagements",
            condition=Q(engagements__starts_on__lte=case.on)
            & (Q(engagements__ends_on__isnull=True) | Q(engagements__ends_on__gte=case.on)),
        ),
        **{f"valid_{name}": F(f"valid__{name}") for name in _CONTRACT},
        done=Subquery(_counted(finished)),
        at_site=Subquery(_counted(finished.filter(order__site=case.order.site_id))),
    )
    rows = rows.filter(active=True) if worker_ids is None else rows.filter(pk__in=worker_ids)
    people: dict[int, Person] = {}
    for row in rows.order_by("pk", "valid__starts_on"):
        person = people.setdefault(
            row.pk, Person(row, done=row.done or 0, at_site=row.at_site or 0)
        )
        if row.valid_kind:
            values = {name: getattr(row, f"valid_{name}") for name in _CONTRACT}
            values["kind"] = EngagementKind(values["kind"])
            person.contracts.append(Contract(**values))
    return people


def _counted(rows: QuerySet[Assignment]) -> Any:
    return rows.values("worker").annotate(n=Count("pk")).values("n")


_CONTRACT = (
    "kind",
    "starts_on",
    "ends_on",
    "weekly_max_min",
    "daily_max_min",
    "days_per_week_max",
    "excludes_business",
)


def _load_trips(case: Case, people: dict[int, Person]) -> None:
    workers = [p.worker for p in people.values()]
    homes = [Point(w.lat, w.lon) for w in workers]
    metres, minutes = travel.trips_min([w.travel_mode for w in workers], homes, case.place, case.on)
    for person, way, trip in zip(people.values(), metres.tolist(), minutes.tolist(), strict=True):
        person.home_m, person.home_min = round(way), trip


def _load_skills(case: Case, people: dict[int, Person]) -> None:
    needed: dict[int, Skill] = {}
    having: defaultdict[int, set[int]] = defaultdict(set)
    rows: Any = Skill.objects.filter(task_types=case.order.task_type_id).annotate(
        worker_id=F("workers__id")
    )
    for skill in rows.order_by("name_fi"):
        needed[skill.pk] = skill
        having[skill.worker_id].add(skill.pk)
    for worker_id, person in people.items():
        person.missing_skills = [s for pk, s in needed.items() if pk not in having[worker_id]]


def _load_strains(case: Case, people: dict[int, Person], chosen: dict[str, Any]) -> None:
    asked = case.order.task_type.strains
    if not asked:
        return
    rows = Restriction.objects.filter(**chosen, strain__in=asked).order_by("strain")
    for worker_id, strain in rows.values_list("worker_id", "strain"):
        if worker_id in people:
            people[worker_id].strains.append(strain)


def _load_windows(case: Case, people: dict[int, Person], chosen: dict[str, Any]) -> None:
    """Hours in which each person can be away from home, around the order."""
    around = Interval(case.interval.start - LONGEST_TRIP, case.interval.end + LONGEST_TRIP)
    days = local_dates(around, case.tz)
    usual: defaultdict[int, list[tuple[int, time, time, bool]]] = defaultdict(list)
    weekdays = {d.weekday() for d in days}
    for worker_id, weekday, starts, ends, preferred in WeeklyAvailability.objects.filter(
        **chosen, weekday__in=weekdays
    ).values_list("worker_id", "weekday", "starts", "ends", "preferred"):
        usual[worker_id].append((weekday, starts, ends, preferred))
    changes: defaultdict[int, list[DateException]] = defaultdict(list)
    for row in AvailabilityException.objects.filter(**chosen, on__range=(days[0], days[-1])):
        exception = DateException(row.on, row.available, row.starts, row.ends)
        changes[row.worker_id].append(exception)
    shared: dict[tuple[tuple[int, time, time], ...], list[Interval]] = {}
    for worker_id, person in people.items():
        rows = usual[worker_id]
        every = tuple(sorted((d, s, e) for d, s, e, _ in rows))
        liked = tuple(sorted((d, s, e) for d, s, e, preferred in rows if preferred))
        for pattern in (every, liked):
            if pattern not in shared:
                shared[pattern] = _usual_windows(pattern, days, case.tz)
        person.preferred = shared[liked]
        person.windows = shared[every]
        if worker_id in changes:
            weekly = [WeeklyWindow(d, s, e) for d, s, e in every]
            person.windows = weekly_windows(weekly, changes[worker_id], days[0], days[-1], case.tz)


def _usual_windows(
    pattern: Iterable[tuple[int, time, time]], days: Sequence[date], tz: ZoneInfo
) -> list[Interval]:
    """A usual week laid on the days; the same answer as weekly_windows without exceptions."""
    found = [
        local_window(on, starts, ends, tz)
        for weekday, starts, ends in pattern
        for on in days
        if on.weekday() == weekday
    ]
    return merge(window for window in found if window is not None)


def _load_gigs(
    people: dict[int, Person], chosen: dict[str, Any], first: datetime, last: datetime
) -> None:
    rows = Assignment.objects.filter(
        **chosen, status__in=HOLDING, starts_at__lt=last, ends_at__gt=first
    ).order_by("starts_at", "id")
    for worker_id, order_id, number, ref, starts_at, ends_at, lat, lon in rows.values_list(
        "worker_id",
        "order_id",
        "order__number",
        "order__ref",
        "starts_at",
        "ends_at",
        "order__site__lat",
        "order__site__lon",
    ):
        if worker_id in people:
            interval = Interval(starts_at, ends_at)
            gig = Gig(order_id, number, str(ref), interval, Point(lat, lon))
            people[worker_id].gigs.append(gig)
