"""orders.money: half-up, multiplied before divided, rounded once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.money import cents, percent_of, ratio


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("25.245", "25.25"),
        ("25.2449", "25.24"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("5.151", "5.15"),
        ("7", "7.00"),
        ("1234567.895", "1234567.90"),
    ],
)
def test_cents_half_goes_away_from_zero(amount: str, rounded: str) -> None:
    assert str(cents(Decimal(amount))) == rounded


def test_cents_negative_nothing_has_no_sign() -> None:
    assert str(cents(Decimal("-0.001"))) == "0.00"


def test_cents_float_refused() -> None:
    with pytest.raises(TypeError):
        cents(1.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_cents_not_a_number_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="^money-not-finite$"):
        cents(Decimal(amount))


@pytest.mark.parametrize(
    ("net", "pct", "vat"),
    [
        ("20.20", "25.5", "5.15"),
        ("99.00", "25.5", "25.25"),
        ("128.00", "25.5", "32.64"),
        ("100.00", "13.5", "13.50"),
        ("-99.00", "25.5", "-25.25"),
        ("100.00", "0", "0.00"),
    ],
)
def test_percent_of_published_vectors(net: str, pct: str, vat: str) -> None:
    assert percent_of(Decimal(net), Decimal(pct)) == Decimal(vat)


def test_ratio_divides_last() -> None:
    """A price per minute taken first would give 5.32 instead of 5.33."""
    hourly = Decimal("7.10")
    assert cents(ratio(hourly, 45)) == Decimal("5.33")
    assert cents(hourly / 60 * 45) == Decimal("5.32")
