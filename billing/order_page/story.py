"""What a customer reads on an order's page: one sentence, who comes, the hours, the events.

Workers appear by first name only, and never with their kind of engagement or the reason of an
absence; people of our staff appear as the office.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from billing.hours.groups import Row, row_of
from billing.invoices.prices import Tariffs, charged_min
from billing.models import HourEntry, Invoice
from billing.models.lifecycle import HourStatus, InvoiceStatus
from core.formats import clock, day
from core.models import AuditEvent
from dispatch.assignments.punches import LATE_AFTER
from dispatch.models import Assignment
from dispatch.models.lifecycle import FILLING, AssignmentStatus
from orders.models import WorkOrder
from orders.models.lifecycle import OrderAction, OrderStatus, allowed_actions
from orders.ordering.services import MOVABLE
from workers.models import Worker

_GONE = (AssignmentStatus.ABSENT, AssignmentStatus.NO_SHOW)


@dataclass(frozen=True)
class Say:
    """The first sentence of the page; `tone` and `icon` belong to its box."""

    text: str
    tone: str
    icon: str
    more: str = ""


@dataclass(frozen=True)
class Step:
    label: str
    done: bool
    current: bool


@dataclass(frozen=True)
class Person:
    """Somebody who comes: first name, and whether it is their first time at this customer."""

    name: str
    first_time: bool


@dataclass(frozen=True)
class Hours:
    """Hours of one person as the customer sees them."""

    row: Row
    name: str
    charged_min: int

    @property
    def entry(self) -> HourEntry:
        return self.row.entry

    @property
    def can_approve(self) -> bool:
        return bool(self.entry.status == HourStatus.SUBMITTED)


@dataclass(frozen=True)
class Event:
    at: datetime
    text: str


@dataclass(frozen=True)
class Story:
    order: WorkOrder
    begun: bool
    """The start has passed and somebody was to come: only the office can still change it."""
    say: Say
    steps: list[Step]
    people: list[Person]
    coach: str
    hours: list[Hours]
    invoices: list[Invoice]
    events: list[Event]

    @property
    def wear(self) -> str:
        """What to wear: the order's own words, else those of the task."""
        return self.order.wear or self.order.task_type.in_language("wear", get_language())

    @property
    def can_cancel(self) -> bool:
        return not self.begun and OrderAction.CANCEL in allowed_actions(self.order.status)

    @property
    def can_move(self) -> bool:
        return not self.begun and self.order.status in MOVABLE

    @property
    def to_approve(self) -> list[Hours]:
        return [row for row in self.hours if row.can_approve]


def story_of(order: WorkOrder, now: datetime) -> Story:
    """Everything of the order's page, in a fixed number of queries."""
    places = list(order.assignments.select_related("worker__coach").order_by("created_at", "id"))
    coming = [a for a in places if a.status in FILLING]
    known = Tariffs()
    entries = list(
        HourEntry.objects.filter(assignment__order=order)
        .exclude(status=HourStatus.CORRECTED)
        .select_related(
            "assignment__worker",
            "assignment__order__customer",
            "assignment__order__task_type",
        )
        .order_by("started_at", "id")
    )
    invoices = list(
        Invoice.objects.filter(lines__order=order)
        .exclude(status=InvoiceStatus.DRAFT)
        .distinct()
        .order_by("issued_on", "id")
    )
    coach = next((a.worker.coach for a in coming if a.worker.coach), None)
    return Story(
        order=order,
        begun=order.starts_at <= now and bool(coming),
        say=_say(order, places, coming, entries, invoices, now),
        steps=_steps(order, invoices),
        people=_people(order, coming),
        coach=coach.get_short_name() if coach and order.coach_on_site else "",
        hours=[
            Hours(row_of(e), e.assignment.worker.first_name, charged_min(e, known)) for e in entries
        ],
        invoices=invoices,
        events=_events(order),
    )


def _people(order: WorkOrder, coming: list[Assignment]) -> list[Person]:
    known = set(
        Assignment.objects.filter(
            order__customer=order.customer_id,
            status=AssignmentStatus.COMPLETED,
            worker__in=[a.worker_id for a in coming],
            starts_at__lt=order.starts_at,
        ).values_list("worker_id", flat=True)
    )
    return [Person(a.worker.first_name, a.worker_id not in known) for a in coming]


