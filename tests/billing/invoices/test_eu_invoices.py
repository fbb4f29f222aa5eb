"""Invoices to other EU states and with discounts: from the order to the file, to the cent."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from billing.invoices import services
from billing.invoices.delivery import einvoice_bytes
from billing.invoices.document import document_of, pdf_of
from billing.invoices.oneoff import Row, make_one_off
from billing.invoices.prices import price_of
from billing.models import Invoice, InvoiceLine
from billing.papers.einvoice.formats import Format
from billing.papers.pdf.words import WORDS
from billing.rules.document import InvoiceDocument
from core.book_checks import broken_invariants
from core.money import ZERO
from core.texts import problem_texts
from core.violations import RuleBroken
from core.zone import HELSINKI
from orders.models import Customer, WorkOrder
from orders.rules.pricing import Supplement, SupplementKind, TariffRow, price_work
from tests import builders
from tests.billing import world
from tests.billing.papers.test_pdf import pages_of
from tests.einvoice_oracle import problems_of
from tests.oracle import check_invoice_pdf

EU_NOTE = WORDS["en"]["note_eu"]
ESTONIAN = {
    "name": "Tartu Ladu & <Kaubandus> OÜ", "country": "EE", "business_id": "",
    "vat_id": "EE100931558", "street": "Riia 12", "postal_code": "51010", "city": "Tartu",
    "language": "en", "invoice_channel": "peppol", "e_invoice_address": "9931:EE100931558",
    "e_invoice_operator": "NDEAFIHH",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _us(db: None) -> None:
    builders.organisation(e_invoice_address="003720774740", e_invoice_operator="003723327487")


def goods() -> Any:
    return builders.task_type("packing", name_fi="Pakkaus", name_en="Packing", real_property=False)


def drafts_of(customer: Customer) -> list[Invoice]:
    return services.make_drafts([customer.pk], until=date(2026, 12, 31), by=None, now=world.BILLING)


def issued(customer: Customer, *orders: WorkOrder) -> Invoice:
    for order in orders:
        world.approved(order)
    [draft] = drafts_of(customer)
    return services.issue_invoice(draft, by=None, now=world.BILLING)


def document(invoice: Invoice) -> InvoiceDocument:
    return document_of(invoice)


def all_right(invoice: Invoice) -> None:
    """Both formats pass every validator, the PDF too, and the books add up."""
    files = {f"{invoice} {to}": einvoice_bytes(invoice, to) for to in Format}
    assert problems_of(files) == []
    if invoice.kind == Invoice.Kind.INVOICE:
        assert check_invoice_pdf(pdf_of(invoice)) == []
    assert broken_invariants() == []


# --------------------------------------------------------------------------- where the tax belongs


def test_service_to_estonia_is_reverse_charged_with_both_numbers() -> None:
    buyer = builders.customer(**ESTONIAN)
    invoice = issued(buyer, world.order(customer=buyer, task_type=goods()))
    doc = document(invoice)
    assert (invoice.vat, invoice.gross) == (ZERO, invoice.net)
    assert {x.vat_code for x in doc.lines} == {"AE"}
    assert (doc.seller.vat_id, doc.buyer.vat_id) == ("FI20774740", "EE100931558")
    assert (doc.buyer.country, doc.buyer.business_id) == ("EE", "")
    assert doc.notes == (EU_NOTE,)
    text = pages_of(pdf_of(invoice))[0]
    for part in ("EE100931558", "ESTONIA", EU_NOTE, "Reverse charge"):
        assert part in text
    all_right(invoice)
    note = services.credit_invoice(invoice, by=None, now=world.BILLING, reason="wrong")
    assert document(note).notes == (EU_NOTE,)
    assert document(note).buyer.vat_id == "EE100931558"
    all_right(note)


def test_cleaning_in_finland_has_finnish_vat_whoever_buys() -> None:
    buyer = builders.customer(**ESTONIAN)
    invoice = issued(buyer, world.order(customer=buyer))
    [line] = invoice.lines.all()
    assert (line.vat_code, line.vat_pct, line.vat_why) == ("S", Decimal("25.5"), "property")
    assert document(invoice).notes == ()
    assert document(invoice).buyer.vat_id == "EE100931558"
    all_right(invoice)


def test_both_kinds_of_work_stand_on_one_invoice_each_with_its_tax() -> None:
    buyer = builders.customer(**ESTONIAN)
    orders = (world.order(customer=buyer), world.order(customer=buyer, task_type=goods()))
    invoice = issued(buyer, *orders)
    assert {(r.code, r.base) for r in document(invoice).vat_rows} == {
        ("S", Decimal("128.00")),
        ("AE", Decimal("128.00")),
    }
    assert invoice.vat == Decimal("32.64")
    all_right(invoice)


def test_construction_to_a_foreign_builder_has_an_own_invoice_by_its_finnish_number() -> None:
    number = builders.business_id(77)
    buyer = builders.customer(**(ESTONIAN | {"business_id": number, "construction_seller": True}))
    world.approved(world.order(customer=buyer, construction_site=True))
    world.approved(world.order(customer=buyer, task_type=goods()))
    found = {}
    for draft in drafts_of(buyer):
        invoice = services.issue_invoice(draft, by=None, now=world.BILLING)
        found[invoice.lines.get().vat_why] = document(invoice)
        all_right(invoice)
    assert found["construction"].buyer.vat_id == f"FI{number.replace('-', '')}"
    assert found["construction"].notes == (WORDS["en"]["note_reverse"],)
    assert found["eu_service"].buyer.vat_id == "EE100931558"


def test_finnish_buyer_of_the_same_work_pays_finnish_vat() -> None:
    buyer = builders.customer()
    invoice = issued(buyer, world.order(customer=buyer, task_type=goods()))
    assert invoice.lines.get().vat_why == ""
    assert (invoice.vat, document(invoice).buyer.country) == (Decimal("32.64"), "FI")
    assert document(invoice).buyer.vat_id == ""


def test_content_of_a_domestic_invoice_has_the_bytes_of_before_there_were_discounts() -> None:
    buyer = builders.customer()
    raw = json.loads(issued(buyer, world.order(customer=buyer)).content)
    assert (raw["lines"][0]["discount"], raw["lines"][0]["discount_text"]) == ("0", "")
    assert (raw["buyer"]["country"], raw["buyer"]["vat_id"], raw["allowances"]) == ("FI", "", [])
    assert (raw["notes"], raw["lines"][0]["net"]) == ([], "128.00")


def test_invoice_without_vat_number_is_refused_and_says_so() -> None:
    buyer = builders.customer(**ESTONIAN)
    world.approved(world.order(customer=buyer))
    [draft] = drafts_of(buyer)
    Customer.objects.filter(pk=buyer.pk).update(vat_id="")
    with pytest.raises(RuleBroken) as caught:
        services.issue_invoice(draft, by=None, now=world.BILLING)
    assert caught.value.violations[0].code == "customer_vat_id"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"vat_id": ""}, "the VAT number is missing"),
        ({"vat_id": "EE100931559"}, "Check the VAT number"),
        ({"vat_id": "SE556012579001"}, "of another country"),
        ({"country": "NO"}, "Choose Finland or another country"),
        ({"street": ""}, "the billing address is missing"),
    ],
)
def test_invoice_of_a_wrong_card_is_refused_in_words(fields: dict[str, str], words: str) -> None:
    buyer = builders.customer(**ESTONIAN)
    world.approved(world.order(customer=buyer))
    [draft] = drafts_of(buyer)
    Customer.objects.filter(pk=buyer.pk).update(**fields)
    with override("en"), pytest.raises(RuleBroken) as caught:
        services.issue_invoice(draft, by=None, now=world.BILLING)
    with override("en"):
        assert words in " ".join(problem_texts(caught.value))


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_credit_note_keeps_number_and_law_of_a_buyer_that_moved(language: str) -> None:
    buyer = builders.customer(**(ESTONIAN | {"language": language}))
    invoice = issued(buyer, world.order(customer=buyer, task_type=goods()))
    Customer.objects.filter(pk=buyer.pk).update(
        country="FI", vat_id="", business_id=builders.business_id(78), postal_code="53100"
    )
    note = services.credit_invoice(
        Invoice.objects.get(pk=invoice.pk), by=None, now=world.BILLING, reason="wrong"
    )
    doc = document(note)
    assert (doc.buyer.vat_id, doc.notes) == ("EE100931558", (WORDS[language]["note_eu"],))
    assert b"2006/112" in einvoice_bytes(note, Format.UBL)
    all_right(note)


@pytest.mark.parametrize(
    ("real_property", "code", "why"), [(True, "S", "property"), (False, "AE", "eu_service")]
)
def test_one_off_to_estonia_follows_what_finance_says_of_the_work(
    real_property: bool, code: str, why: str
) -> None:
    draft = make_one_off(
        builders.customer(**ESTONIAN),
        [Row("Advice", Decimal(2), Decimal("50.00"))],
        on=world.THURSDAY,
        by=None,
        now=world.BILLING,
        real_property=real_property,
    )
    line = draft.lines.get()
    assert (line.vat_code, line.vat_why) == (code, why)


def test_finance_reads_why_beside_each_line(client: Client) -> None:
    buyer = builders.customer(**ESTONIAN)
    buyer.discounts.create(valid_from=date(2026, 1, 1), percent=Decimal(5))
    orders = (world.order(customer=buyer), world.order(customer=buyer, task_type=goods()))
    invoice = issued(buyer, *orders)
    finance = builders.user(Role.FINANCE, language="en")
    client.force_login(finance)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("billing:invoice-detail", args=[invoice.ref])).content.decode()
    assert "Finnish VAT: connected with real property in Finland" in page
    assert "reverse charge: business in another EU country" in page
    assert page.count("6.40") == 2


# --------------------------------------------------------------------------- discounts


def discounted(**fields: Any) -> Customer:
    buyer = builders.customer(
        **({"invoice_channel": "finvoice", "e_invoice_address": "003701120389",
            "e_invoice_operator": "NDEAFIHH"} | fields)
    )  # fmt: skip
    buyer.discounts.create(valid_from=date(2026, 1, 1), percent=Decimal("7.5"))
    return buyer


def test_discount_promised_is_the_discount_invoiced_and_credited() -> None:
    buyer = discounted()
    order = world.order(customer=buyer, duration_min=150)
    invoice = issued(buyer, order)
    [line] = invoice.lines.all()
    # 2.5 h x 32.00 = 80.00 less 6.00.
    assert (line.discount, line.discount_pct, line.net) == (
        Decimal("6.00"),
        Decimal("7.50"),
        Decimal("74.00"),
    )
    assert (invoice.net, invoice.gross) == (order.quote_net, order.quote_gross)
    [frozen] = document(invoice).lines
    assert (frozen.discount, frozen.discount_text) == (Decimal("6.00"), "sopimusalennus 7,5 %")
    assert "sopimusalennus 7,5 % −6,00 €" in " ".join(pages_of(pdf_of(invoice))[0].split())
    all_right(invoice)
    note = services.credit_invoice(invoice, by=None, now=world.BILLING, reason="wrong")
    assert (note.gross, note.lines.get().discount) == (-invoice.gross, Decimal("-6.00"))
    assert invoice.open_sum == 0
    all_right(note)


def test_discount_agreed_later_does_not_change_what_was_promised() -> None:
    buyer = builders.customer()
    order = world.order(customer=buyer)
    buyer.discounts.create(valid_from=date(2026, 1, 1), percent=Decimal(20))
    invoice = issued(buyer, order)
    assert (invoice.net, invoice.lines.get().discount) == (order.quote_net, ZERO)


def test_discount_ended_later_is_still_given_on_what_was_promised() -> None:
    buyer = discounted()
    order = world.order(customer=buyer)
    buyer.discounts.create(valid_from=date(2026, 2, 1), percent=Decimal(0))
    assert issued(buyer, order).net == order.quote_net < Decimal("128.00")


@given(
    hourly=st.decimals("0.01", "199.99", places=2),
    pct=st.decimals("0.01", "50", places=2),
    minutes=st.integers(1, 480),
    people=st.integers(1, 5),
)
def test_quote_for_many_is_the_sum_of_their_invoices(
    hourly: Decimal, pct: Decimal, minutes: int, people: int
) -> None:
    """One line per person on the invoice, one price for all on the quote, to the cent."""
    extra = Supplement(SupplementKind.EVENING, Decimal(15), 600, 720)
    row = TariffRow("1", date(2026, 1, 1), hourly, 120, (extra,), Decimal("25.5"), discount_pct=pct)
    args = (builders.datetime(2026, 11, 26, 9), minutes)
    one = price_work(row, *args, 1, frozenset(), frozenset(), HELSINKI)
    all_of_them = price_work(row, *args, people, frozenset(), frozenset(), HELSINKI)
    assert all_of_them.net == one.net * people
    assert one.net == sum((x.net - x.discount for x in one.charged), ZERO)
    assert one.net == sum((x.net for x in one.lines), ZERO)
    assert all(x.discount >= 0 and x.discount == x.discount.quantize(ZERO) for x in one.lines)


def test_price_of_an_entry_is_what_its_lines_say() -> None:
    buyer = discounted()
    entry = world.approved(world.order(customer=buyer))
    [draft] = drafts_of(buyer)
    assert price_of(entry).net == draft.net
    assert sum(InvoiceLine.objects.values_list("net", flat=True)) == draft.net
