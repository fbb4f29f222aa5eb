"""Settings pages: the catalogue of tasks, prices and VAT. Orders and customers have own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.settings_pages import Audited, Lookup
from core.clock import now
from orders.models import Customer, Tariff, TariffSupplement, TaskType, VatRate
from orders.prices.forms import SupplementForm, TariffForm, TaskTypeForm

TARIFF_FIELDS = ("valid_from", "hourly_net", "min_charge_min", "vat_kind")
VAT_FIELDS = ("kind", "valid_from", "percent", "source")


@admin.register(Customer)
class CustomerLookup(Lookup):
    fields = ("name", "business_id")
    search_fields = ("name", "business_id", "customer_no")


@admin.register(TaskType)
class TaskTypeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = TaskTypeForm
    list_display = ("code", "name_fi", "name_sv", "name_en", "real_property", "active", "sort")
    list_editable = ("active", "sort")
    search_fields = ("code", "name_fi", "name_sv", "name_en")
    filter_horizontal = ("skills",)


class SupplementInline(admin.TabularInline):  # type: ignore[type-arg]
    model = TariffSupplement
    form = SupplementForm
    extra = 0


@admin.register(Tariff)
class TariffAdmin(Audited):
    audited, kind = TARIFF_FIELDS, "tariff"
    form = TariffForm
    list_display = ("valid_from", "task_type", "customer", "hourly_net", "min_charge_min")
    list_filter = ("task_type",)
    list_select_related = ("task_type", "customer")
    autocomplete_fields = ("task_type", "customer")
    inlines = (SupplementInline,)

    def has_delete_permission(self, _request: HttpRequest, obj: Any = None) -> bool:
        """A price that was never in force may go."""
        return obj is not None and obj.valid_from > now().date()


@admin.register(VatRate)
class VatRateAdmin(Audited):
    audited, kind = VAT_FIELDS, "vat_rate"
    list_display = VAT_FIELDS
