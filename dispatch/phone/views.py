"""Pages of the worker's phone: one thing at a time, one tap, no reason ever asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import roles, signed_in
from accounts.middleware import keep_language
from accounts.models import Role
from core.clock import now
from core.fields import ref_or_none
from core.formats import clock, day
from core.texts import violation_text
from core.violations import RuleBroken
from core.zone import local_date
from dispatch.access import get_assignment
from dispatch.assignments import late, punches, services
from dispatch.assignments.absences import record_absence
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction, AssignmentStatus
from dispatch.phone import day as worker_day
from dispatch.phone.forms import (
    LATE_CHOICES,
    AbsenceForm,
    ExceptionForm,
    LeftForm,
    ProfileForm,
    WeekForm,
)
from workers.availability.services import add_exception, remove_exception, set_week
from workers.models import AvailabilityException, Worker
from workers.people import services as worker_services

_S, _A = AssignmentStatus, AssignmentAction
worker_only = roles(Role.WORKER)


def _own_worker(request: HttpRequest) -> Worker:
    found = Worker.objects.filter(user=signed_in(request)).select_related("coach").first()
    if found is None:
        raise Http404
    return found


def _own_assignment(request: HttpRequest, ref: UUID) -> Assignment:
    """The worker's own assignment; a planned one does not exist for them yet."""
    row = get_assignment(signed_in(request), ref)
    if row.status == _S.PLANNED:
        raise Http404
    return row


@worker_only
def my_home(request: HttpRequest) -> HttpResponse:
    moment = now()
    worker = _own_worker(request)
    context = {
        "worker": worker,
        "home": worker_day.home(worker, moment),
        "form_key": uuid4(),
        "now": moment,
    }
    return render(request, "dispatch/phone/my_home.html", context)


