"""From rows to planning problems and back; the only file that knows both.

A `Book` holds what is known of some days, read in at most `QUERIES` queries whatever
the size. `day_problem` writes a day of it in the planner's format, `plan_day` has it
solved and takes into the book what was found, so that the next day of a week sees its hours and
rests. Whether a worker may take an order is asked of `dispatch.eligibility.judge.judge` and of
nothing else: a pair with any violation, hard or soft, is blocked, so a proposal never needs an
override. Several gigs of one day are judged again together, and what does not hold is filled anew.

Coaches are no workers in our rows: a first gig without a coach on site or within reach is a
blocked pair, and no worker of a problem coaches another.
"""

from __future__ import annotations

import logging
import math
import time
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db.models import Count, Q
from numpy.typing import NDArray

from core.holidays import holidays_between
from core.intervals import (
    MINUTE,
    Interval,
    WeeklyWindow,
    contains,
    local_dates,
    local_day_bounds,
    local_week_bounds,
    merge,
    overlaps,
    subtract,
    weekly_windows,
)
from core.violations import Violation
from core.zone import HELSINKI, local_date
from dispatch.candidates import listing as candidates
from dispatch.candidates.reasons import Reason
from dispatch.eligibility import history, travel, travel_arrays, worker_time
from dispatch.eligibility import judge as rules
from dispatch.eligibility.facts import LONGEST_TRIP, NEIGHBOURS, Case, Contract, Person
from dispatch.eligibility.judge import Finding
from dispatch.eligibility.roads import RoadServer, measured
from dispatch.eligibility.travel import Point
from dispatch.eligibility.worker_time import Gig, WorkerTime
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus
from dispatch.models.plan_lifecycle import FULL, SIMPLE
from dispatch.planning import problem as planning
from orders.models import TaskType, WorkOrder
from orders.models.lifecycle import OrderStatus
from workers.models import Engagement, ExceptionPermit, Restriction, Skill, Worker
from workers.rules.engagement import EngagementKind
from workers.rules.worktime_facts import (
    AgeRule,
    PersonFacts,
    SchoolCalendar,
    age_on,
    age_rule,
    required_break_min,
)
from workers.rules.worktime_limits import LegalLimits
from workers.rules.worktime_permits import Permit, PermitKind
from workers.worktime import selectors

log = logging.getLogger(__name__)
QUERIES = 15
# Orders whose places can still be given away.
OPEN = (
    OrderStatus.PLACED,
    OrderStatus.FILLED,
    OrderStatus.IN_PROGRESS,
    OrderStatus.UNFILLED,
)
# What a place and a pair cost, in travel minutes: an empty place outweighs any detour or wish.
WEIGHTS: Mapping[str, Any] = {
    # Where everybody was found already, nobody may be taken away without a substitute.
    "unfilled": {"normal": 1000, "kept": 20_000},
    "unfilled_per_hour": 100,
    "pair_base": 60,
    "preferred": -40,
    "familiar": -20,
    "pair_min": 0,
    "pair_max": 100,
}
# Points an hour for somebody without any hours this week, and for somebody far over the wish.
FAIR_LOW, FAIR_HIGH = -5.0, 10.0
ORDERS_A_DAY = 4
# How often a day is planned anew when the rules refuse some of its gigs together.
ROUNDS = 4
DAY_MIN = planning.DAY_MIN
# Why a search ended before it began.
NOTHING, RULES, PIECES = "nothing to plan", "rules", "pieces"
_LIMITS = {
    AgeRule.ADULT: ("adult_daily_regular", "adult_weekly_regular"),
    AgeRule.YOUNG: ("young_daily_regular", "young_weekly_regular"),
    AgeRule.YOUNG_PUPIL: ("young_daily_regular", "pupil_term_week_max"),
    AgeRule.CHILD: ("child_daily_max", "child_weekly_max"),
}


@dataclass(frozen=True)
class Pick:
    """A worker proposed for an order, with the reasons a dispatcher reads."""

    order: WorkOrder
    worker: Worker
    reasons: list[Reason]
    week_min: int


@dataclass(frozen=True)
class Lack:
    """Places of an order that stay empty, and why: how many workers fall out for which code.

    The code `busy_elsewhere` counts those who could go by the rules and are used elsewhere.
    """

    order: WorkOrder
    missing: int
    why: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class DayProblem:
    """A day in the planner's format, its orders and workers by the ids used in it.

    `places`: how many people each open order lacks, by id.
    """

    data: dict[str, Any]
    orders: dict[str, WorkOrder]
    workers: dict[str, Worker]
    places: dict[str, int]
    pairs: int


@dataclass(frozen=True)
class DayPlan:
    """What the planner proposes for a day.

    `objective` and `bound` are in the problem's units, None when nothing is known; `dropped`
    counts pairs that the rules refused once the whole day was looked at.
    """

    on: date
    picks: list[Pick]
    lacks: list[Lack]
    places: int
    objective: int | None
    bound: int | None
    travel_min: int
    seconds: float
    engine: str
    stopped_by: str
    dropped: int = 0


@dataclass(frozen=True)
class Told:
    """How far a search is: day, stage, best cost and proven bound so far."""

    on: date
    stage: str
    objective: int
    bound: float | None


# --------------------------------------------------------------------------- what is known


