"""The pages of payments, reminders, credits and books, as finance uses them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from billing.dunning import services as dunning
from billing.invoices import settlement
from billing.models import Invoice
from billing.models.payments import BankEntry, BankFile, Payment, Reminder
from billing.papers.pdf.sheet import HEIGHT
from core.book_checks import broken_invariants
from core.models import OutboxMessage
from tests import builders
from tests.billing.bank_files import camt, one
from tests.billing.invoices.test_credit_notes import issued as issued_rows
from tests.billing.payments.test_payments import issued
from tests.billing.world import BILLING

pytestmark = pytest.mark.django_db
Answer = Callable[..., str]


@pytest.fixture
def page(client: Client, time_machine: Any) -> Client:
    builders.organisation()
    at(time_machine, 24)
    client.force_login(
        builders.user(Role.FINANCE), "allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def at(time_machine: Any, days: int) -> datetime:
    moment = BILLING + timedelta(days=days)
    time_machine.move_to(moment, tick=False)
    return moment


def text_of(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"billing:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def uploaded(client: Client, content: bytes, name: str = "tili.xml") -> object:
    return client.post(
        reverse("billing:payment-upload"), {"file": SimpleUploadedFile(name, content)}, follow=True
    )


# --------------------------------------------------------------------------- payments


def test_bank_file_preview_writes_nothing_then_each_row_has_its_result(page: Client) -> None:
    invoice = issued()
    content = camt(one("160.64", invoice.reference), one("12.00", message="Lahja"))
    assert uploaded(page, content).status_code == 200  # type: ignore[attr-defined]
    file = BankFile.objects.get()
    assert "Nothing has been written yet" in english(page, "payment-file", file.ref)
    assert not BankEntry.objects.exists()
    page.post(reverse("billing:payment-file-apply", args=[file.ref]))
    shown = english(page, "payment-file", file.ref)
    assert "Pays the invoice" in shown
    assert "No reference number: choose the invoice" in shown
    uploaded(page, content)
    page.post(reverse("billing:payment-file-apply", args=[file.ref]))
    assert (BankFile.objects.count(), BankEntry.objects.count()) == (1, 2)
    assert broken_invariants() == []


def english(client: Client, name: str, *args: object, **query: str) -> str:
    client.cookies["django_language"] = "en"
    return text_of(client, name, *args, **query)


@pytest.mark.parametrize(
    "content", [b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"hello", b"", b"\x00\x01"]
)
def test_what_is_no_bank_file_is_refused_with_words_on_the_field(
    page: Client, content: bytes
) -> None:
    answer = page.post(
        reverse("billing:payment-upload"), {"file": SimpleUploadedFile("x.xml", content)}
    )
    assert answer.status_code == 422
    assert b'href="#id_file"' in answer.content
    assert not BankFile.objects.exists()


def test_waiting_money_is_given_with_one_press_of_the_suggestion(page: Client) -> None:
    invoice = issued()
    uploaded(page, camt(one("160.64", message=f"Lasku {invoice.number}")))
    page.post(reverse("billing:payment-file-apply", args=[BankFile.objects.get().ref]))
    entry = BankEntry.objects.get()
    assert str(invoice.number) in text_of(page, "payment-entry", entry.ref)
    answer = page.post(
        reverse("billing:payment-entry-give", args=[entry.ref]),
        {"number": invoice.number, "amount": "160,64"},
    )
    assert answer.status_code == 302
    invoice.refresh_from_db()
    assert invoice.status == "paid"


def test_payment_by_hand_in_part_and_taken_back(page: Client) -> None:
    invoice = issued()
    url = reverse("billing:invoice-payments", args=[invoice.ref])
    fields = {"kind": "manual", "amount": "100,00", "paid_on": "2026-12-10"}
    assert page.post(url, fields).status_code == 302
    assert "60.64" in english(page, "invoice-payments", invoice.ref)
    assert page.post(url, {**fields, "amount": "100,001"}).status_code == 422
    assert page.post(url, {**fields, "paid_on": "2027-12-10"}).status_code == 409
    payment = Payment.objects.get()
    back = reverse("billing:payment-back", args=[payment.ref])
    assert page.post(back, {"back-note": ""}).status_code == 409
    assert page.post(back, {"back-note": "Väärä"}).status_code == 302
    invoice.refresh_from_db()
    assert invoice.open_sum == invoice.gross


# --------------------------------------------------------------------------- reminders


def test_reminder_is_two_clicks_from_the_overdue_tab(page: Client) -> None:
    invoice = issued()
    for half in (date(2026, 7, 1), date(2027, 1, 1)):
        dunning.enter_rate(half, Decimal("2.5"), source="x", by=None, now=BILLING)
    tab = text_of(page, "invoice-drafts", tab="overdue")
    link = f"{reverse('billing:reminders')}?invoice={invoice.ref}"
    assert link in tab
    assert page.get(link).status_code == 200
    assert not Reminder.objects.exists()
    answer = page.post(reverse("billing:reminders-send"), {"invoice": str(invoice.ref)})
    assert answer.status_code == 302
    reminder = Reminder.objects.get()
    assert OutboxMessage.objects.filter(kind="reminder").count() == 1
    pdf = page.get(reverse("billing:reminder-pdf", args=[reminder.ref]))
    assert pdf.content.startswith(b"%PDF-")
    again = page.post(reverse("billing:reminders-send"), {"invoice": str(invoice.ref)})
    assert again.status_code == 409
    assert Reminder.objects.count() == 1


def test_missing_rate_is_asked_for_on_the_page_and_then_it_goes_on(page: Client) -> None:
    invoice = issued()
    shown = text_of(page, "reminders", invoice=str(invoice.ref))
    assert 'name="percent"' in shown
    answer = page.post(
        reverse("billing:reminder-rate"),
        {
            "half": "2026-07-01",
            "percent": "2,5",
            "source": "Suomen Pankki",
            "invoice": str(invoice.ref),
        },
        follow=True,
    )
    assert b'name="percent"' not in answer.content
    assert f'value="{invoice.ref}"'.encode() in answer.content


# --------------------------------------------------------------------------- credit and copies


def test_credit_of_rows_is_looked_at_before_it_is_issued(page: Client) -> None:
    invoice, _entries = issued_rows()
    url = reverse("billing:invoice-credit-rows", args=[invoice.ref])
    fields = {"row": ["1", "3"], "credit-reason": "Virhe"}
    page.cookies["django_language"] = "en"
    shown = page.post(url, fields).content.decode()
    assert "321.28" in shown
    assert Invoice.objects.count() == 1
    assert page.post(url, {"credit-reason": "Virhe"}).status_code == 409
    other = page.post(url, {**fields, "row": ["1", "2", "3"], "seen": "1 3", "issue": "1"})
    assert other.status_code == 200, "another row was ticked after the look"
    assert "481.92" in other.content.decode()
    assert Invoice.objects.count() == 1
    assert 'name="seen" value="1 3"' in shown
    assert page.post(url, {**fields, "seen": "1 3", "issue": "1"}).status_code == 302
    note = Invoice.objects.get(kind="credit_note")
    assert note.gross == Decimal("-321.28")
    assert "credited already" in english(page, "invoice-credit-rows", invoice.ref)


def test_copy_says_copy_and_the_original_does_not(page: Client) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    invoice = issued()
    url = reverse("billing:invoice-pdf", args=[invoice.ref])
    texts = [
        "".join(p.extract_text() for p in PdfReader(BytesIO(page.get(u).content)).pages)
        for u in (url, f"{url}?copy=1")
    ]
    assert ("KOPIO" in texts[0], "KOPIO" in texts[1]) == (False, True)
    assert HEIGHT > 0


# --------------------------------------------------------------------------- books


def test_every_sum_of_the_books_opens_rows_that_add_up_to_it(page: Client) -> None:
    invoice, _entries = issued_rows()
    settlement.enter_payment(
        invoice, amount=Decimal("0.01"), on=BILLING.date(), by=None, now=BILLING
    )
    shown = english(page, "books", month="2026-12")
    for text in ("384.00", "97.92", "481.92", "481.91", "0.01"):
        assert text in shown, text
    assert "481.92" in english(page, "books-rows", month="2026-12", code="S", pct="25.5")
    assert "0.01" in english(page, "books-rows", month="2026-12", of="payments")
    assert "481.91" in english(page, "books-open")
    assert page.get(reverse("billing:books-rows"), {"code": "S", "pct": "x"}).status_code == 404
    for name in ("journal", "vat", "payments"):
        answer = page.get(reverse("billing:books-file", args=[name, 2026, 12]))
        assert answer["Content-Type"].startswith("text/csv")
    assert page.get(reverse("billing:books-file", args=["x", 2026, 12])).status_code == 404
    assert page.get(reverse("billing:books-open-file")).status_code == 200
