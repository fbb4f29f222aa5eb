"""Named reads of customers and their sites."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery

from core.search import search_words
from orders.geocode import postal_table
from orders.models import Contact, Customer, Site, WorkOrder
from workers.worktime.selectors import legal_limits


def list_customers(rows: QuerySet[Customer], *, search: str = "") -> QuerySet[Customer]:
    """Customers with `order_count` and `last_on`, by name, any of their numbers or contact."""
    for word in search_words(search):
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(customer_no__icontains=word)
            | Q(business_id__icontains=word)
            | Q(vat_id__icontains=word)
            | Q(pk__in=Contact.objects.filter(name__icontains=word).values("customer"))
        )
    return rows.annotate(order_count=Count("orders"), last_on=Max("orders__works_on")).order_by(
        "name", "id"
    )


def sites_of(customer: Customer) -> QuerySet[Site]:
    """Sites of a customer, the most recently used first, with the last order's day and ref."""
    newest = WorkOrder.objects.filter(site=OuterRef("pk")).order_by("-starts_at", "-id")
    return (
        Site.objects.filter(customer=customer)
        .annotate(last_on=Max("orders__works_on"), last_ref=Subquery(newest.values("ref")[:1]))
        .order_by(F("last_on").desc(nulls_last=True), "street", "id")
    )


# Degrees of latitude, about 900 m.
LABELS_APART = 0.008


def places_near(lat: float, lon: float, count: int = 24) -> list[tuple[str, float, float]]:
    """The nearest postcode areas as (name, lat, lon): what the map without tiles shows."""
    # One degree of longitude is about half as long as one of latitude in Finland.
    near = sorted(
        postal_table().values(), key=lambda p: (p.lat - lat) ** 2 + ((p.lon - lon) / 2) ** 2
    )
    points: list[tuple[str, float, float]] = []
    for place in near:
        if len(points) == count:
            break
        # Post-office boxes share a point, and labels a kilometre apart would cover each other.
        if all(abs(place.lat - p[1]) + abs(place.lon - p[2]) / 2 > LABELS_APART for p in points):
            points.append((f"{place.code} {place.place}", place.lat, place.lon))
    return points


def latest_orders(customer: Customer, count: int = 20) -> QuerySet[WorkOrder]:
    """The customer's orders, the latest start first."""
    rows = customer.orders.select_related("customer", "site", "task_type")
    return rows.order_by("-starts_at", "-id")[:count]


def public_term_max(on: date) -> int:
    """Days within which a public body pays by the law in force on a date."""
    return legal_limits().value("public_payment_term_max", on)
