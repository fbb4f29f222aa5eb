"""CHANGELOG.md and pyproject.toml name the same version, and there is a place for what is next."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def faults(page: str, version: str) -> list[str]:
    """What is wrong with the headings of a changelog."""
    first, *released = re.findall(r"^## (.*)$", page, re.MULTILINE)
    found = [] if first == "Unreleased" else ["no place for what is next"]
    dated = [re.fullmatch(r"(\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)", line) for line in released]
    if not all(dated):
        return [*found, "a version without its day"]
    newest = [match.groups() for match in dated if match]
    if newest[0][0] != version:
        found.append(f"pyproject.toml says {version}")
    days = [day for _version, day in newest]
    return found if days == sorted(days, reverse=True) else [*found, "not the newest first"]


def test_newest_version_is_that_of_the_program() -> None:
    assert faults(PAGE, VERSION) == []
    assert set(re.findall(r"^### (.*)$", PAGE, re.MULTILINE)) <= {"New", "Changed", "Fixed"}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("## Unreleased\n", "", "no place for what is next"),
        (f"## {VERSION} ", "## 9.9.9 ", f"pyproject.toml says {VERSION}"),
        (f"## {VERSION} (2026-", f"## {VERSION} (1999-", "not the newest first"),
        (f"## {VERSION} (", f"## {VERSION}, (", "a version without its day"),
    ],
)
def test_planted_fault_is_found(old: str, new: str, found: str) -> None:
    """Negative control."""
    assert found in faults(PAGE.replace(old, new, 1), VERSION)
