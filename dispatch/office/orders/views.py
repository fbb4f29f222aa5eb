"""The office's lists and pages of orders, and the order that comes by phone."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from accounts.access import signed_in
from core.clock import now
from core.tables import respond
from core.timing import typed_date
from core.violations import RuleBroken
from core.zone import local_date
from dispatch.access import office
from dispatch.assignments import punches
from dispatch.assignments.events import events_of
from dispatch.assignments.texts import problem_texts
from dispatch.board.panel import order_panel, whole_list_url
from dispatch.board.selectors import LACKS_PEOPLE, with_counts, with_list_columns
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction, allowed_actions
from dispatch.office.orders.forms import QuickOrderForm
from dispatch.office.orders.tables import OrderTable
from orders.access import get_order, orders_for
from orders.models import Customer
from orders.models.lifecycle import OPEN, OrderStatus
from orders.ordering.selectors import list_orders
from orders.ordering.services import place_order, renew_link

STATUSES_OF_TAB: dict[str, tuple[str, ...]] = {
    "open": LACKS_PEOPLE,
    "coming": (OrderStatus.FILLED, OrderStatus.IN_PROGRESS),
    "done": (OrderStatus.DONE, OrderStatus.CLOSED),
    # Their time is over: nobody can be found for them any more.
    "missed": LACKS_PEOPLE,
    "cancelled": (OrderStatus.CANCELLED,),
    "all": (),
}


@office
@require_POST
def order_new_link(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The orderer's link has come into wrong hands: it ends, and they get another."""
    order = get_order(signed_in(request), ref)
    renew_link(order, by=signed_in(request), now=now())
    messages.success(request, _("The old links have ended. The orderer gets a new one by e-mail."))
    return redirect("dispatch:order-detail", ref=order.ref)


@office
def order_list(request: HttpRequest) -> HttpResponse:
    show = request.GET.get("show", "open")
    show = show if show in STATUSES_OF_TAB else "open"
    query, on = request.GET.get("q", "").strip(), typed_date(request.GET.get("on", ""))
    rows = list_orders(
        orders_for(signed_in(request)),
        search=query,
        statuses=STATUSES_OF_TAB[show],
        newest=show not in {"open", "coming"},
    )
    moment = now()
    if show == "open":
        rows = rows.filter(ends_at__gt=moment)
    elif show == "missed":
        rows = rows.filter(ends_at__lte=moment)
    if on:
        rows = rows.filter(works_on=on)
    table = OrderTable(
        with_list_columns(rows),
        request,
        caption=_("Orders"),
        given="when" if show in {"open", "coming"} else "-when",
    )
    context = {
        "show": show, "query": query, "on": on, "tabs": _tabs(show), "now": moment,
        "lacking": LACKS_PEOPLE,
    }  # fmt: skip
    return respond(request, table, "dispatch/office/order_list.html", context)


def _tabs(show: str) -> list[dict[str, Any]]:
    labels = {
        "open": _("Without a worker"),
        "coming": pgettext("orders", "Coming"),
        "done": pgettext("orders", "Done"),
        "missed": pgettext("orders", "Not done"),
        "cancelled": pgettext("orders", "Cancelled"),
        "all": pgettext("orders", "All"),
    }
    return [{"key": k, "label": v, "current": k == show} for k, v in labels.items()]


@office
def order_detail(request: HttpRequest, ref: UUID) -> HttpResponse:
    return order_page(request, ref)


def order_page(
    request: HttpRequest, ref: UUID, *, problems: Iterable[str] = (), status: int = 200
) -> HttpResponse:
    order = get_object_or_404(with_counts(orders_for(signed_in(request))), ref=ref)
    places = list(order.assignments.select_related("worker", "created_by").order_by("-created_at"))
    undoable = punches.undoable(places, now())
    context = order_panel(request, order, problems=problems) | {
        "places": [(a, _acts(a, undoable)) for a in places],
        "events": events_of(order),
        "form_key": uuid4(),
        "is_open": order.status in OPEN,
        "now": now(),
        "back": "order",
    }
    page = reverse("dispatch:order-detail", args=[order.ref])
    context["all_url"] = whole_list_url(context["replaces"], f"{page}?")
    return render(request, "dispatch/office/order_detail.html", context, status=status)


def _acts(row: Assignment, undoable: Container[int]) -> set[str]:
    """What can be done about a place; the last tap is taken back only while there is time."""
    late = set() if row.pk in undoable else {AssignmentAction.UNDO}
    return {str(action) for action in allowed_actions(row.status) - late}


@office
def order_new(request: HttpRequest) -> HttpResponse:
    """A phone order on one screen; Enter sends it."""
    moment = now()
    initial: dict[str, Any] = {"form_key": uuid4(), "works_on": local_date(moment)}
    on = typed_date(request.GET.get("on", ""))
    if on and on >= local_date(moment):
        initial["works_on"] = on
    form = QuickOrderForm(request.POST or None, initial=initial)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            order = place_order(form.draft(), by=signed_in(request), now=moment)
        except RuleBroken as error:
            problems = problem_texts(error)
        else:
            text = _("Order %(number)s is in. Choose who goes.") % {"number": order.number}
            messages.success(request, text)
            return redirect(f"{reverse('dispatch:day')}?order={order.ref}")
    customers = Customer.objects.filter(active=True).values_list("name", "customer_no")
    context = {"form": form, "violations": problems, "customers": customers}
    status = 422 if form.errors or problems else 200
    return render(request, "dispatch/office/order_new.html", context, status=status)