@worker_only
def my_gig(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _assignment_page(request, _own_assignment(request, ref))


def _assignment_page(
    request: HttpRequest, row: Assignment, *, form: LeftForm | None = None, status: int = 200
) -> HttpResponse:
    moment = now()
    shown = worker_day.show_assignment(row, moment)
    if form is None and shown.state == "left_open":
        form = _left_form(row, moment)
    context = {"gig": shown, "a": row, "order": row.order, "form_key": uuid4(), "form": form}
    return render(request, "dispatch/phone/my_gig.html", context, status=status)


@worker_only
@require_POST
def my_accept(request: HttpRequest, ref: UUID) -> HttpResponse:
    row = _own_assignment(request, ref)
    try:
        done = services.apply_action(row, _A.ACCEPT, by=signed_in(request), now=now())
    except RuleBroken as error:
        return _refused(request, row, error)
    values = {"day": day(done.starts_at), "time": clock(done.starts_at)}
    messages.success(request, _("Good. You come on %(day)s at %(time)s.") % values)
    return redirect("dispatch:my-home")


@worker_only
@require_POST
def my_decline(request: HttpRequest, ref: UUID) -> HttpResponse:
    row = _own_assignment(request, ref)
    try:
        services.apply_action(row, _A.DECLINE, by=signed_in(request), now=now())
    except RuleBroken as error:
        return _refused(request, row, error)
    messages.success(request, _("All right, thanks for answering."))
    return redirect("dispatch:my-home")


@worker_only
@require_POST
def my_check_in(request: HttpRequest, ref: UUID) -> HttpResponse:
    row = _own_assignment(request, ref)
    key = ref_or_none(request.POST.get("form_key", ""))
    try:
        services.apply_action(row, _A.CHECK_IN, by=signed_in(request), now=now(), form_key=key)
    except RuleBroken as error:
        return _refused(request, row, error)
    messages.success(request, _("You are on site. Have a good day at work."))
    return redirect("dispatch:my-home")


@worker_only
@require_POST
def my_check_out(request: HttpRequest, ref: UUID) -> HttpResponse:
    row = _own_assignment(request, ref)
    key = ref_or_none(request.POST.get("form_key", ""))
    try:
        services.apply_action(row, _A.CHECK_OUT, by=signed_in(request), now=now(), form_key=key)
    except RuleBroken as error:
        return _refused(request, row, error)
    messages.success(request, _("The work is done. Thank you."))
    return redirect("dispatch:my-home")


def _left_form(row: Assignment, moment: datetime, data: Any = None) -> LeftForm:
    began = punches.checked_in_at(row) or row.starts_at
    return LeftForm(data, began=began, planned_end=row.ends_at, now=moment)


@worker_only
@require_POST
def my_left(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A check-out that was forgotten: the worker says when they left."""
    row, moment = _own_assignment(request, ref), now()
    form = _left_form(row, moment, request.POST)
    if not form.is_valid():
        return _assignment_page(request, row, form=form, status=422)
    at = form.at(form.cleaned_data["left"])
    key = ref_or_none(request.POST.get("form_key", ""))
    try:
        services.apply_action(
            row, _A.CHECK_OUT, by=signed_in(request), now=moment, at=at, form_key=key
        )
    except RuleBroken as error:
        return _refused(request, row, error)
    messages.success(request, _("Thank you. You left at %(time)s.") % {"time": clock(at)})
    return redirect("dispatch:my-home")


@worker_only
@require_POST
def my_undo(request: HttpRequest, ref: UUID) -> HttpResponse:
    row = _own_assignment(request, ref)
    key = ref_or_none(request.POST.get("form_key", ""))
    try:
        services.apply_action(
            row, _A.UNDO, by=signed_in(request), now=now(), form_key=key, seen=row.status
        )
    except RuleBroken as error:
        return _refused(request, row, error)
    messages.success(request, _("Your tap was taken back."))
    return redirect("dispatch:my-home")


@worker_only
def my_cannot_come(request: HttpRequest, ref: UUID) -> HttpResponse:
    row = _own_assignment(request, ref)
    if request.method != "POST":
        return render(request, "dispatch/phone/my_cannot_come.html", {"a": row, "order": row.order})
    try:
        services.apply_action(row, _A.MARK_ABSENT, by=signed_in(request), now=now())
    except RuleBroken as error:
        return _refused(request, row, error)
    messages.success(request, _("Thank you for telling us. We look for somebody else."))
    return redirect("dispatch:my-home")


@worker_only
def my_late(request: HttpRequest, ref: UUID) -> HttpResponse:
    row = _own_assignment(request, ref)
    moment = now()
    if broken := late.violations(row, moment):
        return _refused(request, row, RuleBroken(broken))
    chosen = request.POST.get("minutes", "")
    minutes = next((n for n in LATE_CHOICES if str(n) == chosen), None)
    if request.method == "POST" and minutes is not None:
        try:
            late.report_lateness(row, minutes, by=signed_in(request), now=moment)
        except RuleBroken as error:
            return _refused(request, row, error)
        messages.success(request, _("We know now that you are late. Come when you can."))
        return redirect("dispatch:my-home")
    context = {"a": row, "order": row.order, "choices": LATE_CHOICES}
    return render(request, "dispatch/phone/my_late.html", context)


@worker_only
def my_help(request: HttpRequest) -> HttpResponse:
    worker = _own_worker(request)
    context = {"worker": worker, "gig": worker_day.home(worker, now()).next}
    return render(request, "dispatch/phone/my_help.html", context)


@worker_only
def my_availability(request: HttpRequest) -> HttpResponse:
    worker, moment = _own_worker(request), now()
    rows = list(worker.weekly_availability.all())
    form = WeekForm(request.POST if request.method == "POST" else None, rows=rows)
    if request.method == "POST" and form.is_valid():
        set_week(worker, form.wanted(), by=signed_in(request), now=moment)
        messages.success(request, _("Saved. We offer you gigs at these times."))
        return redirect("dispatch:my-availability")
    return _availability_page(request, worker, week=form)


def _availability_page(
    request: HttpRequest,
    worker: Worker,
    *,
    week: WeekForm | None = None,
    dated: ExceptionForm | None = None,
    away: AbsenceForm | None = None,
) -> HttpResponse:
    moment = now()
    today = local_date(moment)
    bad = next((f for f in (week, dated, away) if f is not None and f.errors), None)
    context = {
        "worker": worker,
        "week": week or WeekForm(rows=list(worker.weekly_availability.all())),
        "dated": dated or ExceptionForm(today=today, prefix="date"),
        "away": away or AbsenceForm(today=today, prefix="away"),
        "form": bad,
        "exceptions": worker.availability_exceptions.filter(on__gte=today).order_by("on", "starts"),
        "absences": worker_day.absences(worker, moment),
    }
    return render(
        request, "dispatch/phone/my_availability.html", context, status=422 if bad else 200
    )


@worker_only
@require_POST
def my_availability_exception(request: HttpRequest) -> HttpResponse:
    worker, moment = _own_worker(request), now()
    form = ExceptionForm(request.POST, today=local_date(moment), prefix="date")
    if not form.is_valid():
        return _availability_page(request, worker, dated=form)
    data = form.cleaned_data
    add_exception(
        worker,
        data["on"],
        available=data["available"] == "yes",
        starts=data["starts"],
        ends=data["ends"],
        by=signed_in(request),
        now=moment,
    )
    messages.success(request, _("Saved: %(day)s.") % {"day": day(data["on"])})
    return redirect("dispatch:my-availability")


@worker_only
@require_POST
def my_availability_exception_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(AvailabilityException, pk=pk, worker=_own_worker(request))
    remove_exception(row, by=signed_in(request), now=now())
    messages.success(request, _("Removed: %(day)s.") % {"day": day(row.on)})
    return redirect("dispatch:my-availability")


@worker_only
@require_POST
def my_absence(request: HttpRequest) -> HttpResponse:
    worker, moment = _own_worker(request), now()
    form = AbsenceForm(request.POST, today=local_date(moment), prefix="away")
    if not form.is_valid():
        return _availability_page(request, worker, away=form)
    starts_at, ends_at = form.interval()
    record_absence(worker, starts_at, ends_at, by=signed_in(request), now=moment)
    messages.success(request, _("Saved. We do not offer you gigs on those days."))
    return redirect("dispatch:my-availability")


@worker_only
def my_profile(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    worker = Worker.objects.filter(user=user).first()
    initial = {"language": user.language, "phone": (worker or user).phone}
    data = request.POST if request.method == "POST" else None
    form = ProfileForm(data, worker=worker, initial=initial)
    if data is not None and form.is_valid():
        language = form.cleaned_data["language"]
        worker_services.save_profile(
            user, worker, language=language, phone=form.cleaned_data["phone"], now=now()
        )
        response = redirect("dispatch:my-profile")
        keep_language(response, language)
        with translation.override(language):
            messages.success(request, _("Saved."))
        return response
    status = 422 if form.errors else 200
    return render(
        request, "dispatch/phone/my_profile.html", {"form": form, "worker": worker}, status=status
    )


def _refused(request: HttpRequest, row: Assignment, error: RuleBroken) -> HttpResponse:
    """Say in one sentence why a tap did nothing, and show how the assignment stands now."""
    fresh = get_assignment(signed_in(request), row.ref)
    if fresh.status in (_S.WITHDRAWN, _S.EXPIRED):
        messages.warning(request, _("This gig is already filled. There will be others."))
        return redirect("dispatch:my-home")
    for violation in error.violations:
        messages.error(request, violation_text(violation))
    return redirect("dispatch:my-gig", ref=row.ref)
