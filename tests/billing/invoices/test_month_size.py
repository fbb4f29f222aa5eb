"""A month of many entries and customers: true counts, few statements, no press that waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from billing import tasks
from billing.hours import groups, status
from billing.hours import services as hours
from billing.hours import views as hour_views
from billing.invoices import drafting
from billing.models import HourEntry, Invoice
from core.clock import now as clock_now
from core.models import AuditEvent
from orders.models import WorkOrder
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING

pytestmark = pytest.mark.django_db


def as_(role: Role) -> Client:
    client = Client()
    client.force_login(builders.user(role), "allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["django_language"] = "en"
    return client


def crowd(people: int) -> list[HourEntry]:
    """Hours of so many people who worked at one order together."""
    order = world.order(people=people)
    rows = [world.placed(order) for _ in range(people)]
    for row in rows:
        world.check_in(row)
        world.check_out(row)
    return list(
        HourEntry.objects.filter(assignment__order=order).select_related("assignment__order")
    )


def statements(entries: list[HourEntry]) -> int:
    with CaptureQueriesContext(connection) as seen:
        done = hours.approve_hours(entries, by=None, now=BILLING, as_="finance")
    assert done == entries
    return len(seen)


@pytest.mark.engine
def test_more_entries_take_no_more_statements_and_each_has_its_event() -> None:
    """The order is closed and each approval is in the trail, at a cost that does not grow."""
    builders.organisation()
    few, many = crowd(2), crowd(12)
    assert statements(many) == statements(few)
    assert set(HourEntry.objects.values_list("status", flat=True)) == {"approved"}
    assert set(WorkOrder.objects.values_list("status", flat=True)) == {"closed"}
    events = AuditEvent.objects.filter(verb="hours.approve").values_list("ref", flat=True)
    assert sorted(events) == sorted(str(entry.ref) for entry in [*few, *many])


def test_entries_of_several_batches_all_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "BATCH", 3)
    builders.organisation()
    assert len(hours.approve_hours(crowd(7), by=None, now=BILLING, as_="finance")) == 7
    assert set(WorkOrder.objects.values_list("status", flat=True)) == {"closed"}


def test_count_on_the_page_is_true_when_one_press_takes_fewer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hour_views, "PAGE_SIZE", 1)
    monkeypatch.setattr(groups, "MOST_AT_ONCE", 2)
    for _ in range(3):
        world.done()
    client = as_(Role.FINANCE)
    page = client.get(reverse("billing:hours"))
    text = page.content.decode()
    assert "On all pages 3 entries are as planned." in text
    assert "Approve all 2 as planned" in text
    client.post(reverse("billing:hours-approve"), {"seen": page.context["groups"].seen})
    waiting = HourEntry.objects.filter(status="submitted").values_list("pk", flat=True)
    assert list(waiting) == [HourEntry.objects.latest("pk").pk], "the oldest went"


def test_tick_taken_off_is_left_out_of_all_pages_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes a tick off and then approves everything means everything else."""
    monkeypatch.setattr(hour_views, "PAGE_SIZE", 2)
    first, second, third = (world.done() for _ in range(3))
    client = as_(Role.DISPATCHER)
    page = client.get(reverse("billing:hours"))
    text = page.content.decode()
    assert text.count('name="shown"') == 2
    assert "Only the 2 on this page" in text
    press = {
        "seen": page.context["groups"].seen,
        "entry": str(second.ref),
        "shown": [str(first.ref), str(second.ref)],
    }
    answer = client.post(reverse("billing:hours-approve"), press, follow=True).content.decode()
    assert "2 entries approved." in answer
    assert "had changed" not in answer
    status = dict(HourEntry.objects.values_list("pk", "status"))
    assert status == {first.pk: "submitted", second.pk: "approved", third.pk: "approved"}


@pytest.mark.parametrize("key", ["9" * 30, "9" * 5000, f"1-{'9' * 30}", "²", "٣"])  # noqa: RUF001
def test_numbers_that_are_no_keys_are_left_out(key: str) -> None:
    entry = world.done()
    client = as_(Role.FINANCE)
    for name, field in (("hours-approve", "seen"), ("invoice-drafts-make", "customer")):
        answer = client.post(reverse(f"billing:{name}"), {field: key})
        assert answer.status_code == 302, name
    assert HourEntry.objects.get(pk=entry.pk).status == "submitted"


def test_drafts_that_the_queue_makes_are_counted_on_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """How far it is stands on both pages, without a script, until it is done or given up."""
    builders.organisation()
    owners = [builders.customer(name=name) for name in ("Aamu Oy", "Ilta Oy", "Yö Oy")]
    for owner in owners:
        world.approved(world.order(customer=owner))
    rung: list[tuple[Any, ...]] = []
    monkeypatch.setattr(drafting, "AT_ONCE_S", -1.0)
    monkeypatch.setattr(drafting, "async_task", lambda *args, **_options: rung.append(args))
    client = as_(Role.FINANCE)
    pages = [reverse("billing:invoice-ready"), reverse("billing:invoice-drafts")]
    chosen = {"customer": [owner.pk for owner in owners], "until": "2026-12-31"}
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(reverse("billing:invoice-drafts-make"), chosen)
    assert Invoice.objects.count() == 0, "the press itself waits for nothing"
    [(_name, ids, until, by)] = rung
    for page in pages:
        assert "0 of 3 done" in client.get(page).content.decode()
    tasks.make_drafts(ids[:2], until, by)
    for page in pages:
        assert "2 of 3 done" in client.get(page).content.decode()
    assert (
        drafting.progress(
            client.session[drafting.SESSION],
            now=clock_now() + drafting.FORGET + timedelta(minutes=1),
        )
        is None
    )
    tasks.make_drafts(ids, until, by)
    for page in pages:
        assert 'id="drafting"' not in client.get(page).content.decode()
    assert Invoice.objects.count() == len(owners)
