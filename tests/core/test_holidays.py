"""Public holidays of Finland."""

from datetime import date

from core.holidays import holidays_between


def test_holidays_between_midsummer_and_its_eve() -> None:
    days, eves = holidays_between(date(2026, 6, 15), date(2026, 6, 21))
    assert days == {date(2026, 6, 20)}
    assert eves == {date(2026, 6, 19)}


def test_holidays_between_over_the_turn_of_the_year() -> None:
    days, eves = holidays_between(date(2026, 12, 24), date(2027, 1, 6))
    assert days == {
        date(2026, 12, 25),
        date(2026, 12, 26),
        date(2027, 1, 1),
        date(2027, 1, 6),
    }
    assert eves == {date(2026, 12, 24)}