@dataclass
class Book:
    """Everything the rules ask about the people and orders of some days; see `load`."""

    first: date
    last: date
    now: datetime
    limits: LegalLimits
    holidays: frozenset[date]
    orders: list[WorkOrder] = field(default_factory=list)
    workers: dict[int, Worker] = field(default_factory=dict)
    time: WorkerTime = field(default_factory=WorkerTime)
    task_skills: defaultdict[int, list[Skill]] = field(default_factory=lambda: defaultdict(list))
    skills: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    strains: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    contracts: defaultdict[int, list[Contract]] = field(default_factory=lambda: defaultdict(list))
    done: Counter[int] = field(default_factory=Counter)
    at_site: Counter[tuple[int, int]] = field(default_factory=Counter)
    earlier_min: dict[int, int] = field(default_factory=dict)
    permits: defaultdict[int, list[Permit]] = field(default_factory=lambda: defaultdict(list))
    school: SchoolCalendar = field(default_factory=SchoolCalendar)
    year: dict[int, dict[int, list[Interval]]] = field(default_factory=dict)
    _cases: dict[int, Case] = field(default_factory=dict)
    _trips: dict[int, tuple[NDArray[np.float64], NDArray[np.int64]]] = field(default_factory=dict)
    _windows: dict[Any, list[Interval]] = field(default_factory=dict)
    _held: dict[int, set[int]] | None = None
    _at: dict[int, int] = field(default_factory=dict)
    _checked: dict[Any, list[Violation]] = field(default_factory=dict)

    def narrow(self, worker_ids: Collection[int]) -> None:
        """Know these workers only; before anything was reckoned from them."""
        self.workers = {pk: w for pk, w in self.workers.items() if pk in worker_ids}

    def held(self, order: WorkOrder) -> set[int]:
        """Workers (active or not) who hold a place of the order, in the book's own count."""
        if self._held is None:
            self._held = {}
            for worker_id, gigs in self.time.gigs.items():
                for gig in gigs:
                    self._held.setdefault(gig.order_id, set()).add(worker_id)
        return self._held.setdefault(order.pk, set())

    def missing(self, order: WorkOrder) -> int:
        """Places that can still be given: 0 for work that has begun or takes nobody."""
        if order.status not in OPEN or order.starts_at <= self.now:
            return 0
        return max(0, order.people - len(self.held(order)))

    def take(self, order: WorkOrder, worker_id: int) -> None:
        """Count the place as given from here on."""
        place = Point(order.site.lat, order.site.lon)
        interval = Interval(order.starts_at, order.ends_at)
        gig = Gig(order.pk, order.number, str(order.ref), interval, place)
        self.held(order).add(worker_id)
        insort(self.time.gigs[worker_id], gig, key=lambda g: g.interval.start)

    def release(self, order: WorkOrder, worker_id: int) -> None:
        """Count the place as free again."""
        self.held(order).discard(worker_id)
        gigs = self.time.gigs[worker_id]
        gigs[:] = [gig for gig in gigs if gig.order_id != order.pk]

    def case(self, order: WorkOrder) -> Case:
        """The order as the rules see it; results that many pairs share are kept in the book."""
        if order.pk not in self._cases:
            tz = ZoneInfo(order.site.time_zone)
            interval = Interval(order.starts_at, order.ends_at)
            self._cases[order.pk] = Case(
                order=order,
                interval=interval,
                on=local_date(interval.start, tz),
                place=Point(order.site.lat, order.site.lon),
                tz=tz,
                limits=self.limits,
                holidays=self.holidays,
                shifts_checked=self._checked,
                time=self.time,
                school=self.school,
            )
        return self._cases[order.pk]

    def trips(self, case: Case) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Metres and minutes from every worker's home to the order's site."""
        site = case.order.site_id
        if site not in self._trips:
            people = list(self.workers.values())
            homes = [Point(w.lat, w.lon) for w in people]
            modes = [w.travel_mode for w in people]
            self._trips[site] = travel_arrays.trips_min(modes, homes, case.place, case.on)
            self._at = {pk: n for n, pk in enumerate(self.workers)}
        return self._trips[site]

    def home_min(self, order: WorkOrder, worker_id: int) -> int:
        """Minutes from the worker's home to the order's site."""
        return int(self.trips(self.case(order))[1][self._at[worker_id]])

    def likes(self, order: WorkOrder, worker_id: int) -> bool:
        """Whether the pair suits: a liked time, or a first gig where the coach is on site."""
        if order.coach_on_site and self.done[worker_id] < self.workers[worker_id].coached_gigs:
            return True
        case = self.case(order)
        liked = self.windows(worker_id, local_dates(case.interval, case.tz), liked=True)
        return any(contains(window, case.interval) for window in liked)

    def windows(
        self, worker_id: int, days: Sequence[date], *, liked: bool = False
    ) -> list[Interval]:
        """Hours given for these days; `liked` only those the worker rather works."""
        usual = self.time.usual[worker_id]
        weekly = tuple(sorted((u.weekday, u.starts, u.ends) for u in usual if u.preferred >= liked))
        changes = () if liked else tuple(self.time.changes[worker_id])
        key = (weekly, changes, days[0], days[-1])
        if key not in self._windows:
            pattern = [WeeklyWindow(*hours) for hours in weekly]
            self._windows[key] = weekly_windows(pattern, changes, days[0], days[-1], HELSINKI)
        return self._windows[key]

    def person(self, order: WorkOrder, worker_id: int) -> Person:
        """The worker as the rules see them beside this order."""
        case, worker = self.case(order), self.workers[worker_id]
        metres, minutes = self.trips(case)
        at = self._at[worker_id]
        around = Interval(case.interval.start - LONGEST_TRIP, case.interval.end + LONGEST_TRIP)
        days = local_dates(around, case.tz)
        skills = self.task_skills[order.task_type_id]
        return Person(
            worker=worker,
            contracts=[c for c in self.contracts[worker_id] if _in_force(c, case.on)],
            windows=self.windows(worker_id, days),
            preferred=self.windows(worker_id, days, liked=True),
            absences=[a for a in self.time.away[worker_id] if overlaps(a, case.interval)],
            gigs=[g for g in self.time.gigs[worker_id] if g.order_id != order.pk],
            missing_skills=[s for s in skills if s.pk not in self.skills[worker_id]],
            strains=sorted(self.strains[worker_id].intersection(order.task_type.strains)),
            done=self.done[worker_id],
            at_site=self.at_site[worker_id, order.site_id],
            home_m=round(float(metres[at])),
            home_min=int(minutes[at]),
            earlier_min=self.earlier_min.get(worker_id, 0),
            year=self.year.get(case.on.year, {}).get(worker_id, []),
            permits=tuple(p for p in self.permits[worker_id] if p.holds_on(case.on)),
        )

    def judge(self, order: WorkOrder, worker_id: int) -> Finding:
        """What the rules say, with everything taken so far."""
        return rules.judge(self.case(order), self.person(order, worker_id))

    def free_of_notes(self, order: WorkOrder, worker_id: int) -> bool:
        """Whether the rules have nothing against the pair; cheap answers first."""
        case = self.case(order)
        gigs, away = self.time.gigs[worker_id], self.time.away[worker_id]
        if not self.contracts[worker_id]:
            return False
        if any(s.pk not in self.skills[worker_id] for s in self.task_skills[order.task_type_id]):
            return False
        if not self.strains[worker_id].isdisjoint(order.task_type.strains):
            return False
        if any(overlaps(a, case.interval) for a in away):
            return False
        if any(overlaps(g.interval, case.interval) for g in gigs if g.order_id != order.pk):
            return False
        around = Interval(case.interval.start - LONGEST_TRIP, case.interval.end + LONGEST_TRIP)
        days = local_dates(around, case.tz)
        away_for = case.interval
        if not any(overlaps(g.interval, _outing(case)) for g in gigs):
            # One gig in the day: the way leads from home and back.
            way = self.home_min(order, worker_id)
            if way > self.workers[worker_id].max_trip_min:
                return False
            away_for = Interval(
                case.interval.start - way * MINUTE, case.interval.end + way * MINUTE
            )
        if not any(contains(w, away_for) for w in self.windows(worker_id, days)):
            return False
        return not self.judge(order, worker_id).violations

    def week_min(self, worker_id: int, on: date) -> int:
        """Work of the worker in the ISO week of a date, less breaks; ways are not counted."""
        week = local_week_bounds(on, HELSINKI)
        facts = self.facts(worker_id)
        gigs = [g.interval for g in self.time.gigs[worker_id] if overlaps(g.interval, week)]
        rest = [required_break_min(facts, i.minutes, on, self.limits) for i in gigs]
        return sum(i.minutes for i in gigs) - sum(rest)

    def facts(self, worker_id: int) -> PersonFacts:
        """What the age of the worker decides."""
        worker = self.workers[worker_id]
        return PersonFacts(worker.birth_date, worker.basic_school_done)


def _outing(case: Case) -> Interval:
    return Interval(case.interval.start - rules.SAME_OUTING, case.interval.end + rules.SAME_OUTING)


def _in_force(contract: Contract, on: date) -> bool:
    return contract.starts_on <= on and (contract.ends_on is None or on <= contract.ends_on)


def load(first: date, last: date, *, now: datetime) -> Book:
    """The book of the local dates `first` to `last`, both included.

    At most `QUERIES` queries, however many workers and orders there are.
    """
    weeks = Interval(
        local_week_bounds(first, HELSINKI).start, local_week_bounds(last, HELSINKI).end
    )
    frame = Interval(weeks.start - NEIGHBOURS, weeks.end + NEIGHBOURS)
    limits = selectors.legal_limits()
    edges = (local_date(frame.start, HELSINKI), local_date(frame.end, HELSINKI))
    book = Book(first, last, now, limits, holidays_between(*edges)[0])
    rows = WorkOrder.objects.filter(works_on__range=(first, last)).exclude(
        status=OrderStatus.CANCELLED
    )
    book.orders = list(
        rows.select_related("customer", "site", "task_type").order_by("starts_at", "pk")
    )
    _load_workers(book)
    days = [first + timedelta(days=n) for n in range(-2, (last - first).days + 3)]
    away_in = Interval(
        local_day_bounds(days[0], HELSINKI).start, local_day_bounds(days[-1], HELSINKI).end
    )
    book.time = worker_time.load(days, away_in, gigs_in=frame)
    book.earlier_min = history.earlier_min(None, last, frame, limits, HELSINKI)
    _load_past(book)
    _load_young(book, (weeks.start, weeks.end))
    return book


def _load_workers(book: Book) -> None:
    people = Worker.objects.filter(active=True).select_related("coach").order_by("pk")
    people = people.defer("phone", "email", "street", "payroll_no", "coach__phone")
    book.workers = {worker.pk: worker for worker in people}
    tasks = {order.task_type_id for order in book.orders}
    needed = TaskType.skills.through.objects.filter(tasktype_id__in=tasks)
    for row in needed.select_related("skill").order_by("skill__name_fi"):
        book.task_skills[row.tasktype_id].append(row.skill)
    having = Worker.skills.through.objects.filter(worker__active=True)
    for worker_id, skill_id in having.values_list("worker_id", "skill_id"):
        book.skills[worker_id].add(skill_id)
    limits = Restriction.objects.filter(worker__active=True)
    for worker_id, strain in limits.values_list("worker_id", "strain"):
        book.strains[worker_id].add(strain)
    valid = Q(ends_on__isnull=True) | Q(ends_on__gte=book.first)
    contracts = Engagement.objects.filter(valid, worker__active=True, starts_on__lte=book.last)
    for deal in contracts.order_by("starts_on"):
        contract = Contract(
            EngagementKind(deal.kind),
            deal.starts_on,
            deal.ends_on,
            deal.weekly_max_min,
            deal.daily_max_min,
            deal.days_per_week_max,
            deal.excludes_business,
        )
        book.contracts[deal.worker_id].append(contract)


def _load_past(book: Book) -> None:
    """Finished gigs of every worker, all told and by site: one query."""
    finished = Assignment.objects.filter(
        status=AssignmentStatus.COMPLETED, starts_at__lt=book.now
    ).order_by()
    counted = finished.values_list("worker_id", "order__site_id").annotate(n=Count("pk"))
    for worker_id, site_id, n in counted:
        book.done[worker_id] += n
        book.at_site[worker_id, site_id] += n


def _load_young(book: Book, weeks: tuple[datetime, datetime]) -> None:
    adult = book.limits.value("adult_age", book.first)
    young = [
        pk for pk, worker in book.workers.items() if age_on(worker.birth_date, book.first) < adult
    ]
    if not young:
        return
    book.school = selectors.school_calendar()
    rows = ExceptionPermit.objects.filter(
        worker_id__in=young, valid_from__lte=book.last, valid_to__gte=book.first
    )
    for row in rows.order_by("valid_from", "pk"):
        permit = Permit(row.number, PermitKind(row.kind), row.valid_from, row.valid_to)
        book.permits[row.worker_id].append(permit)
    for year in {book.first.year, book.last.year}:
        book.year[year] = history.work_of_year(young, year, weeks, HELSINKI)


# --------------------------------------------------------------------------- rows to a problem


def day_problem(
    book: Book, on: date, *, only: Collection[int] | None = None, unlocked: Collection[int] = ()
) -> DayProblem:
    """A day of the book in the planner's format (askare-planning-problem/1).

    Ids are primary keys as text. Minutes count from 24 hours before the day's last midnight, which
    is the wall clock's own midnight except for what lies before a change of the clocks. `only`
    names the orders whose places are open (None: every order that lacks people). `unlocked` are
    workers whose day the planner cannot repeat: they stay as they are and get nothing more.
    """
    origin = _origin(on)
    rows = [o for o in book.orders if o.works_on == on and _fits_day(o, origin)]
    lacking = {
        o.pk: book.missing(o) for o in rows if book.missing(o) and (only is None or o.pk in only)
    }
    people = [pk for pk in book.workers if pk not in unlocked]
    locks = {o.pk: sorted(book.held(o).intersection(people)) for o in rows}
    rows = [o for o in rows if lacking.get(o.pk) or locks[o.pk]]
    able = {
        o.pk: [w for w in people if w not in locks[o.pk] and book.free_of_notes(o, w)]
        if lacking.get(o.pk)
        else []
        for o in rows
    }
    data = write_problem(book, on, rows, lacking=lacking, able=able, held=locks, locked=locks)
    return DayProblem(
        data,
        orders={str(o.pk): o for o in rows},
        workers={str(pk): worker for pk, worker in book.workers.items()},
        places={str(pk): n for pk, n in lacking.items()},
        pairs=sum(len(ws) for ws in able.values()),
    )


def write_problem(
    book: Book,
    on: date,
    rows: Sequence[WorkOrder],
    *,
    lacking: Mapping[int, int],
    able: Mapping[int, Sequence[int]],
    held: Mapping[int, Sequence[int]],
    locked: Mapping[int, Sequence[int]],
    people: Collection[int] | None = None,
) -> dict[str, Any]:
    """The planner's format of these orders: who may take them, holds them, and has to keep them.

    All maps go by order id. `people` are the workers written down (None: everybody). An order
    that lacks nobody keeps those it has before any other gets one.
    """
    origin = _origin(on)
    slot = 5 if all(_on_grid(o, origin) for o in rows) else 1
    known = [pk for pk in book.workers if people is None or pk in people]
    return {
        "format": planning.FORMAT,
        "name": f"day {on}",
        "date": on.isoformat(),
        "slot_min": slot,
        "travel": _travel(book, rows, on, known),
        "limits": {"max_orders_per_worker": _most_orders(held.values())},
        "weights": dict(WEIGHTS),
        "workers": [_worker(book, pk, on, origin, rows, held, able) for pk in known],
        "orders": [_order(book, o, origin, lacking, held, able, known) for o in rows],
        "locked": [
            {"order": str(o.pk), "worker": str(w), "role": "worker", "start_min": start_min(o, on)}
            for o in rows
            for w in locked[o.pk]
        ],
    }


def start_min(order: WorkOrder, on: date) -> int:
    """The order's start in the minutes of the day's problem."""
    return _at(order, _origin(on))


def _origin(on: date) -> datetime:
    return local_day_bounds(on, HELSINKI).end - DAY_MIN * MINUTE


def _at(order: WorkOrder, origin: datetime) -> int:
    return (order.starts_at - origin) // MINUTE


def _fits_day(order: WorkOrder, origin: datetime) -> bool:
    return 0 <= _at(order, origin) < DAY_MIN


def _on_grid(order: WorkOrder, origin: datetime) -> bool:
    return _at(order, origin) % 5 == 0 and order.duration_min % 5 == 0


def _most_orders(locks: Iterable[Collection[int]]) -> int:
    held = Counter(worker for workers in locks for worker in workers)
    return min(12, max([ORDERS_A_DAY, *held.values()]))


def _travel(
    book: Book, rows: Sequence[WorkOrder], on: date, people: Sequence[int]
) -> dict[str, Any]:
    """Modes, and the minutes as `dispatch.eligibility.travel` reckons them."""
    workers = [book.workers[pk] for pk in people]
    names = sorted({w.travel_mode for w in workers})
    modes = {name: travel.mode_on(name, on) for name in names}
    sites = [Point(o.site.lat, o.site.lon) for o in rows]
    homes = [Point(w.lat, w.lon) for w in workers]
    from_home, between = _metres(homes, sites), _metres(sites, sites)
    roads = _roads(names, homes, sites)
    return {
        "detour": 1,
        "same_place_km": travel.SAME_PLACE_M / 1000,
        "max_home_min": DAY_MIN,
        "modes": {n: {"kmh": m.kmh, "fixed_min": m.fixed_min} for n, m in modes.items()},
        "measured": {
            name: {
                "home_to_site": _later(_minutes(from_home, mode), roads, name, "home_to_site"),
                "site_to_site": _later(_minutes(between, mode), roads, name, "site_to_site"),
            }
            for name, mode in modes.items()
            if rows
        },
    }


def _roads(
    names: Sequence[str], homes: Sequence[Point], sites: Sequence[Point]
) -> dict[str, dict[str, list[list[int]]]]:
    """Road times by mode where a road server is set and answers; what fails is logged."""
    if not settings.ROADS_URL or not homes or not sites:
        return {}
    server = RoadServer(settings.ROADS_URL, settings.ROADS_PROFILES, settings.ROADS_TIMEOUT_S)
    found, failures = measured(server, dict.fromkeys(names, homes), sites)
    for failure in failures:
        log.warning("No road times, the straight line stands in. %s", failure)
    return found


def _later(
    line: list[list[int]], roads: Mapping[str, Any], name: str, part: str
) -> list[list[int]]:
    """The longer of both ways of reckoning: the rules for a pair know the straight line only."""
    if name not in roads:
        return line
    rows: list[list[int]] = np.maximum(line, roads[name][part]).tolist()
    return rows


def _metres(places: Sequence[Point], sites: Sequence[Point]) -> NDArray[np.float64]:
    """Metres from each place to each site: (places, sites)."""
    if not places or not sites:
        return np.zeros((len(places), len(sites)))
    return np.array([travel_arrays.distances_m(places, site) for site in sites]).T


def _minutes(metres: NDArray[np.float64], mode: travel.Mode) -> list[list[int]]:
    found = travel_arrays.minutes_for(metres, mode.kmh, mode.fixed_min, mode.detour)
    return [[int(n) for n in row] for row in np.minimum(found, np.iinfo(np.int16).max)]


def _worker(
    book: Book,
    worker_id: int,
    on: date,
    origin: datetime,
    rows: Sequence[WorkOrder],
    locks: Mapping[int, Sequence[int]],
    able: Mapping[int, Sequence[int]],
) -> dict[str, Any]:
    worker = book.workers[worker_id]
    held = [o for o in rows if worker_id in locks[o.pk]]
    mine = [o for o in rows if worker_id in able[o.pk]]
    held_min = sum(o.duration_min for o in held)
    longest = max((o.duration_min for o in mine), default=0)
    return {
        "id": str(worker_id),
        "home": [worker.lat, worker.lon],
        "mode": worker.travel_mode,
        "available": _available(book, worker_id, on, origin, held) if held or mine else [],
        # What the rules let somebody do alone is never cut off here.
        "max_work_min": min(
            DAY_MIN, max(held_min + longest, _most_min(book, worker_id, on, held_min))
        ),
        "skills": [],
        "can_coach": False,
        "needs_coach": False,
        "fairness_per_hour": fairness(book.week_min(worker_id, on), worker.wish_week_min),
        **_breaks(book, worker_id, on),
    }


def _available(
    book: Book, worker_id: int, on: date, origin: datetime, held: Sequence[WorkOrder]
) -> list[list[int]]:
    """Hours given less days away, in minutes; what is held already counts as given, ways too."""
    given = subtract(book.windows(worker_id, [on]), book.time.away[worker_id])
    spans = [(max(0, (w.start - origin) // MINUTE), (w.end - origin) // MINUTE) for w in given]
    if held:
        way = {o.pk: book.home_min(o, worker_id) for o in held}
        first = min(held, key=lambda o: o.starts_at)
        last = max(held, key=lambda o: o.ends_at)
        slack = 10  # minutes are rounded up to the grid on both ends
        opens = (first.starts_at - origin) // MINUTE - way[first.pk] - slack
        closes = (last.ends_at - origin) // MINUTE + way[last.pk] + slack
        spans.append((max(0, opens), min(2 * DAY_MIN, closes)))
    whole = merge(
        Interval(origin + a * MINUTE, origin + min(b, 2 * DAY_MIN) * MINUTE)
        for a, b in spans
        if b > a
    )
    return [[(w.start - origin) // MINUTE, (w.end - origin) // MINUTE] for w in whole]


def _most_min(book: Book, worker_id: int, on: date, held_min: int) -> int:
    """Minutes of work that the date still takes: the law's regular day and week, the contract's."""
    rule = age_rule(book.facts(worker_id), on, book.limits)
    if rule not in _LIMITS:
        return 0
    day, week = (book.limits.value(code, on) for code in _LIMITS[rule])
    contracts = [c for c in book.contracts[worker_id] if _in_force(c, on)]
    if contracts:
        day = min(day, max(c.daily_max_min or day for c in contracts))
        week = min(week, max(c.weekly_max_min or week for c in contracts))
    left = week - book.week_min(worker_id, on) + held_min
    return max(0, min(day, left))


def fairness(week_min: int, wish_min: int) -> float:
    """Price of an hour for somebody with `week_min` of the `wish_min` they wish this week.

    Below nought for those who lack hours, above for those who have theirs.
    """
    share = week_min / max(1, wish_min)
    return round(min(FAIR_HIGH, FAIR_LOW + (0 - FAIR_LOW) * 2 * share), 2)


def _breaks(book: Book, worker_id: int, on: date) -> dict[str, int]:
    """The young need a free half hour between gigs; an adult's break lies inside a gig."""
    if age_rule(book.facts(worker_id), on, book.limits) is AgeRule.ADULT:
        return {"break_after_min": 0, "break_min": 0}
    return {
        "break_after_min": book.limits.value("young_break_over", on),
        "break_min": book.limits.value("young_break", on),
    }


