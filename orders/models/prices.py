"""What work costs: VAT rates, tariffs with supplements, discounts."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.customers import Customer
from orders.models.task_types import TaskType
from orders.rules import pricing


class VatRate(models.Model):
    """VAT percentage by date of supply, with its source."""

    kind = models.CharField(_("kind"), max_length=12, default="general")
    valid_from = models.DateField(_("valid from"))
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("VAT rate")
        verbose_name_plural = _("VAT rates")
        ordering = ["kind", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "valid_from"], name="vat_rate_dated_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.percent} % {self.valid_from}"


class Tariff(models.Model):
    """Price of an hour from a date; a row for a task type or a customer beats the general one."""

    task_type = models.ForeignKey(
        TaskType, models.CASCADE, null=True, blank=True, related_name="tariffs"
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="tariffs"
    )
    valid_from = models.DateField(_("valid from"))
    hourly_net = models.DecimalField(
        _("price per hour, excl. VAT"),
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    min_charge_min = models.PositiveSmallIntegerField(_("least charge (minutes)"), default=120)
    vat_kind = models.CharField(max_length=12, default="general")

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ["-valid_from"]
        constraints = [
            # Four, because SQLite holds two NULLs for different.
            models.UniqueConstraint(
                fields=["task_type", "customer", "valid_from"], name="tariff_dated_once"
            ),
            models.UniqueConstraint(
                fields=["task_type", "valid_from"],
                condition=models.Q(customer__isnull=True),
                name="tariff_of_task_dated_once",
            ),
            models.UniqueConstraint(
                fields=["customer", "valid_from"],
                condition=models.Q(task_type__isnull=True),
                name="tariff_of_customer_dated_once",
            ),
            models.UniqueConstraint(
                fields=["valid_from"],
                condition=models.Q(task_type__isnull=True, customer__isnull=True),
                name="tariff_general_dated_once",
            ),
            models.CheckConstraint(
                condition=models.Q(hourly_net__gt=0), name="tariff_price_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_type or ''} {self.valid_from}: {self.hourly_net}"


class TariffSupplement(models.Model):
    class Kind(models.TextChoices):
        EVENING = "evening", pgettext_lazy("supplement", "Evening")
        NIGHT = "night", pgettext_lazy("supplement", "Night")
        SATURDAY = "saturday", pgettext_lazy("supplement", "Saturday")
        SUNDAY = "sunday", pgettext_lazy("supplement", "Sunday")
        HOLIDAY = "holiday", pgettext_lazy("supplement", "Public holiday")
        EVE = "eve", pgettext_lazy("supplement", "Eve of a holiday")

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="supplements")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2)
    from_min = models.PositiveSmallIntegerField(_("from (minutes after midnight)"), default=0)
    to_min = models.PositiveSmallIntegerField(_("to (minutes after midnight)"), default=1440)

    class Meta:
        verbose_name = _("supplement")
        verbose_name_plural = _("supplements")
        ordering = ["tariff_id", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["tariff", "kind"], name="supplement_kind_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.percent} %"

    def clean(self) -> None:
        """A row that cannot be priced would stop every quote of its tariff."""
        if None in (self.percent, self.from_min, self.to_min) or not self.kind:
            return  # the fields themselves say what they lack
        try:
            pricing.Supplement(
                pricing.SupplementKind(self.kind), self.percent, self.from_min, self.to_min
            )
        except ValueError as error:
            text = {
                "supplement-percent": _("A supplement is more than 0 per cent."),
                "supplement-window": _(
                    "Check the times: from before to, and inside the day. Only evening and night "
                    "go over midnight."
                ),
            }[str(error)]
            raise ValidationError(text) from error


class CustomerDiscount(models.Model):
    """Agreed with a customer: so many per cent off every price from a day on; 0 ends it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="discounts")
    valid_from = models.DateField(_("valid from"))
    percent = models.DecimalField(
        _("discount, per cent"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(50))],
    )

    class Meta:
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "valid_from"], name="discount_dated_once"),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=50), name="discount_up_to_half"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.valid_from}: {self.percent} %"
