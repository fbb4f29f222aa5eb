"""Guarantee 4: whatever is done, every approved minute is in exactly one state."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db.models import Sum

from billing import hours, services
from billing.checks_books import broken_invariants
from billing.models import HourEntry, Invoice, InvoiceLine
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING
from workers.violations import RuleBroken

pytestmark = pytest.mark.django_db
STEPS = 45


def counted() -> set[int]:
    """Entries that count: approved or locked."""
    return set(
        HourEntry.objects.filter(status__in=("approved", "locked")).values_list("pk", flat=True)
    )


def by_books() -> dict[str, set[int]]:
    """The states told by the documents alone, not by the entry's own word."""
    lines = InvoiceLine.objects.filter(hour_entry__in=counted())
    live = lines.filter(invoice__kind="invoice", invoice__number__isnull=False)
    return {
        "billed": set(
            live.exclude(invoice__status="credited").values_list("hour_entry", flat=True)
        ),
        "not_billable": set(
            HourEntry.objects.filter(pk__in=counted(), engagement_kind="work_trial").values_list(
                "pk", flat=True
            )
        ),
    }


def check(counter: int) -> None:
    states: dict[str, set[int]] = {}
    for pk, state in HourEntry.objects.filter(pk__in=counted()).values_list("pk", "bill_state"):
        states.setdefault(state, set()).add(pk)
    assert sum(len(found) for found in states.values()) == len(counted()), counter
    documents = by_books()
    assert states.get("billed", set()) == documents["billed"], counter
    assert states.get("not_billable", set()) == documents["not_billable"], counter
    live = Invoice.objects.filter(kind="invoice", number__isnull=False).exclude(status="credited")
    on_paper = InvoiceLine.objects.filter(invoice__in=live).aggregate(t=Sum("work_min"))["t"] or 0
    said = HourEntry.objects.filter(bill_state="billed").aggregate(t=Sum("work_min"))["t"] or 0
    assert on_paper == said, counter


@pytest.mark.parametrize("seed", range(12))
def test_random_days_every_approved_minute_in_one_state(seed: int) -> None:
    """N15, C17-C20: approve, correct, dispute, draft, discard, issue, pay, credit in any order."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible walk
    builders.organisation()
    customer = builders.customer()
    workers = [builders.worker(), builders.worker(engagement="work_trial")]
    day = world.THURSDAY - timedelta(days=STEPS)

    def new() -> None:
        nonlocal day
        day += timedelta(days=1)
        world.done(world.order(customer=customer, on=day), worker=rng.choice(workers))

    def one(*states: str) -> HourEntry | None:
        rows = list(HourEntry.objects.filter(status__in=states).order_by("pk"))
        return rng.choice(rows) if rows else None

    def invoice(*states: str) -> Invoice | None:
        rows = list(Invoice.objects.filter(status__in=states, kind="invoice").order_by("pk"))
        return rng.choice(rows) if rows else None

    def approve() -> None:
        if entry := one("submitted"):
            hours.approve_hours([entry], by=None, now=BILLING, as_="finance")

    def correct() -> None:
        if entry := one("submitted", "disputed", "approved", "locked"):
            hours.correct_hours(
                entry, started_at=entry.started_at,
                ended_at=entry.started_at + timedelta(minutes=rng.randint(30, 480)),
                break_min=rng.choice((0, 15)), by=None, now=BILLING, note="Muutos",
            )  # fmt: skip

    def dispute() -> None:
        if entry := one("submitted"):
            hours.dispute_hours(entry, by=None, now=BILLING, note="Ei", as_="customer")

    def draft() -> None:
        services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)

    def issue() -> None:
        if found := invoice("draft"):
            services.issue_invoice(found, by=None, now=BILLING)

    def discard() -> None:
        if found := invoice("draft", "issued"):
            services.discard_draft(found, by=None, now=BILLING)

    def pay() -> None:
        if found := invoice("issued"):
            services.invoice_paid(found, on=BILLING.date(), by=None, now=BILLING)

    def credit() -> None:
        if found := invoice("issued", "paid", "credited"):
            services.credit_invoice(
                found, by=None, now=BILLING, reason="Virhe", bill_again=rng.random() < 0.5
            )

    moves = [new, new, new, approve, approve, approve, correct, dispute, draft, issue, issue,
             discard, pay, credit]  # fmt: skip
    refused = 0
    for counter in range(STEPS):
        try:
            rng.choice(moves)()
        except RuleBroken:
            refused += 1
        check(counter)
    assert broken_invariants() == []
    assert refused < STEPS


def test_control_a_credit_that_forgets_the_hours_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guarantee 6: with the step left out, the check above finds the fault."""
    builders.organisation()
    entry = world.approved()
    (draft,) = services.make_drafts(
        [entry.assignment.order.customer_id], until=BILLING.date(), by=None, now=BILLING
    )
    found = services.issue_invoice(draft, by=None, now=BILLING)
    services.credit_invoice(found, by=None, now=BILLING, reason="Virhe")
    HourEntry.objects.filter(pk=entry.pk).update(bill_state="billed")
    with pytest.raises(AssertionError):
        check(0)
    assert broken_invariants() != []