def names_of(assignments: list[Assignment]) -> str:
    """First names as people say them: "Aino", "Aino and Ville", "Aino, Ville and Kim"."""
    names = [a.worker.first_name for a in assignments]
    if len(names) < 2:
        return "".join(names)
    return pgettext("names", "%(first)s and %(last)s") % {
        "first": ", ".join(names[:-1]),
        "last": names[-1],
    }


# --------------------------------------------------------------------------- the sentence


def _say(
    order: WorkOrder,
    places: list[Assignment],
    coming: list[Assignment],
    entries: list[HourEntry],
    invoices: list[Invoice],
    now: datetime,
) -> Say:
    match order.status:
        case OrderStatus.PLACED:
            return _say_looking(order, places, coming)
        case OrderStatus.FILLED:
            return _say_coming(order, coming, now)
        case OrderStatus.IN_PROGRESS:
            return _say_under_way(coming, entries)
        case OrderStatus.DONE:
            return _say_done(entries)
        case OrderStatus.CLOSED:
            return _say_closed(invoices)
        case OrderStatus.UNFILLED:
            text = _("We found nobody for this time. Would another time suit you?")
            return Say(text, "warn", "circle-dashed")
        case OrderStatus.CANCELLED:
            return Say(_("This order was cancelled. Nothing is charged."), "neutral", "x")
    return Say(_("We have this order."), "info", "info")


def _say_looking(order: WorkOrder, places: list[Assignment], coming: list[Assignment]) -> Say:
    more = _("We tell you by e-mail as soon as we know.") if order.orderer_email else ""
    if coming:
        missing = order.people - len(coming)
        text = ngettext(
            "%(names)s is coming. We are looking for %(n)d more.",
            "%(names)s are coming. We are looking for %(n)d more.",
            len(coming),
        ) % {"names": names_of(coming), "n": missing}
        return Say(text, "info", "search", more)
    gone = [a for a in places if a.status in _GONE]
    if gone:
        text = _("%(name)s cannot come. We are looking for somebody else.") % {
            "name": names_of(gone[-1:])
        }
        return Say(text, "warn", "search", more)
    return Say(_("We are looking for a worker for you."), "info", "search", more)


def _say_coming(order: WorkOrder, coming: list[Assignment], now: datetime) -> Say:
    at = order.starts_at
    values = {"names": names_of(coming), "day": day(at), "time": clock(at)}
    if now > order.starts_at + LATE_AFTER:
        text = ngettext(
            "%(names)s should have arrived at %(time)s but has not said so yet.",
            "%(names)s should have arrived at %(time)s but have not said so yet.",
            len(coming),
        )
        more = _("If nobody has come, call us and we find out at once.")
        return Say(text % values, "warn", "triangle-alert", more)
    text = ngettext(
        "%(names)s is coming on %(day)s at %(time)s.",
        "%(names)s are coming on %(day)s at %(time)s.",
        len(coming),
    )
    coach = next((a.worker.coach for a in coming if a.worker.coach), None)
    more = ""
    if coach and order.coach_on_site:
        more = _("Coach %(name)s comes along.") % {"name": coach.get_short_name()}
    return Say(text % values, "ok", "circle-check", more)


def _say_under_way(coming: list[Assignment], entries: list[HourEntry]) -> Say:
    there = [a for a in coming if a.status == AssignmentStatus.ON_SITE]
    if not there:
        return Say(_("The work is under way."), "info", "circle-dot")
    began = min(
        (e.started_at for e in entries if e.status == HourStatus.OPEN), default=there[0].starts_at
    )
    text = ngettext(
        "%(names)s is at work since %(time)s.", "%(names)s are at work since %(time)s.", len(there)
    ) % {"names": names_of(there), "time": clock(began)}
    return Say(text, "ok", "circle-dot")


def _say_done(entries: list[HourEntry]) -> Say:
    if any(e.status == HourStatus.SUBMITTED for e in entries):
        text = _("The work is done. Please look at the hours and approve them.")
        return Say(text, "ok", "circle-check-big")
    if any(e.status == HourStatus.DISPUTED for e in entries):
        text = _("You told us that the hours are not right. We look into it and answer you.")
        return Say(text, "info", "message-square-warning")
    return Say(_("The work is done."), "ok", "circle-check-big")


