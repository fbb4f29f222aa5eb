"""Finvoice 3.0. Pure.

Source: Finance Finland's Finvoice 3.0 schema and implementation guideline. Decimal comma, dates
CCYYMMDD, ISO-8859-15. The total of a credit note (INV02) is negative, as our document is.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from lxml import etree

from accounts.einvoice_address import (
    FINNISH_SCHEME,
    check_address,
    check_operator,
    endpoint,
)
from billing.papers.einvoice.text import figure, identifier, money, pieces, plain, price, shorten
from billing.papers.einvoice.wording import (
    BUSINESS_ID_SCHEME,
    EXEMPTION_CODES,
    FINNISH_UNITS,
    buyer_reference,
    exemption,
    late,
    order_number,
    terms,
)
from billing.papers.einvoice.xml import Branch, serialise
from billing.papers.pdf.words import WORDS
from billing.rules.barcode import bank_barcode
from billing.rules.document import CREDIT_NOTE, DocumentLine, InvoiceDocument, Party
from core.zone import HELSINKI

ENCODING = "ISO-8859-15"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAME, _STREET, _TOWN, _ARTICLE, _LONG = 70, 35, 35, 100, 512


def render(doc: InvoiceDocument) -> bytes:
    """The document as a Finvoice file; the same bytes each time.

    Raises:
        TooLong: an identifier does not fit; identifiers are never shortened.
    """
    root = etree.Element("Finvoice", nsmap={"xsi": _XSI})
    root.set("Version", "3.0")
    root.set(f"{{{_XSI}}}noNamespaceSchemaLocation", "Finvoice3.0.xsd")
    out = Branch(root, {})
    _transmission(out, doc)
    _seller(out, doc)
    _buyer(out, doc)
    _details(out, doc)
    if doc.kind != CREDIT_NOTE and doc.gross > 0:
        code = bank_barcode(doc.iban, doc.gross, doc.reference, doc.due_on)
        out.leaf("VirtualBankBarcode", code)
    rows = [*doc.lines, *_allowance_rows(doc)]
    for n, line in enumerate(rows, start=1):
        _row(out, doc, n, line)
    _epi(out, doc)
    return serialise(root, ENCODING)


def _amount(out: Branch, name: str, value: Decimal) -> None:
    out.leaf(name, money(value).replace(".", ","), AmountCurrencyIdentifier="EUR")


def _date(out: Branch, name: str, on: date) -> None:
    out.leaf(name, f"{on:%Y%m%d}", Format="CCYYMMDD")


def _type_code(doc: InvoiceDocument) -> str:
    return "INV02" if doc.kind == CREDIT_NOTE else "INV01"


# --------------------------------------------------------------------------- who to whom


def _transmission(out: Branch, doc: InvoiceDocument) -> None:
    """The envelope's address, when both ends are known."""
    ends = (doc.seller, doc.buyer)
    if not all(end.e_invoice_address and end.e_invoice_operator for end in ends):
        return
    box = out.branch("MessageTransmissionDetails")
    _end(box.branch("MessageSenderDetails"), "From", doc.seller)
    _end(box.branch("MessageReceiverDetails"), "To", doc.buyer)
    message = box.branch("MessageDetails")
    message.leaf("MessageIdentifier", f"{_type_code(doc)}-{doc.number}")
    at = datetime.combine(doc.issued_on, time(12), HELSINKI)
    message.leaf("MessageTimeStamp", at.isoformat())
    message.leaf("SpecificationIdentifier", "EN16931")


def _end(out: Branch, which: str, party: Party) -> None:
    found = endpoint(party.e_invoice_address)
    if found:
        out.leaf(f"{which}Identifier", found[1], SchemeID=found[0])
    else:
        out.leaf(f"{which}Identifier", check_address(party.e_invoice_address))
    out.leaf(f"{which}Intermediator", check_operator(party.e_invoice_operator))


def _seller(out: Branch, doc: InvoiceDocument) -> None:
    seller = doc.seller
    _party(out, doc, "Seller", seller)
    if seller.phone or seller.email:
        contact = out.branch("SellerCommunicationDetails")
        contact.leaf("SellerPhoneNumberIdentifier", shorten(seller.phone, 35))
        # Half an e-mail address reaches somebody else.
        contact.leaf(
            "SellerEmailaddressIdentifier", seller.email if len(seller.email) <= 70 else ""
        )
    if doc.bic:
        account = out.branch("SellerInformationDetails").branch("SellerAccountDetails")
        account.leaf("SellerAccountID", doc.iban, IdentificationSchemeName="IBAN")
        account.leaf("SellerBic", doc.bic, IdentificationSchemeName="BIC")


