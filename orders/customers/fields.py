"""Fields of an address and of a point on the map."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.geocode import postal_place

POSTCODE_HELP = _("Enter a Finnish postcode, for example 53100.")


class LineField(forms.CharField):
    """A name or an address of one line: it is written into messages that leave in our name."""

    def to_python(self, value: Any) -> str:
        text = " ".join(str(super().to_python(value) or "").split())
        if re.search(r"://|\bwww\.", text, re.IGNORECASE):
            raise forms.ValidationError(_("Leave web addresses out of this field."), code="link")
        return text


class PostcodeField(forms.CharField):
    """Five digits that are a postcode in Finland."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "postal-code", "inputmode": "numeric", "maxlength": "5"}
        options.setdefault("label", _("Postcode"))
        options.setdefault("error_messages", {"required": POSTCODE_HELP})
        super().__init__(max_length=5, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text and postal_place(text) is None:
            raise forms.ValidationError(POSTCODE_HELP, code="postcode")
        return text


def degree_field(label: Any, least: float, most: float, message: Any, **options: Any) -> Any:
    """Degrees of WGS 84 inside Finland; every mistake gets the same words."""
    field = forms.FloatField(
        label=label,
        min_value=least,
        max_value=most,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        error_messages=dict.fromkeys(("required", "invalid"), message),
        **options,
    )
    for validator in field.validators:
        validator.message = message  # type: ignore[attr-defined]
    return field


LATITUDE = partial(degree_field, _("Latitude"), 59.0, 71.0, _("Enter a latitude from 59 to 71."))


LONGITUDE = partial(degree_field, _("Longitude"), 19.0, 32.0, _("Enter a longitude from 19 to 32."))
