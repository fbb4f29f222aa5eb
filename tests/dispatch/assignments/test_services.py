"""Places of orders: given, answered, handed over and given back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError

from core.models import AuditEvent, OutboxMessage
from core.violations import RuleBroken
from dispatch.assignments import services
from dispatch.assignments.absences import record_absence
from dispatch.assignments.services import BookedMeanwhile, apply_action, assign
from dispatch.eligibility import judge as rules
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction as A
from dispatch.models.lifecycle import AssignmentStatus as S
from orders.models import WorkOrder
from orders.ordering.services import cancel_order, move_order
from tests import builders
from tests.dispatch.assignments.steps import codes, mails, placed, status
from workers.models import Engagement, Worker

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


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
    cancel_order(WorkOrder.objects.get(pk=row.order_id), by=office, now=now, reason="")
    row.refresh_from_db()
    assert (row.status, status(row.order)) == (S.WITHDRAWN, "cancelled")
    assert len(mails("assignment_withdrawn")) == 1
    assert mails("assignment_replacing") == []


def test_order_moved_releases_the_workers_and_opens_it(office, now):
    row = placed(office, now)
    order = WorkOrder.objects.get(pk=row.order_id)
    moved = move_order(order, date(2026, 11, 27), time(9), by=office, now=now)
    row.refresh_from_db()
    assert (row.status, moved.status, status(order)) == (S.WITHDRAWN, "placed", "placed")
    assert moved.quote_net == Decimal("128.00")


def test_contract_that_forbids_the_customer_is_hard(office, now):
    worker = builders.worker(engagement=None)
    Engagement.objects.create(
        worker=worker, kind="pay_subsidy", starts_on=date(2026, 1, 1), excludes_business=True
    )
    with pytest.raises(RuleBroken) as error:
        assign(builders.order(), [worker.pk], by=office, now=now, override_reason="silti")
    assert codes(error) == {"subsidy_excludes_business"}
