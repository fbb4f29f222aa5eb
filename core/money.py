"""Money arithmetic: Decimal euros, half-up, multiply before dividing, round once.

Pure file: no Django, no clock, no settings.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def cents(x: Decimal | int) -> Decimal:
    """Round to whole cents, half away from zero.

    Half-even would give 25.24 for 99.00 at 25.5 %; Finnish invoices carry 25.25.

    Raises:
        ValueError: `money-not-finite` for NaN or infinity.
        TypeError: for a float, which cannot hold a cent exactly.
    """
    if isinstance(x, float):
        raise TypeError("money is never a float")
    value = Decimal(x)
    if not value.is_finite():
        raise ValueError("money-not-finite")
    # Adding zero turns -0.00 into 0.00, which would otherwise print with a minus sign.
    return value.quantize(CENT, rounding=ROUND_HALF_UP) + ZERO


def percent_of(net: Decimal, pct: Decimal) -> Decimal:
    """Return `pct` per cent of `net` in euros, rounded once to cents."""
    return cents(net * pct / 100)


def ratio(amount: Decimal, minutes: int) -> Decimal:
    """Return the price of `minutes` at `amount` euros an hour, **not rounded**.

    Multiplies before dividing: 7.10 an hour for 45 minutes is 5.325 (so 5.33), while a price
    per minute taken first would lose the half cent.
    """
    return amount * minutes / 60


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum; 0.00 of none."""
    return sum(amounts, ZERO)
