"""What stays together on one worker, and that the rest is free."""

from __future__ import annotations

import pytest

from tests.spread import group_in, group_of_file


@pytest.mark.parametrize(
    ("source", "group"),
    [
        ("pytestmark = [pytest.mark.racing]", "races"),
        ("books = made_once(build)", "tests/x/test_one.py"),
        ('@pytest.fixture(scope="module")', "tests/x/test_one.py"),
        ("pytestmark = pytest.mark.browser", "tests/x/test_one.py"),
        ("pytestmark = pytest.mark.django_db", None),
    ],
)
def test_group_is_told_by_the_file(source: str, group: str | None) -> None:
    assert group_in("tests/x/test_one.py", source) == group


def test_long_file_starts_first() -> None:
    assert group_of_file("tests/test_access.py") == "tests/test_access.py"
