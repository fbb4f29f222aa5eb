"""The one door for the time of workers: places, answers, check-ins, absences."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils.module_loading import import_string
from django_q.models import Schedule

from accounts.models import Role
from core.models import AuditEvent, OutboxMessage
from core.violations import RuleBroken
from dispatch import tasks
from dispatch.assignments import door, late, punches, services
from dispatch.assignments.absences import record_absence, remove_absence
from dispatch.assignments.deadlines import expire_offers, give_up_unfilled
from dispatch.assignments.services import BookedMeanwhile, apply_action, assign
from dispatch.eligibility import judge as rules
from dispatch.models import Assignment, Punch
from dispatch.models.lifecycle import AssignmentAction as A
from dispatch.models.lifecycle import AssignmentStatus as S
from orders.models import WorkOrder
from orders.ordering.services import order_cancel, order_move
from tests import builders
from workers.models import Absence, Engagement, Worker

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture
def office():
    builders.organisation()
    return builders.user(Role.DISPATCHER, name="Liisa Laine")


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {v.code for v in error.value.violations}


def placed(office, now, *, offer: bool = False, order: WorkOrder | None = None, **worker):
    row = builders.worker(**worker)
    return assign(order or builders.order(), [row.pk], by=office, now=now, offer=offer)[0]


def status(order: WorkOrder) -> str:
    return WorkOrder.objects.get(pk=order.pk).status


def mails(kind: str) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=kind))


# --------------------------------------------------------------------------- assigning


def test_assign_offer_holds_time_and_leaves_the_order_open(office, now):
    order = builders.order()
    worker = builders.worker(email="aino@post.example")
    [row] = assign(order, [worker.pk], by=office, now=now)
    assert (row.status, row.starts_at, row.ends_at) == (S.OFFERED, order.starts_at, order.ends_at)
    assert row.answer_by == now + timedelta(hours=24)
    assert status(order) == "placed"
    assert mails("assignment_offer")[0].to == "aino@post.example"
    assert Worker.objects.get(pk=worker.pk).lock_no == 1


def test_assign_directly_fills_the_order_and_tells_worker_and_orderer(office, now):
    order = builders.order()
    worker = builders.worker(email="aino@post.example")
    [row] = assign(order, [worker.pk], by=office, now=now, offer=False)
    assert (row.status, row.answer_by) == (S.ACCEPTED, None)
    assert status(order) == "filled"
    assert [m.to for m in mails("assignment_placed")] == ["aino@post.example"]
    assert [m.to for m in mails("assignment_confirmed")] == [order.orderer_email]


def test_assign_first_statement_is_the_lock_of_the_workers_in_order(
    office, now, django_assert_max_num_queries
):
    order = builders.order(people=2)
    ids = [builders.worker().pk, builders.worker().pk]
    with django_assert_max_num_queries(60) as seen:
        assign(order, [ids[1], ids[0]], by=office, now=now)
    writes = [q["sql"] for q in seen.captured_queries if not q["sql"].startswith("SAVEPOINT")]
    assert [q.split(" ", 2)[:2] for q in writes[:3]] == [
        ["UPDATE", '"workers_worker"'],
        ["UPDATE", '"workers_worker"'],
        ["UPDATE", '"orders_workorder"'],
    ]
    assert writes[0].rstrip().endswith(f"= {min(ids)}")
    assert writes[1].rstrip().endswith(f"= {max(ids)}")


def test_assign_twice_changes_nothing(office, now):
    """A retry changes nothing."""
    order = builders.order()
    worker = builders.worker()
    first = assign(order, [worker.pk], by=office, now=now)
    events, messages = AuditEvent.objects.count(), OutboxMessage.objects.count()
    assert assign(order, [worker.pk], by=office, now=now) == first
    assert Assignment.objects.count() == 1
    assert (AuditEvent.objects.count(), OutboxMessage.objects.count()) == (events, messages)


def test_assign_more_than_the_places_is_refused_and_makes_nobody(office, now):
    order = builders.order(people=2)
    ids = [builders.worker().pk for _ in range(3)]
    with pytest.raises(RuleBroken) as error:
        assign(order, ids, by=office, now=now)
    assert codes(error) == {"order_full"}
    assert not Assignment.objects.exists()


def test_assign_offered_place_counts_as_taken(office, now):
    order = builders.order()
    placed(office, now, offer=True, order=order)
    with pytest.raises(RuleBroken) as error:
        placed(office, now, order=order)
    assert codes(error) == {"order_full"}


def test_assign_overlapping_order_says_who_and_which(office, now):
    """Who was taken meanwhile is told with name and order."""
    worker = builders.worker(first_name="Aino")
    first = builders.order(at=time(9))
    assign(first, [worker.pk], by=office, now=now)
    with pytest.raises(BookedMeanwhile) as error:
        assign(builders.order(at=time(12, 59)), [worker.pk], by=office, now=now)
    told = error.value
    assert (told.worker_name, told.by_name, told.order_number, told.at) == (
        "Aino",
        "Liisa Laine",
        first.number,
        now,
    )
    assert codes(error) == {"booked_meanwhile"}


def test_assign_touching_gig_at_the_same_place_is_allowed(office, now):
    """Intervals are half-open; gigs that touch are allowed when the way fits."""
    worker = builders.worker()
    assign(builders.order(at=time(8), duration_min=120), [worker.pk], by=office, now=now)
    [row] = assign(builders.order(at=time(10), duration_min=120), [worker.pk], by=office, now=now)
    assert row.status == S.OFFERED


def test_assign_touching_gig_across_town_is_refused(office, now):
    worker = builders.worker()
    assign(builders.order(at=time(8), duration_min=120), [worker.pk], by=office, now=now)
    customer = builders.customer()
    far = builders.site(customer, street="Kuja 1", lat=61.10, lon=28.40)
    order = builders.order(at=time(10), duration_min=120, customer=customer, site=far)
    with pytest.raises(RuleBroken) as error:
        assign(order, [worker.pk], by=office, now=now, override_reason="kiire")
    assert "travel_from_previous" in codes(error)


def test_guard_alone_refuses_what_the_check_misses(office, now, monkeypatch):
    """With the check blinded the database still refuses, and the answer is the same."""
    worker = builders.worker()
    first = builders.order()
    assign(first, [worker.pk], by=office, now=now)
    monkeypatch.setattr(rules, "holding", lambda order, ids: [])
    monkeypatch.setattr(rules, "check", lambda order, ids: {i: [] for i in ids})
    with pytest.raises(BookedMeanwhile) as error:
        assign(builders.order(), [worker.pk], by=office, now=now)
    assert isinstance(error.value.__cause__, IntegrityError)
    assert error.value.order_number == first.number


@pytest.mark.parametrize("state", ["done", "closed", "cancelled"])
def test_assign_order_not_open_is_refused(office, now, state):
    with pytest.raises(RuleBroken) as error:
        placed(office, now, order=builders.order(status=state))
    assert codes(error) == {"order_not_open"}


def test_assign_past_order_is_refused(office, now):
    with pytest.raises(RuleBroken) as error:
        placed(office, now, order=builders.order(on=date(2026, 11, 20)))
    assert codes(error) == {"gig_in_past"}


def test_assign_unfilled_order_opens_it_again(office, now):
    order = builders.order(status="unfilled")
    placed(office, now, order=order)
    assert status(order) == "filled"


def test_assign_inactive_worker_is_refused_even_with_a_reason(office, now):
    row = builders.worker(active=False)
    with pytest.raises(RuleBroken) as error:
        assign(builders.order(), [row.pk], by=office, now=now, override_reason="sovittu")
    assert "worker_inactive" in codes(error)


def test_assign_soft_rule_needs_a_reason_and_keeps_it(office, now):
    """Blocked by default, an override needs a logged reason."""
    worker = builders.worker(available=False)
    order = builders.order()
    with pytest.raises(RuleBroken) as error:
        assign(order, [worker.pk], by=office, now=now)
    assert codes(error) == {"not_available"}
    assert not Assignment.objects.exists()
    [row] = assign(order, [worker.pk], by=office, now=now, override_reason=" soitin, sopii ")
    assert (row.override_codes, row.override_reason) == (["not_available"], "soitin, sopii")
    event = AuditEvent.objects.get(verb="assignment.offered")
    assert event.reason == "soitin, sopii"


def test_assign_reason_is_not_kept_when_nothing_is_overridden(office, now):
    [row] = assign(
        builders.order(), [builders.worker().pk], by=office, now=now, override_reason="turha"
    )
    assert (row.override_codes, row.override_reason) == ([], "")


def test_assign_absent_worker_is_refused_even_with_a_reason(office, now):
    worker, order = builders.worker(), builders.order()
    record_absence(worker, order.ends_at - timedelta(minutes=1), order.ends_at, by=office, now=now)
    with pytest.raises(RuleBroken) as error:
        assign(order, [worker.pk], by=office, now=now, override_reason="silti")
    assert codes(error) == {"absent"}


def test_assign_team_refusals_name_the_worker(office, now):
    order = builders.order(people=2)
    free, busy = (
        builders.worker(first_name="Kim"),
        builders.worker(first_name="Sara", available=False),
    )
    with pytest.raises(RuleBroken) as error:
        assign(order, [free.pk, busy.pk], by=office, now=now)
    assert [v.numbers["worker"] for v in error.value.violations] == ["Sara"]
    assert not Assignment.objects.exists()


def test_assign_nobody_is_a_programming_error(office, now):
    with pytest.raises(ValueError, match="nobody"):
        assign(builders.order(), [], by=office, now=now)


@pytest.mark.parametrize(
    ("start", "asked", "expected"),
    [
        # local winter time is UTC+2
        ((26, 7), (23, 7), (24, 7)),  # far away: 24 hours from now
        ((23, 15), (23, 7), (23, 13)),  # the same day: two hours before
        ((24, 7), (23, 20), (24, 5, 30)),  # asked at 22, read at 7: half an hour from then
        ((23, 8), (23, 7), (23, 7, 30)),  # in an hour: never less than half an hour
    ],
)
def test_answer_deadline(start, asked, expected):
    from dispatch.rules.quiet_hours import answer_deadline

    at = [datetime(2026, 11, *parts, tzinfo=UTC) for parts in (start, asked, expected)]
    assert answer_deadline(at[0], at[1]) == at[2]


@pytest.mark.parametrize(
    ("hour", "due"),
    [(5, (23, 5)), (4, (23, 5)), (18, (23, 18)), (19, (24, 5)), (22, (24, 5))],
)
def test_message_to_worker_waits_until_seven(office, hour, due):
    """Nobody's phone rings between 21 and 7 local time."""
    now = datetime(2026, 11, 23, hour, 0, tzinfo=UTC)
    order = builders.order()
    assign(order, [builders.worker(email="a@b.example").pk], by=office, now=now)
    assert mails("assignment_offer")[0].due_at == datetime(2026, 11, *due, tzinfo=UTC)


