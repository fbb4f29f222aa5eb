"""Pages of the order, hours, invoicing and figures: who sees what, and what each button does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from billing.invoices import services
from billing.models import HourEntry, Invoice
from billing.order_page.story import story_of
from orders.models import Customer, WorkOrder
from orders.ordering.links import order_token
from orders.ordering.services import cancel_order
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def _december(time_machine: Any) -> None:
    time_machine.move_to(BILLING, tick=False)


def as_(role: Role, **fields: Any) -> Client:
    return signed_in(builders.user(role, **fields))


def signed_in(user: User) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user, backend=BACKEND)
    return client


def anybody() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def link(name: str, order: WorkOrder) -> str:
    return reverse(f"billing:{name}-link", args=[order_token(order)])


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode().replace("\u00a0", " ")


# --------------------------------------------------------------------------- the order page


def test_order_page_link_says_who_comes_by_first_name_only() -> None:
    """The customer sees no surname, no kind of engagement and no reason."""
    order = world.order()
    world.placed(
        order, builders.worker(first_name="Aino", last_name="Sukunimi", engagement="work_trial")
    )
    page = text_of(anybody().get(link("order-page", order)))
    # The clock stands in December: the page warns that nobody has said to have arrived.
    assert "Aino should have arrived" in page
    for word in ("Sukunimi", "trial", "kokeilu", "Mäki"):
        assert word not in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("placed", "We are looking for a worker for you."),
        ("unfilled", "We found nobody for this time."),
        ("cancelled", "This order was cancelled."),
        ("done", "The work is done."),
    ],
)
def test_order_page_first_sentence_follows_the_state(status: str, words: str) -> None:
    order = world.order(status=status)
    page = text_of(anybody().get(link("order-page", order)))
    sentence = page.split('role="status"', 1)[1]
    assert words in sentence[:900]


def test_order_page_before_the_work_names_day_and_time(time_machine: Any) -> None:
    """The first sentence answers who and when."""
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    order = world.order()
    world.placed(order, builders.worker(first_name="Aino"))
    page = text_of(anybody().get(link("order-page", order)))
    assert "Aino is coming on Thu 26 Nov at 9:00." in page


def test_order_page_absence_is_told_without_a_reason() -> None:
    order = world.order()
    row = world.placed(order, builders.worker(first_name="Ali"))
    row.status = "absent"
    row.save(update_fields=["status"])
    WorkOrder.objects.filter(pk=order.pk).update(status="placed")
    page = text_of(anybody().get(link("order-page", order)))
    assert "Ali cannot come. We are looking for somebody else." in page


def test_order_page_wrong_link_is_explained_with_404() -> None:
    answer = anybody().get(reverse("billing:order-page-link", args=["nonsense"]))
    assert answer.status_code == 404
    assert "This link no longer works" in text_of(answer)


def test_order_page_approve_hours_takes_one_click_by_link() -> None:
    """To approve hours that are as planned takes one click."""
    entry = world.done()
    order = entry.assignment.order
    page = text_of(anybody().get(link("order-page", order)))
    assert "Approve the hours" in page
    answer = anybody().post(link("order-approve-hours", order), {"entry": str(entry.ref)})
    assert answer.url == link("order-page", order)
    entry.refresh_from_db()
    assert (entry.status, entry.approved_as) == ("approved", "customer")


def test_order_page_approves_no_hours_of_other_orders() -> None:
    mine, other = world.done(), world.done()
    url = link("order-approve-hours", mine.assignment.order)
    anybody().post(url, {"entry": str(other.ref)})
    other.refresh_from_db()
    assert other.status == "submitted"


def test_order_page_dispute_needs_words_and_keeps_them() -> None:
    """The customer may approve some hours and dispute others, in their own words."""
    entry = world.done()
    url = link("order-dispute-hours", entry.assignment.order)
    assert anybody().post(url, {"entry": str(entry.ref)}).status_code == 422
    anybody().post(url, {"entry": str(entry.ref), "dispute-note": "Lähti klo 12"})
    entry.refresh_from_db()
    assert (entry.status, entry.note) == ("disputed", "Lähti klo 12")


def test_order_page_cancel_by_link_and_again_is_refused_in_words(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    order = world.order()
    url = link("order-cancel", order)
    assert anybody().post(url).status_code == 302
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert anybody().post(url).status_code == 409


def test_order_page_move_shows_the_price_before_it_moves(time_machine: Any) -> None:
    """The price before and after is seen before anything is done."""
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    order = world.order()
    asked = {"works_on": "2026-12-03", "starts": "10.00"}
    page = text_of(anybody().get(link("order-move", order), asked))
    assert "The price stays the same." in page
    order.refresh_from_db()
    assert order.works_on == world.THURSDAY
    anybody().post(link("order-move", order), asked)
    order.refresh_from_db()
    assert (order.works_on.isoformat(), order.starts.hour) == ("2026-12-03", 10)


def test_order_page_move_into_the_past_keeps_what_was_typed(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 25, 8, tzinfo=UTC), tick=False)
    order = world.order()
    answer = anybody().post(link("order-move", order), {"works_on": "2026-11-20", "starts": "9"})
    assert answer.status_code == 409
    assert "That time has passed" in text_of(answer)
    assert "2026-11-20" in text_of(answer)


def test_order_page_of_another_customer_is_404() -> None:
    """T1."""
    order = world.order()
    stranger = builders.user(Role.CUSTOMER)
    builders.contact(builders.customer(), user=stranger)
    answer = signed_in(stranger).get(reverse("billing:order-page", args=[order.ref]))
    assert answer.status_code == 404


def test_order_page_manager_reads_and_may_not_act() -> None:
    entry = world.done()
    ref = entry.assignment.order.ref
    client = as_(Role.MANAGER)
    page = text_of(client.get(reverse("billing:order-page", args=[ref])))
    assert "Approve the hours" not in page
    assert client.post(reverse("billing:order-approve-hours", args=[ref])).status_code == 403


def test_order_page_queries_do_not_grow_with_people() -> None:
    def queries(people: int) -> int:
        order = world.order(people=people)
        for _ in range(people):
            row = world.placed(order)
            world.check_in(row)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            anybody().get(link("order-page", order))
        return len(seen)

    assert queries(1) == queries(4)


def test_story_events_are_plain_words_with_first_names() -> None:
    order = world.order()
    row = world.placed(order, builders.worker(first_name="Aino", last_name="Sukunimi"))
    world.check_in(row)
    world.check_out(row)
    texts = [event.text for event in story_of(order, BILLING).events]
    assert any("Aino" in text for text in texts)
    assert not any("Sukunimi" in text for text in texts)


# --------------------------------------------------------------------------- hours


def test_hours_page_groups_and_approves_all_as_planned_in_one_click() -> None:
    """One click for what is as planned; the rest waits."""
    planned, longer = world.done(), world.done(extra_min=30)
    short = world.done(extra_min=-60)
    client = as_(Role.FINANCE)
    page = text_of(client.get(reverse("billing:hours")))
    for words in ("As planned", "Longer than planned", "Shorter than planned", "+0.5 h", "−1 h"):
        assert words in page
    of_the_form = re.findall(r'name="entry" value="([^"]+)" checked form="planned-form"', page)
    assert of_the_form == [str(planned.ref)]
    client.post(reverse("billing:hours-approve"), {"entry": [str(planned.ref)]})
    states = [HourEntry.objects.get(pk=e.pk).status for e in (planned, longer, short)]
    assert states == ["approved", "submitted", "submitted"]


def test_hours_page_open_hours_block_and_link_to_check_out() -> None:
    row = world.placed(world.order())
    world.check_in(row)
    page = text_of(as_(Role.DISPATCHER).get(reverse("billing:hours")))
    assert "Still at work" in page
    assert reverse("dispatch:order-detail", args=[row.order.ref]) in page


def test_hours_correct_and_approve_in_one_save() -> None:
    entry = world.done()
    client = as_(Role.DISPATCHER)
    url = reverse("billing:hours-correct", args=[entry.ref])
    assert client.get(url).status_code == 200
    data = {"works_on": "2026-11-26", "started": "9.00", "ended": "12.30", "break_min": "0",
            "note": "Avain", "approve": "1"}  # fmt: skip
    assert client.post(url, data).status_code == 302
    new = HourEntry.objects.get(corrects=entry)
    assert (new.status, new.work_min) == ("approved", 210)


def test_hours_correct_past_midnight_ends_the_next_day() -> None:
    """A night shift ends on the next date."""
    entry = world.done()
    data = {
        "works_on": "2026-11-26",
        "started": "20",
        "ended": "1.30",
        "break_min": "0",
        "note": "Yötyö",
    }
    as_(Role.FINANCE).post(reverse("billing:hours-correct", args=[entry.ref]), data)
    assert HourEntry.objects.get(corrects=entry).work_min == 330


def test_hours_correct_mistakes_are_shown_and_kept() -> None:
    entry = world.done()
    url = reverse("billing:hours-correct", args=[entry.ref])
    answer = as_(Role.FINANCE).post(url, {"started": "25.99", "ended": "12", "note": "Avain"})
    assert answer.status_code == 422
    assert "Enter the time, for example 9.00." in text_of(answer)
    assert "25.99" in text_of(answer)


def test_hours_dispute_is_answered_by_the_office() -> None:
    entry = world.done()
    url = reverse("billing:hours-dispute", args=[entry.ref])
    client = as_(Role.DISPATCHER)
    client.post(url, {"note": "Tarkistetaan"})
    entry.refresh_from_db()
    assert entry.status == "disputed"
    client.post(url, {"note": "Oikein on"})
    entry.refresh_from_db()
    assert (entry.status, entry.note) == ("submitted", "Oikein on")


def test_my_hours_shows_own_hours_and_never_money() -> None:
    user = builders.user(Role.WORKER)
    world.approved(
        world.order(on=BILLING.date() - timedelta(days=5)), worker=builders.worker(user=user)
    )
    other = world.approved()
    page = text_of(signed_in(user).get(reverse("billing:my-hours") + "?month=2026-11"))
    assert "4 h" in page
    assert "€" not in page
    assert other.assignment.order.site.street in page  # same address, own row only once
    assert page.count("Cleaning,") == 1


# --------------------------------------------------------------------------- invoicing


def ready_customer() -> Customer:
    customer: Customer = world.approved().assignment.order.customer
    return customer


def test_finance_month_run_takes_three_posts_and_tells_each_result() -> None:
    """Ready, drafts, issue and send; nothing twice, and one failure does not stop the others."""
    builders.organisation()
    good, bad = ready_customer(), ready_customer()
    Customer.objects.filter(pk=bad.pk).update(street="")
    client = as_(Role.FINANCE)
    page = text_of(client.get(reverse("billing:invoice-ready")))
    assert "256.00 €" in page  # the tab: two times 4 h at 32 €
    data = {"customer": [good.pk, bad.pk], "until": "2026-11-30"}
    client.post(reverse("billing:invoice-drafts-make"), data)
    assert "Issue and send" in text_of(client.get(reverse("billing:invoice-drafts")))
    refs = [str(i.ref) for i in Invoice.objects.all()]
    client.post(reverse("billing:invoice-run"), {"invoice": refs})
    result = text_of(client.get(reverse("billing:invoice-result")))
    assert "1 invoice sent." in result
    assert "the billing address is missing" in result
    assert result.index(bad.name) < result.index(good.name)
    assert sorted(Invoice.objects.values_list("status", flat=True)) == ["draft", "sent"]
    client.post(reverse("billing:invoice-run"), {"invoice": refs[:1]})
    assert Invoice.objects.filter(status="sent").count() == 1


def test_finance_ready_says_what_a_price_gap_is_about() -> None:
    customer = ready_customer()
    from orders.models import Tariff

    Tariff.objects.all().delete()
    client = as_(Role.FINANCE)
    page = text_of(client.get(reverse("billing:invoice-ready")))
    assert "has no price for Thu 26 Nov 2026" in page
    answer = client.post(
        reverse("billing:invoice-drafts-make"), {"customer": customer.pk}, follow=True
    )
    assert "has no price for" in text_of(answer)
    assert Invoice.objects.count() == 0


def made_invoice() -> Invoice:
    builders.organisation()
    customer = ready_customer()
    (draft,) = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
    return services.issue_invoice(draft, by=None, now=BILLING)


def test_finance_credit_issues_a_note_and_links_both_ways() -> None:
    """The credit note and the invoice link to each other."""
    invoice = made_invoice()
    client = as_(Role.FINANCE)
    url = reverse("billing:invoice-credit", args=[invoice.ref])
    assert client.post(url, {}).status_code == 422
    answer = client.post(url, {"credit-reason": "Väärä asiakas"}, follow=True)
    assert "Credit note" in text_of(answer)
    detail = text_of(client.get(reverse("billing:invoice-detail", args=[invoice.ref])))
    assert str(invoice.credit_notes.get().number) in detail


def test_finance_tabs_overdue_counts_and_sums(time_machine: Any) -> None:
    invoice = made_invoice()
    time_machine.move_to(BILLING + timedelta(days=20), tick=False)
    client = as_(Role.FINANCE)
    page = text_of(client.get(reverse("billing:invoice-drafts") + "?tab=overdue"))
    assert "160.64 €" in page
    client.post(reverse("billing:invoice-paid", args=[invoice.ref]), {"paid_on": "2026-12-15"})
    page = text_of(client.get(reverse("billing:invoice-drafts") + "?tab=overdue"))
    assert "Nothing is overdue." in page


def test_finance_draft_can_be_discarded_from_its_page() -> None:
    customer = ready_customer()
    (draft,) = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
    as_(Role.FINANCE).post(reverse("billing:invoice-discard", args=[draft.ref]))
    assert Invoice.objects.count() == 0


def test_invoice_pdf_customer_sees_own_only_and_no_drafts() -> None:
    """T1, T12."""
    invoice = made_invoice()
    owner, stranger = builders.user(Role.CUSTOMER), builders.user(Role.CUSTOMER)
    builders.contact(invoice.customer, user=owner)
    builders.contact(builders.customer(), user=stranger)
    url = reverse("billing:invoice-pdf", args=[invoice.ref])
    answer = signed_in(owner).get(url)
    assert answer.content.startswith(b"%PDF")
    assert signed_in(stranger).get(url).status_code == 404
    assert str(invoice.number) in text_of(
        signed_in(owner).get(reverse("billing:customer-invoices"))
    )
    draft = Invoice.objects.create(customer=invoice.customer, created_at=BILLING)
    url = reverse("billing:invoice-pdf", args=[draft.ref])
    assert signed_in(owner).get(url).status_code == 404
    assert as_(Role.FINANCE).get(url).status_code == 404


def test_invoice_pdf_reading_writes_nothing() -> None:
    """House rule: GET never writes."""
    invoice = made_invoice()
    as_(Role.FINANCE).get(reverse("billing:invoice-pdf", args=[invoice.ref]))
    invoice.refresh_from_db()
    assert invoice.pdf_path == ""


def test_finance_list_queries_do_not_grow_with_rows() -> None:
    builders.organisation()
    client = as_(Role.FINANCE)

    def queries(n: int) -> int:
        for _ in range(n):
            customer = ready_customer()
            services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("billing:invoice-drafts"))
        return len(seen)

    assert queries(1) == queries(3)


# --------------------------------------------------------------------------- figures


def test_manager_figures_link_to_rows_that_add_up() -> None:
    """Each number opens its rows."""
    made_invoice()
    cancelled = world.order(status="placed")
    cancel_order(cancelled, by=None, now=BILLING)
    world.order(people=2, at=world.time(15))
    client = as_(Role.MANAGER)
    page = text_of(client.get(reverse("reports:manager-home") + "?month=2026-11"))
    assert "1 of 3 places" in page
    assert "33%" in page
    for name, count in (("orders", 3), ("hours", 1)):
        rows = text_of(client.get(reverse(f"reports:manager-{name}") + "?month=2026-11"))
        assert f'<span class="count">{count}</span>' in rows
    december = text_of(client.get(reverse("reports:manager-home") + "?month=2026-12"))
    assert "128.00 €" in december
    rows = text_of(client.get(reverse("reports:manager-invoices") + "?month=2026-12"))
    assert "128.00 €" in rows