def _order(
    book: Book,
    order: WorkOrder,
    origin: datetime,
    lacking: Mapping[int, int],
    locks: Mapping[int, Sequence[int]],
    able: Mapping[int, Sequence[int]],
    people: Sequence[int],
) -> dict[str, Any]:
    may = {*able[order.pk], *locks[order.pk]}
    start = _at(order, origin)
    return {
        "id": str(order.pk),
        "site": [order.site.lat, order.site.lon],
        "duration_min": order.duration_min,
        "earliest_start_min": start,
        "latest_start_min": start,
        "workers_needed": lacking.get(order.pk, 0) + len(locks[order.pk]),
        "skills": [],
        "coach_on_site": False,
        "priority": "normal" if lacking.get(order.pk) else "kept",
        "preferred": [str(w) for w in sorted(may) if book.likes(order, w)],
        "familiar": [str(w) for w in sorted(may) if book.at_site[w, order.site_id]],
        "blocked": [str(w) for w in people if w not in may],
    }


# --------------------------------------------------------------------------- solving


def has_engine() -> bool:
    """Whether the full planner is installed; without it plans are made by simple rules."""
    return find_spec("numba") is not None and find_spec("highspy") is not None


def _never() -> bool:
    return False


@dataclass(frozen=True)
class _Found:
    """What a search gave: rows that hold together, and what is known of their worth."""

    kept: list[tuple[WorkOrder, int]] = field(default_factory=list)
    problem: planning.Problem | None = None
    bound: int | None = None
    engine: str = SIMPLE
    stopped_by: str = NOTHING
    dropped: int = 0


