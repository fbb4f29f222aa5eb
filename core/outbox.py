"""The outbox: no message is lost, none is sent twice without somebody deciding it.

A message is a row written in the transaction that causes it. It is claimed by compare-and-set with
a lease and a token, leaves with a Message-ID made from its key, and ends as sent, dead (refused six
times) or unknown (nobody can tell, and a blind repeat would be worse). django-q2 is only the bell:
the same `deliver_due` is called by each minute's schedule and by `manage.py outbox --loop`.
The measurements behind this are in docs/adr/0004-queue-as-bell.md.
"""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, QuerySet
from django_q.tasks import async_task

from core import audit
from core.languages import Language
from core.models import OutboxMessage
from core.outbox_lifecycle import OutboxAction, OutboxState, sources

logger = logging.getLogger(__name__)

# Waits after the 1st … 5th refusal; the 6th refusal ends in `dead`.
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
# Longer than the queue lets one task live (60 s) and than one SMTP conversation usually takes.
LEASE = timedelta(seconds=120)
# No new message is claimed after this long, so that the queue's time-out never cuts a conversation.
BUDGET_S = 20.0

Attachment = tuple[str, bytes, str]
_attachments: dict[str, Callable[[str], Attachment]] = {}
Carrier = Callable[[OutboxMessage], None]
_carriers: dict[str, Carrier] = {}


class Refused(Exception):
    """The message certainly did not leave."""


class Rejected(Refused):
    """It did not leave and never will as it is: trying again is of no use, a person must look."""


class Unsure(Exception):
    """The message may have left: the conversation broke after its text was begun."""


def register_attachment(kind: str, make: Callable[[str], Attachment]) -> None:
    """Say how an attachment is made from its ref: file name, bytes and MIME type.

    Apps call this in ready(); the file is made when the message leaves, from the frozen row.
    """
    _attachments[kind] = make


def register_carrier(kind: str, carry: Carrier) -> None:
    """Say how messages of a kind leave when not by e-mail; `carry` raises as `send_mail` does.

    Apps call this in ready(). A message whose lease ran out may be carried again after a person
    has said so: `carry` must know what has left already.
    """
    _carriers[kind] = carry


# --------------------------------------------------------------------------- writing


def enqueue(
    key: str,
    *,
    kind: str,
    to: str,
    language: str,
    subject: str,
    body: str,
    now: datetime,
    due_at: datetime | None = None,
    attachment_kind: str = "",
    attachment_ref: str = "",
    resend_if_unknown: bool = True,
) -> OutboxMessage | None:
    """Write a message in the running transaction; the same key again gives the row that exists.

    Nobody to tell (`to` is empty) gives None. Set `resend_if_unknown=False` for invoices: an
    unknown result then stops and waits for a person.
    """
    if not to:
        return None
    message, made = OutboxMessage.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "to": to,
            "language": language,
            # A line break in a header would be refused when the message leaves.
            "subject": " ".join(subject.split())[:200],
            "body": body,
            "created_at": now,
            "due_at": due_at or now,
            "attachment_kind": attachment_kind,
            "attachment_ref": str(attachment_ref),
            "resend_if_unknown": resend_if_unknown,
        },
    )
    if made:
        _ring_on_commit()
    return message


def take_back(keys: Iterable[str], *, now: datetime) -> int:
    """Unwrite messages that still wait for their hour because they are overtaken; how many.

    One that is due, or was tried, is left: it may be on its way.
    """
    held = OutboxMessage.objects.filter(
        key__in=list(keys), state=OutboxState.PENDING, attempts=0, due_at__gt=now
    )
    return held.delete()[0]


def _ring_on_commit() -> None:
    """One bell for each transaction, however many messages it wrote; a dumb bell is only logged."""
    waiting = transaction.get_connection().run_on_commit
    if not any(entry[1] is ring for entry in waiting):
        transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Ask the queue to deliver now instead of within a minute."""
    async_task("core.tasks.deliver", task_name=f"deliver-{uuid.uuid4().hex[:8]}", save=False)


# --------------------------------------------------------------------------- delivering


def deliver_due(now: datetime, limit: int = 50) -> int:
    """Send what is due and return how many left; any number of processes may do so at once."""
    started = time.monotonic()

    def at() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    _settle_run_out(now)
    due = OutboxMessage.objects.filter(state=OutboxState.PENDING, due_at__lte=now)
    sent = 0
    for pk in list(due.order_by("due_at", "id").values_list("pk", flat=True)[:limit]):
        if time.monotonic() - started > BUDGET_S:
            break
        token = _claim(pk, at())
        if token:
            sent += _deliver(OutboxMessage.objects.get(pk=pk), token, at)
    return sent


def _claim(pk: int, now: datetime) -> str:
    """Take a waiting message; an empty token means that somebody else was quicker."""
    token = str(uuid.uuid4())
    waiting = OutboxMessage.objects.filter(pk=pk, due_at__lte=now)
    lease = {"token": token, "lease_until": now + LEASE, "attempts": F("attempts") + 1}
    return token if _move(waiting, OutboxAction.CLAIM, **lease) else ""


def _move(rows: QuerySet[OutboxMessage], action: OutboxAction, **values: object) -> int:
    """The one door of a message's state: those of the rows that can take the action; how many."""
    moves = sources(action)
    [new] = set(moves.values())
    return rows.filter(state__in=list(moves)).update(state=new.value, **values)


