"""E-invoices on their way: written once, carried once, with the receipt of whoever took them.

`enqueue` makes the file from the frozen invoice and the address on the customer's card, keeps it
in the transaction of the sending and writes one outbox message. The message leaves through the
backend that settings.EINVOICE_BACKEND names. A backend raises what the outbox understands: Refused
(try later), Rejected (a person must look), Unsure (it may have arrived: never repeated blindly).
"""

from __future__ import annotations

import hashlib
import http.client
import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from accounts.models import Organisation
from billing.models import EInvoice, Invoice
from billing.papers.einvoice.formats import Format, lacks, render
from billing.papers.einvoice.text import TooLong
from billing.rules.document import InvoiceDocument, Party
from core import messages, outbox
from core.languages import Language
from core.messages import Recipient
from core.models import OutboxMessage
from core.outbox import Refused, Rejected, Unsure
from core.outbox_lifecycle import OutboxState
from core.violations import RuleBroken
from orders.models import Customer
from orders.rules.customer_card import Channel

KIND = "einvoice"
FORMATS = {Channel.FINVOICE: Format.FINVOICE, Channel.PEPPOL: Format.UBL}
LOCAL = {"127.0.0.1", "localhost", "::1"}


# --------------------------------------------------------------------------- making


def einvoice_document(invoice: Invoice) -> InvoiceDocument:
    """The frozen document, addressed to where the customer takes e-invoices now.

    Content never changes after the issue; an address does when the customer changes operator.

    Raises:
        RuleBroken: invoice_not_issued.
    """
    if not invoice.content:
        raise RuleBroken.of("invoice_not_issued")
    document = InvoiceDocument.from_canonical(invoice.content)
    customer, seller = invoice.customer, Organisation.objects.first()
    document = replace(document, buyer=_addressed(document.buyer, customer))
    return replace(document, seller=_addressed(document.seller, seller)) if seller else document


def _addressed(party: Party, card: object) -> Party:
    """The party with the addresses of its card; what the card lost stays as it was issued."""
    return replace(
        party,
        e_invoice_address=getattr(card, "e_invoice_address", "") or party.e_invoice_address,
        e_invoice_operator=getattr(card, "e_invoice_operator", "") or party.e_invoice_operator,
    )


def einvoice_bytes(invoice: Invoice, to: Format) -> bytes:
    """The file of an issued invoice; what was sent stays what it was.

    Raises:
        RuleBroken: invoice_not_issued, einvoice_*.
    """
    sent = last_sent(invoice)
    if sent and sent.format == to and not _did_not_leave(sent):
        return bytes(sent.content)
    return _fresh_bytes(invoice, to)


def _fresh_bytes(invoice: Invoice, to: Format) -> bytes:
    document = einvoice_document(invoice)
    if found := lacks(document, to):
        raise RuleBroken.of(found[0], invoice.customer.name)
    try:
        return render(document, to)
    except TooLong as error:
        raise RuleBroken.of("einvoice_too_long", invoice.customer.name) from error


def last_sent(invoice: Invoice) -> EInvoice | None:
    """The newest e-invoice that was made of an invoice."""
    return invoice.einvoices.order_by("-attempt").first()


def may_send_again(invoice: Invoice) -> bool:
    """Whether the e-invoice certainly did not leave: the operator refused it for good."""
    sent = last_sent(invoice)
    return sent is not None and _did_not_leave(sent)


def _did_not_leave(sent: EInvoice) -> bool:
    dead = OutboxMessage.objects.filter(key=sent.message_key, state=OutboxState.DEAD)
    return not sent.receipt and dead.exists()


def format_of(customer: Customer) -> Format | None:
    """The format a customer takes; None when its invoices go by e-mail."""
    return FORMATS.get(Channel(customer.invoice_channel))


def file_name(invoice: Invoice, to: Format, attempt: int = 1) -> str:
    """Name of the file: finvoice-invoice-1007.xml, and finvoice-invoice-1007-2.xml the next."""
    again = f"-{attempt}" if attempt > 1 else ""
    return f"{to}-{invoice.series}-{invoice.number}{again}.xml"


def enqueue(invoice: Invoice, *, now: datetime) -> OutboxMessage | None:
    """Write the e-invoice and its message in the running transaction; again gives the same one.

    Only when the last one certainly did not leave, a new one is made, to the address of now.

    Raises:
        RuleBroken: einvoice_not_for_channel, einvoice_*.
    """
    customer = invoice.customer
    to = format_of(customer)
    if to is None:
        raise RuleBroken.of("einvoice_not_for_channel", customer.name)
    sent = last_sent(invoice)
    if sent is None or _did_not_leave(sent):
        sent = _make(invoice, to, attempt=sent.attempt + 1 if sent else 1, now=now)
    return messages.send_file(
        Recipient(sent.address, Language(customer.language).document),
        KIND,
        file_name(invoice, Format(sent.format), sent.attempt),
        attachment_ref=str(invoice.ref),
        key=sent.message_key,
        now=now,
    )


def _make(invoice: Invoice, to: Format, *, attempt: int, now: datetime) -> EInvoice:
    customer, content = invoice.customer, _fresh_bytes(invoice, to)
    row, _ = EInvoice.objects.get_or_create(
        invoice=invoice,
        attempt=attempt,
        defaults={
            "message_key": f"invoice:{invoice.series}:{invoice.number}:einvoice:{attempt}",
            "format": to,
            "content": content,
            "content_hash": hashlib.sha256(content).hexdigest(),
            "address": customer.e_invoice_address,
            "operator": customer.e_invoice_operator,
            "created_at": now,
        },
    )
    return row


# --------------------------------------------------------------------------- carrying


