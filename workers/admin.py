"""Settings pages: skills, numbers of the law, the school calendar and exception permits."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts import audit
from accounts.access import signed_in
from accounts.clock import now
from workers.models import ExceptionPermit, LegalLimit, SchoolPeriod, Skill

PERMIT_FIELDS = ("number", "kind", "valid_from", "valid_to")
LIMIT_FIELDS = ("code", "valid_from", "valid_to", "value", "unit", "source")


@admin.register(Skill)
class SkillAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("code", "name_fi", "name_sv", "name_en")
    search_fields = ("code", "name_fi", "name_sv", "name_en")


@admin.register(SchoolPeriod)
class SchoolPeriodAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "kind", "first_on", "last_on")
    list_filter = ("kind",)
    date_hierarchy = "first_on"


class Audited(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that loosen or tighten a rule: changes are audited, none is deleted."""

    audited: tuple[str, ...] = ()
    kind = ""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has been in force stays readable; it ends by its last day."""
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
        raise NotImplementedError


@admin.register(LegalLimit)
class LegalLimitAdmin(Audited):
    audited, kind = LIMIT_FIELDS, "limit"
    list_display = LIMIT_FIELDS
    search_fields = ("code", "source")
    ordering = ("code", "valid_from")

    def audit_subject(self, obj: LegalLimit) -> tuple[str, str]:
        return "limit", obj.code[:40]


@admin.register(ExceptionPermit)
class ExceptionPermitAdmin(Audited):
    audited, kind = PERMIT_FIELDS, "permit"
    list_display = ("worker", *PERMIT_FIELDS)
    list_filter = ("kind",)
    list_select_related = ("worker",)
    search_fields = ("number", "worker__first_name", "worker__last_name")

    def audit_subject(self, obj: ExceptionPermit) -> tuple[str, str]:
        return "worker", str(obj.worker.ref)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A permit is given to one person: it does not move to another."""
        return ("worker",) if obj else ()
