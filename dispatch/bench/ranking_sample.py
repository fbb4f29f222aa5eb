"""A made-up town of workers and one order, for measuring the ranking and for its tests; pure."""

from __future__ import annotations

import numpy as np

from dispatch.rules.rank_arrays import (
    NO_LIMIT,
    Around,
    Busy,
    Contracts,
    Job,
    KindRules,
    Law,
    Spans,
    Staff,
)
from dispatch.rules.rank_hours import DAY

# Tuesday 24.11.2026, in days from the zero of the clock and as an ordinal.
ON, FIRST_DAY = 20, 739_944 - 20
SLOTS = 23
GIGS_EACH = 3
# As of 2026: only for measuring; the product reads its numbers from dated rows.
LAW = Law(
    adult_age=18,
    day_regular=480,
    week_regular=2400,
    week_max=2880,
    average_weeks=17,
    daily_rest=660,
    rest_floor=420,
    weekly_rest=2100,
    pause=60,
    breaks=((360, 30), (600, 30)),
    young_breaks=((270, 30),),
    midnights=np.arange(60) * DAY,
    first_day=FIRST_DAY,
)
MODES = np.array([(4.5, 0, 1.3), (14, 3, 1.3), (20, 12, 1.4), (40, 8, 1.3)])


def job(**changes: object) -> Job:
    """An order from 9 to 13 in the middle of town that asks for two skills and some lifting."""
    values: dict[str, object] = {
        "order": -1,
        "start": ON * DAY + 9 * 60,
        "end": ON * DAY + 13 * 60,
        "lat": 61.06,
        "lon": 28.19,
        "on_number": 20_261_124,
        "skills": np.array([0b11], dtype=np.uint64),
        "strains": 0b1,
        "min_age": 0,
        "coach_on_site": False,
        "special": 0,
        "at_company": True,
        "modes": MODES,
        "kinds": (KindRules(), KindRules(unpaid=True, day_most=480, not_billable=True)),
        "law": LAW,
    }
    return Job(**(values | changes))  # type: ignore[arg-type]


def town(workers: int, seed: int = 1) -> tuple[Staff, Around]:
    """So many workers within about 15 km, each with up to six gigs in the 23 days around."""
    random = np.random.default_rng(seed)

    def whole(low: int, high: int, size: int = workers) -> np.ndarray:
        return random.integers(low, high, size)

    staff = Staff(
        lat=61.06 + random.normal(0, 0.05, workers),
        lon=28.19 + random.normal(0, 0.1, workers),
        mode=whole(0, 4),
        birth=whole(1961, 2007) * 10_000 + 615,
        max_trip_min=whole(20, 91),
        wish_min=whole(5, 38) * 60,
        skills=random.integers(0, 16, (workers, 1)).astype(np.uint64) | np.uint64(1),
        strains=(random.random(workers) < 0.1).astype(np.int64),
        has_coach=random.random(workers) < 0.7,
        coached_gigs=whole(0, 4),
        tie=np.arange(workers),
        contracts=_contracts(random, workers),
    )
    return staff, _around(random, workers)


def _contracts(random: np.random.Generator, workers: int) -> Contracts:
    worker = np.sort(
        np.concatenate((np.arange(workers), random.integers(0, workers, workers // 20)))
    )
    number = len(worker)
    unlimited = np.full(number, NO_LIMIT)
    return Contracts(
        worker=worker,
        kind=(random.random(number) < 0.2).astype(np.int64),
        from_day=np.full(number, FIRST_DAY - 300),
        to_day=np.full(number, FIRST_DAY + 300),
        day_min=unlimited,
        week_min=np.where(random.random(number) < 0.3, 1200, NO_LIMIT),
        week_days=np.where(random.random(number) < 0.1, 4, NO_LIMIT),
        no_business=random.random(number) < 0.02,
    )


def _around(random: np.random.Generator, workers: int) -> Around:
    # A slot of the days around holds at most one gig, so nobody is in two places.
    taken = random.random((workers, SLOTS)) < GIGS_EACH / SLOTS
    worker, slot = np.nonzero(taken)
    start = (slot + ON - SLOTS // 2) * DAY + random.integers(28, 64, len(slot)) * 15
    opens = ON * DAY + random.integers(6, 12, workers) * 60
    free = np.flatnonzero(random.random(workers) < 0.8)
    liked = np.flatnonzero(random.random(workers) < 0.3)
    return Around(
        windows=Spans(free, opens[free], opens[free] + 600),
        liked=Spans(liked, opens[liked], opens[liked] + 360),
        absent=random.random(workers) < 0.03,
        done=random.integers(0, 12, workers),
        at_site=random.random(workers) < 0.02,
        earlier_min=np.zeros(workers, dtype=np.int64),
        busy=Busy(
            ptr=np.concatenate(([0], np.cumsum(taken.sum(axis=1)))),
            start=start,
            end=start + random.integers(8, 33, len(slot)) * 15,
            lat=61.06 + random.normal(0, 0.03, len(slot)),
            lon=28.19 + random.normal(0, 0.06, len(slot)),
            order=np.arange(len(slot)),
        ),
    )
