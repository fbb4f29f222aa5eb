"""The database of the tests is migrated once and then copied.

Each pytest process (each worker of xdist, each run) needs a database of its own. Whoever comes
first migrates it in full and leaves a copy: a file on SQLite, a template database on PostgreSQL.
Whoever comes later takes that copy, which costs a tenth of a second instead of many seconds.

A copy serves until a source file of the schema changes or the day ends, and `pytest --create-db`
makes a new one. A clean clone has none, so the build server runs every migration.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.creation import BaseDatabaseCreation

ROOT = Path(__file__).parents[1]
# Git ignores this directory of pytest's.
KEPT = ROOT / ".pytest_cache" / "databases"
PREFIX = "askare_template_"
# Whoever goes to and fro between branches keeps a copy for each.
MOST = 3
# What no table, guard, schedule or data migration comes from.
NO_SOURCE = {"tests", "tools", "bench", "docs", "data", "static", "templates", "locale"}


def sources(root: Path = ROOT) -> list[Path]:
    """Every file that says what a new database holds."""
    packages = [p.parent for p in root.glob("*/__init__.py") if p.parent.name not in NO_SOURCE]
    found = [path for package in packages for path in package.rglob("*.py")]
    return sorted([*found, *root.glob("requirements/*.txt")])


def key(vendor: str, root: Path = ROOT) -> str:
    """Names the copy: by engine, day, Python and the contents of all sources."""
    digest = hashlib.sha256(f"{vendor} {time.strftime('%F')} {sys.version}".encode())
    for path in sources(root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One process of this machine at a time; the others wait."""
    # Several clones share the PostgreSQL server of tests.postgres.
    with (Path(tempfile.gettempdir()) / f"askare-{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class SqliteCopy:
    """A file beside the others of pytest's."""

    def __init__(self, connection: BaseDatabaseWrapper, name: str) -> None:
        self.connection, self.path = connection, KEPT / f"{name}.sqlite3"

    def is_there(self) -> bool:
        return self.path.exists()

    def leave(self) -> None:
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in sorted(KEPT.glob("*.sqlite3"), key=lambda p: -p.stat().st_mtime)[MOST - 1 :]:
            old.unlink()
        # A process that is killed half way leaves no half copy under the name.
        half = self.path.with_suffix(".half")
        half.unlink(missing_ok=True)
        with closing(sqlite3.connect(half)) as copy:
            self.connection.connection.backup(copy)
        half.rename(self.path)

    def take(self, target: str) -> None:
        shutil.copyfile(self.path, target)


class PostgresCopy:
    """A template database on the same server."""

    def __init__(self, connection: BaseDatabaseWrapper, name: str) -> None:
        self.connection, self.name = connection, PREFIX + name

    def _names(self) -> list[str]:
        """All copies, the newest first."""
        with self.connection._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC",
                [PREFIX],
            )
            return [row[0] for row in cursor.fetchall()]

    def is_there(self) -> bool:
        return self.name in self._names()

    def _make(self, target: str, source: str) -> None:
        quote = self.connection.ops.quote_name
        with self.connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quote(target)}")
            cursor.execute(f"CREATE DATABASE {quote(target)} TEMPLATE {quote(source)}")

    def leave(self) -> None:
        # PostgreSQL copies no database that somebody is connected to.
        self.connection.close()
        half = f"{PREFIX}half"
        self._make(half, str(self.connection.settings_dict["NAME"]))
        quote = self.connection.ops.quote_name
        others = [name for name in self._names() if name not in {half, self.name}]
        with self.connection._nodb_cursor() as cursor:
            for name in (self.name, *others[MOST - 1 :]):
                cursor.execute(f"DROP DATABASE IF EXISTS {quote(name)}")
            cursor.execute(f"ALTER DATABASE {quote(half)} RENAME TO {quote(self.name)}")

    def take(self, target: str) -> None:
        self._make(target, self.name)


def create(
    creation: BaseDatabaseCreation, migrate: Callable[..., str], *, anew: bool, **options: Any
) -> str:
    """In place of Django's `create_test_db`: a copy when there is one, else the real thing."""
    connection = creation.connection
    if options.get("keepdb"):
        return migrate(creation, **options)
    name = key(connection.vendor)
    kept = (SqliteCopy if connection.vendor == "sqlite" else PostgresCopy)(connection, name)
    with alone(connection.vendor):
        if anew or not kept.is_there():
            made = migrate(creation, **options)
            kept.leave()
            connection.ensure_connection()
            return made
        target = creation._get_test_db_name()
        connection.close()
        kept.take(target)
    settings.DATABASES[connection.alias]["NAME"] = target
    connection.settings_dict["NAME"] = target
    connection.ensure_connection()
    return target


class CopiedDatabases:
    """pytest plugin: the first test that asks the database meets a copy."""

    def __init__(self) -> None:
        self._migrate: Callable[..., str] = BaseDatabaseCreation.create_test_db

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        migrate, anew = self._migrate, bool(session.config.getoption("create_db"))

        def copied(creation: BaseDatabaseCreation, **options: Any) -> str:
            return create(creation, migrate, anew=anew, **options)

        BaseDatabaseCreation.create_test_db = copied  # type: ignore[method-assign]

    def pytest_sessionfinish(self) -> None:
        BaseDatabaseCreation.create_test_db = self._migrate  # type: ignore[method-assign]
