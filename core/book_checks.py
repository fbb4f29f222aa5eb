"""Invariants of the database: each app registers its own, `manage.py check_books` asks them all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.module_loading import import_string

from core import guards
from core.models import OutboxMessage
from core.outbox_lifecycle import OutboxState

STUCK_AFTER = timedelta(minutes=5)
_checks: list[str] = []


def register(path: str) -> None:
    """Make a function known, by its dotted path, that gives a sentence for each broken invariant.

    Apps call this in ready(); the function is imported when somebody asks.
    """
    if path not in _checks:
        _checks.append(path)


def broken_invariants(now: datetime | None = None) -> list[str]:
    """A sentence for each broken invariant; empty when the books are right.

    With `now`, messages that wait too long are named as well.
    """
    found = list(_guards())
    for path in _checks:
        found += import_string(path)()
    if now is not None:
        found += _outbox(now)
    return found


def _guards() -> Iterator[str]:
    for name in guards.missing():
        yield f"guard {name} is missing: run manage.py migrate"


def _outbox(now: datetime) -> Iterator[str]:
    waiting = OutboxMessage.objects.filter(
        state=OutboxState.PENDING, due_at__lt=now - STUCK_AFTER, attempts=0
    )
    for message in waiting:
        yield f"message {message.key} has waited since {message.due_at:%Y-%m-%d %H:%M}"
    for message in OutboxMessage.objects.filter(state__in=(OutboxState.UNKNOWN, OutboxState.DEAD)):
        yield f"message {message.key} is {message.state}: {message.error}"
