"""Invoices, credit notes, their lines and e-invoices; how a customer wants them, runs of many."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models.hours import HourEntry
from billing.models.lifecycle import InvoiceStatus
from billing.papers.einvoice.formats import Format
from orders.models import Customer, WorkOrder
from orders.rules.vat_treatment import Why

INVOICE_STATUS_CHOICES = [
    (InvoiceStatus.DRAFT.value, pgettext_lazy("invoice", "Draft")),
    (InvoiceStatus.ISSUED.value, pgettext_lazy("invoice", "Issued")),
    (InvoiceStatus.SENT.value, pgettext_lazy("invoice", "Sent")),
    (InvoiceStatus.PAID.value, pgettext_lazy("invoice", "Paid")),
    (InvoiceStatus.CREDITED.value, pgettext_lazy("invoice", "Credited")),
]

VAT_WHY_CHOICES = [
    (Why.NOT_REGISTERED.value, _("no VAT: we are not registered for it")),
    (Why.CONSTRUCTION.value, _("reverse charge: construction, to a seller of construction")),
    (
        Why.EU_SERVICE.value,
        _("reverse charge: business in another EU country, not connected with real property"),
    ),
    (Why.PROPERTY.value, _("Finnish VAT: connected with real property in Finland")),
]


class Invoice(models.Model):
    """An invoice or credit note; from its number on frozen by a database guard."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", pgettext_lazy("document", "Invoice")
        CREDIT_NOTE = "credit_note", pgettext_lazy("document", "Credit note")

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.INVOICE)
    series = models.CharField(max_length=20, default="invoice")
    number = models.PositiveBigIntegerField(null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=INVOICE_STATUS_CHOICES, default=InvoiceStatus.DRAFT
    )
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="invoices")
    original = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_notes"
    )
    customer_reference = models.CharField(_("customer's reference"), max_length=70, blank=True)
    issued_on = models.DateField(_("invoice date"), null=True, blank=True)
    due_on = models.DateField(_("due date"), null=True, blank=True)
    reference = models.CharField(_("reference number"), max_length=25, blank=True)
    net = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    vat = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    gross = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    # What is still to be paid: gross less credit notes and payments;
    # billing.invoices.settlement keeps it.
    # Negative when too much was paid; credit notes and drafts have none.
    open_sum = models.DecimalField(_("open"), max_digits=12, decimal_places=2, default=0)
    note = models.CharField(_("text on the invoice"), max_length=300, blank=True)
    # The whole document as printed (billing.rules.document.InvoiceDocument), and its hash chain.
    content = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    pdf_path = models.CharField(max_length=200, blank=True)
    pdf_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        # Drafts first on every database: NULL sorts differently on each.
        ordering = [models.F("number").desc(nulls_first=True), "-id"]
        indexes = [models.Index(fields=["status", "due_on"], name="invoice_status_due")]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="invoice_number_once"),
            models.CheckConstraint(
                condition=models.Q(status=InvoiceStatus.DRAFT.value, number__isnull=True)
                | models.Q(
                    ~models.Q(status=InvoiceStatus.DRAFT.value),
                    number__isnull=False,
                    issued_on__isnull=False,
                ),
                name="invoice_number_exactly_when_issued",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[s.value for s in InvoiceStatus]),
                name="invoice_status_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number or f"({self.pk})")


class EInvoice(models.Model):
    """An issued invoice as it was sent: the bytes, where to, the receipt.

    There is a second one only when the first certainly did not leave (a wrong address, say).
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="einvoices")
    attempt = models.PositiveSmallIntegerField(default=1)
    message_key = models.CharField(max_length=120, unique=True)
    format = models.CharField(max_length=8, choices=[(f.value, f.value) for f in Format])
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64)
    address = models.CharField(_("e-invoice address"), max_length=35)
    operator = models.CharField(_("e-invoice operator"), max_length=35, blank=True)
    # What the folder, the mail server or the operator answered; empty until it has left.
    receipt = models.CharField(_("receipt"), max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("e-invoice")
        verbose_name_plural = _("e-invoices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "attempt"], name="einvoice_attempt_once")
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.format}"


class InvoiceLine(models.Model):
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    # The line of the original that a line of a credit note takes back, once at most.
    credits = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="credited_by"
    )
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="invoice_lines")
    hour_entry = models.ForeignKey(
        HourEntry, models.PROTECT, null=True, related_name="invoice_lines"
    )
    performed_on = models.DateField(_("performed on"))
    text = models.CharField(_("what"), max_length=200)
    quantity = models.DecimalField(_("quantity"), max_digits=10, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=6, default="HUR")
    unit_net = models.DecimalField(_("unit price"), max_digits=11, decimal_places=5)
    # Quantity x unit price less the discount, which is negative on a credit note.
    net = models.DecimalField(_("net"), max_digits=12, decimal_places=2)
    discount = models.DecimalField(_("discount"), max_digits=10, decimal_places=2, default=0)
    discount_pct = models.DecimalField(max_digits=4, decimal_places=2, default=0)
    vat_code = models.CharField(max_length=2, default="S")
    # Why the VAT is what it is, a code of orders.rules.vat_treatment.Why; empty for the
    # usual sale in Finland.
    vat_why = models.CharField(max_length=14, choices=VAT_WHY_CHOICES, blank=True)
    vat_pct = models.DecimalField(_("VAT %"), max_digits=5, decimal_places=2)
    work_min = models.PositiveSmallIntegerField(default=0)
    tariff_ref = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ["invoice_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="line_position_once")
        ]

    def __str__(self) -> str:
        return self.text


class InvoiceSplit(models.Model):
    """How a customer wants its invoices split; without a row, one for each reference."""

    class By(models.TextChoices):
        CUSTOMER = "customer", _("All on one invoice")
        REFERENCE = "reference", _("One invoice for each reference")
        SITE = "site", _("One invoice for each site")

    customer = models.OneToOneField(Customer, models.CASCADE, related_name="invoice_split")
    split = models.CharField(
        _("invoices are made"), max_length=10, choices=By.choices, default=By.REFERENCE
    )

    class Meta:
        db_table = "billing_invoicewish"
        verbose_name = _("customer's wish for invoices")
        verbose_name_plural = _("customers' wishes for invoices")

    def __str__(self) -> str:
        return f"{self.customer}: {self.split}"


class InvoiceRun(models.Model):
    """A run that issues and sends many drafts; the queue goes on where it was cut off."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invoice run")
        verbose_name_plural = _("invoice runs")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.created_at}"


class InvoiceRunRow(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("run", "Waiting")
        ISSUED = "issued", pgettext_lazy("run", "Issued, not sent")
        SENT = "sent", pgettext_lazy("run", "Sent")
        FAILED = "failed", pgettext_lazy("run", "Not issued")

    run = models.ForeignKey(InvoiceRun, models.CASCADE, related_name="rows")
    invoice = models.ForeignKey(Invoice, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # Violations as (code, subject, numbers): words are found when the page is shown.
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ["run_id", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "invoice"], name="run_invoice_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
