"""A worker with skills, task limits and the present contract."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from core.fields import DateInput, phone_field
from orders.geocode import AddressNotFound, Located, locate
from workers.models import Engagement, Skill, Strain, TravelMode, Worker


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
