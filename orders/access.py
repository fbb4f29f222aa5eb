"""Whose customers, sites and orders a person may see; nothing by default."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from orders.models import Customer, Site, WorkOrder

SEES_ALL = frozenset({Role.DISPATCHER, Role.ADMIN, Role.FINANCE, Role.MANAGER})


def customer_of(user: User) -> Customer | None:
    """The customer that a contact's account belongs to."""
    if user.role != Role.CUSTOMER:
        return None
    return Customer.objects.filter(contacts__user=user).first()


def customers_for(user: User) -> QuerySet[Customer]:
    """Every customer for the office, the own one for a contact, none for others."""
    if user.role in SEES_ALL:
        return Customer.objects.all()
    if user.role == Role.CUSTOMER:
        return Customer.objects.filter(contacts__user=user)
    return Customer.objects.none()


def sites_for(user: User) -> QuerySet[Site]:
    """Sites of the customers that this person may see."""
    return Site.objects.filter(customer__in=customers_for(user)).select_related("customer")


def orders_for(user: User) -> QuerySet[WorkOrder]:
    """Orders of the customers that this person may see.

    Coaches and workers see orders through their assignments, never here.
    """
    rows = WorkOrder.objects.select_related("customer", "site", "task_type")
    if user.role in SEES_ALL:
        return rows
    if user.role == Role.CUSTOMER:
        return rows.filter(customer__contacts__user=user)
    return rows.none()


def get_order(user: User, ref: UUID | str) -> WorkOrder:
    """The order, or Http404 when it is not this person's to see."""
    return get_object_or_404(orders_for(user), ref=ref)


def get_customer(user: User, ref: UUID | str) -> Customer:
    """The customer, or Http404 when it is not this person's to see."""
    return get_object_or_404(customers_for(user), ref=ref)


def get_site(user: User, ref: UUID | str) -> Site:
    """The site, or Http404 when it is not this person's to see."""
    return get_object_or_404(sites_for(user), ref=ref)
