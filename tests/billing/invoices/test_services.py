"""Hours from check-in to approval; invoices from draft to credit."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from accounts.models import Organisation, Role
from billing.hours import services as hours
from billing.invoices import prices, services, settlement
from billing.invoices.document import document_of, pdf_of
from billing.models import HourEntry, Invoice, InvoiceLine
from billing.rules.document import InvoiceDocument
from core import guards, outbox
from core.book_checks import broken_invariants
from core.models import AuditEvent, OutboxMessage
from core.violations import RuleBroken
from dispatch.assignments.services import apply_action
from dispatch.models import Punch
from dispatch.models.lifecycle import AssignmentAction
from orders.models import Customer, Tariff, TariffSupplement, VatRate, WorkOrder
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING
from tests.oracle import check_invoice_pdf

pytestmark = pytest.mark.django_db


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> list[str]:
    return [v.code for v in error.value.violations]


def draft_of(entry: HourEntry) -> Invoice:
    customer = entry.assignment.order.customer_id
    (invoice,) = services.make_drafts([customer], until=BILLING.date(), by=None, now=BILLING)
    return invoice


def issued(entry: HourEntry | None = None) -> Invoice:
    builders.organisation() if not Organisation.objects.exists() else None
    return services.issue_invoice(draft_of(entry or world.approved()), by=None, now=BILLING)


# --------------------------------------------------------------------------- hours


def test_check_in_opens_an_entry_and_check_out_submits_it() -> None:
    """The entry comes from the taps at the door, nobody types it."""
    row = world.placed(world.order())
    world.check_in(row)
    entry = HourEntry.objects.get()
    assert (entry.status, entry.started_at, entry.work_min) == ("open", row.starts_at, 0)
    world.check_out(row)
    entry.refresh_from_db()
    assert (entry.status, entry.ended_at, entry.work_min) == ("submitted", row.ends_at, 240)


def test_check_out_raw_taps_stay_as_they_were() -> None:
    """Rounding is a rule over the taps; the taps themselves never change."""
    row = world.placed(world.order())
    world.check_in(row, late_min=-3)
    world.check_out(row, extra_min=2)
    taps = list(Punch.objects.order_by("pk").values_list("at", flat=True))
    assert taps == [row.starts_at - timedelta(minutes=3), row.ends_at + timedelta(minutes=2)]
    assert HourEntry.objects.get().work_min == 240


@pytest.mark.parametrize(
    ("born", "duration_min", "break_min"),
    [
        (date(1990, 1, 1), 360, 0),
        (date(1990, 1, 1), 375, 30),
        (date(2010, 1, 1), 270, 0),
        (date(2010, 1, 1), 285, 30),
    ],
)
def test_check_out_plans_the_break_of_the_law(
    born: date, duration_min: int, break_min: int
) -> None:
    """The law asks for a break over 6 h for adults and over 4.5 h for the young."""
    entry = world.done(
        world.order(duration_min=duration_min), worker=builders.worker(birth_date=born)
    )
    assert (entry.break_min, entry.work_min) == (break_min, duration_min - break_min)


def test_undo_check_out_opens_the_hours_again_and_keeps_the_old_row() -> None:
    """A tap that came too early can be taken back, and both rows stay readable."""
    row = world.placed(world.order())
    world.check_in(row)
    world.check_out(row)
    apply_action(row, AssignmentAction.UNDO, by=None, now=row.ends_at)
    assert list(HourEntry.objects.order_by("pk").values_list("status", flat=True)) == [
        "corrected",
        "open",
    ]
    assert Punch.objects.count() == 3


def test_undo_check_out_after_approval_is_refused() -> None:
    entry = world.approved()
    with pytest.raises(RuleBroken) as error:
        apply_action(entry.assignment, AssignmentAction.UNDO, by=None, now=entry.assignment.ends_at)
    assert codes(error) == ["hours_approved"]
    entry.assignment.refresh_from_db()
    assert entry.assignment.status == "completed"


def test_approve_last_hours_closes_the_order() -> None:
    entry = world.approved()
    assert WorkOrder.objects.get(pk=entry.assignment.order_id).status == "closed"


def test_approve_one_of_two_leaves_the_order_open() -> None:
    """Each person's hours are approved by themselves."""
    order = world.order(people=2)
    first, second = world.placed(order), world.placed(order)
    for row in (first, second):
        world.check_in(row)
        world.check_out(row)
    one = HourEntry.objects.get(assignment=first)
    hours.approve_hours([one], by=None, now=BILLING, as_="customer")
    order.refresh_from_db()
    assert order.status == "done"
    assert HourEntry.objects.get(assignment=second).status == "submitted"


