"""docs/guards.md: what each database guard forbids, its SQL on both engines, its negative control.

    python tools/guards_doc.py --update     write the page from the registry of guards
    python tools/guards_doc.py --check      fail when the page is not what the registry gives

The SQL comes from the registry, so that the page cannot say what the database does not do. The
words and the names of the tests stand here; a new guard without them fails the check.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "guards.md"
WIDTH = 118


@dataclass(frozen=True)
class Words:
    """What one guard forbids or does, and the test that sees the fault when the guard is off."""

    says: str
    test: str


@dataclass(frozen=True)
class Family:
    """Guards of one purpose: a heading, why they exist, and their names."""

    heading: str
    why: str
    guards: dict[str, Words]


_KEPT = "test_append_only_row_is_kept_by_its_guard_alone"
_SEEN = "test_change_is_seen_by_the_stamp_guard_alone"


def _kept(rows: str) -> Words:
    return Words(f"{rows} are never changed and never deleted.", _KEPT)


def _stamp(rows: str, of: str = "the mark of the worker") -> Words:
    return Words(f"Each new, changed or deleted row of {rows} gives {of} a new value.", _SEEN)


FAMILIES = (
    Family(
        "Nobody is booked twice",
        "The services lock a worker, check and write. The guard stands behind them, for code that "
        "forgets the lock, for imports and for repairs by hand.",
        {
            "assignment_no_overlap": Words(
                "Two assignments that hold a worker's time never share a moment. An interval holds "
                "its start and not its end, so assignments that touch are allowed.",
                "test_dropped_guard_is_reported_and_lets_doubles_in",
            )
        },
    ),
    Family(
        "What was issued or sent stays as it was",
        "An invoice is corrected by a credit note, never by a change. A draft has no number and "
        "stays free.",
        {
            "invoice_frozen": Words(
                "An invoice with a number keeps its number, content and sums, is never a draft "
                "again and is never deleted. Its state, its sending and its payment may go on.",
                "test_issued_invoice_can_be_changed_when_the_guard_is_off",
            ),
            "invoice_line_frozen": Words(
                "An invoice with a number gets no new line, and none of its lines is changed or "
                "deleted.",
                "test_line_of_an_issued_invoice_is_kept_by_its_guard_alone",
            ),
            "einvoice_frozen": Words(
                "An e-invoice file keeps its bytes, its address and its key, and is never deleted. "
                "Only the receipt is written afterwards.",
                "test_bytes_changed_behind_the_guard_are_not_sent",
            ),
        },
    ),
    Family(
        "Rows that are only ever added",
        "A mistake is mended by a further row, so that everybody can see what was known when.",
        {
            "audit_append_only": _kept("Events of the audit trail"),
            "punch_append_only": _kept("Taps of check-in and check-out"),
            "bankentry_append_only": _kept("Entries of a bank statement"),
            "payment_append_only": _kept("Payments"),
            "reminder_append_only": _kept("Reminders that were sent"),
            "referencerate_append_only": _kept("Reference rates of interest"),
            "reminderterms_append_only": _kept("Terms of reminding"),
            "roundingversion_append_only": _kept("Versions of the rounding rules"),
            "roundedminutes_append_only": _kept("Results of rounding"),
            "payruleversion_append_only": _kept("Versions of the pay rules"),
            "hourmark_append_only": _kept("Marks on hours"),
            "payrollbatch_append_only": _kept("Batches that went to payroll"),
            "payrollrow_append_only": _kept("Rows of payroll batches"),
            "payrollfile_append_only": _kept("Files of payroll batches"),
        },
    ),
    Family(
        "What the ranking keeps in memory",
        "These refuse nothing. They change a mark whenever a row changes that the ranking of "
        "candidates keeps in memory, so that no process works on with what is no longer true. "
        "The mark is random, so that a database that was rolled back or restored never looks like "
        "another state.",
        {
            "stamp_workers_worker": Words(
                "Each new or deleted worker, and each change of a column that the ranking reads, "
                "gives the mark of the worker a new value.",
                _SEEN,
            ),
            "stamp_workers_worker_skills": _stamp("a worker's skills"),
            "stamp_workers_engagement": _stamp("engagements"),
            "stamp_workers_restriction": _stamp("restrictions"),
            "stamp_workers_weeklyavailability": _stamp("weekly availability"),
            "stamp_workers_skill": _stamp("skills", "the mark of everybody"),
            "stamp_workers_legallimit": _stamp("legal limits", "the mark of everybody"),
            "stamp_orders_tasktype_skills": _stamp("skills of task types", "the mark of everybody"),
        },
    ),
)

HEAD = """\
# Database guards

