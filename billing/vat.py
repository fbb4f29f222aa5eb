"""VAT of a document: once per category and rate on the summed net (EN 16931). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from orders.money import cents, percent_of


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
