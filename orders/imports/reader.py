"""Bytes of a CSV or XLSX file -> a table of texts with the line numbers a person sees.

Knows the files Finnish offices have: ; , or tab, UTF-8 with or without BOM, cp1252 from old Excel.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
# Empty lines are left out later, but somebody has to walk over them.
MAX_LINES, MAX_COLUMNS = 2 * MAX_ROWS, 100
# An xlsx is a zip: a small file may unpack to gigabytes.
MAX_UNPACKED_BYTES = 60 * 1024 * 1024
DELIMITERS = ";,\t"


class NotATable(Exception):  # noqa: N818 - reads as the sentence it is
    """The file cannot be read as a table; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Row:
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Headings of line 1 and every row that is not empty; `line` is 1 for the headings."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(content: bytes) -> Table:
    """Read `content` by what it is, not by its name.

    Raises:
        NotATable: codes empty, too_large, too_many_rows, not_text, no_columns, broken_xlsx.
    """
    if len(content) > MAX_BYTES:
        raise NotATable("too_large")
    if not content.strip():
        raise NotATable("empty")
    lines = _xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(content)
    filled = [(n, cells) for n, cells in lines if any(c.strip() for c in cells)]
    if not filled:
        raise NotATable("empty")
    if len(filled) > MAX_ROWS:
        raise NotATable("too_many_rows")
    (_, first), rest = filled[0], filled[1:]
    if len([c for c in first if c.strip()]) < 2:
        raise NotATable("no_columns")
    width = len(first)
    return Table(
        tuple(c.strip() for c in first),
        tuple(
            Row(n, tuple(c.strip() for c in (cells + [""] * width)[:width])) for n, cells in rest
        ),
    )


def _csv(content: bytes) -> list[tuple[int, list[str]]]:
    if b"\x00" in content:
        raise NotATable("not_text")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise NotATable("not_text")
    head = text.lstrip().splitlines()[0]
    delimiter = max(DELIMITERS, key=head.count)
    if not head.count(delimiter):
        raise NotATable("no_columns")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        # line_num is the last line of a cell that spans lines; the first is what a person looks for
        found, before = [], 0
        for cells in reader:
            found.append((before + 1, cells))
            before = reader.line_num
    except csv.Error as error:
        raise NotATable("not_text") from error
    return found


def _xlsx(content: bytes) -> list[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - half a second of import, rarely needed

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise NotATable("too_large")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # What the file says of its own size is not believed: openpyxl would fill in every cell.
        sheet.reset_dimensions()
        found = []
        for n, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
            if n > MAX_LINES:
                raise NotATable("too_many_rows")
            last = max(
                (i for i, value in enumerate(cells, start=1) if value is not None), default=0
            )
            found.append((n, [_cell(value) for value in cells[:last]]))
        return found
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise NotATable("broken_xlsx") from error


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case datetime() if value.time() == time(0):
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M")
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
