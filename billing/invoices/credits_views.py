"""Credit by row: choose the rows, look at the credit note, issue it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import MONEY, roles, signed_in
from billing import access
from billing.invoices import credit_notes, services
from billing.invoices.forms import CreditForm
from billing.invoices.status import possible
from billing.models import Invoice
from billing.models.lifecycle import InvoiceAction
from billing.rules.vat import totals
from core import clock
from core.texts import problem_texts
from core.violations import RuleBroken


@roles(*MONEY)
@require_http_methods(["GET", "POST"])
def invoice_credit_rows(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The rows of an invoice to tick; POST shows the credit note, and with "issue" issues it."""
    user = signed_in(request)
    invoice = access.get_invoice(user, ref)
    if request.method == "GET":
        return _page(request, invoice)
    form = CreditForm(request.POST, prefix="credit")
    chosen = [int(key) for key in request.POST.getlist("row") if key.isdecimal()]
    if not form.is_valid():
        return _page(request, invoice, 422, credit_form=form, form=form, chosen=chosen)
    try:
        rows = credit_notes.chosen_rows(invoice, chosen)
        # What is issued is what was seen: other ticks are looked at first.
        seen = request.POST.get("seen") == _keys(chosen)
        if "issue" not in request.POST or not seen:
            return _page(
                request, invoice, credit_form=form, chosen=chosen, preview=_preview(invoice, rows)
            )
        note = services.credit_invoice(
            invoice,
            by=user,
            now=clock.now(),
            reason=form.cleaned_data["reason"],
            bill_again=form.cleaned_data["bill_again"],
            rows=chosen,
        )
    except RuleBroken as error:
        found = problem_texts(error)
        return _page(request, invoice, 409, credit_form=form, chosen=chosen, violations=found)
    text = _("Credit note %(number)s is issued. You can send it now.")
    messages.success(request, text % {"number": note.number})
    return redirect("billing:invoice-detail", note.ref)


def _keys(chosen: list[int]) -> str:
    return " ".join(map(str, sorted(chosen)))


def _preview(invoice: Invoice, rows: list[credit_notes.CreditRow]) -> dict[str, Any]:
    """What the credit note would say: its rows and its sums, to the cent."""
    found = totals(credit_notes.vat_of(invoice, rows))
    return {
        "rows": rows,
        "keys": _keys([row.key for row in rows]),
        "work_min": sum(row.work_min for row in rows),
        "net": found.net,
        "vat": found.vat,
        "gross": found.gross,
    }


def _page(request: HttpRequest, invoice: Invoice, status: int = 200, **extra: Any) -> HttpResponse:
    rows = credit_notes.rows_of(invoice)
    can_credit = possible(invoice, InvoiceAction.CREDIT)
    context = {
        "invoice": invoice,
        "rows": rows,
        "possible": can_credit and any(not row.credited for row in rows),
        "credit_form": CreditForm(prefix="credit"),
        "chosen": [],
        **extra,
    }
    return render(request, "billing/invoices/invoice_credit_rows.html", context, status=status)
