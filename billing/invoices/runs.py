"""The month run: many drafts issued and sent, each by itself, going on where it was cut off.

A run is rows that are written before the first draft is touched. Each step of a row is one
transaction that the invoice's own state guards, so a run that is killed anywhere, or worked by two
processes at once, issues and sends each invoice exactly once when it goes on.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django_q.tasks import async_task

from accounts.models import User
from billing.invoices import services
from billing.models import Invoice
from billing.models.invoices import InvoiceRun, InvoiceRunRow
from billing.models.lifecycle import InvoiceStatus
from core.violations import RuleBroken, Severity, Violation

# As many as a person can wait for; a larger run is worked by the queue.
AT_ONCE = 20
# The queue cuts a task off at 60 s; the schedule goes on with what is left.
BUDGET_S = 40.0
LEASE = timedelta(seconds=90)
State = InvoiceRunRow.State
DONE = (InvoiceStatus.SENT, InvoiceStatus.PAID, InvoiceStatus.CREDITED)


def start(drafts: Iterable[Invoice], *, by: User, now: datetime) -> InvoiceRun | None:
    """Write the rows of a run; None when there is nothing to run."""
    chosen = list(drafts)
    if not chosen:
        return None
    with transaction.atomic():
        run = InvoiceRun.objects.create(created_by=by, created_at=now)
        InvoiceRunRow.objects.bulk_create(
            InvoiceRunRow(run=run, invoice=draft, name=draft.customer.name) for draft in chosen
        )
    return run


def work(run: InvoiceRun, *, now: datetime, budget_s: float | None = None) -> int:
    """Do what is left of a run, for so many seconds at most; how many rows are still waiting.

    Somebody who works at the same run right now is left alone.
    """
    began = time.monotonic()
    free = Q(beat_at__isnull=True) | Q(beat_at__lt=now - LEASE)
    if not InvoiceRun.objects.filter(free, pk=run.pk, finished_at=None).update(beat_at=now):
        return run.rows.filter(state=State.WAITING).count()
    for row in run.rows.filter(state=State.WAITING).select_related("invoice__customer"):
        spent = time.monotonic() - began
        if budget_s is not None and spent > budget_s:
            break
        _work_row(row, by=run.created_by, now=now)
        InvoiceRun.objects.filter(pk=run.pk).update(beat_at=now + timedelta(seconds=spent))
    left = run.rows.filter(state=State.WAITING).count()
    finished = None if left else now + timedelta(seconds=time.monotonic() - began)
    InvoiceRun.objects.filter(pk=run.pk).update(beat_at=None, finished_at=finished)
    return left


def _work_row(row: InvoiceRunRow, *, by: User, now: datetime) -> None:
    invoice = row.invoice
    if invoice is None:
        # The draft was thrown away meanwhile.
        _close(row, State.FAILED, [["invoice_not_draft", "", {}]])
        return
    try:
        if invoice.status == InvoiceStatus.DRAFT:
            invoice = services.issue_invoice(invoice, by=by, now=now)
        if invoice.status == InvoiceStatus.ISSUED:
            services.send_invoice(invoice, by=by, now=now)
        _close(row, State.SENT, [])
    except RuleBroken as error:
        status = Invoice.objects.values_list("status", flat=True).get(pk=invoice.pk)
        if status in DONE:
            _close(row, State.SENT, [])
            return
        state = State.FAILED if status == InvoiceStatus.DRAFT else State.ISSUED
        _close(row, state, [[v.code, v.subject, dict(v.numbers)] for v in error.violations])


def _close(row: InvoiceRunRow, state: str, problems: list[list[object]]) -> None:
    row.state, row.problems = state, problems
    row.save(update_fields=["state", "problems"])


def problems_of(row: InvoiceRunRow) -> list[Violation]:
    """Why a row did not get to the end."""
    return [
        Violation(code, Severity.HARD, subject, numbers) for code, subject, numbers in row.problems
    ]


def ring(run: InvoiceRun) -> None:
    """Ask the queue to begin now; the schedule would within a minute."""
    transaction.on_commit(
        lambda: async_task("billing.tasks.continue_runs", save=False), robust=True
    )


def continue_all(now: datetime) -> int:
    """Go on with every run that is not finished; how many rows are still waiting."""
    began, left = time.monotonic(), 0
    for run in InvoiceRun.objects.filter(finished_at=None).order_by("pk"):
        rest = BUDGET_S - (time.monotonic() - began)
        if rest <= 0:
            break
        left += work(run, now=now, budget_s=rest)
    return left