def _deliver(message: OutboxMessage, token: str, at: Callable[[], datetime]) -> int:
    try:
        _carriers.get(message.kind, _send)(message)
    except Rejected as error:
        _give_up(message, token, str(error))
        return 0
    except Refused as error:
        _after_refusal(message, token, at(), str(error))
        return 0
    except Unsure as error:
        _after_unknown(message, token, at(), str(error))
        return 0
    _close(message.pk, token, OutboxAction.DELIVER, sent_at=at(), error="")
    return 1


def _send(message: OutboxMessage) -> None:
    """Send one message by e-mail; raises as `send_mail` does."""
    try:
        mail = _mail(message)
    except (LookupError, ObjectDoesNotExist, ValueError, OSError) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    send_mail(mail)


def send_mail(mail: EmailMessage) -> None:
    """Hand one mail to the mail server.

    Raises:
        Refused: it certainly did not leave (no connection, an answer of 4xx or 5xx, a connection
            that broke before the text of the mail was begun).
        Unsure: the connection broke later, or the backend cannot tell.
    """
    connection = get_connection()
    try:
        connection.open()
    except (ValueError, SMTPException, OSError) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    try:
        connection.send_messages([mail])
    except (SMTPRecipientsRefused, SMTPResponseException, ValueError) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    except (SMTPException, OSError) as error:
        lost = Unsure if getattr(connection, "data_begun", True) else Refused
        raise lost(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _mail(message: OutboxMessage) -> EmailMessage:
    mail = EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.to],
        headers={
            "Message-ID": message_id(message.key),
            "Content-Language": Language(message.language).document,
            "Auto-Submitted": "auto-generated",
        },
    )
    if message.attachment_kind:
        mail.attach(*_attachments[message.attachment_kind](message.attachment_ref))
    return mail


def message_id(key: str) -> str:
    """The Message-ID of a key: the same each time, so that a repeat can be recognised."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


# --------------------------------------------------------------------------- afterwards


def _close(pk: int, token: str, action: OutboxAction, **values: object) -> bool:
    """Leave `sending`, if this token still holds the message."""
    held = OutboxMessage.objects.filter(pk=pk, token=token)
    done = _move(held, action, token="", lease_until=None, **values)
    if not done:
        logger.warning("outbox message %s: its lease had run out", pk)
    return bool(done)


def _after_refusal(message: OutboxMessage, token: str, now: datetime, error: str) -> None:
    """Wait and try again, or give up after the last wait."""
    # The text may name the address; the log gets the row's number only.
    if message.attempts > len(BACKOFF):
        _give_up(message, token, error)
        return
    due_at = now + BACKOFF[message.attempts - 1]
    _close(message.pk, token, OutboxAction.RETRY, due_at=due_at, error=error[:300])
    logger.warning("outbox message %s refused, attempt %s", message.pk, message.attempts)


def _give_up(message: OutboxMessage, token: str, error: str) -> None:
    _close(message.pk, token, OutboxAction.GIVE_UP, error=error[:300])
    logger.error("outbox message %s could not be sent: gave up", message.pk)


def _after_unknown(message: OutboxMessage, token: str, now: datetime, error: str) -> None:
    """A reminder may come twice; an invoice stops here until a person has looked."""
    if message.resend_if_unknown:
        _after_refusal(message, token, now, error)
        return
    _close(message.pk, token, OutboxAction.LOSE, error=error[:300])
    logger.error("outbox message %s: nobody can tell whether it left", message.pk)


def _settle_run_out(now: datetime) -> None:
    """Messages whose sender died in the middle."""
    held = OutboxMessage.objects.filter(state=OutboxState.SENDING, lease_until__lt=now)
    for message in held.order_by("id"):
        _after_unknown(message, message.token, now, "the sender stopped in the middle")


def settle(
    message: OutboxMessage, *, delivered: bool, by: AbstractBaseUser, now: datetime
) -> OutboxMessage | None:
    """A person decides about an unknown or dead message: it was delivered, or send it again.

    Returns None when somebody else has decided already.
    """
    with transaction.atomic():
        row = OutboxMessage.objects.filter(pk=message.pk)
        if delivered:
            changed = _move(row, OutboxAction.CONFIRM, sent_at=now, error="")
        else:
            changed = _move(row, OutboxAction.SEND_AGAIN, due_at=now, attempts=0, error="")
        if not changed:
            return None
        audit.record(
            "message.confirmed" if delivered else "message.sent_again",
            kind="message",
            ref=message.pk,
            by=by,
            now=now,
            before={"state": message.state},
        )
        if not delivered:
            _ring_on_commit()
    message.refresh_from_db()
    return message
