"""What the settings pages share: rows that may only be added or read, and the trail of changes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.access import signed_in
from core import audit
from core.clock import now


class AddOnly:
    """A row stays as it was; a newer one mends it."""

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class ReadOnly(AddOnly):
    """Written by services alone."""

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class Lookup(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows with pages of their own, here only to be found by name when another row names them."""

    def has_module_permission(self, _request: HttpRequest) -> bool:
        return False


class Audited(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that loosen or tighten a rule: changes are audited, none is deleted."""

    audited: tuple[str, ...] = ()
    kind = ""

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """What has been in force stays readable; it ends by its last day or by a newer row."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Write the row and what it was before."""
        old = type(obj).objects.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        audit.record(
            f"{self.kind}.{'changed' if change else 'created'}",
            kind=self.audit_subject(obj)[0],
            ref=self.audit_subject(obj)[1],
            by=signed_in(request),
            now=now(),
            before={name: getattr(old, name) for name in self.audited} if old else None,
            after={name: getattr(obj, name) for name in self.audited},
        )

    def audit_subject(self, obj: Any) -> tuple[str, str]:
        """Kind and ref under which the event is found."""
        return self.kind, str(obj)[:40]