# --------------------------------------------------------------------------- answers


def test_accept_fills_the_order_and_tells_the_orderer(office, now):
    row = placed(office, now, offer=True, first_name="Aino")
    done = apply_action(row, A.ACCEPT, by=None, now=now + timedelta(hours=1))
    assert (done.status, done.answered_at) == (S.ACCEPTED, now + timedelta(hours=1))
    assert status(row.order) == "filled"
    [mail] = mails("assignment_confirmed")
    assert mail.to == row.order.orderer_email
    assert "Aino" in mail.body
    assert "Mäki" not in mail.body + mail.subject


def test_accept_twice_changes_nothing(office, now):
    """A second tap on yes is no error and no second event."""
    row = placed(office, now, offer=True)
    apply_action(row, A.ACCEPT, by=None, now=now)
    events = AuditEvent.objects.count()
    assert apply_action(row, A.ACCEPT, by=None, now=now).status == S.ACCEPTED
    assert AuditEvent.objects.count() == events


def test_accept_of_team_fills_only_with_the_last(office, now):
    order = builders.order(people=2)
    first = placed(office, now, offer=True, order=order)
    second = placed(office, now, offer=True, order=order)
    apply_action(first, A.ACCEPT, by=None, now=now)
    assert status(order) == "placed"
    apply_action(second, A.ACCEPT, by=None, now=now)
    assert status(order) == "filled"


