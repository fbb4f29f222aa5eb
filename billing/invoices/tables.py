"""The office's tables of invoices: drafts with their ticks, and those with a number."""

from __future__ import annotations

from django.db.models import Case, QuerySet, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models import Invoice
from billing.models.lifecycle import InvoiceStatus
from core.tables import Column, OfficeTable, by_rank

# The column by which each tab orders its rows before anybody chooses.
GIVEN = {"drafts": "customer", "overdue": "due", "paid": ""}


def listed(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Invoices with what their row shows: the frozen document of each is wide."""
    return (
        rows.select_related(None)
        .select_related("customer")
        .only(
            "ref", "kind", "number", "status", "customer_reference", "issued_on", "due_on",
            "net", "vat", "gross", "open_sum", "customer__name",
        )
    )  # fmt: skip


def _open(invoice: Invoice) -> object:
    """What is still to be paid of an invoice; a credit note and a draft have nothing such."""
    return invoice.open_sum if invoice.kind == Invoice.Kind.INVOICE and invoice.number else None


class DraftTable(OfficeTable):
    """Drafts, each with a tick: what is ticked is issued and sent."""

    row_template = "billing/invoices/_draft_table_row.html"
    file_name = "drafts"

    customer = Column(_("Customer"), sort=("customer__name",), value=lambda i: i.customer.name)
    reference = Column(
        _("Reference"), sort=("customer_reference",), value=lambda i: i.customer_reference
    )
    net = Column(_("Excl. VAT"), sort=("net",), value=lambda i: i.net, css="r")
    vat = Column(_("VAT"), sort=("vat",), value=lambda i: i.vat, css="r")
    gross = Column(
        pgettext_lazy("column", "Total"), sort=("gross",), value=lambda i: i.gross, css="r"
    )
    act = Column(_("Actions"), css="act")


class InvoiceTable(OfficeTable):
    """Invoices and credit notes with their number."""

    row_template = "billing/invoices/_invoice_table_row.html"
    file_name = "invoices"

    number = Column(_("Number"), sort=("number",), value=lambda i: i.number)
    kind = Column(
        _("Kind"),
        sort=(by_rank("kind", Invoice.Kind.values),),
        value=lambda i: i.get_kind_display(),
    )
    customer = Column(_("Customer"), sort=("customer__name",), value=lambda i: i.customer.name)
    issued = Column(
        pgettext_lazy("column", "Issued"), sort=("issued_on",), value=lambda i: i.issued_on
    )
    due = Column(pgettext_lazy("column", "Due"), sort=("due_on",), value=lambda i: i.due_on)
    gross = Column(
        pgettext_lazy("column", "Total"), sort=("gross",), value=lambda i: i.gross, css="r"
    )
    left = Column(
        pgettext_lazy("column", "Open"),
        sort=(Case(When(kind=Invoice.Kind.INVOICE, number__isnull=False, then="open_sum")),),
        value=_open,
        css="r",
    )
    state = Column(
        pgettext_lazy("column", "Status"),
        sort=(by_rank("status", list(InvoiceStatus)),),
        value=lambda i: i.get_status_display(),
    )
    act = Column(_("Actions"), css="act")
