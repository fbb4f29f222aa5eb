"""System checks that need the database: `manage.py check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from core import guards


@register(Tags.database)
def guards_present(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Every database guard is installed, once the tables exist."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        if "core_auditevent" not in connections[alias].introspection.table_names():
            continue
        if _pending(alias):
            # `migrate` runs this check before it installs the guards of a new version.
            continue
        found += [
            Error(
                f"Database guard {name} is missing.",
                hint="Run manage.py migrate: it installs the guards again.",
                id="core.E001",
            )
            for name in guards.missing(alias)
        ]
    return found


def _pending(alias: str) -> bool:
    """Whether migrations wait to be applied."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
