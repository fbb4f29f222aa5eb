"""Peppol BIS Billing 3.0: UBL 2.1 Invoice and CreditNote. Pure.

Sources: EN 16931-1, Peppol BIS Billing 3.0, UBL 2.1. A credit note carries positive amounts, so
everything of our negative document is turned round.
"""

from __future__ import annotations

import re
from decimal import Decimal

from lxml import etree

from accounts.einvoice_address import endpoint
from billing.papers.einvoice.text import figure, money, plain, price
from billing.papers.einvoice.wording import (
    BUSINESS_ID_SCHEME,
    EXEMPTION_CODES,
    buyer_reference,
    exemption,
    late,
    order_number,
    terms,
)
from billing.papers.einvoice.xml import Branch, serialise
from billing.papers.pdf.words import WORDS
from billing.rules.document import CREDIT_NOTE, Allowance, DocumentLine, InvoiceDocument, Party

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
SPACES = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}
SEPA_TRANSFER = "58"
DISCOUNT = "95"
_BUSINESS_ID = re.compile(r"[0-9]{7}-[0-9]")


def render(doc: InvoiceDocument) -> bytes:
    """The document as a UBL file in UTF-8; the same bytes each time."""
    name = "CreditNote" if doc.kind == CREDIT_NOTE else "Invoice"
    space = f"{UBL}{name}-2"
    root = etree.Element(f"{{{space}}}{name}", nsmap=dict([(None, space), *SPACES.items()]))
    out = Branch(root, SPACES)
    _head(out, doc)
    _party(out.branch("cac:AccountingSupplierParty"), doc, doc.seller, contact=True)
    _party(out.branch("cac:AccountingCustomerParty"), doc, doc.buyer)
    _payment(out, doc)
    for allowance in doc.allowances:
        _allowance(out, doc, allowance)
    _tax(out, doc)
    _totals(out, doc)
    for n, line in enumerate(doc.lines, start=1):
        _line(out, doc, n, line)
    return serialise(root, "UTF-8")


def _sign(doc: InvoiceDocument) -> int:
    return -1 if doc.kind == CREDIT_NOTE else 1


def _amount(out: Branch, name: str, value: Decimal, text: str = "") -> None:
    out.leaf(name, text or money(value), currencyID="EUR")


def _head(out: Branch, doc: InvoiceDocument) -> None:
    credit = doc.kind == CREDIT_NOTE
    out.leaf("cbc:CustomizationID", CUSTOMIZATION)
    out.leaf("cbc:ProfileID", PROFILE)
    out.leaf("cbc:ID", str(doc.number))
    out.leaf("cbc:IssueDate", doc.issued_on.isoformat())
    if credit:
        out.leaf("cbc:CreditNoteTypeCode", "381")
    else:
        out.leaf("cbc:DueDate", doc.due_on.isoformat())
        out.leaf("cbc:InvoiceTypeCode", "380")
    # One note at most, so everything that is to be said stands in it.
    out.leaf("cbc:Note", plain(" ".join([*_origin(doc), *doc.notes])))
    out.leaf("cbc:DocumentCurrencyCode", "EUR")
    out.leaf("cbc:BuyerReference", buyer_reference(doc))
    days = [line.performed_on for line in doc.lines]
    period = out.branch("cac:InvoicePeriod")
    period.leaf("cbc:StartDate", min(days).isoformat())
    period.leaf("cbc:EndDate", max(days).isoformat())
    if order_number(doc):
        out.branch("cac:OrderReference").leaf("cbc:ID", order_number(doc))
    if doc.original_number is not None:
        about = out.branch("cac:BillingReference").branch("cac:InvoiceDocumentReference")
        about.leaf("cbc:ID", str(doc.original_number))
        if doc.original_issued_on:
            about.leaf("cbc:IssueDate", doc.original_issued_on.isoformat())


def _origin(doc: InvoiceDocument) -> list[str]:
    if doc.original_number is None or doc.original_issued_on is None:
        return []
    on = doc.original_issued_on.isoformat()
    return [WORDS[doc.language]["original"].format(n=doc.original_number, on=on) + "."]


def _party(out: Branch, doc: InvoiceDocument, party: Party, *, contact: bool = False) -> None:
    box = out.branch("cac:Party")
    if found := endpoint(party.e_invoice_address):
        box.leaf("cbc:EndpointID", found[1], schemeID=found[0])
    address = box.branch("cac:PostalAddress")
    address.leaf("cbc:StreetName", plain(party.street))
    address.leaf("cbc:CityName", plain(party.city))
    address.leaf("cbc:PostalZone", plain(party.postal_code))
    address.branch("cac:Country").leaf("cbc:IdentificationCode", party.country)
    # A document outside the scope of VAT may name no VAT number at all (BR-O-02).
    if party.vat_id and not any(row.code == "O" for row in doc.vat_rows):
        tax = box.branch("cac:PartyTaxScheme")
        tax.leaf("cbc:CompanyID", plain(party.vat_id))
        tax.branch("cac:TaxScheme").leaf("cbc:ID", "VAT")
    legal = box.branch("cac:PartyLegalEntity")
    legal.leaf("cbc:RegistrationName", plain(party.name))
    if _BUSINESS_ID.fullmatch(party.business_id):
        legal.leaf("cbc:CompanyID", party.business_id, schemeID=BUSINESS_ID_SCHEME)
    else:
        legal.leaf("cbc:CompanyID", plain(party.business_id))
    if contact and (party.phone or party.email):
        person = box.branch("cac:Contact")
        person.leaf("cbc:Telephone", plain(party.phone))
        person.leaf("cbc:ElectronicMail", plain(party.email))


