"""Settings pages: people who sign in, our organisation, messages; the audit trail to read."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_q.admin import ScheduleAdmin as QueueScheduleAdmin
from django_q.models import OrmQ, Schedule, Success
from stdnum import bic, iban
from stdnum.fi import ytunnus

from accounts import identity
from accounts.access import signed_in
from accounts.einvoice_address import check_address, check_operator
from accounts.einvoice_texts import EINVOICE_HELP, checked
from accounts.models import Organisation, User
from accounts.settings_pages import ReadOnly
from core import audit, outbox
from core.clock import now
from core.models import AuditEvent, OutboxMessage

# The settings pages ask for the same sign-in as everything else, second factor included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = _("Askare settings")
admin.site.site_title = _("Askare settings")
admin.site.index_title = _("Settings")

# Pages of the packages that nobody here needs, one that shows the secrets of second factors, and
# one that gets a page of our own below.
SHUT = (AccessFailureLog, AccessLog, Authenticator, EmailAddress, Group, OrmQ, Schedule, Success)
for model in SHUT:
    admin.site.unregister(model)


@admin.register(Schedule)
class ScheduleAdmin(QueueScheduleAdmin):
    """The package links each last run to a page of successes, which is not kept here."""

    list_display = (
        "id",
        "name",
        "func",
        "schedule_type",
        "repeats",
        "cluster",
        "next_run",
        "get_success",
    )


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    ordering = ("name",)
    list_display = ("name", "email", "role", "language", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("name", "email")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (None, {"fields": ("name", "phone", "role", "language")}),
        (None, {"fields": ("is_active", "is_staff", "is_superuser")}),
        (None, {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "email",
                    "name",
                    "role",
                    "language",
                    "usable_password",
                    "password1",
                    "password2",
                )
            },
        ),
    )
    filter_horizontal = ()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Who somebody is never changes unseen: the trail keeps it, both addresses are told."""
        before = identity.sign_in_facts(User.objects.get(pk=obj.pk)) if change else None
        obj.email = obj.email.lower()
        super().save_model(request, obj, form, change)
        identity.record_change(obj, before, by=signed_in(request), now=now())

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """People are made inactive: the history of their deeds stays."""
        return False


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Our own details; a mistyped address would stop every e-invoice."""

    class Meta:
        model = Organisation
        fields = "__all__"  # noqa: DJ007 - the settings page shows all
        help_texts: ClassVar[dict[str, Any]] = EINVOICE_HELP

    def clean_business_id(self) -> str:
        text = self.cleaned_data["business_id"]
        if not ytunnus.is_valid(text):
            raise forms.ValidationError(
                _("This is not a Y-tunnus. Check it: 7 digits, a dash and a check digit.")
            )
        return str(ytunnus.format(text))

    def clean_postal_code(self) -> str:
        text = self.cleaned_data["postal_code"]
        if not re.fullmatch(r"[0-9]{5}", text):
            raise forms.ValidationError(_("Enter a Finnish postcode, for example 53100."))
        return str(text)

    def clean_iban(self) -> str:
        """The barcode and the QR code of an invoice know Finnish accounts only."""
        text = iban.compact(self.cleaned_data["iban"])
        if not text.startswith("FI"):
            raise forms.ValidationError(
                _("Enter a Finnish account number: FI and 16 digits, for example %(example)s.")
                % {"example": "FI21 1234 5600 0007 85"}
            )
        if not iban.is_valid(text):
            raise forms.ValidationError(
                _("Check the account number: its check digits do not match.")
            )
        return str(text)

    def clean_bic(self) -> str:
        text = self.cleaned_data["bic"]
        if not bic.is_valid(text):
            raise forms.ValidationError(
                _("Enter the bank's BIC: 8 or 11 letters and digits, for example NDEAFIHH.")
            )
        return str(bic.compact(text))

    def clean_e_invoice_address(self) -> str:
        return checked(check_address, self.cleaned_data["e_invoice_address"])

    def clean_e_invoice_operator(self) -> str:
        return checked(check_operator, self.cleaned_data["e_invoice_operator"])


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    form = OrganisationForm
    list_display = ("name", "business_id", "phone", "email")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """There is one organisation."""
        return not Organisation.objects.exists()

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly, admin.ModelAdmin):
    """Who has which second factor; one that was lost is taken away here."""

    list_display = ("user", "type", "created_at", "last_used_at")
    search_fields = ("user__name", "user__email")
    exclude = ("data",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        audit.record(
            "second_factor.removed",
            kind="user",
            ref=obj.user.ref,
            by=signed_in(request),
            now=now(),
            before={"type": obj.type},
        )
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        for factor in queryset:
            self.delete_model(request, factor)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("id", "kind", "to", "subject", "state", "attempts", "due_at", "sent_at")
    list_filter = ("state", "kind")
    search_fields = ("to", "subject", "key")
    # Bodies carry links that sign people in or open an order.
    exclude = ("body", "token")
    ordering = ("-id",)
    actions = ("send_again", "was_delivered")

    @admin.action(description=_("Send again (not sure or could not be sent)"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        self._settle(request, queryset, delivered=False)

    @admin.action(description=_("It was delivered (not sure or could not be sent)"))
    def was_delivered(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        self._settle(request, queryset, delivered=True)

    def _settle(
        self, request: HttpRequest, queryset: QuerySet[OutboxMessage], *, delivered: bool
    ) -> None:
        by, at = signed_in(request), now()
        settled = sum(
            outbox.settle(message, delivered=delivered, by=by, now=at) is not None
            for message in queryset
        )
        text = ngettext("%(n)s message changed.", "%(n)s messages changed.", settled)
        messages.success(request, text % {"n": settled})


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "verb", "kind", "ref", "actor_label", "reason")
    list_filter = ("kind", "verb")
    search_fields = ("ref", "order_ref", "verb")
    date_hierarchy = "at"
