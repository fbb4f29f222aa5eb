"""Reminders: lawful interest by dated rates, the compensation, the days between, sent once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from billing.dunning import services as dunning
from billing.invoices import services, settlement
from billing.models import Invoice
from billing.models.payments import BankEntry, BankFile, Payment, ReferenceRate, Reminder
from billing.rules.bank_lines import BankLine
from billing.rules.late_interest import RateMissing, interest, spans
from core import outbox
from core.book_checks import broken_invariants
from core.models import OutboxMessage
from core.violations import RuleBroken
from orders.models import Customer
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING

RATES = {date(2025, 1, 1): Decimal("3.5"), date(2026, 1, 1): Decimal("2.5")}
EIGHT = Decimal(8)


def found(principal: str, first: date, until: date, *paid: tuple[date, str]) -> Decimal:
    return interest(
        spans(
            Decimal(principal),
            [(on, Decimal(x)) for on, x in paid],
            due_on=first,
            until=until,
            rates=RATES,
            margin_pct=EIGHT,
        )
    )


# --------------------------------------------------------------------------- pure


def test_interest_is_the_example_of_the_rules() -> None:
    """1,088.36 at 10.5 % for 30 days."""
    assert found("1088.36", date(2026, 3, 1), date(2026, 3, 31)) == Decimal("9.39")


def test_interest_day_after_due_to_the_day_itself() -> None:
    assert found("3650.00", date(2026, 3, 1), date(2026, 3, 1)) == 0
    assert found("3650.00", date(2026, 3, 1), date(2026, 3, 2)) == Decimal("1.05")


def test_interest_is_cut_at_the_half_year() -> None:
    rates = {date(2025, 7, 1): Decimal("2.5"), date(2026, 1, 1): Decimal("3.5")}
    rows = spans(
        Decimal(3650),
        [],
        due_on=date(2025, 12, 21),
        until=date(2026, 1, 10),
        rates=rates,
        margin_pct=EIGHT,
    )
    assert [(x.days, x.pct) for x in rows] == [(10, Decimal("10.5")), (10, Decimal("11.5"))]
    assert interest(rows) == Decimal("22.00")


def test_interest_follows_what_is_open() -> None:
    """A late part payment bears interest until its day, and the rest after it."""
    due, half, end = date(2026, 3, 1), date(2026, 3, 11), date(2026, 3, 21)
    assert found("3650.00", due, end, (half, "1825.00")) == Decimal("15.75")
    assert found("3650.00", due, end, (date(2026, 2, 20), "1825.00")) == Decimal("10.50")
    assert found("3650.00", due, end, (half, "3650.00")) == Decimal("10.50")


def test_interest_without_the_rate_of_a_half_year_is_not_guessed() -> None:
    with pytest.raises(RateMissing) as gap:
        found("100.00", date(2026, 6, 20), date(2026, 7, 2))
    assert gap.value.half == date(2026, 7, 1)
    assert found("100.00", date(2026, 6, 20), date(2026, 6, 30)) > 0


# --------------------------------------------------------------------------- with rows

# Due on Tuesday 15 December 2026; the rates of 2026 H2 and 2027 H1 must be entered.
DUE = BILLING.date() + timedelta(days=14)


@pytest.fixture
def finance(db: None) -> User:
    builders.organisation()
    return builders.user(Role.FINANCE)


def sent(**customer: str) -> Invoice:
    entry = world.approved()
    owner = entry.assignment.order.customer
    Customer.objects.filter(pk=owner.pk).update(**customer)
    (draft,) = services.make_drafts([owner.pk], until=BILLING.date(), by=None, now=BILLING)
    invoice = services.issue_invoice(draft, by=None, now=BILLING)
    return services.send_invoice(invoice, by=None, now=BILLING)


def at(days: int) -> datetime:
    return BILLING + timedelta(days=14 + days)


def rates_in(finance: User) -> None:
    for half in (date(2026, 7, 1), date(2027, 1, 1)):
        dunning.enter_rate(half, Decimal("2.5"), source="Suomen Pankki", by=finance, now=BILLING)


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> list[str]:
    return [v.code for v in error.value.violations]


def test_missing_rate_is_asked_for_with_its_half_year(finance: User) -> None:
    invoice = sent()
    with pytest.raises(RuleBroken) as error:
        dunning.send_reminder(invoice, by=finance, now=at(10))
    assert codes(error) == ["rate_missing"]
    assert error.value.violations[0].numbers == {"half": "2026-07-01"}
    assert not Reminder.objects.exists()
    assert not OutboxMessage.objects.filter(kind="reminder").exists()
    rows = dunning.proposals([invoice], now=at(30))
    assert dunning.missing_halves(rows) == [date(2026, 7, 1)]


def test_reminder_asks_for_interest_and_forty_euros_and_goes_once(finance: User) -> None:
    rates_in(finance)
    invoice = sent()
    reminder = dunning.send_reminder(invoice, by=finance, now=at(10))
    # 160.64 at 10.5 % for 10 days is 0.46.
    assert (reminder.principal, reminder.interest, reminder.compensation, reminder.total) == (
        Decimal("160.64"),
        Decimal("0.46"),
        Decimal("40.00"),
        Decimal("201.10"),
    )
    with pytest.raises(RuleBroken) as error:
        dunning.send_reminder(invoice, by=finance, now=at(10))
    assert codes(error) == ["reminder_too_early"]
    outbox.deliver_due(datetime(2027, 3, 1, tzinfo=UTC))
    (message,) = [m for m in mail.outbox if "201" in m.subject]
    name, content, _mime = message.attachments[0]
    assert name == f"askare-reminder-{invoice.number}-1.pdf"
    assert content == dunning.reminder_attachment(str(reminder.ref))[1]
    assert broken_invariants() == []


def test_second_reminder_waits_and_asks_for_the_compensation_once(finance: User) -> None:
    rates_in(finance)
    invoice = sent()
    dunning.send_reminder(invoice, by=finance, now=at(10))
    first_day = dunning.allowed_from(invoice)
    assert first_day > at(24).date()
    with pytest.raises(RuleBroken):
        dunning.send_reminder(invoice, by=finance, now=at(24))
    again = dunning.send_reminder(invoice, by=finance, now=at(30))
    assert (again.serial, again.compensation) == (2, Decimal("40.00"))
    assert again.total == Decimal("160.64") + again.interest + Decimal("40.00")


@pytest.mark.parametrize(("days", "early"), [(0, True), (1, False)])
def test_business_may_be_reminded_from_the_day_after(finance: User, days: int, early: bool) -> None:
    rates_in(finance)
    invoice = sent()
    if early:
        with pytest.raises(RuleBroken) as error:
            dunning.send_reminder(invoice, by=finance, now=at(days))
        assert codes(error) == ["reminder_too_early"]
    else:
        assert dunning.send_reminder(invoice, by=finance, now=at(days)).serial == 1


@pytest.mark.parametrize(("days", "early"), [(13, True), (14, False)])
def test_association_fourteen_days_a_small_fee_and_no_compensation(
    finance: User, days: int, early: bool
) -> None:
    rates_in(finance)
    invoice = sent(kind="association")
    if early:
        with pytest.raises(RuleBroken):
            dunning.send_reminder(invoice, by=finance, now=at(days))
        return
    reminder = dunning.send_reminder(invoice, by=finance, now=at(days))
    assert (reminder.compensation, reminder.fee) == (Decimal("0.00"), Decimal("5.00"))
    # 160.64 at 9.5 % for 14 days.
    assert reminder.interest == Decimal("0.59")


def test_due_day_on_a_weekend_counts_from_the_banking_day() -> None:
    assert dunning.pay_day(date(2026, 12, 5)) == date(2026, 12, 7)
    assert dunning.pay_day(date(2026, 12, 24)) == date(2026, 12, 28)
    assert dunning.pay_day(DUE) == DUE


def test_paid_credited_and_unsent_are_not_reminded_of(finance: User) -> None:
    rates_in(finance)
    paid, credited = sent(), sent()
    settlement.pay_rest(paid, on=BILLING.date(), by=None, now=BILLING)
    services.credit_invoice(credited, by=None, now=BILLING, reason="Tupla")
    for invoice in (paid, credited):
        with pytest.raises(RuleBroken) as error:
            dunning.send_reminder(invoice, by=finance, now=at(10))
        assert codes(error) == ["reminder_not_possible"]


def test_money_for_the_reminder_pays_invoice_and_charges_to_the_cent(finance: User) -> None:
    rates_in(finance)
    invoice = sent()
    reminder = dunning.send_reminder(invoice, by=finance, now=at(10))
    entry = bank_entry(finance, reminder.total + Decimal("1.00"))
    rows = settlement.give_entry(entry, invoice, by=finance, now=at(20))
    assert [(r.kind, r.amount) for r in rows] == [
        ("bank", Decimal("161.64")),
        ("charges", Decimal("40.46")),
    ]
    balance = settlement.balance_of(invoice)
    assert (balance.overpaid, balance.charges_open) == (Decimal("1.00"), Decimal("0.00"))
    assert broken_invariants() == []


def bank_entry(by: User, amount: Decimal) -> BankEntry:
    file = BankFile.objects.create(
        file_name="x",
        format="csv",
        content=b"",
        content_hash="x",
        created_by=by,
        created_at=BILLING,
    )
    line = BankLine("1", "", at(15).date(), amount)
    return BankEntry.objects.create(
        key="k", bank_file=file, booked_on=line.booked_on, amount=amount, created_at=BILLING
    )


@pytest.mark.engine
def test_reminder_and_rate_are_kept_as_they_were(finance: User) -> None:
    rates_in(finance)
    dunning.send_reminder(sent(), by=finance, now=at(10))
    for model in (Reminder, ReferenceRate):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.update(total=1)


@pytest.mark.parametrize(
    ("half", "percent", "source", "code"),
    [
        (date(2026, 7, 2), "2.5", "x", "rate_half"),
        (date(2026, 7, 1), "2.4", "x", "rate_percent"),
        (date(2026, 7, 1), "31", "x", "rate_percent"),
        (date(2026, 7, 1), "2.5", " ", "rate_source"),
    ],
)
def test_rate_that_cannot_be_is_refused(
    finance: User, half: date, percent: str, source: str, code: str
) -> None:
    with pytest.raises(RuleBroken) as error:
        dunning.enter_rate(half, Decimal(percent), source=source, by=finance, now=BILLING)
    assert codes(error) == [code]


def test_later_rate_of_the_same_half_year_wins(finance: User) -> None:
    rates_in(finance)
    dunning.enter_rate(date(2026, 7, 1), Decimal("3.0"), source="Oikaisu", by=finance, now=BILLING)
    assert dunning.rates()[date(2026, 7, 1)] == Decimal("3.0")
    assert Payment.objects.count() == 0