def test_approve_hours_changed_meanwhile_are_left_and_the_others_go() -> None:
    entry, other = world.done(), world.done()
    stale = HourEntry.objects.get(pk=entry.pk)
    hours.dispute_hours(entry, by=None, now=BILLING, note="Tuli myöhässä", as_="customer")
    assert hours.approve_hours([stale], by=None, now=BILLING, as_="customer") == []
    assert hours.approve_hours([stale, other], by=None, now=BILLING, as_="customer") == [other]
    status = dict(HourEntry.objects.values_list("pk", "status"))
    assert status == {entry.pk: "disputed", other.pk: "approved"}
    events = AuditEvent.objects.filter(verb="hours.approve").values_list("ref", "after")
    assert list(events) == [(str(other.ref), {"status": "approved"})]


def test_dispute_without_a_note_is_refused_and_with_one_tells_the_office() -> None:
    builders.organisation()
    entry = world.done()
    with pytest.raises(RuleBroken):
        hours.dispute_hours(entry, by=None, now=BILLING, note=" ", as_="customer")
    hours.dispute_hours(entry, by=None, now=BILLING, note="Avain puuttui", as_="customer")
    message = OutboxMessage.objects.get(kind="hours_disputed")
    assert "Avain puuttui" in message.body
    entry = hours.uphold_hours(entry, by=builders.user(), now=BILLING, note="Katsottu yhdessä")
    assert entry.status == "submitted"


def test_work_done_asks_the_orderer_to_approve_once() -> None:
    entry = world.done()
    (message,) = OutboxMessage.objects.filter(kind="hours_waiting")
    assert message.to == entry.assignment.order.orderer_email
    assert "/o/" in message.body


def correct(entry: HourEntry, *, minutes: int, break_min: int = 0) -> HourEntry:
    return hours.correct_hours(
        entry,
        started_at=entry.started_at,
        ended_at=entry.started_at + timedelta(minutes=minutes),
        break_min=break_min,
        by=None,
        now=BILLING,
        note="Avain oli myöhässä",
    )


def test_correct_approved_hours_drops_the_approval_and_names_the_old_row() -> None:
    """Any change of approved hours drops the approval."""
    entry = world.approved()
    new = correct(entry, minutes=210)
    entry.refresh_from_db()
    assert (entry.status, new.status, new.corrects, new.work_min) == (
        "corrected",
        "submitted",
        entry,
        210,
    )
    assert WorkOrder.objects.get(pk=entry.assignment.order_id).status == "done"
    assert AuditEvent.objects.filter(verb="hours.corrected").count() == 1


def test_correct_hours_on_a_draft_is_refused() -> None:
    entry = world.approved()
    draft_of(entry)
    entry.refresh_from_db()
    with pytest.raises(RuleBroken) as error:
        correct(entry, minutes=210)
    assert codes(error) == ["hours_locked"]


def test_correct_hours_after_issue_is_refused_until_they_are_credited() -> None:
    """Bad input: who finds an error on an issued invoice credits the row first."""
    entry = world.approved()
    invoice = issued(entry)
    entry.refresh_from_db()
    with pytest.raises(RuleBroken) as error:
        correct(entry, minutes=210)
    assert codes(error) == ["hours_locked"]
    services.credit_invoice(invoice, by=None, now=BILLING, reason="Tunnit", bill_again=True)
    entry.refresh_from_db()
    assert correct(entry, minutes=210).work_min == 210


@pytest.mark.parametrize(
    ("minutes", "break_min", "code"),
    [(0, 0, "hours_order"), (17 * 60, 0, "hours_too_long"), (60, 60, "hours_break")],
)
def test_correct_hours_impossible_times_are_refused(
    minutes: int, break_min: int, code: str
) -> None:
    with pytest.raises(RuleBroken) as error:
        correct(world.done(), minutes=minutes, break_min=break_min)
    assert codes(error) == [code]


