"""Bank barcode (virtuaaliviivakoodi) and EPC QR text of an invoice. Pure.

Sources: Finance Finland's bank barcode guide 5.3; EPC069-12 (SCT QR).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from billing.reference import rf_from_national, validate_reference, validate_rf
from orders.money import cents

MOST = Decimal("999999.99")


def bank_barcode(iban: str, amount: Decimal, reference: str, due_on: date | None) -> str:
    """54 digits: version 4 for a national reference, 5 for an RF one.

    An amount above 999 999.99 is printed as zeros, the payer fills it in.

    Raises:
        ValueError: barcode_iban, barcode_amount (negative), or a reference code.
    """
    account = "".join(iban.split()).upper()
    if len(account) != 18 or not account.startswith("FI") or not account[2:].isdigit():
        raise ValueError("barcode_iban")
    if amount < 0:
        raise ValueError("barcode_amount")
    sum_ = "0" * 8 if amount > MOST else f"{int(cents(amount) * 100):08d}"
    due = f"{due_on:%y%m%d}" if due_on else "000000"
    if reference.upper().startswith("RF"):
        rf = validate_rf(reference)
        return f"5{account[2:]}{sum_}{rf[2:4]}{rf[4:].zfill(21)}{due}"
    return f"4{account[2:]}{sum_}000{validate_reference(reference).zfill(20)}{due}"


def epc_text(
    *, name: str, iban: str, bic: str, amount: Decimal, reference: str, due_on: date | None
) -> str:
    """Payload of the payment QR: version 001 with BIC, RF reference, due date in the last line.

    Raises:
        ValueError: epc_amount outside 0.01 to 999 999 999.99, or a reference code.
    """
    if not Decimal("0.01") <= amount <= Decimal("999999999.99"):
        raise ValueError("epc_amount")
    rf = validate_rf(reference) if reference.upper().startswith("RF") else rf_from_national(reference)
    lines = [
        "BCD",
        "001",
        "1",
        "SCT",
        "".join(bic.split()).upper(),
        name[:70],
        "".join(iban.split()).upper(),
        f"EUR{cents(amount)}",
        "",
        rf,
        "",
        f"ReqdExctnDt/{due_on:%Y-%m-%d}" if due_on else "",
    ]
    return "\n".join(lines).rstrip("\n")