def _buyer(out: Branch, doc: InvoiceDocument) -> None:
    out.leaf("InvoiceRecipientLanguageCode", doc.language.upper())
    _party(out, doc, "Buyer", doc.buyer)


def _party(out: Branch, doc: InvoiceDocument, who: str, party: Party) -> None:
    box = out.branch(f"{who}PartyDetails")
    scheme = {"SchemeID": BUSINESS_ID_SCHEME} if party.country == "FI" else {}
    business_id = identifier(party.business_id, 35, "business_id")
    box.leaf(f"{who}PartyIdentifier", business_id, **scheme)
    for part in pieces(party.name, _NAME):
        box.leaf(f"{who}OrganisationName", part)
    if not any(row.code == "O" for row in doc.vat_rows):
        box.leaf(f"{who}OrganisationTaxCode", identifier(party.vat_id, 35, "vat_id"))
    _address(box, who, party)
    found = endpoint(party.e_invoice_address)
    if found and found[0] == FINNISH_SCHEME:
        out.leaf(f"{who}OrganisationUnitNumber", found[1])


def _address(out: Branch, who: str, party: Party) -> None:
    """The schema wants street, town and postcode together, or no address."""
    parts = (plain(party.street), plain(party.city), plain(party.postal_code))
    if any(len(part) < 2 for part in parts):
        return
    box = out.branch(f"{who}PostalAddressDetails")
    for part in pieces(party.street, _STREET, most=3):
        box.leaf(f"{who}StreetName", part)
    box.leaf(f"{who}TownName", shorten(party.city, _TOWN))
    box.leaf(f"{who}PostCodeIdentifier", identifier(party.postal_code, 35, "postal_code"))
    box.leaf("CountryCode", party.country)


# --------------------------------------------------------------------------- the invoice


def _details(out: Branch, doc: InvoiceDocument) -> None:
    box = out.branch("InvoiceDetails")
    _identity(box, doc)
    _totals(box, doc)
    for row in doc.vat_rows:
        _vat(box, doc, row.code, row.pct, row.base, row.vat)
    for note in doc.notes:
        box.leaf("InvoiceFreeText", shorten(note, _LONG))
    term = box.branch("PaymentTermsDetails")
    for text in (terms(doc), late(doc)):
        term.leaf("PaymentTermsFreeText", shorten(text, 70))
    _date(term, "InvoiceDueDate", doc.due_on)
    for allowance in () if _allowance_rows(doc) else doc.allowances:
        cut = box.branch("DiscountDetails")
        cut.leaf("FreeText", shorten(allowance.text, 70))
        cut.leaf("ReasonCode", "95")
        _amount(cut, "Amount", allowance.amount)
        cut.leaf("VatCategoryCode", allowance.vat_code)
        if allowance.vat_code != "O":
            cut.leaf("VatRatePercent", _percent(allowance.vat_pct))


def _identity(box: Branch, doc: InvoiceDocument) -> None:
    credit = doc.kind == CREDIT_NOTE
    box.leaf("InvoiceTypeCode", _type_code(doc), CodeListAgencyIdentifier="SPY")
    box.leaf("InvoiceTypeCodeUN", "381" if credit else "380")
    box.leaf("InvoiceTypeText", WORDS[doc.language][doc.kind].upper())
    box.leaf("OriginCode", "Original")
    box.leaf("InvoiceNumber", identifier(str(doc.number), 20, "number"))
    _date(box, "InvoiceDate", doc.issued_on)
    if doc.original_number is not None:
        box.leaf("OriginalInvoiceNumber", identifier(str(doc.original_number), 20, "original"))
        if doc.original_issued_on:
            _date(box, "OriginalInvoiceDate", doc.original_issued_on)
    days = [line.performed_on for line in doc.lines]
    _date(box, "InvoicingPeriodStartDate", min(days))
    _date(box, "InvoicingPeriodEndDate", max(days))
    box.leaf("SellersBuyerIdentifier", identifier(doc.customer_no, 70, "customer_no"))
    box.leaf("OrderIdentifier", identifier(order_number(doc), 70, "order"))
    box.leaf("BuyerReferenceIdentifier", identifier(buyer_reference(doc), 70, "reference"))


def _totals(box: Branch, doc: InvoiceDocument) -> None:
    rows = [*doc.lines, *_allowance_rows(doc)]
    _amount(box, "RowsTotalVatExcludedAmount", sum((x.net for x in rows), Decimal(0)))
    if doc.allowances and not _allowance_rows(doc):
        total = sum((x.amount for x in doc.allowances), Decimal(0))
        _amount(box, "DiscountsTotalVatExcludedAmount", total)
    _amount(box, "InvoiceTotalVatExcludedAmount", doc.net)
    _amount(box, "InvoiceTotalVatAmount", doc.vat)
    _amount(box, "InvoiceTotalVatIncludedAmount", doc.gross)


