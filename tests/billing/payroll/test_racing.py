"""Pay and invoices made at the same moment from the same hours: each minute in each once."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db.models import Sum

from accounts.models import Role, User
from billing.hours import services as hours
from billing.models import HourEntry, InvoiceLine
from billing.models.payroll import PayrollRow
from billing.payroll import services as payroll
from core.book_checks import broken_invariants
from core.violations import RuleBroken
from tests import builders, racing
from tests.billing import world
from tests.billing.payroll.test_services import FIRST, LAST, paid_worker
from tests.billing.world import BILLING, THURSDAY
from tests.rounds import how_many

pytestmark = [
    pytest.mark.engine,
    pytest.mark.racing,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]
WORKERS, DAYS = how_many(3, 5), how_many(3, 4)


def waiting() -> User:
    """Hours of a week that wait for approval, of several workers at two customers."""
    builders.organisation()
    owners = [builders.customer(), builders.customer()]
    for n in range(WORKERS):
        worker = paid_worker(payroll_no=str(7001 + n))
        for day in range(DAYS):
            on = THURSDAY - timedelta(days=day)
            world.done(world.order(customer=owners[n % 2], on=on), worker=worker)
    return builders.user(Role.FINANCE)


def race(by: User, modes: list[str]) -> None:
    children = [racing.start("tests.billing.race_pay_child", mode, by.pk) for mode in modes]
    racing.meet(children)
    if "pay_late" in modes:
        racing.meet(children)
    racing.ended(children)


def paid() -> Counter[int]:
    """Minutes that payroll was told of, by gig."""
    rows = PayrollRow.objects.filter(is_part=True).values("entry__assignment")
    return Counter(dict(rows.annotate(n=Sum("minutes")).values_list("entry__assignment", "n")))


def test_pay_and_invoices_at_once_take_every_minute_once() -> None:
    """Approval, two exports and two month runs at the same time."""
    by = waiting()
    race(by, ["approve", "pay", "pay", "bill", "bill"])
    with suppress(RuleBroken):  # when the others have paid everything
        payroll.export(FIRST, LAST, by=by, now=BILLING)
    approved = dict(HourEntry.objects.values_list("assignment", "work_min"))
    assert set(HourEntry.objects.values_list("status", flat=True)) <= {"approved", "locked"}
    assert paid() == approved
    billed = Counter(InvoiceLine.objects.values_list("hour_entry", "text"))
    assert {entry for entry, _text in billed} == set(HourEntry.objects.values_list("pk", flat=True))
    assert set(billed.values()) == {1}
    assert list(broken_invariants()) == []


def test_control_pay_looked_up_before_the_lock_is_paid_wrong() -> None:
    by = waiting()
    hours.approve_hours(list(HourEntry.objects.order_by("pk")), by=by, now=BILLING, as_="finance")
    race(by, ["pay_late", "pay_late"])
    assert paid() != dict(HourEntry.objects.values_list("assignment", "work_min"))
    assert any("exported to payroll" in text for text in broken_invariants())
