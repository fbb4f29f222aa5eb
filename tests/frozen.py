"""The clock of the tests: every test sees the same moment, whatever day the machine has.

A pytest plugin. For each test, with its fixtures, the clock stands still at `NOW`, so no verdict
hangs on the day it is asked. Where another process or thread of the test must see time go by, it
ticks from `NOW` on: in tests that talk to a live server, and in those marked `ticking_clock`.
`real_clock(reason="...")` leaves a test with the clock of the machine; the reason is required.

`time.monotonic` and `time.perf_counter` go on: waits and measurements are real ones.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
import time_machine

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # Monday 9.00 in Helsinki

# A browser or another client waits for what a server does: time must go by for both.
TICKING = {"live_server", "page", "context", "browser", "new_context"}
MARKS = (
    'real_clock(reason="..."): this test sees the clock of the machine; the reason is required',
    "long: has more rounds with LONG=1 (make test-long)",
    "ticking_clock: time goes on from NOW during this test instead of standing still",
)


class FrozenClock:
    """The plugin; tests/conftest.py registers it."""

    @staticmethod
    def pytest_configure(config: pytest.Config) -> None:
        for mark in MARKS:
            config.addinivalue_line("markers", mark)

    @staticmethod
    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        """Refuse a test that leaves the frozen clock without saying why."""
        silent = [item.nodeid for item in items if not _reasons_given(item)]
        if silent:
            raise pytest.UsageError(
                "real_clock needs a reason, real_clock(reason='...'): " + ", ".join(silent)
            )

    @staticmethod
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
        """Around the whole test: fixtures of a wider scope are built on the same clock."""
        with clock_of(item):
            return (yield)


def clock_of(item: pytest.Item) -> time_machine.travel | nullcontext[None]:
    """What sets the clock for this test."""
    if item.get_closest_marker("real_clock"):
        return nullcontext()
    ticks = bool(TICKING & set(getattr(item, "fixturenames", ())))
    return time_machine.travel(NOW, tick=ticks or bool(item.get_closest_marker("ticking_clock")))


def _reasons_given(item: pytest.Item) -> bool:
    return all(
        str(mark.kwargs.get("reason", "")).strip() for mark in item.iter_markers("real_clock")
    )
