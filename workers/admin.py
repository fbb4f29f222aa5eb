"""Settings pages: skills, numbers of the law, the school calendar and exception permits."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.settings_pages import Audited, Lookup
from workers.models import ExceptionPermit, LegalLimit, SchoolPeriod, Skill, Worker

PERMIT_FIELDS = ("number", "kind", "valid_from", "valid_to")
LIMIT_FIELDS = ("code", "valid_from", "valid_to", "value", "unit", "source")


@admin.register(Worker)
class WorkerLookup(Lookup):
    fields = ("first_name", "last_name", "worker_no")
    search_fields = ("first_name", "last_name", "worker_no")


@admin.register(Skill)
class SkillAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("code", "name_fi", "name_sv", "name_en")
    search_fields = ("code", "name_fi", "name_sv", "name_en")


@admin.register(SchoolPeriod)
class SchoolPeriodAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "kind", "first_on", "last_on")
    list_filter = ("kind",)
    date_hierarchy = "first_on"


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
    autocomplete_fields = ("worker",)
    search_fields = ("number", "worker__first_name", "worker__last_name")

    def audit_subject(self, obj: ExceptionPermit) -> tuple[str, str]:
        return "worker", str(obj.worker.ref)

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A permit is given to one person: it does not move to another."""
        return ("worker",) if obj else ()
