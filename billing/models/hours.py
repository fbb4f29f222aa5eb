"""Hour entries: what was worked on an assignment, its approval and what became of its minutes."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models.lifecycle import BillState, HourStatus
from dispatch.models import Assignment

HOUR_STATUS_CHOICES = [
    (HourStatus.OPEN.value, pgettext_lazy("hours", "Under way")),
    (HourStatus.SUBMITTED.value, pgettext_lazy("hours", "Waiting for approval")),
    (HourStatus.DISPUTED.value, pgettext_lazy("hours", "Disputed")),
    (HourStatus.APPROVED.value, pgettext_lazy("hours", "Approved")),
    (HourStatus.LOCKED.value, pgettext_lazy("hours", "Invoiced or paid out")),
    (HourStatus.CORRECTED.value, pgettext_lazy("hours", "Replaced by a correction")),
]
BILL_STATE_CHOICES = [
    (BillState.UNBILLED.value, pgettext_lazy("minutes", "To be billed")),
    (BillState.BILLED.value, pgettext_lazy("minutes", "Billed")),
    (BillState.CREDITED.value, pgettext_lazy("minutes", "Credited")),
    (BillState.NOT_BILLABLE.value, pgettext_lazy("minutes", "Not billed")),
]


class HourEntry(models.Model):
    """Hours done on one assignment. A correction is a new row that names the one it replaces."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="hour_entries")
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="correction"
    )
    works_on = models.DateField(_("date"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    break_min = models.PositiveSmallIntegerField(_("break (minutes)"), default=0)
    work_min = models.PositiveSmallIntegerField(_("minutes worked"), default=0)
    engagement_kind = models.CharField(max_length=20)
    rounding_version = models.CharField(max_length=12, default="none", editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=HOUR_STATUS_CHOICES, default=HourStatus.OPEN
    )
    bill_state = models.CharField(
        _("billing"), max_length=12, choices=BILL_STATE_CHOICES, default=BillState.UNBILLED
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_as = models.CharField(max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("hour entry")
        verbose_name_plural = _("hour entries")
        ordering = ["started_at", "id"]
        indexes = [
            models.Index(fields=["status", "works_on"], name="hours_status_day"),
            models.Index(fields=["bill_state", "status"], name="hours_bill_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gt=models.F("started_at")),
                name="hours_end_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[s.value for s in HourStatus]),
                name="hours_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(bill_state__in=[s.value for s in BillState]),
                name="hours_bill_state_known",
            ),
            models.UniqueConstraint(
                fields=["assignment"],
                condition=~models.Q(status=HourStatus.CORRECTED.value),
                name="hours_one_current_per_assignment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} {self.work_min} min"
