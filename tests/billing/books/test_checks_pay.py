"""check_books of pay, subsidies, reminders, deliveries and credits: each planted fault is found."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import override_settings

from accounts.models import Role
from billing.dunning import services as dunning
from billing.hours import services as hours
from billing.invoices import credit_notes, delivery, services, settlement
from billing.models import EInvoice, Invoice, InvoiceLine
from billing.models.payments import Payment, Reminder
from billing.models.payroll import PayrollBatch, PayrollFile, PayrollRow, SubsidyDecision
from billing.payroll import services as payroll
from core import guards, outbox
from core.book_checks import broken_invariants
from core.models import OutboxMessage
from orders.models import Customer
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING
from tests.worlds import made_once

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
LATER = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


def _month() -> None:
    """A month paid, billed, part credited, reminded of and sent as mail and as e-invoice."""
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(
            EINVOICE_FOLDER=Path(folder) / "out",
            EINVOICE_BACKEND="billing.invoices.delivery.FolderBackend",
        ),
    ):
        _sell_and_send()


def _sell_and_send() -> None:
    builders.organisation(e_invoice_address="003720774740", e_invoice_operator="003723327487")
    finance = builders.user(Role.FINANCE)
    for half in (date(2026, 7, 1), date(2027, 1, 1)):
        dunning.enter_rate(half, Decimal("2.5"), source="Suomen Pankki", by=finance, now=BILLING)
    workers = [
        builders.worker(payroll_no="7001"),
        builders.worker(payroll_no="7002", engagement="pay_subsidy"),
    ]
    SubsidyDecision.objects.create(
        engagement=workers[1].engagements.get(),
        funder="Imatra",
        decision_no="I-1",
        starts_on=FIRST,
        ends_on=LAST,
        percent=Decimal(50),
    )
    mail = builders.customer()
    network = builders.customer(
        invoice_channel="finvoice", e_invoice_address="003701120389", e_invoice_operator="NDEAFIHH"
    )
    for n in range(4):
        order = world.order(
            customer=(mail, network)[n % 2], on=world.THURSDAY - timedelta(days=7 * (n // 2))
        )
        world.approved(order, worker=workers[n % 2], by=finance)
    payroll.export(FIRST, LAST, by=finance, now=BILLING)
    for draft in services.make_drafts([mail.pk, network.pk], until=LAST, by=finance, now=BILLING):
        invoice = services.issue_invoice(draft, by=finance, now=BILLING)
        services.send_invoice(invoice, by=finance, now=BILLING)
        key = credit_notes.rows_of(invoice)[0].key
        services.credit_invoice(invoice, by=finance, now=BILLING, reason="Virhe", rows=[key])
        paid = settlement.enter_payment(
            invoice, amount=Decimal(9), on=BILLING.date(), by=finance, now=BILLING
        )
        settlement.take_back_payment(paid, by=finance, now=BILLING, note="Väärä")
    outbox.deliver_due(BILLING + timedelta(minutes=1))
    first = Invoice.objects.get(customer=mail, kind="invoice")
    dunning.send_reminder(first, by=finance, now=BILLING + timedelta(days=30))


books = made_once(_month)


def test_books_of_a_whole_month_are_in_order(books: None) -> None:
    assert broken_invariants() == []
    for model in (PayrollRow, Reminder, EInvoice, SubsidyDecision, Payment):
        assert model.objects.exists(), model  # type: ignore[attr-defined]


def test_correction_that_payroll_has_yet_to_hear_of_is_no_fault() -> None:
    """What waits for the next export is told by the pay page; the books are right meanwhile."""
    finance = builders.user(Role.FINANCE)
    entry = world.approved(worker=builders.worker(payroll_no="7001"))
    for minutes in (100, 300, 20):
        payroll.export(FIRST, LAST, by=finance, now=BILLING)
        entry = hours.correct_hours(
            entry,
            started_at=entry.started_at,
            ended_at=entry.started_at + timedelta(minutes=minutes),
            break_min=0,
            by=None,
            now=BILLING,
            note="Muutos",
        )
        assert broken_invariants() == []
        hours.approve_hours([entry], by=None, now=BILLING, as_="finance")
        assert broken_invariants() == []
    payroll.export(FIRST, LAST, by=finance, now=BILLING)
    assert world.exported_min(FIRST, LAST) == 20
    assert broken_invariants() == []


def _copy_of_a_row() -> PayrollRow:
    row = PayrollRow.objects.order_by("pk")[0]
    row.pk, row.position = None, 99  # type: ignore[assignment]
    return row


def _exported_twice() -> None:
    """A second batch with the minutes of the first, in a chain that looks right."""
    row, batch = _copy_of_a_row(), PayrollBatch.objects.get()
    again = PayrollBatch.objects.create(
        number=2, first_on=FIRST, last_on=LAST, minutes=row.minutes, rows_count=1,
        content_hash="x", previous_hash=batch.content_hash, created_at=BILLING,
    )  # fmt: skip
    row.batch, row.position = again, 1
    row.save()


def _row_added() -> None:
    _copy_of_a_row().save()


def _row_lost() -> None:
    guards.drop(only="payrollrow_append_only")
    PayrollRow.objects.order_by("pk")[0].delete()


def _payroll_minutes() -> None:
    guards.drop(only="payrollrow_append_only")
    PayrollRow.objects.update(minutes=F("minutes") - 1)
    guards.drop(only="payrollbatch_append_only")
    PayrollBatch.objects.update(minutes=F("minutes") - PayrollRow.objects.count())


def _chain_of_batches() -> None:
    guards.drop(only="payrollbatch_append_only")
    PayrollBatch.objects.update(previous_hash="0")


def _payroll_file() -> None:
    guards.drop(only="payrollfile_append_only")
    PayrollFile.objects.filter(format="netvisor").update(content=b"other")


def _trial_paid() -> None:
    guards.drop(only="payrollrow_append_only")
    PayrollRow.objects.update(engagement_kind="work_trial")


def _never_approved() -> None:
    row = PayrollRow.objects.order_by("pk")[0]
    type(row.entry).objects.filter(pk=row.entry_id).update(approved_at=None)


def _credited_more() -> None:
    guards.drop(only="invoice_line_frozen")
    InvoiceLine.objects.filter(credits__isnull=False).update(work_min=F("work_min") * 3)


def _credit_of_another() -> None:
    guards.drop(only="invoice_line_frozen")
    line = InvoiceLine.objects.filter(credits__isnull=False)[0]
    other = InvoiceLine.objects.filter(invoice__kind="invoice", credited_by=None).exclude(
        invoice=line.invoice.original
    )[0]
    InvoiceLine.objects.filter(pk=line.pk).update(credits=other)


def _payment_half_undone() -> None:
    guards.drop(only="payment_append_only")
    Payment.objects.filter(reverses__isnull=False).update(amount=Decimal(-4))


def _reminder_sum() -> None:
    guards.drop(only="reminder_append_only")
    Reminder.objects.update(total=F("total") + 1)


def _reminder_paper() -> None:
    guards.drop(only="reminder_append_only")
    Reminder.objects.update(content="{}")


def _reminder_lost() -> None:
    OutboxMessage.objects.filter(kind="reminder").delete()


def _mail_lost() -> None:
    OutboxMessage.objects.filter(kind="invoice").delete()


def _mail_twice() -> None:
    row = OutboxMessage.objects.get(kind="invoice")
    row.pk, row.key = None, "another"  # type: ignore[assignment]
    row.save()


def _sent_early() -> None:
    Invoice.objects.filter(kind="invoice").update(sent_at=None, status="issued")


def _einvoice_lost() -> None:
    OutboxMessage.objects.filter(kind=delivery.KIND).delete()


def _no_receipt() -> None:
    EInvoice.objects.update(receipt="")


def _einvoice_bytes() -> None:
    guards.drop(only="einvoice_frozen")
    EInvoice.objects.update(content=b"<other/>")


def _einvoice_twice() -> None:
    row = EInvoice.objects.get()
    row.pk, row.attempt, row.message_key = None, 2, "another"  # type: ignore[assignment]
    row.save()


def _subsidy_twice() -> None:
    row = SubsidyDecision.objects.get()
    SubsidyDecision.objects.create(
        engagement=row.engagement,
        funder="Imatra",
        decision_no="I-2",
        starts_on=FIRST + timedelta(days=3),
        ends_on=LAST,
        percent=Decimal(50),
    )


FAULTS: list[tuple[Callable[[], None], str]] = [
    (_exported_twice, "min exported to payroll of"),
    (_row_added, "rows give"),
    (_row_lost, "tells other rows than the export has"),
    (_payroll_minutes, "tells other rows than the export has"),
    (_chain_of_batches, "the chain does not go on"),
    (_payroll_file, "not what was exported"),
    (_trial_paid, "is paid without a decision"),
    (_never_approved, "was never approved"),
    (_credited_more, "more are credited than were billed"),
    (_credit_of_another, "does not take back a row of its own invoice"),
    (_payment_half_undone, "takes back -4"),
    (_reminder_sum, "the paper says"),
    (_reminder_paper, "not what was sent"),
    (_reminder_lost, "was never put on its way"),
    (_mail_lost, "says sent and was never put on its way"),
    (_mail_twice, "is sent 2 times"),
    (_sent_early, "does not say sent"),
    (_einvoice_lost, "was never put on its way"),
    (_no_receipt, "has no receipt"),
    (_einvoice_bytes, "not what was made"),
    (_einvoice_twice, "was received twice"),
    (_subsidy_twice, "share days"),
]


@pytest.mark.parametrize(("breaks", "says"), FAULTS)
def test_planted_fault_is_named(books: None, breaks: Callable[[], None], says: str) -> None:
    """Guarantee 6: whoever gets past the guards is seen by the books."""
    breaks()
    assert any(says in line for line in broken_invariants()), broken_invariants()
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("check_books", stdout=out)
    assert says in out.getvalue()


def test_receipt_that_a_person_vouches_for_is_no_fault(books: None) -> None:
    EInvoice.objects.update(receipt="")
    message = OutboxMessage.objects.get(kind=delivery.KIND)
    OutboxMessage.objects.filter(pk=message.pk).update(state="unknown")
    message.refresh_from_db()
    outbox.settle(message, delivered=True, by=builders.user(), now=LATER)
    assert broken_invariants() == []


def test_failed_delivery_is_told_once_and_by_the_outbox(books: None) -> None:
    """A failure that somebody can see is not a second fault."""
    EInvoice.objects.update(receipt="")
    OutboxMessage.objects.filter(kind=delivery.KIND).update(state="dead", error="HTTP 422")
    assert broken_invariants() == []
    OutboxMessage.objects.filter(state="pending").update(state="sent")
    found = broken_invariants(LATER)
    assert len(found) == 1
    assert "HTTP 422" in found[0]
    assert Customer.objects.count() == 2
