"""Plan an import without writing anything, show it, then do all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from core.audit import record
from core.cells import BadCell
from core.texts import violation_text
from core.violations import RuleBroken
from orders.imports.kinds.base import FileColumn, FileKind, WantedRow
from orders.imports.reader import Table


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell. `column` is the heading as the file has it; `code` the remedy."""

    line: int
    column: str
    value: str
    code: str
    numbers: dict[str, Any] = field(default_factory=dict)
    rule_text: str = ""


@dataclass(frozen=True)
class Planned:
    line: int
    action: str  # create, update or same
    label: str
    changed: tuple[str, ...]
    wanted: WantedRow


@dataclass
class Plan:
    kind: FileKind
    rows: list[Planned] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def count(self, action: str) -> int:
        """Rows that would be made ("create"), changed ("update") or left ("same")."""
        return sum(1 for r in self.rows if r.action == action)

    @property
    def creates(self) -> int:
        return self.count("create")

    @property
    def updates(self) -> int:
        return self.count("update")

    @property
    def sames(self) -> int:
        return self.count("same")


def _norm(heading: str) -> str:
    return "".join(c for c in heading.casefold() if c.isalnum())


def match_columns(
    kind: FileKind, headings: tuple[str, ...]
) -> tuple[dict[int, FileColumn], list[str]]:
    """Column of each heading by position, and the headings that mean nothing to this kind."""
    by_name: dict[str, FileColumn] = {}
    for column in kind.columns:
        for heading in (column.key, *column.headings):
            by_name.setdefault(_norm(heading), column)
    found: dict[int, FileColumn] = {}
    unknown: list[str] = []
    for n, heading in enumerate(headings):
        column_or_none = by_name.get(_norm(heading))
        if column_or_none is None:
            if heading:
                unknown.append(heading)
        elif column_or_none not in found.values():
            found[n] = column_or_none
    return found, unknown


def plan_import(kind: FileKind, table: Table, *, now: datetime) -> Plan:
    """Look at every row and write nothing; every wrong cell is in `problems`."""
    columns, unknown = match_columns(kind, table.headings)
    plan = Plan(kind, unknown=unknown)
    there = {c.key for c in columns.values()}
    plan.problems += [
        Problem(1, c.headings[0], "", "column_missing")
        for c in kind.columns
        if c.required and c.key not in there
    ]
    if plan.problems:
        return plan
    seen: dict[object, int] = {}
    heading_of = {c.key: table.headings[n] for n, c in columns.items()}
    text_of = {c.key: n for n, c in columns.items()}
    for row in table.rows:
        values, wrong = _parse(row.line, row.cells, columns, table.headings)
        if wrong:
            plan.problems += wrong
            continue
        try:
            wanted = kind.wanted(values, now=now)
        except BadCell as bad:
            key = str(bad.numbers.pop("column", ""))
            n = text_of.get(key)
            shown = row.cells[n] if n is not None else ""
            plan.problems.append(
                Problem(row.line, heading_of.get(key, ""), shown, bad.code, bad.numbers)
            )
            continue
        except RuleBroken as broken:
            plan.problems += [
                Problem(row.line, "", "", "rule", rule_text=violation_text(v))
                for v in broken.violations
            ]
            continue
        keys = [key for key in (wanted.key, *wanted.numbers) if key is not None]
        if twice := [seen[key] for key in keys if key in seen]:
            plan.problems.append(Problem(row.line, "", wanted.label, "twice", {"line": twice[0]}))
            continue
        seen |= dict.fromkeys(keys, row.line)
        changed = wanted.changed
        action = "create" if wanted.found is None else "update" if changed else "same"
        plan.rows.append(Planned(row.line, action, wanted.label, tuple(changed), wanted))
    return plan


def _parse(
    line: int, cells: tuple[str, ...], columns: dict[int, FileColumn], headings: tuple[str, ...]
) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    wrong: list[Problem] = []
    for n, column in columns.items():
        text = cells[n]
        try:
            if column.required and not text:
                raise BadCell("required")
            values[column.key] = column.parse(text) if text else None
        except BadCell as bad:
            wrong.append(Problem(line, headings[n], text, bad.code, bad.numbers))
    for column in columns.values():
        if column.key in {"street", "city"} and values.get(column.key) is None:
            values[column.key] = ""
    return values, wrong


def apply_import(plan: Plan, *, file_name: str, by: User | None, now: datetime) -> int:
    """Write every row that differs, all or nothing; returns how many were written.

    Raises:
        ValueError: the plan has problems; they must be mended in the file first.
    """
    if plan.problems:
        raise ValueError("a plan with problems is not applied")
    todo = [r for r in plan.rows if r.action != "same"]
    with transaction.atomic():
        for row in todo:
            plan.kind.write(row.wanted, by=by, now=now)
        if todo:
            record(
                "import.applied",
                kind="import",
                ref=plan.kind.name,
                by=by,
                now=now,
                after={"file": file_name, "created": plan.creates, "updated": plan.updates},
            )
    return len(todo)
