"""Pages of dispatchers: ask for a plan, watch it, accept what is good, tell people; sick calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import OFFICE, roles, signed_in
from core.clock import now
from core.fields import ref_or_none
from core.texts import violation_text
from core.timing import typed_date
from core.violations import RuleBroken, Severity, Violation
from core.zone import local_date
from dispatch.candidates.reasons import Reason
from dispatch.models import Plan, PlanRow
from dispatch.models.plan_lifecycle import PROPOSAL, WORKING, PlanState
from dispatch.plans import parts as plan_parts
from dispatch.plans import services as plan_services
from dispatch.plans import texts as plan_texts
from dispatch.plans.forms import DAY, SPANS, WEEK, PlanForm
from dispatch.plans.result import recheck
from orders.models import WorkOrder

office = roles(*OFFICE)
RECENT = 10
FIRST_SECONDS = 5
# Trips are reckoned, not measured: the sum is told to the half hour.
TRIPS_TO_MIN = 30


@dataclass(frozen=True)
class Line:
    """A row as the page shows it: why, and what speaks against it by now."""

    row: PlanRow
    reasons: list[Reason]
    problems: list[str]

    @property
    def can_accept(self) -> bool:
        """Whether ticking it makes sense."""
        return self.row.state == PlanRow.State.PROPOSED and not self.problems


@dataclass(frozen=True)
class Empty:
    """An order that stays without people, and why."""

    order: WorkOrder
    missing: int
    why: list[str]


# --------------------------------------------------------------------------- asking


@office
def plan_new(request: HttpRequest) -> HttpResponse:
    moment = now()
    today = local_date(moment)
    span = request.GET.get("span", DAY)
    initial = {
        "on": max(typed_date(request.GET.get("on", "")) or today, today),
        "span": span if span in dict(SPANS) else DAY,
        "seconds": FIRST_SECONDS,
    }
    form = PlanForm(request.POST or None, today=today, initial=initial)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        first_on, last_on = form.days()
        try:
            plan = plan_services.start_plan(
                first_on,
                last_on,
                seconds=form.cleaned_data["seconds"],
                by=signed_in(request),
                now=moment,
            )
        except RuleBroken as error:
            running = _running(error)
            if running:
                messages.info(request, violation_text(error.violations[0]))
                return redirect("dispatch:plan-detail", ref=running)
            problems = _texts(error.violations)
        else:
            return redirect("dispatch:plan-detail", ref=plan.ref)
    recent = Plan.objects.select_related("asked_by")[:RECENT]
    context = {"form": form, "violations": problems, "recent": recent}
    status = 422 if form.errors or problems else 200
    return render(request, "dispatch/plans/plan_new.html", context, status=status)


def _running(error: RuleBroken) -> str:
    """The plan that is in the way, or an empty text."""
    return next((v.subject for v in error.violations if v.code == "plan_running"), "")


def _texts(violations: Iterable[Violation]) -> list[str]:
    return list(dict.fromkeys(violation_text(v) for v in violations))


# --------------------------------------------------------------------------- one plan


@office
def plan_detail(request: HttpRequest, ref: UUID) -> HttpResponse:
    return _page(request, _plan(ref))


def _plan(ref: UUID) -> Plan:
    return get_object_or_404(Plan.objects.select_related("asked_by"), ref=ref)


def _page(
    request: HttpRequest, plan: Plan, *, problems: Iterable[str] = (), status: int = 200
) -> HttpResponse:
    moment = now()
    if plan.state in WORKING and not plan_services.is_lost(plan, moment):
        return render(request, "dispatch/plans/plan_progress.html", _progress(plan, moment))
    context: dict[str, Any] = {
        "plan": plan,
        "violations": list(problems),
        "numbers": plan.numbers,
        "travel_min": TRIPS_TO_MIN * round(plan.numbers.get("travel_min", 0) / TRIPS_TO_MIN),
        "quality": plan_texts.quality(plan.numbers, week=plan.is_week),
        "span": WEEK if plan.is_week else DAY,
        "back_on": plan.first_on,
    }
    if plan.state == PlanState.FAILED or plan.state in WORKING:
        code = plan.failure or ("queue_silent" if plan.state == PlanState.QUEUED else "lost")
        context["failure"], context["remedy"] = plan_texts.failure(code)
    else:
        lines = _lines(plan, moment)
        context |= {
            "days": _by_day(lines),
            "rows": len(lines),
            "can_accept": sum(line.can_accept for line in lines),
            "changed": sum(bool(line.problems) for line in lines),
            "accepted": sum(line.row.state == PlanRow.State.ACCEPTED for line in lines),
            "sent": sum(line.row.state == PlanRow.State.SENT for line in lines),
            "empty": _empty(plan),
            "open": plan.state in PROPOSAL,
        }
    return render(request, "dispatch/plans/plan_detail.html", context, status=status)


def _progress(plan: Plan, moment: datetime) -> dict[str, Any]:
    used = max(0, int((moment - plan.created_at).total_seconds()))
    gap = None
    if plan.best is not None and plan.bound:
        gap = round(100 * max(0, plan.best - plan.bound) / plan.bound, 1)
    return {
        "plan": plan,
        "used": min(used, plan.seconds),
        "stage": plan_texts.stage(plan.stage),
        "gap": gap,
        "parts": plan_parts.count_parts(plan),
        "slow": used > plan.seconds + 5 and plan.state == PlanState.QUEUED,
    }


def _lines(plan: Plan, moment: datetime) -> list[Line]:
    rows = list(
        plan.rows.select_related(
            "worker", "order__customer", "order__site", "order__task_type", "assignment"
        )
    )
    waiting = [r for r in rows if r.state == PlanRow.State.PROPOSED]
    against: dict[tuple[int, int], list[Violation]] = {}
    if plan.state in PROPOSAL and waiting:
        pairs = [(r.order_id, r.worker_id) for r in waiting]
        against = recheck(pairs, first=plan.first_on, last=plan.last_on, now=moment)
    return [_line(row, against, live=plan.state in PROPOSAL) for row in rows]


def _line(row: PlanRow, against: dict[tuple[int, int], list[Violation]], *, live: bool) -> Line:
    reasons = [Reason(kind, code, numbers) for kind, code, numbers in row.reasons]
    problems: list[str] = []
    if live and row.state == PlanRow.State.PROPOSED:
        moved = row.order.starts_at != row.starts_at or row.order.ends_at != row.ends_at
        code = "order_moved" if moved else "order_not_open"
        gone = Violation(code, Severity.HARD, str(row.order.ref))
        found = [gone] if moved else against.get((row.order_id, row.worker_id), [gone])
        problems = _texts(found)
    return Line(row, reasons, problems)


def _by_day(lines: Iterable[Line]) -> list[tuple[date, list[Line]]]:
    days: dict[date, list[Line]] = {}
    for line in lines:
        days.setdefault(local_date(line.row.starts_at), []).append(line)
    return sorted(days.items())


def _empty(plan: Plan) -> list[Empty]:
    orders = WorkOrder.objects.select_related("site", "task_type").in_bulk(
        [lack["order"] for lack in plan.lacks]
    )
    return [
        Empty(orders[lack["order"]], lack["missing"], plan_texts.why_empty(lack["why"]))
        for lack in plan.lacks
        if lack["order"] in orders
    ]


@office
def plan_progress(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The part of the page that waits; when there is something to see it opens the whole page."""
    plan, moment = _plan(ref), now()
    if plan.state in WORKING and not plan_services.is_lost(plan, moment):
        return render(request, "dispatch/plans/_plan_progress.html", _progress(plan, moment))
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("dispatch:plan-detail", args=[plan.ref])
        return answer
    return redirect("dispatch:plan-detail", ref=plan.ref)


