"""Money that comes: bank files with a preview, the list that waits, payments by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MONEY, roles, signed_in
from billing import access
from billing.invoices import settlement
from billing.invoices.tabs import tabs_context
from billing.models import Invoice
from billing.models.payments import BankEntry, BankFile, Payment
from billing.payments import bank_import
from billing.payments.bank_import import MATCHED, WAITS
from billing.payments.forms import BankFileForm, GiveForm, PaymentForm, ReasonForm
from billing.payments.tables import PaymentTable, listed
from billing.payments.texts import file_text, row_text
from billing.rules.bank_lines import NotABankFile
from core import clock
from core.money import total
from core.tables import asks_for_file, file_of, respond
from core.texts import problem_texts
from core.violations import RuleBroken
from core.zone import local_date

SHOWN = 500


@roles(*MONEY)
@require_GET
def payment_list(request: HttpRequest) -> HttpResponse:
    """Bank entries that pay no invoice yet, what came lately, and what must be returned."""
    return _list(request)


def _list(request: HttpRequest, status: int = 200, **extra: Any) -> HttpResponse:
    caption = _("Recorded payments, the newest first")
    table = PaymentTable(listed(), request, caption=caption)
    if asks_for_file(request):
        return file_of(request, table)
    waiting = list(settlement.waiting_entries())
    too_much = access.invoices_for(signed_in(request)).filter(open_sum__lt=0).order_by("open_sum")
    context = {
        "waiting": waiting[:SHOWN],
        "waiting_count": len(waiting),
        "waiting_total": total(entry.left for entry in waiting),
        "too_much": [(i, -i.open_sum) for i in too_much[:SHOWN]],
        "files": BankFile.objects.defer("content", "result")[:10],
        "form": BankFileForm(),
        **tabs_context(request, "payments"),
        **extra,
    }
    return respond(request, table, "billing/payments/payments.html", context, status=status)


# --------------------------------------------------------------------------- bank files


@roles(*MONEY)
@require_POST
def payment_upload(request: HttpRequest) -> HttpResponse:
    """Take a bank file and show what it would do; nothing is written to any invoice."""
    form = BankFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, 422, form=form)
    upload = cast(UploadedFile, form.cleaned_data["file"])
    try:
        row = bank_import.store_file(
            upload.name or "", upload.read(), by=signed_in(request), now=clock.now()
        )
    except NotABankFile as error:
        form.add_error("file", file_text(error))
        return _list(request, 422, form=form)
    return redirect("billing:payment-file", row.ref)


@roles(*MONEY)
@require_GET
def payment_file(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A bank file: row by row what it would do, or what it did."""
    row = get_object_or_404(BankFile, ref=ref)
    rows = row.result if row.applied_at else bank_import.preview(row)
    counts = Counter(_group(r["state"]) for r in rows)
    context = {
        "file": row,
        "rows": [{**r, "text": row_text(r["state"]), "group": _group(r["state"])} for r in rows],
        "counts": counts,
        "to_write": counts["matched"] + counts["waits"],
        "sum": total(bank_import.amount_of(r) for r in rows if _group(r["state"]) != "left"),
    }
    return render(request, "billing/payments/payment_file.html", context)


def _group(state: str) -> str:
    return "matched" if state in MATCHED else "waits" if state in WAITS else "left"


