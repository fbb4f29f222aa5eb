"""Working-time guard, adults and under-18s, with dated rules, and the way between two gigs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.intervals import Interval, local_instant
from core.violations import RuleBroken, Severity, Violation, hard, in_order, soft
from workers.rules.worktime import check_shift, check_task
from workers.rules.worktime_counts import minutes_by_day, weekly_rest_min, work_days
from workers.rules.worktime_facts import (
    AgeRule,
    PersonFacts,
    Shift,
    age_on,
    age_rule,
    required_break_min,
)
from workers.rules.worktime_limits import UnknownLimitError, load_limits

HELSINKI = ZoneInfo("Europe/Helsinki")
CSV = Path(__file__).parents[3] / "workers" / "data" / "legal_limits.csv"
LIMITS = load_limits(CSV.read_text(encoding="utf-8"))

MON = date(2026, 12, 7)
HOLIDAYS = frozenset({date(2026, 12, 6), date(2026, 12, 25), date(2026, 6, 20)})
NO_SCHOOL: frozenset[date] = frozenset()
TERM = frozenset(MON + timedelta(days=n) for n in range(-14, 26) if n % 7 < 5)

ADULT = PersonFacts(birth_date=date(1990, 5, 1))
YOUNG = PersonFacts(birth_date=date(2010, 6, 1))
PUPIL = PersonFacts(birth_date=date(2011, 6, 1), basic_school_done=False)
CONSENTED = date(2026, 9, 1)
CHILD = PersonFacts(
    birth_date=date(2012, 3, 1), basic_school_done=False, guardian_consent_on=CONSENTED
)


def shift(day: int, start: str, end: str, **rest) -> Shift:
    """A shift `day` days after Monday 7.12.2026; an end at or before the start is the next day."""
    on = MON + timedelta(days=day)
    begins, ends = time.fromisoformat(start), time.fromisoformat(end)
    ends_on = on if ends > begins else on + timedelta(days=1)
    interval = Interval(local_instant(on, begins, HELSINKI), local_instant(ends_on, ends, HELSINKI))
    return Shift(interval, **rest)


def check(person, mine, others=(), **more) -> list[Violation]:
    more.setdefault("school_days", NO_SCHOOL)
    return check_shift(person, mine, list(others), LIMITS, HELSINKI, HOLIDAYS, **more)


def codes(found: list[Violation]) -> list[str]:
    return [f"{v.code}:{v.severity}" for v in found]


def got(found: list[Violation], code: str) -> int | str:
    return next(v for v in found if v.code == code).numbers["got_min"]


# --------------------------------------------------------------------- adults
def test_adult_plain_day_breaks_nothing():
    assert check(ADULT, shift(0, "08:00", "16:00")) == []


@pytest.mark.parametrize(
    ("mine", "others", "expected"),
    [
        pytest.param(
            shift(0, "08:00", "12:00"),
            [shift(0, "11:59", "15:00", ref="b")],
            ["overlap:hard"],
            id="one shared minute",
        ),
        pytest.param(
            shift(0, "08:00", "12:00"), [shift(0, "12:00", "15:00")], [], id="touching, same place"
        ),
        pytest.param(
            shift(0, "08:00", "12:00"),
            [shift(0, "12:29", "15:00", travel_before_min=30)],
            ["travel_overlap:hard"],
            id="the way is a minute too long",
        ),
        pytest.param(
            shift(0, "08:00", "12:00", travel_after_min=30),
            [shift(0, "12:30", "15:00", travel_before_min=20)],
            [],
            id="the way just fits, the longer statement counts",
        ),
        pytest.param(
            shift(0, "08:00", "17:00", break_min=60), [], [], id="8 h of work in 9 h of presence"
        ),
        pytest.param(shift(0, "08:00", "16:01"), [], ["daily_hours:soft"], id="8 h 1 min"),
        pytest.param(
            shift(0, "08:00", "12:00"),
            [shift(0, "12:30", "16:30", travel_before_min=30)],
            ["daily_hours:soft"],
            id="8 h and the way between two gigs",
        ),
        pytest.param(
            shift(0, "20:00", "00:00"),
            [shift(1, "00:00", "05:00")],
            ["daily_hours:soft"],
            id="midnight does not cut a work day",
        ),
        pytest.param(
            shift(0, "00:00", "05:00"),
            [shift(0, "17:00", "21:00")],
            ["daily_hours:soft"],
            id="one date, two work days",
        ),
        pytest.param(
            shift(1, "08:00", "12:00"), [shift(0, "16:00", "21:00")], [], id="11 h of rest"
        ),
        pytest.param(
            shift(1, "07:59", "12:00"),
            [shift(0, "16:00", "21:00")],
            ["daily_rest:soft"],
            id="10 h 59 min of rest",
        ),
        pytest.param(
            shift(1, "04:00", "08:00"),
            [shift(0, "16:00", "21:00")],
            ["daily_rest:soft"],
            id="7 h of rest is the floor",
        ),
        pytest.param(
            shift(1, "03:59", "07:00"),
            [shift(0, "16:00", "21:00")],
            ["daily_rest_floor:hard"],
            id="6 h 59 min of rest",
        ),
        pytest.param(
            shift(0, "16:00", "21:00"),
            [shift(1, "03:59", "07:00")],
            ["daily_rest_floor:hard"],
            id="the same seen from the evening",
        ),
        pytest.param(
            shift(0, "18:00", "20:00"),
            [shift(0, "08:00", "10:00"), shift(1, "07:00", "09:00")],
            [],
            id="gigs of one day need no rest between them",
        ),
        pytest.param(
            shift(0, "19:00", "22:00"),
            [shift(0, "08:00", "10:00")],
            ["daily_rest:soft"],
            id="14 h from first to last leave 10 h",
        ),
        pytest.param(
            shift(1, "03:00", "06:00"),
            [shift(0, "18:00", "22:00")],
            ["daily_rest_floor:hard"],
            id="a long sleep afterwards does not mend a night of 5 h",
        ),
        pytest.param(
            shift(1, "00:30", "04:00"),
            [shift(0, "20:00", "23:30")],
            [],
            id="a pause of an hour over midnight",
        ),
        pytest.param(
            shift(0, "19:00", "22:00"),
            [shift(0, "06:00", "08:00"), shift(1, "06:00", "08:00")],
            ["daily_rest:soft"],
            id="a long afternoon does not mend a night of 8 h",
        ),
        pytest.param(shift(6, "10:00", "14:00"), [], ["sunday_work:soft"], id="Sunday"),
        pytest.param(shift(-1, "10:00", "14:00"), [], ["holiday_work:soft"], id="holiday Sunday"),
        pytest.param(shift(18, "10:00", "14:00"), [], ["holiday_work:soft"], id="Christmas Day"),
        pytest.param(
            shift(5, "20:00", "02:00"), [], ["sunday_work:soft"], id="Saturday night into Sunday"
        ),
    ],
)
def test_adult_shift_and_neighbours(mine, others, expected):
    """What blocks an adult and what needs a consent."""
    assert codes(check(ADULT, mine, others)) == expected


WEEK = [shift(day, "08:00", "16:00") for day in range(5)]


def test_adult_forty_hours_are_allowed_and_one_minute_more_is_soft():
    assert check(ADULT, WEEK[4], WEEK[:4]) == []
    found = check(ADULT, shift(5, "08:00", "08:01"), WEEK)
    assert codes(found) == ["weekly_hours:soft"]
    assert got(found, "weekly_hours") == 2401


def test_adult_over_48_hours_answers_once_with_the_stronger_rule():
    assert codes(check(ADULT, shift(5, "08:00", "16:00"), WEEK)) == ["weekly_hours:soft"]
    assert codes(check(ADULT, shift(5, "08:00", "16:00"), [*WEEK, shift(5, "17:00", "17:30")])) == [
        "daily_hours:soft",
        "weekly_max:soft",
    ]


def test_adult_average_over_four_months_counts_full_weeks_only():
    long_days = [shift(day - 7 * week, "08:00", "18:00") for week in range(17) for day in range(5)]
    mine, others = long_days[0], long_days[1:]
    found = check(ADULT, mine, others)
    assert "weekly_average:soft" in codes(found)
    assert got(found, "weekly_average") == 3000
    assert "weekly_average:soft" not in codes(check(ADULT, mine, others[:60]))


def test_weekly_rest_thirty_five_hours_is_enough_one_minute_less_is_soft():
    enough = [shift(5, "08:00", "20:00"), shift(7, "07:00", "08:00")]
    busy = [shift(day, "08:00", "09:00") for day in range(-7, 14) if day not in (5, 6, 7)]
    assert "weekly_rest:soft" not in codes(check(ADULT, enough[0], [*busy, enough[1]]))
    late = shift(5, "08:00", "20:01")
    found = check(ADULT, late, [*busy, enough[1]])
    assert got(found, "weekly_rest") == 35 * 60 - 1


def test_weekly_rest_saturday_to_monday_serves_the_week_that_ends():
    every_day = [shift(day, "08:00", "16:00") for day in range(-7, 14) if day % 7 != 6]
    assert weekly_rest_min(every_day, MON, 2100, HELSINKI) == 40 * 60


def test_weekly_rest_serves_the_week_that_holds_most_of_it_and_not_both():
    around = [shift(6, "16:00", "20:00"), shift(8, "08:00", "12:00")]
    busy = [shift(day, "08:00", "16:00") for day in range(-7, 21) if day not in (6, 7, 8)]
    rest = [*around, *busy]
    assert weekly_rest_min(rest, MON + timedelta(days=7), 2100, HELSINKI) == 36 * 60
    assert weekly_rest_min(rest, MON, 2100, HELSINKI) < 35 * 60


def test_weekly_rest_seven_days_running_leaves_no_rest():
    every_day = [shift(day, "08:00", "16:00") for day in range(-7, 14)]
    mine, others = every_day[10], [*every_day[:10], *every_day[11:]]
    assert got(check(ADULT, mine, others), "weekly_rest") == 16 * 60


@pytest.mark.parametrize(
    ("first", "start", "end", "rest_min", "expected"),
    [
        # Saturday 21.00 to Sunday 08.00 looks like 11 h on the wall both times.
        (date(2026, 3, 28), "08:00", "12:00", 600, ["daily_rest:soft"]),
        (date(2026, 3, 28), "09:00", "12:00", 660, []),
        (date(2026, 10, 24), "07:00", "12:00", 660, []),
        (date(2026, 10, 24), "06:59", "12:00", 659, ["daily_rest:soft"]),
    ],
)
def test_rest_over_a_clock_change_is_elapsed_time(first, start, end, rest_min, expected):
    offset = (first - MON).days
    evening = shift(offset, "16:00", "21:00")
    found = check(ADULT, shift(offset + 1, start, end), [evening])
    assert [code for code in codes(found) if "rest" in code] == expected
    assert (
        work_days([evening, shift(offset + 1, start, end)], 660, 60, HELSINKI)[0].rest_min
        == rest_min
    )


@pytest.mark.parametrize(
    ("saturday", "elapsed"), [(date(2026, 3, 28), 420), (date(2026, 10, 24), 540)]
)
def test_night_shift_over_a_clock_change_has_its_real_length(saturday, elapsed):
    night = shift((saturday - MON).days, "22:00", "06:00")
    assert night.work_min == elapsed
    expected = {saturday: 120, saturday + timedelta(days=1): elapsed - 120}
    assert minutes_by_day([night], HELSINKI) == expected
    long = [v for v in check(ADULT, night) if v.code == "daily_hours"]
    assert [v.numbers["got_min"] for v in long] == ([540] if elapsed > 480 else [])


def test_own_limits_are_soft_and_the_law_is_not_asked():
    person = PersonFacts(date(1990, 5, 1), True, 900, 240, 3)
    others = [shift(0, "08:00", "12:00"), shift(1, "08:00", "12:00"), shift(2, "08:00", "12:00")]
    assert check(person, others[2], others[:2]) == []
    found = check(person, shift(3, "08:00", "12:01"), others)
    assert codes(found) == ["own_daily_max:soft", "own_days_per_week:soft", "own_weekly_max:soft"]
    assert found[1].numbers == {"got_days": 4, "limit_days": 3}


def test_outside_agreed_hours_needs_consent():
    agreed = (shift(0, "08:00", "14:00").interval,)
    person = PersonFacts(date(1990, 5, 1), agreed_windows=agreed)
    assert check(person, shift(0, "08:00", "14:00")) == []
    found = check(person, shift(0, "12:00", "16:00"))
    assert codes(found) == ["outside_agreed_hours:soft"]
    assert found[0].numbers == {"outside_min": 120}


# ------------------------------------------------------------- under eighteen
@pytest.mark.parametrize(
    ("birth", "done", "on", "rule"),
    [
        (date(2008, 12, 7), True, MON, AgeRule.ADULT),
        (date(2008, 12, 8), True, MON, AgeRule.YOUNG),
        (date(2010, 1, 1), False, MON, AgeRule.YOUNG_PUPIL),
        (date(2011, 12, 7), True, MON, AgeRule.YOUNG),
        (date(2011, 12, 8), False, MON, AgeRule.CHILD),
        (date(2012, 12, 31), False, MON, AgeRule.CHILD),  # turns 14 this year
        (date(2013, 1, 1), False, MON, AgeRule.TOO_YOUNG),
        (date(2013, 1, 1), False, date(2027, 1, 1), AgeRule.CHILD),
        (date(2008, 2, 29), True, date(2026, 2, 28), AgeRule.YOUNG),
        (date(2008, 2, 29), True, date(2026, 3, 1), AgeRule.ADULT),
    ],
)
def test_age_rule_follows_the_date_of_the_shift(birth, done, on, rule):
    assert age_rule(PersonFacts(birth, done), on, LIMITS) is rule


@pytest.mark.parametrize(
    ("person", "mine", "others", "expected"),
    [
        pytest.param(YOUNG, shift(0, "06:00", "10:00"), [], [], id="15-17 from 06"),
        pytest.param(
            YOUNG, shift(0, "05:59", "10:00"), [], ["young_clock:hard"], id="15-17 before 06"
        ),
        pytest.param(YOUNG, shift(0, "18:00", "22:00"), [], [], id="15-17 to 22"),
        pytest.param(
            YOUNG, shift(0, "18:00", "22:01"), [], ["young_clock:hard"], id="15-17 after 22"
        ),
        pytest.param(
            YOUNG,
            shift(0, "21:00", "07:00", break_min=120),
            [],
            ["young_clock:hard"],
            id="15-17 at night",
        ),
        pytest.param(CHILD, shift(0, "08:00", "12:00"), [], [], id="14 from 08"),
        pytest.param(CHILD, shift(0, "07:59", "12:00"), [], ["young_clock:hard"], id="14 early"),
        pytest.param(CHILD, shift(0, "17:00", "20:01"), [], ["young_clock:hard"], id="14 late"),
        pytest.param(
            YOUNG, shift(0, "08:00", "16:30", break_min=30), [], [], id="15-17 8 h and break"
        ),
        pytest.param(
            YOUNG,
            shift(0, "08:00", "16:31", break_min=30),
            [],
            ["young_daily_hours:hard"],
            id="15-17 8 h 1 min without consent",
        ),
        pytest.param(
            YOUNG,
            shift(0, "08:00", "17:31", break_min=30),
            [],
            ["young_daily_max:hard"],
            id="15-17 9 h 1 min",
        ),
        pytest.param(YOUNG, shift(0, "08:00", "12:30"), [], [], id="4 h 30 without break"),
        pytest.param(YOUNG, shift(0, "08:00", "12:31"), [], ["young_break:hard"], id="over 4 h 30"),
        pytest.param(
            YOUNG,
            shift(0, "08:00", "12:31", break_min=29),
            [],
            ["young_break:hard"],
            id="29 min are no break",
        ),
        pytest.param(
            YOUNG,
            shift(0, "12:00", "16:00"),
            [shift(0, "08:00", "12:00")],
            ["young_break:hard"],
            id="two gigs in a row are one run",
        ),
        pytest.param(
            YOUNG,
            shift(0, "12:30", "16:30"),
            [shift(0, "08:00", "12:00")],
            [],
            id="half an hour between gigs is a break",
        ),
        pytest.param(
            YOUNG,
            shift(0, "12:30", "15:30", travel_before_min=10),
            [shift(0, "08:00", "12:00")],
            ["young_break:hard"],
            id="on the way is not a break",
        ),
        pytest.param(
            YOUNG, shift(1, "10:00", "12:00"), [shift(0, "18:00", "22:00")], [], id="12 h rest"
        ),
        pytest.param(
            YOUNG,
            shift(1, "09:59", "12:00"),
            [shift(0, "18:00", "22:00")],
            ["young_daily_rest:hard"],
            id="15-17 11 h 59 rest",
        ),
        pytest.param(
            CHILD, shift(1, "10:00", "12:00"), [shift(0, "18:00", "20:00")], [], id="14 h rest"
        ),
        pytest.param(
            CHILD,
            shift(1, "09:59", "12:00"),
            [shift(0, "18:00", "20:00")],
            ["young_daily_rest:hard"],
            id="14 13 h 59 rest",
        ),
        pytest.param(
            CHILD, shift(0, "08:00", "15:30", break_min=30), [], [], id="14 7 h in holidays"
        ),
        pytest.param(
            CHILD,
            shift(0, "08:00", "15:31", break_min=30),
            [],
            ["young_daily_max:hard"],
            id="14 7 h 1 min in holidays",
        ),
        pytest.param(
            PUPIL, shift(0, "08:00", "16:30", break_min=30), [], [], id="15 pupil 8 h in holidays"
        ),
        pytest.param(
            PersonFacts(date(2013, 1, 1), False),
            shift(0, "10:00", "11:00"),
            [],
            ["under_working_age:hard"],
            id="turns 14 only next year",
        ),
    ],
)
def test_under_eighteen_without_school(person, mine, others, expected):
    """The numbers for ages 14 and 15-17 in the holidays."""
    assert codes(check(person, mine, others)) == expected


@pytest.mark.parametrize("person", [CHILD, PUPIL])
@pytest.mark.parametrize(
    ("mine", "others", "expected"),
    [
        pytest.param(shift(0, "15:00", "17:00"), [], [], id="2 h on a school day"),
        pytest.param(
            shift(0, "15:00", "17:01"),
            [],
            ["young_school_day:hard"],
            id="2 h 1 min on a school day",
        ),
        pytest.param(shift(5, "09:00", "16:30", break_min=30), [], [], id="7 h on a free Saturday"),
        pytest.param(
            shift(5, "09:00", "12:00"),
            [shift(5, "13:00", "17:01")],
            ["young_term_free_day:hard"],
            id="7 h 1 min on a free Saturday",
        ),
        pytest.param(
            shift(5, "09:00", "13:00"),
            [shift(day, "15:00", "17:00") for day in range(4)],
            [],
            id="12 h in a school week",
        ),
        pytest.param(
            shift(5, "09:00", "13:01"),
            [shift(day, "15:00", "17:00") for day in range(4)],
            ["young_term_week:hard"],
            id="12 h 1 min in a school week",
        ),
    ],
)
def test_basic_school_pupil_in_term(person, mine, others, expected):
    """School week at most 12 h, 2 h on a school day, 7 h on a free day."""
    found = codes(check(person, mine, others, school_days=TERM))
    assert [code for code in found if code != "young_daily_max:hard"] == expected


def test_pupil_rules_end_with_basic_school():
    assert check(YOUNG, shift(0, "10:00", "14:00"), school_days=TERM) == []


def test_unknown_school_calendar_is_read_carefully():
    found = check_shift(PUPIL, shift(0, "10:00", "13:00"), [], LIMITS, HELSINKI, HOLIDAYS)
    assert codes(found) == ["young_school_day:hard"]
    assert check(PUPIL, shift(0, "10:00", "13:00"), school_days=lambda day: day.year < 2026) == []


def test_school_and_work_together_at_most_eight_hours():
    mine = shift(0, "15:00", "17:00")
    assert check(PUPIL, mine, school_days=TERM, school_min=lambda _: 360) == []
    found = check(PUPIL, mine, school_days=TERM, school_min=lambda _: 361)
    assert codes(found) == ["young_school_and_work:hard"]
    assert got(found, "young_school_and_work") == 481


def _days(count: int, start: str, end: str, **rest) -> list[Shift]:
    return [shift(day, start, end, **rest) for day in range(count)]


@pytest.mark.parametrize(
    ("person", "last", "expected"),
    [
        (CHILD, "15:30", []),
        (CHILD, "15:31", ["young_daily_max:hard", "young_weekly_max:hard"]),
        (YOUNG, "16:30", []),
    ],
)
def test_young_week_in_holidays(person, last, expected):
    """In holidays 7 h a day and 35 h a week under 15, 8 and 40 from 15."""
    others = _days(4, "08:00", "15:30" if person is CHILD else "16:30", break_min=30)
    found = check(person, shift(4, "08:00", last, break_min=30), others)
    assert codes(found) == expected


def test_young_forty_and_forty_eight_hours_a_week():
    week = _days(5, "08:00", "16:30", break_min=30)
    assert codes(check(YOUNG, shift(5, "08:00", "08:01"), week)) == ["young_weekly_hours:hard"]
    eighth = shift(5, "08:00", "16:30", break_min=30)
    assert codes(check(YOUNG, eighth, week)) == ["young_weekly_hours:hard"]
    over = shift(5, "08:00", "16:31", break_min=30)
    assert "young_weekly_max:hard" in codes(check(YOUNG, over, week))


def test_young_overtime_with_consent_is_soft_until_the_years_hours_are_used():
    mine = shift(0, "08:00", "17:30", break_min=30)
    consenting = PersonFacts(
        date(2010, 6, 1), overtime_consent_on=CONSENTED, overtime_used_min=4740
    )
    assert codes(check(consenting, mine)) == ["young_daily_hours:soft"]
    used_up = PersonFacts(date(2010, 6, 1), overtime_consent_on=CONSENTED, overtime_used_min=4741)
    found = check(used_up, mine)
    assert codes(found) == ["young_overtime_year:hard", "young_daily_hours:soft"]
    assert found[0].numbers["limit_min"] == 80 * 60


def test_young_weekly_rest_thirty_eight_hours():
    busy = [shift(day, "10:00", "11:00") for day in range(-7, 14) if day not in (5, 6, 7)]
    monday = shift(7, "10:00", "11:00")
    enough = shift(5, "10:00", "20:00", break_min=120)
    assert "young_weekly_rest:hard" not in codes(check(YOUNG, enough, [*busy, monday]))
    found = check(YOUNG, shift(5, "10:00", "20:01", break_min=121), [*busy, monday])
    assert got(found, "young_weekly_rest") == 38 * 60 - 1


def test_the_same_shift_is_judged_by_the_age_on_its_own_date():
    person = PersonFacts(date(2008, 12, 8))
    assert codes(check(person, shift(0, "20:00", "23:00"))) == ["young_clock:hard"]
    assert check(person, shift(1, "20:00", "23:00")) == []


# ------------------------------------------------------ what a task asks
@pytest.mark.parametrize(
    ("person", "min_age", "hazardous", "light", "expected"),
    [
        (ADULT, 18, True, False, []),
        (YOUNG, None, False, False, []),
        (YOUNG, 18, False, False, ["task_min_age:hard"]),
        (YOUNG, None, True, False, ["task_hazardous_for_young:hard"]),
        (PUPIL, None, False, False, ["task_not_light_work:hard"]),
        (PUPIL, None, False, True, []),
        (CHILD, 14, False, True, []),
        (CHILD, 15, False, False, ["task_min_age:hard", "task_not_light_work:hard"]),
        (PersonFacts(date(2013, 1, 1)), None, False, True, ["under_working_age:hard"]),
    ],
)
def test_task_is_suitable_for_the_age(person, min_age, hazardous, light, expected):
    found = check_task(
        person, min_age=min_age, hazardous=hazardous, light_work_ok=light, on=MON, limits=LIMITS
    )
    assert codes(found) == expected


@pytest.mark.parametrize(
    ("person", "minutes", "expected"),
    [
        (ADULT, 360, 0), (ADULT, 361, 30), (ADULT, 600, 30), (ADULT, 601, 60),
        (YOUNG, 270, 0), (YOUNG, 271, 30), (CHILD, 271, 30), (PUPIL, 480, 30),
    ],
)  # fmt: skip
def test_required_break(person, minutes, expected):
    assert required_break_min(person, minutes, MON, LIMITS) == expected


# --------------------------------------------------------------- dated numbers
HEADER = "code,valid_from,valid_to,value,unit,source,certainty\n"


def test_limit_of_the_day_is_used_and_a_later_row_changes_the_answer():
    text = CSV.read_text(encoding="utf-8").replace(
        "adult_daily_regular,2020-01-01,,480,",
        "adult_daily_regular,2026-12-08,,420,min,a later law,certain\n"
        "adult_daily_regular,2020-01-01,2026-12-07,480,",
    )
    limits = load_limits(text)
    monday, tuesday = shift(0, "08:00", "16:00"), shift(1, "08:00", "16:00")
    assert check_shift(ADULT, monday, [], limits, HELSINKI) == []
    found = check_shift(ADULT, tuesday, [], limits, HELSINKI)
    assert found[0].numbers == {"got_min": 480, "limit_min": 420, "source": "a later law"}


@pytest.mark.parametrize(
    "rows",
    [
        "a,2020-01-01,,1,min,s,likely\na,2021-01-01,,2,min,s,likely\n",
        "a,2020-01-01,2019-01-01,1,min,s,likely\n",
        "a,someday,,1,min,s,likely\n",
        "a,2020-01-01,,much,min,s,likely\n",
    ],
)
def test_bad_limit_rows_are_refused(rows):
    with pytest.raises(ValueError):  # noqa: PT011 - four faults, four messages
        load_limits(HEADER + rows)


def test_limits_with_other_columns_are_refused():
    with pytest.raises(ValueError, match="columns"):
        load_limits("code,value\na,1\n")


def test_date_before_the_law_has_no_number():
    with pytest.raises(UnknownLimitError):
        LIMITS.value("adult_daily_rest", date(2019, 12, 31))
    assert LIMITS.value("adult_daily_rest", date(2020, 1, 1)) == 660


def test_every_row_names_its_source_and_certainty():
    rows = [row for found in LIMITS.rows.values() for row in found]
    assert len(rows) > 40
    assert all(row.source and row.certainty in {"certain", "likely"} for row in rows)
    assert all(
        len(row.code) <= 60 and len(row.unit) <= 12 and len(row.source) <= 200 for row in rows
    )


def test_no_number_of_the_law_stands_in_the_code():
    """Negative control for "limits are rows": with every minute limit at zero all rules speak."""
    lines = CSV.read_text(encoding="utf-8").splitlines()
    zero = [
        ",".join([*parts[:3], "0" if parts[4] == "min" else parts[3], *parts[4:]])
        for parts in (line.split(",", 6) for line in lines[1:])
    ]
    limits = load_limits("\n".join([lines[0], *zero]))
    found = check_shift(ADULT, shift(0, "08:00", "08:01"), [], limits, HELSINKI)
    assert {v.code for v in found} == {"daily_hours", "weekly_average", "weekly_max"}


# ------------------------------------------------------------------ invariants
@st.composite
def _gigs(draw) -> list[Shift]:
    starts = draw(st.lists(st.integers(0, 14 * 48), min_size=1, max_size=8, unique=True))
    base = datetime(2026, 3, 22, 22, 0, tzinfo=UTC)
    gigs = []
    for half_hours in starts:
        begins = base + timedelta(minutes=30 * half_hours)
        ends = begins + timedelta(minutes=30 * draw(st.integers(1, 16)))
        gigs.append(Shift(Interval(begins, ends), travel_before_min=draw(st.integers(0, 60))))
    return gigs


@settings(max_examples=60, deadline=None)
@given(_gigs(), st.sampled_from([ADULT, YOUNG, PUPIL, CHILD]), st.randoms())
def test_answer_does_not_depend_on_the_order_of_the_others(gigs, person, random):
    mine, others = gigs[0], gigs[1:]
    shuffled = list(others)
    random.shuffle(shuffled)
    assert check(person, mine, others) == check(person, mine, shuffled)


@settings(max_examples=60, deadline=None)
@given(_gigs())
def test_work_days_hold_every_gig_once_and_minutes_are_conserved(gigs):
    days = work_days(gigs, 660, 60, HELSINKI)
    assert sorted(s.interval for day in days for s in day.shifts) == sorted(
        s.interval for s in gigs
    )
    bare = [Shift(s.interval) for s in gigs]
    assert sum(minutes_by_day(bare, HELSINKI).values()) == sum(s.interval.minutes for s in bare)


@settings(max_examples=60, deadline=None)
@given(_gigs())
def test_far_shift_changes_nothing(gigs):
    far = Shift(Interval(datetime(2027, 9, 1, 8, tzinfo=UTC), datetime(2027, 9, 1, 9, tzinfo=UTC)))
    assert check(ADULT, gigs[0], gigs[1:]) == check(ADULT, gigs[0], [*gigs[1:], far])


def test_age_on_birthday_counts_the_year():
    assert age_on(date(2008, 12, 7), MON) == 18
    assert age_on(date(2008, 12, 8), MON) == 17


# ------------------------------------------------------------------ violations
def test_violation_is_hashable_equal_by_value_and_gives_a_copy_of_its_numbers():
    one = Violation("overlap", Severity.HARD, "a", {"y": 1, "x": 2})
    same = Violation("overlap", Severity.HARD, "a", {"x": 2, "y": 1})
    assert one == same
    assert len({one, same}) == 1
    one.numbers["x"] = 99
    assert one.numbers == {"x": 2, "y": 1}


def test_violations_sorted_hard_first_and_split():
    a, b = Violation("z", Severity.HARD), Violation("a", Severity.SOFT)
    assert in_order([b, a, b]) == [a, b]
    assert (hard([a, b]), soft([a, b])) == ([a], [b])


def test_rule_broken_carries_every_reason():
    reasons = [Violation("a", Severity.HARD), Violation("b", Severity.SOFT)]
    assert RuleBroken(reasons).violations == reasons
    assert str(RuleBroken(reasons)) == "a, b"
    assert RuleBroken(reasons[0]).violations == reasons[:1]
