"""The people who do the work, how they travel and what they are not asked to do."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from workers.models.skills import Skill, Strain


class TravelMode(models.TextChoices):
    WALK = "walk", pgettext_lazy("travel", "On foot")
    BIKE = "bike", pgettext_lazy("travel", "By bicycle")
    BUS = "bus", pgettext_lazy("travel", "By bus")
    CAR = "car", pgettext_lazy("travel", "By car")


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
