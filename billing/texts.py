"""What the codes of billing say to a person, in the active language."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.einvoice_texts import einvoice_text
from core.formats import clockrange, day, daylong
from core.violations import Violation


def billing_text(violation: Violation) -> str | None:
    """What happened and what to do now; None for codes of others."""
    return (
        _hours(violation)
        or _invoices(violation).get(violation.code)
        or _payments().get(violation.code)
        or _reminders(violation).get(violation.code)
        or einvoice_text(violation.code, violation.subject)
        or None
    )


def _hours(violation: Violation) -> str | None:
    return {
        "hours_not_open": _("These hours are not under way."),
        "hours_locked": _("These hours are on an invoice. Discard the draft or credit it first."),
        "hours_approved": _("These hours have been approved. Ask the office to correct them."),
        "hours_note": _("Write what is different, for example: the key was late."),
        "hours_not_possible": _("This cannot be done to these hours any more. Look at them again."),
        "hours_changed": _("Somebody changed these hours a moment ago. Look at them again."),
        "hours_order": _("Work must end after it begins."),
        "hours_too_long": _("One day of work is at most %(hours)s hours.") % violation.numbers
        if "hours" in violation.numbers
        else "",
        "hours_break": _("The break must be shorter than the work."),
        "hours_in_future": _("The end is still to come. Enter a time that has passed."),
        "hours_overlap": _overlap(violation),
        "hours_not_closed": _("These hours have no end yet."),
    }.get(violation.code)


def _overlap(violation: Violation) -> str:
    numbers = violation.numbers
    if "from" not in numbers:
        return ""
    began, ended = (datetime.fromisoformat(str(numbers[n])) for n in ("from", "until"))
    return _(
        "The worker has hours of order %(order)s on %(day)s %(time)s. "
        "Choose another time, or correct those hours first."
    ) % {"order": numbers["order"], "day": day(began), "time": clockrange(began, ended)}


def _invoices(violation: Violation) -> dict[str, str]:
    name = {"name": violation.subject}
    return {
        "price_missing": _("Order %(number)s has no price for %(day)s. Add a tariff or VAT rate.")
        % {"number": violation.subject, "day": _day(violation)},
        "organisation_missing": _("Our own details are missing. Add them in the settings."),
        "organisation_account": _("Our own account number is not right. Check it in the settings."),
        "customer_name": _("The customer's name is missing. Add it to the customer's card."),
        "customer_address": _("%(name)s: the billing address is missing on the customer's card.")
        % name,
        "customer_business_id": _("%(name)s: the business ID is missing on the customer's card.")
        % name,
        "customer_vat_id": _("%(name)s: the VAT number is missing on the customer's card.") % name,
        "customer_invoice_email": _("%(name)s: the e-mail for invoices is missing.") % name,
        "invoice_empty": _("There is nothing on this invoice."),
        "invoice_not_positive": _("The total must be more than zero. Use a credit note."),
        "invoice_not_draft": _("This is no longer a draft."),
        "invoice_not_issued": _("The invoice has no number yet. Issue it first."),
        "invoice_not_possible": _("This cannot be done to the invoice any more. Open it again."),
        "invoice_changed": _("Somebody changed this invoice a moment ago. Open it again."),
        "invoice_file_changed": _(
            "The stored PDF of invoice %(name)s is not the one we made. Tell the administrator."
        )
        % name,
        "credit_reason": _("Write why the invoice is credited."),
        "credit_rows": _("Choose at least one row of this invoice to credit."),
        "credit_twice": _("One of these rows is credited already. Look at the invoice again."),
        "invoice_too_large": _(
            "%(name)s: the total is more than 999,999.99 euros. Split it into several invoices."
        )
        % name,
        "row_text": _("Write on each row what it is, in 200 letters at most."),
        "row_quantity": _(
            "Check quantity and price of each row. A discount is a negative quantity."
        ),
        "vat_missing": _("There is no VAT rate for that day. Add it in the settings."),
    }


def _payments() -> dict[str, str]:
    return {
        "payment_amount": _("Enter an amount in euros and cents, more than zero."),
        "payment_more_than_open": _("That is more than what is open of the invoice."),
        "payment_more_than_paid": _("That is more than what has been paid of the invoice."),
        "payment_note": _("Write what this is about."),
        "payment_taken_back": _("This payment has been taken back already."),
        "payment_left": _("That is more than what is left of the bank entry."),
        "paid_before_issue": _("The day of payment cannot be before the invoice date."),
        "paid_in_future": _("The day of payment is still to come."),
    }


def _reminders(violation: Violation) -> dict[str, str]:
    name = {"name": violation.subject}
    return {
        "reminder_not_possible": _(
            "Only an invoice that is sent, due and open can be reminded of. Open it again."
        ),
        "reminder_too_early": _("The next reminder may go on %(day)s.") % {"day": _day(violation)},
        "reminder_terms": _("There are no terms of reminders for this kind of customer."),
        "reminder_changed": _(
            "The stored reminder of invoice %(name)s is not the one we made. Tell the "
            "administrator."
        )
        % name,
        "rate_missing": _(
            "The reference rate from %(day)s is missing. Enter it, and the interest is counted."
        )
        % {"day": _half(violation)},
        "rate_half": _("A reference rate begins on 1 January or 1 July."),
        "rate_percent": _("Enter the rate as the Bank of Finland gives it, for example 2.5."),
        "rate_source": _("Write where the figure comes from."),
    }


def _half(violation: Violation) -> str:
    half = str(violation.numbers.get("half", ""))
    return daylong(date.fromisoformat(half)) if half else ""


def _day(violation: Violation) -> str:
    on = str(violation.numbers.get("on", ""))
    return daylong(date.fromisoformat(on)) if on else ""
