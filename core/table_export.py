"""Files of office tables: CSV as spreadsheets in Finland open it, and XLSX with typed cells."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils.timezone import is_aware, localtime
from django_tables2.export.export import TableExport
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from tablib import Dataset

from core.csv_safety import safe_cell

BOM = "\ufeff"
# XML 1.0 has no place for these, and a spreadsheet with one in it does not open.
NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A cell of a spreadsheet holds no more.
MOST_CHARACTERS = 32_767
# A column is no wider, in characters: Excel knows none beyond 255.
WIDEST = 60


class Export(TableExport):  # type: ignore[misc]
    """Everything that a table has filtered, in its order, as a file."""

    FORMATS = {form: TableExport.FORMATS[form] for form in (TableExport.CSV, TableExport.XLSX)}

    def table_to_dataset(
        self, table: Any, exclude_columns: Any = None, dataset_kwargs: Any = None
    ) -> Dataset:
        """Cells of the table as this format writes them."""
        cell = csv_cell if self.format == self.CSV else xlsx_cell
        values = table.as_values(exclude_columns=exclude_columns)
        dataset = Dataset(title=table.file_name, headers=next(values), **(dataset_kwargs or {}))
        for row in values:
            dataset.append([cell(value) for value in row])
        return dataset

    def export(self) -> bytes | str:
        """The file: semicolons and a byte-order mark for CSV."""
        if self.format == self.CSV:
            return BOM + str(self.dataset.export(self.CSV, delimiter=";"))
        return self._xlsx()

    def _xlsx(self) -> bytes:
        """Written row by row: a workbook kept whole takes 200 MB for 50,000 rows."""
        book = Workbook(write_only=True)
        sheet = book.create_sheet(self.dataset.title)
        sheet.freeze_panes = "A2"
        for n, head in enumerate(self.dataset.headers):
            longest = max(len(str(value)) for value in (head, *self.dataset.get_col(n)))
            sheet.column_dimensions[get_column_letter(n + 1)].width = min(longest + 1, WIDEST)
        heads = [WriteOnlyCell(sheet, head) for head in self.dataset.headers]
        for cell in heads:
            cell.font = Font(bold=True)
        sheet.append(heads)
        for row in self.dataset:
            sheet.append([_wrapped(sheet, value) for value in row])
        content = BytesIO()
        book.save(content)
        return content.getvalue()


def _wrapped(sheet: Any, value: object) -> object:
    """The value, in a cell that shows each of its lines when it has several."""
    if not isinstance(value, str) or "\n" not in value:
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.alignment = Alignment(wrap_text=True)
    return cell


def _local(value: datetime) -> datetime:
    """The instant on the clock of the place, which a spreadsheet cannot reckon itself."""
    return localtime(value).replace(tzinfo=None) if is_aware(value) else value


def csv_cell(value: object) -> str:
    """Days as 2026-11-26, instants with their minutes, a decimal comma."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{_local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Decimal, float)):
        return f"{value:f}".replace(".", ",")
    return str(value)


def xlsx_cell(value: object) -> object:
    """Numbers and days stay numbers and days; text without what a spreadsheet refuses."""
    if isinstance(value, datetime):
        return _local(value).replace(microsecond=0)
    if value is None or isinstance(value, (int, float, Decimal, date)):
        return value
    # What was taken away may have stood before the sign of a formula.
    text = safe_cell(NO_CHARACTERS.sub("", str(value)))
    return str(text)[:MOST_CHARACTERS]
