"""The day as the board shows it: columns, free time, troubles, the coach's list."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from accounts.models import Role
from dispatch.assignments import services
from dispatch.board import coach_day
from dispatch.board import day as board
from dispatch.board.selectors import with_counts
from dispatch.board.troubles import find_troubles
from dispatch.models import Assignment
from tests import builders
from workers.models import Absence, AvailabilityException, WeeklyAvailability, Worker

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
ON = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)  # Thursday 7.00 in Helsinki


@pytest.fixture
def office():
    builders.organisation()
    return builders.user(Role.DISPATCHER)


def booked(worker: Worker, by, *, offer: bool = False, **fields) -> Assignment:
    return services.assign(
        builders.order(**fields), [worker.pk], by=by, now=NOW - timedelta(hours=10), offer=offer
    )[0]


def cells(model: board.DayBoard, kind: str) -> list[tuple[int, int]]:
    return [(c.col, c.span) for row in model.rows for c in row.cells if c.kind == kind]


def test_gig_takes_quarter_hour_columns_from_seven(office):
    booked(builders.worker(), office, at=time(9, 15), duration_min=90)
    model = board.day_board(ON, now=NOW)
    assert cells(model, "gig") == [(10, 6)]
    assert (model.frame.first_h, model.frame.last_h) == (7, 17)


def test_frame_grows_with_an_early_and_a_late_gig(office):
    builders.order(at=time(5, 30), duration_min=60)
    builders.order(at=time(16), duration_min=195)
    model = board.day_board(ON, now=NOW)
    assert (model.frame.first_h, model.frame.last_h) == (5, 20)


def test_gig_past_midnight_ends_at_the_edge_and_goes_on_the_next_day(office):
    row = booked(builders.worker(), office, at=time(17), duration_min=240)
    late = datetime(2026, 11, 26, 22, 0, tzinfo=UTC)
    Assignment.objects.filter(pk=row.pk).update(
        starts_at=late - timedelta(hours=2), ends_at=late + timedelta(hours=2)
    )
    tonight = board.day_board(ON, now=NOW)
    assert cells(tonight, "gig")[0][1] == 8
    assert tonight.frame.last_h == 24
    assert cells(board.day_board(date(2026, 11, 27), now=NOW), "gig") == [(1, 8)]


def test_hours_outside_availability_are_hatched():
    worker = builders.worker(available=False)
    WeeklyAvailability.objects.create(worker=worker, weekday=3, starts=time(8), ends=time(15))
    model = board.day_board(ON, now=NOW)
    assert cells(model, "off") == [(1, 4), (33, 8)]


def test_day_off_by_exception_hatches_the_whole_day():
    worker = builders.worker()
    AvailabilityException.objects.create(worker=worker, on=ON, available=False)
    model = board.day_board(ON, now=NOW)
    assert cells(model, "off") == [(1, 40)]
    assert not model.rows[0].free


def test_absence_is_shown_without_any_reason_and_sorts_last(office):
    away, free = builders.worker(first_name="Aa"), builders.worker(first_name="Bb")
    start = datetime(2026, 11, 25, 22, tzinfo=UTC)
    Absence.objects.create(
        worker=away, starts_at=start, ends_at=start + timedelta(days=1), created_at=NOW
    )
    model = board.day_board(ON, now=NOW)
    assert [r.worker for r in model.rows] == [free, away]
    assert cells(model, "away") == [(1, 40)]


def test_week_minutes_count_the_whole_week_and_the_contract_limits(office):
    worker = builders.worker(wish_week_min=900)
    worker.engagements.update(weekly_max_min=1200)
    booked(worker, office, on=ON)
    booked(worker, office, on=date(2026, 11, 27), duration_min=180)
    row = board.day_board(ON, now=NOW).rows[0]
    assert (row.week_min, row.limit_min, row.full) == (420, 1200, False)


def test_trip_dots_come_before_a_gig_far_away(office):
    worker = builders.worker(travel_mode="car", max_trip_min=120)
    customer = builders.customer()
    site = builders.site(customer, street="Kaukatie 1", lat=61.17, lon=28.76)
    booked(worker, office, customer=customer, site=site, at=time(12), duration_min=120)
    trips = cells(board.day_board(ON, now=NOW), "trip")
    assert len(trips) == 1
    assert trips[0][0] + trips[0][1] == 21


def test_ghost_only_where_the_worker_has_no_gig(office):
    busy, free = builders.worker(), builders.worker()
    booked(busy, office)
    order = with_counts(type(builders.order()).objects.all()).order_by("-pk").first()
    model = board.day_board(ON, now=NOW, chosen=order, ghosts=[busy.pk, free.pk])
    ghosts = [r.worker for r in model.rows if any(c.kind == "ghost" for c in r.cells)]
    assert ghosts == [free]


def test_search_hides_workers_and_says_how_many_but_never_orders():
    builders.worker(first_name="Ville")
    builders.worker(first_name="Aino")
    builders.order()
    model = board.day_board(ON, now=NOW, query="vil")
    assert [r.worker.first_name for r in model.rows] == ["Ville"]
    assert (model.hidden, model.total, len(model.open_here)) == (1, 2, 1)


def test_inactive_worker_with_a_gig_is_still_on_the_board(office):
    worker = builders.worker()
    booked(worker, office)
    Worker.objects.filter(pk=worker.pk).update(active=False)
    assert [r.worker for r in board.day_board(ON, now=NOW).rows] == [worker]


def test_clock_change_day_places_gigs_by_the_wall(office):
    """On the 25-hour Sunday nine o'clock is still under nine."""
    sunday = date(2026, 10, 25)
    builders.order(on=sunday, at=time(9), duration_min=60)
    frame = board.day_board(sunday, now=NOW).frame
    nine = datetime(2026, 10, 25, 7, tzinfo=UTC)
    assert frame.place(nine, nine + timedelta(hours=1)) == (9, 4)


