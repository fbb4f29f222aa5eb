"""Messages about hours, written into the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from billing.models import HourEntry
from core import outbox
from core.languages import Language
from orders.models import WorkOrder
from orders.ordering.links import order_url
from orders.ordering.selectors import organisation


def hours_waiting(order: WorkOrder, *, now: datetime) -> None:
    """To the orderer, once per order: the work is done, please approve the hours."""
    _enqueue(
        f"hours-waiting:{order.ref}",
        "hours_waiting",
        order.orderer_email,
        order.language,
        {"order": order},
        now,
    )


def hours_disputed(entry: HourEntry, *, now: datetime) -> None:
    """To the office: a customer says that hours are wrong."""
    us = organisation()
    order = entry.assignment.order
    context = {"order": order, "entry": entry}
    to = us.email if us else ""
    _enqueue(f"hours-disputed:{entry.ref}", "hours_disputed", to, Language.FI, context, now)


def reminder_key(order: WorkOrder) -> str:
    """Key of the one reminder that an orderer gets."""
    return f"hours-reminder:{order.ref}"


def hours_reminder(order: WorkOrder, *, now: datetime) -> None:
    """To the orderer, once per order: the hours still wait."""
    _enqueue(
        reminder_key(order),
        "hours_reminder",
        order.orderer_email,
        order.language,
        {"order": order},
        now,
    )


def unanswered_key(order: WorkOrder) -> str:
    """Key of the one message by which the office hears that nobody answers."""
    return f"hours-unanswered:{order.ref}"


def hours_unanswered(order: WorkOrder, days: int, *, now: datetime) -> int:
    """To the office, once per order: nobody has approved the hours; 0 when we have no address."""
    us = organisation()
    to = us.email if us else ""
    context = {"order": order, "days": days}
    url = settings.SITE_URL + reverse("billing:hours")
    _enqueue(unanswered_key(order), "hours_unanswered", to, Language.FI, context, now, url=url)
    return int(bool(to))


def _enqueue(
    key: str,
    kind: str,
    to: str,
    language: str,
    context: dict[str, Any],
    now: datetime,
    *,
    url: str = "",
) -> None:
    if not to:
        return
    url = url or order_url(context["order"])
    context = {**context, "url": url, "organisation": organisation()}
    with translation.override(language):
        text = render_to_string(f"messages/{kind}.txt", context).strip()
    subject, _, body = text.partition("\n")
    outbox.enqueue(
        key,
        kind=kind,
        to=to,
        language=language,
        subject=subject.strip(),
        body=body.strip() + "\n",
        now=now,
    )
