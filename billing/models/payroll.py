"""Rows of pay: rules by version, what they gave, marks on hours, exported batches, subsidy.

Rules, results and batches are append-only (billing/models/guards.py): a wrong one is
mended by a newer one, so that what was once paid or charged can always be made again.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.rules.pay import load_rule_set
from billing.rules.rounding import Breaks, Direction, Purpose, RoundingRule
from orders.models import Customer
from workers.models import Engagement, Worker


class PayAgreement(models.Model):
    """A collective agreement whose rules some workers are paid by; the others by the law alone."""

    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        verbose_name = _("pay agreement")
        verbose_name_plural = _("pay agreements")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AgreementOfWorker(models.Model):
    """From a day on this worker is paid by this agreement."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="pay_agreements")
    agreement = models.ForeignKey(PayAgreement, models.PROTECT, related_name="+")
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("worker's pay agreement")
        verbose_name_plural = _("workers' pay agreements")
        ordering = ["worker_id", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "valid_from"], name="agreement_of_worker_dated_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.worker} {self.agreement} {self.valid_from}"


class RoundingVersion(models.Model):
    """A rounding and break rule: of everybody, of a customer (billing) or an agreement (pay)."""

    class For(models.TextChoices):
        TIMES = Purpose.TIMES.value, pgettext_lazy("rounding", "Check-in and check-out")
        BILL = Purpose.BILL.value, pgettext_lazy("rounding", "Billing")
        PAY = Purpose.PAY.value, pgettext_lazy("rounding", "Pay")

    class Way(models.TextChoices):
        NEAREST = Direction.NEAREST.value, pgettext_lazy("rounding", "To the nearest step")
        UP = Direction.UP.value, pgettext_lazy("rounding", "Up")
        DOWN = Direction.DOWN.value, pgettext_lazy("rounding", "Down")

    class Rest(models.TextChoices):
        USUAL = Breaks.USUAL.value, _("The break of the law is counted, a longer one is not")
        DEDUCTED = Breaks.DEDUCTED.value, _("Breaks are not counted")
        PAID = Breaks.PAID.value, _("Breaks are counted")

    purpose = models.CharField(_("for"), max_length=5, choices=For.choices)
    version = models.CharField(_("version"), max_length=12, unique=True)
    valid_from = models.DateField(_("valid from"))
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    agreement = models.ForeignKey(PayAgreement, models.PROTECT, null=True, blank=True)
    grace_min = models.PositiveSmallIntegerField(_("on time within (minutes)"), default=0)
    step_min = models.PositiveSmallIntegerField(
        _("step (minutes)"), default=1, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    direction = models.CharField(
        _("direction"), max_length=7, choices=Way.choices, default=Way.NEAREST
    )
    breaks = models.CharField(_("breaks"), max_length=8, choices=Rest.choices)
    paid_break_min = models.PositiveSmallIntegerField(
        _("so many minutes of a break are counted"), default=0
    )

    class Meta:
        verbose_name = _("rounding rule")
        verbose_name_plural = _("rounding rules")
        ordering = ["purpose", "valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(customer__isnull=True) | models.Q(purpose="bill"),
                name="rounding_customer_is_billing",
                violation_error_message=_("A customer's rule is for billing."),
            ),
            models.CheckConstraint(
                condition=models.Q(agreement__isnull=True) | models.Q(purpose="pay"),
                name="rounding_agreement_is_pay",
                violation_error_message=_("An agreement's rule is for pay."),
            ),
            models.CheckConstraint(condition=models.Q(step_min__gte=1), name="rounding_step"),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.valid_from}"

    @property
    def rule(self) -> RoundingRule:
        """The row as the pure rule reads it."""
        return RoundingRule(
            version=self.version,
            valid_from=self.valid_from,
            grace_min=self.grace_min,
            purpose=Purpose(self.purpose),
            step_min=self.step_min,
            direction=Direction(self.direction),
            breaks=Breaks(self.breaks),
            paid_break_min=self.paid_break_min,
            owner=self.customer_id or self.agreement_id,
        )


