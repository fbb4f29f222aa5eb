"""The books: right on demo data, and each broken invariant is named (negative controls)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from billing.demo.build import Demo
from billing.models import HourEntry, Invoice, InvoiceLine
from core import guards
from core.book_checks import broken_invariants
from core.models import OutboxMessage
from dispatch.models import Assignment
from orders.models import WorkOrder
from tests.worlds import made_once

pytestmark = pytest.mark.engine
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def _demo() -> None:
    demo = Demo(now=NOW, seed=2, workers=12, customers=6, orders=120, days=80)
    demo.build()
    demo.invoices()


books = made_once(_demo)


@pytest.mark.django_db
def test_demo_data_every_state_and_books_in_order(books: None) -> None:
    assert broken_invariants(NOW) == []
    assert {"draft", "issued", "sent", "paid"} <= set(
        Invoice.objects.values_list("status", flat=True)
    )
    assert {"submitted", "approved", "locked"} <= set(
        HourEntry.objects.values_list("status", flat=True)
    )
    assert {"completed", "accepted", "offered"} <= set(
        Assignment.objects.values_list("status", flat=True)
    )


@pytest.mark.django_db
def test_demo_data_same_seed_and_day_same_rows() -> None:
    def picture() -> list[tuple[object, ...]]:
        Demo(now=NOW, seed=5, workers=6, customers=4, orders=30, days=30).build()
        return list(
            WorkOrder.objects.order_by("number").values_list(
                "number", "works_on", "starts", "customer__name", "status", "quote_gross"
            )
        )

    pictures = []
    for _ in range(2):
        with transaction.atomic():
            pictures.append(picture())
            transaction.set_rollback(True)
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) == 30


def _unlocked(sql: str, args: list[object]) -> None:
    guards.drop()
    with connection.cursor() as cursor:
        cursor.execute(sql, args)


def _double_booking() -> None:
    row = Assignment.objects.filter(status="completed").first()
    assert row
    other = WorkOrder.objects.exclude(pk=row.order_id).first()
    guards.drop()
    Assignment.objects.create(
        order=other,
        worker=row.worker,
        status="accepted",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_at=NOW,
    )


def _two_places() -> None:
    entry = HourEntry.objects.filter(status="submitted").first()
    assert entry
    elsewhere = Assignment.objects.exclude(order=entry.assignment.order).exclude(
        worker=entry.assignment.worker
    )
    gig = elsewhere.first()
    assert gig
    twin = Assignment.objects.create(
        order=gig.order,
        worker=entry.assignment.worker,
        status="completed",
        starts_at=entry.started_at + timedelta(days=300),
        ends_at=entry.started_at + timedelta(days=301),
        created_at=NOW,
    )
    entry.pk, entry.ref, entry.assignment = None, uuid4(), twin
    entry.save(force_insert=True)


def _lost_minute() -> None:
    entry = HourEntry.objects.filter(bill_state="billed").first()
    assert entry
    HourEntry.objects.filter(pk=entry.pk).update(work_min=entry.work_min - 1)


def _gap() -> None:
    last = Invoice.objects.filter(series="invoice", number__isnull=False).first()
    assert last
    _unlocked(
        "UPDATE billing_invoice SET number = %s WHERE id = %s", [(last.number or 0) + 5, last.pk]
    )


def _changed_total() -> None:
    invoice = Invoice.objects.filter(number__isnull=False).first()
    assert invoice
    _unlocked("UPDATE billing_invoice SET gross = gross + 1 WHERE id = %s", [invoice.pk])


def _changed_content() -> None:
    invoice = Invoice.objects.filter(number__isnull=False).first()
    assert invoice
    _unlocked(
        "UPDATE billing_invoice SET content = %s WHERE id = %s",
        [invoice.content.replace("Askare", "Toinen"), invoice.pk],
    )


def _changed_line() -> None:
    line = InvoiceLine.objects.filter(invoice__number__isnull=False).first()
    assert line
    _unlocked("UPDATE billing_invoiceline SET net = net + 1 WHERE id = %s", [line.pk])


def _guard_gone() -> None:
    guards.drop(only="invoice_frozen")


def _stuck_message() -> None:
    OutboxMessage.objects.create(
        key="x", kind="test", to="a@b.example", language="fi", subject="s", body="b",
        created_at=NOW - timedelta(days=9), due_at=NOW - timedelta(days=9),
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        (_double_booking, "booked twice"),
        (_two_places, "at two places at once"),
        (_lost_minute, "min approved"),
        (_gap, "is missing"),
        (_changed_total, "rows give"),
        (_changed_content, "not what was issued"),
        (_changed_line, "rows give"),
        (_guard_gone, "guard invoice_frozen is missing"),
        (_stuck_message, "has waited since"),
    ],
)
def test_broken_invariant_is_named(books: None, breaks: Callable[[], None], says: str) -> None:
    breaks()
    assert any(says in line for line in broken_invariants(NOW))
    out = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("check_books", stdout=out)
    assert caught.value.code == 1
    assert says in out.getvalue()
