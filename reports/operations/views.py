"""The manager's page: a few figures of a month, and the rows behind each of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import roles
from accounts.models import Role
from billing.invoices.selectors import invoices_of
from core import clock
from core.months import month_of, next_month, previous_month
from core.paging import PAGE_SIZE
from core.zone import local_date
from reports.operations import selectors

READERS = (Role.MANAGER, Role.ADMIN)
READS: dict[str, Callable[[date], QuerySet[Any]]] = {
    "orders": selectors.orders_of,
    "hours": selectors.hours_of,
    "invoices": invoices_of,
}


def _month(request: HttpRequest) -> dict[str, Any]:
    """The month asked for, else this one, and its neighbours."""
    today: date = local_date(clock.now())
    first = month_of(request.GET.get("month", "")) or today.replace(day=1)
    return {
        "first": first,
        "month": first.strftime("%Y-%m"),
        "previous": previous_month(first).strftime("%Y-%m"),
        "next": next_month(first).strftime("%Y-%m"),
    }


@roles(*READERS)
@require_GET
def manager_home(request: HttpRequest) -> HttpResponse:
    """Figures of a month beside those of the month before."""
    month = _month(request)
    first: date = month["first"]
    context = {
        **month,
        "now": selectors.figures(first),
        "before": selectors.figures(previous_month(first)),
    }
    return render(request, "reports/operations/manager_home.html", context)


@roles(*READERS)
@require_GET
def manager_rows(request: HttpRequest, figure: str) -> HttpResponse:
    """The rows that a figure counts."""
    month = _month(request)
    rows = READS[figure](month["first"])
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {**month, "figure": figure, "page": page}
    return render(request, "reports/operations/manager_rows.html", context)
