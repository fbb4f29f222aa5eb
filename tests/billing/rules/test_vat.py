"""billing.vat: tax once per category and rate on the summed net."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.rules.vat import Totals, VatRow, totals, vat_breakdown
from core.money import percent_of

FULL, REDUCED = Decimal("25.5"), Decimal("13.5")


def test_vat_breakdown_two_lines_taxed_on_their_sum() -> None:
    """Per line it would be 5.16."""
    line = ("S", FULL, Decimal("10.10"))
    assert vat_breakdown([line, line]) == (VatRow("S", FULL, Decimal("20.20"), Decimal("5.15")),)
    assert percent_of(Decimal("10.10"), FULL) * 2 == Decimal("5.16")


def test_vat_breakdown_half_cent_goes_up() -> None:
    assert vat_breakdown([("S", FULL, Decimal("99.00"))])[0].vat == Decimal("25.25")


def test_vat_breakdown_rates_and_categories_apart() -> None:
    rows = vat_breakdown(
        [
            ("AE", Decimal(0), Decimal("50.00")),
            ("S", REDUCED, Decimal("100.00")),
            ("E", Decimal(0), Decimal("10.00")),
            ("S", FULL, Decimal("100.00")),
        ]
    )
    assert [(r.code, r.pct, r.base, r.vat) for r in rows] == [
        ("S", FULL, Decimal("100.00"), Decimal("25.50")),
        ("S", REDUCED, Decimal("100.00"), Decimal("13.50")),
        ("AE", Decimal(0), Decimal("50.00"), Decimal("0.00")),
        ("E", Decimal(0), Decimal("10.00"), Decimal("0.00")),
    ]
    assert totals(rows) == Totals(Decimal("260.00"), Decimal("39.00"), Decimal("299.00"))


def test_vat_breakdown_same_rate_written_differently_is_one_row() -> None:
    rows = vat_breakdown(
        [("S", Decimal("25.50"), Decimal("1.00")), ("S", Decimal("25.5"), Decimal("2.00"))]
    )
    assert [(r.base, r.vat) for r in rows] == [(Decimal("3.00"), Decimal("0.77"))]


def test_totals_of_nothing_is_nothing() -> None:
    assert totals(vat_breakdown([])) == Totals(Decimal(0), Decimal(0), Decimal(0))


NETS = st.lists(st.decimals("-5000", "5000", places=2), max_size=12)


@given(NETS)
def test_vat_breakdown_credit_of_everything_cancels(nets: list[Decimal]) -> None:
    """An invoice and its whole credit note sum to nothing, to the cent."""
    sums = [totals(vat_breakdown(("S", FULL, sign * net) for net in nets)) for sign in (1, -1)]
    assert sums[0].gross + sums[1].gross == 0
    assert sums[0].net == sum(nets, Decimal(0))
