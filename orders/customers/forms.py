"""A customer's card, its discount and its sites, as the office types them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.einvoice_address import check_address, check_operator
from accounts.einvoice_texts import EINVOICE_HELP, checked, einvoice_text
from core.fields import DateInput
from orders.customers import selectors
from orders.customers.fields import LATITUDE, LONGITUDE, POSTCODE_HELP
from orders.customers.texts import buyer_text, customer_text
from orders.geocode import postal_place
from orders.models import Customer
from orders.rules.business_id import check_business_id
from orders.rules.customer_card import card_problems
from orders.rules.payment_term import term_violations
from orders.rules.vat_treatment import COUNTRIES, HOME, buyer_problems, check_vat_id, country_name


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
            number = check_business_id(typed) if typed else ""
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
        public = data.get("kind") == Customer.Kind.PUBLIC
        most = selectors.public_term_max(self.today)
        for broken in term_violations(term or 0, public=public, most=most):
            self.add_error("payment_term_days", customer_text(broken) or broken.code)
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
