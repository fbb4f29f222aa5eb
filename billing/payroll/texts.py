"""Words of pay: kinds of paid time, and what was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from billing.rules.pay import PayKind
from core.violations import Violation

KIND_NAMES: Mapping[str, Promise] = {
    PayKind.ORDINARY.value: pgettext_lazy("pay", "Ordinary work"),
    PayKind.ADDITIONAL.value: pgettext_lazy("pay", "Additional work"),
    PayKind.DAILY_OVERTIME.value: pgettext_lazy("pay", "Overtime of the day"),
    PayKind.WEEKLY_OVERTIME.value: pgettext_lazy("pay", "Overtime of the week"),
    PayKind.EVENING.value: pgettext_lazy("pay", "Evening"),
    PayKind.NIGHT.value: pgettext_lazy("pay", "Night"),
    PayKind.SATURDAY.value: pgettext_lazy("pay", "Saturday"),
    PayKind.SUNDAY.value: pgettext_lazy("pay", "Sunday"),
    PayKind.HOLIDAY.value: pgettext_lazy("pay", "Public holiday"),
    PayKind.EVE.value: pgettext_lazy("pay", "Eve of a holiday"),
    PayKind.EMERGENCY.value: pgettext_lazy("pay", "Emergency work"),
}


@lru_cache(maxsize=1)
def wage_names() -> dict[str, str]:
    """Names of kinds in files for payroll: always Finnish, whoever makes the export."""
    with translation.override("fi"):
        return {kind: str(name) for kind, name in KIND_NAMES.items()}


def _period_too_long(violation: Violation) -> str:
    days = int(violation.numbers.get("days", 0))
    return ngettext(
        "A period is at most %(n)d day long.", "A period is at most %(n)d days long.", days
    ) % {"n": days}


_TEXTS: Mapping[str, Callable[[Violation], str]] = {
    "period_order": lambda _v: _("The last day is before the first day."),
    "period_too_long": _period_too_long,
    "payroll_nothing": lambda _v: _("There is nothing new to export in this period."),
    "payroll_file_changed": lambda v: (
        _("The stored file of export %(number)s is not the one we made. Tell the administrator.")
        % {"number": v.subject}
    ),
    "hours_kind_not_billable": lambda v: (
        _("%(name)s works on a contract that is not billed. Decide first, with a reason.")
        % {"name": v.subject}
    ),
    "mark_reason": lambda _v: _("Write why."),
    "mark_contract": lambda _v: _("Write the contract or decision that allows this."),
    "mark_not_needed": lambda _v: _("These hours do not need such a decision."),
    "mark_exists": lambda _v: _("This has been decided already."),
    "subsidy_not_subsidised": lambda _v: _("This contract has no pay subsidy."),
    "liability_file": lambda _v: _("Choose a PDF file of at most 5 MB."),
    "liability_dates": lambda _v: _("The last good day is before the date of the paper."),
    "liability_papers_missing": lambda _v: _(
        "The pack is not complete: add the papers that are missing or out of date first."
    ),
}


def payroll_text(violation: Violation) -> str | None:
    """The sentence of a code of this file; None for the others."""
    found = _TEXTS.get(violation.code)
    return found(violation) if found else None
