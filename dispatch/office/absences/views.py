"""A worker's days away, and who comes instead."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import OFFICE, signed_in
from core.clock import now
from core.fields import ref_or_none
from core.violations import RuleBroken
from core.zone import local_date
from dispatch.access import get_worker, with_coach
from dispatch.assignments import services
from dispatch.assignments.absences import record_absence, remove_absence
from dispatch.assignments.texts import problem_texts
from dispatch.board.selectors import open_places, takes_workers, with_counts
from dispatch.candidates.listing import listing
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING, AssignmentStatus
from dispatch.office.assignments.views import placed_sentence
from dispatch.phone import day as worker_day
from dispatch.phone.forms import AbsenceForm
from dispatch.plans import warming
from orders.models import WorkOrder
from workers.models import Absence, Worker


@with_coach
def absence_new(request: HttpRequest, ref: UUID) -> HttpResponse:
    warming.expect_plan()
    worker, moment = get_worker(signed_in(request), ref), now()
    on = local_date(moment)
    data = request.POST if request.method == "POST" else None
    form = AbsenceForm(data, today=on, initial={"from_on": on, "to_on": on})
    if data is not None and form.is_valid():
        starts_at, ends_at = form.interval()
        result = record_absence(worker, starts_at, ends_at, by=signed_in(request), now=moment)
        count = len(result.released)
        text = _("%(name)s is away. Open gigs: %(count)s.") % {"name": worker, "count": count}
        messages.success(request, text)
        return redirect("dispatch:absence-detail", ref=worker.ref, pk=result.absence.pk)
    context = {"form": form, "worker": worker}
    return render(
        request, "dispatch/office/absence_new.html", context, status=422 if form.errors else 200
    )


@with_coach
def absence_detail(request: HttpRequest, ref: UUID, pk: int) -> HttpResponse:
    """The assignments that an absence set free, each with its best substitute chosen beforehand."""
    user = signed_in(request)
    if user.role in OFFICE:
        warming.expect_plan()
    worker = get_worker(user, ref)
    absence = get_object_or_404(Absence, pk=pk, worker=worker)
    problems: list[str] = []
    if request.method == "POST" and user.role in OFFICE:
        problems = _replace_chosen(request, absence)
        if not problems:
            return redirect("dispatch:absence-detail", ref=ref, pk=pk)
    released = [_substitutes(o) for o in _released_orders(absence)]
    context = {
        "worker": worker,
        "absence": absence,
        "last_on": worker_day.last_day(absence),
        "released": released,
        "wanted": sum(row["wanted"] for row in released),
        "violations": problems,
        "can_edit": user.role in OFFICE,
    }
    return render(
        request, "dispatch/office/absence_detail.html", context, status=409 if problems else 200
    )


def _released_orders(absence: Absence) -> list[WorkOrder]:
    rows = with_counts(WorkOrder.objects.all()).filter(
        pk__in=Assignment.objects.filter(
            worker=absence.worker,
            status=AssignmentStatus.ABSENT,
            starts_at__lt=absence.ends_at,
            ends_at__gt=absence.starts_at,
        ).values("order")
    )
    return list(rows.order_by("starts_at"))


def _substitutes(order: WorkOrder) -> dict[str, Any]:
    wanted = takes_workers(order, open_places(order), now())
    can = [c for c in listing(order, shown=5).can if c.fit == "fits"] if wanted else []
    held = order.assignments.filter(status__in=HOLDING).select_related("worker")
    return {"order": order, "wanted": wanted, "can": can[:5], "held": list(held)}


def _replace_chosen(request: HttpRequest, absence: Absence) -> list[str]:
    """Offer each ticked order to the worker chosen for it; returns what went wrong, by order."""
    problems: list[str] = []
    for order in _released_orders(absence):
        ref = ref_or_none(request.POST.get(f"for_{order.ref}", ""))
        substitute = Worker.objects.filter(ref=ref).first() if ref else None
        if substitute is None:
            continue
        try:
            made = services.assign(order, [substitute.pk], by=signed_in(request), now=now())
        except RuleBroken as error:
            problems += [f"{order.number}: {text}" for text in problem_texts(error)]
        else:
            messages.success(request, f"{order.number}: {placed_sentence(made, offer=True)}")
    return problems


@with_coach
@require_POST
def absence_remove(request: HttpRequest, ref: UUID, pk: int) -> HttpResponse:
    worker = get_worker(signed_in(request), ref)
    absence = get_object_or_404(Absence, pk=pk, worker=worker)
    remove_absence(absence, by=signed_in(request), now=now())
    messages.success(request, _("The days away were removed."))
    return redirect("dispatch:worker-detail", ref=ref)
