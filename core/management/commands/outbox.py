"""`manage.py outbox [--loop]`: deliver messages, also when the queue is dead."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import clock, outbox
from core.models import OutboxMessage
from core.outbox_lifecycle import OutboxState


class Command(BaseCommand):
    help = "Send the messages that are due; with --loop, go on every few seconds until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true")
        parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS")

    def handle(self, *_args: Any, **options: Any) -> None:
        stop = threading.Event()
        if options["loop"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while True:
            sent = outbox.deliver_due(clock.now())
            if sent or not options["loop"]:
                self.stdout.write(f"{sent} sent, {self._left()}")
            if not options["loop"] or stop.wait(options["every"]):
                return

    def _left(self) -> str:
        rows = OutboxMessage.objects.exclude(state=OutboxState.SENT)
        counts = [
            f"{rows.filter(state=state).count()} {state}"
            for state in OutboxState
            if state != OutboxState.SENT
        ]
        return ", ".join(counts)
