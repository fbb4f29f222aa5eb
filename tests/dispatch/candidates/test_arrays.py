"""Rows to arrays: the same answers as the full rules, and memory that notices every change."""

from __future__ import annotations

import random
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from core import guards
from dispatch.assignments import services
from dispatch.candidates import arrays
from dispatch.candidates.listing import _FIT_ORDER, Candidate, _candidate, listing
from dispatch.candidates.staff_snapshot import STAFF_FIELDS, _snapshots, forget, stamp
from dispatch.eligibility import facts, judge
from dispatch.eligibility.travel import Point
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction
from orders.models import TaskType, WorkOrder
from tests import builders
from tests.dispatch.rules.law_worlds import (
    COACH,
    PLACES,
    World,
    told_by_arrays,
    told_by_rules,
    world,
)
from tests.dispatch.rules.masks import codes_in
from tests.rounds import how_many
from workers.models import (
    Absence,
    AvailabilityException,
    Engagement,
    LegalLimit,
    Restriction,
    WeeklyAvailability,
    Worker,
)
from workers.models.guards import GUARDS, WATCHED, WORKER_COLUMNS

pytestmark = pytest.mark.django_db
LENGTHS = (60, 120, 240, 360, 420, 480, 600, 720, 840)
PAUSES = (0, 15, 60, 120, 400, 500, 640, 660, 700, 900, 1400, 2100)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget()


def fresh(order: WorkOrder) -> WorkOrder:
    return WorkOrder.objects.select_related("site", "task_type", "customer").get(pk=order.pk)


# --------------------------------------------------------------------------- the same answers


def by_full_rules(order: WorkOrder) -> list[Candidate]:
    """Every active worker as the full rules alone put them in order."""
    case, people = facts.load(order)
    rows = [_candidate(case, person, judge.judge(case, person)) for person in people]
    rows.sort(key=lambda c: (_FIT_ORDER[c.fit], -c.score, c.worker.last_name, c.worker.pk))
    return [replace(row, rank=rank) for rank, row in enumerate(rows, 1)]


def compare(order: WorkOrder, now: datetime) -> set[str]:
    """Every adult, one by one, and the order of all; the codes that occurred."""
    full = by_full_rules(order)
    everybody = arrays.ranked(order)
    found, row_of = everybody.ranking, {pk: n for n, pk in enumerate(everybody.ids.tolist())}
    met: set[str] = set()
    adults = [c for c in full if not found.needs_full_rules[row_of[c.worker.pk]]]
    for candidate in adults:
        row = row_of[candidate.worker.pk]
        want = told_by_rules(candidate)
        assert told_by_arrays(found, row) == want, (order.pk, candidate.worker.pk)
        assert found.leg_in_min[row] == candidate.trip_min
        assert found.week_min[row] == candidate.week_min
        met |= {code for code, _hard in want[2]}
    ranked = [row for row in found.order.tolist() if not found.needs_full_rules[row]]
    assert ranked == [row_of[c.worker.pk] for c in adults]
    part = listing(order, shown=7)
    shown = [*part.can, *part.cannot]
    wanted = [c for c in full if c.fit != "no"][:7] + [c for c in full if c.fit == "no"][:7]
    assert [(c.worker, c.rank, c.score, c.reasons) for c in shown] == [
        (c.worker, c.rank, c.score, c.reasons) for c in wanted
    ]
    assert part.count == len(full)
    return met


