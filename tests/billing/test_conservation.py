"""Guarantee 4: whatever is done, every approved minute is in exactly one state."""

from __future__ import annotations

import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.db import transaction
from django.db.models import F

from accounts.models import Role, User
from billing.hours import services as hours
from billing.invoices import credit_notes, oneoff, runs, services, settlement
from billing.invoices.prices import price_of
from billing.models import HourEntry, Invoice, InvoiceLine
from billing.models.invoices import InvoiceSplit
from billing.models.payments import Payment
from billing.models.payroll import HourMark, PayrollRow
from billing.payroll import kinds
from billing.payroll import services as payroll
from core.book_checks import broken_invariants
from core.violations import RuleBroken
from orders.models import Customer
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING
from tests.rounds import how_many
from workers.models import Worker

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
# A release wants 10,000 random runs: set it so before one (about ten minutes of one core).
RUNS = int(os.environ.get("ASKARE_CONSERVATION_RUNS", "0")) or how_many(40, 1_000)
MOVES = 12
# Every check of the books costs as much as a run: it is asked after each so many.
BOOKS_EVERY = 20
FIRST, LAST = world.THURSDAY - timedelta(days=60), BILLING.date()
ZERO = Decimal("0.00")


# --------------------------------------------------------------------------- the world


@dataclass
class Place:
    """Two customers, three workers (one on a work trial) and hours that wait for approval."""

    customers: list[Customer]
    workers: list[Worker]
    finance: User
    prices: dict[int, Decimal] = field(default_factory=dict)


def place() -> Place:
    """What every run begins with; a run is rolled back to it."""
    builders.organisation()
    customers = [builders.customer(), builders.customer()]
    InvoiceSplit.objects.create(customer=customers[1], split="customer")
    workers = [
        builders.worker(payroll_no="7001"),
        builders.worker(payroll_no="7002", engagement="pay_subsidy"),
        builders.worker(payroll_no="7003", engagement="work_trial"),
    ]
    for n in range(9):
        _hours(customers[n % 2], workers[(0, 0, 1, 0, 1, 2)[n % 6]], FIRST + timedelta(days=n), n)
    waiting = list(_entries("submitted"))
    hours.approve_hours(waiting[:4], by=None, now=BILLING, as_="finance")
    found = Place(customers, workers, builders.user(Role.FINANCE))
    for entry in _entries("submitted", "approved"):
        price(found.prices, entry.pk)
    return found


def _hours(customer: Customer, worker: Worker, on: date, n: int) -> HourEntry:
    order = world.order(customer=customer, on=on, customer_reference="AB"[n % 2])
    return world.done(order, worker=worker, extra_min=(0, 0, 25)[n % 3])


def _entries(*states: str) -> list[HourEntry]:
    rows = HourEntry.objects.filter(status__in=states).order_by("pk")
    return list(rows.select_related("assignment__order__customer", "assignment__worker"))


# --------------------------------------------------------------------------- what must hold


class Line(NamedTuple):
    """A row of a document, with what matters of the document itself."""

    pk: int
    takes_back: int | None
    entry: int | None
    minutes: int
    net: Decimal
    document: int
    kind: str
    number: int | None


class Books(NamedTuple):
    """What the documents alone say of one entry, not its own word."""

    minutes: int
    net: Decimal
    live: frozenset[int]
    drafts: frozenset[int]
    credited: bool


