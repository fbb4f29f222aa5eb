"""On what footing a worker works: kind of contract, its period and limits; permits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workers.models.workers import Worker
from workers.rules.engagement import FACTS, EngagementKind


class ExceptionPermit(models.Model):
    """The authority lets a young worker's rule go for a time; it ends by its last day."""

    class Kind(models.TextChoices):
        OVERTIME = "overtime", pgettext_lazy("permit", "More overtime in the year")
        HOURS = "hours", pgettext_lazy("permit", "Longer days or weeks")
        CLOCK = "clock", pgettext_lazy("permit", "Earlier or later hours")
        TASK = "task", pgettext_lazy("permit", "A task closed to the age")
        AGE = "age", pgettext_lazy("permit", "Work before the working age")

    worker = models.ForeignKey(
        Worker, models.PROTECT, related_name="permits", verbose_name=_("worker")
    )
    number = models.CharField(_("number of the permit"), max_length=40)
    kind = models.CharField(_("what it permits"), max_length=10, choices=Kind.choices)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"))

    class Meta:
        verbose_name = _("exception permit")
        verbose_name_plural = _("exception permits")
        ordering = ["worker_id", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__gte=models.F("valid_from")),
                name="permit_ends_after_start",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["overtime", "hours", "clock", "task", "age"]),
                name="permit_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.get_kind_display()}"


class Engagement(models.Model):
    """The kind of contract, its period and its limits; `kind` is worktime's EngagementKind."""

    class Kind(models.TextChoices):
        EMPLOYMENT = "employment", _("Employment")
        PAY_SUBSIDY = "pay_subsidy", _("Employment with pay subsidy")
        WORK_TRIAL = "work_trial", _("Work trial")
        REHABILITATIVE = "rehabilitative", _("Rehabilitative work activity")
        APPRENTICESHIP = "apprenticeship", _("Apprenticeship")
        TRAINING_AGREEMENT = "training_agreement", _("Training agreement")
        SCHOOL_PRACTICE = "school_practice", _("Work-life orientation (school)")

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="engagements")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    weekly_min_min = models.PositiveSmallIntegerField(_("least minutes a week"), default=0)
    weekly_max_min = models.PositiveSmallIntegerField(
        _("most minutes a week"), null=True, blank=True
    )
    daily_max_min = models.PositiveSmallIntegerField(_("most minutes a day"), null=True, blank=True)
    days_per_week_max = models.PositiveSmallIntegerField(
        _("most days a week"), null=True, blank=True, validators=[MaxValueValidator(7)]
    )
    subsidy_pct = models.DecimalField(
        _("subsidy %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    excludes_business = models.BooleanField(_("may not do paid customer work"), default=False)

    class Meta:
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")
        ordering = ["worker_id", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="engagement_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "employment",
                        "pay_subsidy",
                        "work_trial",
                        "rehabilitative",
                        "apprenticeship",
                        "training_agreement",
                        "school_practice",
                    ]
                ),
                name="engagement_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_on}–{self.ends_on or ''}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A full subsidy is granted for what is not business only, so it shuts paid work out."""
        if self.fully_subsidised and not self.excludes_business:
            self.excludes_business = True
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "excludes_business"}
        super().save(*args, **kwargs)

    @property
    def fully_subsidised(self) -> bool:
        """The whole wage comes from the authority (association, 100 %)."""
        return self.kind == self.Kind.PAY_SUBSIDY and self.subsidy_pct >= 100

    @property
    def may_be_billed(self) -> bool:
        """The customer is charged for this time, unless somebody decides otherwise."""
        shut = self.excludes_business or self.fully_subsidised
        return FACTS[EngagementKind(self.kind)].billable_default and not shut
