"""Form fields that more than one app shows: the same wrong value gets the same words everywhere."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from core.cells import BadCell, number
from core.timing import parse_clock

SHORT_CLOCK = {"inputmode": "decimal", "autocomplete": "off", "class": "short"}
"""Attributes of a clock field in a row of small fields."""
MOST_EUROS = Decimal("999999.99")


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class ClockField(forms.CharField):
    """A time of day as people type it: 9, 9.00, 9:00, 900; gives `datetime.time`."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        found = parse_clock(str(text))
        if found is None:
            raise forms.ValidationError(_("Enter the time, for example 9.00."), code="invalid")
        return found

    def prepare_value(self, value: Any) -> Any:
        return f"{value.hour}.{value.minute:02d}" if isinstance(value, time) else value


class EuroField(forms.CharField):
    """An amount as people type it: 160,64 or 1 160.64 €; gives `Decimal`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "mid"}

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            amount = number(text)
        except BadCell as error:
            raise forms.ValidationError(_("Write the amount, for example 160.64.")) from error
        if abs(amount) > MOST_EUROS or amount != round(amount, 2):
            raise forms.ValidationError(
                _("Write the amount in euros and cents, 999,999.99 at most.")
            )
        return amount


def phone_field(*, label: Any, required: bool = False, autocomplete: str = "") -> PhoneNumberField:
    """A phone number in Finnish or international form."""
    attrs = {"type": "tel"} | ({"autocomplete": autocomplete} if autocomplete else {})
    wrong = _("Enter a phone number, for example 040 123 4567.")
    return PhoneNumberField(
        label=label,
        required=required,
        region="FI",
        widget=forms.TextInput(attrs=attrs),
        error_messages={"required": wrong, "invalid": wrong},
    )


def ref_or_none(text: str) -> UUID | None:
    """The ref that a query string or a hidden field names; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
