"""E-invoices on their way: once, with a receipt, whatever the other side does."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Organisation, Role
from billing.invoices import delivery, services
from billing.invoices.delivery import EmailBackend, FolderBackend, HttpBackend, Parcel
from billing.invoices.document import pdf_of
from billing.invoices.prices import missing_for_invoice
from billing.models import EInvoice, Invoice
from billing.papers.einvoice.formats import Format
from core import guards, outbox
from core.models import OutboxMessage
from core.outbox import Refused, Rejected, Unsure
from core.outbox_lifecycle import OutboxState
from core.violations import RuleBroken
from orders.models import Customer
from tests import builders
from tests.billing import world
from tests.billing.pages import as_, text_of
from tests.billing.world import BILLING
from tests.einvoice_oracle import problems_of

OURS = {"e_invoice_address": "003720774740", "e_invoice_operator": "003723327487"}
PARCEL = Parcel("invoice:invoice:1000:einvoice:1", "finvoice-invoice-1000.xml", b"<Finvoice/>",
                "finvoice", "003701120389", "NDEAFIHH")  # fmt: skip


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, settings: Any, time_machine: Any) -> None:
    settings.EINVOICE_FOLDER = tmp_path / "out"
    settings.EINVOICE_BACKEND = "billing.invoices.delivery.FolderBackend"
    time_machine.move_to(BILLING, tick=False)


def einvoice_customer(channel: str = "finvoice", **fields: Any) -> Customer:
    values = {
        "name": "Kahvila & Söner <Oy>",
        "business_id": "0112038-9",
        "invoice_email": "",
        "invoice_channel": channel,
        "e_invoice_address": "003701120389",
        "e_invoice_operator": "NDEAFIHH",
    }
    return builders.customer(**(values | fields))


def drafted(customer: Customer) -> Invoice:
    world.approved(world.order(customer=customer))
    # Other messages about the work are not of interest here.
    OutboxMessage.objects.all().delete()
    (draft,) = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
    return draft


def issued(channel: str = "finvoice", **fields: Any) -> Invoice:
    builders.organisation(**OURS)
    return services.issue_invoice(
        drafted(einvoice_customer(channel, **fields)), by=None, now=BILLING
    )


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> list[str]:
    return [v.code for v in error.value.violations]


# --------------------------------------------------------------------------- through the product


@pytest.mark.django_db
@pytest.mark.parametrize(("channel", "to"), [("finvoice", "finvoice"), ("peppol", "ubl")])
def test_send_writes_one_message_and_the_folder_gets_one_valid_file(
    channel: str, to: str, tmp_path: Path
) -> None:
    """Issue, send, deliver; the file in the folder is valid and its receipt is kept."""
    invoice = issued(channel)
    services.send_invoice(invoice, by=None, now=BILLING)
    [message] = OutboxMessage.objects.filter(kind="einvoice")
    assert (message.to, message.resend_if_unknown) == ("003701120389", False)
    assert not OutboxMessage.objects.filter(kind="invoice").exists(), "no second copy by e-mail"
    assert outbox.deliver_due(BILLING) == 1
    [path] = list((tmp_path / "out").iterdir())
    assert path.name == f"{to}-invoice-{invoice.number}.xml"
    row = EInvoice.objects.get()
    assert path.read_bytes() == bytes(row.content)
    assert row.receipt.startswith(path.name)
    assert problems_of({path.name: path.read_bytes()}) == []
    assert mail.outbox == []


@pytest.mark.django_db
def test_send_again_never_doubles(tmp_path: Path) -> None:
    """A second sending, a second delivery and a lost answer leave one file."""
    invoice = issued()
    services.send_invoice(invoice, by=None, now=BILLING)
    with pytest.raises(RuleBroken):
        services.send_invoice(Invoice.objects.get(pk=invoice.pk), by=None, now=BILLING)
    assert delivery.enqueue(invoice, now=BILLING) == OutboxMessage.objects.get(kind="einvoice")
    outbox.deliver_due(BILLING)
    outbox.deliver_due(BILLING + timedelta(days=1))
    # The process died between the receipt and the outbox row; a person says "send again".
    OutboxMessage.objects.update(state=OutboxState.UNKNOWN)
    message = OutboxMessage.objects.get(kind="einvoice")
    os.remove(tmp_path / "out" / message.subject)  # noqa: PTH107 - the operator fetched it
    outbox.settle(message, delivered=False, by=builders.user(), now=BILLING)
    assert outbox.deliver_due(BILLING + timedelta(days=2)) == 1
    assert list((tmp_path / "out").iterdir()) == [], "it was not written a second time"


@pytest.mark.django_db
def test_sent_file_stays_what_it_was_when_the_card_changes() -> None:
    invoice = issued()
    services.send_invoice(invoice, by=None, now=BILLING)
    before = delivery.einvoice_bytes(invoice, Format.FINVOICE)
    Customer.objects.update(e_invoice_operator="OKOYFIHH", name="Toinen Oy")
    invoice = Invoice.objects.get(pk=invoice.pk)
    assert delivery.einvoice_bytes(invoice, Format.FINVOICE) == before
    assert b"NDEAFIHH" in before


@pytest.mark.django_db
def test_address_of_the_card_counts_until_it_is_sent() -> None:
    """Content is frozen at the issue; where it goes is what the card says when it leaves."""
    invoice = issued()
    Customer.objects.update(e_invoice_operator="OKOYFIHH", name="Toinen Oy")
    content = delivery.einvoice_bytes(Invoice.objects.get(pk=invoice.pk), Format.FINVOICE)
    assert b"<ToIntermediator>OKOYFIHH" in content
    assert b"Toinen" not in content


@pytest.mark.django_db
def test_credit_note_goes_the_same_way_and_is_valid() -> None:
    """A whole credit by the service, in both formats."""
    invoice = issued()
    note = services.credit_invoice(invoice, by=None, now=BILLING, reason="väärä hinta")
    services.send_invoice(note, by=None, now=BILLING)
    assert outbox.deliver_due(BILLING) == 1
    files = {str(to): delivery.einvoice_bytes(note, to) for to in Format}
    assert f"<OriginalInvoiceNumber>{invoice.number}<".encode() in files["finvoice"]
    assert b"<CreditNote " in files["ubl"]
    assert problems_of(files) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("registered", "site", "code"), [(True, True, "AE"), (False, False, "O")])
def test_invoices_without_vat_are_valid_as_the_product_makes_them(
    registered: bool, site: bool, code: str
) -> None:
    builders.organisation(**OURS, vat_registered=registered)
    customer = einvoice_customer(construction_seller=site)
    world.approved(world.order(customer=customer, construction_site=site))
    (draft,) = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
    invoice = services.issue_invoice(draft, by=None, now=BILLING)
    assert {line.vat_code for line in invoice.lines.all()} == {code}
    files = {str(to): delivery.einvoice_bytes(invoice, to) for to in Format}
    assert problems_of(files) == []


# --------------------------------------------------------------------------- what is lacking


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"e_invoice_address": ""}, "einvoice_address_missing"),
        ({"e_invoice_address": "003701120388"}, "einvoice_ovt"),
        ({"e_invoice_operator": ""}, "einvoice_operator_missing"),
        ({"e_invoice_operator": "Apix"}, "einvoice_operator"),
        (
            {"invoice_channel": "peppol", "e_invoice_address": "FI2112345600000785"},
            "einvoice_peppol_address",
        ),
        ({"invoice_channel": "peppol", "kind": "public"}, "einvoice_reference_missing"),
    ],
)
def test_what_the_card_lacks_is_said_in_words_before_anything_is_issued(
    fields: dict[str, str], code: str
) -> None:
    customer = einvoice_customer()
    Customer.objects.filter(pk=customer.pk).update(**fields)
    customer.refresh_from_db()
    assert missing_for_invoice(customer) == [code]
    builders.organisation(**OURS)
    draft = drafted(customer)
    with pytest.raises(RuleBroken) as error:
        services.issue_invoice(draft, by=None, now=BILLING)
    assert codes(error) == [code]
    from accounts.einvoice_texts import einvoice_text

    with override("en"):
        words = str(einvoice_text(code))
    client = as_(Role.FINANCE)
    card = text_of(client.get(reverse("orders:customer-detail", args=[customer.ref])))
    assert words.split("'", maxsplit=1)[0] in card


@pytest.mark.django_db
def test_ready_page_says_what_the_card_lacks() -> None:
    builders.organisation(**OURS)
    world.approved(world.order(customer=einvoice_customer(e_invoice_address="")))
    page = text_of(as_(Role.FINANCE).get(reverse("billing:invoice-ready")))
    assert "The e-invoice address is missing." in page


@pytest.mark.django_db
def test_our_address_of_the_issue_counts_when_the_card_lost_it() -> None:
    invoice = issued()
    Organisation.objects.update(e_invoice_address="")
    services.send_invoice(invoice, by=None, now=BILLING)
    assert OutboxMessage.objects.filter(kind="einvoice").count() == 1


@pytest.mark.django_db
def test_organisation_without_an_address_cannot_send() -> None:
    builders.organisation()
    invoice = services.issue_invoice(drafted(einvoice_customer()), by=None, now=BILLING)
    with pytest.raises(RuleBroken) as error:
        services.send_invoice(invoice, by=None, now=BILLING)
    assert codes(error) == ["einvoice_our_address"]
    invoice.refresh_from_db()
    assert invoice.status == "issued", "the refusal undid the change of state"
    assert not OutboxMessage.objects.filter(kind="einvoice").exists()


@pytest.mark.django_db
def test_every_code_has_words() -> None:
    import re

    from accounts import einvoice_address, einvoice_texts
    from billing.papers.einvoice import formats
    from orders.rules import customer_card as einvoice_card

    source = "".join(
        Path(m.__file__ or "").read_text()
        for m in (einvoice_address, einvoice_card, formats, delivery)
    )
    used = set(re.findall(r'"(einvoice_[a-z_]+)"', source))
    assert len(used) >= 12
    assert [code for code in used if not einvoice_texts.einvoice_text(code)] == []


# --------------------------------------------------------------------------- pages and command


@pytest.mark.django_db
def test_card_form_checks_and_normalises_the_address() -> None:
    customer = builders.customer(business_id="0112038-9")
    client = as_(Role.FINANCE)
    url = reverse("orders:customer-edit", args=[customer.ref])
    typed = {
        "name": "Kahvila Oy",
        "business_id": customer.business_id,
        "kind": "public",
        "payment_term_days": "14",
        "language": "fi",
        "active": "on",
        "invoice_channel": "peppol",
        "e_invoice_address": "0037 0112 0388",
        "e_invoice_operator": "Apix",
    }
    page = client.post(url, typed)
    assert page.status_code == 200
    text = text_of(page)
    for words in ("Check the OVT code", "Check the operator", "its reference"):
        assert words in text, words
    good = typed | {
        "e_invoice_address": "0037 0112 0389",
        "e_invoice_operator": "ndeafihh",
        "invoice_reference": "KP 4001",
    }
    assert client.post(url, good).status_code == 302
    customer.refresh_from_db()
    assert (customer.e_invoice_address, customer.e_invoice_operator) == ("003701120389", "NDEAFIHH")
    assert customer.invoice_channel == "peppol"


@pytest.mark.django_db
def test_organisation_page_of_the_settings_checks_the_address() -> None:
    from accounts.admin import OrganisationForm

    row = builders.organisation()
    data = {f.name: getattr(row, f.name) for f in row._meta.fields} | OURS
    assert OrganisationForm(data, instance=row).is_valid()
    wrong = OrganisationForm(data | {"e_invoice_address": "003720774741"}, instance=row)
    assert set(wrong.errors) == {"e_invoice_address"}


@pytest.mark.django_db
def test_invoice_page_offers_the_e_invoice_and_shows_the_receipt() -> None:
    invoice = issued()
    client = as_(Role.FINANCE)
    url = reverse("billing:invoice-detail", args=[invoice.ref])
    assert "Send as an e-invoice" in text_of(client.get(url))
    page = client.post(reverse("billing:invoice-send", args=[invoice.ref]), follow=True)
    assert "Sent to 003701120389." in text_of(page)
    outbox.deliver_due(BILLING)
    assert f"finvoice-invoice-{invoice.number}.xml" in text_of(client.get(url))
    file = client.get(reverse("billing:invoice-xml", args=[invoice.ref]))
    assert file["Content-Type"] == "application/xml"
    assert file.content == bytes(EInvoice.objects.get().content)


@pytest.mark.django_db
def test_xml_of_a_customer_without_an_address_explains(client: Client) -> None:
    builders.organisation(**OURS)
    invoice = services.issue_invoice(drafted(builders.customer()), by=None, now=BILLING)
    page = as_(Role.FINANCE).get(reverse("billing:invoice-xml", args=[invoice.ref]))
    assert page.status_code == 409
    assert "The e-invoice address is missing." in text_of(page)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["finvoice", "ubl", "pdf"])
def test_command_writes_the_file(kind: str, tmp_path: Path) -> None:
    invoice = issued()
    out = tmp_path / "file"
    call_command("einvoice", str(invoice.number), "--format", kind, "--out", str(out))
    content = out.read_bytes()
    if kind == "pdf":
        assert content == pdf_of(invoice)
    else:
        assert content == delivery.einvoice_bytes(invoice, Format(kind))


@pytest.mark.django_db
def test_command_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no invoice 77"):
        call_command("einvoice", "77")
    invoice = issued()
    Customer.objects.update(e_invoice_address="FI2112345600000785")
    with pytest.raises(CommandError, match="Peppol needs an OVT code"):
        call_command("einvoice", str(invoice.number), "--format", "ubl")
    Invoice.objects.filter(pk=invoice.pk).update(status="sent")
    other = Invoice(
        series="credit_note",
        number=invoice.number,
        customer=invoice.customer,
        status="issued",
        issued_on=invoice.issued_on,
        created_at=BILLING,
    )
    other.save()
    with pytest.raises(CommandError, match="several series"):
        call_command("einvoice", str(invoice.number))


# --------------------------------------------------------------------------- the folder


def test_folder_writes_whole_files_only_and_never_twice(tmp_path: Path, settings: Any) -> None:
    receipt = FolderBackend().deliver(PARCEL)
    path = settings.EINVOICE_FOLDER / PARCEL.name
    assert path.read_bytes() == PARCEL.content
    assert receipt == f"{PARCEL.name} {hashlib.sha256(PARCEL.content).hexdigest()[:16]}"
    stamp = path.stat().st_mtime_ns
    assert FolderBackend().deliver(PARCEL) == receipt
    assert path.stat().st_mtime_ns == stamp
    assert [p.name for p in settings.EINVOICE_FOLDER.iterdir()] == [PARCEL.name]


def test_folder_without_hard_links_works_the_same(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*args: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(delivery.os, "link", no_links)
    receipt = FolderBackend().deliver(PARCEL)
    assert FolderBackend().deliver(PARCEL) == receipt
    assert [p.name for p in settings.EINVOICE_FOLDER.iterdir()] == [PARCEL.name]


def test_folder_with_another_file_of_that_name_needs_a_person(settings: Any) -> None:
    settings.EINVOICE_FOLDER.mkdir(parents=True)
    (settings.EINVOICE_FOLDER / PARCEL.name).write_bytes(b"other")
    with pytest.raises(Rejected):
        FolderBackend().deliver(PARCEL)
    assert (settings.EINVOICE_FOLDER / PARCEL.name).read_bytes() == b"other"


def test_folder_full_disk_leaves_no_half_file(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(delivery.os, "fsync", full)
    with pytest.raises(Refused, match="No space"):
        FolderBackend().deliver(PARCEL)
    assert list(settings.EINVOICE_FOLDER.iterdir()) == []


def test_folder_that_cannot_be_made_waits(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    settings.EINVOICE_FOLDER = tmp_path / "file" / "below"
    with pytest.raises(Refused):
        FolderBackend().deliver(PARCEL)


# --------------------------------------------------------------------------- the mailbox


def test_mail_to_the_operator_carries_the_file(settings: Any) -> None:
    settings.EINVOICE_EMAIL = "laskut@operaattori.example"
    receipt = EmailBackend().deliver(PARCEL)
    [sent] = mail.outbox
    assert sent.to == ["laskut@operaattori.example"]
    assert sent.attachments[0].content == PARCEL.content
    assert receipt == sent.message()["Message-ID"] == outbox.message_id(PARCEL.key)


def test_mail_without_an_address_needs_a_person(settings: Any) -> None:
    settings.EINVOICE_EMAIL = ""
    with pytest.raises(Rejected):
        EmailBackend().deliver(PARCEL)


# --------------------------------------------------------------------------- the API


class Operator(BaseHTTPRequestHandler):
    """An operator that answers as it is told and remembers what it got."""

    answer: ClassVar[tuple[int, bytes, float]] = (202, b"id 42", 0)
    got: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).got.append((self.path, dict(self.headers), body))
        status, text, wait = type(self).answer
        time.sleep(wait)
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except OSError:
            return

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def operator(settings: Any) -> Iterator[type[Operator]]:
    server = HTTPServer(("127.0.0.1", 0), Operator)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Operator.answer, Operator.got[:] = (202, b"id 42", 0), []
    settings.EINVOICE_URL = f"http://127.0.0.1:{server.server_port}/invoices?sender=1"
    settings.EINVOICE_TOKEN = "secret-token"
    settings.EINVOICE_TIMEOUT_S = 0.5
    yield Operator
    server.shutdown()
    server.server_close()
    thread.join()


def test_http_posts_the_file_with_key_and_token(operator: type[Operator]) -> None:
    assert HttpBackend().deliver(PARCEL) == "HTTP 202 id 42"
    [(path, headers, body)] = operator.got
    assert (path, body) == ("/invoices?sender=1", PARCEL.content)
    assert headers["Authorization"] == "Bearer secret-token"
    assert headers["Idempotency-Key"] == hashlib.sha256(PARCEL.key.encode()).hexdigest()
    assert headers["Content-Type"] == "application/xml"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, Rejected), (400, Rejected), (401, Rejected), (404, Rejected), (409, Rejected),
        (422, Rejected), (408, Refused), (429, Refused), (500, Refused), (503, Refused),
        (502, Unsure), (504, Unsure),
    ],
)  # fmt: skip
def test_http_answer_decides_what_happens(
    operator: type[Operator], status: int, error: type[Exception]
) -> None:
    operator.answer = (status, b"no such receiver", 0)
    with pytest.raises(error, match=f"HTTP {status}") as found:
        HttpBackend().deliver(PARCEL)
    assert type(found.value) is error
    assert len(operator.got) == 1, "nothing is followed or repeated"


def test_http_silence_after_the_file_is_unsure(operator: type[Operator]) -> None:
    operator.answer = (202, b"", 1.0)
    with pytest.raises(Unsure, match=r"[Tt]ime"):
        HttpBackend().deliver(PARCEL)


def test_http_answer_cut_in_the_middle_is_unsure(settings: Any) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        peer, _ = listener.accept()
        peer.recv(65536)
        peer.close()

    thread = threading.Thread(target=hang_up, daemon=True)
    thread.start()
    settings.EINVOICE_URL = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with pytest.raises(Unsure):
        HttpBackend().deliver(PARCEL)
    thread.join()
    listener.close()


def test_http_nobody_there_is_refused(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.EINVOICE_URL = f"http://127.0.0.1:{port}/"
    with pytest.raises(Refused, match="ConnectionRefused"):
        HttpBackend().deliver(PARCEL)


@pytest.mark.parametrize("url", ["", "http://operator.example/", "ftp://operator.example/"])
def test_http_without_tls_is_never_spoken_to_others(settings: Any, url: str) -> None:
    settings.EINVOICE_URL = url
    with pytest.raises(Rejected, match="https"):
        HttpBackend().deliver(PARCEL)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "state", "asked"),
    [
        ((202, b"id 42", 0), OutboxState.SENT, 1),
        ((422, b"unknown receiver", 0), OutboxState.DEAD, 1),
        ((503, b"", 0), OutboxState.PENDING, 1),
        ((202, b"", 1.0), OutboxState.UNKNOWN, 1),
    ],
)
def test_outbox_state_follows_the_operators_answer(
    operator: type[Operator],
    settings: Any,
    answer: tuple[int, bytes, float],
    state: str,
    asked: int,
) -> None:
    """Time-out stops for a person, 4xx ends at once, 5xx is tried again, success has a receipt."""
    settings.EINVOICE_BACKEND = "billing.invoices.delivery.HttpBackend"
    operator.answer = answer
    services.send_invoice(issued(), by=None, now=BILLING)
    outbox.deliver_due(BILLING)
    outbox.deliver_due(BILLING + timedelta(seconds=5))
    message = OutboxMessage.objects.get(kind="einvoice")
    assert message.state == state
    assert len(operator.got) == asked
    assert bool(EInvoice.objects.get().receipt) is (state == OutboxState.SENT)
    if state == OutboxState.PENDING:
        operator.answer = (201, b"ok", 0)
        assert outbox.deliver_due(message.due_at + timedelta(seconds=1)) == 1
        keys = {headers["Idempotency-Key"] for _, headers, _ in operator.got}
        assert len(keys) == 1, "the operator can tell that it is the same invoice"


@pytest.mark.django_db
def test_refused_for_good_can_be_sent_again_to_the_right_address(
    operator: type[Operator], settings: Any
) -> None:
    """The card was wrong, the operator says 422; after the correction a new one leaves, once."""
    settings.EINVOICE_BACKEND = "billing.invoices.delivery.HttpBackend"
    operator.answer = (422, b"unknown receiver", 0)
    invoice = issued()
    services.send_invoice(invoice, by=None, now=BILLING)
    outbox.deliver_due(BILLING)
    client = as_(Role.FINANCE)
    url = reverse("billing:invoice-detail", args=[invoice.ref])
    page = text_of(client.get(url))
    assert "HTTP 422 unknown receiver" in page
    assert "Send again" in page
    Customer.objects.update(e_invoice_address="003720774740")
    operator.answer = (202, b"id 43", 0)
    for _ in range(2):
        client.post(reverse("billing:invoice-send", args=[invoice.ref]))
    outbox.deliver_due(BILLING)
    first, second = OutboxMessage.objects.filter(kind="einvoice").order_by("id")
    assert (first.state, second.state) == (OutboxState.DEAD, OutboxState.SENT)
    assert [b'<ToIdentifier SchemeID="0216">003720774740' in body for *_, body in operator.got] == [
        False,
        True,
    ]
    assert "Send again" not in text_of(client.get(url))
    # The old one cannot leave any more, even when somebody says so in the settings.
    outbox.settle(first, delivered=False, by=builders.user(), now=BILLING)
    outbox.deliver_due(BILLING)
    first.refresh_from_db()
    assert first.state == OutboxState.DEAD
    assert len(operator.got) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"content": b"<Finvoice/>"}, {"address": "x"}, {"format": "ubl"}]
)
@pytest.mark.engine
def test_sent_file_cannot_be_changed_or_deleted(change: dict[str, Any]) -> None:
    services.send_invoice(issued(), by=None, now=BILLING)
    with pytest.raises(DatabaseError, match="einvoice_frozen"), transaction.atomic():
        EInvoice.objects.update(**change)
    with pytest.raises(DatabaseError, match="einvoice_frozen"), transaction.atomic():
        EInvoice.objects.all().delete()


@pytest.mark.django_db
@pytest.mark.engine
def test_bytes_changed_behind_the_guard_are_not_sent(tmp_path: Path) -> None:
    """Negative control: without the guard the change goes through, and the carrier sees it."""
    services.send_invoice(issued(), by=None, now=BILLING)
    guards.drop(only="einvoice_frozen")
    EInvoice.objects.update(content=b"<Finvoice/>")
    guards.install(only="einvoice_frozen")
    assert outbox.deliver_due(BILLING) == 0
    message = OutboxMessage.objects.get(kind="einvoice")
    assert message.state == OutboxState.DEAD
    assert not (tmp_path / "out").exists()


@pytest.mark.django_db
def test_wrong_backend_name_waits_until_it_is_put_right(settings: Any) -> None:
    services.send_invoice(issued(), by=None, now=BILLING)
    settings.EINVOICE_BACKEND = "billing.invoices.delivery.NoSuchBackend"
    assert outbox.deliver_due(BILLING) == 0
    message = OutboxMessage.objects.get(kind="einvoice")
    assert message.state == OutboxState.PENDING
    settings.EINVOICE_BACKEND = "billing.invoices.delivery.FolderBackend"
    assert outbox.deliver_due(message.due_at + timedelta(seconds=1)) == 1
    assert django_settings.EINVOICE_FOLDER.exists()
