"""Shapes of what is typed about orders, customers and sites."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from geopy.distance import great_circle

from accounts.einvoice_address import check_address, check_operator
from accounts.einvoice_texts import EINVOICE_HELP, checked, einvoice_text
from accounts.models import User
from core.fields import ClockField, DateInput, phone_field
from core.violations import Violation
from core.zone import local_date
from orders.geocode import postal_place
from orders.models import Customer, Site, TaskType
from orders.ordering import services
from orders.ordering.services import MAX_MINUTES, MAX_PEOPLE, MIN_MINUTES, STEP_MINUTES
from orders.ordering.texts import FIELDS, buyer_text, order_text
from orders.rules.customer_card import card_problems
from orders.rules.vat_treatment import COUNTRIES, HOME, buyer_problems, check_vat_id, country_name

DURATIONS = (120, 240, 360, 480)
OTHER = "other"
POSTCODE_HELP = _("Enter a Finnish postcode, for example 53100.")


class LineField(forms.CharField):
    """A name or an address of one line: it is written into messages that leave in our name."""

    def to_python(self, value: Any) -> str:
        text = " ".join(str(super().to_python(value) or "").split())
        if re.search(r"://|\bwww\.", text, re.IGNORECASE):
            raise forms.ValidationError(_("Leave web addresses out of this field."), code="link")
        return text


class PostcodeField(forms.CharField):
    """Five digits that are a postcode in Finland."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "postal-code", "inputmode": "numeric", "maxlength": "5"}
        options.setdefault("label", _("Postcode"))
        options.setdefault("error_messages", {"required": POSTCODE_HELP})
        super().__init__(max_length=5, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text and postal_place(text) is None:
            raise forms.ValidationError(POSTCODE_HELP, code="postcode")
        return text


def degree_field(label: Any, least: float, most: float, message: Any, **options: Any) -> Any:
    """Degrees of WGS 84 inside Finland; every mistake gets the same words."""
    field = forms.FloatField(
        label=label,
        min_value=least,
        max_value=most,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        error_messages=dict.fromkeys(("required", "invalid"), message),
        **options,
    )
    for validator in field.validators:
        validator.message = message  # type: ignore[attr-defined]
    return field


LATITUDE = partial(degree_field, _("Latitude"), 59.0, 71.0, _("Enter a latitude from 59 to 71."))
LONGITUDE = partial(degree_field, _("Longitude"), 19.0, 32.0, _("Enter a longitude from 19 to 32."))
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
            self.show(services.time_violations(works_on, starts, by=self.by, now=self.now))
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
            return services.business_id(self.cleaned_data["business_id"])
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


class CustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A customer as the office keeps it."""

    # Not required: a form without the field leaves the country as it is.
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        error_messages={"invalid_choice": _("Choose Finland or another country of the EU.")},
    )

    class Meta:
        model = Customer
        fields = (
            "name",
            "country",
            "business_id",
            "vat_id",
            "kind",
            "street",
            "postal_code",
            "city",
            "invoice_email",
            "invoice_channel",
            "e_invoice_address",
            "e_invoice_operator",
            "invoice_reference",
            "payment_term_days",
            "language",
            "construction_seller",
            "channel",
            "active",
        )
        help_texts: ClassVar[dict[str, Any]] = EINVOICE_HELP | {
            "vat_id": _("Only for a buyer in another EU country, for example SE556012579001."),
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        # A form without the field leaves the channel as it is.
        self.fields["invoice_channel"].required = False
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        # People type spaces and hyphens into it; what is kept has none.
        vat_id = self.fields["vat_id"]
        vat_id.validators, vat_id.max_length = [], None  # type: ignore[attr-defined]
        vat_id.widget.attrs.pop("maxlength", None)

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"] or self.instance.country)

    def clean_invoice_channel(self) -> str:
        return str(self.cleaned_data["invoice_channel"] or self.instance.invoice_channel)

    def clean_e_invoice_address(self) -> str:
        return checked(check_address, self.cleaned_data["e_invoice_address"])

    def clean_e_invoice_operator(self) -> str:
        return checked(check_operator, self.cleaned_data["e_invoice_operator"])

    def clean_business_id(self) -> str:
        typed = str(self.cleaned_data["business_id"] or "")
        try:
            number = services.business_id(typed) if typed else ""
        except ValueError as error:
            raise forms.ValidationError(
                _("Check the business ID, for example 2077474-0."), code="business_id"
            ) from error
        return self._own("business_id", number, _("Another customer has this business ID."))

    def clean_vat_id(self) -> str:
        typed, country = self.cleaned_data["vat_id"], self.cleaned_data.get("country", "")
        # Of a country that is wrong there is no form to check.
        if not typed or country in ("", HOME):
            return str(typed)
        try:
            number = check_vat_id(typed, country)
        except ValueError as error:
            text = buyer_text(str(error)) or str(error)
            raise forms.ValidationError(text, code=str(error)) from error
        return self._own("vat_id", number, _("Another customer has this VAT number."))

    def _own(self, field: str, number: str, message: Any) -> str:
        others = Customer.objects.exclude(pk=self.instance.pk).filter(**{field: number})
        if number and others.exists():
            raise forms.ValidationError(message, code="unique")
        return number

    def clean_postal_code(self) -> str:
        code = str(self.cleaned_data["postal_code"])
        if self.cleaned_data.get("country") != HOME:
            return code
        if code and postal_place(code) is None:
            raise forms.ValidationError(POSTCODE_HELP, code="postcode")
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        term = data.get("payment_term_days")
        for broken in services.term_violations(data.get("kind", ""), term or 0, self.today):
            self.add_error("payment_term_days", order_text(broken) or broken.code)
        self._clean_channel(data)
        self._clean_buyer(data)
        return data

    def _clean_buyer(self, data: dict[str, Any]) -> None:
        country, business_id = data.get("country"), data.get("business_id", "")
        if country is None:
            return
        found = buyer_problems(country, business_id=business_id, vat_id=data.get("vat_id", ""))
        if country != HOME and data.get("construction_seller") and not business_id:
            found["construction_seller"] = "seller_needs_business_id"
        for field, code in found.items():
            if field not in self.errors:
                self.add_error(field, forms.ValidationError(buyer_text(code) or code, code=code))

    def _clean_channel(self, data: dict[str, Any]) -> None:
        problems = card_problems(
            data.get("invoice_channel", ""),
            address=data.get("e_invoice_address", ""),
            operator=data.get("e_invoice_operator", ""),
            reference=data.get("invoice_reference", ""),
            public=data.get("kind") == Customer.Kind.PUBLIC,
        )
        for field, code in problems.items():
            if field not in self.errors:
                self.add_error(field, forms.ValidationError(einvoice_text(code), code=code))


def country_choices() -> list[tuple[str, str]]:
    """Finland, then the others by their names in the active language."""
    say = get_language() or HOME
    others = sorted((country_name(c, say), c) for c in COUNTRIES if c != HOME)
    return [(HOME, country_name(HOME, say)), *((code, name) for name, code in others)]


class DiscountForm(forms.Form):
    """A discount of a customer from a day on."""

    percent = forms.DecimalField(
        label=_("Discount, %"),
        help_text=_("Off every price of this customer. 0 ends the discount."),
        min_value=0,
        max_value=50,
        max_digits=4,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value", "max_decimal_places", "max_digits",
             "max_whole_digits"),
            _("Enter a percentage from 0 to 50, for example 5 or 7.5."),
        ),
    )  # fmt: skip
    valid_from = forms.DateField(
        label=_("For work from"),
        widget=DateInput(),
        input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"],
        error_messages=dict.fromkeys(
            ("required", "invalid"), _("Enter the day, for example 26.11.2026.")
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for validator in self.fields["percent"].validators:
            if hasattr(validator, "message"):
                validator.message = self.fields["percent"].error_messages["invalid"]


class SiteForm(forms.Form):
    """Name and point of a site; the map only fills in the two numbers."""

    name = forms.CharField(label=_("Name of the site"), required=False, max_length=120)
    lat = LATITUDE()
    lon = LONGITUDE()


def local_today(now: datetime) -> date:
    """Today in Helsinki."""
    return local_date(now)
