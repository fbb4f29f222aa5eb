"""Rows that belong to no app: the audit trail, messages on their way, counters, signs of life."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import Language
from core.outbox_lifecycle import OutboxState


class AuditEvent(models.Model):
    """Who did what to which row, before and after; append-only (database guard)."""

    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    actor_label = models.CharField(max_length=60, blank=True)
    verb = models.CharField(_("event"), max_length=60)
    kind = models.CharField(max_length=30)
    ref = models.CharField(max_length=40)
    order_ref = models.CharField(max_length=40, blank=True)
    before = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["kind", "ref"], name="audit_kind_ref"),
            models.Index(fields=["order_ref"], name="audit_order"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.ref}"


OUTBOX_STATE_CHOICES = [
    (OutboxState.PENDING.value, pgettext_lazy("message", "Waiting")),
    (OutboxState.SENDING.value, pgettext_lazy("message", "Being sent")),
    (OutboxState.SENT.value, pgettext_lazy("message", "Sent")),
    (OutboxState.UNKNOWN.value, pgettext_lazy("message", "Not sure")),
    (OutboxState.DEAD.value, pgettext_lazy("message", "Could not be sent")),
]


class OutboxMessage(models.Model):
    """A message that must leave exactly once; written in the transaction that causes it."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    state = models.CharField(
        max_length=8, choices=OUTBOX_STATE_CHOICES, default=OutboxState.PENDING.value
    )
    to = models.EmailField()
    language = models.CharField(max_length=7, choices=Language.choices)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    attachment_kind = models.CharField(max_length=20, blank=True)
    attachment_ref = models.CharField(max_length=40, blank=True)
    resend_if_unknown = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    token = models.CharField(max_length=36, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "due_at"], name="outbox_due")]

    def __str__(self) -> str:
        return self.key


class Heartbeat(models.Model):
    """Sign of life of a background process, for /healthz."""

    name = models.CharField(max_length=30, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Counter(models.Model):
    """Last number given of a series; raised by UPDATE inside the transaction that uses it."""

    series = models.CharField(max_length=20, unique=True)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series}: {self.last}"
