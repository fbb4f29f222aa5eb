"""core.tables: what is safe in a spreadsheet, how big a page is, where empty values stand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook

from core.csv_safety import FORMULA_STARTS
from core.table_export import Export, csv_cell, xlsx_cell
from core.tables import TABLE_ROWS, Column, OfficeTable, harmless, page_size

ROWS: list[dict[str, Any]] = [
    {"pk": 1, "name": "b", "sum": Decimal("2.50")},
    {"pk": 2, "name": "a", "sum": None},
    {"pk": 3, "name": "b", "sum": Decimal("-1")},
]


class Plain(OfficeTable):
    """A table of plain rows."""

    file_name = "plain"
    name = Column("Name", sort=(lambda r: r["name"],), value=lambda r: r["name"])
    amount = Column("Sum", sort=(lambda r: r["sum"],), value=lambda r: r["sum"])
    only_page = Column("Act")


def table(query: str = "", rows: list[dict[str, Any]] | None = None) -> Plain:
    return Plain(rows or list(ROWS), RequestFactory().get(f"/?{query}"), caption="Rows")


@pytest.mark.parametrize("start", FORMULA_STARTS)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_cell_that_looks_like_a_formula_is_text_in_every_file(start: str, form: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    content = Export(form, table(rows=[{"name": evil, "sum": None}])).export()
    if form == "csv":
        assert isinstance(content, str)
        assert f"'{start}" in content.replace('"', "").splitlines()[1][:3] or start in "\r\t"
        cell = content.split("\r\n", 1)[1].lstrip('"')
    else:
        found = load_workbook(BytesIO(content)).active["A2"]  # type: ignore[arg-type]
        assert found.data_type == "s"
        cell = str(found.value)
    assert cell.startswith("'")


def test_control_without_the_guard_a_spreadsheet_would_reckon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.tables.harmless", lambda value: value)
    monkeypatch.setattr("core.table_export.safe_cell", lambda value: value)
    content = Export("xlsx", table(rows=[{"name": "=1+1", "sum": None}])).export()
    assert load_workbook(BytesIO(content)).active["A2"].data_type == "f"  # type: ignore[arg-type]


@pytest.mark.parametrize("hidden", ["\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_character_that_a_spreadsheet_refuses_hides_no_formula(hidden: str) -> None:
    content = Export("xlsx", table(rows=[{"name": f"{hidden}=1+1", "sum": None}])).export()
    found = load_workbook(BytesIO(content)).active["A2"]  # type: ignore[arg-type]
    assert (found.data_type, found.value) == ("s", "'=1+1")


def test_spreadsheet_stays_legible_with_long_texts_and_lines() -> None:
    rows = [{"name": "x" * 40_000, "sum": Decimal("1.50")}, {"name": "a\nb", "sum": None}]
    content = Export("xlsx", table(rows=rows)).export()
    sheet = load_workbook(BytesIO(content)).active  # type: ignore[arg-type]
    assert [sheet["A1"].font.bold, sheet["A2"].font.bold] == [True, False]
    assert len(sheet["A2"].value) == 32_767
    assert sheet["A3"].alignment.wrap_text
    assert sheet.column_dimensions["A"].width <= 255
    assert (sheet.title, sheet.freeze_panes) == ("plain", "A2")


def test_numbers_and_days_keep_their_kind() -> None:
    assert harmless(Decimal("-1.50")) == Decimal("-1.50")
    assert harmless(gettext_lazy("-x")) == "'-x"
    at = datetime(2026, 11, 26, 7, 5, 9, 3, tzinfo=UTC)
    assert csv_cell(at) == "2026-11-26 09:05"
    assert xlsx_cell(at) == datetime(2026, 11, 26, 9, 5, 9)  # noqa: DTZ001 - as cells have it
    assert csv_cell(date(2026, 11, 26)) == "2026-11-26"
    assert (csv_cell(Decimal("-1.50")), csv_cell(None), csv_cell(7)) == ("-1,50", "", "7")
    assert xlsx_cell(Decimal("-1.50")) == Decimal("-1.50")
    assert xlsx_cell("a\x00b\x1fc\n") == "abc\n"
    assert len(str(xlsx_cell("x" * 40_000))) == 32_767


def test_file_has_columns_with_a_value_only_and_begins_with_a_byte_order_mark() -> None:
    content = Export("csv", table("sort=-name")).export()
    assert content == "\ufeffName;Sum\r\nb;2,50\r\nb;-1\r\na;\r\n"


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        ("", [1, 2, 3]), ("name", [2, 1, 3]), ("-name", [1, 3, 2]),
        # What has no value is last, either way.
        ("amount", [3, 1, 2]), ("-amount", [1, 3, 2]),
        ("name,-amount", [2, 1, 3]), ("only_page", [1, 2, 3]), ("x,-name", [1, 3, 2]),
        ("__class__", [1, 2, 3]), ("-", [1, 2, 3]), (",,,", [1, 2, 3]), ("--name", [1, 2, 3]),
    ],
)  # fmt: skip
def test_rows_of_a_list_by_their_heads(sort: str, keys: list[int]) -> None:
    assert [row["pk"] for row in table(f"sort={sort}").page] == keys


def test_heads_lead_to_the_other_way_and_keep_the_search() -> None:
    heads = {h.label: h for h in table("sort=name&q=ä&page=3&export=csv").heads}
    assert heads["Name"].order == "ascending"
    asked = QueryDict(heads["Name"].url.removeprefix("?"))
    assert asked.dict() == {"sort": "-name", "q": "ä"}
    assert (heads["Sum"].order, heads["Act"].url) == ("", "")
    assert heads["Sum"].url.startswith("?sort=amount&q=")


@pytest.mark.parametrize(
    ("asked", "size"),
    [("25", 25), ("100", 100), ("0", TABLE_ROWS), ("-25", TABLE_ROWS), ("٢٥", TABLE_ROWS),
     ("26", TABLE_ROWS), ("1e9", TABLE_ROWS), (" 25", TABLE_ROWS), ("", TABLE_ROWS)],
)  # fmt: skip
def test_page_has_only_the_sizes_that_are_offered(asked: str, size: int) -> None:
    assert page_size(RequestFactory().get("/", {"per_page": asked})) == size
