"""The worked cases of docs/algorithms/working-time.md, run as they stand."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.intervals import DateException, Interval, WeeklyWindow, local_instant, weekly_windows
from core.violations import Violation
from workers.rules.engagement import EngagementKind, check_engagement
from workers.rules.worktime import check_shift
from workers.rules.worktime_facts import PersonFacts, Shift
from workers.rules.worktime_limits import load_limits
from workers.rules.worktime_permits import Permit, PermitKind

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "algorithms" / "working-time.md").read_text(encoding="utf-8")
LIMITS = load_limits((ROOT / "workers" / "data" / "legal_limits.csv").read_text(encoding="utf-8"))
HELSINKI = ZoneInfo("Europe/Helsinki")
CONSENTED = date(2026, 9, 1)
HOLIDAYS = frozenset({date(2026, 12, 6)})
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

Row = dict[str, str]


def rows(kind: str) -> list[Row]:
    """Every row of every fenced table of one kind, as header -> cell."""
    found: list[Row] = []
    for block in re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        lines = [[cell.strip() for cell in line.split("|")] for line in block.splitlines()]
        found += [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    return found


def by_case(row: Row) -> str:
    return row["case"]


def clock(text: str) -> time:
    hours, _, minutes = text.partition(":")
    return time(int(hours) % 24, int(minutes or 0))


def shift(text: str) -> Shift:
    parts = text.split()
    on, (start, end) = date.fromisoformat(parts[0]), map(clock, parts[1].split("-"))
    options = dict(zip(parts[2::2], map(int, parts[3::2]), strict=True))
    ends_on = on if end > start else on + timedelta(days=1)
    interval = Interval(local_instant(on, start, HELSINKI), local_instant(ends_on, end, HELSINKI))
    return Shift(
        interval,
        travel_before_min=options.pop("way", 0),
        break_min=options.pop("break", 0),
        ref=str(options) if options else "",
    )


def person(text: str) -> PersonFacts:
    words = text.split()
    born = date(1990, 5, 1) if words[0] == "adult" else date.fromisoformat(words[1])
    return PersonFacts(
        born,
        basic_school_done="pupil" not in words,
        overtime_consent_on=CONSENTED if "consent" in words else None,
        guardian_consent_on=None if "alone" in words else CONSENTED,
        permits=tuple(
            Permit("LVV 1/2026", PermitKind(kind), date(2026, 12, 1), date(2026, 12, 31))
            for kind in PermitKind
            if f"permit-{kind}" in words
        ),
    )


def matches(found: Violation, told: str) -> bool:
    """`code severity` and, if the page gives one, a number that the violation carries."""
    code, severity, *number = told.split()
    if (found.code, found.severity) != (code, severity):
        return False
    return not number or int(number[0]) in found.numbers.values()


def assert_answer(found: list[Violation], answer: str) -> None:
    told = [] if answer == "allowed" else [part.strip() for part in answer.split(",")]
    assert len(found) == len(told), found
    assert all(matches(*pair) for pair in zip(found, told, strict=True)), found


@pytest.mark.parametrize("row", rows("worked-cases"), ids=by_case)
def test_working_time_case_of_the_page(row: Row):
    others = [] if row["others"] == "-" else [shift(text) for text in row["others"].split(";")]
    found = check_shift(
        person(row["person"]),
        shift(row["shift"]),
        others,
        LIMITS,
        HELSINKI,
        HOLIDAYS,
        school_days=lambda day: row["school"] == "term" and day.weekday() < 5,
    )
    assert_answer(found, row["answer"])


@pytest.mark.parametrize("row", rows("engagement-cases"), ids=by_case)
def test_engagement_case_of_the_page(row: Row):
    kind, *strict = row["kind"].split()
    customer, charge = row["order"].split()
    found = check_engagement(
        EngagementKind(kind),
        on=date.fromisoformat(row["date"]),
        starts_on=date(2026, 10, 1),
        ends_on=date(2027, 1, 31),
        shift_min=int(row["day min"]),
        week_min=int(row["week min"]),
        week_days=int(row["week days"]),
        limits=LIMITS,
        subsidy_excludes_business=strict == ["strict"],
        billable_order=charge == "paid",
        customer_is_company=customer == "company",
    )
    assert_answer(found, row["answer"])


def exception(on: date, text: str) -> DateException:
    word, *hours = text.split()
    start, end = map(clock, hours[0].split("-")) if hours else (None, None)
    return DateException(on, word == "yes", start, end)


@pytest.mark.parametrize("row", rows("availability-cases"), ids=by_case)
def test_availability_case_of_the_page(row: Row):
    on = date.fromisoformat(row["date"])
    pattern = []
    if row["weekly"] != "-":
        weekday, hours = row["weekly"].split()
        pattern = [WeeklyWindow(DAYS.index(weekday), *map(clock, hours.split("-")))]
    told = [] if row["exceptions"] == "-" else row["exceptions"].split(",")
    windows = weekly_windows(pattern, [exception(on, text) for text in told], on, on, HELSINKI)
    shown = " ".join(
        f"{w.start.astimezone(HELSINKI):%H}-{w.end.astimezone(HELSINKI):%H}" for w in windows
    )
    assert (shown or "-") == row["windows"]
    assert sum(window.minutes for window in windows) == int(row["minutes"])


def test_page_holds_cases_of_each_kind():
    """Negative control: a renamed fence would otherwise silence the page."""
    counts = {kind: len(rows(f"{kind}-cases")) for kind in ("worked", "engagement", "availability")}
    assert counts == {"worked": 52, "engagement": 12, "availability": 9}


def test_wrong_answer_on_the_page_is_noticed():
    found = check_shift(
        person("adult"), shift("2026-12-07 08:00-16:01"), [], LIMITS, HELSINKI, HOLIDAYS
    )
    assert_answer(found, "daily_hours soft 481")
    for wrong in ("allowed", "daily_hours hard 481", "daily_hours soft 482", "daily_rest soft 481"):
        with pytest.raises(AssertionError):
            assert_answer(found, wrong)


@pytest.mark.parametrize("paths", ["worktime*.py", "engagement.py"])
def test_every_code_of_the_rules_stands_on_the_page(paths: str):
    files = sorted((ROOT / "workers" / "rules").glob(paths))
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    codes = set(
        re.findall(r'(?:Violation|broken|_above|_Limit|over)\(\s*(?:case, )?"(\w+)"', source)
    )
    assert len(codes) > 5
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()
