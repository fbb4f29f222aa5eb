"""The quick part of the tests: its list is true, and tests on the real clock are in it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.quick import LEFT_OUT

TESTS = Path(__file__).parent


def test_every_name_that_is_left_out_exists() -> None:
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {path.stem, *(x.name for x in ast.walk(tree) if isinstance(x, ast.FunctionDef))}
    assert sorted(LEFT_OUT - found) == []


PLANTED = """
import pytest
@pytest.mark.parametrize("n", range(3))
def test_many_cases(n): pass
@pytest.mark.browser
def test_in_a_browser(): pass
@pytest.mark.racing
def test_race(): pass
@pytest.mark.racing
@pytest.mark.real_clock(reason="planted")
def test_race_on_the_real_clock(): pass
def test_every_url_role_and_owner_no_leak(): pass
"""


CONFTEST = """
from tests.quick import QuickPart
def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true")
def pytest_configure(config):
    config.addinivalue_line("markers", "browser: b")
    config.addinivalue_line("markers", "racing: r")
    config.addinivalue_line("markers", "real_clock: c")
    config.pluginmanager.register(QuickPart())
"""


@pytest.mark.parametrize(("option", "count"), [("--quick", 2), ("--strict-markers", 7)])
def test_quick_part_takes_the_first_case_and_every_real_clock(
    pytester: pytest.Pytester, option: str, count: int
) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_planted=PLANTED)
    result = pytester.runpytest_inprocess("-p", "no:django", "-p", "no:playwright", "-v", option)
    result.assert_outcomes(passed=count, deselected=7 - count)
    ran = [line.split()[0] for line in result.outlines if "PASSED" in line]
    quick = ["test_many_cases[0]", "test_race_on_the_real_clock"]
    assert {f"test_planted.py::{name}" for name in quick} <= set(ran)
