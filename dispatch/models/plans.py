"""Plans, their rows and the pieces that several machines solve."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch.models.assignments import Assignment
from dispatch.models.plan_lifecycle import WORKING, PlanState
from orders.models import WorkOrder
from workers.models import Worker

PLAN_STATE_CHOICES = [
    (PlanState.QUEUED.value, pgettext_lazy("plan", "Waiting to begin")),
    (PlanState.RUNNING.value, pgettext_lazy("plan", "Being made")),
    (PlanState.READY.value, pgettext_lazy("plan", "Ready to look at")),
    (PlanState.STOPPED.value, pgettext_lazy("plan", "Stopped, the best so far")),
    (PlanState.ACCEPTED.value, pgettext_lazy("plan", "Accepted, nobody told yet")),
    (PlanState.SENT.value, pgettext_lazy("plan", "Sent")),
    (PlanState.DISCARDED.value, pgettext_lazy("plan", "Discarded")),
    (PlanState.EXPIRED.value, pgettext_lazy("plan", "Out of date")),
    (PlanState.FAILED.value, pgettext_lazy("plan", "Did not succeed")),
]


class Plan(models.Model):
    """Proposed assignments for a day or a week; no worker is notified before it is sent."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    # Monday of the week: one plan at a time is made for it.
    week_on = models.DateField()
    seconds = models.PositiveSmallIntegerField(_("seconds to think"))
    state = models.CharField(
        _("status"), max_length=10, choices=PLAN_STATE_CHOICES, default=PlanState.QUEUED
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    stop_asked = models.BooleanField(default=False)
    # The worker's own mark and its last sign of life: a lost job is noticed by its age.
    token = models.CharField(max_length=36, blank=True)
    beat_at = models.DateTimeField()
    planning_on = models.DateField(null=True, blank=True)
    stage = models.CharField(max_length=20, blank=True)
    best = models.BigIntegerField(null=True, blank=True)
    bound = models.BigIntegerField(null=True, blank=True)
    # The result: dispatch.plans.services describes what it writes into them.
    numbers = models.JSONField(default=dict, blank=True)
    lacks = models.JSONField(default=list, blank=True)
    failure = models.CharField(max_length=40, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in PlanState]), name="plan_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")),
                name="plan_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["week_on"],
                condition=models.Q(state__in=[s.value for s in WORKING]),
                name="plan_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_on}–{self.last_on}"

    @property
    def is_week(self) -> bool:
        """Whether more than one day is planned."""
        return self.first_on != self.last_on


class PlanRow(models.Model):
    """One worker on one order, as a plan proposes it, with the reasons."""

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("plan row", "Proposed")
        ACCEPTED = "accepted", pgettext_lazy("plan row", "Accepted")
        SENT = "sent", pgettext_lazy("plan row", "Sent")

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="rows")
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    # As they were when the plan was made: a moved order shows itself.
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    reasons = models.JSONField(default=list, blank=True)
    assignment = models.ForeignKey(
        Assignment, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("row of a plan")
        verbose_name_plural = _("rows of a plan")
        ordering = ["starts_at", "order_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "order", "worker"], name="plan_row_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["proposed", "accepted", "sent"]),
                name="plan_row_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} – {self.worker}"


class PlanPart(models.Model):
    """A piece of a plan that any machine of the queue may solve; gone when the plan is made."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("plan part", "Waiting")
        RUNNING = "running", pgettext_lazy("plan part", "Being solved")
        DONE = "done", pgettext_lazy("plan part", "Solved")
        FAILED = "failed", pgettext_lazy("plan part", "Did not succeed")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="parts")
    on = models.DateField()
    # The piece: ids of the workers and of the orders whose places are open. `exact`: nobody
    # outside the piece could take its orders, and nobody in it another order of the day.
    workers = models.JSONField()
    orders = models.JSONField()
    exact = models.BooleanField()
    weight = models.PositiveIntegerField()
    # When all parts have to be ready; each takes its share of the time that is left when it begins.
    until_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    # As with the plan: the mark of who is at it, and their last sign of life.
    token = models.CharField(max_length=36, blank=True)
    beat_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    best = models.BigIntegerField(null=True, blank=True)
    bound = models.BigIntegerField(null=True, blank=True)
    # What was found: dispatch.plans.parts says what is in it.
    found = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("part of a plan")
        verbose_name_plural = _("parts of a plan")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "failed"]),
                name="plan_part_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} – {self.on}"
