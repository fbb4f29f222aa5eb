"""Guarantee 2: invoice numbers without gaps and duplicates, issued invoices frozen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from billing.invoices import services
from billing.models import Invoice, InvoiceLine
from core import guards
from core.violations import RuleBroken
from tests import builders, racing
from tests.rounds import how_many

pytestmark = pytest.mark.engine
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
RACING, COLLIDING = how_many(240, 2_000), how_many(150, 600)


def drafts(count: int) -> list[Invoice]:
    builders.organisation()
    owner = builders.customer()
    rows = Invoice.objects.bulk_create(
        [
            Invoice(
                customer=owner,
                created_at=NOW,
                net=Decimal(128),
                vat=Decimal("32.64"),
                gross=Decimal("160.64"),
            )
            for _ in range(count)
        ]
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=row, position=1, performed_on=date(2026, 11, 2), text="Siivous",
            quantity=Decimal(4), unit_net=Decimal(32), net=Decimal(128), vat_pct=Decimal("25.5"),
        )
        for row in rows
    )  # fmt: skip
    return rows


def race(mode: str, rows: list[Invoice], processes: int) -> int:
    """Issue `rows` from several processes at once; how many were refused."""
    children = [racing.start("tests.billing.race_child", mode) for _ in range(processes)]
    racing.meet(
        children, (" ".join(str(r.pk) for r in rows[n::processes]) for n in range(processes))
    )
    return sum(int(refused) for refused in racing.ended(children))


@pytest.mark.racing
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_issue_from_six_processes_no_gap_no_duplicate() -> None:
    """Guarantee 2: hundreds of racing invoices, 2,000 in the long run."""
    rows = drafts(RACING)
    race("service", rows, 6)
    issued = list(Invoice.objects.order_by("number").values_list("number", "issued_on"))
    assert [n for n, _on in issued] == list(range(1001, 1001 + RACING))
    assert [on for _n, on in issued] == sorted(on for _n, on in issued)
    chain = list(Invoice.objects.order_by("number").values_list("previous_hash", "content_hash"))
    assert all(chain[n][0] == chain[n - 1][1] for n in range(1, len(chain)))


@pytest.mark.racing
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_highest_plus_one_collides_so_the_race_is_real() -> None:
    """Negative control of the test above."""
    assert race("highest", drafts(COLLIDING), 6) > COLLIDING // 30


@pytest.mark.django_db
def test_issue_rolled_back_gives_the_number_back() -> None:
    first, second = drafts(2)
    with transaction.atomic():
        services.issue_invoice(first, by=None, now=NOW)
        transaction.set_rollback(True)
    assert services.issue_invoice(second, by=None, now=NOW).number == 1001


@pytest.mark.django_db
def test_issue_twice_is_refused_and_takes_no_number() -> None:
    (row,) = drafts(1)
    services.issue_invoice(row, by=None, now=NOW)
    with pytest.raises(RuleBroken) as caught:
        services.issue_invoice(row, by=None, now=NOW)
    assert [v.code for v in caught.value.violations] == ["invoice_not_draft"]
    assert Invoice.objects.get().number == 1001


CHANGES = (
    "UPDATE billing_invoice SET gross = 1",
    "UPDATE billing_invoice SET number = 7",
    "UPDATE billing_invoice SET content = 'x'",
    "UPDATE billing_invoice SET status = 'draft'",
    "DELETE FROM billing_invoiceline",
    "UPDATE billing_invoiceline SET net = 1",
)


@pytest.mark.django_db
@pytest.mark.parametrize("sql", CHANGES)
def test_issued_invoice_cannot_be_changed_even_by_sql(sql: str) -> None:
    (row,) = drafts(1)
    services.issue_invoice(row, by=None, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(IntegrityError), transaction.atomic():
        InvoiceLine.objects.create(
            invoice=row, position=2, performed_on=NOW.date(), text="x", quantity=1, unit_net=1,
            net=1, vat_pct=1,
        )  # fmt: skip


@pytest.mark.django_db
def test_issued_invoice_can_be_changed_when_the_guard_is_off() -> None:
    """Negative control: it is the guard that refuses."""
    (row,) = drafts(1)
    services.issue_invoice(row, by=None, now=NOW)
    guards.drop(only="invoice_frozen")
    assert Invoice.objects.filter(pk=row.pk).update(gross=1) == 1
    assert "invoice_frozen" in guards.missing()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": ""}, "customer_name"),
        ({"street": ""}, "customer_address"),
        ({"business_id": ""}, "customer_business_id"),
    ],
)
def test_issue_customer_card_lacks_something_refused_by_name(
    fields: dict[str, str], code: str
) -> None:
    (row,) = drafts(1)
    type(row.customer).objects.filter(pk=row.customer_id).update(**fields)
    with pytest.raises(RuleBroken) as caught:
        services.issue_invoice(row, by=None, now=NOW)
    assert caught.value.violations[0].code == code
    assert Invoice.objects.get().number is None
