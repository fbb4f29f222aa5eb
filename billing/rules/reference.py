"""Finnish reference numbers (viitenumero) and their ISO 11649 RF form. Pure.

Source: Finance Finland's reference number standard; weights 7, 3, 1 from the right.
Bad input raises ValueError whose message is a code: reference_digits, reference_length,
reference_check.
"""

from __future__ import annotations

from stdnum import iso11649

WEIGHTS = (7, 3, 1)


def make_reference(base: str | int) -> str:
    """`base` of 3-19 digits with its check digit: 123 -> "1232"."""
    digits = str(base).lstrip("0")
    if not digits.isascii() or not digits.isdigit():
        raise ValueError("reference_digits")
    if not 3 <= len(digits) <= 19:
        raise ValueError("reference_length")
    return digits + _check(digits)


def _check(digits: str) -> str:
    total = sum(int(d) * WEIGHTS[n % 3] for n, d in enumerate(reversed(digits)))
    return str(-total % 10)


def validate_reference(text: str) -> str:
    """The reference without spaces and leading zeros, or ValueError with a code."""
    digits = "".join(text.split()).lstrip("0")
    if not digits.isascii() or not digits.isdigit():
        raise ValueError("reference_digits")
    if not 4 <= len(digits) <= 20:
        raise ValueError("reference_length")
    if _check(digits[:-1]) != digits[-1]:
        raise ValueError("reference_check")
    return digits


def format_reference(reference: str) -> str:
    """In groups of five from the right: "12345672" -> "123 45672"."""
    groups = []
    while reference:
        groups.append(reference[-5:])
        reference = reference[:-5]
    return " ".join(reversed(groups))


def rf_from_national(reference: str) -> str:
    """RF form of a valid national reference: "1232" -> "RF111232"."""
    national = validate_reference(reference)
    return f"RF{98 - int(national + '271500') % 97:02d}{national}"


def validate_rf(text: str) -> str:
    """Compact RF whose body is a valid Finnish reference, or ValueError with a code."""
    compact = "".join(text.split()).upper()
    if not iso11649.is_valid(compact):
        raise ValueError("reference_check")
    validate_reference(compact[4:])
    return compact
