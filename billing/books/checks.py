"""Invariants of hours, invoices and payments, asked of the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Max, Min, Q, Sum

from billing.books import checks_pay
from billing.hours.rounding_versions import changed_results
from billing.hours.services import CURRENT
from billing.invoices import settlement
from billing.invoices.vat import vat_rows
from billing.models import HourEntry, Invoice, InvoiceLine
from billing.models.lifecycle import BillState, HourStatus, settled_status
from billing.rules.vat import totals


def broken() -> list[str]:
    """A sentence for each broken invariant of hours, invoices, payments and pay."""
    found = [*_hours_twice(), *_minutes(), *_states(), *_numbers(), *_totals(), *_balances()]
    return [*found, *_chain(), *changed_results(), *checks_pay.broken()]


def _hours_twice() -> Iterator[str]:
    """Hours of one worker at two places at the same time."""
    marks = ", ".join(["%s"] * len(CURRENT))
    states = [s.value for s in CURRENT]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id, b.id, f.worker_id FROM billing_hourentry a "
            "JOIN dispatch_assignment f ON f.id = a.assignment_id "
            "JOIN dispatch_assignment g ON g.worker_id = f.worker_id "
            "JOIN billing_hourentry b ON b.assignment_id = g.id AND a.id < b.id "
            "AND a.started_at < b.ended_at AND b.started_at < a.ended_at "
            f"WHERE a.status IN ({marks}) AND b.status IN ({marks})",
            states * 2,
        )
        for first, second, worker in cursor.fetchall():
            yield f"worker {worker} has hours at two places at once: entries {first} and {second}"


def _minutes() -> Iterator[str]:
    for entry in HourEntry.objects.filter(ended_at__isnull=False).iterator():
        end = entry.ended_at or entry.started_at
        elapsed = int((end - entry.started_at).total_seconds()) // 60
        if elapsed - entry.break_min != entry.work_min:
            yield f"hour entry {entry.pk}: {elapsed} - {entry.break_min} is not {entry.work_min}"
    by_entry = _documents_by_entry()
    for entry in HourEntry.objects.filter(bill_state=BillState.BILLED).iterator():
        minutes, documents = by_entry.pop(entry.pk, (0, 0))
        if not documents:
            yield f"hour entry {entry.pk} says billed and is on no invoice"
        elif minutes != entry.work_min or documents != 1:
            yield (
                f"hour entry {entry.pk}: {entry.work_min} min approved, {minutes} min on "
                f"{documents} invoices"
            )
    for pk, (minutes, documents) in by_entry.items():
        if minutes or documents:
            yield f"hour entry {pk} is on an invoice and does not say billed"


def _documents_by_entry() -> dict[int, tuple[int, int]]:
    """Minutes and number of invoices by hour entry, less those of credit notes."""
    found: dict[int, tuple[int, int]] = {}
    rows = (
        InvoiceLine.objects.filter(invoice__number__isnull=False, hour_entry__isnull=False)
        .values_list("hour_entry", "invoice__kind")
        .annotate(minutes=Sum("work_min"), documents=Count("invoice", distinct=True))
    )
    for pk, kind, minutes, documents in rows.order_by():
        sign = 1 if kind == Invoice.Kind.INVOICE else -1
        before = found.get(pk, (0, 0))
        found[pk] = (before[0] + sign * minutes, before[1] + sign * documents)
    return found


def _states() -> Iterator[str]:
    not_approved = HourEntry.objects.filter(
        bill_state__in=(BillState.BILLED, BillState.CREDITED)
    ).exclude(status=HourStatus.LOCKED)
    for entry in not_approved:
        yield f"hour entry {entry.pk} is {entry.bill_state} and {entry.status}"
    drafts = InvoiceLine.objects.filter(invoice__number__isnull=True).values_list(
        "hour_entry", flat=True
    )
    loose = HourEntry.objects.filter(
        status=HourStatus.LOCKED, bill_state=BillState.UNBILLED
    ).exclude(pk__in=drafts)
    for entry in loose:
        yield f"hour entry {entry.pk} is locked for a draft that does not exist"


def _numbers() -> Iterator[str]:
    issued = Invoice.objects.filter(number__isnull=False)
    for row in issued.values("series").annotate(
        low=Min("number"),
        high=Max("number"),
        count=Count("number"),
        different=Count("number", distinct=True),
    ):
        if row["count"] != row["different"]:
            yield f"series {row['series']}: a number is given twice"
        if row["high"] - row["low"] + 1 != row["different"]:
            between = f"{row['low']} and {row['high']}"
            yield f"series {row['series']}: a number between {between} is missing"
    before: dict[str, Invoice] = {}
    for invoice in issued.order_by("series", "number"):
        earlier = before.get(invoice.series)
        if earlier and str(earlier.issued_on) > str(invoice.issued_on):
            yield f"invoice {invoice.number} is dated before {earlier.number}"
        before[invoice.series] = invoice


def _totals() -> Iterator[str]:
    for invoice in Invoice.objects.prefetch_related("lines"):
        found = totals(vat_rows(invoice, invoice.lines.all()))
        if (found.net, found.vat, found.gross) != (invoice.net, invoice.vat, invoice.gross):
            yield f"invoice {invoice}: rows give {found.gross}, it says {invoice.gross}"
        for line in invoice.lines.all():
            wanted = line.quantity * line.unit_net - line.discount
            if abs(wanted - line.net) >= Decimal("0.01"):
                yield f"invoice {invoice} row {line.position}: quantity x price is not {line.net}"


def _balances() -> Iterator[str]:
    issued = Invoice.objects.filter(number__isnull=False)
    for invoice in issued.filter(kind=Invoice.Kind.INVOICE).iterator():
        balance = settlement.balance_of(invoice)
        if balance.open != invoice.open_sum:
            yield f"invoice {invoice}: {balance.open} is open, it says {invoice.open_sum}"
        right = settled_status(
            balance.gross, balance.credited, balance.paid, sent=invoice.sent_at is not None
        )
        if right != invoice.status:
            yield f"invoice {invoice} is {right} by its payments, it says {invoice.status}"
        if balance.credited > balance.gross:
            yield f"invoice {invoice}: more is credited than was invoiced"
    for entry in settlement.waiting_entries().filter(
        Q(amount__gt=0, left__lt=0) | Q(amount__lt=0, left__gt=0)
    ):
        yield f"bank entry {entry.pk}: {entry.left} is left of {entry.amount}"


def _chain() -> Iterator[str]:
    previous: dict[str, str] = {}
    for invoice in Invoice.objects.filter(number__isnull=False).order_by("series", "number"):
        if invoice.previous_hash != previous.get(invoice.series, ""):
            yield f"invoice {invoice.number}: the chain does not go on from the one before"
        text = f"{invoice.previous_hash}\n{invoice.content}".encode()
        if hashlib.sha256(text).hexdigest() != invoice.content_hash:
            yield f"invoice {invoice.number}: its content is not what was issued"
        previous[invoice.series] = invoice.content_hash
