"""Bank barcode (virtuaaliviivakoodi) and EPC QR text of an invoice. Pure.

Sources: Finance Finland's bank barcode guide 5.3; EPC069-12 (SCT QR).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from stdnum import iban as iban_number

from billing.rules.reference import rf_from_national, validate_reference, validate_rf
from core.money import cents

# The largest sum of an invoice: the bar code has room for no more, and neither have our books.
LARGEST = Decimal("999999.99")
EPC_LEAST, EPC_MOST = Decimal("0.01"), Decimal("999999999.99")
_FINNISH = re.compile(r"FI[0-9]{16}")


def finnish_account(iban: str) -> str:
    """The compact IBAN of a Finnish account.

    Raises:
        ValueError: barcode_iban for another country, another length or a wrong check number.
    """
    account = "".join(iban.split()).upper()
    if not _FINNISH.fullmatch(account) or not iban_number.is_valid(account):
        raise ValueError("barcode_iban")
    return account


def bank_barcode(iban: str, amount: Decimal, reference: str, due_on: date | None) -> str:
    """54 digits: version 4 for a national reference, 5 for an RF one.

    An amount above 999 999.99 is printed as zeros, the payer fills it in.

    Raises:
        ValueError: barcode_iban, barcode_amount (negative), or a reference code.
    """
    account = finnish_account(iban)
    euros = cents(amount)
    if euros < 0:
        raise ValueError("barcode_amount")
    paid = "0" * 8 if euros > LARGEST else f"{int(euros * 100):08d}"
    due = f"{due_on:%y%m%d}" if due_on else "000000"
    if _is_rf(reference):
        rf = validate_rf(reference)
        return f"5{account[2:]}{paid}{rf[2:4]}{rf[4:].zfill(21)}{due}"
    return f"4{account[2:]}{paid}000{validate_reference(reference).zfill(20)}{due}"


def epc_text(
    *, name: str, iban: str, bic: str, amount: Decimal, reference: str, due_on: date | None
) -> str:
    """Payload of the payment QR: RF reference, due date in the last line as Finnish banks read it.

    Version 001 with a BIC, 002 without one.

    Raises:
        ValueError: epc_amount outside 0.01 to 999 999 999.99, epc_iban, or a reference code.
    """
    euros = cents(amount)
    if not EPC_LEAST <= euros <= EPC_MOST:
        raise ValueError("epc_amount")
    account = "".join(iban.split()).upper()
    if not iban_number.is_valid(account):
        raise ValueError("epc_iban")
    bank = "".join(bic.split()).upper()
    lines = [
        "BCD",
        "001" if bank else "002",
        "1",
        "SCT",
        bank,
        # A line break inside the name would move every field after it.
        " ".join(name.split())[:70].rstrip(),
        account,
        f"EUR{euros}",
        "",
        validate_rf(reference) if _is_rf(reference) else rf_from_national(reference),
        "",
        f"ReqdExctnDt/{due_on:%Y-%m-%d}" if due_on else "",
    ]
    return "\n".join(lines).rstrip("\n")


def _is_rf(reference: str) -> bool:
    return reference.lstrip().upper().startswith("RF")
