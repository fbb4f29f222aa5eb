"""The upload of a table."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

KIND_LABELS = {
    "customers": _("Customers"),
    "sites": _("Sites"),
    "task_types": _("Task types and prices"),
    "workers": _("Workers"),
    "orders": _("Orders"),
}


class ImportForm(forms.Form):
    kind = forms.ChoiceField(label=_("What does the file hold?"), choices=list(KIND_LABELS.items()))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX, at most 5 MB. The first line holds the headings."),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty. Choose a file that has headings on its first line."),
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )
