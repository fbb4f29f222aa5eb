"""Is this installation well? Facts for /healthz: words and ages only, never settings or names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from core import guards
from core.models import Heartbeat, OutboxMessage
from core.outbox_lifecycle import OutboxState
from core.tasks import QUEUE

OLDEST_MESSAGE = timedelta(minutes=5)
OLDEST_HEARTBEAT = timedelta(minutes=3)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen."""

    name: str
    ok: bool
    seen: str


def findings(now: datetime) -> list[Finding]:
    """All checks; a database that does not answer gives that one finding only."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return [
            Finding("database", ok=True, seen=connection.vendor),
            _migrations(),
            _guards(),
            _outbox(now),
            _queue(now),
        ]
    except DatabaseError:
        return [Finding("database", ok=False, seen="no answer")]


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Migrations this code brings; they cannot change while the process lives."""
    return frozenset(MigrationLoader(None).disk_migrations or {})


def _migrations() -> Finding:
    missing = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    return Finding("migrations", not missing, f"{len(missing)} not applied")


def _guards() -> Finding:
    missing = guards.missing()
    return Finding("guards", not missing, ", ".join(missing) or "all present")


def _outbox(now: datetime) -> Finding:
    """Age of the oldest message that is due and has not left, counted from when it was due."""
    oldest = (
        OutboxMessage.objects.filter(state=OutboxState.PENDING, due_at__lte=now)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    if oldest is None:
        return Finding("outbox", ok=True, seen="empty")
    return Finding("outbox", now - oldest < OLDEST_MESSAGE, f"oldest {_age(now - oldest)}")


def _queue(now: datetime) -> Finding:
    beat = Heartbeat.objects.filter(name=QUEUE).values_list("at", flat=True).first()
    if beat is None:
        return Finding("queue", ok=False, seen="no heartbeat yet")
    return Finding("queue", now - beat < OLDEST_HEARTBEAT, f"heartbeat {_age(now - beat)} ago")


def _age(age: timedelta) -> str:
    return f"{max(0, int(age.total_seconds()))} s"
