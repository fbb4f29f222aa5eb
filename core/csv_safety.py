"""The one writer of CSV files: no cell of a download is a formula. Pure.

Spreadsheets in Finland open semicolons, a decimal comma and UTF-8 with a byte-order mark. Every
export goes through `csv_bytes`; a test reads the sources and finds one that does not.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

# Cells that a spreadsheet would take for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# A negative sum begins with one of these signs and is no formula.
_NUMBER = re.compile(r"-?\d+([.,]\d+)?", re.ASCII)


def safe_cell(value: object) -> object:
    """The same value, a text that a spreadsheet would take for a formula with a quote before it."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def csv_bytes(rows: Iterable[Sequence[object]], *, encoding: str = "utf-8-sig") -> bytes:
    """The rows as a file; every cell is made safe here, whoever wrote it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode(encoding)