def _vat(
    box: Branch, doc: InvoiceDocument, code: str, pct: Decimal, base: Decimal, vat: Decimal
) -> None:
    part = box.branch("VatSpecificationDetails")
    _amount(part, "VatBaseAmount", base)
    if code != "O":
        part.leaf("VatRatePercent", _percent(pct))
    part.leaf("VatCode", code)
    _amount(part, "VatRateAmount", vat)
    reason = exemption(doc, code)
    for text in pieces(reason, 70, most=3):
        part.leaf("VatFreeText", text)
    if reason:
        part.leaf("VatExemptionReasonCode", EXEMPTION_CODES[code])


def _percent(pct: Decimal) -> str:
    return figure(pct).replace(".", ",")


def _allowance_rows(doc: InvoiceDocument) -> list[DocumentLine]:
    """Discounts of a credit note as rows of their own: a discount element cannot be negative."""
    if doc.kind != CREDIT_NOTE:
        return []
    last = max(line.performed_on for line in doc.lines)
    return [
        DocumentLine(x.text, last, Decimal(1), "C62", -x.amount, -x.amount, x.vat_code, x.vat_pct)
        for x in doc.allowances
    ]


def _row(out: Branch, doc: InvoiceDocument, n: int, line: DocumentLine) -> None:
    row = out.branch("InvoiceRow")
    name = shorten(line.text, _ARTICLE)
    row.leaf("ArticleName", name)
    if name != plain(line.text):
        row.leaf("ArticleDescription", shorten(line.text, _LONG))
    unit = FINNISH_UNITS.get(line.unit, line.unit) if doc.language == "fi" else line.unit
    # A minus belongs to the quantity, so that the price reads as agreed.
    quantity = line.quantity if line.unit_net >= 0 else -line.quantity
    row.leaf(
        "InvoicedQuantity",
        figure(quantity).replace(".", ","),
        QuantityUnitCode=unit,
        QuantityUnitCodeUN=line.unit,
    )
    _date(row, "StartDate", line.performed_on)
    _date(row, "EndDate", line.performed_on)
    for element in ("UnitPriceAmount", "UnitPriceNetAmount"):
        row.leaf(
            element,
            price(abs(line.unit_net)).replace(".", ","),
            AmountCurrencyIdentifier="EUR",
            UnitPriceUnitCode=unit,
            QuantityUnitCodeUN=line.unit,
        )
    row.leaf("RowIdentifier", identifier(line.order_no, 35, "order"))
    row.leaf("RowPositionIdentifier", str(n))
    if line.discount:
        _amount(row, "RowDiscountAmount", line.discount)
        row.leaf("RowDiscountTypeCode", "95")
        row.leaf("RowDiscountTypeText", shorten(line.discount_text, 35))
    if line.vat_code != "O":
        row.leaf("RowVatRatePercent", _percent(line.vat_pct))
    row.leaf("RowVatCode", line.vat_code)
    _amount(row, "RowVatExcludedAmount", line.net)


# --------------------------------------------------------------------------- the payment


def _epi(out: Branch, doc: InvoiceDocument) -> None:
    box = out.branch("EpiDetails")
    about = box.branch("EpiIdentificationDetails")
    _date(about, "EpiDate", doc.issued_on)
    about.leaf("EpiReference", identifier(str(doc.number), 35, "number"))
    parties = box.branch("EpiPartyDetails")
    bank = parties.branch("EpiBfiPartyDetails")
    bank.leaf("EpiBfiIdentifier", doc.bic, IdentificationSchemeName="BIC")
    payee = parties.branch("EpiBeneficiaryPartyDetails")
    payee.leaf("EpiNameAddressDetails", shorten(doc.seller.name, 35))
    payee.leaf("EpiAccountID", doc.iban, IdentificationSchemeName="IBAN")
    pay = box.branch("EpiPaymentInstructionDetails")
    scheme = "ISO" if doc.reference.startswith("RF") else "SPY"
    pay.leaf("EpiRemittanceInfoIdentifier", doc.reference, IdentificationSchemeName=scheme)
    _amount(pay, "EpiInstructedAmount", doc.gross)
    pay.leaf("EpiCharge", "SLEV", ChargeOption="SLEV")
    _date(pay, "EpiDateOptionDate", doc.due_on)
    pay.leaf("EpiPaymentMeansCode", "58")
