"""Plans in the background: claimed once, stopped with the best, lost noticed, undone unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.models import Role
from core.models import AuditEvent, OutboxMessage
from core.violations import RuleBroken
from dispatch import tasks
from dispatch.assignments import services
from dispatch.models import Assignment, Plan, PlanRow
from dispatch.models.plan_lifecycle import MOVES, PlanAction, PlanState, target
from dispatch.planning.problem import ProblemError
from dispatch.plans import bridge
from dispatch.plans import parts as plan_parts
from dispatch.plans import services as plan_services
from orders.models import WorkOrder
from orders.ordering.services import cancel_order
from tests import builders

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ON = date(2026, 11, 26)


def clock() -> datetime:
    return NOW


def world(orders: int = 2) -> list[WorkOrder]:
    builders.organisation()
    for n in range(orders):
        builders.worker(email=f"w{n}@askare.example")
    return [builders.order(at=time(8 + n)) for n in range(orders)]


def asked(on: date = ON, **fields: Any) -> Plan:
    options = {"seconds": 1, "by": None, "now": NOW, "ring": False} | fields
    return plan_services.start_plan(on, options.pop("last_on", on), **options)


def made(on: date = ON, **fields: Any) -> Plan:
    plan = asked(on, **fields)
    assert plan_services.make_plan(plan.pk, clock=clock)
    plan.refresh_from_db()
    return plan


def accepted(plan: Plan) -> plan_services.Accepted:
    return plan_services.accept(plan, plan.rows.all(), by=None, now=NOW)


def codes(call: Callable[[], object]) -> list[str]:
    with pytest.raises(RuleBroken) as caught:
        call()
    return [v.code for v in caught.value.violations]


# ------------------------------------------------------------------ lifecycle, pure


def test_every_move_starts_and_ends_in_a_known_state() -> None:
    assert {s for s, _a in MOVES} | set(MOVES.values()) == set(PlanState)
    assert {a for _s, a in MOVES} == set(PlanAction)


@pytest.mark.parametrize("state", ["sent", "discarded", "expired", "failed"])
def test_a_plan_that_is_over_moves_no_more(state: str) -> None:
    assert all(target(state, action) is None for action in PlanAction)


# ------------------------------------------------------------------ making


@pytest.mark.django_db
def test_a_plan_proposes_and_writes_nothing_else() -> None:
    """Nobody is told before somebody accepts and sends."""
    world()
    plan = made()
    assert (plan.state, plan.rows.count()) == ("ready", 2)
    assert plan.numbers["filled"] == plan.numbers["places"] == 2
    assert not Assignment.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert all(row.reasons for row in plan.rows.all())


@pytest.mark.django_db(transaction=True)
def test_asking_rings_the_queue_that_makes_the_plan() -> None:
    world(1)
    moment = datetime.now(tz=UTC)
    on = (moment + timedelta(days=400)).date()
    plan = plan_services.start_plan(on, on, seconds=1, by=None, now=moment)
    plan.refresh_from_db()
    assert plan.state == "ready"


@pytest.mark.django_db
def test_the_same_job_twice_makes_one_plan() -> None:
    world(1)
    plan = made()
    assert not plan_services.make_plan(plan.pk, clock=clock)
    assert plan.rows.count() == 1


@pytest.mark.django_db
def test_two_plans_of_one_week_are_not_made_at_once() -> None:
    plan = asked()
    with pytest.raises(RuleBroken) as caught:
        asked(ON + timedelta(days=1))
    assert [(v.code, v.subject) for v in caught.value.violations] == [
        ("plan_running", str(plan.ref))
    ]
    assert asked(ON + timedelta(days=7)).pk


@pytest.mark.django_db
@pytest.mark.engine
def test_the_database_refuses_a_second_running_plan_whatever_the_code() -> None:
    """Negative control: without the service the constraint still holds."""
    plan = asked()
    copy = {"first_on": ON, "last_on": ON, "week_on": plan.week_on, "seconds": 1}
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.create(created_at=NOW, beat_at=NOW, **copy)
    Plan.objects.filter(pk=plan.pk).update(state="ready")
    Plan.objects.create(created_at=NOW, beat_at=NOW, **copy)


@pytest.mark.django_db
def test_days_that_are_over_or_more_than_a_week_are_refused() -> None:
    assert codes(lambda: asked(date(2026, 11, 20))) == ["plan_in_past"]
    assert codes(lambda: asked(ON, last_on=ON + timedelta(days=9))) == ["plan_too_long"]


@pytest.mark.django_db
def test_a_week_starts_today_when_it_has_begun() -> None:
    assert plan_services.week_of(ON, date(2026, 11, 25)) == (
        date(2026, 11, 25),
        date(2026, 11, 29),
    )


@pytest.mark.django_db
def test_stop_asked_keeps_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    world()
    monkeypatch.setattr(plan_parts, "BEAT", 0.0)
    plan = asked(seconds=30)
    real = bridge.plan_day

    def stopped_midway(*args: Any, **kwargs: Any) -> bridge.DayPlan:
        running = Plan.objects.get(pk=plan.pk)
        plan_services.request_stop(running, by=None, now=NOW)
        return real(*args, **kwargs)

    monkeypatch.setattr(bridge, "plan_day", stopped_midway)
    assert plan_services.make_plan(plan.pk, clock=clock)
    plan.refresh_from_db()
    assert (plan.state, plan.rows.count()) == ("stopped", 2)
    assert len(accepted(plan).rows) == 2


@pytest.mark.django_db
def test_a_plan_that_has_not_begun_is_called_off() -> None:
    plan = asked()
    plan_services.request_stop(plan, by=None, now=NOW)
    assert plan.state == "discarded"
    assert not plan_services.make_plan(plan.pk, clock=clock)


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "failure"), [("queued", "queue_silent"), ("running", "lost")])
def test_a_silent_job_is_noticed_and_makes_room(state: str, failure: str) -> None:
    plan = asked()
    Plan.objects.filter(pk=plan.pk).update(state=state)
    assert plan_services.settle_lost(NOW + timedelta(seconds=60)) == 0
    later = NOW + plan_services.LEASE + timedelta(seconds=1)
    assert asked(now=later).pk != plan.pk
    plan.refresh_from_db()
    assert (plan.state, plan.failure) == ("failed", failure)


@pytest.mark.django_db
def test_a_job_that_was_given_up_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world(1)
    plan = asked()
    real = bridge.plan_day

    def lost_midway(*args: Any, **kwargs: Any) -> bridge.DayPlan:
        plan_services.settle_lost(NOW + timedelta(hours=1))
        return real(*args, **kwargs)

    monkeypatch.setattr(bridge, "plan_day", lost_midway)
    assert not plan_services.make_plan(plan.pk, clock=clock)
    plan.refresh_from_db()
    assert (plan.state, plan.rows.count()) == ("failed", 0)


@pytest.mark.django_db
@pytest.mark.engine
def test_progress_is_written_once_a_second_at_most(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    plan = asked()
    plan = plan_services._claim(plan.pk, NOW) or plan
    beat = plan_services._Beat(plan, clock)
    news = bridge.Told(ON, "dive", 1234, 1200.5)
    with django_assert_num_queries(0):
        beat.told(news)
    beat.last -= 2
    beat.told(news)
    with django_assert_num_queries(0):
        beat.told(news)
    plan.refresh_from_db()
    assert (plan.stage, plan.best, plan.bound) == ("dive", 1234, 1200)


@pytest.mark.django_db
def test_a_problem_that_cannot_be_read_fails_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreadable(*args: Any, **kwargs: Any) -> None:
        raise ProblemError("workers[0].home", "must be a number")

    monkeypatch.setattr(bridge, "plan_day", unreadable)
    plan = made()
    assert (plan.state, plan.failure) == ("failed", "unreadable")


@pytest.mark.django_db
def test_a_job_that_breaks_is_failed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(bridge, "plan_day", broken)
    plan = asked()
    with pytest.raises(RuntimeError):
        plan_services.make_plan(plan.pk, clock=clock)
    plan.refresh_from_db()
    assert (plan.state, plan.failure) == ("failed", "lost")


@pytest.mark.django_db
def test_schedules_close_old_proposals(monkeypatch: pytest.MonkeyPatch) -> None:
    world(1)
    plan = made()
    monkeypatch.setattr(tasks, "now", lambda: NOW + timedelta(days=10))
    assert tasks.settle_plans() == 1
    plan.refresh_from_db()
    assert plan.state == "expired"


# ------------------------------------------------------------------ accepting, undoing, sending


@pytest.mark.django_db
def test_accepted_rows_hold_time_and_tell_nobody() -> None:
    world()
    plan = made()
    result = accepted(plan)
    assert (len(result.rows), result.refused, plan.state) == (2, [], "accepted")
    rows = Assignment.objects.values_list("status", "told_at")
    assert set(rows) == {("planned", None)}
    assert not OutboxMessage.objects.exists()
    assert set(WorkOrder.objects.values_list("status", flat=True)) == {"placed"}


@pytest.mark.django_db
def test_undo_leaves_no_trace_in_any_mail_box() -> None:
    world()
    plan = made()
    accepted(plan)
    assert plan_services.undo(plan, by=None, now=NOW) == 2
    assert set(Assignment.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert not OutboxMessage.objects.exists()
    assert (plan.state, len(accepted(plan).rows)) == ("ready", 2)


@pytest.mark.django_db
def test_an_order_cancelled_before_sending_tells_no_worker() -> None:
    first, _second = world()
    plan = made()
    accepted(plan)
    cancel_order(first, by=None, now=NOW)
    assert not OutboxMessage.objects.filter(to__startswith="w").exists()
    assert len(plan_services.send(plan, by=None, now=NOW)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("offer", "status", "kinds"),
    [
        (True, "offered", {"assignment_offer"}),
        (False, "accepted", {"assignment_placed", "assignment_confirmed"}),
    ],
)
def test_sending_tells_once(offer: bool, status: str, kinds: set[str]) -> None:
    world()
    plan = made()
    accepted(plan)
    assert len(plan_services.send(plan, by=None, now=NOW, offer=offer)) == 2
    assert set(Assignment.objects.values_list("status", "told_at")) == {(status, NOW)}
    assert set(OutboxMessage.objects.values_list("kind", flat=True)) == kinds
    count = OutboxMessage.objects.count()
    assert codes(lambda: plan_services.send(plan, by=None, now=NOW)) == ["plan_not_open"]
    assert OutboxMessage.objects.count() == count
    assert set(plan.rows.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db
@pytest.mark.parametrize("offer", [True, False])
def test_sending_late_leaves_out_the_gigs_that_are_over(offer: bool) -> None:
    first, _second = world()
    plan = made()
    accepted(plan)
    Assignment.objects.filter(order=first).update(
        starts_at=NOW - timedelta(hours=5), ends_at=NOW - timedelta(hours=1)
    )
    (told,) = plan_services.send(plan, by=None, now=NOW, offer=offer)
    assert told.order_id != first.pk
    assert Assignment.objects.get(order=first).status == "withdrawn"
    assert not OutboxMessage.objects.filter(key__contains=str(first.assignments.get().ref)).exists()


@pytest.mark.django_db
def test_a_row_whose_place_went_meanwhile_is_refused_and_the_others_are_taken() -> None:
    first, _second = world()
    plan = made()
    other = builders.worker()
    services.assign(first, [other.pk], by=None, now=NOW, offer=False)
    result = accepted(plan)
    assert [row.order_id for row, _v in result.refused] == [first.pk]
    assert [v.code for _row, vs in result.refused for v in vs] == ["order_full"]
    assert len(result.rows) == 1


@pytest.mark.django_db
def test_a_moved_order_is_refused() -> None:
    (order,) = world(1)
    plan = made()
    later = timedelta(hours=1)
    WorkOrder.objects.update(starts_at=order.starts_at + later, ends_at=order.ends_at + later)
    result = accepted(plan)
    assert [v.code for _row, vs in result.refused for v in vs] == ["order_moved"]
    assert plan.state == "ready"


@pytest.mark.django_db
def test_each_step_leaves_an_audit_row_with_its_person() -> None:
    world(1)
    user = builders.user(Role.DISPATCHER)
    plan = asked(by=user)
    plan_services.make_plan(plan.pk, clock=clock)
    plan.refresh_from_db()
    plan_services.accept(plan, plan.rows.all(), by=user, now=NOW)
    plan_services.send(plan, by=user, now=NOW)
    verbs = AuditEvent.objects.filter(kind="plan").values_list("verb", "actor")
    assert list(verbs) == [
        ("plan.asked", user.pk),
        ("plan.start", None),
        ("plan.finish", None),
        ("plan.accept", user.pk),
        ("plan.send", user.pk),
    ]


@pytest.mark.django_db
def test_discarded_plan_accepts_nothing() -> None:
    world(1)
    plan = made()
    plan_services.discard(plan, by=None, now=NOW)
    assert codes(lambda: accepted(plan)) == ["plan_not_open"]
    assert not Assignment.objects.exists()


# ------------------------------------------------------------------ numbers, command


@pytest.mark.django_db
def test_numbers_say_who_is_new_this_week_and_never_more_than_is_proven() -> None:
    world()
    plan = made()
    numbers = plan.numbers
    assert (numbers["people"], numbers["newly"], numbers["held"]) == (2, 2, 0)
    assert numbers["proven"] in {True, False}
    assert not numbers["proven"] or numbers["gap_pct"] == 0


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [(100, 100, 0.0), (105, 100, 5.0), (100, None, None), (None, 100, None), (90, 100, None),
     (5, -900_000, None), (5, 0, None)],
)  # fmt: skip
def test_gap_is_only_what_the_bound_proves(
    objective: int | None, bound: int | None, gap: float | None
) -> None:
    day = bridge.DayPlan(ON, [], [], 1, objective, bound, 0, 0.1, bridge.FULL, "time")
    assert plan_services._gap_pct(day) == gap


@pytest.mark.django_db
def test_command_prints_and_writes_nothing_unless_told(
    capsys: pytest.CaptureFixture[str], time_machine: Any
) -> None:
    time_machine.move_to(NOW)
    (order,) = world(1)
    call_command("plan", "--date", "2026-11-26", "--seconds", "1")
    out = capsys.readouterr().out
    assert "2026-11-26: 1 of 1" in out
    assert str(order.number) in out
    assert not Plan.objects.exists()
    call_command("plan", "--date", "2026-11-26", "--week", "--seconds", "1", "--save")
    plan = Plan.objects.get()
    assert (plan.state, plan.last_on, PlanRow.objects.count()) == ("ready", date(2026, 11, 29), 1)
    with pytest.raises(CommandError, match="over"):
        call_command("plan", "--date", "2026-11-01")
