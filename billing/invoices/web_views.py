"""The web pages of the papers: invoices and reminders; hours and registers come by their files."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import MONEY, roles, signed_in
from accounts.models import Role
from billing import access
from billing.invoices.document import document_of
from billing.papers.views import show
from billing.papers.web import invoice_sheet


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
    sheet = invoice_sheet(document_of(invoice), copy=copy)
    return show(request, sheet, pdf=pdf, title=name, back=back)