def test_accept_after_withdrawal_is_refused(office, now):
    """The second one gets a clear answer."""
    row = placed(office, now, offer=True)
    apply_action(row, A.WITHDRAW, by=office, now=now)
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.ACCEPT, by=None, now=now)
    assert codes(error) == {"not_possible_now"}


def test_decline_frees_the_place_and_keeps_no_reason(office, now):
    """A no needs no reason and none is kept."""
    row = placed(office, now, offer=True)
    apply_action(row, A.DECLINE, by=None, now=now, reason="selkä kipeä")
    assert AuditEvent.objects.get(verb="assignment.declined").reason == ""
    assert [m.to for m in mails("assignment_office")] == ["palvelu@askare.example"]
    assert placed(office, now, order=row.order).status == S.ACCEPTED


def test_expire_offers_closes_only_those_overdue(office, now):
    early = placed(office, now, offer=True)
    later = placed(office, now + timedelta(hours=3), offer=True)
    answered = placed(office, now, offer=True)
    apply_action(answered, A.ACCEPT, by=None, now=now)
    assert expire_offers(now + timedelta(hours=24)) == 1
    assert expire_offers(now + timedelta(hours=24)) == 0
    found = {a.pk: a.status for a in Assignment.objects.all()}
    assert found == {early.pk: S.EXPIRED, later.pk: S.OFFERED, answered.pk: S.ACCEPTED}