def plan_day(
    book: Book,
    on: date,
    *,
    seconds: float,
    asked: Callable[[], bool] = _never,
    told: Callable[[Told], None] | None = None,
    seed: int = 0,
    only: Collection[int] | None = None,
    before: DayPlan | None = None,
) -> DayPlan:
    """Propose workers for the open places of a date, and take the proposal into the book.

    Stops after `seconds` of the clock or when `asked` says so, with the best plan so far; with
    0 seconds each place goes at once to whoever costs least, the earliest order first. `before`
    is what was taken for the date earlier: it stays unless the new plan is better.
    """
    started = time.monotonic()
    earlier = [(pick.order, pick.worker.pk) for pick in before.picks] if before else []
    for order, worker_id in earlier:
        book.release(order, worker_id)
    lacking = [
        o
        for o in book.orders
        if o.works_on == on and book.missing(o) and (only is None or o.pk in only)
    ]
    places = sum(book.missing(o) for o in lacking)
    found = _Found(stopped_by=RULES if lacking else NOTHING)
    if lacking and seconds > 0:
        found = _search(book, on, seconds, asked, told, seed, only)
    kept = [*found.kept, *_fill(book, lacking)]
    if before is not None and not _improves(on, found.problem, kept, earlier):
        for order, worker_id in kept:
            book.release(order, worker_id)
        for order, worker_id in earlier:
            book.take(order, worker_id)
        return replace(before, seconds=before.seconds + time.monotonic() - started)
    objective, travel_min = _value(on, found.problem, kept)
    return DayPlan(
        on=on,
        picks=[pick(book, order, worker_id) for order, worker_id in kept],
        lacks=[_lack(book, order) for order in lacking if book.missing(order)],
        places=places,
        objective=objective,
        bound=found.bound,
        travel_min=travel_min,
        seconds=time.monotonic() - started + (before.seconds if before else 0.0),
        engine=found.engine,
        stopped_by=found.stopped_by,
        dropped=found.dropped,
    )


