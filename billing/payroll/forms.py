"""Shapes of input of pay: period, decisions about hours, subsidy decisions, liability papers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models.payroll import HourMark, LiabilityPaper, SubsidyDecision
from core.fields import DateInput


class PeriodForm(forms.Form):
    """From and to, both days of the period."""

    first = forms.DateField(label=_("From"), widget=DateInput(attrs={"class": "mid"}))
    last = forms.DateField(label=_("To"), widget=DateInput(attrs={"class": "mid"}))


class MarkForm(forms.Form):
    """A decision about the hours of one gig."""

    mark = forms.ChoiceField(
        label=_("Decision"), choices=HourMark.Mark.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    contract_ref = forms.CharField(
        label=_("Contract or decision"),
        max_length=80,
        required=False,
        help_text=_("Number or date of the paper that allows it. Not needed for emergency work."),
    )


class SubsidyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A decision of the authority."""

    class Meta:
        model = SubsidyDecision
        fields = (
            "engagement", "funder", "decision_no", "starts_on", "ends_on", "percent",
            "month_max_min", "alert_days",
        )  # fmt: skip
        widgets = {"starts_on": DateInput(), "ends_on": DateInput()}  # noqa: RUF012

    def __init__(self, *args: Any, deals: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["engagement"]
        field.queryset = deals
        field.label_from_instance = lambda deal: f"{deal.worker}: {deal}"


class PaperForm(forms.Form):
    """A paper of the orderer's liability pack."""

    kind = forms.ChoiceField(label=_("Paper"), choices=LiabilityPaper.Kind.choices)
    issued_on = forms.DateField(label=_("Date of the paper"), widget=DateInput())
    expires_on = forms.DateField(
        label=_("Good until"),
        required=False,
        widget=DateInput(),
        help_text=_("Empty: for as long as the law lets the paper be good."),
    )
    file = forms.FileField(label=_("File (PDF)"), widget=forms.FileInput(attrs={"accept": ".pdf"}))
