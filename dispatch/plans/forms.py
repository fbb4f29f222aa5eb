"""Input shapes of the plan pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import DateInput
from dispatch.plans.services import week_of

DAY, WEEK = "day", "week"
SPANS = [(DAY, pgettext_lazy("plan", "One day")), (WEEK, pgettext_lazy("plan", "The whole week"))]
SECONDS = [
    (5, _("5 seconds: a good plan at once")),
    (15, _("15 seconds")),
    (40, _("40 seconds: as good as it gets")),
]


class PlanForm(forms.Form):
    """Which days to plan and how long to think."""

    on = forms.DateField(label=_("Day"), widget=DateInput())
    span = forms.ChoiceField(label=_("Plan"), choices=SPANS, widget=forms.RadioSelect)
    seconds = forms.TypedChoiceField(
        label=_("Time to think"), choices=SECONDS, coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on < self.today:
            raise forms.ValidationError(_("The day is over. Choose today or a later day."))
        return on

    def days(self) -> tuple[date, date]:
        """First and last day to plan."""
        on: date = self.cleaned_data["on"]
        return week_of(on, self.today) if self.cleaned_data["span"] == WEEK else (on, on)
