"""billing.rounding: from check-ins to hours by dated rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.rules.rounding import RoundingRule, rule_on

RULE = RoundingRule("test", date(2026, 1, 1), grace_min=5)
START = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
END = START + timedelta(hours=4)


def late(minutes: int, seconds: int = 0) -> timedelta:
    return timedelta(minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    ("came", "counts"),
    [
        (late(-30), late(0)),
        (late(0), late(0)),
        (late(5), late(0)),
        (late(5, 1), late(5)),
        (late(12, 59), late(12)),
    ],
)
def test_start_within_grace_is_the_plan(came: timedelta, counts: timedelta) -> None:
    assert RULE.start(START, START + came) == START + counts


@pytest.mark.parametrize(
    ("left", "counts"),
    [
        (late(-5), late(0)),
        (late(5), late(0)),
        (late(-6), late(-6)),
        (late(5, 30), late(5)),
        (late(40, 20), late(40)),
    ],
)
def test_end_within_grace_is_the_plan(left: timedelta, counts: timedelta) -> None:
    assert RULE.end((START, END), START, END + left) == END + counts


def test_apply_still_at_work_has_no_end() -> None:
    assert RULE.apply((START, END), START, None) == (START, None)


def test_apply_in_and_out_by_mistake_is_one_minute() -> None:
    """Hours never end before they begin."""
    came = START - late(20)
    start, end = RULE.apply((START, END), came, came + late(1))
    assert (start, end) == (START, START + late(1))


def test_apply_without_grace_keeps_the_minutes() -> None:
    exact = RoundingRule("exact", date(2026, 1, 1), grace_min=0)
    assert exact.apply((START, END), START + late(1), END + late(1)) == (
        START + late(1),
        END + late(1),
    )


def test_rule_on_each_day_has_the_rule_of_its_time() -> None:
    old = RoundingRule("old", date(2025, 1, 1), 10)
    new = RoundingRule("new", date(2026, 6, 1), 3)
    assert rule_on(date(2026, 5, 31), (old, new)) is old
    assert rule_on(date(2026, 6, 1), (old, new)) is new
    assert rule_on(date(2024, 1, 1), (old, new)) is old
