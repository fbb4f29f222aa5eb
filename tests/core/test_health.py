"""/healthz: says what is wrong, and nothing that is secret."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django_q.models import Schedule

from core import guards, health, outbox, tasks
from core.models import Heartbeat
from tests.core.test_outbox import write


@pytest.fixture
def beating(now: datetime) -> None:
    Heartbeat.objects.create(name=tasks.QUEUE, at=now)


def not_ok(now: datetime) -> dict[str, str]:
    return {f.name: f.seen for f in health.findings(now) if not f.ok}


@pytest.mark.django_db
@pytest.mark.usefixtures("beating")
def test_all_well_answers_200(client: Client, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json()["ok"] is True
    assert set(response.json()["checks"]) == {
        "database",
        "migrations",
        "guards",
        "outbox",
        "queue",
    }


@pytest.mark.django_db
def test_no_heartbeat_answers_503(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["checks"]["queue"]["ok"] is False


@pytest.mark.django_db
@pytest.mark.usefixtures("beating")
@pytest.mark.parametrize(("seconds", "bad"), [(179, False), (180, True)])
def test_heartbeat_of_three_minutes_is_too_old(now: datetime, seconds: int, bad: bool) -> None:
    assert ("queue" in not_ok(now + timedelta(seconds=seconds))) is bad


@pytest.mark.django_db
@pytest.mark.usefixtures("beating")
def test_message_waiting_five_minutes_is_seen_and_one_not_due_is_not(now: datetime) -> None:
    write(now, key="later", due_at=now + timedelta(days=1))
    assert not_ok(now) == {}
    write(now - timedelta(minutes=5), key="late")
    assert not_ok(now) == {"outbox": "oldest 300 s"}


@pytest.mark.django_db
@pytest.mark.usefixtures("beating")
@pytest.mark.engine
def test_missing_guard_is_named(now: datetime) -> None:
    guards.drop(only="audit_append_only")
    assert not_ok(now) == {"guards": "audit_append_only"}


@pytest.mark.django_db
@pytest.mark.usefixtures("beating")
@pytest.mark.engine
def test_migration_not_applied_is_seen(now: datetime) -> None:
    MigrationRecorder(connection).record_unapplied("accounts", "0001_initial")
    assert not_ok(now) == {"migrations": "1 not applied"}


@pytest.mark.engine
def test_dead_database_gives_one_finding(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead() -> None:
        raise OperationalError("password=hunter2 host=db.internal")

    monkeypatch.setattr(connection, "cursor", dead)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": {"ok": False, "seen": "no answer"}}


@pytest.mark.django_db
def test_answer_holds_no_secret(client: Client) -> None:
    text = client.get("/healthz").content.decode()
    assert settings.SECRET_KEY not in text
    assert str(settings.DATABASES["default"]["NAME"]) not in text


@pytest.mark.django_db
def test_heartbeat_task_writes_one_row() -> None:
    tasks.heartbeat()
    tasks.heartbeat()
    assert Heartbeat.objects.count() == 1


@pytest.mark.django_db
def test_migrate_writes_the_schedules_and_mends_changed_ones() -> None:
    row = Schedule.objects.get(name="deliver messages")
    assert (row.func, row.minutes, row.repeats) == ("core.tasks.deliver", 1, -1)
    Schedule.objects.filter(pk=row.pk).update(minutes=60)
    sender = type("App", (), {"name": "django_q"})
    tasks.install_after_migrate(sender)
    row.refresh_from_db()
    assert row.minutes == 1


@pytest.mark.django_db
def test_every_schedule_names_a_function_that_exists() -> None:
    from django.utils.module_loading import import_string

    for func in Schedule.objects.values_list("func", flat=True):
        assert callable(import_string(func))


def test_schedule_needs_minutes_or_cron() -> None:
    with pytest.raises(ValueError, match="one of them"):
        tasks.schedule("both", "core.tasks.deliver", minutes=1, cron="* * * * *")


@pytest.mark.django_db
def test_deliver_task_sends_what_is_due(now: datetime) -> None:
    write(now, key="a")
    write(now, key="b")
    with time_machine.travel(now, tick=True):
        assert tasks.deliver() == 2
    assert outbox.OutboxMessage.objects.filter(state="sent").count() == 2
