"""Work orders: what was asked for, when, for how many, and the price promised."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from core.languages import Language
from orders.models.customers import Customer, Site
from orders.models.lifecycle import OrderStatus
from orders.models.task_types import TaskType

STATUS_CHOICES = [
    (OrderStatus.PLACED.value, pgettext_lazy("order", "Looking for a worker")),
    (OrderStatus.FILLED.value, pgettext_lazy("order", "Worker found")),
    (OrderStatus.IN_PROGRESS.value, pgettext_lazy("order", "Under way")),
    (OrderStatus.DONE.value, pgettext_lazy("order", "Done, hours open")),
    (OrderStatus.CLOSED.value, pgettext_lazy("order", "Hours approved")),
    (OrderStatus.CANCELLED.value, pgettext_lazy("order", "Cancelled")),
    (OrderStatus.UNFILLED.value, pgettext_lazy("order", "No worker found")),
]


class WorkOrder(models.Model):
    """One task at one site at one time for n people.

    The ordered window is local wall time (`works_on`, `starts`) in the site's zone; `starts_at`
    and `ends_at` are the same as instants, so that rows can be compared and indexed.
    """

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField(_("number"), unique=True)
    form_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    link_no = models.PositiveSmallIntegerField(default=1, editable=False)
    status = models.CharField(
        _("status"), max_length=12, choices=STATUS_CHOICES, default=OrderStatus.PLACED
    )
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="orders")
    site = models.ForeignKey(Site, models.PROTECT, related_name="orders")
    task_type = models.ForeignKey(TaskType, models.PROTECT, related_name="orders")
    works_on = models.DateField(_("date"))
    starts = models.TimeField(_("starts"))
    duration_min = models.PositiveSmallIntegerField(_("duration (minutes)"))
    people = models.PositiveSmallIntegerField(_("people"), default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    orderer_name = models.CharField(_("your name"), max_length=120)
    orderer_email = models.EmailField(_("your e-mail"), blank=True)
    orderer_phone = PhoneNumberField(_("your phone"), blank=True)
    site_contact_name = models.CharField(_("who meets the worker"), max_length=120)
    site_contact_phone = PhoneNumberField(_("their phone"), blank=True)
    description = models.TextField(_("what is to be done"), max_length=1000, blank=True)
    wear = models.CharField(_("what to wear or bring"), max_length=200, blank=True)
    hazards = models.CharField(_("hazards"), max_length=300, blank=True)
    construction_site = models.BooleanField(_("construction site"), default=False)
    coach_on_site = models.BooleanField(_("coach on site"), default=False)
    customer_reference = models.CharField(_("your reference"), max_length=70, blank=True)
    language = models.CharField(max_length=7, choices=Language.choices, default=Language.FI)
    # The price promised, as it was shown before sending.
    quote_net = models.DecimalField(max_digits=10, decimal_places=2)
    quote_vat_pct = models.DecimalField(max_digits=5, decimal_places=2)
    quote_vat = models.DecimalField(max_digits=10, decimal_places=2)
    quote_gross = models.DecimalField(max_digits=10, decimal_places=2)
    quote_lines = models.JSONField(default=list)
    tariff_ref = models.CharField(max_length=20)
    # The discount promised, as the tariff was: the invoice keeps to both.
    discount_pct = models.DecimalField(max_digits=4, decimal_places=2, default=0)
    placed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["works_on", "status"], name="order_day_status"),
            models.Index(fields=["customer", "-starts_at"], name="order_customer_start"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=[s.value for s in OrderStatus]),
                name="order_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="order_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(duration_min__gte=60, duration_min__lte=480),
                name="order_one_to_eight_hours",
            ),
            models.CheckConstraint(
                condition=models.Q(people__gte=1, people__lte=20), name="order_people_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.task_type}"
