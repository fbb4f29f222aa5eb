"""Finance's lists: search over all tabs, what a failed row offers, sums beside the lines."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from billing import tasks
from billing.invoices import drafting, services, settlement
from billing.invoices import views as invoice_views
from billing.invoices.document import document_of
from billing.models import Invoice
from billing.rules.reference import format_reference
from orders.models import Customer
from tests import builders
from tests.billing import world
from tests.billing.pages import as_, text_of
from tests.billing.world import BILLING

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _december(time_machine: Any) -> None:
    time_machine.move_to(BILLING, tick=False)


def draft(name: str) -> Invoice:
    customer = world.approved().assignment.order.customer
    Customer.objects.filter(pk=customer.pk).update(name=name)
    (made,) = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
    return made


def issued(name: str) -> Invoice:
    return services.issue_invoice(draft(name), by=None, now=BILLING)


def found(client: Client, words: str, tab: str = "overdue") -> str:
    page = client.get(reverse("billing:invoice-drafts"), {"tab": tab, "q": words})
    return text_of(page).split("<main", 1)[1]


@pytest.mark.django_db
def test_search_finds_by_number_reference_and_customer_whatever_the_tab() -> None:
    """Paid and sent invoices are found too, because who asks does not know the tab."""
    builders.organisation()
    paid, sent = issued("Kukkakauppa Orvokki Oy"), issued("Autokorjaamo Rengas Oy")
    settlement.pay_rest(paid, on=BILLING.date(), by=None, now=BILLING)
    waiting = draft("Leipomo Saari Oy")
    client = as_(Role.FINANCE)
    for words in (str(paid.number), format_reference(paid.reference), "orvokki"):
        page = found(client, words)
        assert "Orvokki" in page, words
        assert "Rengas" not in page, words
    assert str(sent.number) in found(client, "Rengas")
    assert reverse("billing:invoice-detail", args=[waiting.ref]) in found(client, "leipomo")


@pytest.mark.parametrize("words", ["9" * 30, "²", "%", "'; drop", "no such customer"])
def test_search_without_a_match_says_so(words: str) -> None:
    builders.organisation()
    issued("Kukkakauppa Orvokki Oy")
    page = found(as_(Role.FINANCE), words)
    assert "Nothing matches your search." in page
    assert "Orvokki" not in page


def test_search_offers_no_run_of_what_it_found() -> None:
    """Drafts go out from their own tab only, where all of them are seen."""
    builders.organisation()
    draft("Leipomo Saari Oy")
    client = as_(Role.FINANCE)
    assert reverse("billing:invoice-run") in text_of(client.get(reverse("billing:invoice-drafts")))
    assert reverse("billing:invoice-run") not in found(client, "leipomo", "drafts")


def test_result_links_a_failed_row_to_the_customers_card() -> None:
    """The remedy is one click away from the reason."""
    builders.organisation()
    good, bad = draft("Hyvä Oy"), draft("Huono Oy")
    Customer.objects.filter(pk=bad.customer_id).update(invoice_email="")
    client = as_(Role.FINANCE)
    client.post(reverse("billing:invoice-run"), {"invoice": [str(good.ref), str(bad.ref)]})
    page = text_of(client.get(reverse("billing:invoice-result")))
    assert "Issued, not sent" in page
    assert reverse("orders:customer-detail", args=[bad.customer.ref]) in page
    assert reverse("orders:customer-detail", args=[good.customer.ref]) not in page


def test_invoice_page_shows_the_sums_of_the_document() -> None:
    builders.organisation()
    invoice = issued("Kukkakauppa Orvokki Oy")
    url = reverse("billing:invoice-detail", args=[invoice.ref])
    page = text_of(as_(Role.FINANCE).get(url))
    assert "128.00 € + VAT 32.64 €" in page
    assert format_reference(invoice.reference) in page
    assert document_of(invoice).gross == invoice.gross


def test_send_again_is_not_offered_once_sent() -> None:
    """An invoice goes out once."""
    builders.organisation()
    invoice = issued("Kukkakauppa Orvokki Oy")
    client = as_(Role.FINANCE)
    page, send = (reverse(f"billing:invoice-{n}", args=[invoice.ref]) for n in ("detail", "send"))
    assert send in text_of(client.get(page))
    client.post(send)
    assert send not in text_of(client.get(page))
    assert client.post(send).status_code == 409


def test_ready_queries_do_not_grow_with_customers() -> None:
    builders.organisation()
    client = as_(Role.FINANCE)

    def queries(more: int) -> int:
        for _ in range(more):
            # Long enough for a break, whose usual length is asked from the legal limits.
            world.approved(world.order(duration_min=480))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("billing:invoice-ready")).status_code == 200
        return len(seen)

    assert queries(1) == queries(4)


def test_all_drafts_go_from_any_page_but_those_unticked_or_made_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Drafts by pages, and still one click for all that were there."""
    monkeypatch.setattr(invoice_views, "PAGE_SIZE", 1)
    builders.organisation()
    unticked, other, last = draft("Aamu Oy"), draft("Ilta Oy"), draft("Yö Oy")
    client = as_(Role.FINANCE)
    html = client.get(reverse("billing:invoice-drafts")).content.decode()
    assert f'name="shown" value="{unticked.ref}"' in html
    assert f'name="all_until" value="{last.pk}"' in html
    assert "?page=2" in html
    later = draft("Zeta Oy")
    client.post(
        reverse("billing:invoice-run"), {"shown": str(unticked.ref), "all_until": str(last.pk)}
    )
    left = Invoice.objects.filter(status="draft")
    assert set(left) == {unticked, later}
    other.refresh_from_db()
    assert other.number