def _improves(
    on: date,
    problem: planning.Problem | None,
    new: Sequence[tuple[WorkOrder, int]],
    old: Sequence[tuple[WorkOrder, int]],
) -> bool:
    """Whether more places are filled, or as many at less cost as things are now."""
    if len(new) != len(old):
        return len(new) > len(old)
    now, then = _value(on, problem, new)[0], _value(on, problem, old)[0]
    return now is not None and then is not None and now < then


def _search(
    book: Book,
    on: date,
    seconds: float,
    asked: Callable[[], bool],
    told: Callable[[Told], None] | None,
    seed: int,
    only: Collection[int] | None,
) -> _Found:
    from dispatch.plans import engine as plan_engine  # noqa: PLC0415 - loads compiled loops, only where needed

    def tell(stage: str, objective: int, bound: float | None) -> None:
        if told is not None:
            told(Told(on, stage, objective, bound))

    unlocked: set[int] = set()
    while True:
        day = day_problem(book, on, only=only, unlocked=unlocked)
        problem = planning.read_problem(day.data)
        broken = plan_engine.broken_days(problem)
        if not broken:
            break
        # Held days that break the planner's grid stay as they are and get nothing more.
        unlocked |= {int(problem.worker_ids[w]) for w in broken}
    if not day.pairs:
        return _Found()
    whole, until = problem, time.monotonic() + seconds
    best, least = _Found(), math.inf
    for left in range(ROUNDS, 0, -1):
        share = max(0.1, (until - time.monotonic()) / (1 if left == 1 else 2))
        solved = plan_engine.solve(
            problem, full=has_engine(), seconds=share, asked=asked, tell=tell, seed=seed
        )
        picked = _new_gigs(book, day, problem, solved.rows)
        kept = _keep(book, picked)
        for order, worker_id in kept:
            book.release(order, worker_id)
        refused = {w for w, orders in picked.items() for o in orders if (o, w) not in kept}
        dropped = sum(len(orders) for orders in picked.values()) - len(kept)
        # Later rounds plan less than the rules allow: only the first bound is one for the day.
        bound = solved.bound if left == ROUNDS else best.bound
        cost = _value(on, whole, kept)[0]
        if left == ROUNDS or (cost is not None and cost < least):
            least = math.inf if cost is None else cost
            best = _Found(kept, whole, bound, solved.engine, solved.stopped_by, dropped)
        if not refused or asked() or time.monotonic() >= until:
            break
        problem = _with_shorter_days(day, picked, refused)
    for order, worker_id in best.kept:
        book.take(order, worker_id)
    return best


