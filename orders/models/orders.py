"""What customers asked for: customers, contacts, sites, task types, prices, work orders."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from core.languages import Language
from orders.models.lifecycle import OrderStatus
from orders.rules import pricing
from orders.rules.customer_card import Channel, card_problems
from orders.rules.vat_treatment import HOME, country_name
from workers.models import Named, Skill, Strain

STATUS_CHOICES = [
    (OrderStatus.PLACED.value, pgettext_lazy("order", "Looking for a worker")),
    (OrderStatus.FILLED.value, pgettext_lazy("order", "Worker found")),
    (OrderStatus.IN_PROGRESS.value, pgettext_lazy("order", "Under way")),
    (OrderStatus.DONE.value, pgettext_lazy("order", "Done, hours open")),
    (OrderStatus.CLOSED.value, pgettext_lazy("order", "Hours approved")),
    (OrderStatus.CANCELLED.value, pgettext_lazy("order", "Cancelled")),
    (OrderStatus.UNFILLED.value, pgettext_lazy("order", "No worker found")),
]


INVOICE_CHANNEL_CHOICES = [
    (Channel.EMAIL.value, pgettext_lazy("invoice channel", "PDF by e-mail")),
    (Channel.FINVOICE.value, pgettext_lazy("invoice channel", "E-invoice (Finvoice)")),
    (Channel.PEPPOL.value, pgettext_lazy("invoice channel", "E-invoice (Peppol)")),
]


class Customer(models.Model):
    class Kind(models.TextChoices):
        PRIVATE = "private", _("Company")
        PUBLIC = "public", _("Public body")
        ASSOCIATION = "association", _("Association or foundation")

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer_no = models.CharField(_("customer number"), max_length=20, unique=True)
    name = models.CharField(_("legal name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, default=HOME)
    # Finnish buyers have a Y-tunnus, those of other EU states a VAT number and perhaps both.
    business_id = models.CharField(_("business ID (Y-tunnus)"), max_length=9, blank=True)
    vat_id = models.CharField(_("VAT number (another EU country)"), max_length=14, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PRIVATE)
    street = models.CharField(_("billing address"), max_length=120, blank=True)
    postal_code = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=60, blank=True)
    invoice_email = models.EmailField(_("e-mail for invoices"), blank=True)
    invoice_channel = models.CharField(
        _("how invoices go"),
        max_length=8,
        choices=INVOICE_CHANNEL_CHOICES,
        default=Channel.EMAIL,
    )
    e_invoice_address = models.CharField(_("e-invoice address"), max_length=35, blank=True)
    e_invoice_operator = models.CharField(_("e-invoice operator"), max_length=35, blank=True)
    invoice_reference = models.CharField(_("reference for invoices"), max_length=70, blank=True)
    payment_term_days = models.PositiveSmallIntegerField(
        _("payment term (days)"), default=14, validators=[MaxValueValidator(60)]
    )
    language = models.CharField(
        _("language"), max_length=7, choices=Language.choices, default=Language.FI
    )
    construction_seller = models.BooleanField(_("sells construction services"), default=False)
    channel = models.CharField(_("found us through"), max_length=20, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(invoice_channel__in=[c.value for c in Channel]),
                name="customer_invoice_channel_known",
            ),
            models.UniqueConstraint(
                fields=["business_id"],
                condition=~models.Q(business_id=""),
                name="customer_business_id_once",
                violation_error_message=_("Another customer has this business ID."),
            ),
            models.UniqueConstraint(
                fields=["vat_id"],
                condition=~models.Q(vat_id=""),
                name="customer_vat_id_once",
                violation_error_message=_("Another customer has this VAT number."),
            ),
            models.CheckConstraint(
                condition=~models.Q(country=HOME) | models.Q(vat_id=""),
                name="customer_vat_id_from_abroad",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def country_name(self) -> str:
        """Name of the country in the active language."""
        return country_name(self.country, get_language() or HOME)

    @property
    def einvoice_problems(self) -> dict[str, str]:
        """Code of what an e-invoice to this customer lacks, by field of the card."""
        return card_problems(
            self.invoice_channel,
            address=self.e_invoice_address,
            operator=self.e_invoice_operator,
            reference=self.invoice_reference,
            public=self.kind == self.Kind.PUBLIC,
        )


class Contact(models.Model):
    """A person at a customer; with a user account they see all the customer's orders."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contacts")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="contact"
    )
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    class Located(models.TextChoices):
        ADDRESS = "address", _("by address")
        POSTAL_CODE = "postal_code", _("by postcode")
        PIN = "pin", _("pinned on the map")

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="sites")
    name = models.CharField(_("name"), max_length=120, blank=True)
    street = models.CharField(_("street address"), max_length=120)
    postal_code = models.CharField(_("postcode"), max_length=5)
    city = models.CharField(_("town"), max_length=60)
    lat = models.FloatField(_("latitude"))
    lon = models.FloatField(_("longitude"))
    located = models.CharField(
        _("located"), max_length=12, choices=Located.choices, default=Located.POSTAL_CODE
    )
    time_zone = models.CharField(max_length=40, default="Europe/Helsinki")

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["customer_id", "street"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "street", "postal_code"], name="site_address_once"
            ),
            models.CheckConstraint(
                condition=models.Q(lat__gte=-90, lat__lte=90, lon__gte=-180, lon__lte=180),
                name="site_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.street}, {self.postal_code} {self.city}"


class TaskType(Named):
    description_fi = models.TextField(_("description in Finnish"), blank=True)
    description_sv = models.TextField(_("description in Swedish"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    wear_fi = models.CharField(_("what to wear, in Finnish"), max_length=160, blank=True)
    wear_sv = models.CharField(_("what to wear, in Swedish"), max_length=160, blank=True)
    wear_en = models.CharField(_("what to wear, in English"), max_length=160, blank=True)
    icon = models.CharField(_("picture (Lucide name)"), max_length=40, default="clipboard-list")
    skills = models.ManyToManyField(
        Skill, blank=True, related_name="task_types", verbose_name=_("skills needed")
    )
    strains = models.JSONField(_("what the task asks"), default=list, blank=True)
    min_age = models.PositiveSmallIntegerField(_("youngest age"), default=15)
    hazardous = models.BooleanField(_("hazardous for the young"), default=False)
    light_work = models.BooleanField(_("light work"), default=True)
    construction_related = models.BooleanField(_("construction service"), default=False)
    real_property = models.BooleanField(
        _("connected with real property"),
        default=True,
        help_text=_(
            "Cleaning, yard work, moving inside a building: Finnish VAT, whoever buys. Without the "
            "mark a business of another EU country accounts for the VAT itself."
        ),
    )
    active = models.BooleanField(_("active"), default=True)
    sort = models.PositiveSmallIntegerField(_("order in lists"), default=100)

    class Meta:
        verbose_name = _("task type")
        verbose_name_plural = _("task types")
        ordering = ["sort", "name_fi"]

    @property
    def about(self) -> str:
        """Description in the active language."""
        return self.in_language("description", get_language())

    @property
    def strain_labels(self) -> list[str]:
        """What the task asks, in the active language."""
        return [str(Strain(code).label) for code in self.strains]


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
            pricing.Supplement(pricing.Kind(self.kind), self.percent, self.from_min, self.to_min)
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


class ImportBatch(models.Model):
    """A file that somebody uploaded and looked at before saying yes."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name
