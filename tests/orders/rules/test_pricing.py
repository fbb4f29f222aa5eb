"""orders.pricing: the quote and the invoice by one rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import cents, percent_of
from orders.rules.pricing import (
    Price,
    Supplement,
    SupplementKind,
    TariffRow,
    price_work,
    quantity_h,
)

HELSINKI = ZoneInfo("Europe/Helsinki")
THURSDAY = date(2026, 11, 26)
NONE: frozenset[date] = frozenset()
EVENING = Supplement(SupplementKind.EVENING, Decimal(15), 18 * 60, 22 * 60)
NIGHT = Supplement(SupplementKind.NIGHT, Decimal(30), 22 * 60, 6 * 60)
SATURDAY = Supplement(SupplementKind.SATURDAY, Decimal(20), 0, 24 * 60)
SUNDAY = Supplement(SupplementKind.SUNDAY, Decimal(100), 0, 24 * 60)
HOLIDAY = Supplement(SupplementKind.HOLIDAY, Decimal(100), 0, 24 * 60)
EVE = Supplement(SupplementKind.EVE, Decimal(50), 15 * 60, 24 * 60)
ALL = (EVENING, NIGHT, SATURDAY, SUNDAY, HOLIDAY, EVE)


def tariff(
    *supplements: Supplement, hourly: str = "32.00", least: int = 120, vat: str = "25.5"
) -> TariffRow:
    return TariffRow("t1", date(2026, 1, 1), Decimal(hourly), least, supplements, Decimal(vat))


def price(
    row: TariffRow,
    start: datetime,
    minutes: int,
    people: int = 1,
    *,
    holidays: frozenset[date] = NONE,
    eves: frozenset[date] = NONE,
) -> Price:
    return price_work(row, start, minutes, people, holidays, eves, HELSINKI)


def at(hour: int, minute: int = 0, *, on: date = THURSDAY) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute)  # noqa: DTZ001 - wall time


def minutes_of(found: Price) -> dict[str, int]:
    return {line.code: line.minutes for line in found.lines}


def test_price_weekday_four_hours_is_the_worked_example() -> None:
    """128.00 + VAT 32.64 = 160.64, as on the estimate card."""
    found = price(tariff(*ALL), at(9), 240)
    assert [(x.code, x.minutes, x.unit_net, x.net) for x in found.lines] == [
        ("work", 240, Decimal("32.00"), Decimal("128.00"))
    ]
    assert (found.net, found.vat, found.gross) == (
        Decimal("128.00"),
        Decimal("32.64"),
        Decimal("160.64"),
    )
    assert (found.tariff_ref, found.vat_code, found.vat_pct) == ("t1", "S", Decimal("25.5"))


def test_price_aware_start_same_as_wall_time() -> None:
    aware = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
    assert price(tariff(*ALL), aware, 240) == price(tariff(*ALL), at(9), 240)


def test_price_short_work_charges_the_least() -> None:
    line = price(tariff(), at(9), 45).lines[0]
    assert (line.minutes, line.net) == (120, Decimal("64.00"))
    assert line.text_args == {"people": 1, "minutes_each": 120, "worked_min": 45}


def test_price_short_evening_supplement_only_for_minutes_worked() -> None:
    found = price(tariff(EVENING), at(18), 60)
    assert minutes_of(found) == {"work": 120, "supplement.evening": 60}
    assert found.net == Decimal("64.00") + Decimal("4.80")


def test_price_evening_from_its_minute() -> None:
    found = price(tariff(EVENING), at(16, 30), 240)
    assert minutes_of(found) == {"work": 240, "supplement.evening": 150}
    extra = found.lines[1]
    assert (extra.percent, extra.unit_net, extra.net) == (
        Decimal(15),
        Decimal("4.80000"),
        Decimal("12.00"),
    )


def test_price_ending_where_window_opens_has_no_supplement() -> None:
    assert minutes_of(price(tariff(EVENING), at(14), 240)) == {"work": 240}


@pytest.mark.parametrize(
    ("start", "minutes", "night"),
    [(at(20), 600, 480), (at(2), 120, 120), (at(5), 120, 60), (at(6), 120, 0), (at(21), 120, 60)],
)
def test_price_night_crosses_midnight(start: datetime, minutes: int, night: int) -> None:
    assert minutes_of(price(tariff(NIGHT), start, minutes)).get("supplement.night", 0) == night


def test_price_friday_night_into_saturday_splits_at_midnight() -> None:
    friday = date(2026, 11, 27)
    found = price(tariff(SATURDAY), at(22, on=friday), 240)
    assert minutes_of(found) == {"work": 240, "supplement.saturday": 120}


def test_price_sunday_evening_has_both() -> None:
    sunday = date(2026, 11, 29)
    found = price(tariff(*ALL), at(17, on=sunday), 120)
    assert minutes_of(found) == {"work": 120, "supplement.evening": 60, "supplement.sunday": 120}


@pytest.mark.parametrize(
    ("on", "holidays", "eves", "code"),
    [
        (date(2026, 12, 6), {date(2026, 12, 6)}, set(), "supplement.holiday"),
        (date(2026, 12, 26), {date(2026, 12, 26)}, set(), "supplement.holiday"),
        (date(2026, 12, 24), set(), {date(2026, 12, 24)}, "supplement.eve"),
        (date(2026, 6, 20), set(), {date(2026, 6, 20)}, "supplement.eve"),
        (date(2026, 11, 28), set(), set(), "supplement.saturday"),
    ],
)
def test_price_day_earns_one_day_supplement(
    on: date, holidays: set[date], eves: set[date], code: str
) -> None:
    """Independence Day on a Sunday is not paid for twice."""
    row = tariff(SATURDAY, SUNDAY, HOLIDAY, EVE)
    found = price(row, at(15, on=on), 180, holidays=frozenset(holidays), eves=frozenset(eves))
    assert minutes_of(found) == {"work": 180, code: 180}


def test_price_holiday_without_its_supplement_falls_back_to_sunday() -> None:
    on = date(2026, 12, 6)
    found = price(tariff(SUNDAY), at(10, on=on), 120, holidays=frozenset({on}))
    assert minutes_of(found) == {"work": 120, "supplement.sunday": 120}


@pytest.mark.parametrize(
    ("evening_of", "night_min"),
    [
        # 22.00-6.00 has 7 hours when summer time begins and 9 when it ends.
        (date(2026, 3, 28), 420),
        (date(2026, 10, 24), 540),
        (date(2026, 11, 26), 480),
    ],
)
def test_price_clock_change_counts_elapsed_minutes(evening_of: date, night_min: int) -> None:
    found = price(tariff(NIGHT), at(20, on=evening_of), 12 * 60)
    assert minutes_of(found) == {"work": 720, "supplement.night": night_min}


def test_price_window_from_a_skipped_time_opens_at_the_jump() -> None:
    """3.30 does not exist on 29 March 2026; the clock goes from 3.00 to 4.00 at once."""
    early = Supplement(SupplementKind.NIGHT, Decimal(10), 3 * 60 + 30, 5 * 60)
    found = price(tariff(early), at(2, on=date(2026, 3, 29)), 240)
    assert minutes_of(found)["supplement.night"] == 60


def test_price_three_people_is_three_times_one_person() -> None:
    row = tariff(EVENING, hourly="31.95")
    one, three = price(row, at(17), 125), price(row, at(17), 125, 3)
    assert three.net == one.net * 3
    assert [x.minutes for x in three.lines] == [x.minutes * 3 for x in one.lines]


@pytest.mark.parametrize(("minutes", "people"), [(0, 1), (-5, 1), (60, 0)])
def test_price_nothing_to_price_refused(minutes: int, people: int) -> None:
    with pytest.raises(ValueError, match="^pricing-"):
        price(tariff(), at(9), minutes, people)


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        (SupplementKind.EVENING, 600, 600),
        (SupplementKind.EVENING, -1, 60),
        (SupplementKind.EVENING, 0, 1441),
        (SupplementKind.SUNDAY, 1200, 60),
    ],
)
def test_supplement_impossible_window_refused(kind: SupplementKind, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="^supplement-window$"):
        Supplement(kind, Decimal(10), start, end)


def test_supplement_without_percent_refused() -> None:
    with pytest.raises(ValueError, match="^supplement-percent$"):
        Supplement(SupplementKind.NIGHT, Decimal(0), 0, 60)


@pytest.mark.parametrize(
    ("minutes", "hours"), [(240, "4"), (45, "0.75"), (50, "0.8333"), (20, "0.3333")]
)
def test_quantity_h_four_decimals(minutes: int, hours: str) -> None:
    assert quantity_h(minutes) == Decimal(hours)


@settings(max_examples=150, deadline=None)
@given(
    hourly=st.decimals("5", "150", places=2),
    least=st.integers(0, 240),
    percents=st.lists(st.decimals("1", "100", places=2), min_size=6, max_size=6),
    # Two days around both clock changes and around Christmas.
    day=st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 12, 24), THURSDAY]),
    start=st.integers(0, 48 * 60),
    minutes=st.integers(1, 14 * 60),
    people=st.integers(1, 9),
)
def test_quote_equals_invoice_when_done_as_ordered(
    hourly: Decimal,
    least: int,
    percents: list[Decimal],
    day: date,
    start: int,
    minutes: int,
    people: int,
) -> None:
    """Quote for n people = n priced hour entries, and each line is quantity x unit price."""
    supplements = tuple(
        Supplement(s.kind, pct, s.from_min, s.to_min) for s, pct in zip(ALL, percents, strict=True)
    )
    row = TariffRow("t", day, hourly, least, supplements, Decimal("25.5"))
    holidays = frozenset({date(2026, 12, 25), date(2026, 12, 26)})
    eves = frozenset({date(2026, 12, 24)})
    begins = at(0, on=day).replace(tzinfo=HELSINKI).astimezone(UTC) + timedelta(minutes=start)

    quote = price_work(row, begins, minutes, people, holidays, eves, HELSINKI)
    entries = [price_work(row, begins, minutes, 1, holidays, eves, HELSINKI) for _ in range(people)]

    lines = [line for entry in entries for line in entry.lines]
    net = sum((line.net for line in lines), Decimal(0))
    assert (quote.net, quote.vat) == (net, percent_of(net, row.vat_pct))
    assert quote.gross == quote.net + quote.vat
    for line in lines:
        assert line.net == cents(line.unit_net * quantity_h(line.minutes))


@settings(max_examples=60, deadline=None)
@given(
    day=st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), THURSDAY]),
    start=st.integers(0, 48 * 60),
    minutes=st.integers(1, 16 * 60),
)
def test_window_minutes_equal_a_clock_read_every_minute(
    day: date, start: int, minutes: int
) -> None:
    """The windows against the slow way: look at the wall clock in each elapsed minute."""
    begins = at(0, on=day).replace(tzinfo=HELSINKI).astimezone(UTC) + timedelta(minutes=start)
    walls = [(begins + timedelta(minutes=n)).astimezone(HELSINKI) for n in range(minutes)]
    expected = {
        "supplement.evening": sum(18 <= w.hour < 22 for w in walls),
        "supplement.night": sum(w.hour >= 22 or w.hour < 6 for w in walls),
        "supplement.saturday": sum(w.isoweekday() == 6 for w in walls),
        "supplement.sunday": sum(w.isoweekday() == 7 for w in walls),
    }
    found = minutes_of(price(tariff(EVENING, NIGHT, SATURDAY, SUNDAY), begins, minutes))
    del found["work"]
    assert found == {code: n for code, n in expected.items() if n}
