"""What planning knows of some days: people, orders, held time, and the law.

`load` reads it in at most `QUERIES` queries whatever the size. `problem` writes a day of it in the
planner's format, `solve` takes what it found back into it, so that the next day of a week sees its
hours and rests. Whether a worker may take an order is asked of `dispatch.eligibility.judge.judge`
and of nothing else: a pair with any violation, hard or soft, is blocked, so a proposal never needs
an override.

Coaches are no workers in our rows: a first assignment without a coach on site or within reach is a
blocked pair, and no worker of a problem coaches another.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
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
    overlaps,
    weekly_windows,
)
from core.violations import Violation
from core.zone import HELSINKI, local_date
from dispatch.eligibility import history, judge, travel_arrays, worker_time
from dispatch.eligibility.facts import LONGEST_TRIP, NEIGHBOURS, Case, Contract, Person
from dispatch.eligibility.judge import Finding
from dispatch.eligibility.travel import Point
from dispatch.eligibility.worker_time import Gig, WorkerTime
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus
from orders.models import TaskType, WorkOrder
from orders.models.lifecycle import OrderStatus
from workers.models import Engagement, ExceptionPermit, Restriction, Skill, Worker
from workers.rules.engagement import EngagementKind
from workers.rules.worktime_facts import PersonFacts, SchoolCalendar, age_on, required_break_min
from workers.rules.worktime_limits import LegalLimits
from workers.rules.worktime_permits import Permit, PermitKind
from workers.worktime import selectors

QUERIES = 15
# Orders whose places can still be given away.
OPEN = (
    OrderStatus.PLACED,
    OrderStatus.FILLED,
    OrderStatus.IN_PROGRESS,
    OrderStatus.UNFILLED,
)


# --------------------------------------------------------------------------- what is known


@dataclass
class PlanningFacts:
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

    def only_workers(self, worker_ids: Collection[int]) -> None:
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
        """The order as the rules see it; results that many pairs share are kept here."""
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

    def suits(self, order: WorkOrder, worker_id: int) -> bool:
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
            contracts=[c for c in self.contracts[worker_id] if in_force(c, case.on)],
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
        return judge.judge(self.case(order), self.person(order, worker_id))

    def has_no_objection(self, order: WorkOrder, worker_id: int) -> bool:
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
            # One gig in the day: the trip leads from home and back.
            trip = self.home_min(order, worker_id)
            if trip > self.workers[worker_id].max_trip_min:
                return False
            away_for = Interval(
                case.interval.start - trip * MINUTE, case.interval.end + trip * MINUTE
            )
        if not any(contains(w, away_for) for w in self.windows(worker_id, days)):
            return False
        return not self.judge(order, worker_id).violations

    def week_min(self, worker_id: int, on: date) -> int:
        """Work of the worker in the ISO week of a date, less breaks; trips are not counted."""
        week = local_week_bounds(on, HELSINKI)
        person = self.age_facts(worker_id)
        gigs = [g.interval for g in self.time.gigs[worker_id] if overlaps(g.interval, week)]
        rest = [required_break_min(person, i.minutes, on, self.limits) for i in gigs]
        return sum(i.minutes for i in gigs) - sum(rest)

    def age_facts(self, worker_id: int) -> PersonFacts:
        """What the age of the worker decides."""
        worker = self.workers[worker_id]
        return PersonFacts(worker.birth_date, worker.basic_school_done)


def _outing(case: Case) -> Interval:
    return Interval(case.interval.start - judge.SAME_OUTING, case.interval.end + judge.SAME_OUTING)


def in_force(contract: Contract, on: date) -> bool:
    return contract.starts_on <= on and (contract.ends_on is None or on <= contract.ends_on)


def load_facts(first: date, last: date, *, now: datetime) -> PlanningFacts:
    """The facts of the local dates `first` to `last`, both included.

    At most `QUERIES` queries, however many workers and orders there are.
    """
    weeks = Interval(
        local_week_bounds(first, HELSINKI).start, local_week_bounds(last, HELSINKI).end
    )
    frame = Interval(weeks.start - NEIGHBOURS, weeks.end + NEIGHBOURS)
    limits = selectors.legal_limits()
    edges = (local_date(frame.start, HELSINKI), local_date(frame.end, HELSINKI))
    facts = PlanningFacts(first, last, now, limits, holidays_between(*edges)[0])
    rows = WorkOrder.objects.filter(works_on__range=(first, last)).exclude(
        status=OrderStatus.CANCELLED
    )
    facts.orders = list(
        rows.select_related("customer", "site", "task_type").order_by("starts_at", "pk")
    )
    _load_workers(facts)
    days = [first + timedelta(days=n) for n in range(-2, (last - first).days + 3)]
    away_in = Interval(
        local_day_bounds(days[0], HELSINKI).start, local_day_bounds(days[-1], HELSINKI).end
    )
    facts.time = worker_time.load(days, away_in, gigs_in=frame)
    facts.earlier_min = history.earlier_min(None, last, frame, limits, HELSINKI)
    _load_past(facts)
    _load_young(facts, (weeks.start, weeks.end))
    return facts


def _load_workers(facts: PlanningFacts) -> None:
    people = Worker.objects.filter(active=True).select_related("coach").order_by("pk")
    people = people.defer("phone", "email", "street", "payroll_no", "coach__phone")
    facts.workers = {worker.pk: worker for worker in people}
    tasks = {order.task_type_id for order in facts.orders}
    needed = TaskType.skills.through.objects.filter(tasktype_id__in=tasks)
    for row in needed.select_related("skill").order_by("skill__name_fi"):
        facts.task_skills[row.tasktype_id].append(row.skill)
    having = Worker.skills.through.objects.filter(worker__active=True)
    for worker_id, skill_id in having.values_list("worker_id", "skill_id"):
        facts.skills[worker_id].add(skill_id)
    limits = Restriction.objects.filter(worker__active=True)
    for worker_id, strain in limits.values_list("worker_id", "strain"):
        facts.strains[worker_id].add(strain)
    valid = Q(ends_on__isnull=True) | Q(ends_on__gte=facts.first)
    contracts = Engagement.objects.filter(valid, worker__active=True, starts_on__lte=facts.last)
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
        facts.contracts[deal.worker_id].append(contract)


def _load_past(facts: PlanningFacts) -> None:
    """Finished gigs of every worker, all told and by site: one query."""
    finished = Assignment.objects.filter(
        status=AssignmentStatus.COMPLETED, starts_at__lt=facts.now
    ).order_by()
    counted = finished.values_list("worker_id", "order__site_id").annotate(n=Count("pk"))
    for worker_id, site_id, n in counted:
        facts.done[worker_id] += n
        facts.at_site[worker_id, site_id] += n


def _load_young(facts: PlanningFacts, weeks: tuple[datetime, datetime]) -> None:
    adult = facts.limits.value("adult_age", facts.first)
    young = [
        pk for pk, worker in facts.workers.items() if age_on(worker.birth_date, facts.first) < adult
    ]
    if not young:
        return
    facts.school = selectors.school_calendar()
    rows = ExceptionPermit.objects.filter(
        worker_id__in=young, valid_from__lte=facts.last, valid_to__gte=facts.first
    )
    for row in rows.order_by("valid_from", "pk"):
        permit = Permit(row.number, PermitKind(row.kind), row.valid_from, row.valid_to)
        facts.permits[row.worker_id].append(permit)
    for year in {facts.first.year, facts.last.year}:
        facts.year[year] = history.work_of_year(young, year, weeks, HELSINKI)


# --------------------------------------------------------------------------- rows to a problem


# --------------------------------------------------------------------------- solving


# --------------------------------------------------------------------------- a result to rows


# --------------------------------------------------------------------------- pieces to a day