@pytest.mark.parametrize("kind", ["work_trial", "training_agreement", "school_practice"])
def test_unpaid_engagement_is_never_billed(kind: str) -> None:
    """Not billable is the fourth state of an approved minute."""
    entry = world.approved(worker=builders.worker(engagement=kind))
    assert entry.bill_state == "not_billable"
    assert (
        services.make_drafts(
            [entry.assignment.order.customer_id], until=BILLING.date(), by=None, now=BILLING
        )
        == []
    )


# --------------------------------------------------------------------------- drafts


def test_draft_as_ordered_costs_what_was_quoted() -> None:
    """The invoice is the quote, with supplements, a minimum charge, several people, a break."""
    tariff = builders.tariff("31.50", min_charge_min=120)
    for kind, pct, start, end in (
        ("evening", "15", 1080, 1320),
        ("saturday", "20", 0, 1439),
        ("sunday", "100", 0, 1439),
    ):
        TariffSupplement.objects.create(
            tariff=tariff, kind=kind, percent=Decimal(pct), from_min=start, to_min=end
        )
    customer = builders.customer()
    cases = [
        (date(2026, 11, 26), time(9), 240, 1),
        (date(2026, 11, 26), time(16, 15), 195, 3),
        (date(2026, 11, 28), time(8), 60, 2),
        (date(2026, 11, 29), time(10), 480, 1),
    ]
    for on, at, duration_min, people in cases:
        order = world.order(
            on=on,
            at=at,
            duration_min=duration_min,
            people=people,
            customer=customer,
            customer_reference=f"{on} {at}",
        )
        entries = [world.placed(order) for _ in range(people)]
        for row in entries:
            world.check_in(row)
        for row in entries:
            world.check_out(row)
        hours.approve_hours(
            HourEntry.objects.filter(assignment__order=order), by=None, now=BILLING, as_="customer"
        )
        (draft,) = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
        assert (draft.net, draft.gross) == (order.quote_net, order.quote_gross), (on, at)


def test_draft_price_promised_stays_when_a_dearer_tariff_comes() -> None:
    """What was shown when ordering is what is billed."""
    order = world.order()
    Tariff.objects.create(valid_from=date(2026, 11, 1), hourly_net=Decimal("99.00"))
    entry = world.approved(order)
    assert draft_of(entry).net == order.quote_net


def test_draft_longer_break_than_usual_is_not_charged() -> None:
    entry = world.done(world.order(duration_min=480))
    new = correct(entry, minutes=480, break_min=60)
    assert prices.charged_min(entry) == 480
    assert prices.charged_min(new) == 450


def test_draft_vat_rate_of_the_day_of_work() -> None:
    """Rules, section 1.2: the performance date chooses the rate, not the invoice date."""
    builders.tariff()
    VatRate.objects.create(
        kind="general", valid_from=date(2026, 12, 1), percent=Decimal("26.0"), source="test"
    )
    line = draft_of(world.approved()).lines.get()
    assert (line.vat_pct, line.performed_on) == (Decimal("25.50"), world.THURSDAY)


def test_draft_construction_seller_gets_reverse_charge() -> None:
    """Rules, section 1.3: both the service and the buyer."""
    customer = builders.customer(construction_seller=True)
    entry = world.approved(world.order(customer=customer, construction_site=True))
    draft = draft_of(entry)
    line = draft.lines.get()
    assert (line.vat_code, draft.vat) == ("AE", Decimal("0.00"))
    builders.organisation()
    document = document_of(services.issue_invoice(draft, by=None, now=BILLING))
    assert document.buyer.vat_id.startswith("FI")
    assert "AVL 8 c §" in document.notes[0]


def test_drafts_one_for_each_reference_of_the_customer() -> None:
    customer = builders.customer()
    for n, reference in enumerate(("KP 1", "KP 2", "KP 1")):
        world.approved(
            world.order(customer=customer, customer_reference=reference, at=time(8 + n * 4))
        )
    drafts = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
    assert [(d.customer_reference, d.lines.count()) for d in drafts] == [("KP 1", 2), ("KP 2", 1)]


def test_drafts_made_twice_take_the_hours_once() -> None:
    entry = world.approved()
    draft_of(entry)
    again = services.make_drafts(
        [entry.assignment.order.customer_id], until=BILLING.date(), by=None, now=BILLING
    )
    assert again == []


