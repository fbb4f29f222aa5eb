"""Who signs in and in which role, and the organisation itself."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from core.languages import Language


class Role(models.TextChoices):
    CUSTOMER = "customer", pgettext_lazy("role", "Customer")
    WORKER = "worker", pgettext_lazy("role", "Worker")
    DISPATCHER = "dispatcher", pgettext_lazy("role", "Dispatcher")
    COACH = "coach", pgettext_lazy("role", "Coach")
    FINANCE = "finance", pgettext_lazy("role", "Finance")
    MANAGER = "manager", pgettext_lazy("role", "Manager")
    ADMIN = "admin", pgettext_lazy("role", "Administrator")


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