def test_team_order_counts_found_and_offered_apart(office):
    order = builders.order(people=3)
    first, second = builders.worker(), builders.worker()
    services.assign(order, [first.pk], by=office, now=NOW, offer=False)
    services.assign(order, [second.pk], by=office, now=NOW, offer=True)
    open_now = board.day_board(ON, now=NOW).open_here[0]
    assert (open_now.filled, open_now.offered, open_now.people) == (1, 1, 3)


# --------------------------------------------------------------------------- troubles


def codes(now: datetime) -> list[str]:
    return [t.code for t in find_troubles(now)]


def test_trouble_late_begins_ten_minutes_after_the_start(office):
    booked(builders.worker(), office, at=time(9))
    start = datetime(2026, 11, 26, 7, tzinfo=UTC)
    assert codes(start + timedelta(minutes=9)) == []
    assert codes(start + timedelta(minutes=10)) == ["late"]


def test_trouble_check_out_forgotten_half_an_hour_after_the_end(office):
    row = booked(builders.worker(), office, at=time(9), duration_min=60)
    Assignment.objects.filter(pk=row.pk).update(status="on_site")
    end = datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert codes(end + timedelta(minutes=29)) == []
    assert codes(end + timedelta(minutes=30)) == ["left_open"]


def test_trouble_unfilled_within_a_day_and_offer_waiting(office):
    builders.order(on=date(2026, 11, 26), at=time(12))
    builders.order(on=date(2026, 11, 28), at=time(12))
    booked(builders.worker(), office, offer=True, on=date(2026, 11, 30))
    assert codes(NOW) == ["unfilled", "unanswered"]


def test_trouble_none_when_all_is_well(office):
    booked(builders.worker(), office)
    assert find_troubles(NOW) == []


# --------------------------------------------------------------------------- speed


def test_day_board_queries_do_not_grow_with_rows(office, django_assert_max_num_queries):
    """The number of queries is the same for few and many rows."""
    for _n in range(3):
        booked(builders.worker(), office)
    with django_assert_max_num_queries(10):
        board.day_board(ON, now=NOW)
    for _n in range(12):
        booked(builders.worker(), office)
        builders.order()
    with django_assert_max_num_queries(10):
        board.day_board(ON, now=NOW)


# --------------------------------------------------------------------------- coach


def test_coach_rows_name_a_reason_and_put_the_urgent_first(office):
    coach = builders.user(Role.COACH)
    names = {}
    for name in ("Late", "Offer", "First", "Quiet"):
        names[name] = builders.worker(first_name=name, coach=coach, coached_gigs=0)
    booked(names["Late"], office, at=time(9))
    booked(names["Offer"], office, offer=True, on=date(2026, 11, 30))
    booked(names["First"], office, on=date(2026, 11, 30))
    builders.worker(first_name="Other")
    moment = datetime(2026, 11, 26, 7, 15, tzinfo=UTC)
    rows = coach_day.rows(Worker.objects.filter(coach=coach), moment)
    assert [(r.worker.first_name, r.code) for r in rows] == [
        ("Late", "late"),
        ("Offer", "offer"),
        ("First", "first"),
        ("Quiet", "quiet"),
    ]
