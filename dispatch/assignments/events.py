"""The history of an order in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.models import AuditEvent
from orders.models import WorkOrder
from workers.models import Worker

TEXTS: Mapping[str, str | Promise] = {
    "order.placed": pgettext_lazy("event", "Order placed"),
    "order.moved": pgettext_lazy("event", "Moved to another time"),
    "order.link_renewed": pgettext_lazy("event", "New link sent"),
    "order.cancel": pgettext_lazy("event", "Cancelled"),
    "order.fill": pgettext_lazy("event", "All places filled"),
    "order.reopen": pgettext_lazy("event", "A place is open again"),
    "order.start": pgettext_lazy("event", "Work began"),
    "order.finish": pgettext_lazy("event", "Work done"),
    "order.resume": pgettext_lazy("event", "Work goes on"),
    "order.close": pgettext_lazy("event", "Hours approved"),
    "order.give_up": pgettext_lazy("event", "No worker found"),
    "assignment.offered": pgettext_lazy("event", "Offer sent"),
    "assignment.placed": pgettext_lazy("event", "Placed directly"),
    "assignment.planned": pgettext_lazy("event", "Planned, not told yet"),
    "assignment.accepted": pgettext_lazy("event", "Said yes"),
    "assignment.declined": pgettext_lazy("event", "Said no"),
    "assignment.expired": pgettext_lazy("event", "Did not answer in time"),
    "assignment.withdrawn": pgettext_lazy("event", "Withdrawn"),
    "assignment.reassigned": pgettext_lazy("event", "Place given to another worker"),
    "assignment.absent": pgettext_lazy("event", "Cannot come"),
    "assignment.no_show": pgettext_lazy("event", "Did not arrive"),
    "assignment.checked_in": pgettext_lazy("event", "Arrived"),
    "assignment.checked_out": pgettext_lazy("event", "Left"),
    "assignment.undone": pgettext_lazy("event", "Tap taken back"),
    "assignment.late_told": pgettext_lazy("event", "Said to be late"),
}
BEHALF: Mapping[str, str | Promise] = {
    "coach on behalf": gettext_lazy("coach on behalf"),
    "office on behalf": gettext_lazy("office on behalf"),
}


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    at: datetime
    text: str
    who: str
    by: str
    reason: str


def events_of(order: WorkOrder, limit: int = 60) -> list[Event]:
    """The newest events of an order first, in two queries."""
    rows = list(
        AuditEvent.objects.filter(order_ref=str(order.ref))
        .select_related("actor")
        .order_by("-at", "-id")[:limit]
    )
    refs = {_worker_ref(row.after) for row in rows} - {""}
    names = {str(w.ref): w.first_name for w in Worker.objects.filter(ref__in=refs)}
    return [
        Event(
            at=row.at,
            text=str(TEXTS.get(row.verb) or _("Changed")),
            who=names.get(_worker_ref(row.after), ""),
            by=_by(row),
            reason=row.reason,
        )
        for row in rows
    ]


def _worker_ref(after: Mapping[str, Any]) -> str:
    return str(after.get("worker", "") or "")


def _by(row: AuditEvent) -> str:
    label = BEHALF.get(row.actor_label)
    name = str(row.actor) if row.actor else row.actor_label
    return f"{name} ({label})" if label else name
