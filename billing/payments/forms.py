"""Shapes of input about money: payments, bank files, reminders, books."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models.payments import Payment
from core.fields import DateInput, EuroField


class PaymentForm(forms.Form):
    """Money entered by hand on one invoice."""

    KINDS = (Payment.Kind.MANUAL, Payment.Kind.REFUND, Payment.Kind.WRITE_OFF)
    kind = forms.ChoiceField(
        label=_("What happened?"),
        choices=[
            (Payment.Kind.MANUAL.value, _("The customer paid")),
            (Payment.Kind.REFUND.value, _("We returned money")),
            (Payment.Kind.WRITE_OFF.value, _("A small difference is left unpaid")),
        ],
    )
    amount = EuroField(label=_("Amount, €"))
    paid_on = forms.DateField(label=_("Day"), widget=DateInput(attrs={"class": "mid"}))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class BankFileForm(forms.Form):
    file = forms.FileField(
        label=_("File from the bank"),
        help_text=_("camt.053 or camt.054 (XML), or the account list as CSV or XLSX."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,.csv,.xlsx,.txt"}),
    )


class GiveForm(forms.Form):
    """Which invoice a bank entry pays, and how much of it."""

    number = forms.IntegerField(
        label=_("Invoice number"),
        min_value=1,
        widget=forms.NumberInput(attrs={"class": "mid", "inputmode": "numeric"}),
    )
    amount = EuroField(label=_("Amount, €"))


class ReasonForm(forms.Form):
    note = forms.CharField(label=_("What is this about?"), max_length=200)
