"""Settings pages of pay: versions are added, never changed; decisions and batches are read."""

from __future__ import annotations

from django.contrib import admin

from accounts.settings_pages import AddOnly, ReadOnly
from billing.models.payroll import (
    AgreementOfWorker,
    HourMark,
    PayAgreement,
    PayRuleVersion,
    RoundedMinutes,
    RoundingVersion,
)


@admin.register(PayAgreement)
class PayAgreementAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name",)


@admin.register(AgreementOfWorker)
class AgreementOfWorkerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("worker", "agreement", "valid_from")
    autocomplete_fields = ("worker",)


@admin.register(RoundingVersion)
class RoundingVersionAdmin(AddOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("version", "purpose", "customer", "agreement", "valid_from", "step_min")
    list_filter = ("purpose",)
    autocomplete_fields = ("customer",)


@admin.register(PayRuleVersion)
class PayRuleVersionAdmin(AddOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("version", "agreement", "valid_from", "source")


@admin.register(RoundedMinutes)
class RoundedMinutesAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("entry", "purpose", "version", "minutes")
    list_filter = ("purpose", "version")


@admin.register(HourMark)
class HourMarkAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("assignment", "mark", "reason", "contract_ref", "by", "at")
    list_filter = ("mark",)
