"""Database guards: the last line behind the services, as SQL of each vendor.

Django rebuilds a table on SQLite for many migrations and drops its triggers without a word, so
the guards are installed again after every migrate, and `missing()` lets the system check and
/healthz say when one is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Guard:
    """One named guard on one table.

    `sqlite` holds one CREATE TRIGGER statement per trigger name; `postgresql` the statements that
    create it and `postgresql_drop` those that remove it again.
    """

    name: str
    table: str
    sqlite: dict[str, str]
    postgresql: tuple[str, ...]
    postgresql_drop: tuple[str, ...]


_registry: dict[str, Guard] = {}


def register(guard: Guard) -> Guard:
    """Make a guard known; apps call this from their guards module in ready()."""
    _registry[guard.name] = guard
    return guard


def append_only(name: str, table: str) -> Guard:
    """Guard that refuses UPDATE and DELETE on a table."""
    return Guard(
        name=name,
        table=table,
        sqlite={
            f"{name}_{verb.lower()}": (
                f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
            for verb in ("UPDATE", "DELETE")
        },
        postgresql=(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()",
        ),
        postgresql_drop=(f"DROP TRIGGER IF EXISTS {name} ON {table}",),
    )


def _tables(connection: BaseDatabaseWrapper) -> set[str]:
    return set(connection.introspection.table_names())


def _present(connection: BaseDatabaseWrapper, guard: Guard) -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
                [guard.table],
            )
            return set(guard.sqlite) <= {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT 1 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname = %s AND c.relname = %s "
            "UNION ALL SELECT 1 FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid "
            "WHERE o.conname = %s AND c.relname = %s",
            [guard.name, guard.table, guard.name, guard.table],
        )
        return cursor.fetchone() is not None


def missing(using: str = "default") -> list[str]:
    """Names of guards that should be in the database and are not."""
    connection = connections[using]
    tables = _tables(connection)
    return [
        g.name for g in _registry.values() if g.table not in tables or not _present(connection, g)
    ]


def install(using: str = "default", only: str | None = None) -> None:
    """Install every guard whose table exists; safe to repeat."""
    connection = connections[using]
    tables = _tables(connection)
    with connection.cursor() as cursor:
        for guard in _registry.values():
            if guard.table not in tables or (only and guard.name != only):
                continue
            drop(using, only=guard.name)
            statements = (
                tuple(guard.sqlite.values()) if connection.vendor == "sqlite" else guard.postgresql
            )
            for statement in statements:
                cursor.execute(statement)


def drop(using: str = "default", only: str | None = None) -> None:
    """Remove guards: for maintenance by hand and for the tests' negative controls."""
    connection = connections[using]
    tables = _tables(connection)
    if connection.in_atomic_block:
        # PostgreSQL alters no table while deferred foreign-key checks of it wait.
        connection.check_constraints()
    with connection.cursor() as cursor:
        for guard in _registry.values():
            if guard.table not in tables or (only and guard.name != only):
                continue
            statements = (
                tuple(f"DROP TRIGGER IF EXISTS {name}" for name in guard.sqlite)
                if connection.vendor == "sqlite"
                else guard.postgresql_drop
            )
            for statement in statements:
                cursor.execute(statement)


def install_after_migrate(sender: Any, using: str = "default", **_: Any) -> None:
    """post_migrate receiver; runs once per app with models, so act only on the last one."""
    if sender is [app for app in apps.get_app_configs() if app.models_module][-1]:
        install(using)


AUDIT = register(append_only("audit_append_only", "core_auditevent"))
