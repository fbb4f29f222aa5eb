"""The order that comes by phone, on one screen."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import ClockField, DateInput, phone_field
from orders.models import Customer, Site, TaskType
from orders.ordering.order_draft import OrderDraft
from orders.rules.business_id import check_business_id

NUMBER_AT_END = re.compile(r"\((\w+)\)\s*$")


class QuickOrderForm(forms.Form):
    """A phone order while talking; a known customer is found by three letters of the name."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    who = forms.CharField(
        label=_("Customer"),
        max_length=160,
        help_text=_("Three letters of the name are enough."),
        widget=forms.TextInput(attrs={"list": "customers", "autocomplete": "off"}),
    )
    new_business_id = forms.CharField(
        label=_("New customer's business ID (Y-tunnus)"), max_length=9, required=False
    )
    task_type = forms.ModelChoiceField(
        label=_("Task"), queryset=TaskType.objects.filter(active=True), empty_label=None
    )
    works_on = forms.DateField(label=_("Date"), widget=DateInput())
    starts = ClockField(
        label=_("Starts"), initial="9.00", widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    duration_min = forms.TypedChoiceField(
        label=_("Duration"),
        coerce=int,
        initial=240,
        choices=[(m, f"{m / 60:g} h".replace(".", ",")) for m in range(60, 481, 30)],
    )
    people = forms.IntegerField(label=_("People"), min_value=1, max_value=20, initial=1)
    street = forms.CharField(
        label=_("Street address"),
        max_length=120,
        required=False,
        help_text=_("Leave empty to use the customer's latest address."),
    )
    postal_code = forms.RegexField(
        r"^\d{5}$",
        label=_("Postcode"),
        required=False,
        error_messages={"invalid": _("Write the postcode, for example 53100.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    city = forms.CharField(label=_("Town"), max_length=60, required=False)
    orderer_name = forms.CharField(label=_("Who orders"), max_length=120, required=False)
    orderer_phone = phone_field(label=_("Phone"))
    orderer_email = forms.EmailField(label=_("E-mail"), required=False)
    site_contact_name = forms.CharField(
        label=_("Who meets the worker"),
        max_length=120,
        required=False,
        help_text=_("Leave empty if the same person."),
    )
    description = forms.CharField(
        label=_("What is to be done"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    wear = forms.CharField(label=_("What to wear or bring"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        text = data.get("who", "").strip()
        if not text:
            return data
        data["customer"] = self._customer(text)
        if data["customer"] is None and "who" not in self.errors:
            self._new_customer(data, text)
        elif data["customer"] is not None:
            self._site(data, data["customer"])
        return data

    def _customer(self, text: str) -> Customer | None:
        number = NUMBER_AT_END.search(text)
        rows = Customer.objects.filter(active=True)
        if number:
            found = rows.filter(customer_no=number.group(1)).first()
            if found:
                return found
        same = Q(name__iexact=text) | Q(business_id=text) | Q(vat_id__iexact=text)
        exact = list(rows.filter(same)[:2])
        if len(exact) == 1:
            return exact[0]
        if self.data.get("new_business_id"):
            return None
        near = list(rows.filter(name__icontains=text).order_by("name")[:6])
        if len(near) == 1:
            return near[0]
        if near:
            names = ", ".join(f"{c.name} ({c.customer_no})" for c in near)
            self.add_error("who", _("Which one: %(names)s?") % {"names": names})
        return None

    def _new_customer(self, data: dict[str, Any], name: str) -> None:
        try:
            data["new_business_id"] = check_business_id(data.get("new_business_id") or "")
        except ValueError:
            self.add_error(
                "new_business_id",
                _("“%(name)s” is not a customer yet: give the business ID, for example 2077474-0.")
                % {"name": name},
            )
        for field, message in (
            ("street", _("A new customer needs an address.")),
            ("postal_code", _("Write the postcode, for example 53100.")),
            ("orderer_name", _("Who orders?")),
        ):
            if not data.get(field) and field not in self.errors:
                self.add_error(field, message)

    def _site(self, data: dict[str, Any], customer: Customer) -> None:
        data["site"] = None
        if data.get("street"):
            if not data.get("postal_code") and "postal_code" not in self.errors:
                self.add_error("postal_code", _("Write the postcode, for example 53100."))
            return
        sites = Site.objects.filter(customer=customer)
        data["site"] = sites.order_by("-orders__starts_at", "pk").first()
        if data["site"] is None:
            self.add_error("street", _("This customer has no address yet: write it."))

    def draft(self) -> OrderDraft:
        """The order as typed; what was left empty comes from the customer's first contact."""
        d = self.cleaned_data
        customer: Customer | None = d["customer"]
        contact = customer.contacts.first() if customer else None
        name = d["orderer_name"] or (contact.name if contact else str(customer))
        same = not d["orderer_name"] and contact is not None
        phone = str(d["orderer_phone"] or (contact.phone if same and contact else "") or "")
        email = d["orderer_email"] or (contact.email if same and contact else "")
        return OrderDraft(
            form_key=d["form_key"],
            task_type=d["task_type"],
            works_on=d["works_on"],
            starts=d["starts"],
            duration_min=d["duration_min"],
            people=d["people"],
            orderer_name=name,
            site_contact_name=d["site_contact_name"] or name,
            customer=customer,
            business_id=d.get("new_business_id") or "",
            company_name="" if customer else d["who"].strip(),
            channel="phone",
            site=d.get("site"),
            street=d["street"],
            postal_code=d["postal_code"],
            city=d["city"],
            orderer_email=email,
            orderer_phone=phone,
            site_contact_phone="" if d["site_contact_name"] else phone,
            description=d["description"],
            wear=d["wear"],
            language=customer.language if customer else "fi",
        )
