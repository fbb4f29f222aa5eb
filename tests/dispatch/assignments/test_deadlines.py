"""What the clock ends: offers without an answer, orders without a worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.module_loading import import_string
from django_q.models import Schedule

from core.models import AuditEvent, OutboxMessage
from dispatch import tasks
from dispatch.assignments import door
from dispatch.assignments.deadlines import expire_offers, give_up_unfilled
from dispatch.assignments.services import apply_action
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction as A
from dispatch.models.lifecycle import AssignmentStatus as S
from orders.models import WorkOrder
from tests import builders
from tests.dispatch.assignments.steps import placed, status

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def test_expire_offers_closes_only_those_overdue(office, now):
    early = placed(office, now, offer=True)
    later = placed(office, now + timedelta(hours=3), offer=True)
    answered = placed(office, now, offer=True)
    apply_action(answered, A.ACCEPT, by=None, now=now)
    assert expire_offers(now + timedelta(hours=24)) == 1
    assert expire_offers(now + timedelta(hours=24)) == 0
    found = {a.pk: a.status for a in Assignment.objects.all()}
    assert found == {early.pk: S.EXPIRED, later.pk: S.OFFERED, answered.pk: S.ACCEPTED}


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
