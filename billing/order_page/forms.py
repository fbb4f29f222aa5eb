"""Shapes of input of the order page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import SHORT_CLOCK, ClockField, DateInput


class MoveForm(forms.Form):
    works_on = forms.DateField(
        label=_("New day"),
        widget=DateInput(attrs={"class": "mid"}),
        error_messages=dict.fromkeys(
            ("required", "invalid"), _("Enter the day, for example 26.11.2026.")
        ),
    )
    starts = ClockField(
        label=_("Begins at"),
        widget=forms.TextInput(attrs=SHORT_CLOCK),
        error_messages={"required": _("Enter the time, for example 9.00.")},
    )
