"""Django's SQLite with a fair queue before the write lock (turns.py).

ENGINE is "core.sqlite3". Everything that writes waits for its turn first: BEGIN IMMEDIATE of
`transaction.atomic()` and single statements outside of one. What only reads never waits.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.db.backends.sqlite3 import base, creation

from core.sqlite3.turns import Turns, TurnTimeoutError, logger, open_queue, remove_queue

Result = TypeVar("Result")

# What can take or free the write lock, by its first word. BEGIN alone takes no lock.
WRITES = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
    r"(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|VACUUM|REINDEX|ANALYZE|COMMIT|END|ROLLBACK"
    r"|BEGIN\s+(?:IMMEDIATE|EXCLUSIVE)|WITH\b.*\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM))\b",
    re.IGNORECASE | re.DOTALL,
).match


class Connection(sqlite3.Connection):
    """A connection with a place in the queue of its file."""

    turns: Turns | None = None
    busy_timeout_ms = 0

    def in_turn(self, run: Callable[[], Result]) -> Result:
        """Run a statement that may write, in our turn; keep the turn as long as a transaction."""
        if self.turns is None or self.in_transaction or self.turns.held:
            try:
                return run()
            finally:
                self.give_turn()
        try:
            self.turns.take(self._is_free)
        except TurnTimeoutError:
            # Worded like SQLite's own, with its code: whoever knows the one knows the other.
            error = sqlite3.OperationalError("database is locked: the turn to write did not come")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            error.sqlite_errorname = "SQLITE_BUSY"
            raise error from None
        except OSError as trouble:
            logger.warning("The queue of the database is out of order: %s", trouble)
        try:
            return run()
        finally:
            self.give_turn()

    def _is_free(self) -> bool:
        """Whether nobody holds SQLite's own write lock, without waiting for it."""
        self.execute("PRAGMA busy_timeout = 0")
        try:
            self.execute("BEGIN IMMEDIATE")
            self.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
        finally:
            self.execute(f"PRAGMA busy_timeout = {self.busy_timeout_ms}")
        return True

    def give_turn(self) -> None:
        """Let the next one write, unless our transaction goes on."""
        if self.turns is not None and self.turns.held and not self.in_transaction:
            self.turns.give()

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            self.give_turn()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.give_turn()

    def close(self) -> None:
        try:
            super().close()
        finally:
            if self.turns is not None:
                self.turns.close()


class Cursor(base.SQLiteCursorWrapper):
    """Statements that may write wait for their turn."""

    connection: Connection

    def execute(self, query: str, params: Any = None) -> Any:
        run = partial(super().execute, query, params)
        return self.connection.in_turn(run) if WRITES(query) else run()

    def executemany(self, query: str, param_list: Any) -> Any:
        run = partial(super().executemany, query, param_list)
        return self.connection.in_turn(run) if WRITES(query) else run()


class DatabaseCreation(creation.DatabaseCreation):
    """A test database takes its queue with it."""

    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:
        super()._destroy_test_db(test_database_name, verbosity)  # type: ignore[misc]
        if test_database_name and not self.is_in_memory_db(test_database_name):
            remove_queue(test_database_name)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with connections that queue."""

    creation_class = DatabaseCreation

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "factory": Connection}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        connection: Connection = super().get_new_connection(conn_params)
        timeout_s = float(conn_params.get("timeout", 5))  # Python's own default is 5 s
        connection.busy_timeout_ms = round(timeout_s * 1000)
        # SQLite knows the file best: NAME may be a link or an address, and is empty for memory.
        path = connection.execute("PRAGMA database_list").fetchone()[2]
        connection.turns = open_queue(path, timeout_s)
        return connection

    def create_cursor(self, _name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)
