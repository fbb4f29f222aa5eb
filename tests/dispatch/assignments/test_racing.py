"""Racing processes against the one door: nobody is booked twice, no team is half made."""

from __future__ import annotations

import copy
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connection

from core import guards
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING
from orders.models import WorkOrder
from tests import builders
from tests.dispatch.racers import PROCESSES, Job, Racers
from tests.racing import database_url
from tests.rounds import how_many
from workers.models import Engagement, WeeklyAvailability, Worker

pytestmark = [
    pytest.mark.engine,
    pytest.mark.racing,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]
ROUNDS = how_many(40, 250)
GUARD = "assignment_no_overlap"


@pytest.fixture(scope="module")
def racers(django_db_setup: None) -> Iterator[Racers]:
    found = Racers(database_url())
    yield found
    found.stop()


def crew(count: int) -> list[Worker]:
    """Workers who are free all day, made in few statements."""
    model = builders.worker(available=False, engagement=None)
    rows = []
    for n in range(count):
        row = copy.copy(model)
        row.pk, row.ref, row.worker_no = None, uuid.uuid4(), f"R{n}"
        rows.append(row)
    made = Worker.objects.bulk_create(rows)
    Engagement.objects.bulk_create(
        Engagement(worker=w, kind="employment", starts_on=date(2026, 1, 1)) for w in made
    )
    WeeklyAvailability.objects.bulk_create(
        WeeklyAvailability(worker=w, weekday=3, starts="07:00", ends="21:00") for w in made
    )
    return made


def orders(count: int, **fields) -> list[WorkOrder]:
    """Orders of one Thursday that all overlap: each starts a quarter of an hour after another."""
    model = builders.order(**fields)
    rows = []
    for n in range(count):
        row = copy.copy(model)
        row.pk, row.ref, row.form_key, row.number = None, uuid.uuid4(), uuid.uuid4(), 90_000 + n
        shift = timedelta(minutes=15 * (n % PROCESSES))
        row.starts_at, row.ends_at = row.starts_at + shift, row.ends_at + shift
        rows.append(row)
    return WorkOrder.objects.bulk_create(rows)


def race_for_each_worker(count: int) -> list[list[Job]]:
    """One worker a round, wanted by every process for another, overlapping order."""
    workers, wanted = crew(count), orders(count * PROCESSES)
    return [
        [(o.pk, [w.pk]) for o in wanted[n * PROCESSES : (n + 1) * PROCESSES]]
        for n, w in enumerate(workers)
    ]


def double_bookings() -> int:
    """Pairs of assignments that hold the same worker at the same time, counted by SQL alone."""
    holding = ", ".join(f"'{s.value}'" for s in HOLDING)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM dispatch_assignment a JOIN dispatch_assignment b "
            "ON a.worker_id = b.worker_id AND a.id < b.id "
            "AND a.starts_at < b.ends_at AND a.ends_at > b.starts_at "
            f"WHERE a.status IN ({holding}) AND b.status IN ({holding})"
        )
        return int(cursor.fetchone()[0])


def test_racing_attempts_book_nobody_twice(racers):
    """Each round has exactly one winner, everybody else hears that somebody was faster."""
    ended = racers.run(race_for_each_worker(ROUNDS))
    assert ended == [Counter(won=1, booked_meanwhile=PROCESSES - 1)] * ROUNDS
    assert double_bookings() == 0
    assert Assignment.objects.count() == ROUNDS


def test_guard_alone_stops_code_that_forgets_the_lock(racers):
    """Naive code (check, then write; no lock, no transaction) behind the guard."""
    wanted = race_for_each_worker(how_many(8, 20))
    ended = sum(racers.run(wanted, "naive"), Counter())
    assert double_bookings() == 0
    assert ended["won"] == len(wanted)
    assert set(ended) <= {"won", "booked_meanwhile", "overlap"}
    assert ended["booked_meanwhile"] > 0


def test_negative_control_without_lock_and_guard_books_many_twice(racers):
    """The same race sees the fault when the lock is bypassed and the guard is gone."""
    wanted = race_for_each_worker(how_many(15, 60))
    guards.drop(only=GUARD)
    try:
        ended = sum(racers.run(wanted, "naive"), Counter())
        extra = Assignment.objects.count() - len(wanted)
        pairs = double_bookings()
    finally:
        Assignment.objects.all().delete()
        guards.install(only=GUARD)
    # Of seven who come too late in each round, one or more are booked all the same.
    assert extra > len(wanted) // 2, ended
    assert pairs > len(wanted) // 2


def teams(count: int) -> list[list[Job]]:
    """Every process wants three of the same six people, in an order of its own."""
    people = crew(count * 6)
    dice = random.Random(7)  # noqa: S311 - the same race each time
    wanted = orders(count * PROCESSES, people=3)
    found: list[list[Job]] = []
    for n in range(count):
        six = [w.pk for w in people[n * 6 : n * 6 + 6]]
        jobs = wanted[n * PROCESSES : (n + 1) * PROCESSES]
        found.append([(o.pk, dice.sample(six, 3)) for o in jobs])
    return found


def test_racing_teams_never_deadlock_and_are_never_half_made(racers):
    """A team of three comes whole or not at all."""
    ended = sum(racers.run(teams(how_many(6, 15))), Counter())
    sizes = Counter(Counter(Assignment.objects.values_list("order_id", flat=True)).values())
    assert set(ended) == {"won", "booked_meanwhile"}
    assert sizes == Counter({3: ended["won"]})
    assert double_bookings() == 0


def test_negative_control_locking_in_random_order_deadlocks(racers):
    """The sorted order of locks is what keeps teams apart; SQLite has one lock and no deadlock."""
    ended = sum(racers.run(teams(how_many(8, 12)), "unsorted"), Counter())
    assert (ended["deadlock"] > 0) == (connection.vendor == "postgresql")
    assert double_bookings() == 0


def test_places_of_an_order_are_never_given_twice(racers):
    """Eight dispatchers, eight free workers, one place."""
    count = how_many(8, 20)
    workers = crew(PROCESSES * count)
    wanted = orders(count)
    jobs = [
        [(o.pk, [w.pk]) for w in workers[n * PROCESSES : (n + 1) * PROCESSES]]
        for n, o in enumerate(wanted)
    ]
    ended = racers.run(jobs)
    assert ended == [Counter(won=1, order_full=PROCESSES - 1)] * count
    assert Assignment.objects.count() == count


def test_racing_changes_of_every_kind_never_deadlock(racers):
    """Assign, reassign, cancel and absence at once: locks go worker, order, assignment."""
    count = how_many(15, 40)
    dice = random.Random(5)  # noqa: S311 - the same race each time
    people, wanted = [w.pk for w in crew(12)], [o.pk for o in orders(10, people=3)]
    jobs: list[list[Job]] = [
        [(dice.choice(wanted), dice.sample(people, 2)) for _ in range(PROCESSES)]
        for _ in range(count)
    ]
    ended = sum(racers.run(jobs, "mixed"), Counter())
    assert set(ended) <= {
        "won",
        "absent",
        "booked_meanwhile",
        "order_full",
        "order_not_open",
        "order_not_possible",
        "order_changed",
        "not_possible_now",
    }
    assert double_bookings() == 0
    for order in WorkOrder.objects.prefetch_related("assignments"):
        held = sum(a.holds_time for a in order.assignments.all())
        assert held <= order.people
        expected = "filled" if held == order.people else "placed"
        assert order.status == ("cancelled" if order.cancelled_at else expected)
        assert not (order.cancelled_at and held)
    assert ended["won"] > count // 2