def test_withdraw_of_confirmed_worker_opens_the_order_and_tells_both(office, now):
    """Both are told at once, so that the worker never crosses town for nothing."""
    row = placed(office, now, email="aino@post.example")
    apply_action(row, A.WITHDRAW, by=office, now=now)
    assert status(row.order) == "placed"
    assert [m.to for m in mails("assignment_withdrawn")] == ["aino@post.example"]
    assert len(mails("assignment_replacing")) == 1


def test_withdraw_of_offer_says_nothing_to_the_orderer(office, now):
    row = placed(office, now, offer=True)
    apply_action(row, A.WITHDRAW, by=office, now=now)
    assert mails("assignment_replacing") == []


# --------------------------------------------------------------------------- check-in and -out


def at_work(office, now):
    row = placed(office, now)
    return apply_action(row, A.CHECK_IN, by=None, now=row.starts_at)


def test_check_in_and_out_follow_the_order_to_done(office, now):
    row = at_work(office, now)
    assert status(row.order) == "in_progress"
    row = apply_action(row, A.CHECK_OUT, by=None, now=row.ends_at)
    assert (row.status, status(row.order)) == (S.COMPLETED, "done")
    assert list(Punch.objects.values_list("kind", "at")) == [
        ("in", row.starts_at),
        ("out", row.ends_at),
    ]


def test_check_in_with_the_same_key_counts_once(office, now):
    """A tap that was kept while offline and is sent again counts once."""
    row, key = placed(office, now), uuid.uuid4()
    tapped = row.starts_at - timedelta(minutes=3)
    for sent in (row.starts_at, row.starts_at + timedelta(minutes=5)):
        apply_action(row, A.CHECK_IN, by=None, now=sent, at=tapped, form_key=key)
    assert list(Punch.objects.values_list("kind", "at")) == [("in", tapped)]


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(-121, "check_in_early"), (240, "check_in_late")],
)
def test_check_in_outside_the_gig_is_refused(office, now, minutes, code):
    row = placed(office, now)
    moment = row.starts_at + timedelta(minutes=minutes)
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.CHECK_IN, by=None, now=moment)
    assert codes(error) == {code}


def test_check_in_from_the_future_is_refused(office, now):
    row = placed(office, now)
    with pytest.raises(RuleBroken) as error:
        apply_action(
            row,
            A.CHECK_IN,
            by=None,
            now=row.starts_at - timedelta(minutes=6),
            at=row.starts_at,
        )
    assert codes(error) == {"punch_in_future"}


def test_check_out_before_check_in_is_refused(office, now):
    row = at_work(office, now)
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.CHECK_OUT, by=None, now=row.ends_at, at=row.starts_at)
    assert codes(error) == {"check_out_before_in"}


