"""A test that asks the database engine, or runs longer with LONG=1, says so by a mark."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import marks

HEAD = (
    "import pytest\nfrom django.db import IntegrityError, connection\nfrom accounts import guards\n"
)
ITSELF = HEAD + "def test_one():\n    guards.drop()\n"
BY_HELPER = HEAD + "def many():\n    connection.cursor()\ndef test_one():\n    many()\n"
BY_FIXTURE = HEAD + "@pytest.fixture\ndef off():\n    guards.drop()\ndef test_one(off):\n    pass\n"
BY_CONSTANT = HEAD + "ERRORS = (IntegrityError,)\ndef test_one():\n    pytest.raises(ERRORS)\n"
FOR_ALL = HEAD + (
    "@pytest.fixture(autouse=True)\ndef off():\n    guards.drop()\ndef test_one():\n    pass\n"
)
BY_NAME = BY_FIXTURE.replace("def test_one(off)", "@pytest.mark.usefixtures('off')\ndef test_one()")
COUNTING = "def test_one(django_assert_num_queries):\n    pass\n"
ROUNDS = "from tests.rounds import how_many\nN = how_many(2, 9)\ndef test_one():\n    range(N)\n"


def test_no_test_lacks_its_mark() -> None:
    """`python -m tests.marks --write` adds what is named here."""
    assert marks.report() == []


@pytest.mark.parametrize(
    "source", [ITSELF, BY_HELPER, BY_FIXTURE, BY_NAME, BY_CONSTANT, FOR_ALL, COUNTING]
)
def test_forgotten_engine_is_found(source: str) -> None:
    """Negative controls: what a test names itself, or through a piece of its file."""
    assert [(lack.test, lack.mark) for lack in marks.lacking(source)] == [("test_one", "engine")]


def test_forgotten_long_is_found() -> None:
    assert [lack.mark for lack in marks.lacking(ROUNDS)] == ["long"]


def _above(source: str) -> str:
    return source.replace("def test_one", "@pytest.mark.engine\ndef test_one")


def _on_the_file(source: str) -> str:
    return source + "pytestmark = [pytest.mark.racing, pytest.mark.engine]\n"


@pytest.mark.parametrize("marked", [_above, _on_the_file])
@pytest.mark.parametrize("source", [ITSELF, BY_FIXTURE])
def test_mark_of_the_test_or_of_its_file_will_do(source: str, marked: Callable[[str], str]) -> None:
    assert marks.lacking(marked(source)) == []


def test_test_that_asks_no_engine_needs_no_mark() -> None:
    assert marks.lacking("def test_one(client):\n    client.get('/')\n") == []