def _say_closed(invoices: list[Invoice]) -> Say:
    current = [i for i in invoices if i.kind == Invoice.Kind.INVOICE]
    if not current or current[-1].status == InvoiceStatus.CREDITED:
        text = _("The hours are approved. The invoice comes after the end of the month.")
        return Say(text, "ok", "badge-check")
    last = current[-1]
    values = {"number": last.number, "day": day(last.due_on)}
    if last.status == InvoiceStatus.PAID:
        return Say(_("Invoice %(number)s is paid. Thank you.") % values, "ok", "banknote")
    return Say(_("Invoiced on invoice %(number)s, due %(day)s.") % values, "info", "mail")


def _steps(order: WorkOrder, invoices: list[Invoice]) -> list[Step]:
    if order.status in {OrderStatus.CANCELLED, OrderStatus.UNFILLED}:
        return []
    approved = pgettext("step", "Hours approved")
    labels = [
        pgettext("step", "Ordered"),
        pgettext("step", "Worker found"),
        pgettext("step", "Under way"),
        approved if order.status == OrderStatus.CLOSED else pgettext("step", "Approve hours"),
        pgettext("step", "Invoiced"),
    ]
    billed = any(i.status != InvoiceStatus.CREDITED for i in invoices)
    here = {
        OrderStatus.PLACED: 0,
        OrderStatus.FILLED: 1,
        OrderStatus.IN_PROGRESS: 2,
        OrderStatus.DONE: 3,
        OrderStatus.CLOSED: 4 if billed else 3,
    }[OrderStatus(order.status)]
    # Approved and not yet billed: nothing is asked of the customer.
    waits = order.status == OrderStatus.CLOSED and not billed
    return [Step(text, n <= here, n == here and not waits) for n, text in enumerate(labels)]


# --------------------------------------------------------------------------- the events

EVENTS: Mapping[str, str | Promise] = {
    "order.placed": pgettext_lazy("customer event", "Order received"),
    "order.moved": pgettext_lazy("customer event", "Moved to another time"),
    "order.cancel": pgettext_lazy("customer event", "Order cancelled"),
    "order.cancelled": pgettext_lazy("customer event", "Order cancelled"),
    "order.give_up": pgettext_lazy("customer event", "No worker found"),
    "order.finish": pgettext_lazy("customer event", "Work done"),
    "hours.approve": pgettext_lazy("customer event", "Hours approved"),
    "hours.dispute": pgettext_lazy("customer event", "Hours marked as not right"),
    "hours.resubmit": pgettext_lazy("customer event", "We answered about the hours"),
    "hours.corrected": pgettext_lazy("customer event", "Hours corrected"),
}
PERSON_EVENTS: Mapping[str, str | Promise] = {
    "assignment.placed": pgettext_lazy("customer event", "%(name)s comes to you"),
    "assignment.accepted": pgettext_lazy("customer event", "%(name)s confirmed"),
    "assignment.absent": pgettext_lazy("customer event", "%(name)s cannot come"),
    "assignment.no_show": pgettext_lazy("customer event", "%(name)s did not arrive"),
    "assignment.checked_in": pgettext_lazy("customer event", "%(name)s arrived"),
    "assignment.checked_out": pgettext_lazy("customer event", "%(name)s left"),
}


def _events(order: WorkOrder) -> list[Event]:
    rows = list(
        AuditEvent.objects.filter(order_ref=str(order.ref))
        .filter(Q(verb__in=EVENTS) | Q(verb__in=PERSON_EVENTS))
        .order_by("at", "id")
    )
    refs = {str(row.after.get("worker", "")) for row in rows} - {""}
    names = {
        str(ref): name
        for ref, name in Worker.objects.filter(
            assignments__order=order, assignments__isnull=False
        ).values_list("ref", "first_name")
        if str(ref) in refs
    }
    found = []
    for row in rows:
        if row.verb in EVENTS:
            found.append(Event(row.at, str(EVENTS[row.verb])))
        else:
            name = names.get(str(row.after.get("worker", ""))) or pgettext("event", "The worker")
            found.append(Event(row.at, str(PERSON_EVENTS[row.verb]) % {"name": name}))
    # The hours of a team approved by one press are one event to the customer.
    shown = {(event.text, event.at.replace(second=0, microsecond=0)): event for event in found}
    return list(shown.values())
