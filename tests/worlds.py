"""Rows that several tests of a file begin with, made once.

    books = made_once(build)      # at the top of the file: a fixture of that name

    def test_something(books): ...

The first test that asks makes the world inside a transaction. Each test runs in a savepoint of
its own, so what it does is undone. The world ends with the file, or before a test of the file
that does not ask for it: that test meets an empty database, in whatever order they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from unittest.mock import patch

import pytest
from django.db import connections, transaction

T = TypeVar("T")
# The fixture that is open, by name, and how to end it early.
_open: dict[str, Callable[[], None]] = {}


def made_once(build: Callable[[], T]) -> Any:
    """A fixture of a file: what `build` makes in the database, and its answer."""

    @pytest.fixture(scope="module")
    def made(
        request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
    ) -> Iterator[T]:
        name = str(request.fixturename)
        connection = connections["default"]
        outer = transaction.atomic()
        # Django closes the connection after each test, and with it this transaction would go.
        with patch.object(connection, "close", lambda: None):
            with django_db_blocker.unblock():
                outer.__enter__()
            try:
                with django_db_blocker.unblock():
                    answer = build()
                _open[name] = lambda: request._fixturedef.finish(request)  # type: ignore[attr-defined]
                yield answer
            finally:
                _open.pop(name, None)
                with django_db_blocker.unblock():
                    transaction.set_rollback(True)
                    outer.__exit__(None, None, None)

    return made


class Worlds:
    """pytest plugin: no test meets a world that it did not ask for."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        for name in set(_open) - set(getattr(item, "fixturenames", ())):
            _open[name]()
