"""Why somebody does not fit an order: every code is one bit of a mask."""

from __future__ import annotations

# The alphabet of the masks. Which code is hard is decided where the rule stands (`judge`,
# `worktime`, `engagement`); here are those that adults can meet, and the random worlds of
# tests/dispatch/rules/test_law_worlds.py meet every one of them with the severity of the rule.
# What makes somebody impossible; then what asks for an override; then what is only worth knowing.
HARD = (
    "skill_missing",
    "restricted",
    "task_min_age",
    "already_on_order",
    "overlap",
    "travel_from_previous",
    "travel_to_next",
    "absent",
    "daily_rest_floor",
    "no_engagement",
    "kind_disabled",
    "rehabilitative_at_company",
    "subsidy_excludes_business",
    "engagement_day_long",
    "engagement_week_days",
    "engagement_week_long",
    "engagement_own_day_min",
    "engagement_own_week_min",
    "engagement_own_week_days",
    "school_practice_weekend",
    "engagement_min_age",
)
SOFT = (
    "not_available",
    "partly_available",
    "travel_outside_availability",
    "trip_too_long",
    "coach_needed",
    "daily_rest",
    "weekly_rest",
    "daily_hours",
    "weekly_hours",
    "weekly_max",
    "weekly_average",
    "own_daily_max",
    "own_weekly_max",
    "own_days_per_week",
    "sunday_work",
    "holiday_work",
    "kind_not_billable",
    "engagement_day_short",
    "engagement_day_long",
    "engagement_week_long",
)
NOTES = ("over_wish", "first_gig_reach")
HARD_BIT = {code: 1 << n for n, code in enumerate(HARD)}
SOFT_BIT = {code: 1 << (n + len(HARD)) for n, code in enumerate(SOFT)}
NOTE_BIT = {code: 1 << (n + len(HARD) + len(SOFT)) for n, code in enumerate(NOTES)}
ALL_HARD = (1 << len(HARD)) - 1
ALL_SOFT = ((1 << len(SOFT)) - 1) << len(HARD)
NOT_FREE_CODES = ("not_available", "partly_available")
NOT_FREE = sum(SOFT_BIT[code] for code in NOT_FREE_CODES)
FITS, NOTE, NO = 0, 1, 2


def bits(*, hard: tuple[str, ...] = (), soft: tuple[str, ...] = ()) -> int:
    """The mask of these codes.

    Raises:
        KeyError: for a code that is not known.
    """
    return sum(HARD_BIT[code] for code in hard) + sum(SOFT_BIT[code] for code in soft)