def books() -> dict[int | None, Books]:
    """By entry: None gathers the rows without hours."""
    lines = [
        Line(*row)
        for row in InvoiceLine.objects.order_by().values_list(
            "pk", "credits", "hour_entry", "work_min", "net", "invoice", "invoice__kind",
            "invoice__number",
        )
    ]  # fmt: skip
    issued = [x for x in lines if x.number is not None]
    back = {x.takes_back for x in issued}
    by_entry: dict[int | None, list[Line]] = defaultdict(list)
    for line in lines:
        by_entry[line.entry].append(line)
    found = {}
    for pk, rows in by_entry.items():
        out = [x for x in rows if x.number is not None]
        signed = [(1 if x.kind == "invoice" else -1, x) for x in out]
        found[pk] = Books(
            sum(sign * x.minutes for sign, x in signed),
            sum((x.net for x in out), ZERO),
            frozenset(x.document for x in out if x.kind == "invoice" and x.pk not in back),
            frozenset(x.document for x in rows if x.number is None),
            any(x.kind != "invoice" for x in out),
        )
    return found


NOTHING = Books(0, ZERO, frozenset(), frozenset(), credited=False)


def check(prices: dict[int, Decimal]) -> None:
    """Each approved minute is in one state, and documents and entries say the same of it."""
    said = books()
    allowed = set(HourMark.objects.filter(mark="bill").values_list("assignment", flat=True))
    rows = HourEntry.objects.order_by("pk").values_list(
        "pk", "status", "bill_state", "work_min", "engagement_kind", "assignment"
    )
    billed_net = ZERO
    current: Counter[int] = Counter()
    for pk, status, state, minutes, kind, gig in rows:
        of = said.pop(pk, NOTHING)
        where = _where(of)
        current[gig] += status != "corrected"
        if status not in ("approved", "locked"):
            assert where == "nowhere" or (status == "corrected" and where == "credited"), pk
            assert (of.minutes, of.net) == (0, ZERO), pk
            continue
        trial = kind == "work_trial" and gig not in allowed
        expected = {
            "billed": ("billed", {"locked"}, minutes),
            "draft": ("unbilled", {"locked"}, 0),
            "nowhere": ("not_billable" if trial else "unbilled", {"approved"}, 0),
        }
        if where == "credited":
            # For good, or to be billed again.
            assert (state, status) in {("credited", "locked"), ("unbilled", "approved")}, pk
            assert (of.minutes, of.net) == (0, ZERO), pk
            continue
        wanted, states, on_paper = expected[where]
        assert (state, of.minutes) == (wanted, on_paper), pk
        assert status in states, pk
        assert of.net == (price(prices, pk) if where == "billed" else ZERO), pk
        billed_net += of.net
    assert set(current.values()) <= {1}, "two entries count for one gig"
    check_cents(billed_net + said.pop(None, NOTHING).net)
    assert not said


def _where(of: Books) -> str:
    assert len(of.live) + len(of.drafts) <= 1, "on two documents at once"
    if of.live:
        return "billed"
    if of.drafts:
        return "draft"
    return "credited" if of.credited else "nowhere"


def price(prices: dict[int, Decimal], pk: int) -> Decimal:
    """Net of an entry by the rules; it never changes, so it is reckoned once."""
    if pk not in prices:
        entry = HourEntry.objects.select_related(
            "assignment__worker", "assignment__order__customer", "assignment__order__task_type"
        ).get(pk=pk)
        prices[pk] = price_of(entry).net
    return prices[pk]


def check_cents(net: Decimal) -> None:
    """All documents together are `net`, each is its rows, and open sums are what is left."""
    invoices = list(
        Invoice.objects.filter(number__isnull=False).values_list(
            "pk", "kind", "original", "net", "vat", "gross", "open_sum", "status"
        )
    )
    assert sum((row[3] for row in invoices), ZERO) == net
    given: dict[int | None, Decimal] = defaultdict(Decimal)
    for _pk, _kind, original, _net, _vat, gross, _open, _status in invoices:
        given[original] += gross
    paid: dict[int | None, Decimal] = defaultdict(Decimal)
    for pk, amount in Payment.objects.values_list("invoice", "amount"):
        paid[pk] += amount
    for pk, kind, _original, own, vat, gross, left, status in invoices:
        assert gross == own + vat, pk
        if kind == "invoice":
            assert left == gross + given[pk] - paid[pk], pk
            assert (status == "credited") == (gross + given[pk] <= 0), pk


