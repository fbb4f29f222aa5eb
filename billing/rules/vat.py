"""VAT of a document: once per category and rate on the summed net (EN 16931). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import cents, percent_of


@dataclass(frozen=True)
class VatRow:
    """Base and tax, euros, of one VAT category code (S, Z, E, AE, O) and rate."""

    code: str
    pct: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Totals:
    net: Decimal
    vat: Decimal
    gross: Decimal


def vat_breakdown(lines: Iterable[tuple[str, Decimal, Decimal]]) -> tuple[VatRow, ...]:
    """Rows by (code, rate) from lines of (code, rate %, net euros), highest rate first."""
    bases: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for code, pct, net in lines:
        bases[code, Decimal(pct).normalize()] += cents(net)
    return tuple(
        VatRow(code, pct, base, percent_of(base, pct))
        for (code, pct), base in sorted(bases.items(), key=lambda item: (-item[0][1], item[0][0]))
    )


def totals(rows: Iterable[VatRow]) -> Totals:
    """Sums of already rounded values; nothing is rounded again."""
    rows = list(rows)
    net = sum((r.base for r in rows), Decimal(0))
    vat = sum((r.vat for r in rows), Decimal(0))
    return Totals(net, vat, net + vat)


def credit_breakdown(
    earlier: Iterable[tuple[str, Decimal, Decimal]], lines: Iterable[tuple[str, Decimal, Decimal]]
) -> tuple[VatRow, ...]:
    """Rows of a credit note after `earlier` lines of the same invoice were credited.

    The tax is what all credits so far come to less what was credited before, so the notes of an
    invoice together never give back a cent more or less than it charged: two rows of 10.10 at
    25.5 % carry 5.15, and credited one by one 2.58 and 2.57.
    """
    before, now = list(earlier), list(lines)
    given = {(row.code, row.pct): row.vat for row in vat_breakdown(before)}
    after = {(row.code, row.pct): row.vat for row in vat_breakdown(before + now)}
    return tuple(
        VatRow(
            row.code,
            row.pct,
            row.base,
            after[row.code, row.pct] - given.get((row.code, row.pct), Decimal(0)),
        )
        for row in vat_breakdown(now)
    )
