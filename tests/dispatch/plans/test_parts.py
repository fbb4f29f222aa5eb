"""A plan in parts: shared by several workers, a lost part done again, stopped together."""

from __future__ import annotations

import threading
import time as clocks
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connections

from dispatch import tasks
from dispatch.models import Assignment, Plan, PlanPart, PlanRow
from dispatch.plans import parts as plan_parts
from dispatch.plans import pieces, solve
from dispatch.plans import services as plan_services
from dispatch.plans.facts import load_facts
from dispatch.plans.job import _claim, make_plan
from dispatch.plans.result import PieceFound, gather, recheck
from orders.models import WorkOrder
from tests import builders

MON, TUE = date(2026, 11, 23), date(2026, 11, 24)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LAPPEENRANTA, HELSINKI = (61.0587, 28.1887), (60.1699, 24.9384)


BEGAN = clocks.monotonic()


def clock() -> datetime:
    """Goes on from NOW: leases and beats of the parts need a clock that moves."""
    return NOW + timedelta(seconds=clocks.monotonic() - BEGAN)


def people(n: int, at: tuple[float, float] = LAPPEENRANTA) -> list[int]:
    return [builders.worker(lat=at[0], lon=at[1] + k / 1000).pk for k in range(n)]


def town_order(on: date, town: tuple[float, float] = LAPPEENRANTA, **fields: Any) -> WorkOrder:
    owner = builders.customer()
    site = builders.site(owner, lat=town[0], lon=town[1])
    return builders.order(on=on, customer=owner, site=site, **fields)


@pytest.fixture
def week(db: None, monkeypatch: pytest.MonkeyPatch) -> list[WorkOrder]:
    """Two towns, two days; every day and town a part of its own."""
    monkeypatch.setattr(plan_parts, "PLACES_APART", 1)
    monkeypatch.setattr(pieces, "PIECE_ORDERS", 1)
    builders.organisation()
    for town in (LAPPEENRANTA, HELSINKI):
        people(3, town)
    return [
        town_order(on, town, at=time(8 + n))
        for on in (MON, TUE)
        for town in (LAPPEENRANTA, HELSINKI)
        for n in range(2)
    ]


def running(first: date = MON, last: date = TUE, seconds: int = 4) -> Plan:
    plan = plan_services.start_plan(first, last, seconds=seconds, by=None, now=NOW, ring=False)
    return _claim(plan.pk, clock()) or plan


def written(plan: Plan) -> list[PlanPart]:
    facts = load_facts(plan.first_on, plan.last_on, now=NOW)
    cut = [p for on in (MON, TUE) for p in pieces.cut(facts, on)]
    now = clock()
    return plan_parts.write(plan, cut, until=now + timedelta(seconds=3), now=now)


def all_hold(plan: Plan) -> bool:
    pairs = [(row.order_id, row.worker_id) for row in plan.rows.all()]
    found = recheck(pairs, first=plan.first_on, last=plan.last_on, now=NOW)
    return len(found) == len(pairs) and not any(found.values())


# ------------------------------------------------------------------ cutting


def test_a_day_is_cut_where_nobody_could_serve_both_sides(week: list[WorkOrder]) -> None:
    cut = pieces.cut(load_facts(MON, MON, now=NOW), MON)
    assert [(len(p.workers), len(p.orders), p.places, p.exact) for p in cut] == [
        (3, 2, 2, True),
        (3, 2, 2, True),
    ]
    assert not set(cut[0].workers) & set(cut[1].workers)


def test_somebody_who_works_near_that_day_ties_towns_together(week: list[WorkOrder]) -> None:
    """The trip counts from the gig before: the cut may not take that pair apart."""
    far = people(1)[0]
    gig = town_order(MON, HELSINKI, at=time(15))
    Assignment.objects.create(
        order=gig,
        worker_id=far,
        status="accepted",
        starts_at=gig.starts_at,
        ends_at=gig.ends_at,
        created_at=NOW,
    )
    (piece,) = pieces.cut(load_facts(MON, MON, now=NOW), MON)
    assert len(piece.workers) == 7


