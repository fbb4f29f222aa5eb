"""Invoices: drafts from approved hours, issue, sending, payment, credit."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import Organisation, User
from billing.hours import rounding_versions
from billing.hours.billable import refuse_unbillable
from billing.hours.status import move_all_hours, move_minutes
from billing.invoices import credit_notes, delivery, settlement
from billing.invoices.document import freeze, pdf_of
from billing.invoices.line_texts import line_text
from billing.invoices.prices import (
    Tariffs,
    bill_result,
    done_of,
    missing_for_invoice,
    price_of,
    sale_done,
)
from billing.invoices.status import move_invoice, possible
from billing.invoices.vat import vat_rows
from billing.models import HourEntry, Invoice, InvoiceLine
from billing.models.invoices import InvoiceSplit
from billing.models.lifecycle import (
    BillAction,
    BillState,
    HourAction,
    HourStatus,
    InvoiceAction,
    InvoiceStatus,
)
from billing.rules.barcode import LARGEST, finnish_account
from billing.rules.document import CREDIT_NOTE
from billing.rules.reference import make_reference
from billing.rules.vat import totals
from core import audit, outbox
from core.counters import lock_series, next_number
from core.languages import Language
from core.violations import RuleBroken
from core.zone import local_date
from orders.models import Customer
from orders.rules.customer_card import Channel
from orders.rules.pricing import quantity_h
from orders.rules.vat_treatment import HOME, Why, treatment

FIRST_INVOICE_NO = 1000
FIRST_CREDIT_NO = 9000
# What a draft gets when it is issued, in the step that makes it so.
ISSUED_FIELDS = (
    "number", "issued_on", "due_on", "reference", "previous_hash", "content", "content_hash",
    "open_sum",
)  # fmt: skip


# --------------------------------------------------------------------------- drafts


def make_drafts(
    customer_ids: Iterable[int], *, until: date, by: User | None, now: datetime
) -> list[Invoice]:
    """Drafts of every approved hour not yet billed up to `until`, split as each customer wants.

    The hours on a draft are locked; `discard_draft` lets them go. A customer for whom a price is
    missing raises; nothing of that call is written.

    Raises:
        RuleBroken: price_missing.
    """
    drafts: list[Invoice] = []
    with transaction.atomic():
        for pk in sorted(set(customer_ids)):
            customer = Customer.objects.get(pk=pk)
            for reference, entries in _split(customer, billable(customer, until)):
                drafts.append(_draft(customer, reference, entries, by=by, now=now))
    return drafts


def set_invoice_split(customer: Customer, split: str, *, by: User | None, now: datetime) -> None:
    """Keep how a customer wants its invoices split; drafts that are made already stay."""
    with transaction.atomic():
        before = InvoiceSplit.objects.filter(customer=customer).first()
        InvoiceSplit.objects.update_or_create(customer=customer, defaults={"split": split})
        audit.record(
            "customer.invoice_split",
            kind="customer",
            ref=customer.ref,
            by=by,
            now=now,
            before={"split": before and before.split},
            after={"split": split},
        )


def _split(customer: Customer, entries: Iterable[HourEntry]) -> list[tuple[str, list[HourEntry]]]:
    """Reference and hours of each invoice, split as the customer wants it.

    An invoice of several references says none of them: its rows do.
    """
    chosen = InvoiceSplit.objects.filter(customer=customer).first()
    split = chosen.split if chosen else InvoiceSplit.By.REFERENCE
    groups: dict[tuple[str, int, bool], list[HourEntry]] = defaultdict(list)
    for entry in entries:
        order = entry.assignment.order
        key = {
            InvoiceSplit.By.CUSTOMER: ("", 0),
            InvoiceSplit.By.SITE: ("", order.site_id),
        }.get(InvoiceSplit.By(split), (order.customer_reference, 0))
        # Both reverse charges on one invoice would need two VAT numbers of the buyer.
        construction = treatment(sale_done(done_of(entry)))[1] == Why.CONSTRUCTION
        groups[*key, construction and customer.country != HOME].append(entry)
    found = []
    for _key, rows in sorted(groups.items()):
        references = {entry.assignment.order.customer_reference for entry in rows}
        found.append((references.pop() if len(references) == 1 else "", rows))
    return found


def billable(customer: Customer, until: date) -> list[HourEntry]:
    """Approved and unbilled entries of a customer, in order of work."""
    return list(
        HourEntry.objects.filter(
            assignment__order__customer=customer,
            status=HourStatus.APPROVED,
            bill_state=BillState.UNBILLED,
            works_on__lte=until,
        )
        .select_related(
            "assignment__worker",
            "assignment__order__customer",
            "assignment__order__site",
            "assignment__order__task_type",
        )
        .order_by("works_on", "started_at", "id")
    )


def _draft(
    customer: Customer,
    reference: str,
    entries: list[HourEntry],
    *,
    by: User | None,
    now: datetime,
) -> Invoice:
    move_all_hours(entries, HourAction.LOCK, by=by, now=now, bill_state=BillState.UNBILLED)
    invoice = Invoice.objects.create(
        customer=customer, customer_reference=reference, created_at=now
    )
    lines: list[InvoiceLine] = []
    language = Language(customer.language).document
    tariffs = Tariffs()
    refuse_unbillable(entries)
    results = [(entry, *bill_result(done_of(entry), tariffs)) for entry in entries]
    rounding_versions.keep(results, now=now)
    for entry in entries:
        price = price_of(entry, tariffs)
        order = entry.assignment.order
        for n, priced in enumerate(price.charged):
            lines.append(
                InvoiceLine(
                    invoice=invoice,
                    position=len(lines) + 1,
                    order=order,
                    hour_entry=entry,
                    performed_on=entry.works_on,
                    text=line_text(priced, order, language)[:200],
                    quantity=quantity_h(priced.minutes),
                    unit_net=priced.unit_net,
                    net=priced.net - priced.discount,
                    discount=priced.discount,
                    discount_pct=price.discount_pct,
                    vat_code=price.vat_code,
                    vat_why=price.vat_why,
                    vat_pct=price.vat_pct,
                    # The minutes stand on the base line alone, so that they add up.
                    work_min=entry.work_min if n == 0 else 0,
                    tariff_ref=price.tariff_ref,
                )
            )
    InvoiceLine.objects.bulk_create(lines)
    _set_totals(invoice, lines)
    _event(invoice, "drafted", by=by, now=now, after={"net": invoice.net, "lines": len(lines)})
    return invoice


def _set_totals(invoice: Invoice, lines: Iterable[InvoiceLine]) -> None:
    found = totals(vat_rows(invoice, lines))
    invoice.net, invoice.vat, invoice.gross = found.net, found.vat, found.gross
    invoice.save(update_fields=["net", "vat", "gross"])


def discard_draft(invoice: Invoice, *, by: User | None, now: datetime) -> None:
    """Throw a draft away and let its hours go.

    Raises:
        RuleBroken: invoice_not_draft.
    """
    with transaction.atomic():
        invoice = Invoice.objects.get(pk=invoice.pk)
        if invoice.status != InvoiceStatus.DRAFT:
            raise RuleBroken.of("invoice_not_draft")
        on_it = invoice.lines.exclude(hour_entry=None).values("hour_entry")
        entries = HourEntry.objects.filter(pk__in=on_it).select_related("assignment__order")
        move_all_hours(list(entries.order_by("pk")), HourAction.RELEASE, by=by, now=now)
        _event(invoice, "discarded", by=by, now=now, before={"net": invoice.net})
        invoice.lines.all().delete()
        invoice.delete()


# --------------------------------------------------------------------------- issue


def issue_invoice(invoice: Invoice, *, by: User | None, now: datetime) -> Invoice:
    """Give number, date and reference, and freeze the content for ever.

    Raises:
        RuleBroken: organisation_missing, organisation_account, customer_* , invoice_empty,
            invoice_not_positive, invoice_not_draft.
    """
    with transaction.atomic():
        return _issue(invoice, by=by, now=now)


def _issue(invoice: Invoice, *, by: User | None, now: datetime) -> Invoice:
    seller = Organisation.objects.first()
    if seller is None:
        raise RuleBroken.of("organisation_missing")
    _check_account(seller)
    start = FIRST_CREDIT_NO if invoice.kind == Invoice.Kind.CREDIT_NOTE else FIRST_INVOICE_NO
    # First the lock, then everything that depends on what others have issued meanwhile.
    lock_series(invoice.series, start=start)
    invoice = Invoice.objects.select_related("customer", "original").get(pk=invoice.pk)
    customer = invoice.customer
    if invoice.status != InvoiceStatus.DRAFT:
        raise RuleBroken.of("invoice_not_draft")
    if missing := missing_for_invoice(customer):
        raise RuleBroken.of(missing[0], customer.name)
    lines = list(invoice.lines.select_related("order"))
    if not lines:
        raise RuleBroken.of("invoice_empty")
    credit = invoice.kind == Invoice.Kind.CREDIT_NOTE
    if not credit and invoice.gross <= 0:
        raise RuleBroken.of("invoice_not_positive")
    if abs(invoice.gross) > LARGEST:
        raise RuleBroken.of("invoice_too_large", customer.name)
    before = (
        Invoice.objects.filter(series=invoice.series, number__isnull=False)
        .order_by("-number")
        .first()
    )
    issued_on = local_date(now)
    if before and before.issued_on and before.issued_on > issued_on:
        # The clock of one machine went back: numbers and dates must run the same way.
        issued_on = before.issued_on
    number = next_number(invoice.series, start=start)
    invoice.number = number
    invoice.issued_on = issued_on
    invoice.due_on = issued_on + timedelta(days=customer.payment_term_days)
    invoice.reference = (
        invoice.original.reference
        if credit and invoice.original
        else make_reference(f"{_digits(customer.customer_no)}{number:06d}")
    )
    invoice.previous_hash = before.content_hash if before else ""
    document = freeze(invoice, lines, seller)
    invoice.content = document.canonical()
    invoice.content_hash = hashlib.sha256(
        f"{invoice.previous_hash}\n{invoice.content}".encode()
    ).hexdigest()
    invoice.open_sum = Decimal(0) if credit else invoice.gross
    move_invoice(
        invoice,
        InvoiceAction.ISSUE,
        {name: getattr(invoice, name) for name in ISSUED_FIELDS},
        by=by,
        now=now,
        verb="issued",
        after={"number": number, "gross": invoice.gross},
    )
    if not credit:
        move_minutes({x.hour_entry_id for x in lines if x.hour_entry_id}, BillAction.BILL)
    return invoice


def _check_account(seller: Organisation) -> None:
    """An issued invoice with a mistyped account could be neither printed nor paid."""
    try:
        finnish_account(seller.iban)
    except ValueError as error:
        raise RuleBroken.of("organisation_account") from error


def _digits(customer_no: str) -> str:
    found = "".join(c for c in customer_no if c.isascii() and c.isdigit())[:10]
    return found.lstrip("0") or "1"


# --------------------------------------------------------------------------- after the issue


def send_invoice(invoice: Invoice, *, by: User | None, now: datetime) -> Invoice:
    """Put the invoice in the outbox, once for ever: by e-mail, or as the customer's e-invoice.

    Raises:
        RuleBroken: customer_invoice_email, invoice_not_possible, einvoice_*.
    """
    with transaction.atomic():
        customer = invoice.customer
        if customer.invoice_channel != Channel.EMAIL:
            _send_einvoice(invoice, by=by, now=now)
            return invoice
        if not customer.invoice_email:
            raise RuleBroken.of("customer_invoice_email", customer.name)
        move_invoice(invoice, InvoiceAction.SEND, {"sent_at": now}, by=by, now=now)
        seller = Organisation.objects.first()
        language = Language(customer.language).document
        context = {"invoice": invoice, "customer": customer, "organisation": seller}
        with translation.override(language):
            text = render_to_string("messages/invoice.txt", context)
        subject, _, body = text.strip().partition("\n")
        outbox.enqueue(
            f"invoice:{invoice.series}:{invoice.number}:mail:1",
            kind="invoice",
            to=customer.invoice_email,
            language=language,
            subject=subject,
            body=body.strip(),
            now=now,
            attachment_kind="invoice",
            attachment_ref=str(invoice.ref),
            resend_if_unknown=False,
        )
        # Made from the frozen row, after the commit: nothing slow inside the transaction.
        transaction.on_commit(partial(pdf_of, invoice, store=True), robust=True)
    return invoice


def _send_einvoice(invoice: Invoice, *, by: User | None, now: datetime) -> None:
    """The first time, or again after the operator refused the last one for good."""
    if invoice.status == InvoiceStatus.SENT and delivery.may_send_again(invoice):
        _event(invoice, "sent_again", by=by, now=now)
    else:
        move_invoice(invoice, InvoiceAction.SEND, {"sent_at": now}, by=by, now=now)
    delivery.enqueue(invoice, now=now)


def credit_invoice(
    invoice: Invoice,
    *,
    by: User | None,
    now: datetime,
    reason: str,
    bill_again: bool = False,
    rows: Collection[int] | None = None,
) -> Invoice:
    """Credit rows of an invoice, or all that is left of it, by a credit note of its own series.

    `rows` are keys of `billing.invoices.credit_notes.rows_of`. Exactly the minutes of the rows
    become credited; with `bill_again` they go back to approved and unbilled, ready to be
    corrected and billed on a new invoice. Returns the issued note.

    Raises:
        RuleBroken: invoice_not_possible, credit_reason, credit_rows, credit_twice.
    """
    if not reason.strip():
        raise RuleBroken.of("credit_reason")
    with transaction.atomic():
        original = settlement.lock_invoice(invoice)
        if not possible(original, InvoiceAction.CREDIT):
            raise RuleBroken.of("invoice_not_possible", status=str(original.status))
        chosen = credit_notes.chosen_rows(original, rows)
        note = Invoice.objects.create(
            kind=Invoice.Kind.CREDIT_NOTE,
            series=CREDIT_NOTE,
            customer=original.customer,
            original=original,
            customer_reference=original.customer_reference,
            created_at=now,
        )
        lines = credit_notes.note_lines(note, chosen)
        InvoiceLine.objects.bulk_create(lines)
        _set_totals(note, lines)
        note = _issue(note, by=by, now=now)
        credit_notes.free_hours(chosen, bill_again=bill_again, by=by, now=now)
        after: dict[str, object] = {"note": note.number, "gross": note.gross, "rows": len(chosen)}
        _event(original, "credit", by=by, now=now, after=after, reason=reason)
        settlement.settle_invoice(original, on=note.issued_on, by=by, now=now)
    for name in ("status", "open_sum", "paid_on"):
        setattr(invoice, name, getattr(original, name))
    return note


def _event(
    invoice: Invoice,
    verb: str,
    *,
    by: User | None,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    reason: str = "",
) -> None:
    audit.record(
        f"invoice.{verb}",
        kind="invoice",
        ref=invoice.ref,
        by=by,
        now=now,
        before=before,
        after=after,
        reason=reason,
    )
