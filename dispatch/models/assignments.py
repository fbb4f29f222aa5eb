"""Who goes where, when: assignments (offers among them) and the raw check-ins and check-outs."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch.models.lifecycle import HOLDING, AssignmentStatus
from orders.models import WorkOrder
from workers.models import Worker

STATUS_CHOICES = [
    (AssignmentStatus.PLANNED.value, pgettext_lazy("assignment", "Planned")),
    (AssignmentStatus.OFFERED.value, pgettext_lazy("assignment", "Waiting for answer")),
    (AssignmentStatus.ACCEPTED.value, pgettext_lazy("assignment", "Confirmed")),
    (AssignmentStatus.ON_SITE.value, pgettext_lazy("assignment", "On site")),
    (AssignmentStatus.COMPLETED.value, pgettext_lazy("assignment", "Work done")),
    (AssignmentStatus.DECLINED.value, pgettext_lazy("assignment", "Said no")),
    (AssignmentStatus.EXPIRED.value, pgettext_lazy("assignment", "No answer in time")),
    (AssignmentStatus.WITHDRAWN.value, pgettext_lazy("assignment", "Withdrawn")),
    (AssignmentStatus.ABSENT.value, pgettext_lazy("assignment", "Cannot come")),
    (AssignmentStatus.NO_SHOW.value, pgettext_lazy("assignment", "Did not arrive")),
]


class Assignment(models.Model):
    """One worker on one order, with the planned interval; holds the worker's time or not."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="assignments")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="assignments")
    status = models.CharField(
        _("status"), max_length=10, choices=STATUS_CHOICES, default=AssignmentStatus.PLANNED
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    override_codes = models.JSONField(default=list, blank=True)
    override_reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["worker", "starts_at"], name="assignment_worker_start"),
            models.Index(fields=["status", "starts_at"], name="assignment_status_start"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=[s.value for s in AssignmentStatus]),
                name="assignment_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="assignment_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["order", "worker"],
                condition=models.Q(status__in=[s.value for s in HOLDING]),
                name="assignment_worker_once_per_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} → {self.order}"

    @property
    def holds_time(self) -> bool:
        """Whether this row keeps the worker from other work."""
        return self.status in HOLDING

    @property
    def planned_min(self) -> int:
        """Minutes from the planned start to the planned end."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Punch(models.Model):
    """A raw check-in or check-out, kept for ever; no place is stored, ever."""

    class Kind(models.TextChoices):
        IN = "in", pgettext_lazy("punch", "Check-in")
        OUT = "out", pgettext_lazy("punch", "Check-out")
        UNDO = "undo", pgettext_lazy("punch", "Taken back")

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="punches")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    form_key = models.UUIDField(unique=True, null=True, blank=True)

    class Meta:
        verbose_name = _("check-in or check-out")
        verbose_name_plural = _("check-ins and check-outs")
        ordering = ["received_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
