"""The smallest change that makes somebody possible for an order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.rules.codes import ALL_HARD, ALL_SOFT, HARD_BIT, SOFT_BIT, bits
from dispatch.rules.rank import Ranking, rank
from dispatch.rules.rank_arrays import Around, Job, Staff, only

HOUR, COACH, TRIP, SKILL = "hour", "coach", "trip", "skill"
# What a change is worth in minutes of somebody's effort: the smallest one is named.
COACH_COST, TRIP_COST, SKILL_COST = 60, 2, 480
SHIFT_STEP, SHIFT_MOST = 15, 180
_TRIP_BITS = bits(
    hard=("travel_from_previous", "travel_to_next"),
    soft=("trip_too_long", "travel_outside_availability"),
)
# No other hour of the same day changes these.
_TIMELESS = bits(
    hard=(
        "skill_missing",
        "restricted",
        "task_min_age",
        "already_on_order",
        "no_engagement",
        "kind_disabled",
        "rehabilitative_at_company",
        "subsidy_excludes_business",
        "school_practice_weekend",
        "engagement_min_age",
    ),
    soft=("coach_needed", "sunday_work", "holiday_work", "kind_not_billable"),
)


@dataclass(frozen=True)
class Change:
    """One change that makes somebody possible, and what it costs in minutes of effort.

    `amount`: for HOUR by how many minutes the order begins later (or earlier, negative), for TRIP
    how much shorter the trip has to be, for SKILL the number of the skill (its bit), for COACH 0.
    """

    kind: str
    amount: int
    cost: int


def would_fit(staff: Staff, around: Around, job: Job, ranking: Ranking) -> list[Change | None]:
    """The smallest single change for each worker (None: none alone is enough, or none needed).

    Who is impossible becomes possible by it; who asks for an override needs none after it. The
    arrays hold the workers in question only (`only`): the order is tried at other hours.
    """
    aim = np.where(ranking.codes & ALL_HARD, ALL_HARD, ALL_SOFT)
    wrong = ranking.codes & aim
    found: list[Change | None] = [None] * len(wrong)

    def offer(row: int, change: Change) -> None:
        present = found[row]
        if present is None or change.cost < present.cost:
            found[row] = change

    coach, skill = SOFT_BIT["coach_needed"], HARD_BIT["skill_missing"]
    lacking = job.skills & ~staff.skills
    number = np.bitwise_count(lacking).sum(axis=1)
    for row in np.flatnonzero(wrong).tolist():
        if wrong[row] == coach:
            offer(row, Change(COACH, 0, COACH_COST))
        if wrong[row] == skill and number[row] == 1:
            offer(row, Change(SKILL, _first_bit(lacking[row]), SKILL_COST))
        short = int(ranking.short_min[row])
        if not wrong[row] & ~_TRIP_BITS and short > 0:
            offer(row, Change(TRIP, short, TRIP_COST * short))
    open_rows = np.flatnonzero((wrong != 0) & (wrong & _TIMELESS == 0))
    few, around_few = only(staff, around, open_rows)
    for shift in _shifts(job) if len(open_rows) else []:
        moved = replace(job, start=job.start + shift, end=job.end + shift)
        # A note may go, but nothing hard may come instead.
        left = rank(few, around_few, moved).codes & (aim[open_rows] | ALL_HARD)
        for row in open_rows[left == 0].tolist():
            offer(row, Change(HOUR, shift, abs(shift)))
        known = [c is not None and c.cost <= abs(shift) for c in (found[r] for r in open_rows)]
        if all(known):
            break
    return found


def _first_bit(words: NDArray[np.uint64]) -> int:
    word = int(np.flatnonzero(words)[0])
    return word * 64 + int(words[word]).bit_length() - 1


def _shifts(job: Job) -> list[int]:
    """Later and earlier starts that keep the order on its dates, the smallest shift first."""
    dates = job.law.days(job.start, job.end)
    steps = range(SHIFT_STEP, SHIFT_MOST + 1, SHIFT_STEP)
    tried = (sign * step for step in steps for sign in (1, -1))
    return [s for s in tried if job.law.days(job.start + s, job.end + s) == dates]
