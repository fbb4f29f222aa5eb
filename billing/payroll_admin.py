"""Settings pages of pay: versions are added, never changed; decisions and batches are read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from billing.payroll_models import (
    AgreementOfWorker,
    HourMark,
    PayAgreement,
    PayRuleVersion,
    RoundedMinutes,
    RoundingVersion,
)


class AddOnly:
    """A version stays as it was; a newer one mends it."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(AddOnly):
    """Written by services alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(PayAgreement)
class PayAgreementAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name",)


@admin.register(AgreementOfWorker)
class AgreementOfWorkerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("worker", "agreement", "valid_from")
    raw_id_fields = ("worker",)


@admin.register(RoundingVersion)
class RoundingVersionAdmin(AddOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("version", "purpose", "customer", "agreement", "valid_from", "step_min")
    list_filter = ("purpose",)


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
