"""What the tests of assignments do and look at again and again."""

from __future__ import annotations

import pytest

from core.models import OutboxMessage
from core.violations import RuleBroken
from dispatch.assignments.services import apply_action, assign
from dispatch.models.lifecycle import AssignmentAction as A
from orders.models import WorkOrder
from tests import builders


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {v.code for v in error.value.violations}


def placed(office, now, *, offer: bool = False, order: WorkOrder | None = None, **worker):
    row = builders.worker(**worker)
    return assign(order or builders.order(), [row.pk], by=office, now=now, offer=offer)[0]


def status(order: WorkOrder) -> str:
    return WorkOrder.objects.get(pk=order.pk).status


def mails(kind: str) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=kind))


def at_work(office, now):
    row = placed(office, now)
    return apply_action(row, A.CHECK_IN, by=None, now=row.starts_at)
