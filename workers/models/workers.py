"""The people who do the work: skills, availability, absences, engagements, restrictions."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from workers.rules.engagement import FACTS, EngagementKind


class Named(models.Model):
    """A catalogue row with its name in the three interface languages."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=80)
    name_sv = models.CharField(_("name in Swedish"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name in the active language."""
        return self.in_language("name", get_language())

    def in_language(self, field: str, language: str | None) -> str:
        """Text of `field` in a language; easy Finnish and unknown ones read Finnish."""
        suffix = language if language in {"sv", "en"} else "fi"
        return str(getattr(self, f"{field}_{suffix}") or getattr(self, f"{field}_fi"))


class Skill(Named):
    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["name_fi"]


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


class TravelMode(models.TextChoices):
    WALK = "walk", pgettext_lazy("travel", "On foot")
    BIKE = "bike", pgettext_lazy("travel", "By bicycle")
    BUS = "bus", pgettext_lazy("travel", "By bus")
    CAR = "car", pgettext_lazy("travel", "By car")


class Strain(models.TextChoices):
    """What a task asks of the body or mind; a worker's restriction names the ones to avoid."""

    LIFTING = "lifting", _("Lifting over 10 kg")
    STANDING = "standing", _("Standing for hours")
    HEIGHTS = "heights", _("Ladders and heights")
    OUTDOORS = "outdoors", _("Outdoors in all weathers")
    NOISE = "noise", _("Noise and crowds")
    CUSTOMERS = "customers", _("Meeting customers")
    ALONE = "alone", _("Working alone")
    SCREEN = "screen", _("Screen work")


class Worker(models.Model):
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="worker",
        verbose_name=_("user account"),
    )
    worker_no = models.CharField(_("worker number"), max_length=20, unique=True)
    first_name = models.CharField(_("first name"), max_length=60)
    last_name = models.CharField(_("last name"), max_length=60)
    birth_date = models.DateField(
        _("date of birth"), help_text=_("Needed for the rules about young workers.")
    )
    basic_school_done = models.BooleanField(_("has finished basic school"), default=True)
    # Written consents of the young (998/1993); the papers lie with the contract.
    overtime_consent_on = models.DateField(
        _("young worker has agreed to overtime on"),
        null=True,
        blank=True,
        help_text=_("Ages 15 to 17. Leave empty when there is no written consent."),
    )
    guardian_consent_on = models.DateField(
        _("guardian has agreed to the work on"),
        null=True,
        blank=True,
        help_text=_("Under 15: without it no gigs."),
    )
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    street = models.CharField(_("street address"), max_length=120, blank=True)
    postal_code = models.CharField(_("postcode"), max_length=5)
    city = models.CharField(_("town"), max_length=60)
    lat = models.FloatField(_("latitude"))
    lon = models.FloatField(_("longitude"))
    travel_mode = models.CharField(
        _("travels"), max_length=4, choices=TravelMode.choices, default=TravelMode.BUS
    )
    max_trip_min = models.PositiveSmallIntegerField(_("longest trip (minutes)"), default=60)
    wish_week_min = models.PositiveSmallIntegerField(
        _("hours wished a week (minutes)"), default=900
    )
    skills = models.ManyToManyField(
        Skill, blank=True, related_name="workers", verbose_name=_("skills")
    )
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="coached_workers",
        verbose_name=_("coach"),
    )
    coached_gigs = models.PositiveSmallIntegerField(
        _("first gigs with a coach"),
        default=3,
        help_text=_("So many first gigs need a coach on site or within reach."),
    )
    payroll_no = models.CharField(_("person number in payroll"), max_length=20, blank=True)
    active = models.BooleanField(_("active"), default=True)
    # Raised as the first statement of every change of this worker's time: the lock that works
    # the same on SQLite and PostgreSQL (docs/adr/0003-databases-and-locking.md).
    lock_no = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ["last_name", "first_name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lat__gte=-90, lat__lte=90, lon__gte=-180, lon__lte=180),
                name="worker_on_earth",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class WorkerStamp(models.Model):
    """A random mark that changes with the worker's facts; written by the triggers of guards.py.

    `worker_id` 0 stands for what concerns everybody. No foreign key: the row outlives the worker.
    """

    worker_id = models.BigIntegerField(primary_key=True)
    mark = models.BigIntegerField()

    class Meta:
        verbose_name = "mark of a worker's facts"
        verbose_name_plural = "marks of workers' facts"

    def __str__(self) -> str:
        return f"{self.worker_id}: {self.mark}"


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


class Restriction(models.Model):
    """A task limit, never a diagnosis: what this worker is not asked to do."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="restrictions")
    strain = models.CharField(_("not asked to do"), max_length=12, choices=Strain.choices)
    review_on = models.DateField(_("to be looked at again"), null=True, blank=True)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        constraints = [
            models.UniqueConstraint(fields=["worker", "strain"], name="restriction_once")
        ]

    def __str__(self) -> str:
        return self.get_strain_display()


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


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class WeeklyAvailability(models.Model):
    """Hours of a usual week in which the worker can be away from home for work, local time."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="weekly_availability")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))
    preferred = models.BooleanField(_("rather than other times"), default=False)

    class Meta:
        verbose_name = _("weekly availability")
        verbose_name_plural = _("weekly availability")
        ordering = ["worker_id", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")),
                name="availability_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["worker", "weekday", "starts"], name="availability_starts_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H.%M}–{self.ends:%H.%M}"


class AvailabilityException(models.Model):
    """One date that differs from the usual week; without times the whole day."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="availability_exceptions")
    on = models.DateField(_("date"))
    available = models.BooleanField(_("can work"))
    starts = models.TimeField(_("from"), null=True, blank=True)
    ends = models.TimeField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        ordering = ["worker_id", "on", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts__isnull=True, ends__isnull=True)
                | models.Q(ends__gt=models.F("starts")),
                name="exception_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return str(self.on)


class Absence(models.Model):
    """Days away. The reason is never stored: a sick call is an absence like any other."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["worker", "starts_at"], name="absence_worker_start")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="absence_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.worker} {self.starts_at:%Y-%m-%d}"
