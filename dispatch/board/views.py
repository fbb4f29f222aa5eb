"""The dispatcher's week, and one worker's day with everything that can be done about it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import OFFICE, roles, signed_in
from core.clock import now
from core.fields import ref_or_none
from core.intervals import local_day_bounds
from core.timing import typed_date
from core.zone import HELSINKI, local_date
from dispatch.access import get_worker
from dispatch.board import day as board
from dispatch.board import day_map as mapped
from dispatch.board import week
from dispatch.models.lifecycle import allowed_actions

office = roles(*OFFICE)


def _asked_day(request: HttpRequest) -> date:
    return typed_date(request.GET.get("on", "")) or local_date(now())


@office
def week_page(request: HttpRequest) -> HttpResponse:
    """Rows are workers, columns are days; plain links lead to other weeks."""
    on, moment = _asked_day(request), now()
    query = request.GET.get("q", "").strip()
    context = {
        "week": week.week_board(
            on, now=moment, query=query, most=None if "all" in request.GET else board.ROWS_SHOWN
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
    """What can be done about a worker's day, or about one gig of it (?gig=); a menu for htmx."""
    worker, on = get_worker(signed_in(request), ref), _asked_day(request)
    bounds = local_day_bounds(on, HELSINKI)
    gigs = worker.assignments.filter(
        status__in=board.ON_BOARD, starts_at__lt=bounds.end, ends_at__gt=bounds.start
    ).select_related("order__task_type", "order__site")
    order = ref_or_none(request.GET.get("order", ""))
    if order is not None:
        gigs = gigs.filter(order__ref=order)
    context = {
        "worker": worker,
        "on": on,
        "gigs": [(g, {str(a) for a in allowed_actions(g.status)}) for g in gigs],
        "one_gig": order is not None,
        "can_be_away": on >= local_date(now()),
    }
    part = "_worker_day" if request.headers.get("HX-Request") else "worker_on_day"
    return render(request, f"dispatch/board/{part}.html", context)