@office
@require_POST
def plan_stop(request: HttpRequest, ref: UUID) -> HttpResponse:
    plan = _plan(ref)
    plan_services.request_stop(plan, by=signed_in(request), now=now())
    if plan.state == PlanState.DISCARDED:
        messages.success(request, _("The plan was called off before it began."))
        return redirect("dispatch:plan-new")
    return redirect("dispatch:plan-detail", ref=plan.ref)


@office
@require_POST
def plan_accept(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Accept the ticked rows; those that the rules refuse now say why, the others are taken."""
    plan = _plan(ref)
    chosen = {r for text in request.POST.getlist("row") if (r := ref_or_none(text))}
    if not chosen:
        return _page(request, plan, problems=[_("Tick at least one gig.")], status=422)
    rows = plan.rows.filter(ref__in=chosen).select_related("order", "worker")
    try:
        result = plan_services.accept(plan, rows, by=signed_in(request), now=now())
    except RuleBroken as error:
        return _page(request, _plan(ref), problems=_texts(error.violations), status=409)
    if result.rows:
        n = len(result.rows)
        text = ngettext(
            "%(n)s gig accepted. Nobody has been told yet.",
            "%(n)s gigs accepted. Nobody has been told yet.",
            n,
        )
        messages.success(request, text % {"n": n})
    if result.refused:
        texts = [
            f"{row.order.number} {row.worker.first_name}: {' '.join(_texts(violations))}"
            for row, violations in result.refused
        ]
        return _page(request, _plan(ref), problems=texts, status=409)
    return redirect("dispatch:plan-detail", ref=plan.ref)


@office
@require_POST
def plan_undo(request: HttpRequest, ref: UUID) -> HttpResponse:
    plan = _plan(ref)
    try:
        count = plan_services.undo(plan, by=signed_in(request), now=now())
    except RuleBroken as error:
        return _page(request, _plan(ref), problems=_texts(error.violations), status=409)
    text = ngettext(
        "%(n)s gig taken back. Nobody had been told.",
        "%(n)s gigs taken back. Nobody had been told.",
        count,
    )
    messages.success(request, text % {"n": count})
    return redirect("dispatch:plan-detail", ref=plan.ref)


@office
@require_POST
def plan_send(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Tell the workers of everything that was accepted."""
    plan, offer = _plan(ref), request.POST.get("mode") != "direct"
    try:
        told = plan_services.send(plan, by=signed_in(request), now=now(), offer=offer)
    except RuleBroken as error:
        return _page(request, _plan(ref), problems=_texts(error.violations), status=409)
    n = len(told)
    if offer:
        text = ngettext("%(n)s offer sent.", "%(n)s offers sent.", n)
    else:
        text = ngettext("%(n)s gig placed and told.", "%(n)s gigs placed and told.", n)
    messages.success(request, text % {"n": n})
    left_out = plan.rows.filter(state=PlanRow.State.SENT).count() - n
    if left_out:
        text = ngettext(
            "%(n)s gig was left out: its time is over, or it was changed meanwhile.",
            "%(n)s gigs were left out: their time is over, or they were changed meanwhile.",
            left_out,
        )
        messages.info(request, text % {"n": left_out})
    return redirect("dispatch:plan-detail", ref=plan.ref)


@office
@require_POST
def plan_discard(request: HttpRequest, ref: UUID) -> HttpResponse:
    plan = _plan(ref)
    try:
        plan_services.discard(plan, by=signed_in(request), now=now())
    except RuleBroken as error:
        return _page(request, _plan(ref), problems=_texts(error.violations), status=409)
    messages.success(request, _("The plan was put away. Nothing was changed."))
    return redirect(f"{reverse('dispatch:day')}?on={plan.first_on:%Y-%m-%d}")
