"""Writers on SQLite wait in a queue: nobody starves, a crash frees the turn, reads never wait."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from core.sqlite3 import base, turns
from tests.core import writers

OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
}
WRITERS = 8
EACH = 2_500 if os.environ.get("LONG") else 40
FAIR_SHARE = 0.1 if os.environ.get("LONG") else 0.15


def open_database(path: Path, timeout: float = 20) -> base.DatabaseWrapper:
    """A connection of its own to the file, as Django makes them."""
    found = connections.configure_settings(
        {
            "default": {
                "ENGINE": writers.FAIR,
                "NAME": str(path),
                "OPTIONS": {**OPTIONS, "timeout": timeout},
            }
        }
    )["default"]
    opened = base.DatabaseWrapper(found, "scratch")
    opened.inc_thread_sharing()
    return opened


@pytest.fixture(autouse=True)
def _files_of_our_own(django_db_blocker: Any) -> Iterator[None]:
    """These tests open scratch databases, not the one of the tests."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "scratch.sqlite3"
    database = open_database(file)
    with database.cursor() as cursor:
        for statement in writers.TABLES:
            cursor.execute(statement)
    database.close()
    return file


def raise_counter(database: base.DatabaseWrapper) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE counter SET number = number + 1")


def counter(database: base.DatabaseWrapper) -> int:
    with database.cursor() as cursor:
        number: int = cursor.execute("SELECT number FROM counter").fetchone()[0]
    return number


def holds(database: base.DatabaseWrapper) -> bool:
    database.ensure_connection()
    assert database.connection.turns is not None
    return bool(database.connection.turns.held)


# Who waits, and how long


@pytest.mark.racing
@pytest.mark.long
@pytest.mark.engine
def test_writers_beside_two_burnt_cores_nobody_starves(tmp_path: Path) -> None:
    """A writer waits for the others' turns, not for luck; 20,000 transactions in the long run.

    And the control: without the queue the same load makes somebody wait for a large part of all
    that the others have to do, however much that is.
    """
    fair = writers.run(writers.FAIR, tmp_path / "fair.sqlite3", OPTIONS, writers=WRITERS, each=EACH)
    assert fair.errors == 0, fair.line()
    assert len(fair.all) == WRITERS * EACH
    # In shares of the whole run, so that the machine's speed does not matter.
    assert fair.share(1) / fair.took < FAIR_SHARE, fair.line()
    plain = writers.run(writers.PLAIN, tmp_path / "p.sqlite3", OPTIONS, writers=WRITERS, each=EACH)
    starved = plain.errors > 0 or plain.share(1) / plain.took > 2 * FAIR_SHARE
    assert starved, plain.line()


@pytest.mark.engine
def test_turns_come_in_the_order_of_asking(path: Path) -> None:
    first = open_database(path)
    came: list[int] = []
    with transaction_of(first):
        threads = []
        for n in range(5):
            threads.append(threading.Thread(target=write_in_turn, args=(path, n, came)))
            threads[-1].start()
            wait_until(lambda n=n: numbers_drawn(path) >= n + 2)
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]
    first.close()


def numbers_drawn(path: Path) -> int:
    # The table's statements and the first transaction drew numbers too: count from the last inside.
    drawn, inside = turns.NUMBERS.unpack(Path(f"{path}{turns.SUFFIX}").read_bytes())
    return int(drawn - inside + 1)


def write_in_turn(path: Path, name: int, came: list[int]) -> None:
    database = open_database(path)
    with transaction_of(database):
        came.append(name)
    database.close()


def wait_until(true: Any) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


class transaction_of:  # noqa: N801 - reads like transaction.atomic
    """`transaction.atomic()` for a connection that is in no settings."""

    def __init__(self, database: base.DatabaseWrapper) -> None:
        self.database = database

    def __enter__(self) -> None:
        self.database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    def __exit__(self, kind: object, *_: object) -> None:
        (self.database.rollback if kind else self.database.commit)()
        self.database.set_autocommit(True)


# What takes a turn, and when it ends


@pytest.mark.engine
def test_transaction_holds_the_turn_until_commit_and_rollback(path: Path) -> None:
    database = open_database(path)
    with transaction_of(database):
        assert holds(database)
        raise_counter(database)
        with database.cursor() as cursor:
            cursor.execute("SAVEPOINT inner_one")
            raise_counter(database)
            cursor.execute("ROLLBACK TO SAVEPOINT inner_one")
            cursor.execute("RELEASE SAVEPOINT inner_one")
        assert holds(database)
    assert not holds(database)
    with pytest.raises(OperationalError), transaction_of(database):
        database.cursor().execute("UPDATE nothing SET number = 1")
    assert not holds(database)
    assert counter(database) == 1
    database.close()


@pytest.mark.parametrize(
    ("statement", "writes"),
    [
        ("UPDATE counter SET number = 1", True),
        ("  -- why\n /* so */ insert into row values (1, 1)", True),
        ("WITH x AS (SELECT 1) INSERT INTO row SELECT 5, * FROM x", True),
        ("BEGIN IMMEDIATE", True),
        ("BEGIN", False),
        ("SELECT 'UPDATE' FROM counter", False),
        ("WITH x AS (SELECT 1) SELECT replace('a', 'b', 'c') FROM x", False),
        ("PRAGMA foreign_keys", False),
    ],
)
@pytest.mark.engine
def test_only_what_may_write_queues(path: Path, statement: str, writes: bool) -> None:
    """While another holds the turn, only the time limit lets a writer go on."""
    holder, other = open_database(path), open_database(path, timeout=0.2)
    other.ensure_connection()
    with transaction_of(holder):
        if writes:
            with pytest.raises(OperationalError, match="the turn to write did not come"):
                other.cursor().execute(statement)
        else:
            other.cursor().execute(statement)
    assert not holds(other)
    other.close()
    holder.close()