def _with_shorter_days(
    day: DayProblem, picked: Mapping[int, list[WorkOrder]], too_long: Collection[int]
) -> planning.Problem:
    """The problem again, these workers with less time than what they could not do together.

    The planner does not count ways between gigs as work; the law does.
    """
    held = Counter[str]()
    for lock in day.data["locked"]:
        held[lock["worker"]] += day.orders[lock["order"]].duration_min
    for row in day.data["workers"]:
        if (pk := int(row["id"])) in too_long:
            mine = [order.duration_min for order in picked[pk]]
            least = held[row["id"]] + max(mine)
            row["max_work_min"] = max(least, held[row["id"]] + sum(mine) - 1)
    return planning.read_problem(day.data)


# --------------------------------------------------------------------------- a result to rows


def _new_gigs(
    book: Book, day: DayProblem, problem: planning.Problem, rows: Iterable[planning.Assignment]
) -> dict[int, list[WorkOrder]]:
    """New gigs of each worker by the clock."""
    found: defaultdict[int, list[WorkOrder]] = defaultdict(list)
    for row in rows:
        order = day.orders[problem.order_ids[row.order]]
        worker_id = int(problem.worker_ids[row.worker])
        if worker_id not in book.held(order):
            found[worker_id].append(order)
    for orders in found.values():
        orders.sort(key=lambda o: o.starts_at)
    return found


