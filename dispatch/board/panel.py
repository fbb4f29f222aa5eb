"""The order that is chosen on the board or open as a page, with everybody who could do it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.access import signed_in
from core.clock import now
from core.fields import ref_or_none
from dispatch.board.selectors import ON_BOARD, open_places, takes_workers, with_counts
from dispatch.candidates.listing import NOBODY, Listing, listing
from dispatch.models import Assignment
from orders.access import orders_for
from orders.models import WorkOrder

# The best ones are read; who wants another opens the whole list (?all=1).
CANDIDATES_SHOWN = 12
CANDIDATES_PAGE = 50


def chosen_order(request: HttpRequest, text: str) -> WorkOrder | None:
    """The order that an address names, or None without one; Http404 when it is not to be seen."""
    ref = ref_or_none(text)
    if ref is None:
        return None
    rows = with_counts(orders_for(signed_in(request)))
    return get_object_or_404(rows, ref=ref)


def order_panel(
    request: HttpRequest, order: WorkOrder, *, problems: Iterable[str] = ()
) -> dict[str, Any]:
    """The chosen order with everybody who could do it, and everybody who cannot."""
    replaces = _replaced(request, order)
    missing = open_places(order) + (1 if replaces else 0)
    takes = takes_workers(order, missing, now())
    page = _page_number(request) if "all" in request.GET else 0
    listed = _candidates(order, page) if takes else NOBODY
    after = page * CANDIDATES_PAGE
    more = bool(page) and after < max(listed.can_count, listed.cannot_count)
    return {
        "order": order,
        "missing": max(missing, 0),
        "can": listed.can,
        "cannot": listed.cannot,
        "can_count": listed.can_count,
        "cannot_count": listed.cannot_count,
        "folded": not page and len(listed.can) + len(listed.cannot) < listed.count,
        "next_page": page + 1 if more else None,
        "count": listed.count,
        # Not read by pages that show the places themselves.
        "held": order.assignments.filter(status__in=ON_BOARD).select_related("worker"),
        "replaces": replaces,
        "problems": list(problems),
        "takes": takes,
        "all_url": whole_list_url(replaces, f"{reverse('dispatch:day')}?order={order.ref}&"),
    }


def _page_number(request: HttpRequest) -> int:
    """The page of the whole list that is asked for; anything odd is the first."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < len("10000") else 1
    return max(number, 1)


def _candidates(order: WorkOrder, page: int) -> Listing:
    """The best candidates (page 0), or a page of all of them."""
    if not page:
        return listing(order, shown=CANDIDATES_SHOWN)
    return listing(order, shown=CANDIDATES_PAGE, start=(page - 1) * CANDIDATES_PAGE)


def whole_list_url(replaces: Assignment | None, page: str) -> str:
    """Address of the page with every candidate; `page` ends where an argument can follow."""
    return f"{page}all=1" + (f"&replaces={replaces.ref}" if replaces else "")


def _replaced(request: HttpRequest, order: WorkOrder) -> Assignment | None:
    ref = ref_or_none(request.POST.get("replaces") or request.GET.get("replaces", ""))
    if ref is None:
        return None
    return order.assignments.filter(ref=ref).select_related("worker").first()
