"""A rule is said in words; an id that code or docs name stands in docs/requirements.md."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
CODE = (
    "accounts",
    "workers",
    "orders",
    "dispatch",
    "billing",
    "reports",
    "core",
    "config",
    "bench",
    "tools",
)
# A letter and a number, as lists of wishes have them; and paragraphs of a page that is not named.
NAMED = re.compile(r"\b(R-\d+|[ACNP]\d{1,2})\b|\((§[^)]*|\w+-fi §?\d*)\)")
# The size of paper, and the unit code for a piece (UN/ECE Recommendation 20).
NO_ID = {"A4", "C62"}


def defined(page: str) -> set[str]:
    """The ids in the first cells of the page's tables."""
    return set(re.findall(r"^\| (R-\d+) \|", page, re.MULTILINE))


def named(text: str) -> set[str]:
    """The ids that a text names."""
    return {a or b for a, b in NAMED.findall(text)} - NO_ID


def prose_of(source: str) -> Iterator[str]:
    """Docstrings and comments of a module; other strings may hold A1 for a cell of a sheet."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def unknown(path: Path, text: str, page: str = PAGE) -> set[str]:
    """Ids of a file that the page does not define."""
    prose = "\n".join(prose_of(text)) if path.suffix == ".py" else text
    return named(prose) - defined(page)


def sources() -> list[Path]:
    found = [
        path
        for folder in (*CODE, "tests")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    ]
    return [*found, *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]


def test_every_id_that_is_named_is_on_the_page():
    wrong = {
        str(path.relative_to(ROOT)): sorted(lost)
        for path in sources()
        if path != Path(__file__) and (lost := unknown(path, path.read_text(encoding="utf-8")))
    }
    assert wrong == {}
    assert len(sources()) > 300


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.py", '"""Nobody is booked twice (P5)."""\n', {"P5"}),
        ("a.py", 'def f():\n    """C17."""\n', {"C17"}),
        ("a.py", "x = 1  # see N12 and R-999\n", {"N12", "R-999"}),
        ("a.py", '"""Valid numbers (rules-fi §3)."""\n', {"rules-fi §3"}),
        ("a.md", "The swap (§3.6) keeps the focus; R-1 holds.\n", {"§3.6"}),
        ("a.py", 'cell = "A1"  # a sheet of size A4\n', set()),
        ("a.py", '"""R-1 says so, and RFC 5321 §3.3."""\n', set()),
    ],
)
def test_planted_ids_are_noticed(name: str, text: str, found: set[str]):
    """Negative control."""
    assert unknown(Path(name), text) == found


def test_ids_count_up_and_each_has_a_test_that_exists():
    ids = re.findall(r"^\| (R-\d+) \|", PAGE, re.MULTILINE)
    assert ids == [f"R-{n}" for n in range(1, len(ids) + 1)]
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^ *def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    for line in re.findall(r"^\| R-\d+ \|.*$", PAGE, re.MULTILINE):
        proofs = re.findall(r"`(test_\w+)`", line)
        assert proofs, line
        assert set(proofs) <= tests, line
