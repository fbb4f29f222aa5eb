"""Settings pages: hours and invoices can be looked at, never changed, behind the services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from billing.models import HourEntry, Invoice, InvoiceLine


class ReadOnly:
    """Nothing may be added, changed or deleted here: services keep the books right."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(HourEntry)
class HourEntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("assignment", "works_on", "work_min", "status", "bill_state")
    list_filter = ("status", "bill_state")
    list_select_related = ("assignment__worker", "assignment__order__task_type")
    date_hierarchy = "works_on"


class LineInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = InvoiceLine
    extra = 0


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("number", "kind", "customer", "issued_on", "gross", "status")
    list_filter = ("status", "kind")
    search_fields = ("number", "customer__name", "reference")
    inlines = (LineInline,)
