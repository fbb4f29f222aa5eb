"""billing.barcode: bank barcode by the published vectors, and the text of the payment QR."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from reportlab.graphics.barcode.code128 import Code128

from billing.rules.barcode import bank_barcode, epc_text, finnish_account

# IBAN, euros, reference, due date, the 54 digits, check symbol of Code 128.
VECTORS: list[tuple[str, str, str, date | None, str, int]] = [
    (
        "FI5810171000000122", "482.99", "559582243294671", date(2012, 1, 31),
        "458101710000001220004829900000000559582243294671120131", 55,
    ),
    (
        "FI0250004640001302", "693.80", "69875672083435364", date(2011, 7, 24),
        "402500046400013020006938000000069875672083435364110724", 14,
    ),
    (
        "FI1680001400050267", "935.85", "78777679656628687", None,
        "416800014000502670009358500000078777679656628687000000", 30,
    ),
    (
        "FI8333010001100775", "150000.20", "92125374252539897737", date(2016, 5, 25),
        "483330100011007751500002000092125374252539897737160525", 45,
    ),
    (
        "FI7944052020036082", "4883.15", "RF09868516259619897", date(2010, 6, 12),
        "579440520200360820048831509000000868516259619897100612", 74,
    ),
    (
        "FI3715903000000776", "1.10", "RF9811112", date(2017, 1, 1),
        "537159030000007760000011098000000000000000011112170101", 38,
    ),
]  # fmt: skip
IBAN, REFERENCE, DUE = "FI2112345600000785", "1232", date(2026, 12, 7)


@pytest.mark.parametrize(("iban", "euros", "reference", "due_on", "code", "check"), VECTORS)
def test_bank_barcode_published_vectors(
    iban: str, euros: str, reference: str, due_on: date | None, code: str, check: int
) -> None:
    assert bank_barcode(iban, Decimal(euros), reference, due_on) == code
    assert len(code) == 54
    pairs = [int(code[n : n + 2]) for n in range(0, 54, 2)]
    assert (105 + sum(n * pair for n, pair in enumerate(pairs, 1))) % 103 == check


def test_bank_barcode_drawn_in_code_set_c_alone() -> None:
    """Start C, 27 pairs, check, stop: 30 symbols of 11 modules and the 2 of the stop's end."""
    code = bank_barcode(IBAN, Decimal("1.00"), REFERENCE, DUE)
    symbol = Code128(code, barWidth=1, quiet=0)
    assert symbol.width == 11 * 30 + 2


def test_bank_barcode_spaces_of_print_ignored() -> None:
    spaced = bank_barcode("FI21 1234 5600 0007 85", Decimal("1.00"), "0 1232", DUE)
    assert spaced == bank_barcode(IBAN, Decimal("1.00"), REFERENCE, DUE)


@pytest.mark.parametrize(
    ("amount", "field"),
    [("999999.99", "99999999"), ("1000000.00", "00000000"), ("999999.995", "00000000")],
)
def test_bank_barcode_sum_too_long_is_left_to_the_payer(amount: str, field: str) -> None:
    assert bank_barcode(IBAN, Decimal(amount), REFERENCE, DUE)[17:25] == field


def test_bank_barcode_credit_refused() -> None:
    with pytest.raises(ValueError, match="^barcode_amount$"):
        bank_barcode(IBAN, Decimal("-0.01"), REFERENCE, DUE)


@pytest.mark.parametrize("reference", ["1233", "RF121232", "RF97C2H5OH"])
def test_bank_barcode_wrong_reference_refused(reference: str) -> None:
    with pytest.raises(ValueError, match="^reference_"):
        bank_barcode(IBAN, Decimal(1), reference, DUE)


@pytest.mark.parametrize(
    "iban", ["FI2112345600000786", "FI211234560000078", "SE4550000000058398257466", "", "FI٢1" * 5]
)
def test_finnish_account_wrong_refused(iban: str) -> None:
    with pytest.raises(ValueError, match="^barcode_iban$"):
        finnish_account(iban)


def epc(**changes: object) -> str:
    args: dict[str, object] = {
        "name": "Askare Saimaa ry",
        "iban": "FI21 1234 5600 0007 85",
        "bic": "NDEAFIHH",
        "amount": Decimal("1088.36"),
        "reference": REFERENCE,
        "due_on": DUE,
    }
    return epc_text(**(args | changes))  # type: ignore[arg-type]


def test_epc_text_as_finnish_banks_read_it() -> None:
    assert epc().split("\n") == [
        "BCD", "001", "1", "SCT", "NDEAFIHH", "Askare Saimaa ry", "FI2112345600000785",
        "EUR1088.36", "", "RF111232", "", "ReqdExctnDt/2026-12-07",
    ]  # fmt: skip


def test_epc_text_without_bic_is_version_002() -> None:
    assert epc(bic="").split("\n")[1:5] == ["002", "1", "SCT", ""]


def test_epc_text_without_due_date_ends_at_the_reference() -> None:
    assert epc(due_on=None).endswith("\nRF111232")


def test_epc_text_line_break_in_name_moves_no_field() -> None:
    lines = epc(name="Askare\nSaimaa " + "ö" * 100).split("\n")
    assert len(lines) == 12
    assert len(lines[5]) == 70
    assert len("\n".join(lines).encode()) <= 331


@pytest.mark.parametrize("amount", ["0", "-1", "0.004", "1000000000"])
def test_epc_text_amount_out_of_range_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="^epc_amount$"):
        epc(amount=Decimal(amount))


def test_epc_text_wrong_account_refused() -> None:
    with pytest.raises(ValueError, match="^epc_iban$"):
        epc(iban="FI2112345600000786")