# --------------------------------------------------------------------------- the moves


class Walk:
    """One random run; every method is a move that somebody could make."""

    def __init__(self, here: Place, seed: int) -> None:
        self.here, self.rng, self.days = here, random.Random(seed), 0
        self.trail: list[str] = []

    def entry(self, *states: str) -> HourEntry | None:
        rows = list(HourEntry.objects.filter(status__in=states).order_by("pk"))
        return self.rng.choice(rows) if rows else None

    def invoice(self, *states: str) -> Invoice | None:
        rows = Invoice.objects.filter(status__in=states, kind="invoice").order_by("pk")
        found = list(rows.select_related("customer"))
        return self.rng.choice(found) if found else None

    def new(self) -> None:
        self.days += 1
        day = FIRST + timedelta(days=20 + self.days)
        customer = self.rng.choice(self.here.customers)
        _hours(customer, self.rng.choice(self.here.workers), day, self.rng.randint(0, 5))

    def approve(self) -> None:
        rows = _entries("submitted")
        chosen = self.rng.sample(rows, min(len(rows), self.rng.randint(1, 4)))
        hours.approve_hours(chosen, by=None, now=BILLING, as_="finance")

    def correct(self) -> None:
        if found := self.entry("submitted", "disputed", "approved", "locked"):
            self._correct(found)

    def _correct(self, entry: HourEntry) -> HourEntry:
        return hours.correct_hours(
            entry,
            started_at=entry.started_at,
            ended_at=entry.started_at + timedelta(minutes=self.rng.randint(30, 480)),
            break_min=self.rng.choice((0, 15)),
            by=None,
            now=BILLING,
            note="Muutos",
        )

    def dispute(self) -> None:
        if found := self.entry("submitted"):
            hours.dispute_hours(found, by=None, now=BILLING, note="Ei", as_="customer")

    def uphold(self) -> None:
        if found := self.entry("disputed"):
            hours.uphold_hours(found, by=self.here.finance, now=BILLING, note="Kyllä")

    def decide_to_bill(self) -> None:
        """Hours of a work trial that a contract lets us bill after all."""
        rows = list(HourEntry.objects.filter(bill_state="not_billable").order_by("pk"))
        if rows:
            kinds.mark_hours(
                self.rng.choice(rows).assignment,
                HourMark.Mark.BILL,
                by=self.here.finance,
                now=BILLING,
                reason="Sopimus",
                contract_ref="S-1",
            )

    def draft(self) -> None:
        chosen = self.rng.choice(self.here.customers)
        services.make_drafts([chosen.pk], until=LAST, by=None, now=BILLING)

    def one_off(self) -> None:
        """An advance or a material: euros and no hours."""
        rows = [
            oneoff.Row("Ennakko", Decimal(self.rng.randint(1, 3)), Decimal("19.99"))
            for _ in range(self.rng.randint(1, 2))
        ]
        oneoff.make_one_off(
            self.rng.choice(self.here.customers),
            rows,
            on=LAST,
            by=None,
            now=BILLING,
            advance=self.rng.random() < 0.5,
        )

    def issue(self) -> None:
        if found := self.invoice("draft"):
            services.issue_invoice(found, by=None, now=BILLING)

    def send(self) -> None:
        if found := self.invoice("issued"):
            services.send_invoice(found, by=None, now=BILLING)

    def month_run(self) -> None:
        """Two people start the same run, a draft may go meanwhile, and the queue works at both."""
        drafts = list(Invoice.objects.filter(status="draft").select_related("customer"))
        for _ in range(2):
            runs.start(drafts, by=self.here.finance, now=BILLING)
        if drafts and self.rng.random() < 0.3:
            services.discard_draft(self.rng.choice(drafts), by=None, now=BILLING)
        assert runs.continue_all(BILLING) == 0

    def discard(self) -> None:
        if found := self.invoice("draft", "issued"):
            services.discard_draft(found, by=None, now=BILLING)

    def pay(self) -> None:
        if found := self.invoice("issued", "sent"):
            settlement.pay_rest(found, on=LAST, by=None, now=BILLING)

    def pay_a_part(self) -> None:
        if found := self.invoice("issued", "sent"):
            settlement.enter_payment(found, amount=Decimal("5.00"), on=LAST, by=None, now=BILLING)

    def take_back(self) -> None:
        rows = list(Payment.objects.filter(reverses=None, reversed_by=None).order_by("pk"))
        if rows:
            settlement.take_back_payment(self.rng.choice(rows), by=None, now=BILLING, note="Väärä")

    def credit(self) -> None:
        """All that is left of an invoice, for good (written off) or to be billed again."""
        if found := self.invoice("issued", "sent", "paid", "credited"):
            services.credit_invoice(
                found, by=None, now=BILLING, reason="Virhe", bill_again=self.rng.random() < 0.5
            )

    def credit_rows(self) -> None:
        if found := self.invoice("issued", "sent", "paid"):
            rows = credit_notes.rows_of(found)
            chosen = self.rng.sample(rows, self.rng.randint(1, len(rows)))
            services.credit_invoice(
                found,
                by=None,
                now=BILLING,
                reason="Virhe",
                rows=[row.key for row in chosen],
                bill_again=self.rng.random() < 0.5,
            )

    def correct_after_issue(self) -> None:
        """The customer was right: credit the row, correct the hours, bill them again."""
        found = self.invoice("issued", "sent", "paid")
        rows = [r for r in credit_notes.rows_of(found) if not r.credited] if found else []
        if not found or not rows:
            return
        row = self.rng.choice(rows)
        services.credit_invoice(
            found, by=None, now=BILLING, reason="Tunnit", rows=[row.key], bill_again=True
        )
        entry = row.lines[0].hour_entry
        if entry:
            again = self._correct(HourEntry.objects.get(pk=entry.pk))
            hours.approve_hours([again], by=None, now=BILLING, as_="finance")
            services.make_drafts([found.customer_id], until=LAST, by=None, now=BILLING)

    def export(self) -> None:
        """To payroll: all exports together are what the hours say; no trial gets there."""
        payroll.export(FIRST, LAST, by=self.here.finance, now=BILLING)
        assert world.exported_min(FIRST, LAST) == payroll.period(FIRST, LAST).paid_min
        assert not PayrollRow.objects.filter(engagement_kind="work_trial").exists()


