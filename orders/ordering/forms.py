"""The three steps of the order form: shapes of what is typed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from geopy.distance import great_circle

from accounts.models import User
from core.fields import ClockField, DateInput, phone_field
from core.violations import Violation
from orders.customers.fields import LATITUDE, LONGITUDE, POSTCODE_HELP, LineField, PostcodeField
from orders.geocode import postal_place
from orders.models import Site, TaskType
from orders.ordering import selectors
from orders.ordering.texts import FIELDS, order_text
from orders.rules.business_id import check_business_id
from orders.rules.order_notice import time_violations
from orders.rules.order_size import MAX_MINUTES, MAX_PEOPLE, MIN_MINUTES, STEP_MINUTES

DURATIONS = (120, 240, 360, 480)
OTHER = "other"
FAR_KM = 50
"""A pin farther than this from its postcode is of another address."""


class TaskForm(forms.Form):
    """Step 1: what is needed."""

    task = forms.ModelChoiceField(
        label=_("What do you need?"),
        queryset=TaskType.objects.none(),
        to_field_name="code",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you need."),
            "invalid_choice": _("This task cannot be ordered now. Choose another one."),
        },
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        active = TaskType.objects.filter(active=True)
        self.fields["task"].queryset = active  # type: ignore[attr-defined]


class WhenForm(forms.Form):
    """Step 2: when and where. `days` are the chips; any other day goes into the date input."""

    day = forms.ChoiceField(
        label=_("Day"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a day."), "invalid_choice": _("Choose a day.")},
    )
    day_other = forms.DateField(
        label=_("Other day"),
        required=False,
        widget=DateInput(),
        input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"],
        error_messages={"invalid": _("Enter the day, for example 26.11.2026.")},
    )
    starts = ClockField(
        label=_("Starts at"),
        initial="9.00",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": _("Enter the time, for example 9.00.")},
    )
    duration = forms.ChoiceField(
        label=pgettext_lazy("order", "Length"),
        initial="240",
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a length from 1 to 8 hours, in steps of 15 minutes."),
            "invalid_choice": _("Choose a length from 1 to 8 hours, in steps of 15 minutes."),
        },
    )
    duration_other = forms.ChoiceField(
        label=_("Other length"),
        required=False,
        error_messages={
            "invalid_choice": _("Choose a length from 1 to 8 hours, in steps of 15 minutes.")
        },
    )
    people = forms.IntegerField(
        label=_("People"),
        initial=1,
        min_value=1,
        max_value=MAX_PEOPLE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    site = forms.ModelChoiceField(
        label=_("Where"),
        queryset=Site.objects.none(),
        to_field_name="ref",
        required=False,
        empty_label=_("Another address"),
        error_messages={"invalid_choice": _("Choose one of your own sites or enter an address.")},
    )
    street = LineField(
        label=_("Street address"),
        help_text=_("Street and number where the work is done"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postal_code = PostcodeField(required=False)
    lat = LATITUDE(required=False)
    lon = LONGITUDE(required=False)
    site_contact_name = LineField(
        label=_("Who meets the worker?"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter the name of the person who meets the worker.")},
    )
    site_contact_phone = phone_field(required=False, label=_("Their phone"), autocomplete="off")
    description = forms.CharField(
        label=_("What is to be done?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    wear = forms.CharField(label=_("What to wear or bring"), required=False, max_length=200)
    hazards = forms.CharField(
        label=_("Hazards at the site"),
        help_text=_("For example slippery yard, machines, allergens"),
        required=False,
        max_length=300,
    )
    construction_site = forms.BooleanField(
        label=_("The site is a construction site"), required=False
    )
    DETAILS: ClassVar[tuple[str, ...]] = ("description", "wear", "hazards", "construction_site")

    def __init__(
        self,
        *args: Any,
        now: datetime,
        days: list[date],
        by: User | None = None,
        sites: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.now, self.by, self.days = now, by, days
        choices: dict[str, Any] = {
            "day": [(d.isoformat(), d) for d in days] + [(OTHER, OTHER)],
            "duration": [(str(m), m) for m in DURATIONS] + [(OTHER, OTHER)],
            "duration_other": [("", "–")]
            + [(str(m), m) for m in range(MIN_MINUTES, MAX_MINUTES + 1, STEP_MINUTES)],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]
        limits = _("Enter a number of people from 1 to 20. For more, please call us.")
        people = self.fields["people"]
        for code in ("required", "invalid"):
            people.error_messages[code] = limits
        for validator in people.validators:
            validator.message = limits  # type: ignore[attr-defined]
        self.sites = list(sites) if sites is not None else []
        if self.sites:
            self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        else:
            del self.fields["site"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._clean_day(data)
        self._clean_duration(data)
        if not data.get("site"):
            self._need("street", data, _("Enter the street and number, for example Kauppakatu 4."))
            self._need("postal_code", data, POSTCODE_HELP)
            self._clean_pin(data)
        works_on, starts = data.get("works_on"), data.get("starts")
        if works_on and starts:
            notice_min = selectors.notice_min_for(self.by)
            self.show(time_violations(works_on, starts, notice_min=notice_min, now=self.now))
        return data

    def _clean_pin(self, data: dict[str, Any]) -> None:
        lat, lon = data.get("lat"), data.get("lon")
        if lat is None and lon is None:
            return
        if lat is None or lon is None:
            self._need("lat", data, _("Enter a latitude from 59 to 71."))
            self._need("lon", data, _("Enter a longitude from 19 to 32."))
            return
        area = postal_place(data.get("postal_code") or "")
        if area and great_circle((area.lat, area.lon), (lat, lon)).km > FAR_KM:
            far = _("The point is far from the postcode. Set it again, or empty both numbers.")
            self.add_error("lat", forms.ValidationError(far, code="far"))
            return
        data["pin"] = (lat, lon)

    def _need(self, name: str, data: dict[str, Any], message: Any) -> None:
        if not data.get(name) and name not in self.errors:
            self.add_error(name, forms.ValidationError(message, code="required"))

    def _clean_day(self, data: dict[str, Any]) -> None:
        chosen = data.get("day")
        if not chosen:
            return
        data["works_on"] = data.get("day_other") if chosen == OTHER else date.fromisoformat(chosen)
        if not data["works_on"] and "day_other" not in self.errors:
            self.add_error("day_other", _("Enter the day, for example 26.11.2026."))

    def _clean_duration(self, data: dict[str, Any]) -> None:
        chosen = data.get("duration")
        other = data.get("duration_other")
        if chosen == OTHER and not other and "duration_other" not in self.errors:
            self.add_error("duration_other", _("Choose the length."))
        minutes = other if chosen == OTHER else chosen
        data["duration_min"] = int(minutes) if minutes else None

    def show(self, violations: list[Violation]) -> None:
        """Put each violation at the field it is about, in words."""
        show(self, "when", violations)

    @property
    def map_open(self) -> bool:
        """The map is open when a point is set or wrong."""
        return any(self[name].value() or self[name].errors for name in ("lat", "lon"))

    @property
    def details_open(self) -> bool:
        """The folded part is open when something in it is filled in or wrong."""
        return any(self[name].value() or self[name].errors for name in self.DETAILS)


class CheckForm(forms.Form):
    """Step 3: who orders. A signed-in contact is asked only what is not known."""

    business_id = forms.CharField(
        label=_("Business ID (Y-tunnus)"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "1234567-8"}),
        error_messages={"required": _("Enter the business ID, for example 2077474-0.")},
    )
    company_name = LineField(
        label=_("Company"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Enter the name of the company.")},
    )
    orderer_name = LineField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    orderer_email = forms.EmailField(
        label=_("Your e-mail"),
        help_text=_("The link to your order comes here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter your e-mail address, for example name@company.fi."),
            "invalid": _("Enter your e-mail address, for example name@company.fi."),
        },
    )
    orderer_phone = phone_field(required=True, label=_("Your phone"), autocomplete="tel")
    customer_reference = forms.CharField(
        label=_("Your own reference for the invoice"), required=False, max_length=70
    )
    billing_street = LineField(label=_("Billing address"), required=False, max_length=120)
    billing_postal_code = PostcodeField(required=False)
    invoice_email = forms.EmailField(
        label=_("E-mail for invoices"),
        required=False,
        error_messages={"invalid": _("Enter an e-mail address, for example name@company.fi.")},
    )
    channel = forms.ChoiceField(
        label=_("How did you hear of us?"),
        required=False,
        choices=[
            ("", "–"),
            ("contact", _("You called or visited us")),
            ("other_company", _("From another company")),
            ("event", _("At an event")),
            ("web", _("On the web or social media")),
            ("press", _("In the newspaper or on the radio")),
        ],
    )
    shown_net = forms.DecimalField(widget=forms.HiddenInput, required=False)
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    COMPANY: ClassVar[tuple[str, ...]] = (
        "business_id",
        "company_name",
        "billing_street",
        "billing_postal_code",
        "invoice_email",
        "channel",
    )
    BILLING: ClassVar[tuple[str, ...]] = (
        "billing_street",
        "billing_postal_code",
        "invoice_email",
    )

    def __init__(self, *args: Any, known: dict[str, str] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if known is not None:
            for name in self.COMPANY:
                del self.fields[name]
            for name, value in known.items():
                if value and name in self.fields:
                    del self.fields[name]

    def clean_business_id(self) -> str:
        try:
            return check_business_id(self.cleaned_data["business_id"])
        except ValueError as error:
            raise forms.ValidationError(
                _("Check the business ID, for example 2077474-0."), code="business_id"
            ) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("billing_street") and not data.get("billing_postal_code"):
            self.add_error("billing_postal_code", POSTCODE_HELP)
        return data

    @property
    def billing_open(self) -> bool:
        """The folded part is open when something in it is filled in or wrong."""
        names = [name for name in self.BILLING if name in self.fields]
        return any(self[name].value() or self[name].errors for name in names)


def show(form: forms.Form, step: str, violations: list[Violation]) -> None:
    """Put violations into a form of the step: at their field, or on top when it has none."""
    for violation in violations:
        of_step, field = FIELDS.get(violation.code, ("", ""))
        text = order_text(violation) or violation.code
        form.add_error(field if of_step == step and field in form.fields else None, text)
