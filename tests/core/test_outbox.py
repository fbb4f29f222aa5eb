"""Guarantee 3: no message is lost, none is sent twice without somebody deciding it."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPServerDisconnected
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import transaction

from core import outbox
from core.models import AuditEvent, OutboxMessage
from core.outbox_lifecycle import OutboxAction, OutboxState
from tests import builders

pytestmark = pytest.mark.engine


def write(now: datetime, key: str = "offer:1:mail", **fields: Any) -> OutboxMessage:
    values = {
        "kind": "offer",
        "to": "aino@askare.example",
        "language": "fi",
        "subject": "Pihatyö pe 27.11. klo 12",
        "body": "Sopisiko sinulle?",
        "now": now,
    }
    row = outbox.enqueue(key, **(values | fields))
    assert row is not None
    return row


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def send(self: EmailBackend, messages: list[Any]) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", send)


@pytest.mark.django_db
def test_same_key_again_writes_one_row(now: datetime) -> None:
    first = write(now)
    again = write(now, subject="another text")
    assert again.pk == first.pk
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db
def test_nobody_to_tell_writes_nothing(now: datetime) -> None:
    assert (
        outbox.enqueue("k", kind="x", to="", language="fi", subject="s", body="b", now=now) is None
    )
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_line_breaks_in_subject_become_spaces(now: datetime) -> None:
    assert write(now, subject="Uusi\ntyö\r\n huomenna").subject == "Uusi työ huomenna"


@pytest.mark.django_db
def test_deliver_sends_once_with_message_id_of_the_key(now: datetime) -> None:
    row = write(now)
    assert outbox.deliver_due(now) == 1
    assert outbox.deliver_due(now + timedelta(days=1)) == 0
    [sent] = mail.outbox
    assert sent.message()["Message-ID"] == outbox.message_id("offer:1:mail")
    assert sent.message()["Content-Language"] == "fi"
    row.refresh_from_db()
    assert row.state == OutboxState.SENT
    assert row.sent_at is not None
    assert (row.attempts, row.token) == (1, "")


@pytest.mark.django_db
def test_message_not_due_yet_waits(now: datetime) -> None:
    write(now, due_at=now + timedelta(hours=2))
    assert outbox.deliver_due(now) == 0
    assert outbox.deliver_due(now + timedelta(hours=2)) == 1


@pytest.mark.django_db
def test_attachment_is_made_when_the_message_leaves(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_attachments", dict(outbox._attachments))
    outbox.register_attachment("test_pdf", lambda ref: (f"{ref}.pdf", b"%PDF", "application/pdf"))
    write(now, attachment_kind="test_pdf", attachment_ref="2026-0042")
    outbox.deliver_due(now)
    assert mail.outbox[0].attachments[0].filename == "2026-0042.pdf"


@pytest.mark.django_db
def test_unknown_attachment_kind_is_refused_and_others_still_leave(now: datetime) -> None:
    bad = write(now, key="bad", attachment_kind="never_registered")
    write(now, key="good")
    assert outbox.deliver_due(now) == 1
    bad.refresh_from_db()
    assert bad.state == OutboxState.PENDING
    assert "KeyError" in bad.error


@pytest.mark.django_db
def test_refusals_wait_longer_each_time_then_dead(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = write(now)
    fail_with(monkeypatch, SMTPDataError(451, b"try later"))
    at = now
    waits = []
    for _ in outbox.BACKOFF:
        outbox.deliver_due(at)
        row.refresh_from_db()
        assert row.state == OutboxState.PENDING
        waits.append(round((row.due_at - at).total_seconds() / 60))
        at = row.due_at + timedelta(seconds=1)
    assert waits == [1, 5, 30, 120, 720]
    outbox.deliver_due(at)
    row.refresh_from_db()
    assert row.state == OutboxState.DEAD
    assert row.attempts == len(outbox.BACKOFF) + 1


@pytest.mark.django_db
@pytest.mark.parametrize("error", [SMTPServerDisconnected("gone"), TimeoutError("slow")])
def test_broken_conversation_stops_an_invoice_and_repeats_a_reminder(
    now: datetime, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    invoice = write(now, key="invoice:1", resend_if_unknown=False)
    reminder = write(now, key="reminder:1")
    fail_with(monkeypatch, error)
    outbox.deliver_due(now)
    invoice.refresh_from_db()
    reminder.refresh_from_db()
    assert invoice.state == OutboxState.UNKNOWN
    assert reminder.state == OutboxState.PENDING


@pytest.mark.django_db
def test_no_connection_is_a_certain_refusal_even_for_an_invoice(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = write(now, resend_if_unknown=False)

    def no_server(self: EmailBackend) -> None:
        raise socket.gaierror("no such host")

    monkeypatch.setattr(EmailBackend, "open", no_server)
    outbox.deliver_due(now)
    invoice.refresh_from_db()
    assert invoice.state == OutboxState.PENDING


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("resend", "state", "mails"), [(True, OutboxState.SENT, 1), (False, OutboxState.UNKNOWN, 0)]
)
def test_sender_killed_in_the_middle_is_settled_after_the_lease(
    now: datetime, resend: bool, state: str, mails: int
) -> None:
    row = write(now, resend_if_unknown=resend)
    assert outbox._claim(row.pk, now)
    assert outbox.deliver_due(now + timedelta(seconds=60)) == 0, "the lease holds it"
    after = now + outbox.LEASE + timedelta(seconds=1)
    outbox.deliver_due(after)
    outbox.deliver_due(after + timedelta(minutes=2))
    row.refresh_from_db()
    assert row.state == state
    assert len(mail.outbox) == mails


@pytest.mark.django_db
def test_message_that_kills_its_sender_each_time_ends_dead(now: datetime) -> None:
    row = write(now)
    at = now
    for _ in range(len(outbox.BACKOFF) + 1):
        assert outbox._claim(row.pk, at)
        outbox._settle_run_out(at + outbox.LEASE + timedelta(seconds=1))
        row.refresh_from_db()
        at = max(row.due_at, at)
    assert row.state == OutboxState.DEAD


@pytest.mark.django_db
def test_claim_is_taken_by_one_of_two(now: datetime) -> None:
    row = write(now)
    assert outbox._claim(row.pk, now)
    assert outbox._claim(row.pk, now) == ""


@pytest.mark.django_db
def test_late_sender_does_not_overwrite_the_decision(now: datetime) -> None:
    row = write(now, resend_if_unknown=False)
    token = outbox._claim(row.pk, now)
    outbox._settle_run_out(now + outbox.LEASE + timedelta(seconds=1))
    assert outbox._close(row.pk, token, OutboxAction.DELIVER) is False
    row.refresh_from_db()
    assert row.state == OutboxState.UNKNOWN


@pytest.mark.django_db
def test_settle_sends_again_or_confirms_with_an_audit_row(now: datetime) -> None:
    person = builders.user()
    again = write(now, key="a")
    confirmed = write(now, key="b")
    OutboxMessage.objects.update(state=OutboxState.UNKNOWN, attempts=6)
    again.refresh_from_db()
    confirmed.refresh_from_db()
    assert outbox.settle(again, delivered=False, by=person, now=now) is not None
    assert outbox.settle(confirmed, delivered=True, by=person, now=now) is not None
    assert outbox.settle(confirmed, delivered=True, by=person, now=now) is None
    assert (again.state, again.attempts) == (OutboxState.PENDING, 0)
    assert confirmed.state == OutboxState.SENT
    assert list(AuditEvent.objects.values_list("verb", flat=True)) == [
        "message.sent_again",
        "message.confirmed",
    ]


@pytest.mark.django_db(transaction=True)
def test_bell_rings_once_after_commit_and_never_after_rollback(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(outbox, "async_task", lambda name, **_: rung.append(name))
    with transaction.atomic():
        write(now, key="a")
        write(now, key="b")
        assert rung == []
    assert rung == ["core.tasks.deliver"]
    with transaction.atomic():
        write(now, key="c")
        transaction.set_rollback(True)
    assert len(rung) == 1
    assert not OutboxMessage.objects.filter(key="c").exists()


@pytest.mark.django_db(transaction=True)
def test_broken_bell_is_logged_and_the_message_waits(
    now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(name: str, **_: Any) -> None:
        raise ConnectionError("queue is down")

    monkeypatch.setattr(outbox, "async_task", broken)
    with transaction.atomic():
        write(now)
    assert "queue is down" in caplog.text
    assert outbox.deliver_due(now) == 1


@pytest.mark.django_db(transaction=True)
def test_bell_delivers_after_commit(now: datetime) -> None:
    with time_machine.travel(now, tick=True), transaction.atomic():
        write(now)
        assert mail.outbox == []
    assert OutboxMessage.objects.get().state == OutboxState.SENT


@pytest.mark.django_db
def test_command_delivers_and_counts_what_is_left(
    now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    write(now)
    write(now, key="later", due_at=now + timedelta(days=4000))
    with time_machine.travel(now, tick=True):
        call_command("outbox")
    assert "1 sent, 1 pending" in capsys.readouterr().out