@pytest.mark.engine
def test_single_statement_gives_its_turn_back_also_when_it_fails(path: Path) -> None:
    database = open_database(path)
    raise_counter(database)
    assert not holds(database)
    with pytest.raises(OperationalError), database.cursor() as cursor:
        cursor.execute("UPDATE nothing SET a = 1")
    assert not holds(database)
    with database.cursor() as cursor:
        cursor.executemany("INSERT INTO row VALUES (%s, 0)", [(n,) for n in range(3)])
        assert cursor.execute("INSERT INTO row VALUES (9, 0) RETURNING number").fetchone() == (9,)
    assert not holds(database)
    database.close()


@pytest.mark.engine
def test_closed_connection_frees_the_turn(path: Path) -> None:
    first, second = open_database(path), open_database(path, timeout=1)
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    first.close()
    raise_counter(second)
    assert counter(second) == 1
    second.close()


# Trouble


def holder_process(path: Path) -> subprocess.Popen[str]:
    """A process that holds the turn and SQLite's lock until it is told to go on."""
    plan = {"engine": writers.FAIR, "name": str(path), "options": OPTIONS}
    child = writers.child("--hold", json.dumps(plan))
    writers.meet([child])
    assert child.stdout
    assert child.stdout.readline() == "held\n"
    return child


@pytest.mark.racing
@pytest.mark.engine
def test_killed_holder_frees_the_turn(path: Path) -> None:
    child = holder_process(path)
    database = open_database(path, timeout=5)
    child.send_signal(signal.SIGKILL)
    child.wait()
    began = time.monotonic()
    raise_counter(database)
    assert time.monotonic() - began < 1
    database.close()


@pytest.mark.racing
@pytest.mark.engine
def test_stopped_waiter_is_passed(path: Path) -> None:
    """Somebody draws a number and never uses it; SQLite's lock is free meanwhile."""
    stopped = turns.Turns(path, 5)
    stopped._draw(time.monotonic() + 1)
    database = open_database(path, timeout=10)
    began = time.monotonic()
    raise_counter(database)
    assert turns.STUCK_S <= time.monotonic() - began < 3 * turns.STUCK_S + 2
    began = time.monotonic()
    raise_counter(database)  # passed once, passed for good
    assert time.monotonic() - began < turns.STUCK_S / 2
    assert counter(database) == 2
    stopped.close()
    database.close()


@pytest.mark.engine
def test_program_that_does_not_queue_is_waited_for_and_named_when_it_stays(path: Path) -> None:
    shell = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database = open_database(path, timeout=0.3)
    shell.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="database is locked"):
        raise_counter(database)
    assert not holds(database)
    timer = threading.Timer(0.1, lambda: shell.execute("COMMIT"))
    timer.start()
    raise_counter(database)
    timer.join()
    assert counter(database) == 1
    shell.close()
    database.close()


@pytest.mark.engine
def test_spoilt_queue_costs_order_not_service(path: Path) -> None:
    queue = Path(f"{path}{turns.SUFFIX}")
    database = open_database(path)
    for spoilt in (b"", b"\xff" * 16, b"abc"):
        queue.write_bytes(spoilt)
        raise_counter(database)
    database.connection.turns.close()
    raise_counter(database)
    assert counter(database) == 4
    database.close()


@pytest.mark.engine
def test_forked_child_neither_keeps_nor_gives_the_parents_turn(path: Path) -> None:
    first, second = open_database(path), open_database(path, timeout=0.3)
    second.ensure_connection()
    reading, writing = os.pipe()
    with transaction_of(first):
        child = os.fork()
        if child == 0:
            first.connection.turns.close()
            os.write(writing, b"x")
            time.sleep(60)
            os._exit(0)
        os.read(reading, 1)
        with pytest.raises(OperationalError, match="the turn to write did not come"):
            raise_counter(second)
    raise_counter(second)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    first.close()
    second.close()


@pytest.mark.engine
def test_queue_belongs_to_whom_the_database_belongs(path: Path) -> None:
    queue = Path(f"{path}{turns.SUFFIX}")
    queue.unlink()
    path.chmod(0o660)
    if os.geteuid() == 0:
        os.chown(path, 12345, 12346)
    database = open_database(path)
    raise_counter(database)
    database.close()
    made, found = path.stat(), queue.stat()
    assert (found.st_mode, found.st_uid, found.st_gid) == (made.st_mode, made.st_uid, made.st_gid)


@pytest.mark.engine
def test_memory_has_no_queue() -> None:
    database = open_database(Path(":memory:"))
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE counter (number integer)")
    assert database.connection.turns is None
    database.connection.close()


@pytest.mark.engine
def test_without_such_locks_the_busy_timeout_stands_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "AVAILABLE", False)
    database = open_database(path)
    raise_counter(database)
    assert database.connection.turns is None
    database.close()


@pytest.mark.django_db
@pytest.mark.engine
def test_the_site_uses_the_queue() -> None:
    if connection.vendor != "sqlite":
        assert connection.settings_dict["ENGINE"] == "django.db.backends.postgresql"
        return
    assert connection.settings_dict["ENGINE"] == writers.FAIR
    with transaction.atomic():
        assert holds(connection)  # type: ignore[arg-type]