def test_discard_draft_lets_the_hours_go() -> None:
    entry = world.approved()
    services.discard_draft(draft_of(entry), by=None, now=BILLING)
    entry.refresh_from_db()
    assert (entry.status, entry.bill_state) == ("approved", "unbilled")
    assert Invoice.objects.count() == 0


def test_draft_without_a_tariff_is_refused_with_the_order_and_day() -> None:
    """A missing price becomes words for a person, never a silent failure."""
    entry = world.approved()
    Tariff.objects.all().delete()
    with pytest.raises(RuleBroken) as error:
        draft_of(entry)
    (violation,) = error.value.violations
    assert violation.code == "price_missing"
    assert violation.numbers["on"] == "2026-11-26"


def test_draft_without_a_vat_rate_is_refused() -> None:
    entry = world.approved()
    VatRate.objects.all().delete()
    with pytest.raises(RuleBroken) as error:
        draft_of(entry)
    assert codes(error) == ["price_missing"]


# --------------------------------------------------------------------------- issue


def test_issue_gives_number_dates_reference_and_locks_the_hours() -> None:
    entry = world.approved()
    invoice = issued(entry)
    entry.refresh_from_db()
    assert (entry.status, entry.bill_state) == ("locked", "billed")
    assert invoice.number == services.FIRST_INVOICE_NO + 1
    assert invoice.due_on == invoice.issued_on + timedelta(days=14)
    assert str(invoice.number) in invoice.reference
    assert broken_invariants() == []


def test_issue_content_is_the_document_and_the_chain_goes_on() -> None:
    first, second = issued(), issued()
    assert second.previous_hash == first.content_hash
    text = f"{second.previous_hash}\n{second.content}"
    assert second.content_hash == hashlib.sha256(text.encode()).hexdigest()
    document = InvoiceDocument.from_canonical(second.content)
    assert (document.number, document.gross) == (second.number, second.gross)


def test_issue_refused_gives_the_number_back() -> None:
    """Guarantee 2: a refusal leaves no gap."""
    first = issued()
    bad = draft_of(world.approved())
    Customer.objects.filter(pk=bad.customer_id).update(street="")
    with pytest.raises(RuleBroken) as error:
        services.issue_invoice(bad, by=None, now=BILLING)
    assert codes(error) == ["customer_address"]
    assert issued().number == first.number + 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"street": ""}, "customer_address"),
        ({"name": ""}, "customer_name"),
        ({"business_id": ""}, "customer_business_id"),
    ],
)
def test_issue_customer_card_lacks_something_is_refused(fields: dict[str, str], code: str) -> None:
    builders.organisation()
    draft = draft_of(world.approved())
    Customer.objects.filter(pk=draft.customer_id).update(**fields)
    with pytest.raises(RuleBroken) as error:
        services.issue_invoice(draft, by=None, now=BILLING)
    assert codes(error) == [code]


def test_issue_without_our_own_details_is_refused() -> None:
    draft = draft_of(world.approved())
    with pytest.raises(RuleBroken) as error:
        services.issue_invoice(draft, by=None, now=BILLING)
    assert codes(error) == ["organisation_missing"]


def test_issue_with_a_mistyped_account_is_refused_and_takes_no_number() -> None:
    builders.organisation(iban="FI2112345600000786")
    draft = draft_of(world.approved())
    with pytest.raises(RuleBroken) as error:
        services.issue_invoice(draft, by=None, now=BILLING)
    draft.refresh_from_db()
    assert (codes(error), draft.number) == (["organisation_account"], None)


def test_issue_total_below_zero_is_refused() -> None:
    builders.organisation()
    draft = draft_of(world.approved())
    InvoiceLine.objects.filter(invoice=draft).update(net=Decimal("-5"))
    Invoice.objects.filter(pk=draft.pk).update(net=-5, gross=Decimal("-6.28"))
    with pytest.raises(RuleBroken) as error:
        services.issue_invoice(draft, by=None, now=BILLING)
    assert codes(error) == ["invoice_not_positive"]


def test_issue_clock_gone_back_never_dates_before_the_number_before() -> None:
    issued()
    draft = draft_of(world.approved())
    early = services.issue_invoice(draft, by=None, now=BILLING - timedelta(days=3))
    assert early.issued_on == BILLING.date()