def _payment(out: Branch, doc: InvoiceDocument) -> None:
    if doc.kind != CREDIT_NOTE:
        means = out.branch("cac:PaymentMeans")
        means.leaf("cbc:PaymentMeansCode", SEPA_TRANSFER)
        means.leaf("cbc:PaymentID", doc.reference)
        account = means.branch("cac:PayeeFinancialAccount")
        account.leaf("cbc:ID", doc.iban)
        account.leaf("cbc:Name", plain(doc.seller.name))
        if doc.bic:
            account.branch("cac:FinancialInstitutionBranch").leaf("cbc:ID", doc.bic)
    text = " ".join(part for part in (terms(doc), late(doc)) if part)
    out.branch("cac:PaymentTerms").leaf("cbc:Note", text)


def _category(out: Branch, name: str, code: str, pct: Decimal, reason: str = "") -> None:
    box = out.branch(name)
    box.leaf("cbc:ID", code)
    if code != "O":
        box.leaf("cbc:Percent", figure(pct))
    if reason:
        box.leaf("cbc:TaxExemptionReasonCode", EXEMPTION_CODES[code])
        box.leaf("cbc:TaxExemptionReason", reason)
    box.branch("cac:TaxScheme").leaf("cbc:ID", "VAT")


def _allowance(out: Branch, doc: InvoiceDocument, found: Allowance) -> None:
    box = out.branch("cac:AllowanceCharge")
    box.leaf("cbc:ChargeIndicator", "false")
    box.leaf("cbc:AllowanceChargeReasonCode", DISCOUNT)
    box.leaf("cbc:AllowanceChargeReason", plain(found.text))
    _amount(box, "cbc:Amount", _sign(doc) * found.amount)
    _category(box, "cac:TaxCategory", found.vat_code, found.vat_pct)


def _tax(out: Branch, doc: InvoiceDocument) -> None:
    box = out.branch("cac:TaxTotal")
    _amount(box, "cbc:TaxAmount", _sign(doc) * doc.vat)
    for row in doc.vat_rows:
        part = box.branch("cac:TaxSubtotal")
        _amount(part, "cbc:TaxableAmount", _sign(doc) * row.base)
        _amount(part, "cbc:TaxAmount", _sign(doc) * row.vat)
        _category(part, "cac:TaxCategory", row.code, row.pct, exemption(doc, row.code))


def _totals(out: Branch, doc: InvoiceDocument) -> None:
    sign = _sign(doc)
    box = out.branch("cac:LegalMonetaryTotal")
    _amount(box, "cbc:LineExtensionAmount", sign * sum((x.net for x in doc.lines), Decimal(0)))
    _amount(box, "cbc:TaxExclusiveAmount", sign * doc.net)
    _amount(box, "cbc:TaxInclusiveAmount", sign * doc.gross)
    if doc.allowances:
        total = sum((x.amount for x in doc.allowances), Decimal(0))
        _amount(box, "cbc:AllowanceTotalAmount", sign * total)
    _amount(box, "cbc:PayableAmount", sign * doc.gross)


def _line(out: Branch, doc: InvoiceDocument, n: int, line: DocumentLine) -> None:
    credit = doc.kind == CREDIT_NOTE
    box = out.branch("cac:CreditNoteLine" if credit else "cac:InvoiceLine")
    box.leaf("cbc:ID", str(n))
    if line.order_no:
        box.leaf("cbc:Note", f"{WORDS[doc.language]['order']} {line.order_no}")
    # A price is never negative (BR-27); a minus belongs to the quantity.
    quantity = _sign(doc) * (line.quantity if line.unit_net >= 0 else -line.quantity)
    name = "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity"
    box.leaf(name, figure(quantity), unitCode=line.unit)
    _amount(box, "cbc:LineExtensionAmount", _sign(doc) * line.net)
    period = box.branch("cac:InvoicePeriod")
    period.leaf("cbc:StartDate", line.performed_on.isoformat())
    period.leaf("cbc:EndDate", line.performed_on.isoformat())
    if line.discount:
        cut = box.branch("cac:AllowanceCharge")
        cut.leaf("cbc:ChargeIndicator", "false")
        cut.leaf("cbc:AllowanceChargeReasonCode", DISCOUNT)
        cut.leaf("cbc:AllowanceChargeReason", plain(line.discount_text))
        _amount(cut, "cbc:Amount", _sign(doc) * line.discount)
    item = box.branch("cac:Item")
    item.leaf("cbc:Name", plain(line.text))
    _category(item, "cac:ClassifiedTaxCategory", line.vat_code, line.vat_pct)
    _amount(box.branch("cac:Price"), "cbc:PriceAmount", line.unit_net, price(abs(line.unit_net)))
