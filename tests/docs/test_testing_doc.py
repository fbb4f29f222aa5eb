"""docs/testing.md names the marks, commands and files that there are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests import frozen
from tests.docs.test_architecture_doc import names_in, section

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/testing.md").read_text(encoding="utf-8")
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?)(?:: (\w+))?`")


def name_of(mark: str) -> str:
    """`real_clock(reason="..."): …` is the mark real_clock."""
    return re.split(r"[(:]", mark, maxsplit=1)[0].strip()


def documented(page: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", section(page, "Marks"), re.MULTILINE))


def differing(page: str, ours: Iterable[str], registered: Iterable[str]) -> set[str]:
    """Marks of ours that the page forgets, and those of the page that pytest does not know."""
    found = documented(page)
    return (set(ours) - found) | (found - set(registered))


@pytest.fixture
def registered(pytestconfig: pytest.Config) -> set[str]:
    return {name_of(mark) for mark in pytestconfig.getini("markers")}


@pytest.fixture
def ours() -> set[str]:
    """Those of pyproject.toml and of our plugin; others come with packages."""
    listed = re.search(r"^markers = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.M | re.S)
    assert listed
    lines = re.findall(r'^ +"([^"]+)', listed[1], re.MULTILINE)
    return {name_of(mark) for mark in (*lines, *frozen.MARKS)}


def test_marks_of_the_page_are_those_of_pytest(ours: set[str], registered: set[str]) -> None:
    assert differing(PAGE, ours, registered) == set()
    assert len(ours) > 4


def test_mark_on_one_side_only_is_found(ours: set[str], registered: set[str]) -> None:
    """Negative control."""
    assert differing(PAGE, ours | {"new"}, registered) == {"new"}
    page = PAGE.replace("| `racing` |", "| `rushing` |")
    assert differing(page, ours, registered) == {"racing", "rushing"}


def unknown_goals(page: str) -> set[str]:
    goals = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    return set(re.findall(r"`(?:[A-Z_]+=\S+ )?make ([a-z-]+)", page)) - goals


def test_goals_of_make_and_files_exist() -> None:
    assert unknown_goals(PAGE) == set()
    for path, name in PATH.findall(PAGE):
        assert (ROOT / path).exists(), path
        assert not name or name in names_in(ROOT / path), f"{path}: {name}"


def test_unknown_goal_is_found() -> None:
    """Negative control."""
    assert unknown_goals("Run `make tests` and `LONG=1 make test`.") == {"tests"}
