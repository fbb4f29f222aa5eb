"""Shapes of input: corrections, disputes, moves, the month run, credit, payment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import HourEntry
from core.fields import SHORT_CLOCK, ClockField, DateInput
from core.timing import NoSuchLocalTime, window
from core.zone import HELSINKI


class CorrectionForm(forms.Form):
    """What was really done; the end may lie after midnight."""

    works_on = forms.DateField(label=_("Day"), widget=DateInput(attrs={"class": "mid"}))
    started = ClockField(label=_("Work began"), widget=forms.TextInput(attrs=SHORT_CLOCK))
    ended = ClockField(label=_("Work ended"), widget=forms.TextInput(attrs=SHORT_CLOCK))
    break_min = forms.IntegerField(
        label=_("Break (minutes)"),
        min_value=0,
        max_value=240,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
    )
    note = forms.CharField(
        label=_("What is different and why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    @staticmethod
    def initial_of(entry: HourEntry) -> dict[str, Any]:
        """The entry as it is now."""
        begins = entry.started_at.astimezone(HELSINKI)
        ends = (entry.ended_at or entry.assignment.ends_at).astimezone(HELSINKI)
        return {
            "works_on": begins.date(),
            "started": begins.time(),
            "ended": ends.time(),
            "break_min": entry.break_min,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                data["started_at"], data["ended_at"] = self._instants(data)
            except NoSuchLocalTime:
                self.add_error("started", _("The clocks go forward then. Choose another time."))
        return data

    @staticmethod
    def _instants(data: dict[str, Any]) -> tuple[datetime, datetime]:
        on: date = data["works_on"]
        until = on if data["ended"] > data["started"] else on + timedelta(days=1)
        return window(on, data["started"], 0)[0], window(until, data["ended"], 0)[0]


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("What is not right?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AnswerForm(forms.Form):
    note = forms.CharField(
        label=_("Your answer"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
