"""`manage.py demo`: everything on one machine, with invented people; Ctrl-C stops all of it."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.module_loading import import_string
from django_q.tasks import async_task

from accounts.models import Role

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 8.0
PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = "Set up the demo database, start the site and the queue, and stop both on Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        port: int = options["port"]
        address = f"http://127.0.0.1:{port}"
        if not getattr(settings, "DEMO", False):
            raise CommandError("STOP: the demo runs with config.settings.demo only.")
        require_free_port(port)
        os.environ["ASKARE_SITE_URL"] = settings.SITE_URL = address
        self.prepare()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: stop.set())
        children = {"site": start(site_command(port)), "queue": start(queue_command())}
        # Compiles the planner beside the running site; it ends by itself.
        warming = {"planner": start([sys.executable, "manage.py", "warm_planner"])}
        try:
            if self.wait_until_well(address, children, stop):
                self.say_where(address)
                self.watch(children, stop)
        finally:
            stop_all(children | warming)
        died = [name for name, child in children.items() if not stop.is_set() and child.returncode]
        if died:
            raise CommandError(f"STOP: the {' and the '.join(died)} ended by itself.")
        self.stdout.write("Stopped.")

    def prepare(self) -> None:
        """Tables, and invented data when there is none yet."""
        self.stdout.write("Preparing the database …")
        # Static files come straight from the source folders; the folder only has to exist.
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0, interactive=False)
        if not apps.get_model("orders", "Customer").objects.exists():
            self.stdout.write("Inventing customers, workers and orders …")
            call_command("demo_data", stdout=self.stdout)
        # The queue's own schedule comes within a minute; the page should be well at once.
        async_task("core.tasks.heartbeat", save=False)

    def wait_until_well(
        self, address: str, children: dict[str, subprocess.Popen[bytes]], stop: threading.Event
    ) -> bool:
        self.stdout.write("Starting …")
        until = time.monotonic() + READY_WITHIN_S
        answer = ""
        while not stop.wait(0.3) and all(c.poll() is None for c in children.values()):
            well, answer = health(address)
            if well:
                return True
            if time.monotonic() > until:
                raise CommandError(f"STOP: not well after {READY_WITHIN_S:.0f} s: {answer}")
        return False

    def say_where(self, address: str) -> None:
        # The accounts and their password are invented by the app that shows most of the data.
        password = import_string("billing.demo.organisation.PASSWORD")
        mails = getattr(settings, "EMAIL_FILE_PATH", "")
        with translation.override("en"):
            lines = [f"  {role.value + '@askare.example':28} {role.label}" for role in Role]
        self.stdout.write(
            f"\nAskare is at {address}\n\nSign in with the password {password} as\n"
            + "\n".join(lines)
            + f"\n\nMails are written to {mails}. Ctrl-C stops everything.\n"
        )
        self.stdout.flush()

    def watch(self, children: dict[str, subprocess.Popen[bytes]], stop: threading.Event) -> None:
        while not stop.wait(0.5):
            if any(child.poll() is not None for child in children.values()):
                return


def require_free_port(port: int) -> None:
    """Say so at once when something else answers there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"STOP: port {port} is in use. Choose another: make demo PORT={port + 1}"
            ) from error


def site_command(port: int) -> list[str]:
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    quiet = ["--log-level", "warning", "--graceful-timeout", "4"]
    return [sys.executable, "-m", "gunicorn", "config.wsgi:application", *options, *quiet]


def queue_command() -> list[str]:
    return [sys.executable, "manage.py", "qcluster"]


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """A child in its own session, so that Ctrl-C reaches only us and we stop it in order."""
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.demo"}
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=environ,
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads run yet in this process
    )


def _die_with_parent() -> None:
    """On Linux the kernel stops the child when we are killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop_all(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """SIGTERM to each main process only: the queue hangs when its workers get it too."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + STOP_WITHIN_S
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, until - time.monotonic()))
        # Its session: also what a child that died by itself has left behind.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def health(address: str) -> tuple[bool, str]:
    """Whether /healthz says that all is well, and what it says otherwise."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310
            return bool(json.load(answer)["ok"]), ""
    except urllib.error.HTTPError as error:
        return False, error.read().decode(errors="replace")[:500]
    except OSError as error:
        return False, str(error)
