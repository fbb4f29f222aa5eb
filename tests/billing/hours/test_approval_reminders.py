"""Hours that nobody approves: the orderer on day 2, the office on day 4, once each."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django_q.models import Schedule

from billing import tasks
from billing.hours import services as hours
from billing.models import HourEntry
from core import outbox
from core.models import OutboxMessage
from core.tasks import install_after_migrate
from orders.models import WorkOrder
from tests import builders
from tests.billing import world
from tests.billing.world import THURSDAY

pytestmark = pytest.mark.django_db
HELSINKI = ZoneInfo("Europe/Helsinki")


def run(days: int, clock: time = time(9)) -> list[str]:
    """What the scheduled task writes so many days after the work, by kind."""
    moment = datetime.combine(THURSDAY + timedelta(days=days), clock, HELSINKI).astimezone(UTC)
    before = set(OutboxMessage.objects.values_list("pk", flat=True))
    with time_machine.travel(moment, tick=False):
        count = tasks.remind_of_hours()
    new = OutboxMessage.objects.exclude(pk__in=before)
    assert count == len(new)
    return sorted(new.values_list("kind", flat=True))


@pytest.fixture
def entry() -> HourEntry:
    builders.organisation()
    return world.done(world.order(orderer_phone="+358401234567"))


def test_orderer_is_reminded_on_day_two_and_office_told_on_day_four(entry: HourEntry) -> None:
    """Screens 2, job 4."""
    assert [run(day) for day in range(6)] == [
        [],
        [],
        ["hours_reminder"],
        [],
        ["hours_unanswered"],
        [],
    ]
    reminder = OutboxMessage.objects.get(kind="hours_reminder")
    order = entry.assignment.order
    assert reminder.to == order.orderer_email
    assert "/o/" in reminder.body
    told = OutboxMessage.objects.get(kind="hours_unanswered")
    assert told.to == "palvelu@askare.example"
    assert "+358" in told.body.replace(" ", "")


def test_repeated_runs_and_days_write_nothing_again(entry: HourEntry) -> None:
    assert run(4) == ["hours_reminder", "hours_unanswered"]
    assert [run(4), run(5), run(30)] == [[], [], []]
    outbox.deliver_due(datetime(2026, 12, 1, 9, tzinfo=UTC))
    reminders = [m for m in mail.outbox if entry.assignment.order.orderer_email in m.to]
    assert len(reminders) == 2  # asked at the end of the work, reminded once


@pytest.mark.parametrize(("language", "task"), [("sv", "Städning"), ("en", "Cleaning")])
def test_reminder_speaks_the_orderers_language(language: str, task: str) -> None:
    builders.organisation()
    world.done(world.order(language=language))
    run(2)
    message = OutboxMessage.objects.get(kind="hours_reminder")
    assert message.language == language
    assert message.subject.startswith(task)


def test_nothing_is_written_at_night(entry: HourEntry) -> None:
    assert [run(2, time(0, 30)), run(2, time(6, 59)), run(2, time(21, 5))] == [[], [], []]
    assert run(2, time(21, 5)) == []
    assert run(2, time(7)) == ["hours_reminder"]


@pytest.mark.parametrize("how", ["approved", "disputed"])
def test_answered_hours_are_left_in_peace(entry: HourEntry, how: str) -> None:
    """Negative control."""
    moment = datetime(2026, 11, 26, 15, tzinfo=UTC)
    if how == "approved":
        hours.approve_hours([entry], by=None, now=moment, as_="customer")
    else:
        hours.dispute_hours(entry, by=None, now=moment, note="Ei", as_="customer")
    assert run(4) == []


def test_order_without_email_is_told_to_the_office_only(entry: HourEntry) -> None:
    WorkOrder.objects.update(orderer_email="")
    assert run(4) == ["hours_unanswered"]


def test_corrected_hours_wait_from_the_correction(entry: HourEntry) -> None:
    hours.correct_hours(
        entry,
        started_at=entry.started_at,
        ended_at=entry.started_at + timedelta(hours=3),
        break_min=0,
        by=None,
        now=datetime(2026, 11, 28, 10, tzinfo=UTC),
        note="Lähti aiemmin",
    )
    assert [run(2), run(3), run(4)] == [[], [], ["hours_reminder"]]


def test_schedule_is_installed() -> None:
    from django.apps import apps  # noqa: PLC0415 - after setup

    install_after_migrate(apps.get_app_config("django_q"))
    row = Schedule.objects.get(name="remind of hours")
    assert (row.func, row.minutes) == ("billing.tasks.remind_of_hours", 60)
