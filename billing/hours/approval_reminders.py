"""Hours that nobody approves: the orderer is reminded, then the office is told; once each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from billing.hours import messages
from billing.models import HourEntry
from billing.models.lifecycle import HourStatus
from core.intervals import local_instant
from core.models import OutboxMessage
from core.zone import local_date
from dispatch.rules import quiet_hours as quiet
from orders.models import WorkOrder
from orders.models.lifecycle import OrderStatus

REMIND_AFTER_DAYS = 2
TELL_AFTER_DAYS = 4


def remind(now: datetime) -> int:
    """Write what is due into the outbox and return how many messages; at night nothing.

    Days are counted from the date on which the hours began to wait. Safe to repeat: each message
    has the order in its key.
    """
    if quiet.due_at(now) > now:
        return 0
    before = local_instant(
        local_date(now) - timedelta(days=REMIND_AFTER_DAYS - 1), time(0), quiet.HELSINKI
    )
    entries = (
        HourEntry.objects.filter(status=HourStatus.SUBMITTED, ended_at__lt=before)
        .filter(created_at__lt=before)
        .select_related("assignment__order__customer", "assignment__order__task_type")
        .select_related("assignment__order__site")
        .order_by("started_at", "id")
    )
    return _write(entries, now)


def _write(entries: Iterable[HourEntry], now: datetime) -> int:
    orders: dict[int, WorkOrder] = {}
    waits_days: dict[int, int] = {}
    for entry in entries:
        order = orders.setdefault(entry.assignment.order_id, entry.assignment.order)
        since = max(entry.ended_at or entry.created_at, entry.created_at)
        days = (local_date(now) - local_date(since)).days
        waits_days[order.pk] = max(days, waits_days.get(order.pk, 0))
    keys = {messages.reminder_key(o) for o in orders.values()}
    keys |= {messages.unanswered_key(o) for o in orders.values()}
    told = set(OutboxMessage.objects.filter(key__in=keys).values_list("key", flat=True))
    written = 0
    for pk, order in orders.items():
        # Before the work is done the orderer has not been asked yet.
        asked = order.status == OrderStatus.DONE and bool(order.orderer_email)
        if asked and messages.reminder_key(order) not in told:
            messages.hours_reminder(order, now=now)
            written += 1
        late = waits_days[pk] >= TELL_AFTER_DAYS
        if late and messages.unanswered_key(order) not in told:
            written += messages.hours_unanswered(order, waits_days[pk], now=now)
    return written
