"""Codes and words that both formats share: units, reasons of no tax, terms, references. Pure."""

from __future__ import annotations

from billing.papers.einvoice.text import plain
from billing.papers.pdf.words import WORDS
from billing.rules.document import CREDIT_NOTE, InvoiceDocument

# Categories of EN 16931 that the product uses: standard, zero rated, exempt, reverse charge,
# outside the scope of VAT.
CATEGORIES = ("S", "Z", "E", "AE", "O")
# Codes of a Finnish business id (ISO 6523).
BUSINESS_ID_SCHEME = "0212"
EXEMPTION_CODES = {"E": "VATEX-EU-132-1G", "AE": "VATEX-EU-AE", "O": "VATEX-EU-O"}
_REASONS = {
    "fi": {
        "E": "Arvonlisäverosta vapautettu, AVL 37 §",
        "AE": "Käännetty verovelvollisuus, AVL 8 c §",
        "AE_EU": "Käännetty verovelvollisuus, direktiivi 2006/112/EY, 44 ja 196 art.",
        "O": "Myyjä ei ole arvonlisäverovelvollinen",
    },
    "sv": {
        "E": "Momsfri, mervärdesskattelagen 37 §",
        "AE": "Omvänd skattskyldighet, mervärdesskattelagen 8 c §",
        "AE_EU": "Omvänd skattskyldighet, direktiv 2006/112/EG, art. 44 och 196",
        "O": "Säljaren är inte momsskyldig",
    },
    "en": {
        "E": "Exempt from VAT, Finnish VAT Act section 37",
        "AE": "Reverse charge, Finnish VAT Act section 8 c",
        "AE_EU": "Reverse charge, Directive 2006/112/EC, articles 44 and 196",
        "O": "The seller is not registered for VAT",
    },
}
FINNISH_UNITS = {"HUR": "h", "C62": "kpl", "DAY": "pv", "KMT": "km", "LS": "erä"}


def exemption(doc: InvoiceDocument, code: str) -> str:
    """Why a category carries no tax, in the document's language; empty for S and Z."""
    # Whose number is named tells which law: Finnish construction has a Finnish number.
    abroad = code == "AE" and doc.buyer.vat_id and not doc.buyer.vat_id.startswith("FI")
    return _REASONS[doc.language].get("AE_EU" if abroad else code, "")


def terms(doc: InvoiceDocument) -> str:
    """Terms of payment; a credit note says that there is nothing to pay."""
    words = WORDS[doc.language]
    if doc.kind == CREDIT_NOTE:
        return words["no_pay"]
    return words["days"].format(n=doc.payment_term_days)


def late(doc: InvoiceDocument) -> str:
    """What late payment costs."""
    return "" if doc.kind == CREDIT_NOTE else WORDS[doc.language]["interest"]


def order_numbers(doc: InvoiceDocument) -> list[str]:
    """Numbers of the orders on the document, in their order."""
    return list(dict.fromkeys(line.order_no for line in doc.lines if line.order_no))


def order_number(doc: InvoiceDocument) -> str:
    """The order, when the document is about exactly one."""
    found = order_numbers(doc)
    return found[0] if len(found) == 1 else ""


def buyer_reference(doc: InvoiceDocument) -> str:
    """What the buyer finds the invoice by: its own reference, else its number with us."""
    own = plain(doc.buyer_reference)
    return own or ("" if order_number(doc) else plain(doc.customer_no))
