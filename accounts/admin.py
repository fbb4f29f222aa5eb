"""Settings pages: people who sign in, our organisation, messages; the audit trail to read."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import outbox
from accounts.access import signed_in
from accounts.clock import now
from accounts.models import AuditEvent, Organisation, OutboxMessage, User

# The settings pages ask for the same sign-in as everything else, second factor included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = _("Askare settings")
admin.site.site_title = _("Askare settings")
admin.site.index_title = _("Settings")


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

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are made inactive: the history of their deeds stays."""
        return False


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    list_display = ("name", "business_id", "phone", "email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one organisation."""
        return not Organisation.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly:
    """Pages that show and never change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
