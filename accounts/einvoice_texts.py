"""What the codes about e-invoices say to a person, and the form fields' help and check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.einvoice_address import OPERATORS

EINVOICE_HELP: dict[str, Any] = {
    "e_invoice_address": gettext_lazy(
        "An OVT code such as 003720774740, or the IBAN that the bank uses as the address."
    ),
    "e_invoice_operator": format_lazy(
        "{} {}.",
        gettext_lazy("The operator's OVT code or the bank's BIC, for example"),
        ", ".join(f"{code} ({name})" for code, name in OPERATORS),
    ),
}


def einvoice_text(code: str, name: str = "") -> str:
    """What is missing or wrong and where to put it right; empty for codes of others."""
    text = _card_texts().get(code) or _document_texts().get(code, "")
    return f"{name}: {text}" if name and text else text


def checked(check: Callable[[str], str], text: str) -> str:
    """The text as `check` writes it, or a form error in words; an empty one stays empty.

    Raises:
        ValidationError: the code of `check` in words.
    """
    if not text:
        return ""
    try:
        return check(text)
    except ValueError as error:
        raise ValidationError(einvoice_text(str(error)), code=str(error)) from error


def _card_texts() -> dict[str, str]:
    return {
        "einvoice_ovt": _(
            "Check the OVT code: 0037, then the business ID without the hyphen, then at most five "
            "letters or digits."
        ),
        "einvoice_iban": _("Check the account number: its check digits do not match."),
        "einvoice_address": _("Check the e-invoice address: 2 to 35 letters and digits."),
        "einvoice_operator": _(
            "Check the operator: an OVT code that begins 0037, or a bank's BIC."
        ),
        "einvoice_address_missing": _("The e-invoice address is missing. Ask the customer for it."),
        "einvoice_operator_missing": _(
            "The e-invoice operator is missing. The customer's own details name it."
        ),
        "einvoice_peppol_address": _(
            "Peppol needs an OVT code that begins 0037. This address works with Finvoice only."
        ),
        "einvoice_reference_missing": _(
            "A public body takes no Peppol invoice without its reference. Ask for it."
        ),
    }


def _document_texts() -> dict[str, str]:
    return {
        "einvoice_our_address": _(
            "Our own e-invoice address is missing or wrong. Add it in the settings."
        ),
        "einvoice_our_operator": _(
            "Our own e-invoice operator is missing or wrong. Add it in the settings."
        ),
        "einvoice_our_vat_id": _(
            "Our VAT number is not on this invoice. Credit it and make a new one."
        ),
        "einvoice_buyer_vat_id": _(
            "Reverse charge needs the customer's VAT number on the invoice."
        ),
        "einvoice_name": _("The customer's name is too short for an e-invoice."),
        "einvoice_vat_category": _("An e-invoice cannot carry a VAT code of this invoice."),
        "einvoice_vat_mixed": _(
            "Work outside VAT cannot be on the same e-invoice as other work. Make two invoices."
        ),
        "einvoice_too_long": _("A number or reference is too long for an e-invoice."),
        "einvoice_not_for_channel": _("This customer gets invoices by e-mail, not as e-invoices."),
    }
