"""Messages about hours, written into the outbox."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.messages import office
from billing.models import HourEntry
from core import messages
from orders.models import WorkOrder
from orders.ordering.messages import about_order, orderer


def hours_waiting(order: WorkOrder, *, now: datetime) -> None:
    """To the orderer, once per order: the work is done, please approve the hours."""
    key = f"hours-waiting:{order.ref}"
    messages.send(orderer(order), "hours_waiting", about_order(order), key=key, now=now)


def hours_disputed(entry: HourEntry, *, now: datetime) -> None:
    """To the office: a customer says that hours are wrong."""
    context = about_order(entry.assignment.order, entry=entry)
    key = f"hours-disputed:{entry.ref}"
    messages.send(office(context["organisation"]), "hours_disputed", context, key=key, now=now)


def reminder_key(order: WorkOrder) -> str:
    """Key of the one reminder that an orderer gets."""
    return f"hours-reminder:{order.ref}"


def hours_reminder(order: WorkOrder, *, now: datetime) -> None:
    """To the orderer, once per order: the hours still wait."""
    key = reminder_key(order)
    messages.send(orderer(order), "hours_reminder", about_order(order), key=key, now=now)


def unanswered_key(order: WorkOrder) -> str:
    """Key of the one message by which the office hears that nobody answers."""
    return f"hours-unanswered:{order.ref}"


def hours_unanswered(order: WorkOrder, days: int, *, now: datetime) -> int:
    """To the office, once per order: nobody has approved the hours; 0 when we have no address."""
    url = settings.SITE_URL + reverse("billing:hours")
    context = about_order(order, days=days, url=url)
    to, key = office(context["organisation"]), unanswered_key(order)
    return int(messages.send(to, "hours_unanswered", context, key=key, now=now) is not None)