@dataclass(frozen=True)
class Parcel:
    """One file to carry: `key` is the same each time the same invoice is tried."""

    key: str
    name: str
    content: bytes
    format: str
    address: str
    operator: str


class Backend(Protocol):
    """Hands a parcel to whoever carries it on."""

    def deliver(self, parcel: Parcel) -> str:
        """The receipt: what the other side said.

        Raises:
            Refused, Rejected, Unsure: see core.outbox.
        """


def carry(message: OutboxMessage) -> None:
    """Carrier of the outbox; an e-invoice with a receipt has left and is not carried again.

    Raises:
        Refused, Rejected, Unsure: see core.outbox.
    """
    row = EInvoice.objects.filter(message_key=message.key).first()
    if row is None:
        raise Rejected("the e-invoice is missing")
    if row.receipt:
        return
    if EInvoice.objects.filter(invoice=row.invoice_id, attempt__gt=row.attempt).exists():
        raise Rejected("a later e-invoice has taken the place of this one")
    content = bytes(row.content)
    if hashlib.sha256(content).hexdigest() != row.content_hash:
        raise Rejected("the stored e-invoice is not the one that was made")
    parcel = Parcel(message.key, message.subject, content, row.format, row.address, row.operator)
    receipt = _backend().deliver(parcel)
    EInvoice.objects.filter(pk=row.pk).update(receipt=receipt[:200] or "delivered")


def _backend() -> Backend:
    try:
        backend: Backend = import_string(settings.EINVOICE_BACKEND)()
    except ImportError as error:
        # A slip in the settings: everything waits until it is put right.
        raise Refused(f"ASKARE_EINVOICE_BACKEND: {error}") from error
    return backend


class FolderBackend:
    """Files in settings.EINVOICE_FOLDER, for the operator's program to fetch.

    A name appears with its whole content or not at all, and is never overwritten.
    """

    def deliver(self, parcel: Parcel) -> str:
        """Receipt: the file's name and the first digits of its sum."""
        folder = Path(settings.EINVOICE_FOLDER)
        target = folder / parcel.name
        part = folder / f".{parcel.name}.{os.getpid()}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            try:
                _write_through(part, parcel.content)
                _appear(part, target)
                _sync_folder(folder)
            except FileExistsError as error:
                if target.read_bytes() != parcel.content:
                    raise Rejected(f"another file is there: {parcel.name}") from error
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        return f"{parcel.name} {hashlib.sha256(parcel.content).hexdigest()[:16]}"


def _appear(part: Path, target: Path) -> None:
    """Give the whole file its name, unless the name is taken.

    Raises:
        FileExistsError: it is.
    """
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:
        # Some network file systems have no hard links.
        if target.exists():
            raise FileExistsError(target) from None
        part.rename(target)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class EmailBackend:
    """The operator's mailbox, settings.EINVOICE_EMAIL."""

    def deliver(self, parcel: Parcel) -> str:
        """Receipt: the Message-ID, the same each time."""
        if not settings.EINVOICE_EMAIL:
            raise Rejected("ASKARE_EINVOICE_EMAIL is empty")
        message_id = outbox.message_id(parcel.key)
        mail = EmailMessage(
            subject=parcel.name,
            body=f"{parcel.format} {parcel.address} {parcel.operator}".strip(),
            to=[settings.EINVOICE_EMAIL],
            headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
        )
        mail.attach(parcel.name, parcel.content, "application/xml")
        outbox.send_mail(mail)
        return message_id


class HttpBackend:
    """The operator's API: POST of the file to settings.EINVOICE_URL.

    The Idempotency-Key is the same each time, so an operator that knows it takes an invoice once.
    No redirect is followed: the token goes to the named host only, and over TLS.
    """

    def deliver(self, parcel: Parcel) -> str:
        """Receipt: the status and what the operator answered."""
        url = urlsplit(settings.EINVOICE_URL)
        if not url.hostname or (url.scheme != "https" and url.hostname not in LOCAL):
            raise Rejected("ASKARE_EINVOICE_URL must begin with https://")
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.hostname, url.port, timeout=settings.EINVOICE_TIMEOUT_S)
        try:
            try:
                connection.connect()
            except OSError as error:
                raise Refused(f"{type(error).__name__}: {error}") from error
            status, text = _ask(connection, url.path or "/", url.query, parcel)
        finally:
            connection.close()
        _judge(status, text)
        return f"HTTP {status} {text}".strip()


def _ask(
    connection: http.client.HTTPConnection, path: str, query: str, parcel: Parcel
) -> tuple[int, str]:
    """Status and the first words of the answer; a silence after the first byte is Unsure."""
    headers = {
        "Content-Type": "application/xml",
        "Idempotency-Key": hashlib.sha256(parcel.key.encode()).hexdigest(),
        "Content-Disposition": f'attachment; filename="{parcel.name}"',
    }
    if settings.EINVOICE_TOKEN:
        headers["Authorization"] = f"Bearer {settings.EINVOICE_TOKEN}"
    try:
        connection.request("POST", f"{path}?{query}" if query else path, parcel.content, headers)
        answer = connection.getresponse()
        text = answer.read(2000).decode("utf-8", "replace")
    except (http.client.HTTPException, OSError) as error:
        raise Unsure(f"{type(error).__name__}: {error}") from error
    return answer.status, " ".join(text.split())[:150]


def _judge(status: int, text: str) -> None:
    """What an answer means for the message.

    A gateway that gave up (502, 504) does not know whether the invoice arrived. What the operator
    will not take as it is (a wrong address, a wrong token) is not tried again by itself.
    """
    said = f"HTTP {status} {text}".strip()
    if 200 <= status < 300:
        return
    if status in (502, 504):
        raise Unsure(said)
    if status in (408, 425, 429) or status >= 500:
        raise Refused(said)
    raise Rejected(said)
