"""What the codes of ordering's services say to a person, and in which field of the form."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.violations import Violation

FIELDS = {
    "order_business_id": ("check", "business_id"),
    "order_task_not_offered": ("task", "task"),
    "order_duration": ("when", "duration"),
    "order_people": ("when", "people"),
    "order_in_past": ("when", "day"),
    "order_too_far": ("when", "day"),
    "order_no_price": ("when", "day"),
    "order_too_soon": ("when", "starts"),
    "order_no_such_time": ("when", "starts"),
    "order_postcode": ("when", "postal_code"),
    "order_site_of_other": ("when", "site"),
}
"""Step and field of the order form that each code is about; others are about the whole form."""


def order_text(violation: Violation) -> str | None:
    """What happened and what to do now, in the active language; None for codes of others."""
    return _texts(violation).get(violation.code)


def _texts(violation: Violation) -> dict[str, str]:
    hours = -(-int(violation.numbers.get("min", 0)) // 60)
    return {
        "order_business_id": _("Check the business ID, for example 2077474-0."),
        "order_task_not_offered": _("This task cannot be ordered now. Choose another one."),
        "order_duration": _("Choose a length from 1 to 8 hours, in steps of 15 minutes."),
        "order_people": _("Enter a number of people from 1 to 20. For more, please call us."),
        "order_in_past": _("That time has passed. Choose a later day or time."),
        "order_too_far": _("Choose a day within a year from now."),
        "order_no_price": _("We have no price for that day yet. Choose another day or call us."),
        "order_too_soon": ngettext(
            "We need at least %(hours)d hour. Choose a later time, or call us.",
            "We need at least %(hours)d hours. Choose a later time, or call us.",
            hours,
        )
        % {"hours": hours},
        "order_no_such_time": _(
            "The clocks go forward that night and this time does not exist. Choose 4:00 or later."
        ),
        "order_postcode": _("Enter a Finnish postcode, for example 53100."),
        "order_site_of_other": _("Choose one of your own sites or enter an address."),
        "order_price_changed": _(
            "The price has changed since you saw it. Look at the new price and send again."
        ),
        "order_not_possible": _("This is not possible any more. Open the order again."),
        "order_begun": _(
            "The time of this work has begun, and somebody was to come. Call us, please."
        ),
        "order_begun_office": _(
            "The time of this work has begun, and somebody was to come. Say first on the order who "
            "did not come."
        ),
        "order_customer_closed": _("We cannot take this order on the web. Call us, please."),
        "order_same_time": _("The order is at that time already. Choose another one."),
        "order_changed": _("Somebody changed this order a moment ago. Look at it again."),
    }
