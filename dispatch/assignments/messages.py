"""Messages about an assignment to the worker, the orderer and the office, through the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from core import outbox
from core.languages import Language
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction
from dispatch.rules import quiet_hours as quiet
from orders.ordering.links import order_url
from orders.ordering.selectors import organisation

_A = AssignmentAction
# Which message goes to the worker. The office gets one only for what others did.
TO_WORKER = {
    _A.OFFER: "assignment_offer",
    _A.EXPIRE: "assignment_expired",
    _A.WITHDRAW: "assignment_withdrawn",
}
# Messages that call a worker to work, and the actions that call it off.
CALLS = ("assignment_offer", "assignment_placed")
CALLED_OFF = frozenset({_A.EXPIRE, _A.WITHDRAW})
REPLACING = frozenset({_A.MARK_ABSENT, _A.MARK_NO_SHOW, _A.WITHDRAW})
TO_OFFICE = frozenset({_A.DECLINE, _A.EXPIRE, _A.MARK_ABSENT})


def notify_of_place(assignment: Assignment, *, now: datetime) -> None:
    """A new assignment: an offer to the worker, or the news that the place is theirs."""
    if assignment.answer_by is not None:
        _to_worker(assignment, "assignment_offer", now)
        return
    _to_worker(assignment, "assignment_placed", now)
    _to_orderer(assignment, "assignment_confirmed", now)


def notify_of_change(
    assignment: Assignment,
    action: AssignmentAction,
    *,
    now: datetime,
    notify_orderer: bool,
) -> None:
    """An assignment has moved to another state.

    `notify_orderer` is False when the orderer never heard of this worker, or when another message
    tells them.
    """
    # A message that waited for the morning is outdated: it would call to what is settled by now.
    unheard = outbox.take_back([f"{kind}:{assignment.ref}" for kind in CALLS], now=now)
    if action in TO_WORKER and not (unheard and action in CALLED_OFF):
        _to_worker(assignment, TO_WORKER[action], now)
    if action is _A.ACCEPT:
        _to_orderer(assignment, "assignment_confirmed", now)
    if action in REPLACING and notify_orderer:
        _to_orderer(assignment, "assignment_replacing", now)
    if action in TO_OFFICE:
        _to_office(assignment, action, now)


def _to_worker(assignment: Assignment, kind: str, now: datetime) -> None:
    worker = assignment.worker
    user = worker.user
    to = worker.email or (user.email if user else "")
    if to:
        _enqueue(
            assignment,
            kind,
            to=to,
            language=user.language if user else Language.FI,
            url=settings.SITE_URL + reverse("dispatch:my-gig", args=[assignment.ref]),
            now=now,
            due_at=quiet.due_at(now, assignment.starts_at),
        )


def _to_orderer(assignment: Assignment, kind: str, now: datetime) -> None:
    order = assignment.order
    if order.orderer_email:
        _enqueue(
            assignment,
            kind,
            to=order.orderer_email,
            language=order.language,
            url=order_url(order),
            now=now,
            due_at=now,
        )


def _to_office(assignment: Assignment, action: AssignmentAction, now: datetime) -> None:
    us = organisation()
    if us is not None:
        _enqueue(
            assignment,
            "assignment_office",
            to=us.email,
            language=Language.FI,
            url=settings.SITE_URL + reverse("dispatch:order-detail", args=[assignment.order.ref]),
            now=now,
            due_at=now,
            action=action.value,
        )


def _enqueue(
    assignment: Assignment,
    kind: str,
    *,
    to: str,
    language: str,
    url: str,
    now: datetime,
    due_at: datetime,
    action: str = "",
) -> None:
    order = assignment.order
    context: dict[str, Any] = {
        "assignment": assignment,
        "order": order,
        "worker": assignment.worker,
        "site": order.site,
        "url": url,
        "action": action,
        "organisation": organisation(),
    }
    with translation.override(language):
        text = render_to_string(f"messages/{kind}.txt", context).strip()
    subject, _, body = text.partition("\n")
    outbox.enqueue(
        ":".join(part for part in (kind, str(assignment.ref), action) if part),
        kind=kind,
        to=to,
        language=language,
        subject=subject.strip()[:200],
        body=body.strip() + "\n",
        now=now,
        due_at=due_at,
    )
