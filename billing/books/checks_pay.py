"""Invariants of money that moves on: payroll exports, subsidies, reminders, deliveries, credits.

Each finder gives a sentence for everything that is wrong; `billing.books.checks` asks them all.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Max, Q, Sum

from accounts.models import Role, User
from billing.hours.billable import UNPAID
from billing.invoices import delivery
from billing.models import EInvoice, HourEntry, Invoice, InvoiceLine
from billing.models.lifecycle import InvoiceStatus
from billing.models.payments import Payment, Reminder
from billing.models.payroll import (
    HourMark,
    PayrollBatch,
    PayrollFile,
    PayrollRow,
    RoundedMinutes,
    RoundingVersion,
    SubsidyDecision,
)
from billing.payroll import subsidy
from billing.rules.reminder_document import ReminderDocument
from core.models import AuditEvent, OutboxMessage
from core.outbox_lifecycle import STUCK, OutboxState

ZERO = Decimal(0)


def broken() -> list[str]:
    """A sentence for each broken invariant."""
    found = [*_batches(), *_files(), *_paid_once(), *_unpaid_kinds(), *_credits(), *_undone()]
    return [*found, *_reminders(), *_deliveries(), *_einvoices(), *_subsidies()]


def _sum(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


# --------------------------------------------------------------------------- payroll


def _batches() -> Iterator[str]:
    previous, last = "", 0
    rows = PayrollBatch.objects.order_by("number").annotate(
        told=Sum("rows__minutes", filter=Q(rows__is_part=True)),
        count=Count("rows"),
        top=Max("rows__position"),
    )
    for batch in rows:
        if batch.number != last + 1:
            yield f"payroll export {batch.number} comes after {last}"
        if batch.previous_hash != previous:
            yield f"payroll export {batch.number}: the chain does not go on from the one before"
        if (batch.told or 0) != batch.minutes:
            yield f"payroll export {batch.number}: rows give {batch.told} min, not {batch.minutes}"
        if not batch.count == batch.top == batch.rows_count:
            yield f"payroll export {batch.number}: {batch.count} rows of {batch.rows_count}"
        previous, last = batch.content_hash, batch.number


def _files() -> Iterator[str]:
    """The frozen files are what was made, and the neutral one says the rows of the database."""
    for file in PayrollFile.objects.select_related("batch").iterator(chunk_size=20):
        content = bytes(file.content)
        if _sum(content) != file.content_hash:
            yield f"payroll file {file.name}: its content is not what was exported"
        elif file.format == "neutral":
            text = io.StringIO(content.decode("utf-8-sig"))
            told = [
                (r["row_id"], r["minutes"], r["counts_in_sum"])
                for r in csv.DictReader(text, delimiter=";")
            ]
            rows = file.batch.rows.values_list("position", "minutes", "is_part")
            if told != [(f"{file.batch.number}-{n}", str(m), str(int(p))) for n, m, p in rows]:
                yield f"payroll file {file.name} tells other rows than the export has"


def _paid_once() -> Iterator[str]:
    """All exports together never give more of a gig than its hours were reckoned to be worth."""
    worth = dict(
        RoundedMinutes.objects.filter(purpose=RoundingVersion.For.PAY)
        .order_by()
        .values_list("entry__assignment")
        .annotate(Max("minutes"))
    )
    parts = PayrollRow.objects.filter(is_part=True).order_by()
    told = parts.values_list("assignment").annotate(Sum("minutes"))
    for gig, minutes in told.order_by("assignment"):
        if minutes > worth.get(gig, 0):
            yield f"assignment {gig}: {minutes} min exported to payroll of {worth.get(gig, 0)}"
    for gig, on, minutes in parts.values_list("assignment", "on").annotate(Sum("minutes")):
        if minutes < 0:
            yield f"assignment {gig} on {on}: payroll took back {-minutes} min never exported"
    never = PayrollRow.objects.filter(entry__approved_at=None, minutes__gt=0)
    for row in never.order_by("pk"):
        yield f"payroll row {row.pk}: hour entry {row.entry_id} was never approved"


def _unpaid_kinds() -> Iterator[str]:
    allowed = HourMark.objects.filter(mark=HourMark.Mark.PAY).values("assignment")
    rows = PayrollRow.objects.filter(engagement_kind__in=UNPAID).exclude(assignment__in=allowed)
    for row in rows:
        yield f"payroll row {row.pk}: {row.engagement_kind} is paid without a decision"


# --------------------------------------------------------------------------- credits, payments


def _credits() -> Iterator[str]:
    """A row of a credit note takes back one row of its own invoice, to the minute and cent."""
    rows = InvoiceLine.objects.filter(invoice__kind=Invoice.Kind.CREDIT_NOTE)
    for line in rows.filter(
        Q(credits=None)
        | ~Q(credits__invoice=F("invoice__original"))
        | ~Q(credits__work_min=F("work_min"))
        | ~Q(credits__net=-F("net"))
    ):
        yield f"credit row {line.pk} does not take back a row of its own invoice as it was"
    minutes: Counter[int] = Counter()
    both = InvoiceLine.objects.filter(invoice__number__isnull=False, hour_entry__isnull=False)
    for kind, own, original, worked in both.values_list(
        "invoice__kind", "invoice", "invoice__original", "work_min"
    ):
        if kind == Invoice.Kind.INVOICE:
            minutes[own] += worked
        elif original:
            minutes[original] -= worked
    for pk, left in minutes.items():
        if left < 0:
            yield f"invoice with id {pk}: {-left} min more are credited than were billed"


def _undone() -> Iterator[str]:
    """A payment that is taken back is taken back whole, from the same invoice."""
    rows = Payment.objects.filter(reverses__isnull=False).select_related("reverses")
    for row in rows:
        first = row.reverses
        if first and (row.amount, row.invoice_id) != (-first.amount, first.invoice_id):
            yield f"payment {row.pk} takes back {row.amount} of payment {first.pk}"


# --------------------------------------------------------------------------- papers on their way


def _reminders() -> Iterator[str]:
    keys = set(OutboxMessage.objects.filter(kind="reminder").values_list("key", flat=True))
    serials: Counter[int] = Counter()
    for row in Reminder.objects.order_by("invoice", "serial").select_related("invoice"):
        name = f"reminder {row.invoice.number}/{row.serial}"
        serials[row.invoice_id] += 1
        if row.serial != serials[row.invoice_id]:
            yield f"{name}: one before it is missing"
        if _sum(row.content) != row.content_hash:
            yield f"{name}: its content is not what was sent"
            continue
        paper = ReminderDocument.from_canonical(row.content)
        columns = (row.principal, row.interest, row.compensation, row.fee, row.total)
        if columns != (paper.principal, paper.interest, paper.compensation, paper.fee, paper.total):
            yield f"{name}: the paper says {paper.total}, the books {row.total}"
        asked = row.interest + row.compensation + row.fee - paper.charges_paid
        if row.total != row.principal + max(ZERO, asked):
            yield f"{name}: its sums do not give {row.total}"
        if f"reminder:{row.invoice.number}:{row.serial}" not in keys:
            yield f"{name} was never put on its way"


def _deliveries() -> Iterator[str]:
    """An invoice that says sent is on its way once, or somebody can see that it failed."""
    live: Counter[str] = Counter()
    failed: set[str] = set()
    rows = OutboxMessage.objects.filter(attachment_kind__in=("invoice", delivery.KIND))
    for ref, state in rows.values_list("attachment_ref", "state"):
        if state in STUCK:
            failed.add(ref)
        else:
            live[ref] += 1
    for invoice in Invoice.objects.filter(number__isnull=False).only("ref", "number", "sent_at"):
        ref = str(invoice.ref)
        if live[ref] > 1:
            yield f"invoice {invoice.number} is sent {live[ref]} times"
        if invoice.sent_at and not live[ref] and ref not in failed:
            yield f"invoice {invoice.number} says sent and was never put on its way"
        if invoice.sent_at is None and live[ref]:
            yield f"invoice {invoice.number} is on its way and does not say sent"
    late = Invoice.objects.filter(status=InvoiceStatus.SENT, sent_at=None)
    for invoice in late:
        yield f"invoice {invoice.number} is sent without a time"


def _einvoices() -> Iterator[str]:
    messages = OutboxMessage.objects.filter(kind=delivery.KIND)
    states = dict(messages.values_list("key", "state"))
    # A person may say that an e-invoice without a receipt has arrived.
    by_hand = set(AuditEvent.objects.filter(verb="message.confirmed").values_list("ref", flat=True))
    confirmed = {key for pk, key in messages.values_list("pk", "key") if str(pk) in by_hand}
    received: Counter[int] = Counter()
    newest: dict[int, int] = defaultdict(int)
    rows = list(EInvoice.objects.order_by("invoice", "attempt").select_related("invoice"))
    for row in rows:
        newest[row.invoice_id] = max(newest[row.invoice_id], row.attempt)
    for row in rows:
        name, state = f"e-invoice {row.invoice.number}/{row.attempt}", states.get(row.message_key)
        received[row.invoice_id] += bool(row.receipt)
        if _sum(bytes(row.content)) != row.content_hash:
            yield f"{name}: its content is not what was made"
        if state is None:
            yield f"{name} was never put on its way"
        if state == OutboxState.SENT and not (row.receipt or row.message_key in confirmed):
            yield f"{name} says sent and has no receipt"
        if row.attempt < newest[row.invoice_id] and state not in STUCK:
            yield f"{name} is {state} and a later one was made"
        if received[row.invoice_id] > 1:
            yield f"{name}: the invoice was received twice"


# --------------------------------------------------------------------------- subsidies


def _subsidies() -> Iterator[str]:
    """Every approved minute of a subsidised contract is under one decision or told as not."""
    # The sums are the same on any day: the day only tells which decisions end soon.
    book = subsidy.ledger(User(role=Role.ADMIN), date.min)
    told = sum(row.total_min for row in book.rows)
    funders = sum(n for months in book.by_funder.values() for n in months.values())
    hours = HourEntry.objects.filter(
        engagement_kind=subsidy.SUBSIDISED, status__in=subsidy.SETTLED
    ).aggregate(t=Sum("work_min"))["t"]
    if not told + book.uncovered_min == funders + book.uncovered_min == (hours or 0):
        yield f"subsidies: {told} min under decisions, {funders} by funder, {hours} approved"
    last: dict[int, SubsidyDecision] = {}
    rows = SubsidyDecision.objects.select_related("engagement")
    for row in rows.order_by("engagement__worker", "starts_on", "pk"):
        worker = row.engagement.worker_id
        before = last.get(worker)
        if before and before.ends_on >= row.starts_on:
            yield f"subsidy decisions {before.decision_no} and {row.decision_no} share days"
        if before is None or row.ends_on > before.ends_on:
            last[worker] = row
