"""Customers for the office, and sites for the office and the customer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import MONEY, OFFICE, roles, signed_in
from accounts.einvoice_texts import einvoice_text
from accounts.models import Role
from core import clock
from core.tables import respond
from core.zone import local_date
from orders import access
from orders.customers.forms import CustomerForm, DiscountForm, SiteForm
from orders.customers.selectors import latest_orders, list_customers, places_near, sites_of
from orders.customers.services import pin_site, save_customer, set_discount
from orders.customers.tables import CustomerTable
from orders.models import Customer
from orders.prices.selectors import discount_in_force

KEEPERS = (*OFFICE, Role.FINANCE)
READERS = (*KEEPERS, Role.MANAGER)


@roles(*READERS)
@require_GET
def customer_list(request: HttpRequest) -> HttpResponseBase:
    """Customers with how much they order, by search."""
    search = request.GET.get("q", "").strip()
    rows = list_customers(access.customers_for(signed_in(request)), search=search)
    table = CustomerTable(rows, request, caption=_("Customers"), given="name")
    context = {"search": search, "may_edit": signed_in(request).role in KEEPERS}
    return respond(request, table, "orders/customers/customer_list.html", context)


@roles(*READERS)
@require_GET
def customer_detail(request: HttpRequest, ref: UUID) -> HttpResponseBase:
    """One customer: how to reach and bill them, their sites and their latest orders."""
    customer = access.get_customer(signed_in(request), ref)
    context = {
        "customer": customer,
        "contacts": customer.contacts.all(),
        "sites": sites_of(customer),
        "orders": latest_orders(customer),
        "may_edit": signed_in(request).role in KEEPERS,
        "today": local_date(clock.now()),
        "discount": discount_in_force(customer, local_date(clock.now())),
        "discounts": customer.discounts.all(),
        "may_discount": signed_in(request).role in MONEY,
        "lacks": [einvoice_text(code) for code in customer.einvoice_problems.values()],
        # The others read an order on its own page, and do not move points.
        "may_dispatch": signed_in(request).role in OFFICE,
    }
    return render(request, "orders/customers/customer_detail.html", context)


@roles(*KEEPERS)
@require_http_methods(["GET", "POST"])
def customer_new(request: HttpRequest) -> HttpResponseBase:
    """A new customer."""
    return _edit(request, Customer())


@roles(*KEEPERS)
@require_http_methods(["GET", "POST"])
def customer_edit(request: HttpRequest, ref: UUID) -> HttpResponseBase:
    """Change a customer."""
    return _edit(request, access.get_customer(signed_in(request), ref))


def _edit(request: HttpRequest, customer: Customer) -> HttpResponseBase:
    data = request.POST if request.method == "POST" else None
    form = CustomerForm(data, instance=customer, today=local_date(clock.now()))
    if request.method == "POST" and form.is_valid():
        row = form.save(commit=False)
        save_customer(row, by=signed_in(request), now=clock.now())
        messages.success(request, _("Saved."))
        return redirect("orders:customer-detail", row.ref)
    return render(
        request, "orders/customers/customer_edit.html", {"form": form, "customer": customer}
    )


@roles(*MONEY)
@require_http_methods(["GET", "POST"])
def customer_discount(request: HttpRequest, ref: UUID) -> HttpResponseBase:
    """A discount that was agreed with a customer, from a day on."""
    customer = access.get_customer(signed_in(request), ref)
    initial = {"valid_from": local_date(clock.now())}
    form = DiscountForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data, by = form.cleaned_data, signed_in(request)
        set_discount(customer, data["percent"], data["valid_from"], by=by, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect("orders:customer-detail", customer.ref)
    context = {"form": form, "customer": customer, "discounts": customer.discounts.all()}
    return render(request, "orders/customers/customer_discount.html", context)


@roles(Role.CUSTOMER, *OFFICE)
@require_http_methods(["GET", "POST"])
def site_edit(request: HttpRequest, ref: UUID) -> HttpResponseBase:
    """Name of a site and its point: by numbers, or by a pin on the map."""
    user = signed_in(request)
    site = access.get_site(user, ref)
    initial = {"name": site.name, "lat": round(site.lat, 6), "lon": round(site.lon, 6)}
    form = SiteForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        pin_site(site, data["lat"], data["lon"], data["name"], by=user, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect("orders:site-edit", site.ref)
    context = {"form": form, "site": site, "places": places_near(site.lat, site.lon)}
    return render(request, "orders/customers/site_edit.html", context)


@roles(Role.CUSTOMER)
@require_GET
def my_sites(request: HttpRequest) -> HttpResponseBase:
    """Places of the customer, the last used first: set the point, or order the same again."""
    customer = access.customer_of(signed_in(request))
    sites = sites_of(customer) if customer else []
    return render(request, "orders/customers/my_sites.html", {"sites": sites})
