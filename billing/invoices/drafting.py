"""Drafts for many customers: what a reader can wait for at once, the rest by the queue.

Each customer is one transaction, and hours on a draft are no longer unbilled: whoever is cut off
anywhere, or works twice at once, makes each draft once, and who has none yet is still ready.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django_q.tasks import async_task

from accounts.models import User
from billing.invoices import selectors, services
from core.violations import RuleBroken, Violation
from orders.models import Customer

# Seconds that a reader waits, and that a task of the queue takes (it is cut off at 60).
AT_ONCE_S, TASK_S = 2.0, 40.0
# What the queue has not done by then it never will: the customers are ready again, no more is said.
FORGET = timedelta(minutes=15)
SESSION = "drafting"


@dataclass
class Made:
    """How many drafts were made, for whom not and why, and the customers still to do."""

    drafts: int = 0
    refused: list[tuple[Customer, list[Violation]]] = field(default_factory=list)
    left: list[int] = field(default_factory=list)


def make(
    customer_ids: Sequence[int], *, until: date, by: User | None, now: datetime, budget_s: float
) -> Made:
    """Drafts of the customers in turn; one that lacks a price does not stop the others."""
    began, made = time.monotonic(), Made()
    for at, pk in enumerate(customer_ids):
        if time.monotonic() - began > budget_s:
            made.left = list(customer_ids[at:])
            break
        try:
            made.drafts += len(services.make_drafts([pk], until=until, by=by, now=now))
        except RuleBroken as error:
            made.refused.append((Customer.objects.get(pk=pk), list(error.violations)))
    return made


def ring(customer_ids: Sequence[int], *, until: date, by: User) -> None:
    """Ask the queue to make the drafts of these customers."""
    ids = list(customer_ids)
    transaction.on_commit(
        lambda: async_task("billing.tasks.make_drafts", ids, until.isoformat(), by.pk, save=False),
        robust=True,
    )


@dataclass(frozen=True)
class Progress:
    """Customers of one press whose drafts the queue makes: how many are done, of how many."""

    done: int
    of: int


def note_of(customer_ids: Sequence[int], *, until: date, now: datetime) -> dict[str, Any]:
    """What a session keeps of a press whose drafts the queue makes, for `progress`."""
    return {"ids": list(customer_ids), "until": until.isoformat(), "at": now.isoformat()}


def progress(note: dict[str, Any] | None, *, now: datetime) -> Progress | None:
    """How far it is; None when nothing is left that can be done, or after FORGET."""
    if note is None or now - datetime.fromisoformat(note["at"]) > FORGET:
        return None
    rows = selectors.approved(date.fromisoformat(note["until"]))
    left = sum(pk in rows and not rows[pk].problems for pk in note["ids"])
    return Progress(done=len(note["ids"]) - left, of=len(note["ids"])) if left else None
