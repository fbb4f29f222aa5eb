"""Shapes of input of reminders."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import EuroField


class RateForm(forms.Form):
    """The reference rate of a half-year."""

    half = forms.DateField(widget=forms.HiddenInput)
    percent = EuroField(label=_("Reference rate, %"))
    source = forms.CharField(
        label=_("Where is the figure from?"),
        max_length=200,
        help_text=_("The Bank of Finland publishes it before each half-year."),
    )
