"""billing.payroll_rules: kinds of paid time from approved hours. Pure."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import pay as payroll_rules
from billing.rules.pay import PARTS, PayKind, RuleSet, Work, load_rule_set, paid_pieces, pay_lines
from core.intervals import local_instant, total_min

TZ = ZoneInfo("Europe/Helsinki")
HEAD = "kind;after_min;from_min;to_min;percent;eur_h;stacks;wage_code\n"
TEXT = HEAD + (
    "ordinary;0;0;0;0;;1;100\nadditional;0;0;0;0;;1;110\n"
    "daily_overtime;480;0;0;50;;1;200\ndaily_overtime;600;0;0;100;;1;201\n"
    "weekly_overtime;2400;0;0;50;;1;210\nweekly_overtime;2880;0;0;100;;1;211\n"
    "evening;0;1080;1320;0;1,08;1;500\nnight;0;1320;360;0;2,38;1;510\n"
    "saturday;0;360;1080;20;;1;520\nsunday;0;0;1440;100;;1;300\nholiday;0;0;1440;100;;1;310\n"
    "emergency;0;0;0;0;;1;400\n"
)
RULES = load_rule_set(TEXT, "test", date(2026, 1, 1))
MONDAY = date(2026, 11, 23)


def work(on: date, at: time, minutes: int, *, pause: int = 0, key: int = 1, **more: object) -> Work:
    start = local_instant(on, at, TZ)
    values = {"paid_min": minutes - pause, **more}
    return Work(key, on, start, start + timedelta(minutes=minutes), pause, **values)  # type: ignore[arg-type]


def minutes(
    *works: Work, rules: RuleSet = RULES, holidays: frozenset[date] = frozenset()
) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in pay_lines(works, lambda _on: rules, holidays, frozenset(), TZ):
        key = line.rule.wage_code
        found[key] = found.get(key, 0) + line.minutes
    return found


def test_ordinary_day_is_ordinary() -> None:
    assert minutes(work(MONDAY, time(8), 480, pause=30)) == {"100": 450}


def test_long_day_overtime_by_rate() -> None:
    """872/2019: two hours at 50 %, the rest of the day at 100 %."""
    assert minutes(work(MONDAY, time(6), 700)) == {"100": 480, "200": 120, "201": 100}


def test_two_gigs_of_a_day_are_one_day() -> None:
    first, second = work(MONDAY, time(6), 400), work(MONDAY, time(13), 200, key=2)
    assert minutes(second, first) == {"100": 480, "200": 120}


def test_week_overtime_counts_what_is_not_overtime_of_a_day() -> None:
    days = [work(MONDAY + timedelta(days=n), time(7), 540, key=n) for n in range(5)]
    found = minutes(*days, work(MONDAY + timedelta(days=5), time(7), 300, key=9))
    # 5 x 480 fill the week; 5 x 60 are of the days; Saturday is of the week.
    assert found["100"] == 2400
    assert found["200"] == 300
    assert found["210"] == 300
    assert found["520"] == 300


def test_week_overtime_after_eight_hours_is_double() -> None:
    days = [work(MONDAY + timedelta(days=n), time(8), 480, key=n) for n in range(7)]
    found = minutes(*days)
    assert (found["210"], found["211"]) == (480, 480)


def test_above_the_contract_is_additional_work() -> None:
    found = minutes(
        work(MONDAY, time(8), 480, agreed_week_min=600),
        work(MONDAY + timedelta(days=1), time(8), 540, key=2, agreed_week_min=600),
    )
    assert found == {"100": 600, "110": 360, "200": 60}


def test_night_over_midnight_by_wall_clock() -> None:
    found = minutes(work(MONDAY, time(20), 600))
    assert found["500"] == 120
    assert found["510"] == 480


@pytest.mark.parametrize(
    ("on", "elapsed"), [(date(2026, 3, 28), 420), (date(2026, 10, 24), 540), (MONDAY, 480)]
)
def test_clock_change_night_has_its_real_minutes(on: date, elapsed: int) -> None:
    """22.00 to 6.00 on the wall is 7, 9 or 8 hours; all of it is night, part of it Sunday."""
    start = local_instant(on, time(22), TZ)
    end = local_instant(on + timedelta(days=1), time(6), TZ)
    night = Work(1, on, start, end, 0, int((end - start).total_seconds()) // 60)
    found = minutes(night)
    assert found["510"] == elapsed == night.paid_min
    assert found.get("300", 0) == (elapsed - 120 if on != MONDAY else 0)


def test_holiday_on_a_sunday_is_paid_once() -> None:
    sunday = date(2026, 12, 6)
    found = minutes(work(sunday, time(8), 240), holidays=frozenset({sunday}))
    assert found == {"100": 240, "310": 240}


def test_clock_supplement_that_does_not_stack_leaves_sundays_out() -> None:
    text = TEXT.replace("evening;0;1080;1320;0;1,08;1;500", "evening;0;1080;1320;0;1,08;0;500")
    rules = load_rule_set(text, "test", date(2026, 1, 1))
    sunday = MONDAY - timedelta(days=1)
    assert "500" not in minutes(work(sunday, time(18), 120), rules=rules)
    assert minutes(work(MONDAY, time(18), 120), rules=rules)["500"] == 120


def test_break_lies_in_the_middle_and_earns_no_supplement() -> None:
    # 16-20 with an hour's break at 17.30-18.30: the evening begins at 18.
    assert minutes(work(MONDAY, time(16), 240, pause=60))["500"] == 90


def test_emergency_lies_on_top() -> None:
    assert minutes(work(MONDAY, time(8), 120, emergency=True)) == {"100": 120, "400": 120}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kind;percent\n", "pay-rule-columns"),
        (TEXT + "sunday;0;0;1440;abc;;1;300\n", "pay-rule-value 14"),
        (TEXT + "sunday;0;600;600;1;;1;300\n", "pay-rule-window 14"),
        (TEXT + "sunday;0;1320;360;1;;1;300\n", "pay-rule-window 14"),
        (TEXT + "sunday;0;0;1440;1;;1;\n", "pay-rule-value 14"),
        (TEXT + "ordinary;0;0;0;0;;1;101\n", "pay-rule-ordinary"),
    ],
)
def test_load_says_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        load_rule_set(text, "x", MONDAY)


gig = st.builds(
    lambda day, hour, length, pause: work(
        MONDAY + timedelta(days=day), time(hour), length, pause=min(pause, length - 1),
        key=day * 24 + hour,
    ),
    st.integers(-35, 20), st.integers(0, 23), st.integers(1, 960), st.integers(0, 60),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(gig, max_size=12, unique_by=lambda w: w.key))
def test_every_paid_minute_is_in_exactly_one_part(works: list[Work]) -> None:
    """Whatever was worked: the parts are the paid minutes, supplements never more than them."""
    lines = pay_lines(works, lambda _on: RULES, frozenset(), frozenset(), TZ)
    for piece in works:
        mine = [x for x in lines if x.key == piece.key]
        assert sum(x.minutes for x in mine if x.is_part) == piece.paid_min
        assert all(0 < x.minutes <= piece.paid_min for x in mine)
        assert total_min(paid_pieces(piece)) == piece.paid_min
    assert {x.rule.kind for x in lines if x.is_part} <= set(PARTS)


def test_control_without_the_week_the_overtime_of_it_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The test above of six days would see a rule that forgets what the week has had."""
    parts = payroll_rules._parts
    monkeypatch.setattr(payroll_rules, "_parts", lambda w, r, d, _week: parts(w, r, d, 0))
    days = [work(MONDAY + timedelta(days=n), time(8), 480, key=n) for n in range(6)]
    assert "210" not in minutes(*days)


def test_rates_are_of_the_rule() -> None:
    assert RULES.of(PayKind.NIGHT)[0].eur_h == Decimal("2.38")
