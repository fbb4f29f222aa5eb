"""Reminders of payment: when the law allows one, what it asks for, and sending it once."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import Organisation, User
from billing.invoices.settlement import Balance, balance_of, lock_invoice
from billing.models import Invoice
from billing.models.lifecycle import InvoiceStatus
from billing.models.payments import Payment, ReferenceRate, Reminder, ReminderTerms
from billing.rules.document import InvoiceDocument
from billing.rules.late_interest import RateMissing, half_year, interest, spans
from billing.rules.reminder_document import ReminderDocument
from core import audit, outbox
from core.holidays import holidays_between
from core.languages import Language
from core.violations import RuleBroken
from core.zone import local_date
from orders.models import Customer

DATA = Path(__file__).parents[1] / "data"
SATURDAY = 5
KIND = "reminder"


# --------------------------------------------------------------------------- dated figures


@lru_cache(maxsize=1)
def _shipped_rates() -> dict[date, Decimal]:
    with (DATA / "reference_rates.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter=";")
        return {date.fromisoformat(r["valid_from"]): Decimal(r["percent"]) for r in rows}


def rates() -> dict[date, Decimal]:
    """Reference rate by the first day of its half-year; what was entered beats what is shipped."""
    entered = ReferenceRate.objects.order_by("pk").values_list("valid_from", "percent")
    return {**_shipped_rates(), **dict(entered)}


def enter_rate(
    half: date, percent: Decimal, *, source: str, by: User | None, now: datetime
) -> ReferenceRate:
    """Enter the reference rate of a half-year, with where it comes from.

    Raises:
        RuleBroken: rate_half (not the first day of a half-year), rate_percent, rate_source.
    """
    if half != half_year(half):
        raise RuleBroken.of("rate_half")
    # The law rounds it up to the next half per cent.
    if not 0 <= percent <= 30 or percent * 2 != int(percent * 2):
        raise RuleBroken.of("rate_percent")
    if not source.strip():
        raise RuleBroken.of("rate_source")
    with transaction.atomic():
        row = ReferenceRate.objects.create(
            valid_from=half,
            percent=percent,
            source=source.strip()[:200],
            created_by=by,
            created_at=now,
        )
        audit.record(
            "rate.entered",
            kind="rate",
            ref=half,
            by=by,
            now=now,
            reason=source,
            after={"percent": percent},
        )
    return row


@dataclass(frozen=True)
class Terms:
    """What a kind of customer may be asked for, and when."""

    customer_kind: str
    valid_from: date
    margin_pct: Decimal
    compensation: Decimal
    fee: Decimal
    first_after_days: int
    next_after_days: int
    pay_within_days: int


@lru_cache(maxsize=1)
def _shipped_terms() -> tuple[Terms, ...]:
    with (DATA / "reminder_terms.csv").open(encoding="utf-8") as file:
        return tuple(
            Terms(
                r["customer_kind"],
                date.fromisoformat(r["valid_from"]),
                Decimal(r["margin_pct"]),
                Decimal(r["compensation"]),
                Decimal(r["fee"]),
                int(r["first_after_days"]),
                int(r["next_after_days"]),
                int(r["pay_within_days"]),
            )
            for r in csv.DictReader(file, delimiter=";")
        )


def terms_for(kind: str, on: date) -> Terms:
    """The terms in force for a kind of customer; a row of the settings beats a shipped one.

    Raises:
        RuleBroken: reminder_terms (none is in force).
    """
    names = list(Terms.__dataclass_fields__)
    own = (Terms(*row) for row in ReminderTerms.objects.order_by("pk").values_list(*names))
    fitting = [
        t for t in (*_shipped_terms(), *own) if t.customer_kind == kind and t.valid_from <= on
    ]
    if not fitting:
        raise RuleBroken.of("reminder_terms")
    # The last one of the latest day: max() would give the first.
    return max(reversed(fitting), key=lambda t: t.valid_from)


def pay_day(on: date) -> date:
    """The day itself, or the next banking day: a debt may be paid then without interest."""
    holidays, eves = holidays_between(on, on + timedelta(days=14))
    while on.weekday() >= SATURDAY or on in holidays or on in eves:
        on += timedelta(days=1)
    return on


# --------------------------------------------------------------------------- one reminder


def allowed_from(invoice: Invoice) -> date:
    """The first day on which the next reminder may go; see the terms.

    Raises:
        RuleBroken: reminder_not_possible, reminder_terms.
    """
    if invoice.due_on is None:
        raise RuleBroken.of("reminder_not_possible")
    last = invoice.reminders.order_by("-serial").first()
    terms = terms_for(invoice.customer.kind, invoice.due_on)
    if last is None:
        return pay_day(invoice.due_on) + timedelta(days=terms.first_after_days)
    # Who was given days to pay is not reminded before they are over.
    waits = last.made_on + timedelta(days=terms.next_after_days)
    return max(waits, pay_day(last.due_on) + timedelta(days=1))


def draft_reminder(invoice: Invoice, *, now: datetime) -> ReminderDocument:
    """What a reminder made now would say; writes nothing.

    Raises:
        RuleBroken: reminder_not_possible (not sent, nothing open), reminder_too_early,
            reminder_terms, rate_missing (with the half-year), organisation_missing,
            customer_invoice_email.
    """
    today = local_date(now)
    balance = balance_of(invoice)
    _check(invoice, balance, today)
    seller = Organisation.objects.first()
    if seller is None:
        raise RuleBroken.of("organisation_missing")
    original = InvoiceDocument.from_canonical(invoice.content)
    terms = terms_for(invoice.customer.kind, original.due_on)
    due = pay_day(original.due_on)
    owed = balance.gross - balance.credited
    try:
        found = spans(
            owed,
            _payments(invoice),
            due_on=due,
            until=today,
            rates=rates(),
            margin_pct=terms.margin_pct,
        )
    except RateMissing as gap:
        raise RuleBroken.of("rate_missing", half=gap.half.isoformat()) from gap
    serial = invoice.reminders.count() + 1
    extra = interest(found)
    fee = terms.fee * serial
    charges = extra + terms.compensation + fee
    return ReminderDocument(
        language=Language(invoice.customer.language).document,
        serial=serial,
        made_on=today,
        due_on=pay_day(today + timedelta(days=terms.pay_within_days)),
        seller=original.seller,
        buyer=original.buyer,
        customer_no=original.customer_no,
        number=original.number,
        issued_on=original.issued_on,
        invoice_due_on=original.due_on,
        gross=balance.gross,
        credited=balance.credited,
        paid=balance.paid,
        principal=balance.open,
        spans=tuple(found),
        interest=extra,
        compensation=terms.compensation,
        fee=fee,
        charges_paid=balance.charges_paid,
        total=balance.open + max(Decimal(0), charges - balance.charges_paid),
        iban=seller.iban.replace(" ", ""),
        bic=seller.bic,
        reference=original.reference,
        business=invoice.customer.kind != Customer.Kind.ASSOCIATION,
    )


def _payments(invoice: Invoice) -> list[tuple[date, Decimal]]:
    rows = invoice.payments.exclude(kind=Payment.Kind.CHARGES)
    return list(rows.values_list("paid_on", "amount"))


def _check(invoice: Invoice, balance: Balance, today: date) -> None:
    possible = invoice.kind == Invoice.Kind.INVOICE and invoice.status == InvoiceStatus.SENT
    if not possible or balance.open <= 0:
        raise RuleBroken.of("reminder_not_possible", status=str(invoice.status))
    if not invoice.customer.invoice_email:
        raise RuleBroken.of("customer_invoice_email", invoice.customer.name)
    allowed = allowed_from(invoice)
    if today < allowed:
        raise RuleBroken.of("reminder_too_early", on=allowed.isoformat())


def send_reminder(invoice: Invoice, *, by: User | None, now: datetime) -> Reminder:
    """Freeze the reminder and put it in the outbox, once.

    Raises:
        RuleBroken: as `draft_reminder`.
    """
    with transaction.atomic():
        invoice = lock_invoice(invoice)
        document = draft_reminder(invoice, now=now)
        content = document.canonical()
        reminder = Reminder.objects.create(
            invoice=invoice, serial=document.serial, made_on=document.made_on,
            due_on=document.due_on, principal=document.principal, interest=document.interest,
            compensation=document.compensation, fee=document.fee, total=document.total,
            content=content, content_hash=hashlib.sha256(content.encode()).hexdigest(),
            created_by=by, created_at=now,
        )  # fmt: skip
        _enqueue(reminder, document, now=now)
        audit.record(
            "invoice.reminded",
            kind="invoice",
            ref=invoice.ref,
            by=by,
            now=now,
            after={"serial": document.serial, "total": document.total},
        )
    return reminder


def _enqueue(reminder: Reminder, document: ReminderDocument, *, now: datetime) -> None:
    customer = reminder.invoice.customer
    with translation.override(document.language):
        text = render_to_string(
            "messages/payment_reminder.txt",
            {"doc": document, "customer": customer, "organisation": Organisation.objects.first()},
        )
    subject, _, body = text.strip().partition("\n")
    outbox.enqueue(
        f"reminder:{reminder.invoice.number}:{reminder.serial}", kind=KIND,
        to=customer.invoice_email, language=document.language, subject=subject,
        body=body.strip(), now=now, attachment_kind=KIND, attachment_ref=str(reminder.ref),
        resend_if_unknown=False,
    )  # fmt: skip


def document_of(reminder: Reminder) -> ReminderDocument:
    """The frozen paper of a reminder.

    Raises:
        RuleBroken: reminder_changed (its content is not what was sent).
    """
    if hashlib.sha256(reminder.content.encode()).hexdigest() != reminder.content_hash:
        raise RuleBroken.of("reminder_changed", str(reminder.invoice.number))
    return ReminderDocument.from_canonical(reminder.content)


def pdf_name(reminder: Reminder) -> str:
    return f"askare-reminder-{reminder.invoice.number}-{reminder.serial}.pdf"


def reminder_attachment(ref: str) -> tuple[str, bytes, str]:
    """For the outbox: the PDF by the reminder's ref."""
    from billing.papers.pdf.reminder import render_reminder  # noqa: PLC0415 - loads reportlab

    reminder = Reminder.objects.select_related("invoice").get(ref=ref)
    return pdf_name(reminder), render_reminder(document_of(reminder)), "application/pdf"


# --------------------------------------------------------------------------- many


@dataclass(frozen=True)
class Proposal:
    """A reminder as it would be, or why there is none."""

    invoice: Invoice
    document: ReminderDocument | None
    error: RuleBroken | None = None


def proposals(invoices: Iterable[Invoice], *, now: datetime) -> list[Proposal]:
    """A proposal for each invoice; nothing is written."""
    found = []
    for invoice in invoices:
        try:
            found.append(Proposal(invoice, draft_reminder(invoice, now=now)))
        except RuleBroken as error:
            found.append(Proposal(invoice, None, error))
    return found


def missing_halves(of: Iterable[Proposal]) -> list[date]:
    """Half-years for which somebody must enter the reference rate."""
    halves = {
        date.fromisoformat(str(v.numbers["half"]))
        for proposal in of
        if proposal.error
        for v in proposal.error.violations
        if v.code == "rate_missing"
    }
    return sorted(halves)