def test_one_page_of_drafts_has_no_button_for_all() -> None:
    builders.organisation()
    draft("Aamu Oy")
    client = as_(Role.FINANCE)
    assert "all_until" not in client.get(reverse("billing:invoice-drafts")).content.decode()


def ready_for(names: list[str]) -> list[Customer]:
    """Customers with approved hours that no draft has yet."""
    builders.organisation()
    owners = [builders.customer(name=name) for name in names]
    for owner in owners:
        world.approved(world.order(customer=owner))
    return owners


def test_ready_is_shown_by_pages_and_drafts_are_made_for_all_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whose tick was taken off is left out, the others of all pages get their drafts."""
    monkeypatch.setattr(invoice_views.paging, "PAGE_SIZE", 1)
    aamu, ilta, yo = ready_for(["Aamu Oy", "Ilta Oy", "Yö Oy"])
    client = as_(Role.FINANCE)
    html = client.get(reverse("billing:invoice-ready")).content.decode()
    assert "Make drafts for all 3 customers" in html
    assert "Aamu Oy" in html
    assert "Ilta Oy" not in html
    client.post(reverse("billing:invoice-drafts-make"), {"all": "1", "shown": str(aamu.pk)})
    assert {row.customer for row in Invoice.objects.all()} == {ilta, yo}


def test_drafts_of_many_customers_go_on_in_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a thousand customers; pressing twice makes nothing twice."""
    owners = ready_for(["Aamu Oy", "Ilta Oy", "Yö Oy"])
    rung: list[tuple[object, ...]] = []
    monkeypatch.setattr(drafting, "AT_ONCE_S", 0.0)
    monkeypatch.setattr(drafting, "async_task", lambda *args, **_options: rung.append(args))
    client = as_(Role.FINANCE)
    chosen = {"customer": [str(owner.pk) for owner in owners]}
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = client.post(reverse("billing:invoice-drafts-make"), chosen, follow=True)
    done = Invoice.objects.count()
    assert done < 3
    assert "being made" in answer.content.decode()
    ((name, ids, *rest),) = rung
    assert name == "billing.tasks.make_drafts"
    assert len(ids) == 3 - done
    for _press in range(2):
        tasks.make_drafts(ids, *rest)
        assert Counter(Invoice.objects.values_list("customer", flat=True)) == {
            owner.pk: 1 for owner in owners
        }


def test_task_that_runs_out_of_time_hands_the_rest_on(monkeypatch: pytest.MonkeyPatch) -> None:
    owners = ready_for(["Aamu Oy", "Ilta Oy"])
    rung: list[tuple[object, ...]] = []
    monkeypatch.setattr(drafting, "TASK_S", -1.0)
    monkeypatch.setattr(drafting, "async_task", lambda *args, **_options: rung.append(args))
    by = builders.user(Role.FINANCE)
    with TestCase.captureOnCommitCallbacks(execute=True):
        tasks.make_drafts([o.pk for o in owners], "2026-12-31", by.pk)
    assert [args[1] for args in rung] == [[o.pk for o in owners]]
