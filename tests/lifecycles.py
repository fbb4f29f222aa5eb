"""Reads the sources of the product: who writes a lifecycle's state, and who takes which action."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
APPS = ("core", "accounts", "workers", "orders", "dispatch", "billing", "reports", "config")
FIELDS = {"status", "state", "bill_state"}
MODELS = {
    "WorkOrder", "Assignment", "HourEntry", "Invoice", "Plan", "PlanRow", "PlanPart",
    "InvoiceRunRow", "OutboxMessage",
}  # fmt: skip
WRITERS = {
    "update", "create", "get_or_create", "update_or_create", "bulk_update", "save", "aupdate",
    "acreate", "asave", "aget_or_create", "aupdate_or_create", "abulk_update",
}  # fmt: skip
# Questions to a table, and containers: an action in them is not taken.
ASKS = {
    "target", "hour_target", "bill_target", "invoice_target", "possible", "frozenset", "set",
    "sources",
}  # fmt: skip
SQL = re.compile(r"\bupdate\s+\w+\s+set\b.*\b(status|state|bill_state)\s*=", re.I | re.S)


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    """Every module of the product, without the migrations."""
    return tuple(
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text()))
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts
    )


# --------------------------------------------------------------------------- who writes


def writers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(function, line) of every write of a field of a lifecycle; outside of functions: `""`."""
    inner = {
        id(node)
        for at in ast.walk(tree)
        if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(at)
        for node in ast.walk(child)
    }
    for at in ast.walk(tree):
        if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
            if id(at) not in inner:
                yield from ((at.name, line) for line in _writes(at))
        elif isinstance(at, ast.Module | ast.ClassDef):
            functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            rest = [node for node in at.body if not isinstance(node, functions)]
            yield from (("", line) for line in _writes(ast.Module(rest, [])))


def _writes(within: ast.AST) -> Iterator[int]:
    told = _told(within)
    named = _names_a_field(within, told)
    for node in ast.walk(within):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_is_field(to) for target in targets for to in ast.walk(target)):
                yield node.lineno
        elif isinstance(node, ast.Call) and _writing_call(node, named=named):
            yield node.lineno
        elif isinstance(node, ast.Dict) and id(node) not in told:
            if any(_is_new(k, v) for k, v in zip(node.keys, node.values, strict=True)):
                yield node.lineno
        elif isinstance(node, ast.Constant) and SQL.search(str(node.value)):
            yield node.lineno


def _is_field(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and node.attr in FIELDS
        # An object's own field is no row's.
        and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    )


def _writing_call(call: ast.Call, *, named: bool) -> bool:
    func = call.func
    if isinstance(func, ast.Name):
        if func.id == "setattr" and len(call.args) > 1:
            return isinstance(call.args[1], ast.Constant) and call.args[1].value in FIELDS
        return func.id in MODELS and _sets_a_field(call, named=named)
    return isinstance(func, ast.Attribute) and (
        (func.attr in WRITERS and _sets_a_field(call, named=named))
        or (func.attr in MODELS and _sets_a_field(call, named=named))
    )


def _sets_a_field(call: ast.Call, *, named: bool) -> bool:
    for keyword in call.keywords:
        if keyword.arg in FIELDS:
            return True
        if keyword.arg is None and named:
            return True
        if keyword.arg in {"update_fields", "defaults", "create_defaults", "fields"} and any(
            isinstance(x, ast.Constant) and x.value in FIELDS for x in ast.walk(keyword)
        ):
            return True
    # The names of what is written in bulk stand in a list.
    bulk = isinstance(call.func, ast.Attribute) and call.func.attr in {
        "bulk_update",
        "abulk_update",
    }
    return bulk and any(
        isinstance(x, ast.Constant) and x.value in FIELDS
        for arg in call.args
        for x in ast.walk(arg)
    )


def _told(within: ast.AST) -> set[int]:
    """Nodes of what an event tells of a change: no writes."""
    return {
        id(node)
        for at in ast.walk(within)
        if isinstance(at, ast.keyword) and at.arg in {"before", "after"}
        for node in ast.walk(at.value)
    }


def _is_new(key: ast.AST | None, value: ast.AST) -> bool:
    """Whether a dict sets a field to a member of an enum, for somebody to write."""
    member = isinstance(value, ast.Attribute) and (value.attr == "value" or value.attr.isupper())
    return member and isinstance(key, ast.Constant) and key.value in FIELDS


def _names_a_field(within: ast.AST, told: set[int]) -> bool:
    """Whether a dict of it, or a key that is written, names a field: what `**` may hand on."""
    for node in ast.walk(within):
        if id(node) in told:
            continue
        if isinstance(node, ast.Dict) and any(
            isinstance(key, ast.Constant) and key.value in FIELDS for key in node.keys
        ):
            return True
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.slice, ast.Constant)
            and node.slice.value in FIELDS
        ):
            return True
    return False


# --------------------------------------------------------------------------- who acts


def taken(tree: ast.Module, enum: str) -> set[str]:
    """Names of the members of an enum of actions that the module takes.

    A member in a comparison, a set, a key of a dict or a question to the table is only named.
    """
    aliases = _aliases(tree, enum)
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in aliases
        and _is_taken(node, parents)
    }


def _aliases(tree: ast.Module, enum: str) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {name.asname or name.name for name in node.names if name.name == enum}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = (
                zip(target.elts, node.value.elts, strict=True)
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                else [(target, node.value)]
            )
            for to, value in pairs:
                if isinstance(to, ast.Name) and isinstance(value, ast.Name) and value.id in found:
                    found.add(to.id)
    return found


def _is_taken(node: ast.AST, parents: Mapping[int, ast.AST]) -> bool:
    child, at = node, parents[id(node)]
    while isinstance(at, ast.IfExp) and child is not at.test:
        child, at = at, parents[id(at)]
    if isinstance(at, ast.keyword):
        child, at = at, parents[id(at)]
    if isinstance(at, ast.Call):
        name = getattr(at.func, "id", getattr(at.func, "attr", ""))
        return child is not at.func and name not in ASKS
    if isinstance(at, ast.Dict):
        return child in at.values
    return isinstance(at, ast.Return | ast.Assign)


# --------------------------------------------------------------------------- what a table says


def defects(
    moves: Mapping[tuple[StrEnum, StrEnum], StrEnum],
    births: Iterable[StrEnum],
    states: type[StrEnum],
    actions: type[StrEnum],
    called: set[str],
) -> list[str]:
    """What nobody can reach or takes: empty for a table that is law."""
    found = [f"nobody takes {a.value}" for a in actions if a.name not in called]
    found += [f"{a.value} is in no move" for a in actions if all(of is not a for _, of in moves)]
    reached = set(births)
    while more := {
        new
        for (old, action), new in moves.items()
        if old in reached and action.name in called and new not in reached
    }:
        reached |= more
    return found + [f"nothing leads to {s.value}" for s in states if s not in reached]


def written_out(
    moves: Mapping[tuple[StrEnum, StrEnum], StrEnum],
    births: Iterable[StrEnum],
    states: type[StrEnum],
) -> list[tuple[str, str]]:
    """Rows of the table as the documentation has them: the state, and what leads where."""
    begins = set(births)
    return [
        (
            f"{state.value} (begins)" if state in begins else state.value,
            ", ".join(f"{a.value} > {new.value}" for (s, a), new in moves.items() if s is state)
            or "–",
        )
        for state in states
    ]
