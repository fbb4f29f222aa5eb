"""A Finnish business ID (Y-tunnus): its check digit and its written form. Pure."""

from __future__ import annotations

from stdnum.exceptions import ValidationError as StdnumError
from stdnum.fi import ytunnus


def is_business_id(text: str) -> bool:
    """A Y-tunnus with a right check digit."""
    return bool(ytunnus.is_valid(text))


def check_business_id(text: str) -> str:
    """A Y-tunnus in its written form: "2077474-0".

    Raises:
        ValueError: the number is not a Y-tunnus.
    """
    try:
        compact = ytunnus.validate(text)
    except StdnumError as error:
        raise ValueError(text) from error
    return f"{compact[:7]}-{compact[7]}"