def test_skills_cut_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_ORDERS", 1)
    gardener, cook = builders.worker(skills=("garden",)), builders.worker(skills=("cook",))
    for code in ("garden", "cook"):
        task = builders.task_type(code, skills=(code,))
        builders.order(on=MON, task_type=task)
    cut = pieces.cut(load_facts(MON, MON, now=NOW), MON)
    assert {p.workers for p in cut} == {(gardener.pk,), (cook.pk,)}


def test_small_groups_share_a_part(week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_ORDERS", 25)
    (piece,) = pieces.cut(load_facts(MON, MON, now=NOW), MON)
    assert (len(piece.workers), piece.places, piece.exact) == (6, 4, True)


def test_a_large_group_is_cut_by_home_and_says_that_it_is_not_exact(
    week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "AREA_WORKERS", 4)
    west, east = (61.05, 28.10), (61.05, 28.30)
    people(4, west)
    people(4, east)
    for town in (west, east):
        town_order(TUE, town)
        town_order(TUE, town)
    cut = pieces.cut(load_facts(TUE, TUE, now=NOW), TUE)
    assert sorted(p.exact for p in cut) == [False, False, False, True]
    assert sum(p.places for p in cut) == 8
    named = [order for piece in cut for order in piece.orders]
    assert len(named) == len(set(named)) == 8


# ------------------------------------------------------------------ one plan, several workers


@pytest.mark.django_db(transaction=True)
@pytest.mark.engine
def test_two_workers_share_one_plan(week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part is solved once, whoever takes it, and the result holds as a whole."""
    took: dict[int, str] = {}
    real = pieces.plan_piece

    def slowly(piece: pieces.Piece, **options: Any) -> PieceFound:
        clocks.sleep(0.3)
        (pk,) = PlanPart.objects.filter(
            on=piece.on, workers=list(piece.workers), state="running"
        ).values_list("pk", flat=True)
        assert pk not in took
        took[pk] = threading.current_thread().name
        return real(piece, **options)

    monkeypatch.setattr(pieces, "plan_piece", slowly)
    helpers: list[threading.Thread] = []

    def other_machine(parts: list[PlanPart]) -> None:
        def help_out() -> None:
            for part in parts:
                plan_parts.make_part(part.pk, clock=clock)
            connections.close_all()

        helpers.append(threading.Thread(target=help_out, name="other"))
        helpers[0].start()

    monkeypatch.setattr(plan_parts, "ring", other_machine)
    plan = plan_services.start_plan(MON, TUE, seconds=4, by=None, now=NOW, ring=False)
    assert make_plan(plan.pk, clock=clock)
    helpers[0].join()
    plan.refresh_from_db()
    assert (plan.state, plan.rows.count(), plan.numbers["parts"]) == ("ready", 8, 4)
    assert set(took.values()) == {"MainThread", "other"}
    assert len(took) == 4
    assert all_hold(plan)
    assert not PlanPart.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_queue_makes_the_parts_by_their_ids(week: list[WorkOrder]) -> None:
    """Rung through django-q2: nobody is needed but whoever runs the tasks."""
    plan = plan_services.start_plan(MON, TUE, seconds=4, by=None, now=NOW, ring=False)
    assert make_plan(plan.pk, clock=clock)
    plan.refresh_from_db()
    assert (plan.state, plan.numbers["filled"], plan.numbers["parts"]) == ("ready", 8, 4)
    assert all_hold(plan)


@pytest.mark.django_db
def test_the_same_part_twice_is_solved_once(week: list[WorkOrder]) -> None:
    part = written(running())[0]
    assert plan_parts.make_part(part.pk, clock=clock)
    assert not plan_parts.make_part(part.pk, clock=clock)
    part.refresh_from_db()
    assert (part.state, part.tries, len(part.found["pairs"])) == ("done", 1, 2)


@pytest.mark.django_db
def test_a_part_whose_worker_was_killed_is_done_by_the_plan(week: list[WorkOrder]) -> None:
    plan = running()
    part = written(plan)[0]
    silent = clock() - plan_parts.LEASE - timedelta(seconds=1)
    PlanPart.objects.filter(pk=part.pk).update(
        state="running", token="dead", tries=1, beat_at=silent
    )
    plan_parts.work_through(plan, seconds=3, clock=clock, should_stop=lambda: False)
    assert set(plan.parts.values_list("state", "tries")) == {("done", 2), ("done", 1)}
    assert not PlanPart.objects.filter(pk=part.pk, token="dead").exists()


@pytest.mark.django_db
def test_a_part_that_kills_twice_is_left_to_the_rules(week: list[WorkOrder]) -> None:
    plan = running()
    part = written(plan)[0]
    silent = clock() - plan_parts.LEASE - timedelta(seconds=1)
    PlanPart.objects.filter(pk=part.pk).update(state="running", tries=2, beat_at=silent)
    plan_parts.work_through(plan, seconds=3, clock=clock, should_stop=lambda: False)
    part.refresh_from_db()
    assert part.state == "failed"
    facts = load_facts(MON, TUE, now=NOW)
    gave, all_there = plan_parts.found_on(plan, part.on)
    assert (len(gave), all_there) == (1, False)
    assert len(gather(facts, part.on, gave, exact=all_there).picks) == 4


@pytest.mark.django_db
def test_a_late_answer_of_a_lost_worker_changes_nothing(
    week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease is over and somebody else has the part: compare-and-set refuses it."""
    part = written(running())[0]

    def slept(piece: pieces.Piece, **options: Any) -> PieceFound:
        PlanPart.objects.filter(pk=part.pk).update(token="somebody else")
        return PieceFound((), None, None, 0, "greedy", "time")

    monkeypatch.setattr(pieces, "plan_piece", slept)
    assert not plan_parts.make_part(part.pk, clock=clock)
    part.refresh_from_db()
    assert (part.state, part.found) == ("running", {})


@pytest.mark.django_db
def test_a_part_that_breaks_is_failed_and_reported(
    week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("bug")

    part = written(running())[0]
    monkeypatch.setattr(pieces, "plan_piece", broken)
    with pytest.raises(RuntimeError):
        plan_parts.make_part(part.pk, clock=clock)
    part.refresh_from_db()
    assert part.state == "failed"


@pytest.mark.django_db
def test_stop_reaches_every_part(week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_parts, "BEAT", 0.0)
    plan = running()
    first, second = written(plan)[:2]
    beat = plan_parts._Beat(plan_parts._claim(first.pk, clock()) or first, clock, lambda: False)
    assert not beat.should_stop()
    plan_services.request_stop(plan, by=None, now=NOW)
    assert beat.should_stop()
    assert not plan_parts.make_part(second.pk, clock=clock)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_a_plan_no_longer_made_stops_its_parts(
    week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(plan_parts, "BEAT", 0.0)
    plan = running()
    part = written(plan)[0]
    beat = plan_parts._Beat(plan_parts._claim(part.pk, clock()) or part, clock, lambda: False)
    Plan.objects.filter(pk=plan.pk).update(state=state)
    assert beat.should_stop()
    plan_services.settle_lost(NOW)
    assert not PlanPart.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_stopped_plan_keeps_what_its_parts_have(
    week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_parts, "BEAT", 0.0)
    monkeypatch.setattr(plan_parts, "ring", lambda parts: None)
    real = pieces.plan_piece

    def stopped_midway(piece: pieces.Piece, **options: Any) -> PieceFound:
        plan_services.request_stop(Plan.objects.get(), by=None, now=NOW)
        return real(piece, **options)

    monkeypatch.setattr(pieces, "plan_piece", stopped_midway)
    plan = plan_services.start_plan(MON, TUE, seconds=30, by=None, now=NOW, ring=False)
    assert make_plan(plan.pk, clock=clock)
    plan.refresh_from_db()
    assert (plan.state, plan.rows.count()) == ("stopped", 8)
    assert all_hold(plan)


# ------------------------------------------------------------------ together


@pytest.mark.django_db
def test_days_planned_apart_are_judged_together(
    week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each day alone would take the same worker, whose contract has hours for one of them."""
    WorkOrder.objects.all().delete()
    near = builders.worker(lat=61.0, lon=27.0)
    near.engagements.update(weekly_max_min=300)
    spot = (61.0, 27.0)
    for on in (MON, TUE):
        town_order(on, spot)
    found = []
    for on in (MON, TUE):
        (piece,) = pieces.cut(load_facts(on, on, now=NOW), on)
        found.append(pieces.plan_piece(piece, seconds=1, now=NOW))
    assert [len(f.pairs) for f in found] == [1, 1]
    facts = load_facts(MON, TUE, now=NOW)
    days = [gather(facts, on, [f], exact=True) for on, f in zip((MON, TUE), found, strict=True)]
    assert [(len(d.picks), d.dropped) for d in days] == [(1, 0), (0, 1)]
    assert days[1].objective is None


@pytest.mark.django_db
def test_costs_and_bounds_of_parts_that_share_nobody_add_up(week: list[WorkOrder]) -> None:
    """An order that nobody can serve is counted once too."""
    builders.order(on=MON, task_type=builders.task_type("diving", skills=("diving",)))
    plan = running(MON, MON)
    facts = load_facts(MON, MON, now=NOW)
    now = clock()
    plan_parts.write(plan, pieces.cut(facts, MON), until=now + timedelta(seconds=3), now=now)
    plan_parts.work_through(plan, seconds=3, clock=clock, should_stop=lambda: False)
    gave, all_there = plan_parts.found_on(plan, MON)
    together = gather(facts, MON, gave, exact=all_there)
    alone = solve.plan_day(load_facts(MON, MON, now=NOW), MON, seconds=2.0)
    assert all_there
    assert together.objective == alone.objective == sum(f.objective or 0 for f in gave)
    assert together.travel_min == alone.travel_min
    assert (together.places, len(together.picks), len(together.lacks)) == (5, 4, 1)


@pytest.mark.django_db
def test_a_part_takes_its_share_of_the_time_by_weight_and_hands(week: list[WorkOrder]) -> None:
    parts = written(running())
    now = parts[0].until_at - timedelta(seconds=8)
    assert plan_parts._seconds(parts[0], now) == pytest.approx(2.0)
    PlanPart.objects.filter(pk=parts[1].pk).update(state="running", beat_at=now)
    assert plan_parts._seconds(parts[0], now) == pytest.approx(8 * 2 / 3)
    PlanPart.objects.filter(plan=parts[0].plan).update(state="done")
    assert plan_parts._seconds(parts[0], now) == pytest.approx(8.0)


@pytest.mark.django_db
def test_progress_adds_up(week: list[WorkOrder]) -> None:
    plan = running()
    parts = written(plan)
    assert plan_parts.totals(plan) == {"best": None, "bound": None}
    PlanPart.objects.filter(plan=plan).update(best=10, bound=8)
    PlanPart.objects.filter(pk=parts[0].pk).update(state="done", bound=None)
    assert plan_parts.totals(plan) == {"best": 40, "bound": None}
    assert plan_parts.count_parts(plan) == plan_parts.PartCounts(1, 0, 4)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("last", "exact", "bound"), [(MON, True, 16), (MON, False, None), (TUE, True, None)]
)
def test_progress_claims_a_bound_only_for_parts_that_share_nobody(
    week: list[WorkOrder], last: date, exact: bool, bound: int | None
) -> None:
    """Areas of one day and days of a week use the same people: their bounds prove nothing."""
    plan = running(MON, last)
    number = len(written(plan))
    PlanPart.objects.filter(plan=plan).update(best=10, bound=8, exact=exact)
    assert plan_parts.totals(plan) == {"best": 10 * number, "bound": bound}


@pytest.mark.django_db
def test_a_part_taken_back_at_once_keeps_the_mark_of_who_claimed_it(
    week: list[WorkOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise two would write under one mark; nor does a part that is gone break its worker."""
    part = written(running())[0]
    monkeypatch.setattr(PlanPart.objects, "get", None)
    claimed = plan_parts._claim(part.pk, clock())
    assert claimed is not None
    assert (claimed.state, claimed.tries) == ("running", 1)
    assert PlanPart.objects.filter(pk=part.pk, token=claimed.token, tries=1).exists()


@pytest.mark.django_db
def test_a_small_plan_is_made_in_one_piece(week: list[WorkOrder]) -> None:
    """Control: with the real threshold nobody else is asked."""
    plan_parts.PLACES_APART, old = 40, plan_parts.PLACES_APART
    try:
        plan = plan_services.start_plan(MON, TUE, seconds=1, by=None, now=NOW, ring=False)
        assert make_plan(plan.pk, clock=clock)
    finally:
        plan_parts.PLACES_APART = old
    plan.refresh_from_db()
    assert (plan.numbers["parts"], PlanRow.objects.count()) == (0, 8)


def test_the_queue_finds_the_task() -> None:
    assert callable(tasks.make_part)
