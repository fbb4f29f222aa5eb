"""From rows to problems: the planner may only propose what the rules allow."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.demo.build import Demo
from dispatch.assignments import services
from dispatch.eligibility import facts, judge, travel
from dispatch.eligibility.roads import RoadsError, RoadServer
from dispatch.eligibility.travel import Point
from dispatch.models import Assignment
from dispatch.models.plan_lifecycle import SIMPLE
from dispatch.planning.problem import read_problem
from dispatch.plans import solve
from dispatch.plans.facts import QUERIES, PlanningFacts, load_facts
from dispatch.plans.problem import FAIR_HIGH, _later, _roads, day_problem, fairness
from dispatch.plans.result import recheck
from orders.models import WorkOrder
from tests import builders
from workers.models import Absence, Engagement, Worker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ON = date(2026, 11, 26)
FAR = {"lat": 61.17, "lon": 28.77}  # Imatra


def gig(order: WorkOrder, worker: Worker, status: str = "accepted") -> Assignment:
    return Assignment.objects.create(
        order=order,
        worker=worker,
        status=status,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        created_at=NOW,
    )


def facts_on(on: date = ON, last: date | None = None) -> PlanningFacts:
    return load_facts(on, last or on, now=NOW)


def row(data: dict[str, Any], noun: str, pk: int) -> dict[str, Any]:
    return next(r for r in data[noun] if r["id"] == str(pk))


def allowed(data: dict[str, Any]) -> set[tuple[int, int]]:
    people_ids = {w["id"] for w in data["workers"]}
    return {(int(o["id"]), int(w)) for o in data["orders"] for w in people_ids - set(o["blocked"])}


# ------------------------------------------------------------------ the property over demo data


@pytest.fixture
def demo() -> datetime:
    moment = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)  # a Sunday: a whole week follows
    Demo(now=moment, seed=3, workers=40, customers=12, orders=160, days=21).build()
    return moment


def open_up(moment: datetime, *, keep: int = 2) -> tuple[date, date]:
    """Give back most of next week's places, so that there is something to plan."""
    first = (moment + timedelta(days=1)).date()
    last = first + timedelta(days=6 - first.weekday())
    rows = Assignment.objects.filter(order__works_on__range=(first, last)).order_by("pk")
    Assignment.objects.filter(pk__in=[a.pk for n, a in enumerate(rows) if n % keep == 0]).update(
        status="withdrawn"
    )
    WorkOrder.objects.filter(works_on__range=(first, last), status="filled").update(status="placed")
    return first, last


def test_demo_every_pair_the_problem_allows_passes_the_rules_alone(demo: datetime) -> None:
    """No proposal that the booking would refuse."""
    first, last = open_up(demo)
    known = load_facts(first, last, now=demo)
    seen = excluded = 0
    for n in range((last - first).days + 1):
        day = day_problem(known, first + timedelta(days=n))
        locks = {(int(a["order"]), int(a["worker"])) for a in day.data["locked"]}
        for key in day.places:
            order = day.orders[key]
            case, everybody = facts.load(order, list(known.workers))
            clear = {p.worker.pk for p in everybody if not judge.judge(case, p).violations}
            may = {w for o, w in allowed(day.data) - locks if o == order.pk}
            assert may <= clear, f"order {order.number}: {may - clear}"
            seen += len(may)
            excluded += len(clear - may - {w for o, w in locks if o == order.pk})
    assert seen > 10
    assert excluded == 0


def test_demo_travel_minutes_equal_those_of_the_ranking(demo: datetime) -> None:
    first, last = open_up(demo)
    known = load_facts(first, last, now=demo)
    checked = 0
    for n in range((last - first).days + 1):
        day = day_problem(known, first + timedelta(days=n))
        problem = read_problem(day.data)
        for o, order in enumerate(day.orders.values()):
            for w, worker in enumerate(day.workers.values()):
                home = travel.trip_min(
                    worker.travel_mode,
                    travel.Point(worker.lat, worker.lon),
                    travel.Point(order.site.lat, order.site.lon),
                    order.works_on,
                )
                assert problem.home_min[w, o] == home
                checked += 1
    assert checked > 100


def test_demo_week_every_pick_is_booked_without_a_word(demo: datetime) -> None:
    """Picks of a week, taken one after another through the one door."""
    first, last = open_up(demo)
    known = load_facts(first, last, now=demo)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    plans = [solve.plan_day(known, on, seconds=0.5) for on in days]
    picks = [pick for plan in plans for pick in plan.picks]
    assert picks
    for pick in picks:
        order = WorkOrder.objects.get(pk=pick.order.pk)
        services.assign(order, [pick.worker.pk], by=None, now=demo, draft=True)
    for plan in plans:
        assert plan.places == len(plan.picks) + sum(lack.missing for lack in plan.lacks)
        assert all(sum(n for _code, n in lack.why) > 0 for lack in plan.lacks)


