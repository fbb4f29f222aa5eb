"""The document of an issued invoice: frozen from the rows, read again, printed as a PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import Organisation
from billing.invoices.line_texts import discount_text
from billing.invoices.vat import vat_rows
from billing.models import Invoice, InvoiceLine
from billing.papers.pdf.words import WORDS
from billing.rules.document import DocumentLine, InvoiceDocument, Party
from billing.rules.vat import totals
from core.languages import Language
from core.violations import RuleBroken
from orders.models import Customer
from orders.rules.vat_treatment import HOME, Why


def freeze(invoice: Invoice, lines: list[InvoiceLine], seller: Organisation) -> InvoiceDocument:
    """The document of an invoice that has its number, from the rows as they are now."""
    customer, original = invoice.customer, invoice.original
    if not (invoice.number and invoice.issued_on and invoice.due_on):
        raise ValueError("an invoice without a number cannot be frozen")
    rows = vat_rows(invoice, lines)
    found = totals(rows)
    vat_id = f"FI{seller.business_id.replace('-', '')}" if seller.vat_registered else ""
    language = Language(customer.language).document
    return InvoiceDocument(
        kind=invoice.kind,
        number=invoice.number,
        language=language,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        seller=Party(
            seller.name, seller.street, seller.postal_code, seller.city, seller.business_id,
            vat_id, email=seller.email, phone=seller.phone,
            e_invoice_address=seller.e_invoice_address,
            e_invoice_operator=seller.e_invoice_operator,
        ),
        buyer=Party(
            customer.name, customer.street, customer.postal_code, customer.city,
            customer.business_id,
            # A credit note takes back what was sold under the number of then.
            document_of(original).buyer.vat_id if original else _buyer_vat_id(customer, lines),
            customer.country,
            e_invoice_address=customer.e_invoice_address,
            e_invoice_operator=customer.e_invoice_operator,
        ),
        customer_no=customer.customer_no,
        buyer_reference=invoice.customer_reference or customer.invoice_reference,
        lines=tuple(
            DocumentLine(
                x.text, x.performed_on, x.quantity, x.unit, x.unit_net, x.net, x.vat_code,
                x.vat_pct, str(x.order.number) if x.order else "",
                # Without a discount the bytes are those of before there were any.
                x.discount if x.discount else Decimal(0),
                discount_text(x.discount_pct, language) if x.discount else "",
            )
            for x in lines
        ),
        vat_rows=rows,
        net=found.net,
        vat=found.vat,
        gross=found.gross,
        iban=seller.iban.replace(" ", ""),
        bic=seller.bic,
        reference=invoice.reference,
        payment_term_days=customer.payment_term_days,
        original_number=original.number if original else None,
        original_issued_on=original.issued_on if original else None,
        notes=tuple(text for text in (invoice.note, _reverse_note(lines, language)) if text),
    )  # fmt: skip


def _buyer_vat_id(customer: Customer, lines: Iterable[InvoiceLine]) -> str:
    """The number that the tax asks for: the foreign one, or the Finnish one of construction."""
    reverse = [x for x in lines if x.vat_code == "AE"]
    if customer.country != HOME and not any(x.vat_why == Why.CONSTRUCTION for x in reverse):
        return customer.vat_id
    return f"FI{customer.business_id.replace('-', '')}" if reverse else ""


def _reverse_note(lines: Iterable[InvoiceLine], language: str) -> str:
    """What the law wants said when the buyer is liable for the tax; empty when we are."""
    reverse = [x for x in lines if x.vat_code == "AE"]
    if any(x.vat_why == Why.EU_SERVICE for x in reverse):
        return WORDS[language]["note_eu"]
    return WORDS[language]["note_reverse"] if reverse else ""


def document_of(invoice: Invoice) -> InvoiceDocument:
    """The frozen document of an issued invoice."""
    if not invoice.content:
        raise RuleBroken.of("invoice_not_issued")
    return InvoiceDocument.from_canonical(invoice.content)


def pdf_of(invoice: Invoice, *, store: bool = False) -> bytes:
    """The PDF: the stored file once it is kept, checked against its sum, else made now.

    The same document always gives the same bytes, so a reader (`store` False) writes nothing.

    Raises:
        RuleBroken: invoice_not_issued, invoice_file_changed.
    """
    if invoice.pdf_path and default_storage.exists(invoice.pdf_path):
        with default_storage.open(invoice.pdf_path) as file:
            content = bytes(file.read())
        if hashlib.sha256(content).hexdigest() != invoice.pdf_hash:
            raise RuleBroken.of("invoice_file_changed", str(invoice.number))
        return content
    content = _paper(invoice)
    if store:
        path = default_storage.save(
            f"invoices/{invoice.series}/{invoice.number}.pdf", ContentFile(content)
        )
        invoice.pdf_path, invoice.pdf_hash = path, hashlib.sha256(content).hexdigest()
        invoice.save(update_fields=["pdf_path", "pdf_hash"])
    return content


def copy_of(invoice: Invoice) -> bytes:
    """The PDF with the word "copy" on each page, for a print that must not be taken for another.

    Raises:
        RuleBroken: invoice_not_issued.
    """
    return _paper(invoice, copy=True)


def _paper(invoice: Invoice, *, copy: bool = False) -> bytes:
    from billing.papers.pdf.invoice import render_invoice  # noqa: PLC0415 - loads reportlab

    return render_invoice(document_of(invoice), copy=copy)


def pdf_name(invoice: Invoice) -> str:
    """File name of the PDF, without letters that mail programs break."""
    return f"askare-{invoice.kind.replace('_', '-')}-{invoice.number}.pdf"


def invoice_attachment(ref: str) -> tuple[str, bytes, str]:
    """For the outbox: the PDF by the invoice's ref, made when the message leaves."""
    invoice = Invoice.objects.get(ref=ref)
    return pdf_name(invoice), pdf_of(invoice, store=True), "application/pdf"