A guard is a trigger or a constraint that holds whatever code writes: the services, an import, a
shell or a repair by hand. It is the last line behind the rules of the program, never the only
one. Guards are installed after each `migrate`, because SQLite drops triggers when Django rebuilds
a table; a system check and `/healthz` name each guard that is missing.

Each guard has a negative control: a test that takes the guard away and sees the fault go through.

This page is made from the registry of guards. After a change run `.venv/bin/python
tools/guards_doc.py --update`; `make lint` fails when it is forgotten. Where the SQL of several
guards differs only in names, it stands once, with `{name}` and `{table}` in their place.
"""


def registry() -> dict[str, Any]:
    """Every guard that the apps have registered, by name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    return dict(_home()._registry)  # noqa: SLF001 - the page is the registry's own picture


def _home() -> ModuleType:
    """The module that holds the registry."""
    for name in ("core.guards", "core.guards"):
        if (ROOT / f"{name.replace('.', '/')}.py").is_file():
            return importlib.import_module(name)
    raise ModuleNotFoundError("no module holds the registry of guards")


def words() -> dict[str, Words]:
    """The words of every guard."""
    return {name: told for family in FAMILIES for name, told in family.guards.items()}


def problems(guards: Iterable[str]) -> list[str]:
    """Guards without words, and words without a guard."""
    known, told = set(guards), set(words())
    return [
        *(f"{name}: say in tools/guards_doc.py what it forbids" for name in sorted(known - told)),
        *(f"{name}: tools/guards_doc.py describes a guard that is gone" for name in told - known),
    ]


def _sql(statements: Iterable[str]) -> str:
    wrapped = (
        "\n".join(textwrap.wrap(f"{x};", WIDTH, break_long_words=False, break_on_hyphens=False))
        for x in statements
    )
    return "\n\n".join(wrapped)


def _both(guard: Any) -> str:
    """The SQL of a guard on both engines, with its own names taken out where they are parts."""
    lite, post = _sql(guard.sqlite.values()), _sql(guard.postgresql)
    return f"SQLite:\n\n```sql\n{lite}\n```\n\nPostgreSQL:\n\n```sql\n{post}\n```"


def _general(guard: Any) -> str:
    """The same with placeholders, unwrapped, to find guards that differ in names only."""
    text = "\0".join([*guard.sqlite.values(), "\1", *guard.postgresql])
    text = re.sub(rf"\b{guard.name}(?=_|\b)", "{name}", text)
    return re.sub(rf"\b{guard.table}\b", "{table}", text)


def _shared(guard: Any) -> str:
    lite, post = (part.strip("\0").split("\0") for part in _general(guard).split("\1"))
    return f"SQLite:\n\n```sql\n{_sql(lite)}\n```\n\nPostgreSQL:\n\n```sql\n{_sql(post)}\n```"


def page(guards: dict[str, Any]) -> str:
    """The whole page as text."""
    parts = [HEAD]
    for family in FAMILIES:
        parts += [f"## {family.heading}\n", f"{family.why}\n"]
        parts.append("| guard | table | what it does | negative control |\n|---|---|---|---|")
        groups: dict[str, list[Any]] = {}
        for name, told in family.guards.items():
            guard = guards[name]
            parts.append(f"| `{name}` | `{guard.table}` | {told.says} | `{told.test}` |")
            groups.setdefault(_general(guard), []).append(guard)
        parts.append("")
        for alike in groups.values():
            names = ", ".join(f"`{guard.name}`" for guard in alike)
            text = _both(alike[0]) if len(alike) == 1 else _shared(alike[0])
            parts.append(f"<details><summary>SQL of {names}</summary>\n\n{text}\n\n</details>\n")
    return "\n".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true")
    choice.add_argument("--update", action="store_true")
    options = parser.parse_args(arguments)
    guards = registry()
    if wrong := problems(guards):
        sys.stderr.write("\n".join(wrong) + "\n")
        return 1
    text = page(guards)
    if options.update:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        sys.stderr.write("docs/guards.md is old: .venv/bin/python tools/guards_doc.py --update\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
