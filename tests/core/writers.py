"""Processes that write into one SQLite database as fast as they can, and how long each waits.

    python -m tests.core.writers [--writers 6] [--each 500] [--burners 2] [--engine …]

prints the waits before Django's own SQLite and before ours, one after the other. With `--child` the
module is one of the writers: it needs no app, so it starts at once.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLAIN = "django.db.backends.sqlite3"
FAIR = "core.sqlite3"
BURN = "while True: pass"
TABLES = (
    "CREATE TABLE counter (number integer)",
    "INSERT INTO counter VALUES (0)",
    "CREATE TABLE row (number integer UNIQUE, writer integer)",
)


@dataclass(frozen=True)
class Waits:
    """What the writers met; seconds."""

    engine: str
    all: list[float]
    longest: list[float]  # of each writer
    errors: int
    took: float

    def share(self, part: float) -> float:
        """The wait that `part` of all transactions do not exceed."""
        return sorted(self.all)[math.ceil(part * len(self.all)) - 1]

    def line(self) -> str:
        """One line for a person."""
        p50, p99, top = (1000 * s for s in (self.share(0.5), self.share(0.99), self.share(1)))
        each = " ".join(f"{1000 * s:.0f}" for s in self.longest)
        return (
            f"{self.engine}: {len(self.all)} transactions in {self.took:.1f} s, "
            f"{self.errors} errors, wait in ms: p50 {p50:.1f}, p99 {p99:.1f}, max {top:.0f}; "
            f"longest of each writer: {each}"
        )


@contextmanager
def busy_cores(count: int) -> Iterator[None]:
    """Processes that burn the cores meanwhile."""
    burners = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(count)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def run(
    engine: str, path: Path, options: dict[str, Any], *,
    writers: int = 6, each: int = 100, burners: int = 2, hold_s: float = 0.002,
) -> Waits:  # fmt: skip
    """Let `writers` processes write `each` rows; the database holds no gap afterwards."""
    for ending in ("", "-wal", "-shm", "-turns"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    for statement in TABLES:
        database.execute(statement)
    plan = {"engine": engine, "name": str(path), "options": options, "each": each, "hold_s": hold_s}
    with busy_cores(burners):
        children = [child("--child", json.dumps({**plan, "me": n})) for n in range(writers)]
        meet(children)
        began = time.monotonic()
        said = [json.loads(one.communicate()[0]) for one in children]
        took = time.monotonic() - began
    numbers = [n for (n,) in database.execute("SELECT number FROM row ORDER BY number")]
    database.close()
    assert numbers == list(range(1, len(numbers) + 1))
    errors = sum(one["errors"] for one in said)
    assert len(numbers) + errors == writers * each
    waits = [wait for one in said for wait in one["waits"]]
    return Waits(engine, waits, [max(one["waits"]) for one in said], errors, took)


def wait_for_all() -> None:
    """In a writer: wait until all the others are set up too."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    sys.stdin.readline()


def meet(children: list[subprocess.Popen[str]]) -> None:
    """Wait until every child waits, then let all go on."""
    for one in children:
        assert one.stdout
        assert one.stdout.readline() == "here\n"
    for one in children:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()


def child(*arguments: str) -> subprocess.Popen[str]:
    """This module as a process, with its input and output here."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.core.writers", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def connect(plan: dict[str, Any]) -> None:
    """Django with this database and nothing else."""
    from django.conf import settings

    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": plan["engine"],
                "NAME": plan["name"],
                "OPTIONS": plan["options"],
            }
        }
    )
    import django

    django.setup()


def hold(plan: dict[str, Any]) -> None:
    """Take the write lock and keep it until this process ends."""
    connect(plan)
    from django.db import transaction

    wait_for_all()
    with transaction.atomic():
        sys.stdout.write("held\n")
        sys.stdout.flush()
        sys.stdin.readline()


def write(plan: dict[str, Any]) -> dict[str, Any]:
    """One writer: take the next number, write a row, keep the processor busy for a moment."""
    connect(plan)
    from django.db import OperationalError, connection, transaction

    connection.ensure_connection()
    waits, errors = [], 0
    wait_for_all()
    for _ in range(plan["each"]):
        began = time.monotonic()
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                waits.append(time.monotonic() - began)
                until = time.thread_time() + plan["hold_s"]
                cursor.execute("UPDATE counter SET number = number + 1")
                cursor.execute("INSERT INTO row SELECT number, %s FROM counter", [plan["me"]])
                while time.thread_time() < until:
                    pass
        except OperationalError:
            waits.append(time.monotonic() - began)
            errors += 1
    return {"waits": waits, "errors": errors}


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", type=json.loads)
    parser.add_argument("--hold", type=json.loads)
    parser.add_argument("--writers", type=int, default=6)
    parser.add_argument("--each", type=int, default=500)
    parser.add_argument("--burners", type=int, default=2)
    parser.add_argument("--hold-ms", type=float, default=2)
    parser.add_argument("--timeout", type=float)
    parser.add_argument("--engine", action="append")
    asked = parser.parse_args()
    if asked.child:
        sys.stdout.write(json.dumps(write(asked.child)))
        return
    if asked.hold:
        hold(asked.hold)
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    from config.settings.base import DATABASES

    options = dict(DATABASES["default"]["OPTIONS"])
    if asked.timeout is not None:
        options["timeout"] = asked.timeout
    with tempfile.TemporaryDirectory() as folder:
        for engine in asked.engine or (PLAIN, FAIR):
            found = run(
                engine,
                Path(folder) / "writers.sqlite3",
                options,
                writers=asked.writers,
                each=asked.each,
                burners=asked.burners,
                hold_s=asked.hold_ms / 1000,
            )
            sys.stdout.write(found.line() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
