"""Marks that a test must not lack, read from the sources of the tests.

`engine` says that a test asks what SQLite and PostgreSQL may answer differently; the build server
repeats those, and only those, on PostgreSQL. `long` says that a test has more rounds with LONG=1.
A test that names a guard, a lock, an error of the database or SQL of its own, itself or through a
helper or fixture of its file, needs the mark. Where nothing tells (an order of rows, a value that
one engine refuses) the author sets it by hand.

    python -m tests.marks            names the tests that lack a mark
    python -m tests.marks --write    and adds it
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
# What a test names that needs the mark.
SIGNS: dict[str, frozenset[str]] = {
    "engine": frozenset(
        {
            # guards, locks, processes
            "guards", "racing", "select_for_update", "lock_no", "GUARDS",
            # what a database refuses
            "IntegrityError", "DatabaseError", "DataError", "OperationalError", "ProgrammingError",
            # SQL of its own
            "connection", "connections", "cursor", "RawSQL", "EpochMinutes",
            # how many questions a page asks
            "CaptureQueriesContext", "django_assert_num_queries", "django_assert_max_num_queries",
        }
    ),
    "long": frozenset({"how_many"}),
}  # fmt: skip


class Lack(NamedTuple):
    """A test without its mark."""

    test: str
    mark: str
    line: int


def _named(node: ast.AST) -> set[str]:
    """Every name that a piece of source uses, its own parameters (fixtures) too."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
        elif isinstance(part, ast.arg):
            found.add(part.arg)
        elif isinstance(part, ast.alias):
            found.add(part.asname or part.name)
        elif isinstance(part, ast.Call) and getattr(part.func, "attr", "") == "usefixtures":
            found |= {str(name.value) for name in part.args if isinstance(name, ast.Constant)}
    return found


def _targets(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _marks(node: ast.AST) -> set[str]:
    """`x` of every `pytest.mark.x`."""
    return {
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Attribute)
        and part.value.attr == "mark"
    }


def _is_fixture_for_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(part, ast.keyword) and part.arg == "autouse"
        for decorator in node.decorator_list
        for part in ast.walk(decorator)
    )


def lacking(source: str) -> list[Lack]:
    """The tests of one file that lack a mark."""
    body = ast.parse(source).body
    uses: dict[str, set[str]] = {}
    for_all: set[str] = set()
    of_module: set[str] = set()
    for statement in body:
        for name in _targets(statement):
            uses.setdefault(name, set()).update(_named(statement))
            if name == "pytestmark":
                of_module |= _marks(statement)
        if isinstance(statement, ast.FunctionDef) and _is_fixture_for_all(statement):
            for_all.add(statement.name)
    found = []
    for statement in body:
        if not isinstance(statement, ast.FunctionDef) or not statement.name.startswith("test"):
            continue
        own = of_module.union(*map(_marks, statement.decorator_list), set())
        reached = _reached({statement.name, *for_all, "pytestmark"}, uses)
        found += [
            Lack(statement.name, mark, statement.lineno)
            for mark, signs in SIGNS.items()
            if mark not in own and reached & signs
        ]
    return found


def _reached(start: set[str], uses: dict[str, set[str]]) -> set[str]:
    waiting, known = list(start), set(start)
    while waiting:
        for name in uses.get(waiting.pop(), set()) - known:
            known.add(name)
            waiting.append(name)
    return known


def files() -> list[Path]:
    return sorted(HERE.rglob("test_*.py"))


def report() -> list[str]:
    """Every test of the project that lacks a mark, as a line that says what to do."""
    return [
        f"{path.relative_to(HERE.parent)}:{lack.line} {lack.test}: add @pytest.mark.{lack.mark}"
        for path in files()
        for lack in lacking(path.read_text())
    ]


def write() -> None:
    """Add what is lacking, one line above each test."""
    for path in files():
        source = path.read_text()
        lines = source.split("\n")
        # From the end, so that the numbers of the lines before stay true.
        for lack in sorted(lacking(source), key=lambda lack: -lack.line):
            lines.insert(lack.line - 1, f"@pytest.mark.{lack.mark}")
        path.write_text("\n".join(lines))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        write()
    found = report()
    print("\n".join(found) or "No test lacks a mark.")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
