"""billing.liability: papers with expiry, running sums against the limits of the law."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Role
from billing.liability import services as liability
from billing.models.payroll import LiabilityPaper
from core.violations import RuleBroken
from orders.models import WorkOrder
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING
from workers.models import LegalLimit

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 27)
PDF = b"%PDF-1.7 test"


def work(days: int, people: int = 1, net: str = "100", **fields: object) -> WorkOrder:
    customer = fields.pop("customer", None) or builders.customer()
    for n in range(days):
        order = world.order(customer=customer, on=TODAY - timedelta(days=n), people=people)
        WorkOrder.objects.filter(pk=order.pk).update(quote_net=Decimal(net))
        for _ in range(people):
            world.placed(order)
    return order


def papers(*, expires_on: date | None = None, without: str = "") -> None:
    by = builders.user(Role.FINANCE)
    for kind in liability.REQUIRED:
        if kind != without:
            liability.add_paper(
                kind=kind,
                issued_on=date(2026, 11, 1),
                expires_on=expires_on,
                file_name=f"{kind}.pdf",
                content=PDF,
                by=by,
                now=BILLING,
            )


@pytest.mark.parametrize(
    ("days", "people", "net", "state"),
    [(7, 1, "100", "ok"), (4, 2, "100", "warn"), (10, 1, "100", "warn"), (11, 1, "100", "error"),
     (6, 2, "100", "error"), (1, 1, "7999.99", "ok"), (1, 1, "8000", "warn"),
     (1, 1, "8999.99", "warn"), (1, 1, "9000", "error")],
)  # fmt: skip
def test_running_sums_against_the_limits(days: int, people: int, net: str, state: str) -> None:
    """More than ten person-days, or 9 000 euros and above; told at eight and 8 000."""
    work(days, people, net)
    (row,) = liability.running(TODAY)
    assert (row.days, row.state) == (days * people, state)


def test_running_leaves_out_cancelled_and_old_work() -> None:
    order = work(1, net="9000")
    WorkOrder.objects.filter(pk=order.pk).update(status="cancelled")
    assert liability.running(TODAY) == []
    WorkOrder.objects.filter(pk=order.pk).update(status="closed", works_on=date(2025, 11, 1))
    assert liability.running(TODAY) == []


def test_limit_of_the_settings_replaces_the_shipped_one() -> None:
    LegalLimit.objects.create(
        code="liability_contract", valid_from=date(2026, 1, 1), value=12000, unit="eur", source="x"
    )
    work(1, net="9000")
    assert [row.state for row in liability.running(TODAY)] == ["warn"]


def test_pack_is_good_until_its_first_paper_expires() -> None:
    order = work(11)
    papers()
    by = builders.user(Role.FINANCE)
    pack = liability.give_pack(order.customer, by=by, now=BILLING, on=TODAY)
    assert pack.good_until == date(2027, 1, 31)
    assert pack.papers.count() == len(liability.REQUIRED)
    (row,) = liability.running(TODAY)
    assert (row.state, row.must_have_papers) == ("ok", True)
    (row,) = liability.running(date(2027, 2, 1))
    assert row.state == "error"


def test_pack_that_lacks_a_paper_is_not_given() -> None:
    papers(without="pension")
    assert liability.missing(TODAY) == ["pension"]
    with pytest.raises(RuleBroken) as error:
        liability.give_pack(
            builders.customer(), by=builders.user(Role.FINANCE), now=BILLING, on=TODAY
        )
    assert [v.code for v in error.value.violations] == ["liability_papers_missing"]


def test_paper_out_of_date_counts_as_missing() -> None:
    papers(expires_on=TODAY - timedelta(days=1))
    assert len(liability.missing(TODAY)) == len(liability.REQUIRED)


@pytest.mark.parametrize("content", [b"<html>", b"", b"%PDF-" + b"x" * liability.MOST_BYTES])
def test_paper_must_be_a_pdf_of_a_fair_size(content: bytes) -> None:
    with pytest.raises(RuleBroken):
        liability.add_paper(
            kind="taxes",
            issued_on=TODAY,
            expires_on=None,
            file_name="x.pdf",
            content=content,
            by=builders.user(Role.FINANCE),
            now=BILLING,
        )


def test_customer_sees_the_papers_given_to_them_only() -> None:
    papers()
    mine, other = builders.customer(), builders.customer()
    people = [builders.contact(owner).user for owner in (mine, other)]
    liability.give_pack(mine, by=builders.user(Role.FINANCE), now=BILLING, on=TODAY)
    assert people[0] is not None
    assert people[1] is not None
    assert liability.papers_for(people[0]).count() == LiabilityPaper.objects.count()
    assert liability.papers_for(people[1]).count() == 0
