"""Shared fixtures: what a flush must do besides, and the time of the tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
from django.test import TransactionTestCase

from tests.browser import BrowserTests, launch_args, require_if_asked
from tests.databases import CopiedDatabases
from tests.frozen import NOW, FrozenClock
from tests.quick import QuickPart
from tests.spread import Spread
from tests.worlds import Worlds

pytest_plugins = ["pytester"]  # for tests of our own plugins

# Playwright's sync API runs a loop in the test's thread, where Django refuses the ORM otherwise.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="the quick part: see tests/quick.py")
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out tests that may not ask the database: no database changes their answer",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--database-only"):
        return
    # pytest-django refuses the database to every other test.
    asking = {"db", "transactional_db", "live_server"}
    kept, left_out = [], []
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        asks = item.get_closest_marker("django_db") or fixtures & asking
        (kept if asks else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def pytest_collection_finish() -> None:
    # What is imported by now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    require_if_asked()
    config.pluginmanager.register(BrowserTests(), "askare-browser")
    config.pluginmanager.register(CopiedDatabases(), "askare-databases")
    config.pluginmanager.register(Worlds(), "askare-worlds")
    config.pluginmanager.register(Spread(), "askare-spread")
    config.pluginmanager.register(FrozenClock(), "askare-clock")
    config.pluginmanager.register(QuickPart(), "askare-quick")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium of this machine instead of the one Playwright would download."""
    return launch_args(browser_type_launch_args)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_guards() -> Iterator[None]:
    """A flush meets rows that the guards protect, and takes the rows of data migrations with it.

    post_migrate installs the guards again; the two data migrations are run once more.
    """
    from django.apps import apps
    from django.db import connection

    from core import guards

    seeds = [
        import_module("orders.migrations.0002_vat_rates"),
        import_module("workers.migrations.0002_legal_limits"),
    ]
    original = TransactionTestCase._fixture_teardown

    def teardown(self: Any) -> None:
        guards.drop()
        original(self)
        with connection.schema_editor() as editor:
            for seed in seeds:
                seed.load(apps, editor)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[method-assign]
