"""One-off and advance invoices, and the limits of what an invoice can say."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Role
from billing.invoices import oneoff, services
from billing.invoices.document import document_of, pdf_of
from billing.invoices.oneoff import Row
from billing.models import Invoice
from core.book_checks import broken_invariants
from core.violations import RuleBroken
from orders.models import Customer
from tests import builders
from tests.billing.world import BILLING

pytestmark = pytest.mark.django_db
NASTY = ("Pesu & huolto <Oy> 'Äiti' \U0001f9f9 " * 10)[:120]


@pytest.fixture
def customer() -> Customer:
    builders.organisation()
    builders.tariff()
    return builders.customer()


def made(customer: Customer, *rows: Row, **fields: bool) -> Invoice:
    return oneoff.make_one_off(customer, rows, on=BILLING.date(), by=None, now=BILLING, **fields)


def test_advance_is_issued_frozen_and_says_what_it_is(customer: Customer) -> None:
    draft = made(customer, Row("Ennakko", Decimal(1), Decimal("100.00")), advance=True)
    invoice = services.issue_invoice(draft, by=None, now=BILLING)
    assert (invoice.net, invoice.vat, invoice.gross) == (
        Decimal("100.00"),
        Decimal("25.50"),
        Decimal("125.50"),
    )
    assert len(document_of(invoice).notes) == 1
    assert broken_invariants() == []


def test_row_of_an_invoice_without_hours_is_credited_by_row(customer: Customer) -> None:
    rows = [Row("A", Decimal(1), Decimal("10.10")), Row("B", Decimal(1), Decimal("10.10"))]
    invoice = services.issue_invoice(made(customer, *rows), by=None, now=BILLING)
    for key in (1, 2):
        services.credit_invoice(invoice, by=None, now=BILLING, reason="Virhe", rows=[key])
    assert (invoice.status, invoice.open_sum) == ("credited", Decimal("0.00"))
    assert broken_invariants() == []


LIMITS = [
    ([], "invoice_empty"),
    ([Row(" ", Decimal(1), Decimal(1))], "row_text"),
    ([Row("x" * 201, Decimal(1), Decimal(1))], "row_text"),
    ([Row("x", Decimal(0), Decimal(1))], "row_quantity"),
    ([Row("x", Decimal(1), Decimal(-1))], "row_quantity"),
    ([Row("x", Decimal(-1), Decimal(1))], "invoice_not_positive"),
    ([Row("x", Decimal(1), Decimal("796812.75"))], "invoice_too_large"),
]


@pytest.mark.parametrize(("rows", "code"), LIMITS)
def test_what_no_invoice_can_say_is_refused(customer: Customer, rows: list[Row], code: str) -> None:
    with pytest.raises(RuleBroken) as error:
        made(customer, *rows)
    assert [v.code for v in error.value.violations] == [code]
    assert not Invoice.objects.exists()


def test_largest_invoice_is_issued_and_printed(customer: Customer) -> None:
    """999,999.99 with VAT is the last one that fits the bar code."""
    draft = made(customer, Row("x", Decimal(1), Decimal("796812.74")))
    assert draft.gross == Decimal("999999.99")
    invoice = services.issue_invoice(draft, by=None, now=BILLING)
    assert pdf_of(invoice).startswith(b"%PDF-")


def test_names_with_markup_quotes_and_emoji_come_through(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(name=NASTY)
    customer.refresh_from_db()
    draft = made(customer, Row("Pesu <b>& 'huolto'</b> \U0001f9f9", Decimal(1), Decimal(1)))
    invoice = services.issue_invoice(draft, by=None, now=BILLING)
    assert document_of(invoice).buyer.name == NASTY
    text = "".join(p.extract_text() for p in PdfReader(BytesIO(pdf_of(invoice))).pages)
    assert "<b>&" in text
    assert "\U0001f9f9" not in text


def test_page_makes_a_draft_and_keeps_what_was_typed_when_wrong(
    customer: Customer, client: Client
) -> None:
    client.force_login(
        builders.user(Role.FINANCE), "allauth.account.auth_backends.AuthenticationBackend"
    )
    url = reverse("billing:invoice-new")
    assert client.get(url).status_code == 200
    fields = {
        "customer": customer.pk,
        "on": "2026-12-01",
        "row-TOTAL_FORMS": 5,
        "row-INITIAL_FORMS": 0,
        "row-0-text": "Siivousaineet",
        "row-0-quantity": "2",
        "row-0-unit_net": "12,50",
    }
    wrong = client.post(url, {**fields, "row-0-unit_net": "9999999"})
    assert wrong.status_code == 422
    assert b"Siivousaineet" in wrong.content
    assert client.post(url, {**fields, "row-0-quantity": "-2"}).status_code == 409
    assert client.post(url, fields).status_code == 302
    assert Invoice.objects.get().net == Decimal("25.00")
