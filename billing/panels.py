"""Panels of billing on the pages of workers and customers: the hours of this month."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.access import signed_in
from accounts.models import Role
from core import clock, panels
from core.zone import local_date
from orders.models import Customer
from workers.models import Worker


def register() -> None:
    """Called once, when the apps are ready."""
    panels.register("worker", "billing/hours/_worker_log.html", _of_worker)
    panels.register("customer", "billing/hours/_customer_log.html", _of_customer)


def _of_worker(_request: HttpRequest, worker: Worker) -> dict[str, Any]:
    return {"worker": worker, "today": local_date(clock.now())}


def _of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    if signed_in(request).role == Role.MANAGER:
        return None
    return {"customer": customer, "today": local_date(clock.now())}
