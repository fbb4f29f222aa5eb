"""What the rules ask about an order and about people, read from the database.

Whatever the number of workers, `load` takes at most `QUERIES` queries.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, Count, F, FilteredRelation, OuterRef, Q, Subquery, Value

from core.holidays import holidays_between
from core.intervals import (
    Interval,
    WeeklyWindow,
    local_dates,
    local_day_bounds,
    local_week_bounds,
    local_window,
    merge,
    overlaps,
    weekly_windows,
)
from core.violations import Violation
from core.zone import local_date
from dispatch.eligibility import history, travel, worker_time
from dispatch.eligibility.travel import Point
from dispatch.eligibility.worker_time import Gig, WorkerTime
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus
from orders.models import WorkOrder
from workers.models import Skill, Worker
from workers.rules.engagement import EngagementKind
from workers.rules.worktime_facts import AgeRule, PersonFacts, SchoolCalendar, Shift, age_on
from workers.rules.worktime_limits import LegalLimits
from workers.rules.worktime_permits import Permit
from workers.worktime import selectors

QUERIES = 4
# The rules on rest look at the weeks touched and at least eight days to both sides.
NEIGHBOURS = timedelta(days=8)
# Nobody is asked to be on the way for longer than this; only frames the windows that are read.
LONGEST_TRIP = timedelta(hours=3)


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
    earlier_min: int = 0
    # Of people under 18 only: gigs of the year outside the weeks of the order, and permits.
    year: list[Interval] = field(default_factory=list)
    permits: tuple[Permit, ...] = ()


@dataclass(frozen=True)
class Known:
    """What a caller may have in memory: legal numbers, and the skills of the task by name."""

    limits: LegalLimits
    skills: tuple[Skill, ...]


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
    time: WorkerTime = field(default_factory=WorkerTime)
    school: SchoolCalendar = field(default_factory=SchoolCalendar)

    @property
    def week(self) -> Interval:
        """The ISO week (local) in which the order begins."""
        return local_week_bounds(self.on, self.tz)


def load(
    order: WorkOrder,
    worker_ids: Collection[int] | None = None,
    *,
    known: Known | None = None,
) -> tuple[Case, list[Person]]:
    """The order's case and the people: these workers, or (None) every active one.

    `known` is what the caller has read already.
    """
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
        limits=known.limits if known else selectors.legal_limits(),
        holidays=holidays_between(local_date(first, tz), local_date(last, tz))[0],
    )
    people = _people(case, worker_ids, Interval(first, last))
    _load_trips(case, people)
    _load_skills(case, people, known)
    _load_time(case, people, worker_ids, Interval(first, last))
    return case, list(people.values())


def _people(case: Case, worker_ids: Collection[int] | None, loaded: Interval) -> dict[int, Person]:
    """Workers, their engagement of the date, what they are not asked, past work: one query."""
    ends_on = local_dates(case.interval, case.tz)[-1]
    earlier = history.earlier_rows(ends_on, loaded, case.limits, case.tz)
    valid = Q(engagements__starts_on__lte=case.on) & (
        Q(engagements__ends_on__isnull=True) | Q(engagements__ends_on__gte=case.on)
    )
    rows: Any = Worker.objects.select_related("coach").annotate(
        valid=FilteredRelation("engagements", condition=valid),
        **{f"valid_{name}": F(f"valid__{name}") for name in _CONTRACT},
        earlier=Subquery(earlier.filter(worker_id=OuterRef("pk")).values("total")),
        done=_finished(case),
        at_site=_finished(case, order__in=WorkOrder.objects.filter(site=case.order.site_id)),
    )
    rows = _with_strains(rows, case.order.task_type.strains)
    # Phone numbers are parsed for every row, and neither the rules nor the pages ask for them.
    rows = rows.defer("phone", "email", "street", "payroll_no", "coach__phone", "coach__password")
    rows = rows.filter(active=True) if worker_ids is None else rows.filter(pk__in=worker_ids)
    people: dict[int, Person] = {}
    # A worker has a row for each pair of engagement and limit.
    for row in rows.order_by("pk", "valid__starts_on"):
        person = people.setdefault(
            row.pk,
            Person(row, done=row.done or 0, at_site=row.at_site or 0, earlier_min=row.earlier or 0),
        )
        contract = _contract(row)
        if contract is not None and contract not in person.contracts:
            person.contracts.append(contract)
        if row.strain and row.strain not in person.strains:
            insort(person.strains, row.strain)
    return people


def _with_strains(rows: Any, strains: Sequence[str]) -> Any:
    """Workers with `strain`: what the task asks and they are not asked to do, or None."""
    if not strains:
        return rows.annotate(strain=Value(None, output_field=CharField()))
    asked = Q(restrictions__strain__in=strains)
    return rows.annotate(
        asked=FilteredRelation("restrictions", condition=asked), strain=F("asked__strain")
    )


def _contract(row: Any) -> Contract | None:
    if not row.valid_kind:
        return None
    values = {name: getattr(row, f"valid_{name}") for name in _CONTRACT}
    return Contract(**values | {"kind": EngagementKind(row.valid_kind)})


def _finished(case: Case, **conditions: Any) -> Subquery:
    """How many gigs a worker has done before the order.

    The status is a condition of the count and not of the rows: so the database goes by the index
    of the worker and does not read every finished gig for each worker.
    """
    done = Q(status=AssignmentStatus.COMPLETED, **conditions)
    before = Assignment.objects.filter(worker=OuterRef("pk"), starts_at__lt=case.interval.start)
    counted = before.order_by().values("worker").annotate(n=Count("pk", filter=done))
    return Subquery(counted.values("n"))


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
    for person in people.values():
        worker = person.worker
        mode = travel.mode_on(worker.travel_mode, case.on)
        way = travel.metres(Point(worker.lat, worker.lon), case.place)
        person.home_m, person.home_min = round(way), travel.minutes_of(mode, way)


def _load_skills(case: Case, people: dict[int, Person], known: Known | None) -> None:
    needed: dict[int, Skill] = {}
    having: defaultdict[int, set[int]] = defaultdict(set)
    if known is not None:
        needed = {skill.pk: skill for skill in known.skills}
        pairs = Worker.skills.through.objects.filter(worker_id__in=people, skill_id__in=needed)
        for worker_id, skill_id in pairs.values_list("worker_id", "skill_id"):
            having[worker_id].add(skill_id)
    else:
        rows: Any = Skill.objects.filter(task_types=case.order.task_type_id).annotate(
            worker_id=F("workers__id")
        )
        for skill in rows.order_by("name_fi"):
            needed[skill.pk] = skill
            having[skill.worker_id].add(skill.pk)
    for worker_id, person in people.items():
        person.missing_skills = [s for pk, s in needed.items() if pk not in having[worker_id]]


def _load_time(
    case: Case, people: dict[int, Person], worker_ids: Collection[int] | None, around: Interval
) -> None:
    """Hours in which each person can be away from home around the order, days away and gigs."""
    outing = Interval(case.interval.start - LONGEST_TRIP, case.interval.end + LONGEST_TRIP)
    days = local_dates(outing, case.tz)
    # The day board shows the whole day and reads a day more, for windows over midnight.
    whole_day = local_day_bounds(case.on, case.tz)
    away_in = Interval(
        min(whole_day.start, case.interval.start), max(whole_day.end, case.interval.end)
    )
    read = sorted({case.on - timedelta(days=1), *days})
    young = _young(case, people)
    last = local_dates(case.interval, case.tz)[-1]
    weeks = (case.week.start, local_week_bounds(last, case.tz).end)
    more = history.parts_of_young(young, case.on, weeks, case.tz)
    case.time = worker_time.load(read, away_in, worker_ids, gigs_in=around, more=more)
    case.school = history.school_in(case.time)
    permits, years = history.permits_in(case.time), history.years_in(case.time)
    for worker_id in young:
        people[worker_id].permits = permits.get(worker_id, ())
        people[worker_id].year = years.get(worker_id, [])
    shared: dict[tuple[tuple[int, time, time], ...], list[Interval]] = {}
    for worker_id, person in people.items():
        _set_windows(case, person, days, shared)
        person.gigs = case.time.gigs[worker_id]
        person.absences = [a for a in case.time.away[worker_id] if overlaps(a, case.interval)]


def _young(case: Case, people: dict[int, Person]) -> list[int]:
    """Whose papers and whose year the rules ask about."""
    adult_age = case.limits.value("adult_age", case.on)
    return [pk for pk, p in people.items() if age_on(p.worker.birth_date, case.on) < adult_age]


def _set_windows(
    case: Case,
    person: Person,
    days: Sequence[date],
    shared: dict[tuple[tuple[int, time, time], ...], list[Interval]],
) -> None:
    """Usual hours with the changes of the dates; `shared` keeps what many people have alike."""
    usual, changes = case.time.usual[person.worker.pk], case.time.changes[person.worker.pk]
    every = tuple(sorted((u.weekday, u.starts, u.ends) for u in usual))
    liked = tuple(sorted((u.weekday, u.starts, u.ends) for u in usual if u.preferred))
    for pattern in (every, liked):
        if pattern not in shared:
            shared[pattern] = _usual_windows(pattern, days, case.tz)
    person.preferred = shared[liked]
    person.windows = shared[every]
    if changes:
        weekly = [WeeklyWindow(d, s, e) for d, s, e in every]
        person.windows = weekly_windows(weekly, changes, days[0], days[-1], case.tz)


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
