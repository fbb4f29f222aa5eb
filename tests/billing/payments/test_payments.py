"""Money that comes: matched by reference, kept once, open to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from billing.invoices import services, settlement
from billing.models import Invoice
from billing.models.payments import BankEntry, BankFile, Payment
from billing.payments import bank_import
from billing.rules.reference import rf_from_national
from core import guards
from core.book_checks import broken_invariants
from core.violations import RuleBroken
from tests import builders
from tests.billing import world
from tests.billing.bank_files import Entry, Tx, camt, one
from tests.billing.world import BILLING

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
LATER = BILLING + timedelta(days=14)
TODAY = LATER.date()


@pytest.fixture
def finance() -> User:
    builders.organisation()
    return builders.user(Role.FINANCE)


def issued(send: bool = True) -> Invoice:
    entry = world.approved()
    (draft,) = services.make_drafts(
        [entry.assignment.order.customer_id], until=BILLING.date(), by=None, now=BILLING
    )
    invoice = services.issue_invoice(draft, by=None, now=BILLING)
    return services.send_invoice(invoice, by=None, now=BILLING) if send else invoice


def brought(finance: User, *entries: Entry, **fields: str) -> list[str]:
    """States of the rows after a camt file was applied."""
    row = bank_import.store_file("x.xml", camt(*entries, **fields), by=finance, now=LATER)
    results = bank_import.apply_file(row, by=finance, now=LATER)
    assert broken_invariants() == []
    return [r["state"] for r in results]


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> list[str]:
    return [v.code for v in error.value.violations]


# --------------------------------------------------------------------------- by reference


def test_full_payment_by_reference_and_by_rf_marks_paid(finance: User) -> None:
    first, second = issued(), issued()
    assert brought(
        finance,
        one("160.64", first.reference),
        one("160.64", rf_from_national(second.reference)),
    ) == ["full", "full"]
    for invoice in (first, second):
        invoice.refresh_from_db()
        assert (invoice.status, invoice.open_sum) == ("paid", Decimal("0.00"))
        assert str(invoice.paid_on) == "2026-12-10"


def test_a_cent_too_little_stays_open_by_a_cent_until_it_comes(finance: User) -> None:
    invoice = issued()
    assert brought(finance, one("160.63", invoice.reference)) == ["part"]
    invoice.refresh_from_db()
    assert (invoice.status, invoice.open_sum) == ("sent", Decimal("0.01"))
    assert brought(finance, one("0.01", invoice.reference)) == ["full"]
    invoice.refresh_from_db()
    assert (invoice.status, invoice.open_sum) == ("paid", Decimal("0.00"))


def test_parts_in_one_file_add_up_and_too_much_shows(finance: User) -> None:
    invoice = issued()
    txs = (
        Tx("100.00", invoice.reference),
        Tx("60.64", invoice.reference),
        Tx("0.36", invoice.reference),
    )
    assert brought(finance, Entry(txs, bank_ref="E1")) == ["part", "full", "over"]
    invoice.refresh_from_db()
    assert (invoice.status, invoice.open_sum) == ("paid", Decimal("-0.36"))
    assert settlement.balance_of(invoice).overpaid == Decimal("0.36")


def test_the_same_file_twice_and_the_same_money_in_another_file_change_nothing(
    finance: User,
) -> None:
    invoice = issued()
    entry = one("160.64", invoice.reference, bank_ref="A1")
    brought(finance, entry)
    before = list(Payment.objects.values_list("pk", "amount"))
    assert brought(finance, entry) == ["known"]
    assert brought(finance, entry, message="054", version="08", name="N9") == ["known"]
    assert list(Payment.objects.values_list("pk", "amount")) == before
    assert BankEntry.objects.count() == 1


def test_reversal_opens_the_invoice_again(finance: User) -> None:
    invoice = issued()
    brought(finance, one("160.64", invoice.reference, bank_ref="A1"))
    back = replace(one("160.64", invoice.reference, bank_ref="A2"), direction="DBIT", reversal=True)
    assert brought(finance, back) == ["undone"]
    invoice.refresh_from_db()
    assert (invoice.status, invoice.open_sum, invoice.paid_on) == ("sent", Decimal("160.64"), None)
    assert Payment.objects.get(reverses__isnull=False).amount == Decimal("-160.64")


def test_reversal_of_what_never_came_waits_for_a_person(finance: User) -> None:
    invoice = issued()
    back = replace(one("160.64", invoice.reference), direction="DBIT", reversal=True)
    assert brought(finance, back) == ["reversal_unknown"]
    invoice.refresh_from_db()
    assert invoice.open_sum == invoice.gross
    assert settlement.waiting_entries().count() == 1


def test_other_account_and_currency_are_not_recorded(finance: User) -> None:
    invoice = issued()
    assert brought(finance, one("160.64", invoice.reference), account="FI4950009420028730") == [
        "other_account"
    ]
    assert brought(finance, replace(one("160.64", invoice.reference), currency="SEK")) == [
        "currency"
    ]
    assert not BankEntry.objects.exists()


def test_unissued_and_credited_invoices_are_never_paid_by_themselves(finance: User) -> None:
    invoice = issued()
    services.credit_invoice(invoice, by=None, now=BILLING, reason="Tupla")
    assert brought(finance, one("160.64", invoice.reference)) == ["not_payable"]
    assert settlement.waiting_entries().get().left == Decimal("160.64")


# --------------------------------------------------------------------------- by hand


def test_unmatched_money_is_given_by_hand_in_parts(finance: User) -> None:
    first, second = issued(), issued()
    assert brought(finance, one("321.28", message=f"Laskut {first.number}")) == ["no_reference"]
    entry = settlement.waiting_entries().get()
    assert bank_import.suggestions(entry, entry.left)[0] == first
    settlement.give_entry(entry, first, by=finance, now=LATER, amount=Decimal("160.64"))
    settlement.give_entry(entry, second, by=finance, now=LATER)
    assert not settlement.waiting_entries().exists()
    with pytest.raises(RuleBroken) as error:
        settlement.give_entry(entry, second, by=finance, now=LATER, amount=Decimal("0.01"))
    assert codes(error) == ["payment_left"]
    assert set(Invoice.objects.values_list("status", flat=True)) == {"paid"}
    assert broken_invariants() == []


def test_tenths_that_floats_cannot_hold_leave_nothing_over(finance: User) -> None:
    """0.10 + 0.20 of 0.30 is all of it, also where the database adds up in floating point."""
    invoices = [issued(), issued()]
    brought(finance, one("0.30"))
    entry = settlement.waiting_entries().get()
    for invoice, part in zip(invoices, ("0.10", "0.20"), strict=True):
        settlement.give_entry(entry, invoice, by=finance, now=LATER, amount=Decimal(part))
    assert not settlement.waiting_entries().exists()
    assert broken_invariants() == []


def test_wrong_hand_is_taken_back_once_and_the_money_waits_again(finance: User) -> None:
    invoice = issued()
    brought(finance, one("160.64", invoice.reference))
    payment = Payment.objects.get()
    settlement.take_back_payment(payment, by=finance, now=LATER, note="Väärä asiakas")
    invoice.refresh_from_db()
    assert (invoice.status, settlement.waiting_entries().get().left) == ("sent", Decimal("160.64"))
    with pytest.raises(RuleBroken) as error:
        settlement.take_back_payment(payment, by=finance, now=LATER, note="Taas")
    assert codes(error) == ["payment_taken_back"]
    assert broken_invariants() == []


def test_put_aside_leaves_the_list_and_no_invoice(finance: User) -> None:
    brought(finance, one("50.00", message="Avustus"))
    entry = settlement.waiting_entries().get()
    settlement.put_entry_aside(entry, by=finance, now=LATER, note="Avustus")
    assert not settlement.waiting_entries().exists()
    assert broken_invariants() == []


def test_by_hand_part_refund_and_small_difference(finance: User) -> None:
    invoice = issued()
    settlement.enter_payment(invoice, amount=Decimal("160.60"), on=TODAY, by=finance, now=LATER)
    assert (invoice.status, invoice.open_sum) == ("sent", Decimal("0.04"))
    settlement.enter_payment(
        invoice,
        amount=Decimal("0.04"),
        on=TODAY,
        by=finance,
        now=LATER,
        kind="write_off",
        note="Pyöristys",
    )
    assert invoice.status == "paid"
    settlement.enter_payment(invoice, amount=Decimal("10.00"), on=TODAY, by=finance, now=LATER)
    settlement.enter_payment(
        invoice,
        amount=Decimal("10.00"),
        on=TODAY,
        by=finance,
        now=LATER,
        kind="refund",
        note="Liikaa",
    )
    assert (invoice.status, invoice.open_sum) == ("paid", Decimal("0.00"))
    assert broken_invariants() == []


WRONG = [
    ({"amount": Decimal(0)}, "payment_amount"),
    ({"amount": Decimal("-1")}, "payment_amount"),
    ({"amount": Decimal("1.001")}, "payment_amount"),
    ({"on": TODAY + timedelta(days=1)}, "paid_in_future"),
    ({"on": BILLING.date() - timedelta(days=1)}, "paid_before_issue"),
    ({"kind": "write_off", "amount": Decimal("160.65"), "note": "x"}, "payment_more_than_open"),
    ({"kind": "refund", "note": "x"}, "payment_more_than_paid"),
    ({"kind": "write_off"}, "payment_note"),
]


@pytest.mark.parametrize(("fields", "code"), WRONG)
def test_by_hand_what_cannot_be_is_refused(
    finance: User, fields: dict[str, object], code: str
) -> None:
    invoice = issued()
    wanted = {"amount": Decimal("1.00"), "on": TODAY, **fields}
    with pytest.raises(RuleBroken) as error:
        settlement.enter_payment(invoice, by=finance, now=LATER, **wanted)  # type: ignore[arg-type]
    assert codes(error) == [code]
    assert not Payment.objects.exists()


# --------------------------------------------------------------------------- kept for ever


def test_payments_and_entries_cannot_be_changed_even_by_sql(finance: User) -> None:
    brought(finance, one("160.64", issued().reference))
    for model in (Payment, BankEntry):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(amount=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all().delete()
    entry = BankEntry.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        BankEntry.objects.create(
            key=entry.key,
            bank_file=entry.bank_file,
            booked_on=entry.booked_on,
            amount=1,
            created_at=LATER,
        )


def test_control_without_the_guard_a_changed_payment_is_seen_by_the_books(finance: User) -> None:
    brought(finance, one("160.64", issued().reference))
    guards.drop(only="payment_append_only")
    Payment.objects.update(amount=Decimal("160.63"))
    found = broken_invariants()
    assert any("0.01 is open, it says 0.00" in text for text in found)
    assert any("is sent by its payments, it says paid" in text for text in found)


def test_control_a_file_that_is_cut_off_in_the_middle_leaves_nothing(
    finance: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing: the second row fails hard, and the first is not there either."""
    first, second = issued(), issued()
    content = camt(one("160.64", first.reference), one("160.64", second.reference))
    row = bank_import.store_file("x.xml", content, by=finance, now=LATER)
    real = bank_import.give_entry

    def breaks(entry: BankEntry, invoice: Invoice, **fields: object) -> object:
        if invoice == second:
            raise OSError("cut")
        return real(entry, invoice, **fields)  # type: ignore[arg-type]

    monkeypatch.setattr(bank_import, "give_entry", breaks)
    with pytest.raises(OSError, match="cut"):
        bank_import.apply_file(row, by=finance, now=LATER)
    assert not BankEntry.objects.exists()
    assert not Payment.objects.exists()
    assert BankFile.objects.get().applied_at is None