class RoundedMinutes(models.Model):
    """What a rule made of approved hours when they were billed or paid; frozen."""

    entry = models.ForeignKey("billing.HourEntry", models.PROTECT, related_name="rounded")
    purpose = models.CharField(max_length=5, choices=RoundingVersion.For.choices)
    version = models.CharField(_("version"), max_length=12)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    # billing.rules.rounding.canonical: the raw hours and the rule with its numbers.
    content = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rounded minutes")
        verbose_name_plural = _("rounded minutes")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "purpose", "version"], name="rounded_once_by_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.version}: {self.minutes}"


class PayRuleVersion(models.Model):
    """All pay rules of an agreement (or of everybody) from a day on, as one frozen text."""

    agreement = models.ForeignKey(
        PayAgreement, models.PROTECT, null=True, blank=True, related_name="versions"
    )
    version = models.CharField(_("version"), max_length=20, unique=True)
    valid_from = models.DateField(_("valid from"))
    rules = models.TextField(
        _("rules"),
        help_text=_(
            "A line per rule, first the line of columns: "
            "kind;after_min;from_min;to_min;percent;eur_h;stacks;wage_code"
        ),
    )
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("pay rules")
        verbose_name_plural = _("pay rules")
        ordering = ["agreement_id", "valid_from", "id"]

    def __str__(self) -> str:
        return f"{self.version} {self.valid_from}"

    def clean(self) -> None:
        """The text must be readable before it is kept for ever."""
        try:
            load_rule_set(self.rules, self.version, self.valid_from)
        except ValueError as error:
            text = _("The rules cannot be read (%(what)s).") % {"what": error}
            raise ValidationError({"rules": text}) from error


class HourMark(models.Model):
    """A logged decision about the hours of one gig, whatever corrections they go through."""

    class Mark(models.TextChoices):
        BILL = "bill", pgettext_lazy("hour mark", "Billed against the rule of the contract")
        PAY = "pay", pgettext_lazy("hour mark", "Paid against the rule of the contract")
        EMERGENCY = "emergency", pgettext_lazy("hour mark", "Emergency work")

    assignment = models.ForeignKey("dispatch.Assignment", models.PROTECT, related_name="hour_marks")
    mark = models.CharField(_("decision"), max_length=9, choices=Mark.choices)
    reason = models.CharField(_("reason"), max_length=300)
    contract_ref = models.CharField(_("contract or decision"), max_length=80, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("decision about hours")
        verbose_name_plural = _("decisions about hours")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "mark"], name="hour_mark_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="hour_mark_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.mark}"