@pytest.mark.parametrize("count", [3, 30])
@pytest.mark.engine
def test_load_takes_few_queries_whatever_the_size(count: int) -> None:
    for n in range(count):
        builders.worker(skills=("cleaning",), birth_date=date(2010 if n == 0 else 1990, 1, 5))
        builders.order(at=time(8 + n % 8), duration_min=60)
    with CaptureQueriesContext(connection) as queries:
        known = facts_on()
        day_problem(known, ON)
    assert len(queries) <= QUERIES


# ------------------------------------------------------------------ what a problem says


def test_absence_and_missing_skill_block_the_pair() -> None:
    away, unskilled, fits = builders.worker(), builders.worker(), builders.worker()
    task = builders.task_type("garden", skills=("garden",))
    for worker in (away, fits):
        worker.skills.add(builders.skill("garden"))
    Absence.objects.create(
        worker=away,
        starts_at=NOW + timedelta(days=2),
        ends_at=NOW + timedelta(days=5),
        created_at=NOW,
    )
    order = builders.order(task_type=task)
    data = day_problem(facts_on(), ON).data
    assert allowed(data) == {(order.pk, fits.pk)}
    assert str(unskilled.pk) in row(data, "orders", order.pk)["blocked"]


def test_a_note_blocks_as_well_as_a_refusal() -> None:
    """A proposal never needs a reason for an override."""
    worker = builders.worker(max_trip_min=5, **FAR)
    order = builders.order()
    assert judge.check(order, [worker.pk])[worker.pk]
    assert day_problem(facts_on(), ON).pairs == 0


def test_first_gig_without_coach_is_blocked_with_coach_on_site_preferred() -> None:
    worker = builders.worker(coached_gigs=3)
    alone, beside = builders.order(at=time(8)), builders.order(at=time(13), coach_on_site=True)
    data = day_problem(facts_on(), ON).data
    assert allowed(data) == {(beside.pk, worker.pk)}
    assert row(data, "orders", beside.pk)["preferred"] == [str(worker.pk)]
    assert str(worker.pk) in row(data, "orders", alone.pk)["blocked"]


def test_late_gig_of_the_evening_before_blocks_the_early_one() -> None:
    """Eleven hours of rest between two dates."""
    worker = builders.worker()
    gig(builders.order(on=ON - timedelta(days=1), at=time(17), duration_min=240), worker)
    builders.order(at=time(7, 30), duration_min=120)
    late = builders.order(at=time(12), duration_min=120)
    assert allowed(day_problem(facts_on(), ON).data) == {(late.pk, worker.pk)}


def test_held_gig_is_locked_and_stays_after_planning() -> None:
    held_by, free = builders.worker(), builders.worker()
    held, other = builders.order(at=time(9)), builders.order(at=time(10))
    gig(held, held_by, "offered")
    known = facts_on()
    day = day_problem(known, ON)
    assert [(a["order"], a["worker"]) for a in day.data["locked"]] == [
        (str(held.pk), str(held_by.pk))
    ]
    plan = solve.plan_day(known, ON, seconds=1)
    assert [(p.order.pk, p.worker.pk) for p in plan.picks] == [(other.pk, free.pk)]


def test_held_gig_outside_given_hours_keeps_its_place() -> None:
    """A dispatcher overrode a note: the planner works around it."""
    worker = builders.worker(available=False)
    helper = builders.worker()
    held, other = builders.order(at=time(9)), builders.order(at=time(9))
    gig(held, worker)
    plan = solve.plan_day(facts_on(), ON, seconds=1)
    assert [(p.order.pk, p.worker.pk) for p in plan.picks] == [(other.pk, helper.pk)]


def test_two_held_gigs_closer_than_the_way_leave_the_worker_out() -> None:
    worker, helper = builders.worker(travel_mode="walk"), builders.worker()
    owner = builders.customer()
    away = builders.site(owner, street="Imatrantie 1", **FAR)
    gig(builders.order(at=time(8), duration_min=120), worker)
    gig(builders.order(at=time(10), duration_min=120, customer=owner, site=away), worker)
    other = builders.order(at=time(14), duration_min=60)
    plan = solve.plan_day(facts_on(), ON, seconds=1)
    assert [(p.order.pk, p.worker.pk) for p in plan.picks] == [(other.pk, helper.pk)]


def test_own_daily_limit_over_two_gigs_gives_the_second_to_somebody_else() -> None:
    """Two gigs that are allowed each by itself and not together."""
    one, two = builders.worker(), builders.worker()
    Engagement.objects.filter(worker__in=[one, two]).update(daily_max_min=300)
    for at in (8, 13):
        builders.order(at=time(at), duration_min=240)
    plan = solve.plan_day(facts_on(), ON, seconds=1)
    assert sorted(p.worker.pk for p in plan.picks) == sorted([one.pk, two.pk])


def test_ways_between_gigs_count_as_work_in_the_day() -> None:
    """8 h and a way are over the regular day: the second gig waits for somebody else."""
    builders.worker()
    owner = builders.customer()
    away = builders.site(owner, street="Toinen tie 1", lat=61.07, lon=28.25)
    builders.order(at=time(8), duration_min=240)
    builders.order(at=time(13), duration_min=240, customer=owner, site=away)
    plan = solve.plan_day(facts_on(), ON, seconds=1)
    assert len(plan.picks) == 1
    assert [lack.missing for lack in plan.lacks] == [1]


