"""Shape of input for signing in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SignInLinkForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Write your e-mail address, for example name@company.fi."),
            "invalid": _("Write your e-mail address, for example name@company.fi."),
        },
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)
