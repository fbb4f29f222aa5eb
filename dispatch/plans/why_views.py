"""The page that says why a place stays empty; the same as a part of other pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import OFFICE, roles, signed_in
from core.clock import now
from core.fields import ref_or_none
from dispatch.models import Assignment, PlanRow
from dispatch.models.lifecycle import HOLDING
from dispatch.models.plan_lifecycle import PROPOSAL
from dispatch.plans import why, why_texts
from dispatch.plans.why import Family, Helper, WayOut
from orders.access import get_order

office = roles(*OFFICE)


@dataclass(frozen=True)
class Leave:
    """Another gig that has to be given to somebody else first."""

    number: int
    url: str


@dataclass(frozen=True)
class Way:
    """A way out as the page shows it: one of the three kinds of buttons."""

    text: str
    moves_to: datetime | None
    leaves: list[Leave]
    lacking: list[Helper]
    asked: list[Helper]


@office
@require_GET
def order_why(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Why the order is not full; with ?plan= as if that proposal were accepted."""
    order = get_order(signed_in(request), ref)
    pairs = _planned(ref_or_none(request.GET.get("plan", "")))
    found = why.why_unfilled(order, now=now(), planned=pairs)
    context: dict[str, Any] = {
        "order": order,
        "why": found,
        "because": [why_texts.family(f) for f in found.because],
        "ways": [_way(way) for way in found.ways],
    }
    part = bool(request.headers.get("HX-Request"))
    return render(
        request, "dispatch/plans/_why.html" if part else "dispatch/plans/why.html", context
    )


def _planned(plan: UUID | None) -> list[tuple[int, int]]:
    """Pairs of a proposal that nobody has accepted yet."""
    if plan is None:
        return []
    rows = PlanRow.objects.filter(plan__ref=plan, plan__state__in=PROPOSAL)
    waiting = rows.filter(state=PlanRow.State.PROPOSED).order_by("starts_at", "pk")
    return list(waiting.values_list("order_id", "worker_id"))


def _way(way: WayOut) -> Way:
    moves = Family.START in way.families
    busy = Family.BUSY in way.families and not moves
    skills = Family.SKILLS in way.families and not moves and not busy
    return Way(
        text=why_texts.way(way),
        moves_to=way.starts_at if moves else None,
        leaves=[leave for h in way.helpers for leave in _leaves(h)] if busy else [],
        lacking=[h for h in way.helpers if Family.SKILLS in h.families] if skills else [],
        asked=[]
        if moves or busy or skills
        else [helper for helper in way.helpers if helper.may_be_asked],
    )


def _leaves(helper: Helper) -> list[Leave]:
    """Links to give each gig in the way to somebody else; a proposed one opens its order."""
    held = Assignment.objects.filter(
        worker=helper.worker, order__in=[g.order_id for g in helper.leaves], status__in=HOLDING
    )
    refs = dict(held.values_list("order_id", "ref"))
    found: list[Leave] = []
    for gig in helper.leaves:
        url = f"{reverse('dispatch:day')}?order={gig.order_ref}"
        if gig.order_id in refs:
            url += f"&replaces={refs[gig.order_id]}"
        found.append(Leave(gig.order_number, url))
    return found
