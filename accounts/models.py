"""Who signs in and in which role, what people are told, and the audit trail."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField


class Role(models.TextChoices):
    CUSTOMER = "customer", pgettext_lazy("role", "Customer")
    WORKER = "worker", pgettext_lazy("role", "Worker")
    DISPATCHER = "dispatcher", pgettext_lazy("role", "Dispatcher")
    COACH = "coach", pgettext_lazy("role", "Coach")
    FINANCE = "finance", pgettext_lazy("role", "Finance")
    MANAGER = "manager", pgettext_lazy("role", "Manager")
    ADMIN = "admin", pgettext_lazy("role", "Administrator")


class Language(models.TextChoices):
    FI = "fi", "Suomi"
    FI_EASY = "fi-easy", "Helppo suomi"
    SV = "sv", "Svenska"
    EN = "en", "English"

    @property
    def document(self) -> str:
        """Language of documents: easy Finnish has none of its own."""
        return "fi" if self == Language.FI_EASY else str(self.value)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person who can sign in; without a password only by e-mailed link."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(
            email,
            password,
            **{"role": Role.ADMIN, "is_staff": True, "is_superuser": True, **fields},
        )


class User(AbstractBaseUser, PermissionsMixin):
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    phone = PhoneNumberField(_("phone"), blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    language = models.CharField(
        _("language"), max_length=7, choices=Language.choices, default=Language.FI
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the settings pages"), default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=[r.value for r in Role]), name="user_role_known"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class Organisation(models.Model):
    """The social enterprise itself: one row, printed on invoices and shown as help on each page."""

    name = models.CharField(_("legal name"), max_length=70)
    business_id = models.CharField(_("business ID (Y-tunnus)"), max_length=9)
    vat_registered = models.BooleanField(_("VAT registered"), default=True)
    street = models.CharField(_("street address"), max_length=120)
    postal_code = models.CharField(_("postcode"), max_length=5)
    city = models.CharField(_("town"), max_length=60)
    phone = models.CharField(_("phone"), max_length=30)
    email = models.EmailField(_("e-mail"))
    contact_name = models.CharField(_("who answers"), max_length=60, blank=True)
    iban = models.CharField("IBAN", max_length=34)
    bic = models.CharField("BIC", max_length=11)
    e_invoice_address = models.CharField(_("e-invoice address"), max_length=35, blank=True)
    e_invoice_operator = models.CharField(_("e-invoice operator"), max_length=35, blank=True)
    confirm_within_h = models.PositiveSmallIntegerField(
        _("orders are confirmed within (hours)"), default=2
    )
    order_notice_min = models.PositiveSmallIntegerField(
        _("customers order at least so long before the start (minutes)"), default=120
    )

    class Meta:
        verbose_name = _("our organisation")
        verbose_name_plural = _("our organisation")

    def __str__(self) -> str:
        return self.name


class AuditEvent(models.Model):
    """Who did what to which row, before and after; append-only (database guard)."""

    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
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


class OutboxState(models.TextChoices):
    PENDING = "pending", pgettext_lazy("message", "Waiting")
    SENDING = "sending", pgettext_lazy("message", "Being sent")
    SENT = "sent", pgettext_lazy("message", "Sent")
    UNKNOWN = "unknown", pgettext_lazy("message", "Not sure")
    DEAD = "dead", pgettext_lazy("message", "Could not be sent")


class OutboxMessage(models.Model):
    """A message that must leave exactly once; written in the transaction that causes it."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=OutboxState.choices, default=OutboxState.PENDING)
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
