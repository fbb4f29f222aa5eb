"""The customer's own orders, and the same work once more."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import public, roles, signed_in
from accounts.models import Role
from core import clock
from core.paging import PAGE_SIZE
from core.timing import same_weekday_next_week
from core.zone import local_date
from orders import access
from orders.models import WorkOrder
from orders.ordering import selectors
from orders.ordering.drafts import SessionDraft
from orders.ordering.links import order_by_token
from orders.ordering.orderer import orderer_of


@roles(Role.CUSTOMER)
@require_GET
def my_orders(request: HttpRequest) -> HttpResponseBase:
    """Every order of the customer: those to act on, the coming ones, the earlier ones."""
    user = signed_in(request)
    search = request.GET.get("q", "").strip()
    rows = selectors.in_parts(selectors.list_orders(access.orders_for(user), search=search))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "orders/ordering/my_orders.html", {"page": page, "search": search})


@roles(Role.CUSTOMER)
@require_POST
def reorder(request: HttpRequest, ref: UUID) -> HttpResponseBase:
    """The same again next week, filled in and ready to send."""
    order = access.get_order(signed_in(request), ref)
    return _reorder(request, order)


@public
@require_POST
def reorder_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """The same again, for whoever holds the order's link."""
    order = order_by_token(token)
    if order is None:
        raise Http404
    return _reorder(request, order)


def _reorder(request: HttpRequest, order: WorkOrder) -> HttpResponseBase:
    today = local_date(clock.now())
    own = orderer_of(request).customer == order.customer
    when = {
        "day": same_weekday_next_week(order.works_on, today).isoformat(),
        "starts": f"{order.starts.hour}.{order.starts.minute:02d}",
        "duration": str(order.duration_min),
        "people": str(order.people),
        "site": str(order.site.ref) if own else "",
        "street": order.site.street,
        "postal_code": order.site.postal_code,
        "site_contact_name": order.site_contact_name,
        "site_contact_phone": str(order.site_contact_phone or ""),
        "description": order.description,
        "wear": order.wear,
        "hazards": order.hazards,
        "construction_site": "on" if order.construction_site else "",
    }
    check = {
        "business_id": order.customer.business_id,
        "company_name": order.customer.name,
        "orderer_name": order.orderer_name,
        "orderer_email": order.orderer_email,
        "orderer_phone": str(order.orderer_phone or ""),
        "customer_reference": order.customer_reference,
    }
    draft = SessionDraft(request.session)
    draft.start(order.task_type.code, {k: v for k, v in when.items() if v}, check)
    return redirect("orders:order-check")