def test_issue_twice_is_refused() -> None:
    invoice = issued()
    with pytest.raises(RuleBroken) as error:
        services.issue_invoice(invoice, by=None, now=BILLING)
    assert codes(error) == ["invoice_not_draft"]


# --------------------------------------------------------------------------- frozen


CHANGES = [
    ("billing_invoice", "gross = 1"),
    ("billing_invoice", "number = 7"),
    ("billing_invoice", "content = 'x'"),
    ("billing_invoice", "issued_on = '2020-01-01'"),
    ("billing_invoice", "status = 'draft'"),
]


@pytest.mark.parametrize(("table", "change"), CHANGES)
@pytest.mark.engine
def test_issued_invoice_sql_cannot_change_it(table: str, change: str) -> None:
    """T4: whoever holds the connection."""
    invoice = issued()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change} WHERE id = %s", [invoice.pk])
    assert broken_invariants() == []


@pytest.mark.engine
def test_issued_invoice_orm_cannot_change_or_delete_it_or_its_lines() -> None:
    invoice = issued()
    line = invoice.lines.first()
    assert line is not None
    invoice.gross = Decimal(1)
    attempts = (
        lambda: invoice.save(update_fields=["gross"]),
        invoice.delete,
        lambda: InvoiceLine.objects.filter(pk=line.pk).update(net=1),
        line.delete,
        lambda: InvoiceLine.objects.create(
            invoice=invoice, position=99, performed_on=world.THURSDAY, text="x", quantity=1,
            unit_net=1, net=1, vat_pct=0,
        ),
    )  # fmt: skip
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    assert broken_invariants() == []


@pytest.mark.engine
def test_issued_invoice_control_without_the_guard_it_changes_and_the_books_tell() -> None:
    """Guarantee 6: the test sees the fault when the guard is off."""
    invoice = issued()
    # The test's rollback brings the guard back.
    guards.drop(only="invoice_frozen")
    Invoice.objects.filter(pk=invoice.pk).update(gross=Decimal("1.00"))
    found = broken_invariants()
    assert any("guard invoice_frozen is missing" in text for text in found)
    assert any("rows give" in text for text in found)


# --------------------------------------------------------------------------- send, pay, credit


def test_send_puts_one_mail_with_the_pdf_in_the_outbox(
    django_capture_on_commit_callbacks: object,
) -> None:
    """Guarantee 3: an invoice is never sent twice blindly."""
    invoice = issued()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        services.send_invoice(invoice, by=None, now=BILLING)
    message = OutboxMessage.objects.get(kind="invoice")
    assert not message.resend_if_unknown
    with pytest.raises(RuleBroken):
        services.send_invoice(invoice, by=None, now=BILLING)
    outbox.deliver_due(datetime(2027, 1, 1, tzinfo=BILLING.tzinfo))
    sent = [m for m in mail.outbox if m.attachments]
    assert len(sent) == 1
    name, content, mime = sent[0].attachments[0]
    assert (name, mime) == (f"askare-invoice-{invoice.number}.pdf", "application/pdf")
    invoice.refresh_from_db()
    assert hashlib.sha256(content).hexdigest() == invoice.pdf_hash
    assert (Path(settings.MEDIA_ROOT) / invoice.pdf_path).read_bytes() == content


def test_pdf_oracle_finds_nothing_wrong() -> None:
    """Bar code, QR code, text and sums of the paper agree, read by a program that others wrote."""
    assert check_invoice_pdf(pdf_of(issued())) == []


def test_pdf_stored_file_changed_is_refused() -> None:
    invoice = issued()
    pdf_of(invoice, store=True)
    (Path(settings.MEDIA_ROOT) / invoice.pdf_path).write_bytes(b"%PDF-1.4 other")
    with pytest.raises(RuleBroken) as error:
        pdf_of(invoice)
    assert codes(error) == ["invoice_file_changed"]


def test_send_without_an_address_is_refused() -> None:
    invoice = issued()
    Customer.objects.filter(pk=invoice.customer_id).update(invoice_email="")
    invoice = Invoice.objects.get(pk=invoice.pk)
    with pytest.raises(RuleBroken) as error:
        services.send_invoice(invoice, by=None, now=BILLING)
    assert codes(error) == ["customer_invoice_email"]


