"""The working-time register as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True)
class RegisterRow:
    """One piece of work; `minutes` by column key. Attendance has none and stands in its own."""

    on: date
    order_no: str
    started: time
    ended: time
    break_min: int
    paid_min: int
    attendance_min: int
    kind: str
    minutes: Mapping[str, int]


@dataclass(frozen=True)
class Register:
    """The register from `first` to `last`, both included."""

    language: str
    worker: str
    worker_no: str
    organisation: str
    first: date
    last: date
    columns: tuple[tuple[str, str], ...]
    rows: tuple[RegisterRow, ...]
    waiting_min: int

    @property
    def totals(self) -> dict[str, int]:
        """Minutes of each column over all rows."""
        return {key: sum(row.minutes.get(key, 0) for row in self.rows) for key, _l in self.columns}

    @property
    def paid_min(self) -> int:
        return sum(row.paid_min for row in self.rows)

    @property
    def attendance_min(self) -> int:
        return sum(row.attendance_min for row in self.rows)
