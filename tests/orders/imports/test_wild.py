"""Whatever stands in a cell of an imported table is taken as it fits, or named with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Role
from core import icons
from orders.imports import checked_cells
from orders.imports.kinds import KINDS, sites
from orders.imports.reader import Row, Table, read_table
from orders.imports.services import Plan, apply_import, plan_import
from orders.imports.texts import problem_text
from orders.models import Contact, Customer, Site, Tariff, TaskType, WorkOrder
from tests import builders
from tests.orders.imports.test_imports import FILES, NOW, bring_in_examples
from workers.models import Engagement, Skill, WeeklyAvailability, Worker

pytestmark = pytest.mark.engine
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
WRITTEN: tuple[type[Model], ...] = (
    Customer, Contact, Site, TaskType, Tariff, Skill, Worker, Engagement, WeeklyAvailability,
    WorkOrder,
)  # fmt: skip
WILD = (
    "x" * 400, "å" * 120, "1e30", "1e400", "-5", "0", "0,005", "99999999999", "1.1.0001",
    "31.12.9999", "24.00", "23-1", "8-16, 9-17", "NaN", "sNaN", "abc", "١٢٣٤٥", "²", "\t",
    "=1+1", "😀", "040", "+358 40 123 45x", "a@b.c", "A, " * 60,
)  # fmt: skip


SHOWN = {
    "task_types": ("orders:order-new",),
    "customers": ("orders:customer-list",),
    "sites": ("orders:customer-list",),
    "workers": ("dispatch:worker-list", "dispatch:day"),
    "orders": ("dispatch:order-list",),
}


# What tells one row from another, so that many wild values of a column stand on a page together.
OWN: dict[str, tuple[str, ...]] = {
    "customers": ("Asiakasnumero", "Y-tunnus"),
    "sites": ("Katuosoite",),
    "task_types": ("Koodi",),
    "workers": ("Työntekijänumero", "Palkkanumero"),
    "orders": ("Tilausnumero",),
}
# So many new rows are still on the first page of a list.
TOGETHER = 8


class _Undone(Exception):
    """Takes back what one cell made."""


def _is_taken(kind: str, table: Table) -> bool:
    """Whether a table may be brought in; what it leads to fits its columns, and nothing stays."""
    plan = plan_import(KINDS[kind], table, now=NOW)
    for problem in plan.problems:
        assert problem_text(problem).strip(), f"no remedy: {problem.code}"
    if plan.problems:
        return False
    try:
        with transaction.atomic():
            apply_import(plan, file_name="x.csv", by=None, now=NOW)
            _check_columns(plan)
            raise _Undone
    except _Undone:
        return True


def _check_columns(plan: Plan) -> None:
    """Lengths and sizes of columns, which SQLite itself lets pass."""
    found = [r.wanted.found for r in plan.rows if r.wanted.found]
    for model in WRITTEN:
        found += model._default_manager.order_by("-pk")[:2]
    for row in found:
        row.clean_fields()


def _look(office: Client, kind: str, tables: list[Table]) -> None:
    """The pages that show what was brought in; each is opened, an error of theirs is raised."""
    try:
        with transaction.atomic():
            for table in tables:
                plan = plan_import(KINDS[kind], table, now=NOW)
                assert [p.code for p in plan.problems] == []
                apply_import(plan, file_name="x.csv", by=None, now=NOW)
                _check_columns(plan)
            for name in SHOWN[kind]:
                assert office.get(reverse(name)).status_code == 200
            raise _Undone
    except _Undone:
        return


def _wild(kind: str, name: str, cells_of: tuple[str, ...] = WILD) -> list[str]:
    """Findings of every wild value in every column of the first row of an example."""
    table = read_table(name, (EXAMPLES / name).read_bytes())
    found: list[str] = []
    office = Client()
    office.force_login(builders.user(Role.DISPATCHER))

    def tried(ask: Callable[[], bool | None], heading: str, wild: str) -> bool:
        try:
            return bool(ask())
        except Exception as error:  # noqa: BLE001 - each is a finding, and all are wanted
            found.append(f"{heading} {wild[:12]!r}: {type(error).__name__} {error}"[:200])
            return False

    for n, heading in enumerate(table.headings):
        taken = [
            (wild, _of_its_own(kind, _with(table, n, wild), heading, position))
            for position, wild in enumerate(cells_of)
            if tried(partial(_is_taken, kind, _with(table, n, wild)), heading, wild)
        ]
        for start in range(0, len(taken), TOGETHER):
            part = taken[start : start + TOGETHER]
            try:
                _look(office, kind, [changed for _wild, changed in part])
            except Exception:  # noqa: BLE001 - whose cell it is, each alone will tell
                before = len(found)
                for wild, changed in part:
                    tried(partial(_look, office, kind, [changed]), heading, wild)
                assert len(found) > before, f"{heading}: a page breaks on several cells together"
    return found


def _of_its_own(kind: str, table: Table, tested: str, n: int) -> Table:
    """The same row as a thing of its own: number and name of the `n`th, but for the wild cell."""
    for heading in OWN[kind]:
        if heading != tested:
            own = builders.business_id(500 + n) if heading == "Y-tunnus" else f"w{n:02}"
            table = _with(table, table.headings.index(heading), own)
    return table


def _with(table: Table, n: int, text: str) -> Table:
    """The first row alone, with another text in column `n`."""
    first = table.rows[0]
    cells = (*first.cells[:n], text, *first.cells[n + 1 :])
    return Table(table.headings, (Row(first.line, cells),))


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "name"), FILES)
def test_no_cell_breaks_an_import(kind: str, name: str) -> None:
    bring_in_examples()
    assert _wild(kind, name) == []


@pytest.mark.django_db
def test_check_that_is_left_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: nobody looks whether a text fits."""
    bring_in_examples()
    monkeypatch.setattr(sites, "fitting", lambda *_args, **_columns: None)
    found = _wild("sites", "kohteet.csv", ("x" * 400,))
    assert [f.split(" ")[0] for f in found] == ["Kohteen", "Katuosoite", "Postitoimipaikka"]


