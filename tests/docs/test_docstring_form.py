"""One form of docstring: "Raises:" blocks, single backticks, no roles."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "accounts",
    "workers",
    "orders",
    "dispatch",
    "billing",
    "reports",
    "core",
    "config",
    "bench",
)
FAULTS = {
    "double backticks": re.compile(r"``"),
    "role": re.compile(r":(?:func|class|data|attr|meth|mod):`"),
    "numpydoc": re.compile(r"^ *(?:Parameters|Raises|Returns|Notes)\n *-{3,}$", re.MULTILINE),
    "Raises in prose": re.compile(r"\bRaises [A-Z]"),
}


def faults(source: str) -> list[str]:
    """What is wrong with the strings of a module that stand by themselves."""
    return [
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for name, pattern in FAULTS.items()
        if pattern.search(node.value.value)
    ]


def test_docstrings_have_one_form():
    paths = [p for f in (*FOLDERS, "tests", "tools") for p in (ROOT / f).rglob("*.py")]
    wrong = {str(p.relative_to(ROOT)): faults(p.read_text(encoding="utf-8")) for p in paths}
    assert {name: found for name, found in wrong.items() if found} == {}
    assert len(paths) > 300


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The row ``x``.", "double backticks"),
        ("See :func:`x`.", "role"),
        ("Round.\n\nRaises\n------\nValueError\n", "numpydoc"),
        ("Round. Raises ValueError for NaN.", "Raises in prose"),
    ],
)
def test_planted_fault_is_noticed(text: str, found: str):
    """Negative control."""
    assert faults(f'def f():\n    """{text}"""\n') == [found]
    assert faults('"""Round `x`.\n\nRaises:\n    ValueError: for NaN.\n"""') == []
