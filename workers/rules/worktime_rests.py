"""Rests: nobody is in two places, and the daily and the weekly rest of each age. Pure."""

from __future__ import annotations

from core.intervals import gap_min, overlaps
from core.violations import Severity, Violation
from core.zone import local_date
from workers.rules.worktime_case import Case
from workers.rules.worktime_counts import weekly_rest_min
from workers.rules.worktime_facts import AgeRule, Shift, leg_min

HARD, SOFT = Severity.HARD, Severity.SOFT


def check_neighbours(case: Case) -> list[Violation]:
    """Nobody is in two places, nor on two trips, at once."""
    mine = case.shift
    found: list[Violation] = []
    for other in case.others:
        if overlaps(mine.interval, other.interval):
            shared = -gap_min(mine.interval, other.interval)
            found.append(Violation("overlap", HARD, other.ref, {"overlap_min": shared}))
    clear = [s for s in case.others if not overlaps(mine.interval, s.interval)]
    earlier = [s for s in clear if s.interval.end <= mine.interval.start]
    later = [s for s in clear if s.interval.start >= mine.interval.end]
    pairs: list[tuple[Shift, Shift, Shift]] = []
    if earlier:
        before = max(earlier, key=lambda s: s.interval.end)
        pairs.append((before, mine, before))
    if later:
        after = min(later, key=lambda s: s.interval.start)
        pairs.append((mine, after, after))
    for first, second, other in pairs:
        gap, need = gap_min(first.interval, second.interval), leg_min(first, second)
        if gap < need:
            numbers = {"gap_min": gap, "travel_min": need}
            found.append(Violation("travel_overlap", HARD, other.ref, numbers))
    return found


def check_daily_rest(case: Case) -> list[Violation]:
    """The rest after each work day that this shift belongs to or follows."""
    limit_code = {
        AgeRule.ADULT: "adult_daily_rest",
        AgeRule.CHILD: "child_daily_rest",
    }.get(case.rule, "young_daily_rest")
    limit = case.value(limit_code)
    found: list[Violation] = []
    for day in case.work_days(limit_code):
        if day.rest_min >= limit or not (case.shift in day.shifts or case.shift == day.following):
            continue
        subject = local_date(day.starts_at, case.tz).isoformat()
        if case.rule is not AgeRule.ADULT:
            found.append(case.broken("young_daily_rest", HARD, subject, limit_code, day.rest_min))
            continue
        below_floor = day.rest_min < case.value("adult_daily_rest_floor")
        if below_floor:
            code = "adult_daily_rest_floor"
            found.append(case.broken("daily_rest_floor", HARD, subject, code, day.rest_min))
        else:
            found.append(case.broken("daily_rest", SOFT, subject, limit_code, day.rest_min))
    return found


def check_weekly_rest(case: Case) -> list[Violation]:
    """The longest free span of each week of the shift."""
    adult = case.rule is AgeRule.ADULT
    limit_code = "adult_weekly_rest" if adult else "young_weekly_rest"
    limit = case.value(limit_code)
    found: list[Violation] = []
    for monday in case.mondays:
        longest = weekly_rest_min(case.all_shifts, monday, limit, case.tz)
        if longest < limit:
            code, severity = ("weekly_rest", SOFT) if adult else ("young_weekly_rest", HARD)
            found.append(case.broken(code, severity, monday.isoformat(), limit_code, longest))
    return found
