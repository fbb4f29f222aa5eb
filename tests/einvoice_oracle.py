"""What a receiver's validator finds wrong in e-invoices: own checks, and tools that others wrote.

The own checks know the order of elements, the forms of figures and the lengths that the schemas
give, and run everywhere. Where the variable ORACLES names a folder with the outside oracle, its
schemas and rule sets (UBL 2.1, EN 16931, Peppol, Finvoice 3.0) are asked as well, of both releases
that receivers run.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from lxml import etree

from tests.oracle import outside_checker

RELEASES = ("current", "previous")
CENT = Decimal("0.01")

# Parent -> its children in the order of the schema, as far as we write them.
FINVOICE_ORDER = {
    "Finvoice": "MessageTransmissionDetails SellerPartyDetails SellerOrganisationUnitNumber "
    "SellerCommunicationDetails SellerInformationDetails InvoiceRecipientLanguageCode "
    "BuyerPartyDetails BuyerOrganisationUnitNumber InvoiceDetails VirtualBankBarcode InvoiceRow "
    "EpiDetails",
    "InvoiceDetails": "InvoiceTypeCode InvoiceTypeCodeUN InvoiceTypeText OriginCode InvoiceNumber "
    "InvoiceDate OriginalInvoiceNumber OriginalInvoiceDate InvoicingPeriodStartDate "
    "InvoicingPeriodEndDate SellersBuyerIdentifier OrderIdentifier BuyerReferenceIdentifier "
    "RowsTotalVatExcludedAmount DiscountsTotalVatExcludedAmount InvoiceTotalVatExcludedAmount "
    "InvoiceTotalVatAmount InvoiceTotalVatIncludedAmount VatSpecificationDetails InvoiceFreeText "
    "PaymentTermsDetails DiscountDetails",
    "InvoiceRow": "ArticleName ArticleDescription InvoicedQuantity StartDate EndDate "
    "UnitPriceAmount UnitPriceNetAmount RowIdentifier RowPositionIdentifier RowDiscountAmount "
    "RowDiscountTypeCode RowDiscountTypeText RowVatRatePercent RowVatCode RowVatExcludedAmount",
    "VatSpecificationDetails": "VatBaseAmount VatRatePercent VatCode VatRateAmount VatFreeText "
    "VatExemptionReasonCode",
}
UBL_ORDER = {
    "Invoice": "CustomizationID ProfileID ID IssueDate DueDate InvoiceTypeCode Note "
    "DocumentCurrencyCode BuyerReference InvoicePeriod OrderReference BillingReference "
    "AccountingSupplierParty AccountingCustomerParty PaymentMeans PaymentTerms AllowanceCharge "
    "TaxTotal LegalMonetaryTotal InvoiceLine",
    "CreditNote": "CustomizationID ProfileID ID IssueDate CreditNoteTypeCode Note "
    "DocumentCurrencyCode BuyerReference InvoicePeriod OrderReference BillingReference "
    "AccountingSupplierParty AccountingCustomerParty PaymentTerms AllowanceCharge TaxTotal "
    "LegalMonetaryTotal CreditNoteLine",
    "Party": "EndpointID PostalAddress PartyTaxScheme PartyLegalEntity Contact",
    "InvoiceLine": "ID Note InvoicedQuantity LineExtensionAmount InvoicePeriod AllowanceCharge "
    "Item Price",
    "CreditNoteLine": "ID Note CreditedQuantity LineExtensionAmount InvoicePeriod AllowanceCharge "
    "Item Price",
    "LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount "
    "AllowanceTotalAmount PayableAmount",
    "TaxCategory": "ID Percent TaxExemptionReasonCode TaxExemptionReason TaxScheme",
}
# Finvoice element -> the form of its text.
FINVOICE_FORMS = {
    r".*Amount": r"-?[0-9]{1,15},[0-9]{2,5}",
    r".*Percent": r"[1-9]?[0-9]{1,2}(,[0-9]{1,4})?",
    r".*Date": r"20[0-9]{6}",
    r"InvoiceNumber|OriginalInvoiceNumber": r".{1,20}",
    r"(Seller|Buyer)OrganisationName": r".{2,70}",
    r"(Seller|Buyer)(StreetName|TownName|PostCodeIdentifier)": r".{2,35}",
    r"EpiNameAddressDetails": r".{2,35}",
    r"ArticleName": r".{1,100}",
    r"InvoicedQuantity": r"-?[0-9,]{1,13}",
    r"VatFreeText|PaymentTermsFreeText|FreeText": r".{1,70}",
    r"VirtualBankBarcode": r"[45][0-9]{53}",
    r"CountryCode": r"[A-Z]{2}",
}
UBL_FORMS = {
    r"(?!Base).*Amount": r"-?[0-9]+\.[0-9]{2,5}",
    r".*Date": r"20[0-9]{2}-[0-9]{2}-[0-9]{2}",
    r"InvoicedQuantity|CreditedQuantity": r"-?[0-9]+(\.[0-9]{1,4})?",
    r"IdentificationCode": r"[A-Z]{2}",
}


def problems_of(files: dict[str, bytes]) -> list[str]:
    """One line for each finding in files by name; empty when all are right."""
    found = [f"{name}: {text}" for name, raw in files.items() for text in own_look(raw)]
    if checker := outside_checker("validate_einvoice.py"):
        for release in RELEASES:
            found += _ask(checker, files, release)
    return found


def _ask(checker: Path, files: dict[str, bytes], release: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for n, (name, raw) in enumerate(files.items()):
            path = Path(folder) / f"{n:04d}.xml"
            path.write_bytes(raw)
            paths[str(path)] = name
        run = subprocess.run(
            [sys.executable, str(checker), "--strict-own", "--json", "--release", release, *paths],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if not run.stdout.startswith("["):
        return [f"oracle {release}: {run.stderr[-500:]}"]
    report = json.loads(run.stdout)
    assert len(report) == len(files), "the oracle answered for each file"
    return [
        f"{release} {paths[row['file']]}: {x['id']} {x['text']} {x['location']}"
        for row in report
        for x in row["findings"]
    ] + [f"{release} {paths[row['file']]}: {row['error']}" for row in report if "error" in row]


def own_look(raw: bytes) -> list[str]:
    """What is wrong by the checks that need nothing from outside."""
    root = etree.fromstring(raw)
    finvoice = root.tag == "Finvoice"
    orders, forms = (FINVOICE_ORDER, FINVOICE_FORMS) if finvoice else (UBL_ORDER, UBL_FORMS)
    return [*_order(root, orders), *_forms(root, forms), *_sums(root)]


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _order(root: etree._Element, orders: dict[str, str]) -> Iterator[str]:
    for parent in root.iter():
        wanted = orders.get(_local(parent))
        if wanted is None:
            continue
        places = wanted.split()
        names = [_local(child) for child in parent]
        if unknown := [name for name in names if name not in places]:
            yield f"{_local(parent)} has {unknown}"
        elif names != sorted(names, key=places.index):
            yield f"{_local(parent)} is out of order: {names}"


# What to read: rows, discounts, base, rate, tax, net, tax in all, total.
FINVOICE_SUMS = (
    "InvoiceRow/RowVatExcludedAmount",
    "InvoiceDetails/DiscountDetails/Amount",
    "InvoiceDetails/VatSpecificationDetails",
    "VatBaseAmount",
    "VatRatePercent",
    "VatRateAmount",
    "InvoiceDetails/InvoiceTotalVatExcludedAmount",
    "InvoiceDetails/InvoiceTotalVatAmount",
    "InvoiceDetails/InvoiceTotalVatIncludedAmount",
)
UBL_SUMS = (
    "{*}InvoiceLine/{*}LineExtensionAmount|{*}CreditNoteLine/{*}LineExtensionAmount",
    "{*}AllowanceCharge/{*}Amount",
    "{*}TaxTotal/{*}TaxSubtotal",
    "{*}TaxableAmount",
    "{*}TaxCategory/{*}Percent",
    "{*}TaxAmount",
    "{*}LegalMonetaryTotal/{*}TaxExclusiveAmount",
    "{*}TaxTotal/{*}TaxAmount",
    "{*}LegalMonetaryTotal/{*}TaxInclusiveAmount",
)


def _sums(root: etree._Element) -> Iterator[str]:
    """The arithmetic of EN 16931: lines less discounts, tax once per rate, net and tax."""
    paths = FINVOICE_SUMS if root.tag == "Finvoice" else UBL_SUMS
    rows, cuts, parts, base, rate, tax, net, tax_all, gross = paths

    def values(path: str, of: etree._Element = root) -> list[Decimal]:
        found = [e for p in path.split("|") for e in of.findall(p)]
        return [Decimal((e.text or "").replace(",", ".")) for e in found]

    def total(path: str) -> Decimal:
        return sum(values(path), Decimal(0))

    if total(rows) - total(cuts) != total(net):
        yield f"lines {total(rows)} less {total(cuts)} is not {total(net)}"
    if total(net) + total(tax_all) != total(gross):
        yield f"{total(net)} and tax {total(tax_all)} is not {total(gross)}"
    boxes = root.findall(parts)
    if sum((values(tax, box)[0] for box in boxes), Decimal(0)) != total(tax_all):
        yield "the taxes by rate do not add up"
    for box in boxes:
        percent = (values(rate, box) or [Decimal(0)])[0]
        wanted = (values(base, box)[0] * percent / 100).quantize(CENT, ROUND_HALF_UP)
        if values(tax, box)[0] != wanted:
            yield f"{percent} % of {values(base, box)[0]} is {wanted}"


def _forms(root: etree._Element, forms: dict[str, str]) -> Iterator[str]:
    for element in root.iter():
        if len(element):
            continue
        text = element.text or ""
        if not text.strip():
            yield f"{_local(element)} is empty"
        for name, form in forms.items():
            if re.fullmatch(name, _local(element)) and not re.fullmatch(form, text):
                yield f"{_local(element)} is {text!r}"