def test_undo_of_check_in_gives_the_order_back(office, now):
    """A too-early tap can be taken back; the raw taps stay."""
    row = at_work(office, now)
    row = apply_action(row, A.UNDO, by=None, now=row.starts_at + timedelta(minutes=1))
    assert (row.status, status(row.order)) == (S.ACCEPTED, "filled")
    assert list(Punch.objects.values_list("kind", flat=True)) == ["in", "undo"]
    again = row.starts_at + timedelta(minutes=10)
    row = apply_action(row, A.CHECK_IN, by=None, now=again)
    assert punches.checked_in_at(row) == again


def test_undo_of_check_out_puts_the_worker_back_to_work(office, now):
    row = at_work(office, now)
    came = row.starts_at
    row = apply_action(row, A.CHECK_OUT, by=None, now=came + timedelta(hours=1))
    row = apply_action(row, A.UNDO, by=None, now=came + timedelta(hours=1, minutes=1))
    assert (row.status, status(row.order)) == (S.ON_SITE, "in_progress")
    assert punches.checked_in_at(row) == came


@pytest.mark.parametrize("role", [None, Role.WORKER, Role.COACH, Role.DISPATCHER])
def test_undo_later_than_an_hour_is_refused_whoever_asks(office, now, role):
    """The service holds the rule: no page, and no button of the coach, goes past it."""
    row = at_work(office, now)
    by = builders.user(role, email="kysyja@post.example") if role else None
    too_late = row.starts_at + punches.UNDO_WITHIN + timedelta(seconds=1)
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.UNDO, by=by, now=too_late)
    own = role in (None, Role.WORKER)
    assert codes(error) == {"undo_late" if own else "undo_late_office"}
    assert punches.undoable([Assignment.objects.get(pk=row.pk)], too_late) == set()
    in_time = row.starts_at + punches.UNDO_WITHIN
    assert punches.undoable([Assignment.objects.get(pk=row.pk)], in_time) == {row.pk}
    assert apply_action(row, A.UNDO, by=by, now=in_time).status == S.ACCEPTED


def test_undo_counts_from_the_tap_that_it_takes_back(office, now):
    """The check-out may go within its hour; the check-in before it is too old by then."""
    row = at_work(office, now)
    left = row.starts_at + timedelta(hours=2)
    apply_action(row, A.CHECK_OUT, by=None, now=left)
    row = apply_action(row, A.UNDO, by=office, now=left + timedelta(minutes=1))
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.UNDO, by=office, now=left + timedelta(minutes=2))
    assert codes(error) == {"undo_late_office"}


def test_second_press_does_not_take_back_the_tap_before(office, now):
    """Each page says which state it showed; a worker's second press is refused in any case."""
    row = at_work(office, now)
    left = row.starts_at + timedelta(minutes=10)
    row = apply_action(row, A.CHECK_OUT, by=None, now=left)
    apply_action(row, A.UNDO, by=office, now=left, seen="completed")
    for by, seen in ((office, "completed"), (builders.user(Role.WORKER), "")):
        with pytest.raises(RuleBroken) as error:
            apply_action(row, A.UNDO, by=by, now=left, seen=seen)
        assert codes(error) == {"undo_done"}
    again = apply_action(row, A.UNDO, by=office, now=left, seen="on_site")
    assert again.status == S.ACCEPTED, "the office may go on, when it means to"


def test_late_is_told_near_the_start_only_whichever_page_asks(office, now):
    row = placed(office, now)
    for moment in (row.starts_at - late.LATE_FROM - timedelta(seconds=1), row.ends_at):
        with pytest.raises(RuleBroken) as error:
            late.report_lateness(row, 10, by=office, now=moment)
        assert codes(error) == {"not_possible_now"}
    late.report_lateness(row, 10, by=office, now=row.starts_at - late.LATE_FROM)
    assert [m.to for m in mails("worker_late")] == ["palvelu@askare.example"]


def test_order_of_team_is_done_when_the_last_one_is(office, now):
    order = builders.order(people=2)
    rows = [placed(office, now, order=order) for _ in range(2)]
    for row in rows:
        apply_action(row, A.CHECK_IN, by=None, now=order.starts_at)
    apply_action(rows[0], A.CHECK_OUT, by=None, now=order.ends_at)
    assert status(order) == "in_progress"
    apply_action(rows[1], A.CHECK_OUT, by=None, now=order.ends_at)
    assert status(order) == "done"