@roles(*MONEY)
@require_POST
def payment_file_apply(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Write the file's rows; a second time nothing changes."""
    row = get_object_or_404(BankFile, ref=ref)
    if row.applied_at:
        messages.info(request, _("This file was brought in already. Nothing changed."))
        return redirect("billing:payment-file", row.ref)
    results = bank_import.apply_file(row, by=signed_in(request), now=clock.now())
    written = len([r for r in results if _group(r["state"]) != "left"])
    text = ngettext("%(n)d payment is recorded.", "%(n)d payments are recorded.", written)
    messages.success(request, text % {"n": written})
    return redirect("billing:payment-file", row.ref)


# --------------------------------------------------------------------------- one bank entry


@roles(*MONEY)
@require_GET
def payment_entry(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One bank entry: whose it may be, and what became of it."""
    return _entry(request, get_object_or_404(BankEntry, ref=ref))


def _entry(request: HttpRequest, entry: BankEntry, status: int = 200, **extra: Any) -> HttpResponse:
    left = settlement.left_of(entry)
    context = {
        "entry": entry,
        "left": left,
        "found": bank_import.suggestions(entry, left) if left else [],
        "rows": entry.payments.select_related("invoice__customer", "reversed_by"),
        "form": GiveForm(initial={"amount": f"{left:.2f}".replace(".", ",")}),
        "aside_form": ReasonForm(prefix="aside"),
        **extra,
    }
    return render(request, "billing/payments/payment_entry.html", context, status=status)


@roles(*MONEY)
@require_POST
def payment_entry_give(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Give the entry, or a part of it, to an invoice."""
    user, entry = signed_in(request), get_object_or_404(BankEntry, ref=ref)
    form = GiveForm(request.POST)
    if not form.is_valid():
        return _entry(request, entry, 422, form=form)
    data = form.cleaned_data
    invoice = (
        access.invoices_for(user).filter(kind=Invoice.Kind.INVOICE, number=data["number"]).first()
    )
    if invoice is None:
        form.add_error("number", _("There is no invoice of this number."))
        return _entry(request, entry, 422, form=form)
    try:
        settlement.give_entry(entry, invoice, by=user, now=clock.now(), amount=data["amount"])
    except RuleBroken as error:
        return _entry(request, entry, 409, form=form, violations=problem_texts(error))
    text = _("The payment is recorded on invoice %(number)s.") % {"number": invoice.number}
    messages.success(request, text)
    return redirect("billing:payments")


@roles(*MONEY)
@require_POST
def payment_entry_aside(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Say that the entry pays no invoice."""
    entry = get_object_or_404(BankEntry, ref=ref)
    form = ReasonForm(request.POST, prefix="aside")
    if not form.is_valid():
        return _entry(request, entry, 422, aside_form=form)
    try:
        settlement.put_entry_aside(
            entry, by=signed_in(request), now=clock.now(), note=form.cleaned_data["note"]
        )
    except RuleBroken as error:
        return _entry(request, entry, 409, violations=problem_texts(error))
    messages.success(request, _("Put aside. It pays no invoice."))
    return redirect("billing:payments")


# --------------------------------------------------------------------------- on one invoice


@roles(*MONEY)
@require_http_methods(["GET", "POST"])
def invoice_payments(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Payments of one invoice and what is open; a new one by hand."""
    user = signed_in(request)
    invoice = access.get_invoice(user, ref)
    if request.method == "GET":
        return _payments(request, invoice)
    form = PaymentForm(request.POST)
    if not form.is_valid():
        return _payments(request, invoice, 422, form=form)
    data = form.cleaned_data
    try:
        settlement.enter_payment(
            invoice,
            amount=data["amount"],
            on=data["paid_on"],
            kind=data["kind"],
            note=data["note"],
            by=user,
            now=clock.now(),
        )
    except RuleBroken as error:
        return _payments(request, invoice, 409, form=form, violations=problem_texts(error))
    messages.success(request, _("The payment is recorded."))
    return redirect("billing:invoice-payments", invoice.ref)


def _payments(
    request: HttpRequest, invoice: Invoice, status: int = 200, **extra: Any
) -> HttpResponse:
    balance = settlement.balance_of(invoice)
    open_now = max(balance.open, settlement.ZERO)
    initial = {
        "amount": f"{open_now:.2f}".replace(".", ","),
        "paid_on": local_date(clock.now()),
    }
    context = {
        "invoice": invoice,
        "balance": balance,
        "rows": invoice.payments.select_related("entry", "reversed_by", "reverses"),
        "notes": invoice.credit_notes.filter(number__isnull=False),
        "reminders": invoice.reminders.all(),
        "form": PaymentForm(initial=initial),
        "back_form": ReasonForm(prefix="back"),
        **extra,
    }
    return render(request, "billing/payments/invoice_payments.html", context, status=status)


@roles(*MONEY)
@require_POST
def payment_back(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Take a payment back by a row of its own."""
    payment = get_object_or_404(Payment.objects.select_related("invoice", "entry"), ref=ref)
    form = ReasonForm(request.POST, prefix="back")
    try:
        note = form.cleaned_data["note"] if form.is_valid() else ""
        settlement.take_back_payment(payment, by=signed_in(request), now=clock.now(), note=note)
    except RuleBroken as error:
        if payment.invoice is None:
            return _list(request, 409, violations=problem_texts(error))
        return _payments(request, payment.invoice, 409, violations=problem_texts(error))
    messages.success(request, _("The payment is taken back."))
    if payment.invoice is None:
        return redirect("billing:payments")
    return redirect("billing:invoice-payments", payment.invoice.ref)
