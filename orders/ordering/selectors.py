"""Named reads of orders, and of the settings that ordering asks for."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import (
    Case,
    F,
    Q,
    QuerySet,
    Value,
    When,
)

from accounts.access import OFFICE
from accounts.models import Organisation, User
from core.search import search_words
from orders.models import Customer, WorkOrder
from orders.models.lifecycle import OPEN, OrderStatus


def list_orders(
    rows: QuerySet[WorkOrder],
    *,
    search: str = "",
    statuses: Iterable[str] = (),
    newest: bool = True,
) -> QuerySet[WorkOrder]:
    """Orders (from orders.access) by number, customer, street or orderer, in one query."""
    rows = rows.select_related("customer", "site", "task_type")
    statuses = list(statuses)
    if statuses:
        rows = rows.filter(status__in=statuses)
    for word in search_words(search):
        match = (
            Q(customer__name__icontains=word)
            | Q(site__street__icontains=word)
            | Q(orderer_name__icontains=word)
            | Q(customer_reference__icontains=word)
        )
        # A superscript two is a digit, but no number.
        if word.isdecimal() and len(word) <= 10:
            match |= Q(number=int(word))
        rows = rows.filter(match)
    return rows.order_by("-starts_at" if newest else "starts_at", "-id")


def in_parts(rows: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Orders with `part`: hours to check (0), coming with the next first (1), earlier (2)."""
    coming = Q(status__in=OPEN)
    return rows.annotate(
        part=Case(When(status=OrderStatus.DONE, then=0), When(coming, then=1), default=Value(2)),
        comes_at=Case(When(coming, then=F("starts_at"))),
    ).order_by("part", F("comes_at").asc(nulls_last=True), "-starts_at", "-id")


def last_order_of(customer: Customer) -> WorkOrder | None:
    """The customer's newest order, to fill in what need not be typed again."""
    return WorkOrder.objects.filter(customer=customer).order_by("-created_at", "-id").first()


def organisation() -> Organisation | None:
    """Ourselves."""
    return Organisation.objects.first()


def notice_min_for(by: User | None) -> int:
    """The notice that a person has to give: none for the office, which may be quicker."""
    return 0 if by is not None and by.role in OFFICE else order_notice_min()


def order_notice_min() -> int:
    """How long before the start a customer orders at the latest, minutes (organisation setting)."""
    us = organisation() or Organisation()
    return us.order_notice_min