def _keep(book: Book, picked: Mapping[int, list[WorkOrder]]) -> list[tuple[WorkOrder, int]]:
    """Take what the rules still allow when the gigs of a day are looked at together."""
    kept: list[tuple[WorkOrder, int]] = []
    for worker_id, orders in sorted(picked.items()):
        mine: list[WorkOrder] = []
        for order in orders:
            if book.missing(order) and _take_if_all_hold(book, order, worker_id, mine):
                mine.append(order)
        kept += [(order, worker_id) for order in mine]
    return kept


def _take_if_all_hold(
    book: Book, order: WorkOrder, worker_id: int, earlier: Iterable[WorkOrder]
) -> bool:
    """Take the place unless the rules refuse it, or then refuse what was taken before."""
    if book.judge(order, worker_id).violations:
        return False
    book.take(order, worker_id)
    if any(book.judge(other, worker_id).violations for other in earlier):
        book.release(order, worker_id)
        return False
    return True


def _fill(book: Book, lacking: Iterable[WorkOrder]) -> list[tuple[WorkOrder, int]]:
    """Give what is left to whoever costs least, as a dispatcher would by hand."""
    found: list[tuple[WorkOrder, int]] = []
    for order in lacking:
        if not book.missing(order):
            continue
        able = [
            w for w in book.workers if w not in book.held(order) and book.free_of_notes(order, w)
        ]
        for worker_id in sorted(able, key=lambda w: (_cost(book, order, w), w)):
            if not book.missing(order):
                break
            mine = [o for o, w in found if w == worker_id]
            if _take_if_all_hold(book, order, worker_id, mine):
                found.append((order, worker_id))
    return found


