"""Sales journal, VAT summary and open items: to the cent against the documents themselves."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from accounts.models import Role, User
from billing.books import ledger as books
from billing.demo.build import Demo
from billing.invoices import services, settlement
from billing.models import Invoice, InvoiceLine
from billing.models.payments import Payment
from core import guards
from core.money import total
from orders.models import Customer
from tests import builders
from tests.billing import world
from tests.billing.invoices.test_credit_notes import credit, issued
from tests.billing.world import BILLING

pytestmark = pytest.mark.engine
MONTH = date(2026, 12, 1)
DEMO = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def finance(db: None) -> User:
    builders.organisation()
    return builders.user(Role.FINANCE)


def table(content: bytes) -> list[list[str]]:
    assert content.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def euros(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def test_journal_and_vat_add_up_to_the_documents_of_the_month(finance: User) -> None:
    invoice, _entries = issued()
    credit(invoice, 2)
    issued(1)
    rows = books.journal(MONTH)
    documents = Invoice.objects.filter(number__isnull=False)
    assert total(r.gross for r in rows) == sum(i.gross for i in documents)
    assert total(r.base for r in rows) == sum(InvoiceLine.objects.values_list("net", flat=True))
    sums = books.vat_summary(rows)
    assert [(x.pct, x.base, x.vat, x.documents) for x in sums] == [
        (Decimal("25.5"), Decimal("384.00"), Decimal("97.92"), 3)
    ]
    assert books.of_rate(rows, "S", Decimal("25.50")) == rows
    assert books.journal(date(2026, 11, 1)) == []


def test_files_end_with_the_sums_and_no_cell_is_a_formula(finance: User) -> None:
    invoice, _entries = issued(1)
    Customer.objects.filter(pk=invoice.customer_id).update(name="=HYPERLINK(1)")
    credit(invoice, 1)
    lines = table(books.journal_csv(books.journal(MONTH)))
    assert {line[5] for line in lines[1:-1]} == {"'=HYPERLINK(1)"}
    note = next(line for line in lines if line[0] == "hyvityslasku")
    assert (note[9], note[12]) == ("-128,00", str(invoice.number))
    assert lines[-1][9:12] == ["0,00", "0,00", "0,00"]
    for column in (9, 10, 11):
        assert sum(euros(line[column]) for line in lines[1:-1]) == euros(lines[-1][column])


def test_open_items_are_those_of_the_day_that_is_asked_for(finance: User) -> None:
    invoice, _entries = issued()
    day = BILLING.date()
    later = BILLING + timedelta(days=20)
    settlement.enter_payment(
        invoice, amount=Decimal("100.00"), on=day + timedelta(days=5), by=finance, now=later
    )
    services.credit_invoice(
        invoice, by=None, now=BILLING + timedelta(days=10), reason="Virhe", rows=[1]
    )
    opens = [[x.open for x in books.open_items(day + timedelta(days=n))] for n in (-1, 0, 5, 10)]
    assert opens == [[], [Decimal("481.92")], [Decimal("381.92")], [Decimal("221.28")]]
    settlement.enter_payment(
        invoice, amount=Decimal("221.28"), on=day + timedelta(days=15), by=finance, now=later
    )
    assert books.open_items(day + timedelta(days=15)) == []
    assert len(books.open_items(day + timedelta(days=14))) == 1


def test_demo_books_open_items_equal_the_kept_open_sums(db: None) -> None:
    """Two ways to the same sum: by date from the rows, and what the invoices say."""
    demo = Demo(now=DEMO, seed=2, workers=12, customers=6, orders=120, days=80)
    demo.build()
    demo.invoices()
    kept = Invoice.objects.exclude(open_sum=0).values_list("pk", "open_sum")
    found = {x.invoice.pk: x.open for x in books.open_items(DEMO.date())}
    assert found == dict(kept)
    assert found
    months = {row.replace(day=1) for row in issue_days()}
    journal = [row for month in months for row in books.journal(month)]
    by_sql = Invoice.objects.filter(number__isnull=False).aggregate(t=Sum("gross"))["t"]
    assert total(r.gross for r in journal) == round(by_sql, 2)


def issue_days() -> list[date]:
    rows = Invoice.objects.filter(number__isnull=False).values_list("issued_on", flat=True)
    return [on for on in rows if on]


def test_control_a_payment_that_is_lost_shows_in_the_open_items(finance: User) -> None:
    entry = world.approved()
    (draft,) = services.make_drafts(
        [entry.assignment.order.customer_id], until=BILLING.date(), by=None, now=BILLING
    )
    invoice = services.issue_invoice(draft, by=None, now=BILLING)
    settlement.pay_rest(invoice, on=BILLING.date(), by=None, now=BILLING)
    assert books.open_items(BILLING.date()) == []
    guards.drop(only="payment_append_only")
    Payment.objects.all().delete()
    assert [x.open for x in books.open_items(BILLING.date())] == [invoice.gross]
