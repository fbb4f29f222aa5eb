"""Settings pages: the catalogue of tasks, prices and VAT. Orders and customers have own pages."""

from django.contrib import admin

from orders.models import Tariff, TariffSupplement, TaskType, VatRate


@admin.register(TaskType)
class TaskTypeAdmin(admin.ModelAdmin):
    list_display = ("code", "name_fi", "name_sv", "name_en", "real_property", "active", "sort")
    list_editable = ("active", "sort")
    search_fields = ("code", "name_fi", "name_sv", "name_en")
    filter_horizontal = ("skills",)


class SupplementInline(admin.TabularInline):
    model = TariffSupplement
    extra = 0


@admin.register(Tariff)
class TariffAdmin(admin.ModelAdmin):
    list_display = ("valid_from", "task_type", "customer", "hourly_net", "min_charge_min")
    list_filter = ("task_type",)
    list_select_related = ("task_type", "customer")
    autocomplete_fields = ("task_type",)
    raw_id_fields = ("customer",)
    inlines = (SupplementInline,)


@admin.register(VatRate)
class VatRateAdmin(admin.ModelAdmin):
    list_display = ("kind", "valid_from", "percent", "source")