# A new job and an export take ten times as long as the others.
WEIGHTS: dict[Callable[[Walk], None], int] = {
    Walk.new: 1, Walk.approve: 11, Walk.correct: 10, Walk.dispute: 4, Walk.uphold: 4,
    Walk.decide_to_bill: 2, Walk.draft: 14, Walk.one_off: 4, Walk.issue: 14, Walk.send: 6,
    Walk.month_run: 4, Walk.discard: 4, Walk.pay: 6, Walk.pay_a_part: 4, Walk.take_back: 4,
    Walk.credit: 8, Walk.credit_rows: 10, Walk.correct_after_issue: 8, Walk.export: 1,
}  # fmt: skip


@contextmanager
def rolled_back() -> Iterator[None]:
    """The world is made once: what happens inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def walk(here: Place, seed: int, made: Counter[str], refused: Counter[str]) -> None:
    """MOVES random moves, the states checked after each; a fault names the seed and the moves."""
    run = Walk(here, seed)
    chosen = run.rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=MOVES)
    prices = dict(here.prices)
    try:
        for move in chosen:
            run.trail.append(move.__name__)
            try:
                move(run)
                made[move.__name__] += 1
            except RuleBroken:
                refused[move.__name__] += 1
            check(prices)
        if seed % BOOKS_EVERY == 0:
            assert broken_invariants() == []
    except AssertionError as fault:
        fault.add_note(f"seed {seed}: {' '.join(run.trail)}")
        raise


def several(here: Place, count: int) -> tuple[Counter[str], Counter[str]]:
    """So many runs, each from the same world; the moves made and those that were refused."""
    made: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for seed in range(count):
        with rolled_back():
            walk(here, seed, made, refused)
    return made, refused


@pytest.mark.long
def test_random_runs_every_approved_minute_in_one_state(capsys: pytest.CaptureFixture[str]) -> None:
    """Hours, documents, payments and exports in any order."""
    here = place()
    began = time.process_time()
    made, refused = several(here, RUNS)
    spent = time.process_time() - began
    with capsys.disabled():
        if RUNS >= 1000:
            print(f"\n{RUNS} runs, {made.total()} moves, {refused.total()} refused, {spent:.0f} s")  # noqa: T201
            print(f"  {dict(made.most_common())}")  # noqa: T201
    assert made.total() + refused.total() == RUNS * MOVES
    assert set(made) == {move.__name__ for move in WEIGHTS}, "a move was never made"
    assert made.total() > refused.total() * 3


# --------------------------------------------------------------------------- controls


def billed() -> tuple[HourEntry, Invoice]:
    """Hours on an issued invoice, and nothing wrong."""
    builders.organisation()
    entry = world.approved()
    (draft,) = services.make_drafts(
        [entry.assignment.order.customer_id], until=LAST, by=None, now=BILLING
    )
    invoice = services.issue_invoice(draft, by=None, now=BILLING)
    check({})
    assert broken_invariants() == []
    return entry, invoice


def test_control_a_credit_that_forgets_the_hours_is_seen() -> None:
    """Guarantee 6: with the step left out, the check above finds the fault."""
    entry, invoice = billed()
    services.credit_invoice(invoice, by=None, now=BILLING, reason="Virhe")
    HourEntry.objects.filter(pk=entry.pk).update(bill_state="billed")
    with pytest.raises(AssertionError):
        check({})
    assert broken_invariants() != []


def test_control_hours_billed_twice_are_seen() -> None:
    """Guarantee 6: an entry let go while it stands on an invoice is billed a second time."""
    entry, _invoice = billed()
    HourEntry.objects.filter(pk=entry.pk).update(bill_state="unbilled", status="approved")
    (draft,) = services.make_drafts(
        [entry.assignment.order.customer_id], until=LAST, by=None, now=BILLING
    )
    services.issue_invoice(draft, by=None, now=BILLING)
    with pytest.raises(AssertionError, match="on two documents at once"):
        check({})
    assert any("on 2 invoices" in text for text in broken_invariants())


def test_control_a_lost_minute_is_seen() -> None:
    """Guarantee 6: an approved minute that no invoice tells of."""
    entry, _invoice = billed()
    assert entry.ended_at
    HourEntry.objects.filter(pk=entry.pk).update(
        work_min=F("work_min") + 1, ended_at=entry.ended_at + timedelta(minutes=1)
    )
    with pytest.raises(AssertionError):
        check({})
    assert any("min approved" in text for text in broken_invariants())


def test_control_a_credit_note_of_a_cent_less_is_seen() -> None:
    """Guarantee 6: a cent that gets lost between invoice and credit note is found."""
    entry, _invoice = billed()
    with pytest.raises(AssertionError):
        check({entry.pk: price_of(entry).net - Decimal("0.01")})


def test_control_a_walk_over_a_broken_service_names_its_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Guarantee 6: a credit by row that frees no hours is found by the moves themselves."""
    here = place()
    monkeypatch.setattr(credit_notes, "free_hours", lambda rows, **_fields: None)
    with pytest.raises(AssertionError) as caught:
        several(here, 30)
    assert "credit" in caught.value.__notes__[0]