def busy_weeks(orders: list[WorkOrder], around: datetime, rng: random.Random) -> None:
    """Gigs day and night for everybody, so that every rule on time and rest has work to do."""
    Assignment.objects.update(status="withdrawn")
    rows = []
    for worker in Worker.objects.all():
        at = around - timedelta(days=12) + timedelta(minutes=15 * rng.randrange(100))
        pool = iter(rng.sample(orders, min(len(orders), 150)))
        much = rng.choice((1, 1, 2, 4))
        while at < around + timedelta(days=12) and (order := next(pool, None)):
            ends_at = at + timedelta(minutes=rng.choice(LENGTHS))
            rows.append(
                Assignment(
                    ref=uuid.uuid4(),
                    order=order,
                    worker=worker,
                    status="accepted",
                    starts_at=at,
                    ends_at=ends_at,
                    created_at=around,
                )
            )
            at = ends_at + timedelta(minutes=much * rng.choice(PAUSES))
    Assignment.objects.bulk_create(rows)
    for worker in rng.sample(list(Worker.objects.all()), Worker.objects.count() // 4):
        Engagement.objects.create(
            worker=worker,
            kind=rng.choice(Engagement.Kind.values),
            starts_on=around.date() - timedelta(days=90),
            daily_max_min=rng.choice((None, 300, 480)),
            weekly_max_min=rng.choice((None, 900, 2000)),
            days_per_week_max=rng.choice((None, 2, 4)),
            excludes_business=rng.random() < 0.2,
        )


@pytest.mark.long
def test_arrays_say_what_the_full_rules_say(now: datetime) -> None:
    """Workers of the demo data and orders: some as they are and some in crowded weeks.

    120 workers with 12 and 10 orders; with LONG=1 300 workers with 30 and 10.
    """
    call_command("demo_data", workers=how_many(120, 300), customers=20, orders=how_many(170, 420))
    rng = random.Random(5)
    orders = list(
        WorkOrder.objects.select_related("site", "task_type", "customer").order_by("starts_at")
    )
    met: set[str] = set()
    for order in rng.sample(orders, how_many(12, 30)):
        met |= compare(order, now)
    middle = orders[len(orders) // 2].starts_at
    busy_weeks(orders, middle, rng)
    near = [o for o in orders if abs(o.starts_at - middle) < timedelta(days=4)]
    for order in rng.sample(near, 10):
        met |= compare(order, now)
    assert {"overlap", "absent", "skill_missing", "travel_to_next", "daily_rest_floor"} <= met
    assert {"daily_rest", "weekly_rest", "weekly_hours", "weekly_max", "daily_hours"} <= met
    assert {"own_weekly_max", "own_days_per_week", "engagement_own_week_min"} <= met


def stored(w: World, now: datetime) -> WorkOrder:
    """A world of `law_worlds` as rows; past gigs are all that its earlier months hold."""
    like = w.order
    skills = {s.pk: builders.skill(s.code) for s in w.skills}
    task = builders.task_type(
        f"task{w.seed}",
        strains=like.task_type.strains,
        min_age=like.task_type.min_age,
        hazardous=like.task_type.hazardous,
        light_work=like.task_type.light_work,
    )
    task.skills.set(skills.values())
    owner = builders.customer(kind=like.customer.kind)

    # A worker has one place of an order at most, so every gig at a place has an order of its own.
    pool: defaultdict[Point, list[WorkOrder]] = defaultdict(list)

    def row(place: Point, **fields: Any) -> WorkOrder:
        site = builders.site(owner, street=f"{place}"[:80], lat=place.lat, lon=place.lon)
        return builders.order(customer=owner, site=site, task_type=task, **fields)

    def spare(place: Point, used: set[int]) -> WorkOrder:
        found = next((o for o in pool[place] if o.pk not in used), None)
        if found is None:
            found = row(place)
            pool[place].append(found)
        used.add(found.pk)
        return found

    order = row(PLACES[0], on=like.works_on, coach_on_site=like.coach_on_site)
    WorkOrder.objects.filter(pk=order.pk).update(starts_at=like.starts_at, ends_at=like.ends_at)
    coach = builders.user(Role.COACH, name=COACH.name)
    gigs: list[Assignment] = []
    for one in w.people:
        worker = one.worker
        names = ("first_name", "last_name", "birth_date", "basic_school_done", "lat", "lon",
                 "travel_mode", "max_trip_min", "wish_week_min", "coached_gigs")  # fmt: skip
        made = builders.worker(
            engagement=None,
            available=False,
            coach=coach if worker.coach_id else None,
            **{name: getattr(worker, name) for name in names},
        )
        used: set[int] = set()
        made.skills.set([row for pk, row in skills.items() if pk in one.skills])
        for strain in one.strains:
            Restriction.objects.create(worker=made, strain=strain)
        for contract in one.contracts:
            Engagement.objects.create(worker=made, **vars(contract))
        for usual in one.usual:
            WeeklyAvailability.objects.create(worker=made, **usual._asdict())
        for c in one.changes:
            AvailabilityException.objects.create(
                worker=made, on=c.on, available=c.available, starts=c.start, ends=c.end
            )
        for away in one.absences:
            Absence.objects.create(
                worker=made, starts_at=away.start, ends_at=away.end, created_at=now
            )
        for gig in one.gigs:
            at = order if gig.order_id == like.pk else spare(gig.place, used)
            gigs.append(held(at, made, gig.interval.start, gig.interval.end, now))
        for n in range(one.done):
            start = like.starts_at - timedelta(days=60 + n)
            place = spare(PLACES[n >= one.at_site], used)
            gigs.append(held(place, made, start, start + timedelta(hours=2), now, "completed"))
    Assignment.objects.bulk_create(gigs)
    return fresh(order)


def held(
    order: WorkOrder,
    worker: Worker,
    start: datetime,
    end: datetime,
    now: datetime,
    status: str = "accepted",
) -> Assignment:
    return Assignment(
        ref=uuid.uuid4(),
        order=order,
        worker=worker,
        status=status,
        starts_at=start,
        ends_at=end,
        created_at=now,
    )


@pytest.mark.parametrize("seed", range(how_many(4, 40)))
@pytest.mark.long
def test_random_worlds_agree_through_the_database(seed: int, now: datetime) -> None:
    """A sample of the worlds of `test_law_worlds`, from rows."""
    compare(stored(world(seed), now), now)


@pytest.mark.parametrize("on", [date(2026, 10, 25), date(2027, 3, 28), date(2026, 12, 6)])
@pytest.mark.parametrize("at", [time(1), time(9), time(21)])
@pytest.mark.engine
def test_night_change_of_the_clock_and_holiday_agree(on: date, at: time, now: datetime) -> None:
    """Orders over midnight, on days of 23 and 25 hours, and on Sundays."""
    order = builders.order(on=on, at=at, duration_min=480)
    rng = random.Random(9)
    for n in range(25):
        worker = builders.worker(lat=61.0 + n / 97, travel_mode=("walk", "bus", "car")[n % 3])
        if n % 4 == 0:
            AvailabilityException.objects.create(worker=worker, on=on, available=n % 8 == 0)
        if n % 5 == 0:
            AvailabilityException.objects.create(
                worker=worker, on=on, available=False, starts=time(10), ends=time(12)
            )
    others = [builders.order(on=on, at=time(9)) for _ in range(40)]
    busy_weeks(others, order.starts_at, rng)
    compare(fresh(order), now)


def test_young_workers_are_settled_by_the_full_rules(now: datetime) -> None:
    order = builders.order()
    for year in (2009, 2010, 1990, 2013):
        builders.worker(birth_date=date(year, 5, 17))
    everybody = arrays.ranked(fresh(order))
    assert everybody.ranking.needs_full_rules.tolist() == [True, True, False, True]
    full = by_full_rules(order)
    found = listing(fresh(order), shown=5)
    assert [(c.worker.pk, c.fit, c.rank) for c in (*found.can, *found.cannot)] == [
        (c.worker.pk, c.fit, c.rank) for c in full
    ]


@pytest.mark.engine
def test_pages_of_the_whole_list_join_without_a_gap(now: datetime) -> None:
    order = builders.order(task_type=builders.task_type(skills=("garden",)))
    for n in range(23):
        young: dict[str, Any] = {"birth_date": date(2010, 1, 1)} if n % 7 == 0 else {}
        builders.worker(lat=61.0 + n / 97, skills=("garden",) if n % 2 else (), **young)
    full = by_full_rules(order)
    pages = [listing(fresh(order), shown=5, start=start) for start in range(0, 25, 5)]
    listed = [c for page in pages for c in page.can] + [c for page in pages for c in page.cannot]
    assert [(c.worker.pk, c.rank) for c in listed] == [(c.worker.pk, c.rank) for c in full]


# --------------------------------------------------------------------------- fairness


def test_saying_no_never_lowers_the_rank(now: datetime) -> None:
    """Seven times no to other offers and once to this order: the same place, the same points."""
    office = builders.user(Role.DISPATCHER)
    order = builders.order()
    crew = [builders.worker(lat=61.0 + n / 50, travel_mode="car") for n in range(5)]
    before = [(c.worker.pk, c.rank, c.score) for c in listing(fresh(order), shown=5).can]
    refuser = crew[2]
    for asked in (*(builders.order(on=date(2026, 12, n + 1)) for n in range(7)), order):
        [made] = services.assign(
            asked, [refuser.pk], by=office, now=now, offer=True, override_reason="sovittu"
        )
        services.apply_action(made, AssignmentAction.DECLINE, by=None, now=now)
    assert Assignment.objects.filter(worker=refuser, status="declined").count() == 8
    assert [(c.worker.pk, c.rank, c.score) for c in listing(fresh(order), shown=5).can] == before


# --------------------------------------------------------------------------- queries


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.engine
def test_queries_do_not_grow_with_the_workers(count: int) -> None:
    """With warm arrays three queries, and three more for the people who are shown."""
    task = builders.task_type(skills=("garden",), strains=["lifting"])
    order = fresh(builders.order(task_type=task))
    for _ in range(count):
        builders.worker()
    arrays.ranked(order)
    with CaptureQueriesContext(connection) as queries:
        arrays.ranked(order)
    assert len(queries) == arrays.QUERIES == 3
    with CaptureQueriesContext(connection) as queries:
        listing(order, shown=10)
    assert len(queries) == arrays.QUERIES + facts.QUERIES - 1


# --------------------------------------------------------------------------- what is remembered


def worker_row() -> Worker:
    return builders.worker(skills=("cleaning",))


CHANGES: dict[str, Callable[[Worker], object]] = {
    "home": lambda w: Worker.objects.filter(pk=w.pk).update(lat=61.2),
    "mode": lambda w: Worker.objects.filter(pk=w.pk).update(travel_mode="car"),
    "skill": lambda w: w.skills.clear(),
    "new skill": lambda w: w.skills.add(builders.skill("garden")),
    "name of a skill": lambda w: w.skills.update(name_fi="Toinen"),
    "week in bulk": lambda w: WeeklyAvailability.objects.filter(worker=w).update(ends=time(10)),
    "week gone": lambda w: WeeklyAvailability.objects.filter(worker=w).delete(),
    "limit": lambda w: Restriction.objects.create(worker=w, strain="lifting"),
    "contract": lambda w: Engagement.objects.filter(worker=w).update(ends_on=date(2026, 2, 1)),
    "at work no more": lambda w: Worker.objects.filter(pk=w.pk).update(active=False),
    "somebody new": lambda w: builders.worker(),
    "law": lambda w: LegalLimit.objects.create(
        code="adult_daily_rest", valid_from=date(2026, 1, 1), value=720, unit="min", source="test"
    ),
    "task": lambda w: TaskType.objects.get().skills.add(builders.skill("garden")),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.engine
def test_every_change_of_what_is_kept_changes_the_mark(what: str) -> None:
    """Bulk writes too: forgetting the mark is not possible in a service."""
    worker, _order = worker_row(), builders.order()
    before = stamp()
    CHANGES[what](worker)
    assert stamp() != before


@pytest.mark.parametrize("column", WORKER_COLUMNS)
@pytest.mark.engine
def test_each_column_that_is_kept_is_watched(column: str) -> None:
    worker = worker_row()
    before = stamp()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE workers_worker SET {column} = {column} WHERE id = %s", [worker.pk])
    assert stamp() != before


def test_columns_read_are_columns_watched() -> None:
    """A column that the arrays learn to read has to be watched as well."""
    read = {name for name in STAFF_FIELDS if name != "pk"}  # noqa: SLF001
    assert read | {"active"} == set(WORKER_COLUMNS)


@pytest.mark.engine
def test_lock_of_a_booking_changes_nothing() -> None:
    """Bookings are read fresh; they must not make every process read everybody again."""
    worker = worker_row()
    before = stamp()
    Worker.objects.filter(pk=worker.pk).update(lock_no=9, phone="+358401234567")
    assert stamp() == before


@pytest.mark.engine
def test_two_memories_one_change_is_seen_in_the_other() -> None:
    """Two processes stand for two memories: what one writes, the other reads on its next turn."""
    worker, order = worker_row(), fresh(builders.order())
    arrays.ranked(order)
    other = dict(_snapshots)  # noqa: SLF001
    Worker.objects.filter(pk=worker.pk).update(max_trip_min=1, lat=61.3)
    forget()
    _snapshots.update(other)  # noqa: SLF001
    assert codes_in(int(arrays.ranked(order).ranking.codes[0])) != []


@pytest.mark.engine
def test_without_the_triggers_the_memory_is_stale() -> None:
    """Negative control: the triggers and nothing else make the change seen, and a check says so."""
    worker, order = worker_row(), fresh(builders.order())
    before = arrays.ranked(order).ranking.codes.tolist()
    for guard in GUARDS:
        guards.drop(only=guard.name)
    try:
        Worker.objects.filter(pk=worker.pk).update(max_trip_min=1, lat=61.3)
        assert arrays.ranked(order).ranking.codes.tolist() == before
        assert set(guards.missing()) == {g.name for g in GUARDS}
    finally:
        for guard in GUARDS:
            guards.install(only=guard.name)
    assert len(GUARDS) == len(WATCHED)


@pytest.mark.engine
def test_rolled_back_state_is_never_taken_for_another(now: datetime) -> None:
    """The mark is random: the same number of changes twice does not give the same mark."""
    worker = worker_row()
    seen = set()
    for _ in range(5):
        Worker.objects.filter(pk=worker.pk).update(lat=61.2)
        seen.add(stamp())
    assert len(seen) == 5


@pytest.mark.engine
def test_gigs_days_away_and_changed_dates_are_read_fresh(now: datetime) -> None:
    worker, order = worker_row(), fresh(builders.order())
    office = builders.user(Role.DISPATCHER)

    def codes() -> list[str]:
        return codes_in(int(arrays.ranked(order).ranking.codes[0]))

    assert codes() == []
    gig = builders.order(at=time(10))
    services.assign(gig, [worker.pk], by=office, now=now, offer=False)
    assert "overlap" in codes()
    Assignment.objects.update(status="withdrawn")
    off = AvailabilityException.objects.create(worker=worker, on=order.works_on, available=False)
    assert codes() == ["not_available"]
    off.delete()
    start, end = order.starts_at, order.ends_at
    Absence.objects.create(worker=worker, starts_at=start, ends_at=end, created_at=now)
    assert codes() == ["absent"]


# --------------------------------------------------------------------------- what is shown


def test_order_page_says_what_would_help(now: datetime) -> None:
    """The smallest single change, without a word on health or on the kind of contract."""
    office = builders.user(Role.DISPATCHER)
    builders.worker(first_name="Vilma")
    order = builders.order(
        on=date(2027, 3, 4), task_type=builders.task_type(skills=("garden",), strains=["lifting"])
    )
    limited = builders.worker(first_name="Otso", skills=("garden",), engagement="rehabilitative")
    Restriction.objects.create(worker=limited, strain="lifting")
    client = Client()
    client.force_login(office)
    client.cookies["django_language"] = "en"
    html = client.get(reverse("dispatch:order-detail", args=[order.ref])).content.decode()
    assert "<b>Vilma</b> would fit with the skill: garden" in html
    assert "<b>Otso</b> would fit" not in html


@pytest.mark.engine
def test_another_process_sees_the_mark(tmp_path: object) -> None:
    """The mark lives in the database itself: SQLite's own client writes it too."""
    if connection.vendor != "sqlite":
        names = {g.name for g in GUARDS}
        assert names.isdisjoint(guards.missing())
        return
    copy = sqlite3.connect(":memory:")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name LIKE 'stamp_workers_restriction%'")
        triggers = [row[0] for row in cursor.fetchall()]
    copy.execute("CREATE TABLE workers_workerstamp (worker_id INTEGER PRIMARY KEY, mark INTEGER)")
    copy.execute("CREATE TABLE workers_restriction (id INTEGER PRIMARY KEY, worker_id INTEGER)")
    for trigger in triggers:
        copy.execute(trigger)
    copy.execute("INSERT INTO workers_restriction (worker_id) VALUES (7)")
    [(worker, first)] = copy.execute("SELECT * FROM workers_workerstamp").fetchall()
    copy.execute("DELETE FROM workers_restriction")
    [(_worker, second)] = copy.execute("SELECT * FROM workers_workerstamp").fetchall()
    assert (worker, first != second, len(triggers)) == (7, True, 3)