def test_day_refused_as_a_whole_is_planned_anew_with_shorter_days() -> None:
    """Four half days, two people each able to do two of them only without a way between."""
    for _n in range(2):
        builders.worker()
    owner = builders.customer()
    away = builders.site(owner, street="Toinen tie 1", lat=61.07, lon=28.25)
    near = builders.site(owner)
    for at, site in ((8, near), (8, away), (13, near), (13, away)):
        builders.order(at=time(at), duration_min=240, customer=owner, site=site)
    plan = solve.plan_day(facts_on(), ON, seconds=2)
    assert len(plan.picks) == 4
    assert plan.objective is not None
    assert plan.bound is None or plan.bound <= plan.objective


def test_hours_planned_early_in_the_week_count_later() -> None:
    """Weekly limit of the contract over three days planned one after another."""
    worker = builders.worker()
    Engagement.objects.filter(worker=worker).update(weekly_max_min=600)
    monday = date(2026, 11, 30)
    for n in range(3):
        builders.order(on=monday + timedelta(days=n), at=time(9), duration_min=300)
    known = facts_on(monday, monday + timedelta(days=6))
    plans = [solve.plan_day(known, monday + timedelta(days=n), seconds=0.5) for n in range(3)]
    assert [len(p.picks) for p in plans] == [1, 1, 0]
    assert plans[2].lacks[0].why == (("own_weekly_max", 1),)


def test_fairness_grows_with_the_hours_of_the_week() -> None:
    assert fairness(0, 900) < 0 < fairness(900, 900)
    assert fairness(9_000, 900) == FAIR_HIGH
    assert fairness(300, 0) == FAIR_HIGH


def test_who_knows_the_site_is_familiar_there() -> None:
    worker, order = builders.worker(), builders.order()
    earlier = builders.order(
        on=date(2026, 11, 12), customer=order.customer, site=order.site, status="closed"
    )
    gig(earlier, worker, "completed")
    data = day_problem(facts_on(), ON).data
    assert row(data, "orders", order.pk)["familiar"] == [str(worker.pk)]


def test_work_that_has_begun_or_is_over_is_not_planned() -> None:
    builders.worker()
    builders.order(on=date(2026, 11, 23), at=time(8))
    assert solve.plan_day(facts_on(date(2026, 11, 23)), date(2026, 11, 23), seconds=1).places == 0


@pytest.mark.parametrize(("on", "minute"), [(date(2027, 3, 28), 540), (date(2027, 10, 31), 540)])
def test_clock_change_day_keeps_the_wall_clock(on: date, minute: int) -> None:
    builders.worker()
    order = builders.order(on=on, at=time(9))
    data = day_problem(facts_on(on), on).data
    assert row(data, "orders", order.pk)["earliest_start_min"] == minute


def test_odd_minutes_make_a_finer_grid() -> None:
    builders.worker()
    builders.order(at=time(9, 7))
    day = day_problem(facts_on(), ON)
    assert day.data["slot_min"] == 1
    assert len(solve.plan_day(facts_on(), ON, seconds=1).picks) == 1


def test_without_the_full_planner_simple_rules_fill_the_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solve, "has_engine", lambda: False)
    builders.worker()
    builders.order()
    plan = solve.plan_day(facts_on(), ON, seconds=1)
    assert (len(plan.picks), plan.engine, plan.bound) == (1, SIMPLE, None)


def test_recheck_sees_what_changed_since() -> None:
    one, two = builders.worker(), builders.worker()
    order, gone = builders.order(), builders.order(at=time(14))
    pairs = [(order.pk, one.pk), (gone.pk, two.pk)]
    check = {"first": ON, "last": ON, "now": NOW}
    assert recheck(pairs, **check) == {pairs[0]: [], pairs[1]: []}
    gig(order, two)
    WorkOrder.objects.filter(pk=gone.pk).update(status="done")
    codes = {p: [v.code for v in vs] for p, vs in recheck(pairs, **check).items()}
    assert codes == {pairs[0]: ["order_full"], pairs[1]: ["order_not_open"]}


def test_travel_road_server_set_longer_time_counts(settings, monkeypatch):
    """A road server's time counts where it is longer; its failure leaves the straight line."""
    homes, sites = [Point(61.05, 28.2)], [Point(61.06, 28.19), Point(61.07, 28.3)]
    settings.ROADS_URL = "http://roads.askare.example"
    monkeypatch.setattr(
        RoadServer, "minutes", lambda self, mode, a, b: np.full((len(a), len(b)), 40)
    )
    roads = _roads(["car"], homes, sites)
    assert _later([[5, 50]], roads, "car", "home_to_site") == [[40, 50]]

    def fails(*_: object) -> None:
        raise RoadsError("down")

    monkeypatch.setattr(RoadServer, "minutes", fails)
    assert _later([[5, 50]], _roads(["car"], homes, sites), "car", "home_to_site") == [[5, 50]]
