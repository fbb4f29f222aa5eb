"""The customer's order page: the same by the secret link and by sign-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import public, roles, signed_in
from accounts.models import Role, User
from billing.access import ORDER_ACTORS, ORDER_APPROVERS, ORDER_READERS, part_of
from billing.hours import services as hours
from billing.hours.forms import NoteForm
from billing.models import HourEntry
from billing.models.lifecycle import HourStatus
from billing.order_page.forms import MoveForm
from billing.order_page.story import story_of
from core import clock
from core.texts import problem_texts
from core.violations import RuleBroken
from dispatch.models.lifecycle import FILLING
from orders.access import get_order
from orders.models import WorkOrder
from orders.ordering.links import order_by_token
from orders.ordering.services import MOVABLE, cancel_order, move_order, move_violations, repriced


@dataclass(frozen=True)
class Door:
    """How somebody came to the order: by the link (anybody who has it) or signed in."""

    order: WorkOrder
    token: str = ""
    user: User | None = None

    def url(self, name: str) -> str:
        """Address of a page or verb of this order by the same door."""
        if self.token:
            return reverse(f"billing:{name}-link", args=[self.token])
        return reverse(f"billing:{name}", args=[self.order.ref])

    @property
    def reorder_url(self) -> str:
        if self.token:
            return reverse("orders:reorder-link", args=[self.token])
        return reverse("orders:reorder", args=[self.order.ref])

    @property
    def may_act(self) -> bool:
        return self.user is None or self.user.role in ORDER_ACTORS

    @property
    def may_approve(self) -> bool:
        return self.user is None or self.user.role in ORDER_APPROVERS

    @property
    def is_customer(self) -> bool:
        return self.user is None or self.user.role == Role.CUSTOMER

    @property
    def label(self) -> str:
        """Who acts, for the history, when there is no account."""
        return "" if self.user else self.order.orderer_name[:60]

    @property
    def part(self) -> str:
        return part_of(self.user.role) if self.user else "customer"


Page = Callable[[HttpRequest, Door], HttpResponse]


def by_link(page: Page) -> Callable[..., HttpResponseBase]:
    """The page opened by the secret link; a link that is no longer good is explained."""

    @public
    @never_cache
    @wraps(page)
    def view(request: HttpRequest, token: str) -> HttpResponse:
        order = order_by_token(token)
        if order is None:
            return render(request, "billing/order_page/link_gone.html", status=404)
        return page(request, Door(order, token=token))

    return view


def by_sign_in(*allowed: Role) -> Callable[[Page], Callable[..., HttpResponseBase]]:
    """The page of somebody signed in; 404 when the order is not theirs to see."""

    def decorate(page: Page) -> Callable[..., HttpResponseBase]:
        @roles(*allowed)
        @wraps(page)
        def view(request: HttpRequest, ref: UUID) -> HttpResponse:
            user = signed_in(request)
            return page(request, Door(get_order(user, ref), user=user))

        return view

    return decorate


# --------------------------------------------------------------------------- the page


def _show(request: HttpRequest, door: Door, status: int = 200, **extra: Any) -> HttpResponse:
    names = ("order-approve-hours", "order-dispute-hours", "order-cancel", "order-move")
    context = {
        "door": door,
        "order": door.order,
        "story": story_of(door.order, clock.now()),
        "urls": {name.replace("-", "_"): door.url(name) for name in names},
        "note_form": NoteForm(prefix="dispute"),
        **extra,
    }
    return render(request, "billing/order_page/order_page.html", context, status=status)


@require_GET
def _page(request: HttpRequest, door: Door) -> HttpResponse:
    return _show(request, door)


@require_POST
def _approve(request: HttpRequest, door: Door) -> HttpResponse:
    """Approve the hours shown (or all that wait, when none are named)."""
    _require(door.may_approve)
    entries = _entries(door, request.POST.getlist("entry"))
    try:
        done = hours.approve_hours(
            entries, by=door.user, now=clock.now(), as_=door.part, actor_label=door.label
        )
    except RuleBroken as error:
        return _refused(request, door, error)
    if done:
        messages.success(request, _("Thank you. The hours are approved."))
    else:
        messages.info(request, _("There were no hours to approve any more."))
    return redirect(door.url("order-page"))


@require_POST
def _dispute(request: HttpRequest, door: Door) -> HttpResponse:
    """Say that the hours of one person, or of everybody, are not right."""
    _require(door.may_approve)
    form = NoteForm(request.POST, prefix="dispute")
    if not form.is_valid():
        return _show(request, door, status=422, note_form=form, form=form)
    entries = _entries(door, request.POST.getlist("entry"))
    note = form.cleaned_data["note"]
    try:
        if not entries:
            # The page was older than the hours: what they say now may be right, or still is not.
            raise RuleBroken.of("hours_changed")
        hours.dispute_all(
            entries, by=door.user, now=clock.now(), note=note, as_=door.part, actor_label=door.label
        )
    except RuleBroken as error:
        return _refused(request, door, error, note_form=form)
    text = ngettext(
        "Thank you for telling us. We look into it and answer you.",
        "Thank you for telling us. We look into them and answer you.",
        len(entries),
    )
    messages.success(request, text)
    return redirect(door.url("order-page"))


def _entries(door: Door, refs: list[str]) -> list[HourEntry]:
    waiting = HourEntry.objects.filter(
        assignment__order=door.order, status=HourStatus.SUBMITTED
    ).select_related("assignment__order", "assignment__worker")
    return [e for e in waiting if not refs or str(e.ref) in refs]


@require_POST
def _cancel(request: HttpRequest, door: Door) -> HttpResponse:
    _require(door.may_act)
    had_worker = door.order.assignments.filter(status__in=FILLING).exists()
    try:
        cancel_order(door.order, by=door.user, now=clock.now(), actor_label=door.label)
    except RuleBroken as error:
        return _refused(request, door, error)
    told = _("The order is cancelled. We have told the worker.")
    messages.success(request, told if had_worker else _("The order is cancelled."))
    return redirect(door.url("order-page"))


@require_http_methods(["GET", "POST"])
def _move(request: HttpRequest, door: Door) -> HttpResponse:
    """Choose a new time, see the new price, then move."""
    _require(door.may_act)
    order = door.order
    if order.status not in MOVABLE:
        messages.info(request, _("This order cannot be moved any more. Call us."))
        return redirect(door.url("order-page"))
    asked = request.POST if request.method == "POST" else request.GET
    form = MoveForm(asked or None, initial={"works_on": order.works_on, "starts": order.starts})
    context: dict[str, Any] = {"door": door, "order": order, "form": form, "url": door.url}
    context |= {"back_url": door.url("order-page"), "move_url": door.url("order-move")}
    if not form.is_valid():
        return render(
            request, "billing/order_page/order_move.html", context, status=422 if asked else 200
        )
    new = (form.cleaned_data["works_on"], form.cleaned_data["starts"])
    try:
        if request.method == "POST":
            move_order(order, *new, by=door.user, now=clock.now(), actor_label=door.label)
            messages.success(request, _("The order is moved."))
            return redirect(door.url("order-page"))
        if problems := move_violations(order, *new, by=door.user, now=clock.now()):
            raise RuleBroken(problems)
        context["price"] = repriced(order, *new)
    except RuleBroken as error:
        context["violations"] = problem_texts(error)
        return render(request, "billing/order_page/order_move.html", context, status=409)
    return render(request, "billing/order_page/order_move.html", context)


def _require(allowed: bool) -> None:  # noqa: FBT001 - reads as a sentence at each call
    if not allowed:
        raise PermissionDenied


def _refused(request: HttpRequest, door: Door, error: RuleBroken, **more: object) -> HttpResponse:
    door.order.refresh_from_db()
    return _show(request, door, status=409, violations=problem_texts(error), **more)


order_page_link, order_page = by_link(_page), by_sign_in(*ORDER_READERS)(_page)
order_approve_hours_link = by_link(_approve)
order_approve_hours = by_sign_in(*ORDER_APPROVERS)(_approve)
order_dispute_hours_link = by_link(_dispute)
order_dispute_hours = by_sign_in(*ORDER_APPROVERS)(_dispute)
order_cancel_link, order_cancel_view = by_link(_cancel), by_sign_in(*ORDER_ACTORS)(_cancel)
order_move_link, order_move_view = by_link(_move), by_sign_in(*ORDER_ACTORS)(_move)
