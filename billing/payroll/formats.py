"""Files for payroll programs, made of the rows of one batch. Pure: rows in, bytes out.

The same rows always give the same bytes. Hours have two decimals (Netvisor rounds to two), and a
quarter of an hour is not lost on the way: the decimals of a person and wage type are rounded as
running sums, so that they add up to the minutes of the screen.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from xml.sax.saxutils import escape

from core.csv_safety import csv_bytes

CENTI = Decimal("0.01")
# What XML 1.0 cannot hold at all, escaped or not.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NEUTRAL_COLUMNS = (
    "payroll_person_no", "pay_period_start", "pay_period_end", "date", "wage_type_code",
    "wage_type_name", "quantity", "unit", "unit_price", "cost_centre", "order_no",
    "engagement_kind", "absence_code", "approved_by", "approved_at", "row_id", "percent",
    "minutes", "counts_in_sum", "correction",
)  # fmt: skip
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Paper:
    """Head of a batch."""

    number: int
    first_on: date
    last_on: date
    organisation: str


@dataclass(frozen=True)
class FormatRow:
    """One row; `minutes` are signed, `is_part` says that they count in the sum of paid time."""

    row_id: str
    payroll_no: str
    on: date
    wage_code: str
    wage_name: str
    minutes: int
    is_part: bool
    is_correction: bool
    order_no: str
    cost_centre: str
    engagement_kind: str
    approved_by: str
    approved_at: datetime | None
    percent: Decimal
    eur_h: Decimal | None


def digest(paper: Paper, rows: Iterable[FormatRow], previous: str) -> str:
    """SHA-256 of the batch and of the one before it: a chain without a missing link."""
    content = json.dumps(
        [previous, asdict(paper), [asdict(row) for row in rows]], sort_keys=True, default=str
    )
    return hashlib.sha256(content.encode()).hexdigest()


def quantities(rows: Sequence[FormatRow]) -> list[Decimal]:
    """Hours of each row, two decimals.

    Of a person and wage type they add up to the exact hours, rounded once; a row itself is at
    most 0,01 h from its minutes.
    """
    sums: dict[tuple[str, str], int] = defaultdict(int)
    found = []
    for row in rows:
        key = (row.payroll_no, row.wage_code)
        before = _hours(sums[key])
        sums[key] += row.minutes
        found.append(_hours(sums[key]) - before)
    return found


def _hours(minutes: int) -> Decimal:
    return (Decimal(minutes) / 60).quantize(CENTI, rounding=ROUND_HALF_UP)


def _comma(amount: Decimal) -> str:
    return f"{amount:f}".replace(".", ",")


def _line(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def _day(on: date) -> str:
    return f"{on:%d.%m.%Y}"


def neutral_csv(paper: Paper, rows: Sequence[FormatRow]) -> bytes:
    """Semicolons, decimal comma, dd.mm.yyyy, UTF-8 with a byte-order mark."""
    lines: list[Sequence[object]] = [NEUTRAL_COLUMNS]
    for row, hours in zip(rows, quantities(rows), strict=True):
        lines.append(
            [
                _line(row.payroll_no), _day(paper.first_on), _day(paper.last_on), _day(row.on),
                _line(row.wage_code), _line(row.wage_name), _comma(hours), "h",
                _comma(row.eur_h) if row.eur_h is not None else "", _line(row.cost_centre),
                _line(row.order_no), row.engagement_kind, "", _line(row.approved_by),
                f"{row.approved_at:%d.%m.%Y %H:%M} UTC" if row.approved_at else "", row.row_id,
                _comma(row.percent), row.minutes, int(row.is_part), int(row.is_correction),
            ]
        )  # fmt: skip
    return csv_bytes(lines)


def procountor_csv(rows: Sequence[FormatRow]) -> bytes:
    """Procountor's salary data specification: E; person; pay type; name; quantity; rate; project.

    The rate is left to Procountor, where the wage is; the project is the order.
    """
    lines: list[Sequence[object]] = []
    for row, hours in zip(rows, quantities(rows), strict=True):
        rate = _comma(row.eur_h) if row.eur_h is not None else ""
        lines.append(
            ["E", _line(row.payroll_no), _line(row.wage_code), _line(row.wage_name),
             _comma(hours), rate, _line(row.order_no), _line(row.order_no)]
        )  # fmt: skip
    return csv_bytes(lines, encoding="utf-8")


def netvisor_zip(rows: Sequence[FormatRow], told: frozenset[tuple[str, date]]) -> bytes:
    """Netvisor's `workday.nv`: one document per person and day, because it takes one at a time.

    A day is sent with method replace, so sending a file twice does no harm; a day of which an
    earlier batch told something gets the differences with method increment.
    """
    days: dict[tuple[str, date], list[tuple[FormatRow, Decimal]]] = defaultdict(list)
    for row, hours in zip(rows, quantities(rows), strict=True):
        days[row.payroll_no, row.on].append((row, hours))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for n, ((payroll_no, on), found) in enumerate(days.items(), start=1):
            name = f"{n:05d}-{re.sub(r'[^A-Za-z0-9]', '_', payroll_no)}-{on.isoformat()}.xml"
            method = "increment" if (payroll_no, on) in told else "replace"
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            pack.writestr(info, _workday(payroll_no, on, method, found))
    return buffer.getvalue()


def _workday(
    payroll_no: str, on: date, method: str, found: Iterable[tuple[FormatRow, Decimal]]
) -> bytes:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<root>",
        "  <workday>",
        f'    <date format="ansi" method="{method}">{on.isoformat()}</date>',
        f'    <employeeidentifier type="number">{_xml(payroll_no)}</employeeidentifier>',
    ]
    for row, hours in found:
        lines += [
            "    <workdayhour>",
            f"      <hours>{_comma(hours)}</hours>",
            f'      <collectorratio type="number">{_xml(row.wage_code)}</collectorratio>',
            "      <acceptancestatus>confirmed</acceptancestatus>",
            f"      <description>{_xml(f'{row.wage_name} {row.order_no}')}</description>",
            "    </workdayhour>",
        ]
    return "\n".join([*lines, "  </workday>", "</root>", ""]).encode()


def _xml(text: str) -> str:
    return escape(NOT_XML.sub("", text))


def render_all(
    paper: Paper, rows: Sequence[FormatRow], told: frozenset[tuple[str, date]]
) -> list[tuple[str, str, bytes]]:
    """(format, ending, bytes) of every format."""
    return [
        ("neutral", "csv", neutral_csv(paper, rows)),
        ("netvisor", "zip", netvisor_zip(rows, told)),
        ("procountor", "csv", procountor_csv(rows)),
    ]
