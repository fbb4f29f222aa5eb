"""Who gets a place of an order, and what the office or a coach does for a worker who has one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import signed_in
from accounts.models import Role
from core.clock import now
from core.fields import ref_or_none
from core.formats import clock
from core.formats import day as day_text
from core.timing import parse_clock
from core.violations import RuleBroken
from dispatch.access import get_assignment, office, on_behalf, with_coach
from dispatch.assignments import punches, services
from dispatch.assignments.texts import problem_texts
from dispatch.board.panel import chosen_order
from dispatch.board.views import day_page
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING, AssignmentAction, AssignmentStatus
from dispatch.office.assignments.forms import AssignForm
from dispatch.office.orders.views import order_page
from orders.access import get_order
from orders.models import WorkOrder

_A = AssignmentAction


@office
@require_POST
def assign(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Offer places to the chosen workers, or give them directly."""
    user, order = signed_in(request), get_order(signed_in(request), ref)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _refused_assign(request, order, [form.message()], status=422)
    chosen, offer = list(form.cleaned_data["worker"]), form.cleaned_data["mode"] == "offer"
    reason = form.cleaned_data["override_reason"]
    try:
        made = services.assign(
            order,
            [w.pk for w in chosen],
            by=user,
            now=now(),
            offer=offer,
            override_reason=reason,
        )
    except RuleBroken as error:
        return _refused_assign(request, order, problem_texts(error))
    messages.success(request, placed_sentence(made, offer=offer))
    return redirect(_after_assign(request, order, made))


def _refused_assign(
    request: HttpRequest, order: WorkOrder, problems: list[str], *, status: int = 409
) -> HttpResponse:
    fresh = chosen_order(request, str(order.ref))
    if request.POST.get("back") == "order":
        return order_page(request, order.ref, problems=problems, status=status)
    return day_page(request, order.works_on, fresh, problems=problems, status=status)


def placed_sentence(made: list[Assignment], *, offer: bool) -> str:
    """Tell the office who got an offer and who has the place, by what the rows now say."""
    offered = [a for a in made if a.status == AssignmentStatus.OFFERED]
    theirs = ", ".join(a.worker.first_name for a in made if a.status != AssignmentStatus.OFFERED)
    found = []
    if theirs:
        text = _("%(names)s: has the gig already.") if offer else _("%(names)s: placed and told.")
        found.append(text % {"names": theirs})
    if offered and (until := offered[0].answer_by):
        names = ", ".join(a.worker.first_name for a in offered)
        values = {"names": names, "day": day_text(until), "time": clock(until)}
        found.append(_("Offer sent: %(names)s. Answer by %(day)s %(time)s.") % values)
    return " ".join(found)


def _after_assign(request: HttpRequest, order: WorkOrder, made: list[Assignment]) -> str:
    if request.POST.get("back") == "order":
        return reverse("dispatch:order-detail", args=[order.ref])
    url = f"{reverse('dispatch:day')}?on={order.works_on:%Y-%m-%d}"
    if len(made) == 1:
        url += f"&made={made[0].ref}"
    held = order.assignments.filter(status__in=HOLDING).count()
    return f"{url}&order={order.ref}" if held < order.people else url


def _apply(
    request: HttpRequest, ref: UUID, action: AssignmentAction, done: str, **extra: Any
) -> HttpResponse:
    """One action on one assignment on the worker's behalf; the event says on whose."""
    user = signed_in(request)
    row = get_assignment(user, ref)
    try:
        services.apply_action(row, action, by=user, now=now(), actor_label=on_behalf(user), **extra)
    except RuleBroken as error:
        for text in problem_texts(error):
            messages.error(request, text)
    else:
        messages.success(request, done % {"name": row.worker.first_name})
    return _back(request, row)


def _back(request: HttpRequest, row: Assignment) -> HttpResponse:
    if signed_in(request).role == Role.COACH:
        return redirect("dispatch:coach-home")
    if request.POST.get("back") == "today":
        return redirect("dispatch:today")
    if request.POST.get("back") == "day":
        return redirect(f"{reverse('dispatch:day')}?on={row.order.works_on:%Y-%m-%d}")
    return redirect("dispatch:order-detail", ref=row.order.ref)


def _punch(request: HttpRequest, ref: UUID, action: AssignmentAction, done: str) -> HttpResponse:
    """A check-in or check-out: now, or at the time that somebody named on the phone."""
    row = get_assignment(signed_in(request), ref)
    extra: dict[str, Any] = {"form_key": ref_or_none(request.POST.get("form_key", ""))}
    if "at" in request.POST:
        wall = parse_clock(request.POST["at"])
        if wall is None:
            # A time that cannot be read is never "now".
            messages.error(request, _("Enter the time, for example 9.00."))
            return _back(request, row)
        # A check-in may come a little before the start.
        began = punches.checked_in_at(row) or row.starts_at - punches.EARLY_CHECK_IN
        extra["at"] = punches.instant_of_named_time(wall, began=began, planned_end=row.ends_at)
    return _apply(request, ref, action, done, **extra)


@office
@require_POST
def assignment_withdraw(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.WITHDRAW, _("%(name)s: withdrawn and told."))


@office
@require_POST
def assignment_no_show(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.MARK_NO_SHOW, _("%(name)s: marked as not arrived."))


@with_coach
@require_POST
def assignment_absent(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.MARK_ABSENT, _("%(name)s cannot come: the place is open again."))


@with_coach
@require_POST
def assignment_accept(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.ACCEPT, _("%(name)s: confirmed."))


@with_coach
@require_POST
def assignment_decline(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _apply(request, ref, _A.DECLINE, _("%(name)s said no: the place is open again."))


@with_coach
@require_POST
def assignment_check_in(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _punch(request, ref, _A.CHECK_IN, _("%(name)s: on site."))


@with_coach
@require_POST
def assignment_check_out(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _punch(request, ref, _A.CHECK_OUT, _("%(name)s: work done."))


@with_coach
@require_POST
def assignment_undo(request: HttpRequest, ref: UUID) -> HttpResponse:
    row = get_assignment(signed_in(request), ref)
    seen = request.POST.get("status", row.status)
    # A second press of the same button would take back the tap before it as well.
    if seen != row.status:
        messages.info(request, _("It was taken back already."))
        return _back(request, row)
    return _apply(request, ref, _A.UNDO, _("%(name)s: the last tap was taken back."), seen=seen)


@office
@require_POST
def assignment_reassign(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Give the place to somebody else; the first keeps it when the second cannot take it."""
    user = signed_in(request)
    row = get_assignment(user, ref)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _refused_assign(request, row.order, [form.message()], status=422)
    offer = form.cleaned_data["mode"] == "offer"
    try:
        made = services.reassign(
            row,
            form.cleaned_data["worker"][0].pk,
            by=user,
            now=now(),
            offer=offer,
            override_reason=form.cleaned_data["override_reason"],
        )
    except RuleBroken as error:
        return _refused_assign(request, row.order, problem_texts(error))
    messages.success(request, placed_sentence([made], offer=offer))
    return redirect(_after_assign(request, row.order, [made]))
