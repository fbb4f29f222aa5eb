"""Shapes of input of the books."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import DateInput


class OnForm(forms.Form):
    on = forms.DateField(label=_("At the end of"), widget=DateInput(attrs={"class": "mid"}))
