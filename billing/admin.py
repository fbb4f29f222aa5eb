"""Settings pages: hours and invoices can be looked at, never changed, behind the services."""

from __future__ import annotations

from django.contrib import admin

from accounts.settings_pages import AddOnly, ReadOnly
from billing.models import HourEntry, Invoice, InvoiceLine
from billing.models.payments import ReferenceRate, ReminderTerms
from billing.payroll import admin as payroll_admin  # noqa: F401 - registration


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


@admin.register(ReminderTerms)
class ReminderTermsAdmin(AddOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """A new row from a day on, with its reason; rows that are there stay as they were."""

    list_display = ("customer_kind", "valid_from", "margin_pct", "compensation", "fee", "reason")


@admin.register(ReferenceRate)
class ReferenceRateAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("valid_from", "percent", "source", "created_by")
