"""What a customer's card lacks for the way its invoices go. Pure: codes only."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from accounts.einvoice_address import check_address, check_operator, endpoint


class Channel(StrEnum):
    """How a customer gets its invoices: a PDF by e-mail, or an e-invoice of a format."""

    EMAIL = "email"
    FINVOICE = "finvoice"
    PEPPOL = "peppol"


def card_problems(
    channel: str, *, address: str, operator: str, reference: str, public: bool
) -> dict[str, str]:
    """Code of what is wrong by field of the card; empty when an e-invoice can go out.

    Finvoice needs an address and an operator. Peppol finds the operator by itself and needs an
    address of its own network; a public body gets nothing through without its reference.
    """
    found: dict[str, str] = {}
    if channel not in (Channel.FINVOICE, Channel.PEPPOL):
        return found
    if not address:
        found["e_invoice_address"] = "einvoice_address_missing"
    elif code := _refused(check_address, address):
        found["e_invoice_address"] = code
    elif channel == Channel.PEPPOL and endpoint(address) is None:
        found["e_invoice_address"] = "einvoice_peppol_address"
    if channel == Channel.FINVOICE and not operator:
        found["e_invoice_operator"] = "einvoice_operator_missing"
    elif operator and _refused(check_operator, operator):
        found["e_invoice_operator"] = "einvoice_operator"
    if channel == Channel.PEPPOL and public and not reference:
        found["invoice_reference"] = "einvoice_reference_missing"
    return found


def _refused(check: Callable[[str], str], text: str) -> str:
    try:
        check(text)
    except ValueError as error:
        return str(error)
    return ""
