"""Shapes of input of invoices."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import DateInput


class UntilForm(forms.Form):
    until = forms.DateField(
        label=_("Work done by"), widget=DateInput(attrs={"class": "mid"}), required=False
    )


class CreditForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it credited?"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    bill_again = forms.BooleanField(
        label=_("Let the hours be corrected and billed again"), required=False, initial=True
    )


class PaidForm(forms.Form):
    paid_on = forms.DateField(label=_("Paid on"), widget=DateInput(attrs={"class": "mid"}))
