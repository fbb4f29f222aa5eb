"""The web pages of the papers: invoices and reminders; hours and registers come by their files."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import MONEY, roles, signed_in
from accounts.models import Role
from billing import access
from billing.dunning import services as reminding
from billing.invoices import services
from billing.papers.web import Sheet, invoice_sheet, reminder_sheet
from billing.texts import problem_texts
from core.violations import RuleBroken


def show(
    request: HttpRequest,
    sheet: Sheet,
    *,
    pdf: str,
    title: str = "",
    back: tuple[str, str] = ("", ""),
) -> HttpResponse:
    """A paper as a page in the paper's language, inside a page in the reader's.

    `pdf` is the address of the same paper as a PDF; `back` an address and its words.
    """
    context = {
        "sheet": sheet,
        "page_language": (get_language() or "fi")[:2],
        "page_title": title or f"{sheet.title}, {sheet.subject}",
        "pdf": pdf,
        "back": back[0],
        "back_label": back[1],
    }
    return render(request, "billing/papers/document.html", context)


def _problem(request: HttpRequest, error: RuleBroken) -> HttpResponse:
    return render(request, "billing/problem.html", {"texts": problem_texts(error)}, status=409)


@roles(*MONEY, Role.CUSTOMER)
@require_GET
def invoice_web(request: HttpRequest, ref: UUID) -> HttpResponse:
    """An issued invoice or credit note as a page; with ?copy marked as a copy."""
    user = signed_in(request)
    invoice = access.get_invoice(user, ref)
    if not invoice.content:
        raise Http404
    copy = "copy" in request.GET
    name = f"{invoice.get_kind_display()} {invoice.number}"
    if user.role == Role.CUSTOMER:
        back = (reverse("billing:customer-invoices"), _("Invoices"))
    else:
        back = (reverse("billing:invoice-detail", args=[ref]), name)
    pdf = reverse("billing:invoice-pdf", args=[ref]) + ("?copy=1" if copy else "")
    sheet = invoice_sheet(services.document_of(invoice), copy=copy)
    return show(request, sheet, pdf=pdf, title=name, back=back)


@roles(*MONEY, Role.CUSTOMER)
@require_GET
def reminder_web(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A reminder of payment as a page."""
    user = signed_in(request)
    reminder = access.get_reminder(user, ref)
    try:
        sheet = reminder_sheet(reminding.document_of(reminder))
    except RuleBroken as error:
        return _problem(request, error)
    if user.role == Role.CUSTOMER:
        back = (reverse("billing:customer-invoices"), _("Invoices"))
    else:
        back = (reverse("billing:invoice-payments", args=[reminder.invoice.ref]), _("Payments"))
    pdf = reverse("billing:reminder-pdf", args=[ref])
    title = f"{_('Payment reminder')} {reminder.invoice.number}"
    return show(request, sheet, pdf=pdf, title=title, back=back)
