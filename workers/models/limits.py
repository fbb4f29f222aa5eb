"""Numbers of the law and the school calendar, as rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LegalLimit(models.Model):
    """A number from law or an agreement, dated and with its source; never a constant in code."""

    code = models.CharField(_("code"), max_length=60)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    value = models.DecimalField(_("value"), max_digits=10, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=12)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("legal limit")
        verbose_name_plural = _("legal limits")
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="legal_limit_dated_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.valid_from}: {self.value} {self.unit}"


class SchoolPeriod(models.Model):
    """A term or a holiday of the basic schools; together they are the school calendar."""

    class Kind(models.TextChoices):
        TERM = "term", pgettext_lazy("school", "Term")
        HOLIDAY = "holiday", pgettext_lazy("school", "Holiday")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=60)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("school term or holiday")
        verbose_name_plural = _("school calendar")
        ordering = ["first_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")),
                name="school_period_ends_after_start",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["term", "holiday"]), name="school_period_kind_known"
            ),
            models.UniqueConstraint(fields=["kind", "first_on"], name="school_period_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first_on}–{self.last_on}"
