"""The dispatcher's first page, board, week and map; a worker's day; the coach's first page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import signed_in
from core.clock import now
from core.fields import ref_or_none
from core.intervals import local_day_bounds
from core.models import OutboxMessage
from core.outbox_lifecycle import OutboxState
from core.timing import typed_date
from core.zone import HELSINKI, local_date
from dispatch.access import get_worker, office, with_coach, workers_for
from dispatch.board import coach_day, week
from dispatch.board import day as board
from dispatch.board import day_map as mapped
from dispatch.board.first_steps import first_steps
from dispatch.board.panel import chosen_order, order_panel
from dispatch.board.selectors import LACKS_PEOPLE, ON_BOARD, open_lane, open_orders
from dispatch.board.troubles import find_troubles
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentAction, allowed_actions
from orders.models import WorkOrder

# After that the offer has been read: withdrawing is then a decision of the order's page.
TAKE_BACK_FOR = timedelta(minutes=10)
# Workers drawn at once; the page says how many more there are.
ROWS_SHOWN = 30
TODAY_COLUMNS = (
    "status",
    "starts_at",
    "ends_at",
    "worker__first_name",
    "worker__last_name",
    "worker__phone",
    "order__ref",
    "order__number",
    "order__customer__name",
    "order__task_type__name_fi",
    "order__task_type__name_sv",
    "order__task_type__name_en",
)
# Lines of each list of the day's page; the rest opens by a link (?all=1).
LINES_SHOWN = 25
# Fewer of those without a worker, which go weeks ahead: the assignments of the day stay in reach.
OPEN_SHOWN = 8


@office
def today(request: HttpRequest) -> HttpResponse:
    moment = now()
    on = local_date(moment)
    assignments = (
        Assignment.objects.filter(order__works_on=on, status__in=ON_BOARD)
        .select_related("worker", "order__task_type", "order__customer")
        .only(*TODAY_COLUMNS)
        .order_by("starts_at", "worker__first_name")
    )
    stuck = OutboxMessage.objects.filter(state__in=[OutboxState.DEAD, OutboxState.UNKNOWN])
    waiting = open_orders().filter(ends_at__gt=moment)
    shown, opened = (None, None) if "all" in request.GET else (LINES_SHOWN, OPEN_SHOWN)
    troubles = find_troubles(moment)
    context = {
        "on": on,
        "now": moment,
        "lacking": LACKS_PEOPLE,
        "troubles": troubles[:shown],
        "trouble_count": len(troubles),
        "gigs": list(assignments[:shown]),
        "gig_count": assignments.count(),
        "open_orders": list(waiting[:opened]),
        "open_count": waiting.count(),
        "stuck": list(stuck.order_by("-id")[:20]),
        "first_steps": first_steps(signed_in(request), on),
    }
    return render(request, "dispatch/board/today.html", context)


@office
def day(request: HttpRequest) -> HttpResponse:
    order = chosen_order(request, request.GET.get("order", ""))
    on = typed_date(request.GET.get("on", "")) or (order.works_on if order else None)
    on = on or local_date(now())
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        # Without an order the panel is closed.
        panel = order_panel(request, order) if order else {}
        context = panel | {"board": _lane_only(on), "on": on}
        return render(request, "dispatch/board/_panel_swap.html", context)
    return day_page(request, on, order)


def _lane_only(on: date) -> dict[str, Any]:
    lane = open_lane(on, now())
    return {
        "open_here": lane.here,
        "open_elsewhere": lane.elsewhere,
        "open_elsewhere_count": lane.elsewhere_count,
    }


def day_page(
    request: HttpRequest,
    on: date,
    order: WorkOrder | None,
    *,
    problems: Iterable[str] = (),
    status: int = 200,
) -> HttpResponse:
    panel = order_panel(request, order, problems=problems) if order else {}
    ghosts = [c.worker.pk for c in panel.get("can", []) if c.fit == "fits"][:1]
    query = request.GET.get("q", "").strip()
    model = board.day_board(
        on,
        now=now(),
        query=query,
        chosen=order,
        ghosts=ghosts,
        most=None if "all" in request.GET else ROWS_SHOWN,
    )
    if order and order.works_on == on:
        panel["held"] = model.chosen_held
    context = panel | {
        "board": model,
        "on": on,
        "query": query,
        "today": local_date(now()),
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "made": _just_made(request),
    }
    return render(request, "dispatch/board/day.html", context, status=status)


def _just_made(request: HttpRequest) -> Assignment | None:
    """The assignment that this dispatcher made a moment ago, while it can be taken back."""
    ref = ref_or_none(request.GET.get("made", ""))
    if ref is None:
        return None
    rows = Assignment.objects.filter(ref=ref, created_by=signed_in(request))
    row = rows.select_related("worker", "order").first()
    fresh = row is not None and row.created_at > now() - TAKE_BACK_FOR
    can_withdraw = row is not None and AssignmentAction.WITHDRAW in allowed_actions(row.status)
    return row if fresh and can_withdraw else None


def _asked_day(request: HttpRequest) -> date:
    return typed_date(request.GET.get("on", "")) or local_date(now())


@office
def week_page(request: HttpRequest) -> HttpResponse:
    """Rows are workers, columns are days; plain links lead to other weeks."""
    on, moment = _asked_day(request), now()
    query = request.GET.get("q", "").strip()
    context = {
        "week": week.week_board(
            on, now=moment, query=query, most=None if "all" in request.GET else ROWS_SHOWN
        ),
        "on": on,
        "query": query,
        "today": local_date(moment),
        "before": on - timedelta(days=7),
        "after": on + timedelta(days=7),
    }
    return render(request, "dispatch/board/week.html", context)


@office
def day_map(request: HttpRequest) -> HttpResponse:
    """The day's orders as a numbered list; scripts put its numbers on a map."""
    on = _asked_day(request)
    pins, total = mapped.pins(on)
    context = {
        "pins": pins,
        "total": total,
        "open_count": sum(pin.open for pin in pins),
        "on": on,
        "today": local_date(now()),
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
    }
    return render(request, "dispatch/board/day_map.html", context)


@office
def worker_day(request: HttpRequest, ref: UUID) -> HttpResponse:
    """What can be done about a worker's day, or about one order of it (?order=)."""
    worker, on = get_worker(signed_in(request), ref), _asked_day(request)
    bounds = local_day_bounds(on, HELSINKI)
    assignments = worker.assignments.filter(
        status__in=ON_BOARD, starts_at__lt=bounds.end, ends_at__gt=bounds.start
    ).select_related("order__task_type", "order__site")
    order = ref_or_none(request.GET.get("order", ""))
    if order is not None:
        assignments = assignments.filter(order__ref=order)
    context = {
        "worker": worker,
        "on": on,
        "gigs": [(g, {str(a) for a in allowed_actions(g.status)}) for g in assignments],
        "one_gig": order is not None,
        "can_be_away": on >= local_date(now()),
    }
    part = "_worker_day" if request.headers.get("HX-Request") else "worker_on_day"
    return render(request, f"dispatch/board/{part}.html", context)


@with_coach
def coach_home(request: HttpRequest) -> HttpResponse:
    moment = now()
    rows = coach_day.rows(workers_for(signed_in(request)), moment)
    context = {"rows": rows, "now": moment, "form_key": uuid4()}
    return render(request, "dispatch/board/coach_home.html", context)
