"""Numbers of the law, each with the days on which it holds and its source. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise


@dataclass(frozen=True)
class LegalLimit:
    """One number of the law (or of a source) and when it holds; `valid_to` is its last day."""

    code: str
    valid_from: date
    valid_to: date | None
    value: int
    unit: str
    source: str
    certainty: str

    def holds_on(self, on: date) -> bool:
        """True when the number applies on that date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class UnknownLimitError(LookupError):
    """No number is known under this code for this date."""


@dataclass(frozen=True)
class LegalLimits:
    """Dated lookup of legal numbers.

    Raises:
        ValueError: two rows of a code share a day.
    """

    rows: Mapping[str, tuple[LegalLimit, ...]]

    def __post_init__(self) -> None:
        for code, rows in self.rows.items():
            ordered = sorted(rows, key=lambda row: row.valid_from)
            for earlier, later in pairwise(ordered):
                if earlier.holds_on(later.valid_from):
                    raise ValueError(f"two rows of {code} hold on {later.valid_from}")

    @classmethod
    def of(cls, rows: Iterable[LegalLimit]) -> LegalLimits:
        """Group rows by code (for rows that come from a table rather than from the csv)."""
        grouped: dict[str, list[LegalLimit]] = {}
        for row in rows:
            grouped.setdefault(row.code, []).append(row)
        return cls({code: tuple(found) for code, found in grouped.items()})

    def row(self, code: str, on: date) -> LegalLimit:
        """The row in force on a date.

        Raises:
            UnknownLimitError: no number is known for the date.
        """
        for row in self.rows.get(code, ()):
            if row.holds_on(on):
                return row
        raise UnknownLimitError(f"no legal limit {code} on {on}")

    def value(self, code: str, on: date) -> int:
        """The number in force on a date, in the row's own unit.

        Raises:
            UnknownLimitError: no number is known for the date.
        """
        return self.row(code, on).value


def load_limits(text: str) -> LegalLimits:
    """Read the csv text (header code,valid_from,valid_to,value,unit,source,certainty).

    Dates ISO, an empty `valid_to` is open.

    Raises:
        ValueError: for a bad date, number, missing column or for rows of one code that overlap.
    """
    reader = csv.DictReader(io.StringIO(text))
    wanted = ["code", "valid_from", "valid_to", "value", "unit", "source", "certainty"]
    if reader.fieldnames != wanted:
        raise ValueError(f"columns must be {','.join(wanted)}")
    rows: list[LegalLimit] = []
    for raw in reader:
        limit = LegalLimit(
            code=raw["code"],
            valid_from=date.fromisoformat(raw["valid_from"]),
            valid_to=date.fromisoformat(raw["valid_to"]) if raw["valid_to"] else None,
            value=int(raw["value"]),
            unit=raw["unit"],
            source=raw["source"],
            certainty=raw["certainty"],
        )
        if limit.valid_to is not None and limit.valid_to < limit.valid_from:
            raise ValueError(f"{limit.code} ends before it begins")
        rows.append(limit)
    return LegalLimits.of(rows)
