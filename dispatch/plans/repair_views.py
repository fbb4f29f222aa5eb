"""The gigs that somebody left who cannot come: the answer at once beside a better one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import OFFICE, roles, signed_in
from core.clock import now
from core.fields import ref_or_none
from core.violations import RuleBroken
from core.zone import local_date
from dispatch.access import get_worker
from dispatch.assignments import services
from dispatch.assignments.services import Move, MoveRefused
from dispatch.assignments.texts import problem_texts
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING, AssignmentStatus
from dispatch.plans import repair as sick_repair
from dispatch.plans import solve
from dispatch.plans import texts as plan_texts
from dispatch.plans.repair import Answer, Replacement, Step
from dispatch.plans.views import Empty
from orders.models import WorkOrder
from workers.models import Absence, Worker

office = roles(*OFFICE)
NOBODY = "-"


@office
def absence_replace(request: HttpRequest, ref: UUID, pk: int) -> HttpResponse:
    """The gigs that an absence set free, with the best substitutes; one button for all of them."""
    worker = get_worker(signed_in(request), ref)
    absence = get_object_or_404(Absence, pk=pk, worker=worker)
    problems: list[str] = []
    if request.method == "POST":
        problems = _take(request, _released(absence))
        if not problems:
            return redirect("dispatch:absence-detail", ref=ref, pk=pk)
    days = sick_repair.replacements(_released(absence), worker, now=now())
    context = {
        "worker": worker,
        "absence": absence,
        "last_on": local_date(absence.ends_at - timedelta(minutes=1)),
        "violations": problems,
        "checked": solve.has_engine(),
        **_answers(days),
    }
    return render(
        request, "dispatch/plans/plan_replace.html", context, status=409 if problems else 200
    )


def _released(absence: Absence) -> list[WorkOrder]:
    freed = Assignment.objects.filter(
        worker=absence.worker,
        status=AssignmentStatus.ABSENT,
        starts_at__lt=absence.ends_at,
        ends_at__gt=absence.starts_at,
    )
    rows = WorkOrder.objects.filter(pk__in=freed.values("order"))
    return list(rows.select_related("customer", "site", "task_type").order_by("starts_at"))


# --------------------------------------------------------------------------- what is shown


def _answers(days: Collection[Replacement]) -> dict[str, Any]:
    """Both answers over all days; where a day has no better one, the one at once stands in."""
    quick = [chain for day in days for chain in day.quick.chains]
    better = [chain for day in days for chain in (day.better or day.quick).chains]
    is_better = any(day.better for day in days)
    best = Answer(tuple(better))
    places = sum(day.at_once.places for day in days)
    lacks = [lack for day in days for lack in day.at_once.lacks]
    given = {step.order.pk for step in best.steps if step.comes and not step.leaves}
    return {
        "places": places,
        "picks": [step.comes for chain in quick for step in chain],
        "better": [(_value(chain), chain) for chain in better] if is_better else [],
        "changes": best.changes,
        "filled": best.filled,
        "empty": [
            Empty(lack.order, lack.missing, plan_texts.why_empty(lack.why))
            for lack in lacks
            if not (is_better and lack.order.pk in given)
        ],
    }


def _value(chain: Iterable[Step]) -> str:
    """A chain as the form sends it: order:who leaves:who comes, …"""
    return ",".join(
        f"{s.order.ref}:{s.leaves.ref if s.leaves else NOBODY}"
        f":{s.comes.worker.ref if s.comes else NOBODY}"
        for s in chain
    )


# --------------------------------------------------------------------------- what is taken


def _take(request: HttpRequest, orders: Collection[WorkOrder]) -> list[str]:
    """Carry out what is ticked; returns what went wrong, and then nothing was changed."""
    days = {order.works_on for order in orders}
    moves = _moves([text for value in _ticked(request) for text in value.split(",")], days)
    if not moves:
        return [_("Tick at least one gig.")]
    offer = request.POST.get("mode") != "direct"
    try:
        made = services.rearrange(moves, by=signed_in(request), now=now(), offer=offer)
    except MoveRefused as error:
        return [f"{error.order_number}: {text}" for text in problem_texts(error)]
    except RuleBroken as error:
        return problem_texts(error)
    n = len(made)
    if offer:
        told = ngettext("%(n)s offer sent.", "%(n)s offers sent.", n) % {"n": n}
    else:
        told = ngettext("%(n)s gig placed and told.", "%(n)s gigs placed and told.", n) % {"n": n}
    messages.success(request, told)
    return []


def _ticked(request: HttpRequest) -> list[str]:
    """Both forms' values in one shape; a pick of the answer at once names nobody who leaves."""
    picks = [text.replace(":", f":{NOBODY}:", 1) for text in request.POST.getlist("pick")]
    return [*picks, *request.POST.getlist("chain")]


def _moves(texts: Iterable[str], days: Collection[Any]) -> list[Move]:
    """Moves of orders of these days; what names nobody known is left out."""
    leaves: defaultdict[UUID, list[UUID]] = defaultdict(list)
    comes: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for text in texts:
        order, left, came = [ref_or_none(part) for part in (*text.split(":"), "", "")][:3]
        if order and left:
            leaves[order].append(left)
        if order and came:
            comes[order].append(came)
    refs = {*leaves, *comes}
    orders = WorkOrder.objects.filter(ref__in=refs, works_on__in=days)
    people = [r for refs_of in comes.values() for r in refs_of]
    ids = dict(Worker.objects.filter(ref__in=people).values_list("ref", "pk"))
    moves = [
        Move(
            order,
            tuple(
                Assignment.objects.filter(
                    order=order, worker__ref__in=leaves[order.ref], status__in=HOLDING
                ).order_by("pk")
            ),
            tuple(ids[r] for r in comes[order.ref] if r in ids),
        )
        for order in orders.select_related("customer", "site", "task_type")
    ]
    return [move for move in moves if move.leaves or move.comes]
