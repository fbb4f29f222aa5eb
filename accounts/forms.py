"""Shape of input for signing in, and of what is looked for in the audit trail."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import DateInput


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


class _Day(forms.DateField):
    """A day as a browser's own field writes it, in years that have events."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=DateInput(),
            validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))],
        )


class AuditFilterForm(forms.Form):
    """What to look for in the audit trail; every field may stay empty."""

    kind = forms.ChoiceField(label=pgettext_lazy("column", "Kind"), required=False)
    ref = forms.CharField(label=_("Order number or reference"), required=False, max_length=40)
    by = forms.CharField(label=_("Person"), required=False, max_length=60)
    first = _Day(pgettext_lazy("day", "From"))
    last = _Day(pgettext_lazy("day", "To"))

    def __init__(self, data: Any, *, kinds: Iterable[str]) -> None:
        super().__init__(data, auto_id="filter_%s")
        choices = [("", _("All kinds")), *((kind, kind) for kind in kinds)]
        self.fields["kind"] = forms.ChoiceField(
            label=self.fields["kind"].label, required=False, choices=choices
        )

    @property
    def given(self) -> dict[str, Any]:
        """The fields that can be read: a wrong one asks for nothing."""
        self.is_valid()
        return self.cleaned_data
