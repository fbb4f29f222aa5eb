"""billing.reference: viitenumero and RF by the published vectors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.reference import (
    format_reference,
    make_reference,
    rf_from_national,
    validate_reference,
    validate_rf,
)

MADE = [
    ("123", "1232"),
    ("100", "1009"),
    ("12345", "123453"),
    ("1234567", "12345672"),
    ("2026001", "20260011"),
    ("23409678", "234096783"),
    ("151189065", "1511890656"),
    ("55958224329467", "559582243294671"),
    ("7758474790647489322", "77584747906474893225"),
]
RF = [
    ("1232", "RF111232"),
    ("11112", "RF9811112"),
    ("1234561", "RF341234561"),
    ("1511890656", "RF601511890656"),
    ("868516259619897", "RF09868516259619897"),
    ("7758474790647489", "RF847758474790647489"),
    ("92125374252539897737", "RF7192125374252539897737"),
]


@pytest.mark.parametrize(("base", "reference"), MADE)
def test_make_reference_published_vectors(base: str, reference: str) -> None:
    assert make_reference(base) == reference
    assert validate_reference(reference) == reference


def test_make_reference_number_and_leading_zeros() -> None:
    assert make_reference(123) == make_reference("000123") == "1232"


@pytest.mark.parametrize(
    ("base", "code"),
    [
        ("12", "length"),
        ("1" * 20, "length"),
        ("12a", "digits"),
        ("", "digits"),
        ("000", "digits"),
        ("١٢٣", "digits"),
    ],
)
def test_make_reference_bad_base_refused(base: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"^reference_{code}$"):
        make_reference(base)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1233", "check"),
        ("1234567891234567891", "check"),
        ("123", "length"),
        ("1" * 21, "length"),
        ("12 34X", "digits"),
        ("RF111232", "digits"),
    ],
)
def test_validate_reference_bad_refused(text: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"^reference_{code}$"):
        validate_reference(text)


def test_validate_reference_spaces_and_zeros_ignored() -> None:
    assert validate_reference(" 000 01232 ") == "1232"


@pytest.mark.parametrize(
    ("reference", "printed"),
    [
        ("1232", "1232"),
        ("12345672", "123 45672"),
        ("77584747906474893225", "77584 74790 64748 93225"),
    ],
)
def test_format_reference_groups_from_the_right(reference: str, printed: str) -> None:
    assert format_reference(reference) == printed


@pytest.mark.parametrize(("national", "rf"), RF)
def test_rf_published_vectors(national: str, rf: str) -> None:
    assert rf_from_national(national) == rf
    assert validate_rf(f" {rf[:4].lower()} {rf[4:]} ") == rf


@pytest.mark.parametrize("rf", ["RF18539007547034", "RF97C2H5OH", "RF121232", "RF"])
def test_validate_rf_foreign_body_or_wrong_check_refused(rf: str) -> None:
    with pytest.raises(ValueError, match="^reference_"):
        validate_rf(rf)


@given(st.integers(100, 10**19 - 1), st.integers(0, 19), st.integers(1, 9))
def test_reference_one_changed_digit_is_noticed(base: int, place: int, by: int) -> None:
    reference = make_reference(base)
    place %= len(reference)
    digit = (int(reference[place]) + by) % 10
    changed = f"{reference[:place]}{digit}{reference[place + 1 :]}"
    if not changed.startswith("0"):
        with pytest.raises(ValueError, match="^reference_check$"):
            validate_reference(changed)
