"""Forms of the dispatcher: the phone order on one screen, a worker, days away, filters."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from core.fields import ClockField, DateInput, phone_field
from orders.geocode import AddressNotFound, Located, locate
from orders.models import Customer, Site, TaskType
from orders.ordering.services import OrderDraft, business_id
from workers.models import Engagement, Skill, Strain, TravelMode, Worker

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
            data["new_business_id"] = business_id(data.get("new_business_id") or "")
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


class OfferedField(forms.ModelMultipleChoiceField):
    """Several of what the page offers; a number too large for the database is no choice either."""

    def clean(self, value: Any) -> Any:
        offered = {str(pk) for pk in self.queryset.values_list("pk", flat=True)}  # type: ignore[union-attr]
        for strange in {str(v) for v in value or ()} - offered:
            message = self.error_messages["invalid_choice"]
            raise forms.ValidationError(message, code="invalid_choice", params={"value": strange})
        return super().clean(value)


class WorkerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A worker with skills, task limits and the present contract; the address becomes a point."""

    skills = OfferedField(
        label=_("Skills"),
        queryset=Skill.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    limits = forms.MultipleChoiceField(
        label=_("Not asked to do"),
        choices=Strain.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Limits of tasks only, never a diagnosis."),
    )
    phone = phone_field(label=_("Phone"))
    wish_hours = forms.DecimalField(
        label=_("Hours wished a week"), min_value=0, max_value=48, max_digits=4, decimal_places=2
    )
    signs_in = forms.BooleanField(
        label=_("Signs in with this e-mail"),
        required=False,
        help_text=_("The worker signs in with a link that comes by e-mail; no password is needed."),
    )
    kind = forms.ChoiceField(label=_("Contract"), choices=Engagement.Kind.choices)
    contract_from = forms.DateField(label=_("Contract from"), widget=DateInput())
    contract_to = forms.DateField(label=_("Contract to"), required=False, widget=DateInput())
    week_max_hours = forms.DecimalField(
        label=_("Most hours a week by contract"),
        min_value=1,
        max_value=48,
        max_digits=4,
        decimal_places=2,
        required=False,
    )

    class Meta:
        model = Worker
        fields = [
            "first_name",
            "last_name",
            "birth_date",
            "basic_school_done",
            "overtime_consent_on",
            "guardian_consent_on",
            "phone",
            "email",
            "street",
            "postal_code",
            "city",
            "travel_mode",
            "max_trip_min",
            "coach",
            "coached_gigs",
            "payroll_no",
            "active",
        ]
        widgets = {
            "birth_date": DateInput(),
            "overtime_consent_on": DateInput(),
            "guardian_consent_on": DateInput(),
            "travel_mode": forms.RadioSelect,
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["coach"].queryset = User.objects.filter(role=Role.COACH, is_active=True)
        fields["travel_mode"].choices = TravelMode.choices
        self.located: Located | None = None
        self.today = today
        worker = self.instance
        self.initial["signs_in"] = bool(worker.user and worker.user.is_active)
        if worker.pk is None:
            self.initial.update(wish_hours=15, contract_from=today, active=True)
            return
        row = worker.engagements.filter(starts_on__lte=today).order_by("-starts_on").first()
        self.initial.update(
            skills=list(worker.skills.values_list("pk", flat=True)),
            limits=list(worker.restrictions.values_list("strain", flat=True)),
            wish_hours=round(worker.wish_week_min / 60, 2),
            kind=row.kind if row else Engagement.Kind.EMPLOYMENT,
            contract_from=row.starts_on if row else today,
            contract_to=row.ends_on if row else None,
            week_max_hours=round(row.weekly_max_min / 60, 2)
            if row and row.weekly_max_min
            else None,
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begins, ends = data.get("contract_from"), data.get("contract_to")
        if begins and ends and ends < begins:
            self.add_error("contract_to", _("The contract cannot end before it begins."))
        for name in ("overtime_consent_on", "guardian_consent_on"):
            if (given := data.get(name)) and given > self.today:
                self.add_error(name, _("The consent cannot be given in the future."))
        self._clean_account(data)
        code = data.get("postal_code")
        if code:
            try:
                self.located = locate(data.get("street", ""), code, data.get("city", ""))
            except AddressNotFound:
                self.add_error("postal_code", _("Write the postcode, for example 53100."))
        return data

    def _clean_account(self, data: dict[str, Any]) -> None:
        email = data.get("email")
        if not data.get("signs_in") or "email" in self.errors:
            return
        if not email:
            self.add_error("email", _("Write the e-mail: the sign-in link goes there."))
            return
        others = User.objects.filter(email__iexact=email).exclude(pk=self.instance.user_id or 0)
        if others.exists():
            self.add_error("email", _("Somebody else signs in with this e-mail. Use another."))

    def worker(self) -> Worker:
        """The instance with the typed values and its point; not saved."""
        worker: Worker = self.instance
        moved = {"street", "postal_code", "city"} & set(self.changed_data)
        if self.located is not None and (worker.pk is None or moved):
            worker.lat, worker.lon = self.located.lat, self.located.lon
        worker.wish_week_min = round(self.cleaned_data["wish_hours"] * 60)
        return worker

    def clean_kind(self) -> str:
        """A kind that our legal form may not run is off; a contract that has it may stay."""
        kind = str(self.cleaned_data["kind"])
        if kind not in settings.ENGAGEMENT_KINDS and kind != self.initial.get("kind"):
            raise forms.ValidationError(
                _("Our organisation does not run this kind. It is off in the settings.")
            )
        return kind

    def contract(self) -> dict[str, Any]:
        """Fields of the engagement."""
        d = self.cleaned_data
        most = d["week_max_hours"]
        return {
            "kind": d["kind"],
            "starts_on": d["contract_from"],
            "ends_on": d["contract_to"],
            "weekly_max_min": round(most * 60) if most else None,
        }


class AssignForm(forms.Form):
    """Which workers get a place: as an offer, or directly; a reason where a rule is softened."""

    worker = forms.ModelMultipleChoiceField(
        queryset=Worker.objects.all(),
        to_field_name="ref",
        error_messages={"required": _("Choose at least one worker.")},
    )
    mode = forms.ChoiceField(choices=[("offer", "offer"), ("direct", "direct")])
    override_reason = forms.CharField(max_length=300, required=False)
    replaces = forms.UUIDField(required=False)

    def message(self) -> str:
        """The first complaint, for a page that shows no fields of this form."""
        return str(next(iter(self.errors.values()))[0])
