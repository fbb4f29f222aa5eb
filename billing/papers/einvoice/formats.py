"""The one door: which formats there are, what a document lacks for one, and its bytes. Pure."""

from __future__ import annotations

from enum import StrEnum

from accounts.einvoice_address import check_address, check_operator, endpoint
from billing.papers.einvoice.wording import CATEGORIES
from billing.rules.document import InvoiceDocument, Party


class Format(StrEnum):
    """Formats of e-invoices."""

    FINVOICE = "finvoice"
    UBL = "ubl"


def lacks(doc: InvoiceDocument, to: Format) -> list[str]:
    """Codes of what keeps `doc` from being a valid e-invoice; empty when nothing does.

    What is about us: einvoice_our_address, einvoice_our_operator, einvoice_our_vat_id. About the
    customer: einvoice_address_missing, einvoice_operator_missing, einvoice_peppol_address,
    einvoice_buyer_vat_id, einvoice_name. About the lines: einvoice_vat_category,
    einvoice_vat_mixed.
    """
    found = _ends(doc, to)
    if len(doc.buyer.name.strip()) < 2:
        found.append("einvoice_name")
    codes = {row.code for row in doc.vat_rows}
    if codes - set(CATEGORIES):
        found.append("einvoice_vat_category")
    # Outside the scope of VAT stands alone (BR-O-11); every other category names the seller.
    if "O" in codes and len(codes) > 1:
        found.append("einvoice_vat_mixed")
    if codes - {"O"} and not doc.seller.vat_id:
        found.append("einvoice_our_vat_id")
    if "AE" in codes and not doc.buyer.vat_id:
        found.append("einvoice_buyer_vat_id")
    return found


def _ends(doc: InvoiceDocument, to: Format) -> list[str]:
    found = []
    if to == Format.UBL:
        if endpoint(doc.seller.e_invoice_address) is None:
            found.append("einvoice_our_address")
        if endpoint(doc.buyer.e_invoice_address) is None:
            found.append("einvoice_peppol_address")
        return found
    if not _address_ok(doc.seller):
        found.append("einvoice_our_address")
    if not _operator_ok(doc.seller):
        found.append("einvoice_our_operator")
    if not _address_ok(doc.buyer):
        found.append("einvoice_address_missing")
    if not _operator_ok(doc.buyer):
        found.append("einvoice_operator_missing")
    return found


def _address_ok(party: Party) -> bool:
    try:
        return bool(check_address(party.e_invoice_address))
    except ValueError:
        return False


def _operator_ok(party: Party) -> bool:
    try:
        return bool(check_operator(party.e_invoice_operator))
    except ValueError:
        return False


def render(doc: InvoiceDocument, to: Format) -> bytes:
    """The file of a document that lacks nothing.

    Raises:
        ValueError: the first code of `lacks`, or TooLong for an identifier that does not fit.
    """
    if found := lacks(doc, to):
        raise ValueError(found[0])
    from billing.papers.einvoice import finvoice, ubl  # noqa: PLC0415 - loads lxml

    return finvoice.render(doc) if to is Format.FINVOICE else ubl.render(doc)
