"""What the queue runs, and the schedules that exist after each migrate.

Tasks take ids only and are safe to repeat: django-q2 may drop or double them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django_q.models import Schedule

from core import clock, outbox
from core.models import Heartbeat

QUEUE = "queue"


def deliver() -> int:
    """Send what is due, for as long as one task may; the rest leaves with the next bell."""
    started, total = time.monotonic(), 0
    while time.monotonic() - started < outbox.BUDGET_S:
        sent = outbox.deliver_due(clock.now())
        total += sent
        if not sent:
            break
    return total


def heartbeat() -> None:
    """The queue is alive; /healthz looks at this row."""
    Heartbeat.objects.update_or_create(name=QUEUE, defaults={"at": clock.now()})


@dataclass(frozen=True)
class Timetable:
    """A task and how often it runs: every so many minutes, or by a cron line."""

    func: str
    minutes: int | None = None
    cron: str | None = None

    def values(self) -> dict[str, Any]:
        if self.cron:
            return {"schedule_type": Schedule.CRON, "cron": self.cron, "minutes": None}
        return {"schedule_type": Schedule.MINUTES, "minutes": self.minutes, "cron": None}


_timetables: dict[str, Timetable] = {}


def schedule(name: str, func: str, *, minutes: int | None = None, cron: str | None = None) -> None:
    """Make a schedule known; apps call this in ready(), migrate writes the rows."""
    if (minutes is None) == (cron is None):
        raise ValueError(f"{name}: give minutes or cron, one of them")
    _timetables[name] = Timetable(func, minutes, cron)


schedule("deliver messages", "core.tasks.deliver", minutes=1)
schedule("heartbeat", "core.tasks.heartbeat", minutes=1)
schedule("expired sessions", "core.tasks.clear_sessions", cron="40 3 * * *")


def clear_sessions() -> None:
    """Drop expired sessions each night."""
    from django.core.management import call_command  # noqa: PLC0415 - heavy, nightly only

    call_command("clearsessions")


def install_after_migrate(sender: Any, using: str = "default", **_: Any) -> None:
    """post_migrate receiver: schedules in the database are those the code names."""
    if sender.name != "django_q":
        return
    if Schedule._meta.db_table not in connections[using].introspection.table_names():
        return
    rows = Schedule.objects.using(using)
    for name, timetable in _timetables.items():
        values = {"func": timetable.func, "repeats": -1, **timetable.values()}
        row = rows.filter(name=name).first()
        if row is None:
            rows.create(name=name, next_run=clock.now(), **values)
        elif any(getattr(row, field) != value for field, value in values.items()):
            rows.filter(pk=row.pk).update(**values)
    rows.filter(func__startswith="core.tasks.").exclude(name__in=_timetables).delete()