@pytest.mark.django_db
def test_page_that_breaks_on_a_cell_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: pictures of any name are taken and drawn."""
    bring_in_examples()
    for module in (checked_cells, icons):
        monkeypatch.setattr(module, "icon_exists", lambda _name: True)
    found = _wild("task_types", "tehtavat.csv", ("abc",))
    assert [f.split(" ")[0] for f in found] == ["Kuva"]
    assert "IconDoesNotExist" in found[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "heading", "text", "remedy"),
    [
        ("sites", "Leveysaste", "28,1868", "Write a number from 59 to 71."),
        ("sites", "Katuosoite", "x" * 121, "The text is too long. Write at most 120 characters."),
        ("task_types", "Koodi", "piha työ", "Write the code with letters a-z, digits and hyphens."),
        ("task_types", "Kuva", "rekka", "There is no picture of this name."),
        ("task_types", "Tuntihinta", "0,004", "The price must be more than 0."),
        ("task_types", "Tuntihinta", "32000", "Write a number from 1 to 9999."),
        ("workers", "Puhelin", "040", "Enter a phone number, for example 040 123 4567."),
        ("workers", "Syntymäaika", "1.1.2027", "Check the date of birth."),
        ("workers", "Alkaen", "1.1.0026", "Write the date as 1.12.2026."),
        ("customers", "Yhteyshenkilö", "x" * 121, "at most 120 characters"),
        ("orders", "Katuosoite", "x" * 121, "at most 120 characters"),
        ("orders", "Viite", "x" * 71, "at most 70 characters"),
    ],
)
def test_wrong_cell_is_named_with_its_remedy(
    kind: str, heading: str, text: str, remedy: str
) -> None:
    bring_in_examples()
    name = dict(FILES)[kind]
    table = read_table(name, (EXAMPLES / name).read_bytes())
    plan = plan_import(KINDS[kind], _with(table, table.headings.index(heading), text), now=NOW)
    (problem,) = plan.problems
    assert (problem.line, problem.column, problem.value) == (2, heading, text)
    with translation.override("en"):
        assert remedy in problem_text(problem)
