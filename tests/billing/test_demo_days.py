"""The demo data shows every state of each lifecycle, whatever the day on which it is built."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from billing.demo.build import Demo
from billing.demo.papers import NEWEST_PAPERS, OLDEST_PAPERS, fates_of_papers, month_runs
from billing.models import HourEntry, Invoice
from billing.models.lifecycle import BillState, HourStatus, InvoiceStatus
from billing.models.payments import Reminder
from core.book_checks import broken_invariants
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus
from orders.models import WorkOrder
from orders.models.lifecycle import OrderStatus

HELSINKI = ZoneInfo("Europe/Helsinki")
SHIPPED = {"seed": 1, "workers": 30, "customers": 25, "orders": 420, "days": 84}
OF_THE_TESTS = {"seed": 3, "workers": 14, "customers": 8, "orders": 90, "days": 84}
# 400 days in a row: both clock changes, thirteen month ends, a year's end; 2028 has a leap day.
DAYS = [date(2027, 2, 1) + timedelta(days=n) for n in range(400)]
# The ends of months and years, the clock changes, feasts, weekends, the leap day.
WORST = [
    "2026-11-30", "2026-12-01", "2026-12-02", "2026-12-24", "2026-12-31", "2027-01-01",
    "2027-01-02", "2027-03-01", "2027-03-28", "2027-10-31", "2028-02-29", "2028-03-01",
]  # fmt: skip


def at(on: date, hour: int = 9) -> datetime:
    return datetime.combine(on, time(hour), HELSINKI).astimezone(UTC)


def missing(now: datetime, sizes: dict[str, Any]) -> list[str]:
    """States that the demo of that moment does not show, and what its books say."""
    with transaction.atomic():
        demo = Demo(now=now, **sizes)
        demo.build()
        demo.invoices()

        def lacks(model: Any, states: Any, field: str = "status") -> list[str]:
            seen = set(model.objects.values_list(field, flat=True))
            return [f"{model.__name__} {s.value}" for s in states if s.value not in seen]

        # No order is ever a draft: it is placed when it is written.
        found = lacks(WorkOrder, [s for s in OrderStatus if s.value != "draft"])
        found += lacks(Assignment, AssignmentStatus)
        found += lacks(HourEntry, HourStatus) + lacks(HourEntry, BillState, "bill_state")
        found += lacks(Invoice, InvoiceStatus) + lacks(Invoice, Invoice.Kind, "kind")
        late = Invoice.objects.filter(status="sent", due_on__lt=now.astimezone(HELSINKI).date())
        found += [] if late.exists() else ["Invoice overdue"]
        found += [] if Reminder.objects.exists() else ["Reminder"]
        found += [str(x) for x in broken_invariants(now)]
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("day", WORST)
@pytest.mark.django_db
def test_demo_shows_every_state_on_the_worst_days(day: str) -> None:
    assert missing(at(date.fromisoformat(day)), OF_THE_TESTS) == []


@pytest.mark.parametrize(
    ("day", "hour"), [("2026-12-01", 9), ("2027-01-02", 7), ("2027-05-01", 19)]
)
@pytest.mark.django_db
def test_demo_as_shipped_shows_every_state(day: str, hour: int) -> None:
    assert missing(at(date.fromisoformat(day), hour), SHIPPED) == []


@pytest.mark.long
@pytest.mark.parametrize("sizes", [OF_THE_TESTS, SHIPPED], ids=["tests", "shipped"])
@pytest.mark.django_db
def test_demo_shows_every_state_on_400_days(sizes: dict[str, Any]) -> None:
    """Each of them with LONG=1, three of them otherwise."""
    days = DAYS if os.environ.get("LONG") == "1" else DAYS[::150]
    found = {str(day): lacks for day in days if (lacks := missing(at(day), sizes))}
    assert found == {}


def test_there_are_two_invoice_runs_and_every_fate_on_400_days() -> None:
    """The pure part of the demo's plan, without a database."""
    for day in DAYS:
        for hour in (0, 9, 23):
            now = at(day, hour)
            runs = month_runs(now)
            assert 2 <= len(runs) <= 3, now
            assert all(run_at <= now for _, run_at in runs), now
            assert now - runs[-1][1] < timedelta(days=32), now
            # Old enough to be reminded of: a public customer has 30 days, and then some.
            assert now - runs[0][1] >= timedelta(days=56), now
            for each in (2, 3, 9):
                fates = fates_of_papers([run_at for _, run_at in runs for _ in range(each)])
                if len(fates) >= 6:
                    assert {*OLDEST_PAPERS, *NEWEST_PAPERS} <= set(fates), (now, each)


@pytest.mark.django_db
def test_control_a_demo_without_drafts_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was: on the first of a month the newest month counted, whose run is tomorrow."""
    from billing.demo import papers

    def without_drafts(runs: list[datetime]) -> list[str]:
        return ["sent" if fate == "draft" else fate for fate in fates_of_papers(runs)]

    monkeypatch.setattr(papers, "fates_of_papers", without_drafts)
    assert missing(at(date(2026, 12, 1)), OF_THE_TESTS) == ["Invoice draft"]
