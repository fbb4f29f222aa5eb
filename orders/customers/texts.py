"""What is wrong on a customer's card, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.violations import Violation


def customer_text(violation: Violation) -> str | None:
    """What is wrong on the card and what to do now; None for codes of others."""
    if violation.code == "customer_public_term":
        text = _("A public body pays within %(days)s days by law. Enter %(days)s or less.")
        return text % {"days": violation.numbers.get("to", "")}
    return buyer_text(violation.code)


def buyer_text(code: str) -> str | None:
    """What is wrong with a buyer's country or numbers (vat_treatment); None for other codes."""
    return {
        "business_id_missing": _("Enter the business ID, for example 2077474-0."),
        "country_unknown": _("Choose Finland or another country of the EU."),
        "vat_id_missing": _(
            "Enter the VAT number: a business of another EU country is invoiced with it."
        ),
        "vat_id_form": _(
            "Check the VAT number: the letters of the country, then the number, for example "
            "SE556012579001."
        ),
        "vat_id_country": _(
            "The VAT number is of another country than the customer. Change one of them."
        ),
        "vat_id_home": _(
            "A Finnish buyer has no VAT number here: it follows from the business ID. Leave this "
            "empty, or choose another country."
        ),
        "vat_id_taken": _("Another customer has this VAT number."),
        "vat_id_differs": _(
            "The VAT number is not that of the business ID. Correct one of them, or leave the VAT "
            "number empty."
        ),
        "seller_needs_business_id": _(
            "A buyer from abroad has the reverse charge of construction only with a Finnish "
            "business ID. Enter it, or remove the mark."
        ),
    }.get(code)
