"""Messages about an assignment to the worker, the orderer and the office, through the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.messages import office
from core import messages, outbox
from core.languages import Language
from core.messages import Recipient
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction
from dispatch.rules import quiet_hours as quiet
from orders.ordering.messages import about_order, orderer

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


def worker_late(assignment: Assignment, minutes: int, *, key: str, now: datetime) -> None:
    """To the office: the worker comes `minutes` after the start."""
    context = _about(assignment, minutes=minutes)
    messages.send(office(context["organisation"]), "worker_late", context, key=key, now=now)


def _to_worker(assignment: Assignment, kind: str, now: datetime) -> None:
    worker, user = assignment.worker, assignment.worker.user
    to = Recipient(
        worker.email or (user.email if user else ""), user.language if user else Language.FI
    )
    page = reverse("dispatch:my-gig", args=[assignment.ref])
    messages.send(
        to,
        kind,
        _about(assignment, url=settings.SITE_URL + page),
        key=f"{kind}:{assignment.ref}",
        now=now,
        due_at=quiet.due_at(now, assignment.starts_at),
    )


def _to_orderer(assignment: Assignment, kind: str, now: datetime) -> None:
    key = f"{kind}:{assignment.ref}"
    messages.send(orderer(assignment.order), kind, _about(assignment), key=key, now=now)


def _to_office(assignment: Assignment, action: AssignmentAction, now: datetime) -> None:
    page = reverse("dispatch:order-detail", args=[assignment.order.ref])
    context = _about(assignment, url=settings.SITE_URL + page, action=action.value)
    key = f"assignment_office:{assignment.ref}:{action.value}"
    messages.send(office(context["organisation"]), "assignment_office", context, key=key, now=now)


def _about(assignment: Assignment, **more: Any) -> dict[str, Any]:
    order = assignment.order
    return about_order(
        order, assignment=assignment, worker=assignment.worker, site=order.site, **more
    )
