"""The month run and what follows it: who sees what, and what each button does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from billing.invoices import services
from billing.models import Invoice
from orders.models import Customer
from tests import builders
from tests.billing.pages import as_, signed_in, text_of
from tests.billing.world import BILLING, made_invoice, ready_customer

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _december(time_machine: Any) -> None:
    time_machine.move_to(BILLING, tick=False)


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