def test_no_show_before_the_start_is_refused(office, now):
    row = placed(office, now)
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.MARK_NO_SHOW, by=office, now=row.starts_at - timedelta(minutes=1))
    assert codes(error) == {"no_show_early"}
    done = apply_action(row, A.MARK_NO_SHOW, by=office, now=row.starts_at)
    assert (done.status, status(row.order)) == (S.NO_SHOW, "placed")


def test_replacement_for_a_no_show_can_still_come(office, now):
    row = placed(office, now)
    late = row.starts_at + timedelta(minutes=20)
    apply_action(row, A.MARK_NO_SHOW, by=office, now=late)
    assert placed(office, late, order=row.order).status == S.ACCEPTED


# --------------------------------------------------------------------------- changing people


def test_reassign_moves_the_place_in_one_go(office, now):
    row = placed(office, now)
    other = builders.worker()
    new = services.reassign(row, other.pk, by=office, now=now, offer=False)
    row.refresh_from_db()
    assert (row.status, new.worker_id, new.status) == (S.WITHDRAWN, other.pk, S.ACCEPTED)
    assert status(row.order) == "filled"


def test_reassign_on_a_full_order_never_says_that_it_was_open(office, now):
    """The trail tells what happened: one place went from one worker to the other."""
    row = placed(office, now)
    trail = AuditEvent.objects.filter(order_ref=str(row.order.ref))
    before = set(trail.values_list("pk", flat=True))
    services.reassign(row, builders.worker().pk, by=office, now=now, offer=False)
    added = trail.exclude(pk__in=before).order_by("id").values_list("verb", flat=True)
    assert list(added) == ["assignment.reassigned", "assignment.placed"]


def test_reassign_as_an_offer_opens_the_place_until_the_answer(office, now):
    row = placed(office, now)
    services.reassign(row, builders.worker().pk, by=office, now=now, offer=True)
    verbs = AuditEvent.objects.filter(order_ref=str(row.order.ref)).values_list("verb", flat=True)
    assert "order.reopen" in verbs
    assert status(row.order) == "placed"


def test_reassign_to_somebody_busy_leaves_all_as_it_was(office, now):
    row = placed(office, now)
    busy = placed(office, now)
    with pytest.raises(BookedMeanwhile):
        services.reassign(row, busy.worker_id, by=office, now=now, offer=False)
    row.refresh_from_db()
    assert (row.status, status(row.order)) == (S.ACCEPTED, "filled")
    assert mails("assignment_withdrawn") == []


def test_order_cancelled_releases_and_tells_the_workers(office, now):
    """The worker hears of a cancellation at once."""
    row = placed(office, now, email="aino@post.example")
    order_cancel(WorkOrder.objects.get(pk=row.order_id), by=office, now=now, reason="")
    row.refresh_from_db()
    assert (row.status, status(row.order)) == (S.WITHDRAWN, "cancelled")
    assert len(mails("assignment_withdrawn")) == 1
    assert mails("assignment_replacing") == []


def test_order_moved_releases_the_workers_and_opens_it(office, now):
    row = placed(office, now)
    order = WorkOrder.objects.get(pk=row.order_id)
    moved = order_move(order, date(2026, 11, 27), time(9), by=office, now=now)
    row.refresh_from_db()
    assert (row.status, moved.status, status(order)) == (S.WITHDRAWN, "placed", "placed")
    assert moved.quote_net == Decimal("128.00")


# --------------------------------------------------------------------------- absences


def test_absence_releases_overlapping_gigs_and_opens_their_orders(office, now):
    """One call; the customer and the office hear of it, the reason is nowhere."""
    worker = builders.worker()
    first, second = (
        builders.order(at=time(8), duration_min=120),
        builders.order(at=time(12), duration_min=120),
    )
    other_day = builders.order(on=date(2026, 11, 27))
    for order in (first, second, other_day):
        assign(order, [worker.pk], by=office, now=now, offer=False)
    result = record_absence(
        worker,
        first.starts_at - timedelta(hours=8),
        first.starts_at + timedelta(hours=15),
        by=office,
        now=now,
    )
    assert {a.order_id for a in result.released} == {first.pk, second.pk}
    assert {a.status for a in result.released} == {S.ABSENT}
    assert [status(o) for o in (first, second, other_day)] == ["placed", "placed", "filled"]
    assert len(mails("assignment_replacing")) == 2
    assert len(mails("assignment_office")) == 2