def test_paid_before_the_invoice_date_is_refused() -> None:
    invoice = issued()
    with pytest.raises(RuleBroken) as error:
        settlement.pay_rest(invoice, on=BILLING.date() - timedelta(days=1), by=None, now=BILLING)
    assert codes(error) == ["paid_before_issue"]
    settlement.pay_rest(invoice, on=BILLING.date(), by=None, now=BILLING)
    assert invoice.status == "paid"


def test_credit_frees_exactly_the_minutes_of_the_invoice() -> None:
    """A credit note has its own series and a link to the original, and frees the hours."""
    kept, credited = world.approved(), world.approved()
    issued(kept)
    invoice = issued(credited)
    note = services.credit_invoice(invoice, by=None, now=BILLING, reason="Väärä viite")
    kept.refresh_from_db()
    credited.refresh_from_db()
    assert (kept.bill_state, credited.bill_state) == ("billed", "credited")
    assert (note.series, note.number) == ("credit_note", services.FIRST_CREDIT_NO + 1)
    assert (note.net, note.gross) == (-invoice.net, -invoice.gross)
    document = document_of(note)
    assert (document.original_number, document.original_issued_on) == (
        invoice.number,
        invoice.issued_on,
    )
    assert broken_invariants() == []


def test_credit_bill_again_corrects_and_bills_the_new_hours() -> None:
    entry = world.approved()
    invoice = issued(entry)
    services.credit_invoice(invoice, by=None, now=BILLING, reason="Väärät tunnit", bill_again=True)
    entry.refresh_from_db()
    new = correct(entry, minutes=180)
    hours.approve_hours([new], by=None, now=BILLING, as_="finance")
    again = issued(new)
    assert again.net == Decimal("96.00")
    assert again.number == invoice.number + 1
    assert broken_invariants() == []


def test_credit_twice_is_refused() -> None:
    invoice = issued()
    services.credit_invoice(invoice, by=None, now=BILLING, reason="Tupla")
    with pytest.raises(RuleBroken) as error:
        services.credit_invoice(invoice, by=None, now=BILLING, reason="Tupla")
    assert codes(error) == ["invoice_not_possible"]


def test_every_refusal_has_words() -> None:
    """House rule: what the customer card lacks is said in words."""
    from billing.texts import billing_text
    from core.texts import violation_text
    from core.violations import Severity, Violation

    named = {
        "hours_not_open", "hours_locked", "hours_approved", "hours_note", "hours_not_possible",
        "hours_changed", "hours_order", "hours_too_long", "hours_break", "hours_in_future",
        "hours_not_closed", "hours_overlap", "price_missing", "organisation_missing",
        "organisation_account",
        "customer_name", "customer_address", "customer_business_id", "customer_invoice_email",
        "invoice_empty", "invoice_not_positive", "invoice_not_draft", "invoice_not_issued",
        "invoice_not_possible", "invoice_changed", "invoice_file_changed", "credit_reason",
        "paid_before_issue", "paid_in_future", "invoice_too_large",
    }  # fmt: skip
    began, ended = "2026-11-26T07:00:00+00:00", "2026-11-26T11:00:00+00:00"
    numbers = {"hours": 16, "on": "2026-11-26", "order": 1, "from": began, "until": ended}
    for code in named:
        assert billing_text(Violation(code, Severity.HARD, "x", numbers)), code
    source = Path(hours.__file__).read_text() + Path(services.__file__).read_text()
    import re

    used = set(re.findall(r'RuleBroken\.of\(\s*"([a-z_]+)"', source))
    # The rules of work have their own words, which name the day.
    assert used - named == {"no_engagement"}
    gone = Violation("no_engagement", Severity.HARD, "2026-11-26")
    with translation.override("en"):
        assert violation_text(gone).replace("\u00a0", " ") == "no contract on Thu 26 Nov"


def test_role_of_the_approver_is_kept() -> None:
    user = builders.user(Role.FINANCE)
    entry = world.done()
    hours.approve_hours([entry], by=user, now=BILLING, as_="finance")
    entry.refresh_from_db()
    assert (entry.approved_by, entry.approved_as, entry.approved_at) == (user, "finance", BILLING)