def _cost(book: Book, order: WorkOrder, worker_id: int) -> float:
    """Ways and the pair, in the units of WEIGHTS."""
    finding, worker = book.judge(order, worker_id), book.workers[worker_id]
    pair = WEIGHTS["pair_base"] + order.duration_min / 60 * fairness(
        book.week_min(worker_id, order.works_on), worker.wish_week_min
    )
    pair += WEIGHTS["familiar"] if book.at_site[worker_id, order.site_id] else 0
    pair += WEIGHTS["preferred"] if book.likes(order, worker_id) else 0
    ways = finding.leg_in_min + finding.leg_out_min
    return ways + min(WEIGHTS["pair_max"], max(WEIGHTS["pair_min"], pair))


def _value(
    on: date,
    problem: planning.Problem | None,
    kept: Iterable[tuple[WorkOrder, int]],
) -> tuple[int | None, int]:
    """Cost of what is held and kept (None: not known in the planner's terms), travel minutes."""
    if problem is None:
        return None, 0
    from dispatch.plans import engine as plan_engine  # noqa: PLC0415 - as above

    origin = _origin(on)
    new = [
        planning.Assignment(
            problem.order_index[str(order.pk)],
            problem.worker_index[str(worker_id)],
            planning.HANDS,
            _at(order, origin),
        )
        for order, worker_id in kept
    ]
    return plan_engine.value(problem, [*problem.locked, *new])


# --------------------------------------------------------------------------- pieces to a day


@dataclass(frozen=True)
class PieceFound:
    """What a piece gave: pairs (order id, worker id), and what is known of their worth."""

    pairs: tuple[tuple[int, int], ...]
    objective: int | None
    bound: int | None
    travel_min: int
    engine: str
    stopped_by: str


def gather(book: Book, on: date, found: Sequence[PieceFound], *, exact: bool) -> DayPlan:
    """The pieces of a date as one plan, taken into the book.

    Every pair is judged again beside all others and the days that the book holds already; what
    does not hold is filled anew. The cost and the bound are known only when all pairs hold and the
    pieces are `exact`.
    """
    started = time.monotonic()
    lacking = [o for o in book.orders if o.works_on == on and book.missing(o)]
    places = sum(book.missing(o) for o in lacking)
    by_id, picked = {o.pk: o for o in lacking}, defaultdict[int, list[WorkOrder]](list)
    pairs = [pair for piece in found for pair in piece.pairs]
    for order_id, worker_id in pairs:
        if order_id in by_id and worker_id in book.workers:
            picked[worker_id].append(by_id[order_id])
    for orders in picked.values():
        orders.sort(key=lambda o: o.starts_at)
    kept = _keep(book, picked)
    dropped, filled = len(pairs) - len(kept), _fill(book, lacking)
    whole = exact and bool(found) and not dropped and not filled
    costs, bounds = [f.objective for f in found], [f.bound for f in found]
    return DayPlan(
        on=on,
        picks=[pick(book, order, worker_id) for order, worker_id in [*kept, *filled]],
        lacks=[_lack(book, order) for order in lacking if book.missing(order)],
        places=places,
        objective=_sum(costs) if whole else None,
        bound=_sum(bounds) if whole else None,
        travel_min=sum(f.travel_min for f in found),
        seconds=time.monotonic() - started,
        engine=FULL if any(f.engine == FULL for f in found) else SIMPLE,
        stopped_by=found[0].stopped_by if len(found) == 1 else RULES if not found else PIECES,
        dropped=dropped,
    )


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [n for n in numbers if n is not None]
    return sum(known) if len(known) == len(numbers) else None


def pick(book: Book, order: WorkOrder, worker_id: int) -> Pick:
    case, person = book.case(order), book.person(order, worker_id)
    finding = rules.judge(case, person)
    reasons = candidates.reasons(case, person, finding)
    return Pick(order, book.workers[worker_id], reasons, finding.week_min)


def _lack(book: Book, order: WorkOrder) -> Lack:
    """Why the places of an order stay empty: the first reason of everybody, counted."""
    why: Counter[str] = Counter()
    for worker_id in book.workers:
        if worker_id in book.held(order):
            continue
        violations = book.judge(order, worker_id).violations
        why[violations[0].code if violations else "busy_elsewhere"] += 1
    return Lack(order, book.missing(order), tuple(why.most_common()))


def recheck(
    rows: Iterable[tuple[int, int]], *, first: date, last: date, now: datetime
) -> dict[tuple[int, int], list[Violation]]:
    """What the rules say now of pairs (order id, worker id) proposed earlier, taken together.

    Each row is looked at after those before it by the clock; an empty list means it still holds.
    The codes besides those of the rules are `order_not_open` and `order_full`.
    """
    book = load(first, last, now=now)
    orders = {order.pk: order for order in book.orders}
    answers: dict[tuple[int, int], list[Violation]] = {}
    known = [pair for pair in rows if pair[0] in orders and pair[1] in book.workers]
    for pair in sorted(known, key=lambda p: (orders[p[0]].starts_at, p)):
        order, worker_id = orders[pair[0]], pair[1]
        if order.status not in OPEN or order.starts_at <= now:
            found = [Violation("order_not_open", rules.HARD, str(order.ref))]
        elif not book.missing(order):
            found = [Violation("order_full", rules.HARD, str(order.ref))]
        else:
            found = book.judge(order, worker_id).violations
        answers[pair] = found
        if not found:
            book.take(order, worker_id)
    return answers
