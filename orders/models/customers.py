"""Customers, their people and the places where work is done."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from core.languages import Language
from orders.rules.customer_card import Channel, card_problems
from orders.rules.vat_treatment import HOME, country_name

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
