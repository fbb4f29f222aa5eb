"""The clock of the tests: it stands still, it ticks where asked, and leaving it needs a reason."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from core import clock
from tests import racing
from tests.frozen import NOW

ROOT = Path(__file__).parents[1]
SOON = timedelta(minutes=1)
# What a folder of tests needs to run on our clock; without Django, which the others need.
CONFTEST = """
from tests.frozen import FrozenClock
def pytest_configure(config):
    config.pluginmanager.register(FrozenClock())
"""


@pytest.fixture(scope="module")
def built_for_the_module() -> datetime:
    return datetime.now(tz=UTC)


def test_every_way_to_ask_says_the_same_moment(built_for_the_module: datetime) -> None:
    """Fixtures of a wider scope too."""
    told = [datetime.now(tz=UTC), timezone.now(), clock.now(), built_for_the_module]
    assert told == [NOW] * 4
    assert date.today() == NOW.date()  # noqa: DTZ011 - somebody may write it
    assert time.time() == NOW.timestamp()


def test_clock_stands_still_while_measured_time_goes_on() -> None:
    began = time.monotonic()
    time.sleep(0.01)
    assert time.monotonic() - began >= 0.01
    assert datetime.now(tz=UTC) == NOW


@pytest.mark.ticking_clock
def test_ticking_clock_goes_on_from_the_same_moment() -> None:
    first = datetime.now(tz=UTC)
    time.sleep(0.01)
    assert NOW <= first < datetime.now(tz=UTC) < NOW + timedelta(minutes=1)


def test_clock_of_a_live_server_ticks(live_server: object) -> None:
    first = datetime.now(tz=UTC)
    time.sleep(0.01)
    assert NOW <= first < datetime.now(tz=UTC) < NOW + timedelta(minutes=5)


@pytest.mark.real_clock(reason="this one shows that the mark leaves the clock alone")
def test_real_clock_is_that_of_the_machine(tmp_path: Path) -> None:
    told, file = datetime.now(tz=UTC), tmp_path / "written"
    file.touch()
    written = datetime.fromtimestamp(file.stat().st_mtime, tz=UTC)
    moved = os.environ.get("MACHINE_CLOCK")
    near = (datetime.fromisoformat(moved), timedelta(hours=3)) if moved else (written, SOON)
    assert abs(told - near[0]) < near[1]


def test_real_clock_without_a_reason_ends_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    marks = ["real_clock", "real_clock(reason=' ')", "real_clock('why')", "real_clock(reason='x')"]
    tests = [f"@pytest.mark.{mark}\ndef test_{n}(): pass\n" for n, mark in enumerate(marks)]
    pytester.makepyfile("import pytest\n" + "".join(tests))
    result = pytester.runpytest_inprocess("-p", "no:django", "-p", "no:playwright")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [x for x in result.errlines + result.outlines if "real_clock needs a reason" in x]
    assert [f"::test_{n}" in line for n in range(4)] == [True, True, True, False]


PLANTED = """
import pytest
from datetime import UTC, date, datetime
DAY_OF_THE_TESTS = date(2026, 11, 26)
TODAY = datetime.now(tz=UTC).date()
def test_order_lies_ahead():
    assert datetime.now(tz=UTC).date() < DAY_OF_THE_TESTS
@pytest.mark.real_clock(reason="planted")
def test_order_lies_ahead_of_the_real_day():
    assert datetime.now(tz=UTC).date() < DAY_OF_THE_TESTS
def test_order_lies_ahead_of_the_day_of_import():
    assert TODAY < DAY_OF_THE_TESTS
@pytest.mark.real_clock(reason="planted")
def test_month_has_a_day_before_today():
    assert datetime.now(tz=UTC).day > 1
"""


BOMBS = {"test_order_lies_ahead_of_the_real_day", "test_order_lies_ahead_of_the_day_of_import"}


@pytest.mark.parametrize(
    ("machine", "failed"),
    [
        ("2026-11-24", set()),
        ("2027-05-24", BOMBS),
        ("2027-06-01", {*BOMBS, "test_month_has_a_day_before_today"}),
    ],
)
def test_moved_machine_clock_finds_planted_dates(
    tmp_path: Path, machine: str, failed: set[str]
) -> None:
    """Fixed dates beside a real clock and the first of a month; what is frozen passes always."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_planted.py").write_text(PLANTED)
    env = {**os.environ, "MACHINE_CLOCK": f"{machine}T06:00+00:00", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:django", "-p", "no:cacheprovider"],
        cwd=tmp_path, env=env, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert set(re.findall(r"^FAILED test_planted.py::(\w+)", done.stdout, re.M)) == failed
    told = f"{len(failed)} failed, {4 - len(failed)} passed" if failed else "4 passed"
    assert told in done.stdout, done.stdout


@pytest.mark.django_db
@pytest.mark.engine
def test_process_that_a_test_starts_has_the_clock_of_the_tests() -> None:
    child = racing.start("tests.clock_child")
    (told,) = racing.ended([child])
    assert NOW <= datetime.fromisoformat(told) < NOW + timedelta(minutes=1)
