"""Pages of workers for the office and coaches."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import OFFICE, signed_in
from core.clock import now
from core.tables import respond
from core.zone import local_date
from dispatch.access import get_worker, office, on_behalf, with_coach, workers_for
from dispatch.board.selectors import ON_BOARD
from dispatch.office.workers.forms import WorkerForm
from dispatch.office.workers.selectors import search_workers, with_worker_columns
from dispatch.office.workers.tables import WorkerTable
from dispatch.phone import day as worker_day
from dispatch.phone.forms import WeekForm
from workers.availability.services import set_week
from workers.models import Worker
from workers.people import services as worker_services


@with_coach
def worker_list(request: HttpRequest) -> HttpResponse:
    query, everybody = request.GET.get("q", "").strip(), request.GET.get("all") == "1"
    rows = search_workers(workers_for(signed_in(request)), query)
    hidden = 0 if everybody else rows.filter(active=False).count()
    if not everybody:
        rows = rows.filter(active=True)
    rows = rows.order_by("first_name", "last_name", "pk")
    table = WorkerTable(with_worker_columns(rows), request, caption=_("Workers"), given="name")
    context = {"query": query, "everybody": everybody, "hidden": hidden}
    return respond(request, table, "dispatch/office/worker_list.html", context)


@with_coach
def worker_detail(request: HttpRequest, ref: UUID) -> HttpResponse:
    worker, moment = get_worker(signed_in(request), ref), now()
    assignments = worker.assignments.select_related(
        "order__task_type", "order__site", "order__customer"
    )
    context = {
        "worker": worker,
        "today": local_date(moment),
        "engagements": worker.engagements.order_by("-starts_on"),
        "coming": assignments.filter(ends_at__gt=moment, status__in=ON_BOARD)[:20],
        "past": assignments.filter(ends_at__lte=moment).order_by("-starts_at")[:10],
        "week": WeekForm(rows=list(worker.weekly_availability.all())),
        "windows": worker.weekly_availability.order_by("weekday", "starts"),
        "exceptions": worker.availability_exceptions.filter(on__gte=local_date(moment)),
        "absences": worker_day.absences(worker, moment),
        "hours": worker_day.home(worker, moment),
        "can_edit": signed_in(request).role in OFFICE,
    }
    return render(request, "dispatch/office/worker_detail.html", context)


@office
def worker_new(request: HttpRequest) -> HttpResponse:
    return _worker_form(request, Worker())


@office
def worker_edit(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _worker_form(request, get_worker(signed_in(request), ref))


def _worker_form(request: HttpRequest, worker: Worker) -> HttpResponse:
    moment = now()
    form = WorkerForm(request.POST or None, instance=worker, today=local_date(moment))
    if request.method == "POST" and form.is_valid():
        saved = worker_services.save_worker(
            form.worker(),
            skills=form.cleaned_data["skills"],
            strains=form.cleaned_data["limits"],
            contract=form.contract(),
            signs_in=form.cleaned_data["signs_in"],
            by=signed_in(request),
            now=moment,
        )
        messages.success(request, _("Saved: %(name)s.") % {"name": saved})
        return redirect("dispatch:worker-detail", ref=saved.ref)
    context = {"form": form, "worker": worker if worker.pk else None}
    return render(
        request, "dispatch/office/worker_form.html", context, status=422 if form.errors else 200
    )


@with_coach
@require_POST
def worker_week(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The usual week, set on the worker's behalf."""
    user = signed_in(request)
    worker = get_worker(user, ref)
    form = WeekForm(request.POST, rows=list(worker.weekly_availability.all()))
    if form.is_valid():
        set_week(worker, form.wanted(), by=user, now=now(), actor_label=on_behalf(user))
        messages.success(request, _("Saved: %(name)s.") % {"name": worker})
    return redirect("dispatch:worker-detail", ref=ref)
