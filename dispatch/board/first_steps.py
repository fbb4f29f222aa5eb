"""What a new organisation has to put in place before its first order, for who may do so."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Organisation, Role, User
from orders.models import Tariff, TaskType, WorkOrder
from workers.models import Worker

STAFF = (Role.DISPATCHER, Role.COACH, Role.FINANCE, Role.MANAGER)


class Step(NamedTuple):
    text: str
    url: str
    done: bool


def first_steps(user: User, on: date) -> list[Step]:
    """The steps in their order; none for others than administrators, and none after an order.

    One query once orders have come.
    """
    if user.role != Role.ADMIN or WorkOrder.objects.exists():
        return []
    # A general price is a price for every task.
    priced = Tariff.objects.filter(valid_from__lte=on, customer=None)
    return [
        Step(
            _("Our organisation: name, account, phone"),
            reverse("admin:accounts_organisation_add"),
            Organisation.objects.exists(),
        ),
        Step(
            _("Tasks that can be ordered, by hand or from a table"),
            reverse("orders:import-new"),
            TaskType.objects.filter(active=True).exists(),
        ),
        Step(
            _("A price per hour, in force today"),
            reverse("admin:orders_tariff_add"),
            priced.exists(),
        ),
        Step(
            _("Workers, by hand or from a table"),
            reverse("dispatch:worker-new"),
            Worker.objects.exists(),
        ),
        Step(
            _("Accounts for the others in the office"),
            reverse("admin:accounts_user_add"),
            User.objects.filter(role__in=STAFF, is_active=True).exists(),
        ),
    ]
