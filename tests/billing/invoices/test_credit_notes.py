"""Credit notes by hour row: minutes and cents add up, and nothing is credited twice."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from billing.invoices import credit_notes, services, settlement
from billing.invoices.document import document_of, pdf_of
from billing.models import HourEntry, Invoice, InvoiceLine
from billing.rules.vat import credit_breakdown, totals, vat_breakdown
from core.book_checks import broken_invariants
from core.violations import RuleBroken
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> list[str]:
    return [v.code for v in error.value.violations]


@pytest.fixture
def finance(db: None) -> User:
    builders.organisation()
    return builders.user(Role.FINANCE)


def issued(rows: int = 3) -> tuple[Invoice, list[HourEntry]]:
    """An invoice of several hour rows of one customer."""
    customer = builders.customer()
    entries = [world.approved(world.order(customer=customer)) for _ in range(rows)]
    (draft,) = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
    return services.issue_invoice(draft, by=None, now=BILLING), entries


def states(entries: list[HourEntry]) -> list[str]:
    for entry in entries:
        entry.refresh_from_db()
    return [entry.bill_state for entry in entries]


def credit(invoice: Invoice, *keys: int, **fields: bool) -> Invoice:
    return services.credit_invoice(
        invoice, by=None, now=BILLING, reason="Virhe", rows=keys or None, **fields
    )


def test_credit_of_one_row_frees_exactly_its_minutes(finance: User) -> None:
    """A credit note has its own type and series, and links to the original and to each line."""
    invoice, entries = issued()
    note = credit(invoice, 2)
    assert states(entries) == ["billed", "credited", "billed"]
    assert (note.kind, note.series, note.original_id) == ("credit_note", "credit_note", invoice.pk)
    assert (note.net, note.gross) == (Decimal("-128.00"), Decimal("-160.64"))
    assert list(note.lines.values_list("credits__hour_entry", flat=True)) == [entries[1].pk]
    assert (invoice.status, invoice.open_sum) == ("issued", Decimal("321.28"))
    document = document_of(note)
    assert (document.original_number, document.gross) == (invoice.number, note.gross)
    assert pdf_of(note).startswith(b"%PDF-")
    assert broken_invariants() == []


def test_rest_is_credited_later_and_only_then_the_invoice_says_so(finance: User) -> None:
    invoice, entries = issued()
    credit(invoice, 1)
    note = credit(invoice, bill_again=True)
    assert states(entries) == ["credited", "unbilled", "unbilled"]
    assert (invoice.status, invoice.open_sum) == ("credited", Decimal("0.00"))
    assert note.lines.count() == 2
    assert broken_invariants() == []


def test_freed_row_is_billed_again_and_the_rest_of_the_old_one_leaves_it_alone(
    finance: User,
) -> None:
    """What is on a new invoice is not freed by crediting the old one to the end."""
    invoice, entries = issued()
    credit(invoice, 2, bill_again=True)
    (draft,) = services.make_drafts(
        [invoice.customer_id], until=BILLING.date(), by=None, now=BILLING
    )
    again = services.issue_invoice(draft, by=None, now=BILLING)
    credit(invoice)
    assert states(entries) == ["credited", "billed", "credited"]
    assert (again.gross, again.status) == (Decimal("160.64"), "issued")
    assert broken_invariants() == []


def test_a_row_is_never_credited_twice(finance: User) -> None:
    invoice, _entries = issued()
    credit(invoice, 1)
    for keys, code in (((1,), "credit_twice"), ((1, 2), "credit_twice"), ((99,), "credit_rows")):
        with pytest.raises(RuleBroken) as error:
            credit(invoice, *keys)
        assert codes(error) == [code]
    assert Invoice.objects.filter(kind="credit_note").count() == 1
    assert broken_invariants() == []


@pytest.mark.engine
def test_control_without_the_check_the_database_itself_refuses_twice(
    finance: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice, _entries = issued()
    credit(invoice, 1)
    rows = credit_notes.rows_of(invoice)
    monkeypatch.setattr(credit_notes, "chosen_rows", lambda _i, _k: rows[:1])
    with pytest.raises(IntegrityError), transaction.atomic():
        credit(invoice, 1)
    assert InvoiceLine.objects.filter(credits__isnull=False).count() == 1


def test_part_credit_of_a_paid_invoice_leaves_money_to_return(finance: User) -> None:
    invoice, _entries = issued()
    settlement.pay_rest(invoice, on=BILLING.date(), by=None, now=BILLING)
    credit(invoice, 3)
    balance = settlement.balance_of(invoice)
    assert (invoice.status, balance.overpaid) == ("paid", Decimal("160.64"))
    assert broken_invariants() == []


def test_credit_of_the_open_row_makes_the_part_paid_invoice_paid(finance: User) -> None:
    invoice, _entries = issued()
    settlement.enter_payment(
        invoice, amount=Decimal("321.28"), on=BILLING.date(), by=finance, now=BILLING
    )
    assert invoice.status == "issued"
    credit(invoice, 2)
    assert (invoice.status, invoice.open_sum) == ("paid", Decimal("0.00"))
    assert broken_invariants() == []


@pytest.mark.engine
def test_notes_are_frozen_and_chained(finance: User) -> None:
    invoice, _entries = issued()
    first, second = credit(invoice, 1), credit(invoice, 2)
    assert (second.number, second.previous_hash) == ((first.number or 0) + 1, first.content_hash)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=first.pk).update(gross=0)


# --------------------------------------------------------------------------- cents, pure


def test_credits_one_by_one_give_back_the_tax_of_the_invoice() -> None:
    """Two rows of 10.10 carry 5.15; each alone would give back 2.58, together a cent too much."""
    line = ("S", Decimal("25.5"), Decimal("10.10"))
    back = ("S", Decimal("25.5"), Decimal("-10.10"))
    first, second = credit_breakdown([], [back]), credit_breakdown([back], [back])
    assert (totals(first).vat, totals(second).vat) == (Decimal("-2.58"), Decimal("-2.57"))
    assert totals(vat_breakdown([line, line])).vat == Decimal("5.15")


def test_control_plain_breakdown_would_give_a_cent_too_much() -> None:
    back = ("S", Decimal("25.5"), Decimal("-10.10"))
    assert totals(vat_breakdown([back])).vat * 2 == Decimal("-5.16")


@pytest.mark.parametrize("seed", range(50))
def test_credits_in_any_order_add_up_to_the_invoice(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a reproducible walk
    lines = [
        (
            rng.choice(("S", "AE")),
            Decimal(rng.choice(("25.5", "13.5", "0"))),
            Decimal(rng.randint(1, 99_999)) / 100,
        )
        for _ in range(rng.randint(1, 30))
    ]
    whole = totals(vat_breakdown(lines))
    left = [(code, pct, -net) for code, pct, net in lines]
    rng.shuffle(left)
    done: list[tuple[str, Decimal, Decimal]] = []
    net = vat = Decimal(0)
    while left:
        part = [left.pop() for _ in range(min(len(left), rng.randint(1, 4)))]
        found = totals(credit_breakdown(done, part))
        net, vat = net + found.net, vat + found.vat
        done += part
        assert -net <= whole.net
        assert -vat <= whole.vat
    assert (-net, -vat) == (whole.net, whole.vat)
