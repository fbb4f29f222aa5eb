"""The copy of the migrated database: as good as a migrated one, and never an old one."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from core import guards
from tests import databases

pytestmark = pytest.mark.engine


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small project with an app, tests and pins."""
    for name in ("app", "tests"):
        (tmp_path / name / "migrations").mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "migrations" / "0001_initial.py").write_text("first = 1\n")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("django==5\n")
    return tmp_path


@pytest.mark.parametrize(
    "changed", ["app/migrations/0001_initial.py", "app/guards.py", "requirements/dev.txt"]
)
def test_copy_is_not_taken_after_a_source_changed(house: Path, changed: str) -> None:
    before = databases.key("sqlite", house)
    assert databases.key("sqlite", house) == before
    with (house / changed).open("a") as file:
        file.write("second = 2\n")
    assert databases.key("sqlite", house) != before


def test_copy_stays_when_only_a_test_changed(house: Path) -> None:
    before = databases.key("sqlite", house)
    (house / "tests" / "migrations" / "0001_initial.py").write_text("other = 1\n")
    assert databases.key("sqlite", house) == before


def test_engines_have_a_copy_each(house: Path) -> None:
    assert databases.key("sqlite", house) != databases.key("postgresql", house)


@pytest.mark.django_db
def test_database_of_the_tests_is_migrated_and_guarded() -> None:
    """Whether this process migrated it or took the copy."""
    call_command("migrate", check_unapplied=True, verbosity=0)
    assert guards.missing() == []


@pytest.mark.django_db
def test_control_a_guard_that_is_gone_would_be_seen() -> None:
    guards.drop(only="invoice_frozen")
    assert guards.missing() == ["invoice_frozen"]


@pytest.mark.django_db
def test_database_of_the_tests_is_not_the_copy_itself() -> None:
    name = str(connection.settings_dict["NAME"])
    assert not name.startswith(databases.PREFIX)
    assert databases.KEPT not in Path(name).parents
