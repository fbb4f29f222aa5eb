"""Forms of the worker's phone: the week's grid, a date, days away, when I left, my details."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.formfields import PhoneNumberField

from core.fields import DateInput
from core.intervals import local_instant
from core.languages import Language
from core.zone import HELSINKI
from dispatch.assignments import punches
from workers.availability.services import CAN, NO, PARTS, PREFER, Slot, week_of
from workers.models import Weekday, WeeklyAvailability, Worker

PART_LABELS = {
    "morning": pgettext_lazy("part of day", "morning"),
    "day": pgettext_lazy("part of day", "day"),
    "evening": pgettext_lazy("part of day", "evening"),
}
ANSWERS = [
    (NO, pgettext_lazy("availability", "no")),
    (CAN, pgettext_lazy("availability", "I can")),
    (PREFER, pgettext_lazy("availability", "preferably")),
]
LATE_CHOICES = (10, 20, 30, 60)


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)


class WeekForm(forms.Form):
    """Seven days by three parts; each cell is a select named like `d0_morning`."""

    def __init__(self, data: Any = None, *, rows: list[WeeklyAvailability]) -> None:
        super().__init__(data)
        present = week_of(rows)
        for (weekday, part), value in present.items():
            self.fields[f"d{weekday}_{part}"] = forms.ChoiceField(
                choices=ANSWERS,
                initial=value,
                label=f"{Weekday(weekday).label} {PART_LABELS[part]}",
                widget=forms.Select(attrs={"data-cycle": ""}),
            )

    @property
    def days(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(weekday's name, its cells) from Monday to Sunday."""
        return [(str(Weekday(d).label), [self[f"d{d}_{p.code}"] for p in PARTS]) for d in range(7)]

    def wanted(self) -> dict[Slot, str]:
        """The whole grid as (weekday, part) -> no, can, prefer."""
        return {(d, p.code): self.cleaned_data[f"d{d}_{p.code}"] for d in range(7) for p in PARTS}


CHOOSE_DAY = dict.fromkeys(("required", "invalid"), _("Choose a day."))


class ExceptionForm(forms.Form):
    on = forms.DateField(label=_("Date"), widget=DateInput(), error_messages=CHOOSE_DAY)
    available = forms.ChoiceField(
        label=_("On that day"),
        choices=[("yes", _("I can work")), ("no", _("I cannot work"))],
        widget=forms.RadioSelect,
        initial="yes",
    )
    starts = forms.TimeField(
        label=pgettext_lazy("time", "From"), required=False, widget=TimeInput()
    )
    ends = forms.TimeField(label=pgettext_lazy("time", "To"), required=False, widget=TimeInput())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["on"].widget.attrs["min"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts"), data.get("ends")
        if data.get("on") and data["on"] < self.today:
            self.add_error("on", _("Choose today or a later day."))
        if bool(starts) != bool(ends):
            self.add_error(
                "ends" if starts else "starts", _("Give both times, or neither for the whole day.")
            )
        elif starts and ends and ends <= starts:
            self.add_error("ends", _("The end must be after the start."))
        if data.get("available") == "yes" and not starts and not self.errors:
            data["starts"], data["ends"] = time(7), time(21)
        return data


class AbsenceForm(forms.Form):
    """Whole days away; the reason is not asked and has no field."""

    from_on = forms.DateField(
        label=_("First day away"), widget=DateInput(), error_messages=CHOOSE_DAY
    )
    to_on = forms.DateField(label=_("Last day away"), widget=DateInput(), error_messages=CHOOSE_DAY)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from_on"), data.get("to_on")
        if first and first < self.today:
            self.add_error("from_on", _("Choose today or a later day."))
        if first and last and last < first:
            self.add_error("to_on", _("The last day must not be before the first."))
        elif first and last and last > first + timedelta(days=366):
            self.add_error("to_on", _("Choose at most one year."))
        return data

    def interval(self) -> tuple[datetime, datetime]:
        """Local midnight of the first day to local midnight after the last."""
        first, last = self.cleaned_data["from_on"], self.cleaned_data["to_on"]
        return (
            local_instant(first, time(0), HELSINKI),
            local_instant(last + timedelta(days=1), time(0), HELSINKI),
        )


class LeftForm(forms.Form):
    """When the worker left, for a check-out that was forgotten."""

    left = forms.TimeField(label=_("I left at"), widget=TimeInput())

    def __init__(
        self, *args: Any, began: datetime, planned_end: datetime, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.began, self.planned_end, self.now = began, planned_end, now
        self.fields["left"].initial = planned_end.astimezone(HELSINKI).time()

    def clean_left(self) -> time:
        at = self.at(self.cleaned_data["left"])
        if at <= self.began:
            raise forms.ValidationError(_("You came after that. Check the time."))
        if at > self.now:
            raise forms.ValidationError(_("That time has not come yet."))
        return self.cleaned_data["left"]

    def at(self, wall: time) -> datetime:
        """The first moment after arrival when the clock shows `wall`.

        That is on the next day when the assignment goes on to it, or went on past midnight.
        """
        return punches.instant_of_named_time(wall, began=self.began, planned_end=self.planned_end)


class ProfileForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"), choices=Language.choices, widget=forms.RadioSelect
    )
    phone = PhoneNumberField(
        label=_("Your phone number"),
        required=False,
        region="FI",
        error_messages={"invalid": _("Write the number, for example 040 123 4567.")},
    )

    def __init__(self, *args: Any, worker: Worker | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.worker = worker
        self.fields["phone"].widget.attrs.update({"autocomplete": "tel", "inputmode": "tel"})
