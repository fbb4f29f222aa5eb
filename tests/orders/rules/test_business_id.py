"""A Y-tunnus as people type it."""

from __future__ import annotations

import pytest

from orders.rules.business_id import check_business_id


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2077474-0", "2077474-0"),
        ("20774740", "2077474-0"),
        (" FI20774740 ", "2077474-0"),
        ("2077474-1", None),
        ("kissa", None),
    ],
)
def test_business_id_forms(typed: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="kissa|2077474-1"):
            check_business_id(typed)
    else:
        assert check_business_id(typed) == expected
