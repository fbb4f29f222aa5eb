"""Guarantee 3 against a mail server that takes the connection and then says nothing any more.

The server is a real socket and the mail goes through smtplib: no part of the sending is replaced.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_string
from typing import Any

import pytest
from django.conf import settings as configured

from core import outbox
from core.models import OutboxMessage
from core.outbox_lifecycle import OutboxState

TIMEOUT_S = 0.4
# A loaded machine may wake a thread late.
SLACK_S = 1.5
START = Callable[[str], "Server"]
OURS, DJANGOS = "core.smtp.EmailBackend", "django.core.mail.backends.smtp.EmailBackend"


class Server(threading.Thread):
    """A small SMTP server that stops answering at one step: greeting, DATA, sent or QUIT.

    "DATA" is before the text has come, "sent" after the whole text; "" answers all. What came in
    whole is in `got`, and `opened` counts the conversations.
    """

    def __init__(self, silent_at: str) -> None:
        super().__init__(daemon=True)
        self.silent_at = silent_at
        self.got: list[str] = []
        self.opened = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                peer, _address = self.listener.accept()
            except OSError:
                return  # the test is over
            self.opened += 1
            threading.Thread(target=self._talk, args=[peer], daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        with peer, peer.makefile(encoding="utf-8") as line:

            def answer(step: str, text: str) -> None:
                if step == self.silent_at:
                    line.read()  # until the other end has had enough
                    raise ConnectionError
                peer.sendall(f"{text}\r\n".encode())

            try:
                answer("greeting", "220 post.example")
                for command in iter(line.readline, ""):
                    verb = command[:4].upper()
                    answer(verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok"))
                    if verb == "DATA":
                        self.got.append("".join(iter(line.readline, ".\n")))
                        answer("sent", "250 taken")
            except OSError:
                pass  # the other end has gone


@pytest.fixture
def serve(settings: Any) -> Iterator[START]:
    """Start a server that falls silent at a step; mails go to the one that was started last."""
    settings.EMAIL_BACKEND = OURS
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", TIMEOUT_S
    begun: list[Server] = []

    def start(silent_at: str) -> Server:
        server = Server(silent_at)
        server.start()
        settings.EMAIL_PORT = server.port
        begun.append(server)
        return server

    yield start
    for server in begun:
        server.listener.close()


def write(now: datetime, key: str = "invoice:1", *, resend: bool = False) -> OutboxMessage:
    row = outbox.enqueue(
        key, kind="invoice", to="laskut@yritys.example", language="fi", subject="Lasku 1001",
        body="Lasku on liitteenä.", now=now, resend_if_unknown=resend,
    )  # fmt: skip
    assert row is not None
    return row


def delivered(at: datetime) -> tuple[int, float]:
    """How many left, and the seconds that the sender was held."""
    began = time.monotonic()
    sent = outbox.deliver_due(at)
    return sent, time.monotonic() - began


def ids(server: Server) -> list[str]:
    return [message_from_string(text)["Message-ID"] for text in server.got]


@pytest.mark.django_db
def test_silent_server_holds_for_the_timeout_and_the_message_leaves_once_later(
    now: datetime, serve: START
) -> None:
    """Nothing was begun: even an invoice is tried again by itself, and comes once."""
    silent, row = serve("greeting"), write(now)
    sent, spent = delivered(now)
    assert (sent, silent.got) == (0, [])
    assert TIMEOUT_S <= spent < TIMEOUT_S + SLACK_S
    row.refresh_from_db()
    assert (row.state, row.attempts, row.token) == (OutboxState.PENDING, 1, "")
    assert row.due_at >= now + outbox.BACKOFF[0]
    assert row.error
    before = silent.opened
    assert outbox.deliver_due(now + timedelta(seconds=5)) == 0
    assert silent.opened == before, "its wait is not over: the server is left alone"

    awake, later = serve(""), row.due_at
    assert outbox.deliver_due(later) == 1
    assert outbox.deliver_due(later + timedelta(days=1)) == 0
    assert ids(awake) == [outbox.message_id("invoice:1")]
    row.refresh_from_db()
    assert (row.state, row.attempts) == (OutboxState.SENT, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT"])
def test_silence_before_the_text_repeats_even_an_invoice(
    now: datetime, serve: START, step: str
) -> None:
    """The server knows who writes to whom and no more: nothing can have left."""
    silent, row = serve(step), write(now)
    sent, spent = delivered(now)
    assert (sent, silent.got, silent.opened) == (0, [], 1)
    assert TIMEOUT_S <= spent < 2 * TIMEOUT_S + SLACK_S
    row.refresh_from_db()
    assert (row.state, row.attempts) == (OutboxState.PENDING, 1)
    awake = serve("")
    assert outbox.deliver_due(row.due_at) == 1
    assert ids(awake) == [outbox.message_id("invoice:1")]


@pytest.mark.django_db
def test_control_a_backend_that_cannot_tell_leaves_an_invoice_to_a_person(
    now: datetime, serve: START, settings: Any
) -> None:
    serve("RCPT")
    settings.EMAIL_BACKEND = DJANGOS
    row = write(now)
    delivered(now)
    row.refresh_from_db()
    assert row.state == OutboxState.UNKNOWN


@pytest.mark.parametrize(
    ("scheme", "sender"),
    [("smtp", "_TellsData"), ("smtp+tls", "_TellsData"), ("smtp+ssl", "_TellsDataSSL")],
)
def test_production_sends_by_the_backend_that_can_tell(scheme: str, sender: str) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "a.example",
        "ASKARE_SITE_URL": "https://a.example",
        "EMAIL_URL": f"{scheme}://a:b@mail.example:587",
        "DATABASE_URL": "sqlite:///:memory:",
    }
    asked = "from django.core.mail import get_connection as g; print(g().connection_class.__name__)"
    told = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout == f"{sender}\n"


@pytest.mark.django_db
@pytest.mark.parametrize(("step", "texts"), [("DATA", 0), ("sent", 1)])
def test_silence_in_the_text_stops_an_invoice_that_is_never_repeated_blindly(
    now: datetime, serve: START, step: str, texts: int
) -> None:
    """The server may have the whole text: a second one could be a second invoice."""
    silent, row = serve(step), write(now)
    sent, spent = delivered(now)
    assert (sent, len(silent.got)) == (0, texts)
    assert TIMEOUT_S <= spent < 2 * TIMEOUT_S + SLACK_S
    row.refresh_from_db()
    assert row.state == OutboxState.UNKNOWN
    awake = serve("")
    for days in (1, 2, 30):
        assert outbox.deliver_due(now + timedelta(days=days)) == 0
    assert (awake.opened, len(silent.got)) == (0, texts)


@pytest.mark.django_db
def test_silence_after_the_text_repeats_a_reminder_under_the_same_name(
    now: datetime, serve: START
) -> None:
    """The control of the one above: what may be repeated is, and its receiver can tell."""
    silent, row = serve("sent"), write(now, "reminder:1", resend=True)
    delivered(now)
    row.refresh_from_db()
    assert row.state == OutboxState.PENDING
    awake = serve("")
    assert outbox.deliver_due(row.due_at) == 1
    assert ids(silent) == ids(awake) == [outbox.message_id("reminder:1")]


@pytest.mark.django_db
def test_silence_after_the_server_took_it_counts_as_sent(now: datetime, serve: START) -> None:
    polite = serve("QUIT")
    row = write(now)
    sent, spent = delivered(now)
    assert (sent, len(polite.got)) == (1, 1)
    assert spent < 2 * TIMEOUT_S + SLACK_S
    row.refresh_from_db()
    assert row.state == OutboxState.SENT


@pytest.mark.django_db
def test_many_messages_to_a_silent_server_hold_no_longer_than_the_budget_and_one_timeout(
    now: datetime, serve: START, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = serve("greeting")
    rows = [write(now, f"invoice:{n}") for n in range(8)]
    budget_s = 1.5 * TIMEOUT_S
    monkeypatch.setattr(outbox, "BUDGET_S", budget_s)
    sent, spent = delivered(now)
    assert sent == 0
    assert spent < budget_s + TIMEOUT_S + SLACK_S
    tried = OutboxMessage.objects.filter(attempts=1).count()
    assert 1 <= tried < len(rows), "the others wait untouched for the next round"
    assert silent.opened == tried
    assert OutboxMessage.objects.filter(state=OutboxState.PENDING).count() == len(rows)


def test_queue_lets_a_silent_server_run_into_the_timeout() -> None:
    """The queue's knife falls after the last conversation, and the lease outlives the knife."""
    last_s = outbox.BUDGET_S + configured.EMAIL_TIMEOUT
    assert last_s < configured.Q_CLUSTER["timeout"] < outbox.LEASE.total_seconds()
