"""A correction cannot put a worker in two places; a dispute touches all people or none."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation

from accounts.models import Role
from billing.hours import services as hours
from billing.models import HourEntry
from core.book_checks import broken_invariants
from core.models import AuditEvent, OutboxMessage
from core.texts import problem_texts
from core.violations import RuleBroken
from dispatch.assignments.services import apply_action as apply
from dispatch.models.lifecycle import AssignmentAction
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING
from workers.models import Worker

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture
def two() -> tuple[HourEntry, HourEntry]:
    """One worker: 9-13 at one customer, 14-18 at another."""
    worker = builders.worker()
    morning = world.done(world.order(), worker=worker)
    afternoon = world.done(world.order(at=time(14)), worker=worker)
    return morning, afternoon


def correct(entry: HourEntry, until_min: int) -> HourEntry:
    return hours.correct_hours(
        entry,
        started_at=entry.started_at,
        ended_at=entry.started_at + timedelta(minutes=until_min),
        break_min=0,
        by=None,
        now=BILLING,
        note="Jäi pidempään",
    )


@pytest.mark.parametrize(("until_min", "refused"), [(300, False), (301, True)])
def test_correction_into_the_workers_other_hours_is_refused_with_a_remedy(two, until_min, refused):
    morning, afternoon = two
    if not refused:
        assert correct(morning, until_min).work_min == until_min
        return
    with pytest.raises(RuleBroken) as error:
        correct(morning, until_min)
    number = afternoon.assignment.order.number
    with translation.override("en"):
        (text,) = problem_texts(error.value)
    assert f"order {number}" in text
    assert "correct those hours first" in text
    morning.refresh_from_db()
    assert morning.status == "submitted"
    assert HourEntry.objects.count() == 2


def test_correction_may_overlap_what_it_replaces_what_was_replaced_and_other_workers(two):
    """Negative control."""
    morning, afternoon = two
    world.done(world.order(at=time(11)), worker=builders.worker())
    again = correct(morning, 210)
    assert correct(again, 240).work_min == 240
    moved = hours.correct_hours(
        afternoon,
        started_at=afternoon.started_at + timedelta(hours=1),
        ended_at=afternoon.ended_at,
        break_min=0,
        by=None,
        now=BILLING,
        note="Alkoi myöhemmin",
    )
    assert correct(HourEntry.objects.get(corrects=again), 360).ended_at == moved.started_at


def test_correction_page_shows_the_refusal_and_keeps_the_input(two, client):
    morning, afternoon = two
    url = reverse("billing:hours-correct", args=[morning.ref])
    with time_machine.travel(BILLING, tick=False):
        client.force_login(builders.user(Role.DISPATCHER))
        form = client.get(url).context["form"]
        data = {name: form[name].value() for name in form.fields}
        answer = client.post(url, data | {"ended": "15.00", "note": "Jäi pidempään"})
    assert answer.status_code == 409
    assert answer.context["form"]["ended"].value() == "15.00"
    assert str(afternoon.assignment.order.number) in answer.content.decode()


def pair() -> list[HourEntry]:
    order = world.order(people=2)
    rows = [world.placed(order), world.placed(order)]
    for row in rows:
        world.check_in(row)
    for row in rows:
        world.check_out(row)
    return list(HourEntry.objects.order_by("pk").select_related("assignment__order"))


def test_dispute_of_several_is_all_or_nothing():
    builders.organisation()
    first, second = pair()
    # Somebody approves the second meanwhile.
    hours.approve_hours([HourEntry.objects.get(pk=second.pk)], by=None, now=BILLING, as_="finance")
    with pytest.raises(RuleBroken):
        hours.dispute_all([first, second], by=None, now=BILLING, note="Ei", as_="customer")
    states = list(HourEntry.objects.order_by("pk").values_list("status", flat=True))
    assert states == ["submitted", "approved"]
    assert not OutboxMessage.objects.filter(kind="hours_disputed").exists()
    assert not AuditEvent.objects.filter(verb="hours.dispute").exists()


def test_dispute_of_several_writes_all():
    builders.organisation()
    hours.dispute_all(pair(), by=None, now=BILLING, note="Ei", as_="customer")
    assert set(HourEntry.objects.values_list("status", flat=True)) == {"disputed"}


def test_correction_takes_the_workers_lock():
    entry = world.done()
    before = Worker.objects.get().lock_no
    correct(entry, 200)
    assert Worker.objects.get().lock_no == before + 1


def test_customer_card_links_to_the_month_of_our_clock(client):
    """The link follows core.clock, not the template's own time."""
    customer = builders.customer()
    moment = BILLING.replace(year=2027, month=1, day=1, hour=0)
    with time_machine.travel(moment - timedelta(hours=1), tick=False):
        client.force_login(builders.user(Role.DISPATCHER))
        page = client.get(reverse("orders:customer-detail", args=[customer.ref])).content.decode()
    # 23 o'clock in UTC is already January in Helsinki.
    assert reverse("billing:hour-log-customer", args=[customer.ref, 2027, 1, "pdf"]) in page


# --------------------------------------------------------------------------- check-outs


def told(worker: Worker, order_at: time, came: datetime, left: datetime) -> HourEntry:
    """A gig of the worker with its taps; the check-out is told at the end of the day."""
    row = world.placed(world.order(at=order_at), worker)
    apply(row, AssignmentAction.CHECK_IN, by=None, now=came)
    apply(row, AssignmentAction.CHECK_OUT, by=None, now=BILLING, at=left)
    return HourEntry.objects.get(assignment=row)


def test_check_out_that_was_forgotten_cannot_reach_into_other_hours() -> None:
    """Nobody is paid for two places at once: 9-18 at one customer, 14-18 at another."""
    worker = builders.worker()
    first = world.placed(world.order(), worker)
    came = first.starts_at
    apply(first, AssignmentAction.CHECK_IN, by=None, now=came)
    # The next gig begins and ends while the first has no end: that is no fault of the second.
    second = told(worker, time(14), came + timedelta(hours=5), came + timedelta(hours=9))
    late = {"by": None, "now": BILLING}
    with pytest.raises(RuleBroken) as refused:
        apply(first, AssignmentAction.CHECK_OUT, at=came + timedelta(hours=9), **late)
    with translation.override("en"):
        (text,) = problem_texts(refused.value)
    assert f"order {second.assignment.order.number}" in text
    assert broken_invariants() == []
    apply(first, AssignmentAction.CHECK_OUT, at=came + timedelta(hours=4), **late)
    entry = HourEntry.objects.get(assignment=first)
    assert (entry.status, entry.ended_at) == ("submitted", came + timedelta(hours=4))
    assert broken_invariants() == []


def test_hours_under_way_are_not_corrected() -> None:
    worker = builders.worker()
    row = world.placed(world.order(), worker)
    apply(row, AssignmentAction.CHECK_IN, by=None, now=row.starts_at)
    with pytest.raises(RuleBroken) as refused:
        correct(HourEntry.objects.get(assignment=row), 60)
    assert [v.code for v in refused.value.violations] == ["hours_not_closed"]
    apply(row, AssignmentAction.CHECK_OUT, by=None, now=row.ends_at)
    assert HourEntry.objects.get(assignment=row).status == "submitted"