def test_absence_twice_is_one_row(office, now):
    worker, order = builders.worker(), builders.order()
    for _ in range(2):
        record_absence(worker, order.starts_at, order.ends_at, by=office, now=now)
    assert Absence.objects.count() == 1
    assert AuditEvent.objects.filter(verb="absence.recorded").count() == 1


def test_absence_leaves_a_gig_under_way(office, now):
    row = at_work(office, now)
    result = record_absence(row.worker, row.starts_at, row.ends_at, by=office, now=row.starts_at)
    row.refresh_from_db()
    assert (result.released, row.status) == ([], S.ON_SITE)


def test_absence_that_ends_before_it_starts_is_refused(office, now):
    with pytest.raises(RuleBroken) as error:
        record_absence(builders.worker(), now, now, by=office, now=now)
    assert codes(error) == {"absence_ends_before_start"}


def test_removed_absence_frees_the_worker(office, now):
    worker, order = builders.worker(), builders.order()
    absence = record_absence(worker, order.starts_at, order.ends_at, by=office, now=now).absence
    remove_absence(absence, by=office, now=now)
    assert assign(order, [worker.pk], by=office, now=now)[0].status == S.OFFERED


def test_contract_that_forbids_the_customer_is_hard(office, now):
    worker = builders.worker(engagement=None)
    Engagement.objects.create(
        worker=worker, kind="pay_subsidy", starts_on=date(2026, 1, 1), excludes_business=True
    )
    with pytest.raises(RuleBroken) as error:
        assign(builders.order(), [worker.pk], by=office, now=now, override_reason="silti")
    assert codes(error) == {"subsidy_excludes_business"}


def test_overdue_offers_are_closed_by_the_schedule(office, now, monkeypatch):
    """The queue's table names the task, and the task does what the service does."""
    row = placed(office, now, offer=True)
    monkeypatch.setattr(tasks, "now", lambda: now + timedelta(days=2))
    func = Schedule.objects.get(name="expire offers").func
    assert import_string(func)() == 1
    row.refresh_from_db()
    assert row.status == S.EXPIRED


def test_order_that_nobody_was_found_for_ends_as_unfilled_by_the_schedule(office, now, monkeypatch):
    """Only when its time is over and no place is held; no message goes out, twice is as once."""
    order, held, running = (builders.order() for _ in range(3))
    placed(office, now, order=held, offer=True)
    WorkOrder.objects.filter(pk=running.pk).update(ends_at=order.ends_at + timedelta(minutes=1))
    sent = OutboxMessage.objects.count()
    monkeypatch.setattr(tasks, "now", lambda: order.ends_at - timedelta(seconds=1))
    give_up = import_string(Schedule.objects.get(name="give up unfilled orders").func)
    assert give_up() == 0, "somebody can still be found"
    monkeypatch.setattr(tasks, "now", lambda: order.ends_at)
    assert [give_up(), give_up()] == [1, 0]
    assert [status(o) for o in (order, held, running)] == ["unfilled", "placed", "placed"]
    event = AuditEvent.objects.get(verb="order.give_up")
    assert (event.ref, event.actor) == (str(order.ref), None)
    assert (event.before, event.after) == ({"status": "placed"}, {"status": "unfilled"})
    assert OutboxMessage.objects.count() == sent


def test_order_whose_worker_did_not_come_ends_as_unfilled(office, now):
    row = placed(office, now)
    apply_action(row, A.MARK_NO_SHOW, by=office, now=row.ends_at)
    assert give_up_unfilled(row.ends_at) == 1
    assert status(row.order) == "unfilled"


def test_order_that_is_taken_in_the_last_moment_is_not_given_up(office, now, monkeypatch):
    """The list was read before the lock: what the order says under the lock counts."""
    order = builders.order()
    lock = door.lock_order

    def beaten(found):
        monkeypatch.setattr(door, "lock_order", lock)
        placed(office, now, order=found)
        return lock(found)

    monkeypatch.setattr(door, "lock_order", beaten)
    assert give_up_unfilled(order.ends_at) == 0
    assert status(order) == "filled"
