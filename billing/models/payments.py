"""Rows of money that came and is asked for: bank files, payments, reminders, reference rates."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models import Customer


class BankFile(models.Model):
    """A file as it came; `result` says what became of each of its rows once it was applied."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file_name = models.CharField(_("file"), max_length=200)
    format = models.CharField(max_length=20)
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64, unique=True)
    result = models.JSONField(default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name


class BankEntry(models.Model):
    """Money on our account as the bank told it; never changed. `key` is the same in each file."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=64, unique=True)
    bank_file = models.ForeignKey(BankFile, models.PROTECT, related_name="entries")
    bank_ref = models.CharField(_("archive id"), max_length=80, blank=True)
    account = models.CharField(_("account"), max_length=34, blank=True)
    booked_on = models.DateField(_("day"))
    # Negative: the bank took back what it had paid in.
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    reference = models.CharField(_("reference number"), max_length=35, blank=True)
    payer = models.CharField(_("payer"), max_length=140, blank=True)
    message = models.CharField(_("message"), max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("bank entry")
        verbose_name_plural = _("bank entries")
        ordering = ["booked_on", "id"]
        indexes = [
            models.Index(fields=["booked_on", "amount"], name="bank_entry_day_amount"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="bank_entry_not_zero")
        ]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount} {self.payer}"


class Payment(models.Model):
    """Euros that settle an invoice, or what else became of a bank entry; never changed.

    A row that was wrong gets a second one that takes it back (`reverses`). Money of a bank entry
    that is no invoice's has no invoice. What came in for interest and compensation of a reminder is
    a row of its own and does not lower what is open of the invoice.
    """

    class Kind(models.TextChoices):
        BANK = "bank", pgettext_lazy("payment", "From the bank")
        MANUAL = "manual", pgettext_lazy("payment", "Entered by hand")
        CHARGES = "charges", pgettext_lazy("payment", "Interest and compensation")
        REFUND = "refund", pgettext_lazy("payment", "Returned to the customer")
        WRITE_OFF = "write_off", pgettext_lazy("payment", "Small difference left")
        ASIDE = "aside", pgettext_lazy("payment", "Not a payment of an invoice")

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    invoice = models.ForeignKey(
        "billing.Invoice", models.PROTECT, null=True, blank=True, related_name="payments"
    )
    entry = models.ForeignKey(
        BankEntry, models.PROTECT, null=True, blank=True, related_name="payments"
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    paid_on = models.DateField(_("day"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["paid_on", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="payment_not_zero"),
            models.CheckConstraint(
                condition=models.Q(kind="aside", invoice__isnull=True, entry__isnull=False)
                | models.Q(~models.Q(kind="aside"), invoice__isnull=False),
                name="payment_of_invoice_or_aside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paid_on} {self.amount}"


class ReferenceRate(models.Model):
    """The reference rate of the Interest Act from a day on; a wrong one gets a later row."""

    valid_from = models.DateField(_("in force from"))
    percent = models.DecimalField(
        _("reference rate %"),
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(30)],
    )
    source = models.CharField(_("where the figure comes from"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reference rate")
        verbose_name_plural = _("reference rates")
        ordering = ["valid_from", "id"]

    def __str__(self) -> str:
        return f"{self.valid_from} {self.percent} %"


class ReminderTerms(models.Model):
    """What a late customer of a kind is asked for, from a day on; the latest row counts."""

    customer_kind = models.CharField(_("kind"), max_length=12, choices=Customer.Kind.choices)
    valid_from = models.DateField(_("in force from"))
    margin_pct = models.DecimalField(_("added to the rate, %"), max_digits=4, decimal_places=1)
    compensation = models.DecimalField(_("compensation, €"), max_digits=6, decimal_places=2)
    fee = models.DecimalField(_("reminder fee, €"), max_digits=6, decimal_places=2)
    first_after_days = models.PositiveSmallIntegerField(_("first reminder, days after due date"))
    next_after_days = models.PositiveSmallIntegerField(_("next reminder, days after the last"))
    pay_within_days = models.PositiveSmallIntegerField(_("days to pay a reminder"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("terms of reminders")
        verbose_name_plural = _("terms of reminders")
        ordering = ["customer_kind", "valid_from", "id"]

    def __str__(self) -> str:
        return f"{self.customer_kind} {self.valid_from}"


class Reminder(models.Model):
    """A reminder of payment as it was sent; never changed."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey("billing.Invoice", models.PROTECT, related_name="reminders")
    serial = models.PositiveSmallIntegerField()
    made_on = models.DateField(_("date"))
    due_on = models.DateField(_("due date"))
    principal = models.DecimalField(max_digits=12, decimal_places=2)
    interest = models.DecimalField(max_digits=12, decimal_places=2)
    compensation = models.DecimalField(max_digits=12, decimal_places=2)
    fee = models.DecimalField(max_digits=12, decimal_places=2)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    # The whole paper as printed (billing.rules.reminder_document.ReminderDocument).
    content = models.TextField()
    content_hash = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("payment reminder")
        verbose_name_plural = _("payment reminders")
        ordering = ["invoice_id", "serial"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "serial"], name="reminder_serial_once")
        ]

    def __str__(self) -> str:
        return f"{self.invoice} / {self.serial}"