class PayrollBatch(models.Model):
    """One export to payroll: what had not been exported of a period, frozen with its files."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField(_("number"), unique=True)
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("to"))
    # Sum of the parts (no supplements), minutes; may be negative in a batch of corrections.
    minutes = models.IntegerField(_("minutes"))
    rows_count = models.PositiveIntegerField(_("rows"))
    content_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(_("made"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("payroll export")
        verbose_name_plural = _("payroll exports")
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class PayrollRow(models.Model):
    """Signed minutes of one kind on one day of one gig; a correction names what it changes."""

    batch = models.ForeignKey(PayrollBatch, models.PROTECT, related_name="rows")
    position = models.PositiveIntegerField()
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    assignment = models.ForeignKey("dispatch.Assignment", models.PROTECT, related_name="+")
    entry = models.ForeignKey("billing.HourEntry", models.PROTECT, related_name="payroll_rows")
    # The number in payroll as it was then.
    payroll_no = models.CharField(max_length=20)
    on = models.DateField()
    kind = models.CharField(max_length=16)
    wage_code = models.CharField(max_length=20)
    percent = models.DecimalField(max_digits=6, decimal_places=2)
    eur_h = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    minutes = models.IntegerField()
    is_part = models.BooleanField()
    is_correction = models.BooleanField(default=False)
    engagement_kind = models.CharField(max_length=20)
    rules_version = models.CharField(max_length=20)

    class Meta:
        ordering = ["batch_id", "position"]
        indexes = [models.Index(fields=["worker", "on"], name="payroll_row_worker_day")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="payroll_position_once"),
            models.CheckConstraint(condition=~models.Q(minutes=0), name="payroll_row_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.wage_code} {self.minutes}"


class PayrollFile(models.Model):
    """A batch in one format, the bytes as they were made."""

    batch = models.ForeignKey(PayrollBatch, models.PROTECT, related_name="files")
    format = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["batch_id", "format"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "format"], name="payroll_file_once")
        ]

    def __str__(self) -> str:
        return self.name


class SubsidyDecision(models.Model):
    """An authority's decision to pay a part of a wage: period, share, funder."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, related_name="subsidy_decisions", verbose_name=_("contract")
    )
    funder = models.CharField(_("who pays the subsidy"), max_length=80)
    decision_no = models.CharField(_("number of the decision"), max_length=40)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    percent = models.DecimalField(
        _("subsidy %"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    # The decided most hours of a month, where the decision names them.
    month_max_min = models.PositiveIntegerField(_("most minutes a month"), null=True, blank=True)
    alert_days = models.PositiveSmallIntegerField(_("tell so many days before the end"), default=60)

    class Meta:
        verbose_name = _("pay-subsidy decision")
        verbose_name_plural = _("pay-subsidy decisions")
        ordering = ["ends_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="subsidy_ends_after_start",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.UniqueConstraint(fields=["engagement", "starts_on"], name="subsidy_dated_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_no} {self.starts_on}–{self.ends_on}"

    def clean(self) -> None:
        """Two decisions cannot pay for the same day: the hours would be claimed twice."""
        if not (self.engagement_id and self.starts_on and self.ends_on):
            return
        others = SubsidyDecision.objects.filter(
            engagement__worker=self.engagement.worker_id,
            starts_on__lte=self.ends_on,
            ends_on__gte=self.starts_on,
        ).exclude(pk=self.pk)
        if others.exists():
            raise ValidationError(_("Another decision covers a part of these days already."))


class LiabilityPaper(models.Model):
    """A paper that an orderer must have of us (1233/2006), as a file with its day of expiry."""

    class Kind(models.TextChoices):
        REGISTERS = "registers", _("Prepayment, employer and VAT registers")
        TRADE_REGISTER = "trade", _("Extract from the trade register")
        TAXES = "taxes", _("Certificate of paid taxes")
        PENSION = "pension", _("Certificate of pension insurance")
        TERMS = "terms", _("Collective agreement or main terms of work")
        HEALTH = "health", _("Occupational health care")
        ACCIDENT = "accident", _("Accident insurance (construction)")

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("paper"), max_length=10, choices=Kind.choices)
    issued_on = models.DateField(_("date of the paper"))
    expires_on = models.DateField(_("good until"))
    file_name = models.CharField(_("file"), max_length=120)
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("orderer's liability paper")
        verbose_name_plural = _("orderer's liability papers")
        ordering = ["kind", "-expires_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_on__gte=models.F("issued_on")),
                name="liability_expires_after_issue",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.issued_on}"


class LiabilityPack(models.Model):
    """The papers as they were given to a customer on a day; kept as proof."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="liability_packs")
    given_at = models.DateTimeField(_("given"))
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    papers = models.ManyToManyField(LiabilityPaper, related_name="packs")
    # The first day on which one of the papers is no longer good.
    good_until = models.DateField(_("good until"))

    class Meta:
        verbose_name = _("papers given to a customer")
        verbose_name_plural = _("papers given to customers")
        ordering = ["-given_at", "-id"]

    def __str__(self) -> str:
        return f"{self.customer} {self.given_at:%Y-%m-%d}"
