"""Every worker against one order at once: reasons as bits, points that add up, and the order.

Pure numpy. It says for all workers what `dispatch.eligibility.judge.judge` says for one, so a
list can be ordered without asking the full rules about everybody; a test holds the two against
each other.
People under the adult age are the exception: their law is long and they are few, so their rows are
marked in `asks` and the caller settles them with the answer of the full rules.

Instants are whole minutes from any common zero; a day is the ordinal of a local date. W workers,
G gigs, C contracts, K words of 64 skills, P parts of the score.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dispatch.eligibility.travel import SAME_OUTING
from dispatch.eligibility.travel_arrays import metres_between, minutes_for
from dispatch.rules.rank_hours import Hours, Law, Leg, Person, hours_of

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

# The outing of the rules in minutes.
OUTING_MIN = SAME_OUTING // timedelta(minutes=1)
# No limit: more than any number of minutes or days.
NO_LIMIT = 1 << 30

# --------------------------------------------------------------------------- the reasons

# The alphabet of the masks. Which code is hard is decided where the rule stands (`rules.py`,
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
CODES = HARD + SOFT + NOTES
_HARD_BIT = {code: 1 << n for n, code in enumerate(HARD)}
_SOFT_BIT = {code: 1 << (n + len(HARD)) for n, code in enumerate(SOFT)}
_NOTE_BIT = {code: 1 << (n + len(HARD) + len(SOFT)) for n, code in enumerate(NOTES)}
ALL_HARD = (1 << len(HARD)) - 1
ALL_SOFT = ((1 << len(SOFT)) - 1) << len(HARD)
NOT_FREE_CODES = ("not_available", "partly_available")
_NOT_FREE = sum(_SOFT_BIT[code] for code in NOT_FREE_CODES)
FITS, NOTE, NO = 0, 1, 2

# Whole points, so that the parts add up to the score exactly. What weighs how much is a choice of
# the service, not of law: a short way and a fair share of hours first, then people who know the
# place, then wishes; somebody who has not said they are free comes after all who have. This is the
# one table: the full list of candidates reads it too.
PARTS = ("near", "share", "familiar", "experience", "preferred", "not_free", "notes")
NEAR, SHARE, FAMILIAR, KNOWS_WORK, PREFERRED = 40, 30, 15, 5, 10
POINTS_NOTE, POINTS_NOT_FREE = -10, -40


def bits(*, hard: tuple[str, ...] = (), soft: tuple[str, ...] = ()) -> int:
    """The mask of these codes.

    Raises:
        KeyError: for a code that is not known.
    """
    return sum(_HARD_BIT[code] for code in hard) + sum(_SOFT_BIT[code] for code in soft)


def codes_in(mask: int, *, among: int | None = None) -> list[str]:
    """The codes of a mask, hard ones first; `among` keeps only those bits."""
    kept = mask if among is None else mask & among
    return [code for n, code in enumerate(CODES) if kept >> n & 1]


# --------------------------------------------------------------------------- what is given


@dataclass(frozen=True)
class Contracts:
    """Engagements, sorted by worker and first day: each array has length C.

    `kind` is an index into `Job.kinds`; days are ordinals; a limit not written is NO_LIMIT.
    """

    worker: Ints
    kind: Ints
    from_day: Ints
    to_day: Ints
    day_min: Ints
    week_min: Ints
    week_days: Ints
    no_business: Flags


@dataclass(frozen=True)
class Staff:
    """What rarely changes: each array has length W (`skills` is W x K).

    `lat` and `lon` are degrees, `mode` an index into `Job.modes`, `birth` the date as
    the number yyyymmdd, `tie` the place in the list of names.
    """

    lat: Floats
    lon: Floats
    mode: Ints
    birth: Ints
    max_trip_min: Ints
    wish_min: Ints
    skills: NDArray[np.uint64]
    strains: Ints
    has_coach: Flags
    coached_gigs: Ints
    tie: Ints
    contracts: Contracts


@dataclass(frozen=True)
class Spans:
    """Hours of workers: `worker` is an index, `start` and `end` instants; equal length."""

    worker: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True)
class Busy:
    """Gigs of each worker by the clock, as CSR: those of worker w are `ptr[w]:ptr[w + 1]`.

    `ptr` has length W + 1, the rest G; places are degrees, `order` says whose gig it is. Gigs
    of one worker never overlap.
    """

    ptr: Ints
    start: Ints
    end: Ints
    lat: Floats
    lon: Floats
    order: Ints


@dataclass(frozen=True)
class Around:
    """What is read fresh for the order's days: windows never touch one another for one worker.

    `done` are gigs finished before the order, `earlier_min` work before `busy` that counts in
    the average; both and `absent` and `at_site` have length W.
    """

    windows: Spans
    liked: Spans
    absent: Flags
    done: Ints
    at_site: Flags
    earlier_min: Ints
    busy: Busy


@dataclass(frozen=True)
class KindRules:
    """The limits of one kind of engagement; what has no limit is NO_LIMIT (or 0 for a least)."""

    day_least: int = 0
    day_most: int = NO_LIMIT
    week_most: int = NO_LIMIT
    days_most: int = NO_LIMIT
    most_is_soft: bool = False
    min_age: int = 0
    no_weekend: bool = False
    unpaid: bool = False
    disabled: bool = False
    not_at_company: bool = False
    not_billable: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether the kind brings no limit at all."""
        return self == KindRules()


@dataclass(frozen=True)
class Job:
    """One order and the law of its date.

    `modes` is M x 3: km/h, fixed minutes, detour factor. `special` is the mask of Sunday and
    holiday work. `on_number` is the date as yyyymmdd.
    """

    order: int
    start: int
    end: int
    lat: float
    lon: float
    on_number: int
    skills: NDArray[np.uint64]
    strains: int
    min_age: int
    coach_on_site: bool
    special: int
    at_company: bool
    modes: Floats
    kinds: tuple[KindRules, ...]
    law: Law

    @property
    def minutes(self) -> int:
        """Presence."""
        return self.end - self.start


@dataclass(frozen=True)
class Ranking:
    """The answer: `codes` masks, `parts` W x P whose rows sum to `score`, `fit` 0-2.

    `order` holds the workers' indices, best first. `asks` marks rows that the full rules have
    to settle. `leg_in_min` is the way there, `home_m` the way from home in metres,
    `week_min` the work booked in the order's week without this order, `short_min` by how much
    the way is too long for the person or for the time there is (0 or less: it is not).
    """

    codes: Ints
    parts: Ints
    score: Ints
    fit: Ints
    order: Ints
    asks: Flags
    leg_in_min: Ints
    home_m: Floats
    week_min: Ints
    short_min: Ints


# --------------------------------------------------------------------------- the ranking


def rank(staff: Staff, around: Around, job: Job) -> Ranking:
    """Every worker for one order, in a handful of passes over the arrays."""
    metres = _metres(staff.lat, staff.lon, job)
    home_min = _minutes(metres, staff.mode, job)
    near = _neighbours(around.busy, job)
    leg_in = _leg(staff, around.busy, job, near.before, near.has_before, home_min)
    leg_out = _leg(staff, around.busy, job, near.after, near.has_after, home_min)
    asks = (job.on_number - staff.birth) // 10_000 < job.law.adult_age
    counted = ~(near.clash | around.absent)
    hours = hours_of(
        around.busy,
        job.law,
        (job.start, job.end),
        Leg(
            near.first_after,
            leg_in * near.has_before,
            leg_out * near.has_after,
            counted & ~asks,
        ),
        Person(asks, around.earlier_min, _ways(staff, around.busy, job)),
    )
    codes = _fitness(staff, job)
    codes |= near.codes
    codes |= _legs(near, leg_in, leg_out)
    codes |= np.where(around.absent, _HARD_BIT["absent"], 0)
    free_from, free_until, window_codes = _windows(around.windows, len(metres), job)
    leaves = job.start - np.where(near.has_before, 0, leg_in)
    home = job.end + np.where(near.has_after, 0, leg_out)
    outside = (window_codes == 0) & ((free_from > leaves) | (free_until < home))
    window_codes |= np.where(outside, _SOFT_BIT["travel_outside_availability"], 0)
    codes |= np.where(around.absent, 0, window_codes)
    codes |= np.where(leg_in > staff.max_trip_min, _SOFT_BIT["trip_too_long"], 0)
    codes |= np.where(counted, _law(staff, job, hours), 0)
    codes |= _first_gigs(staff, around, job)
    short = np.maximum(leg_in - staff.max_trip_min, near.short(leg_in, leg_out))
    early_or_late = np.maximum(free_from - leaves, home - free_until)
    short = np.maximum(short, np.where(outside, early_or_late, 0))
    over = hours.week_min + job.minutes > staff.wish_min
    codes |= np.where(over & (codes & ALL_HARD == 0), _NOTE_BIT["over_wish"], 0)
    parts = _parts(staff, around, job, codes, leg_in, hours.week_min)
    score = parts.sum(axis=1)
    fit = np.where(codes & ALL_HARD, NO, np.where(codes, NOTE, FITS))
    return Ranking(
        codes=codes,
        parts=parts,
        score=score,
        fit=fit,
        order=in_order(fit, score, staff.tie),
        asks=asks,
        leg_in_min=leg_in,
        home_m=metres,
        week_min=hours.week_min,
        short_min=short,
    )


def in_order(fit: Ints, score: Ints, tie: Ints) -> Ints:
    """Indices of the workers, best first: by fit, then points, then name."""
    # One number instead of three keys: points and names have their own digits below the fit.
    names = len(tie) + 1
    points = int(score.max(initial=0)) - score
    return np.argsort((fit * (int(points.max(initial=0)) + 1) + points) * names + tie)


def _metres(lat: Floats, lon: Floats, job: Job) -> Floats:
    """Great-circle metres from each place to the order."""
    return metres_between(lat, lon, job.lat, job.lon)


def _minutes(metres: Floats, mode: Ints, job: Job) -> Ints:
    kmh, fixed, detour = job.modes[mode].T
    return minutes_for(metres, kmh, fixed, detour)


# --------------------------------------------------------------------------- the neighbours


@dataclass(frozen=True)
class _Near:
    """Gigs beside the order: W indices of gigs (0 where there is none) and what is known of them.

    `gap_in` and `gap_out` are the minutes between the neighbour and the order.
    """

    codes: Ints
    clash: Flags
    first_after: Ints
    before: Ints
    after: Ints
    has_before: Flags
    has_after: Flags
    gap_in: Ints
    gap_out: Ints

    def short(self, leg_in: Ints, leg_out: Ints) -> Ints:
        """Minutes by which the longer of the ways to neighbours is too long; 0 or less: none."""
        lacking_in = np.where(self.has_before, leg_in - self.gap_in, 0)
        return np.maximum(lacking_in, np.where(self.has_after, leg_out - self.gap_out, 0))


def _neighbours(busy: Busy, job: Job) -> _Near:
    ptr, last = busy.ptr, max(len(busy.start) - 1, 0)
    ended = np.concatenate(([0], np.cumsum(busy.end <= job.start)))
    begins = np.concatenate(([0], np.cumsum(busy.start >= job.end)))
    done = ptr[:-1] + ended[ptr[1:]] - ended[ptr[:-1]]
    first_after = ptr[1:] - (begins[ptr[1:]] - begins[ptr[:-1]])
    clash = first_after > done
    before, after = np.clip(done - 1, 0, last), np.clip(first_after, 0, last)
    if not len(busy.start):
        none = np.zeros(len(clash), dtype=bool)
        zero = np.zeros(len(clash), dtype=np.int64)
        return _Near(zero, none, first_after, before, after, none, none, zero, zero)
    gap_in, gap_out = job.start - busy.end[before], busy.start[after] - job.end
    has_before = (done > ptr[:-1]) & (gap_in < OUTING_MIN)
    has_after = (first_after < ptr[1:]) & (gap_out < OUTING_MIN)
    own = busy.order[np.clip(done, 0, last)] == job.order
    told = np.where(own, _HARD_BIT["already_on_order"], _HARD_BIT["overlap"])
    codes = np.where(clash, told, 0)
    return _Near(codes, clash, first_after, before, after, has_before, has_after, gap_in, gap_out)


def _leg(staff: Staff, busy: Busy, job: Job, gig: Ints, there: Flags, home_min: Ints) -> Ints:
    """Minutes between the order and the neighbour, or home where there is no neighbour."""
    rows = np.flatnonzero(there)
    found = home_min.copy()
    if len(rows):
        metres = _metres(busy.lat[gig[rows]], busy.lon[gig[rows]], job)
        found[rows] = _minutes(metres, staff.mode[rows], job)
    return found


def _ways(staff: Staff, busy: Busy, job: Job) -> Ints:
    """Minutes to each gig from the one before in the same outing, else 0: length G."""
    found = np.zeros(len(busy.start), dtype=np.int64)
    if not len(found):
        return found
    follows = busy.start[1:] - busy.end[:-1] < OUTING_MIN
    first = busy.ptr[1:-1]
    follows[first[(first > 0) & (first < len(found))] - 1] = False
    later = np.flatnonzero(follows) + 1
    if len(later):
        worker = np.searchsorted(busy.ptr, later, side="right") - 1
        a, b = later - 1, later
        metres = metres_between(busy.lat[a], busy.lon[a], busy.lat[b], busy.lon[b])
        found[later] = _minutes(metres, staff.mode[worker], job)
    return found


def _legs(near: _Near, leg_in: Ints, leg_out: Ints) -> Ints:
    """Is there time for the way from the gig before and to the gig after?"""
    late = near.has_before & (leg_in > near.gap_in) & ~near.clash
    early = near.has_after & (leg_out > near.gap_out) & ~near.clash
    codes = np.where(late, _HARD_BIT["travel_from_previous"], 0)
    codes |= np.where(early, _HARD_BIT["travel_to_next"], 0)
    return codes


# --------------------------------------------------------------------------- the person


def _fitness(staff: Staff, job: Job) -> Ints:
    """What does not depend on the time: the person and the task."""
    codes = np.zeros(len(staff.lat), dtype=np.int64)
    lacking = (job.skills & ~staff.skills).any(axis=1)
    codes |= np.where(lacking, _HARD_BIT["skill_missing"], 0)
    if job.strains:
        codes |= np.where(staff.strains & job.strains, _HARD_BIT["restricted"], 0)
    if job.min_age:
        young = (job.on_number - staff.birth) // 10_000 < job.min_age
        codes |= np.where(young, _HARD_BIT["task_min_age"], 0)
    return codes


def _first_gigs(staff: Staff, around: Around, job: Job) -> Ints:
    """Somebody in their first gigs needs a coach on site or within reach."""
    if job.coach_on_site:
        return np.zeros(len(staff.lat), dtype=np.int64)
    first = around.done < staff.coached_gigs
    told = np.where(staff.has_coach, _NOTE_BIT["first_gig_reach"], _SOFT_BIT["coach_needed"])
    return np.where(first, told, 0)


def _windows(spans: Spans, workers: int, job: Job) -> tuple[Ints, Ints, Ints]:
    """The window that covers the order (start, end; 0 where none does) and what is wrong."""
    touching = np.flatnonzero((spans.start < job.end) & (spans.end > job.start))
    worker = spans.worker[touching]
    codes = np.full(workers, _SOFT_BIT["not_available"])
    codes[worker] = _SOFT_BIT["partly_available"]
    start, end = spans.start[touching], spans.end[touching]
    whole = np.flatnonzero((start <= job.start) & (end >= job.end))
    free_from, free_until = np.zeros((2, workers), dtype=np.int64)
    free_from[worker[whole]], free_until[worker[whole]] = start[whole], end[whole]
    codes[worker[whole]] = 0
    return free_from, free_until, codes


def _parts(
    staff: Staff, around: Around, job: Job, codes: Ints, leg_in: Ints, week_min: Ints
) -> Ints:
    """Points W x P."""
    # Column by column in memory: each part is written and added in one stroke.
    parts = np.zeros((len(PARTS), len(staff.lat)), dtype=np.int64).T
    longest, wish = np.maximum(staff.max_trip_min, 1), np.maximum(staff.wish_min, 1)
    lacking = np.minimum(np.maximum(wish - week_min, 0), wish)
    parts[:, 0] = np.rint(NEAR * np.maximum(longest - leg_in, 0) / longest)
    parts[:, 1] = np.rint(SHARE * lacking / wish)
    parts[:, 2] = FAMILIAR * around.at_site
    parts[:, 3] = KNOWS_WORK * (around.done > 0)
    liked = around.liked
    whole = (liked.start <= job.start) & (liked.end >= job.end)
    parts[liked.worker[whole], 4] = PREFERRED
    parts[:, 5] = POINTS_NOT_FREE * ((codes & _NOT_FREE) != 0)
    parts[:, 6] = POINTS_NOTE * np.bitwise_count(codes & ALL_SOFT).astype(np.int64)
    return parts


# --------------------------------------------------------------------------- the law


def _law(staff: Staff, job: Job, hours: Hours) -> Ints:
    """Working time and contracts of adults, were the order theirs."""
    codes = np.full(len(staff.lat), job.special)
    for code, over in hours.over.items():
        bit = _HARD_BIT[code] if code in _HARD_BIT else _SOFT_BIT[code]
        codes |= np.where(over, bit, 0)
    return codes | _contracts(staff, job, hours)


def _contracts(staff: Staff, job: Job, hours: Hours) -> Ints:
    """What the contract of the date says; of two the one that allows more."""
    rows, workers = staff.contracts, len(staff.lat)
    valid = np.flatnonzero((rows.from_day <= hours.on) & (hours.on <= rows.to_day))
    found = np.full(workers, _HARD_BIT["no_engagement"])
    worker = rows.worker[valid]
    answers = _answers(staff, job, hours, valid)
    found[worker] = answers
    twice = worker[1:] == worker[:-1]
    if twice.any():
        rival = np.flatnonzero(np.append(twice, False) | np.insert(twice, 0, False))
        hard = np.bitwise_count(answers[rival] & ALL_HARD).astype(np.int64)
        weight = hard * 100 + np.bitwise_count(answers[rival])
        who = worker[rival]
        first = np.flatnonzero(np.insert(who[1:] != who[:-1], 0, True))
        # Each weight carries its own place, so the least one says which answer it is.
        least = np.minimum.reduceat(weight * len(rival) + np.arange(len(rival)), first)
        found[who[first]] = answers[rival[least % len(rival)]]
    unpaid = np.array([k.unpaid for k in job.kinds])
    paid = valid[~unpaid[rows.kind[valid]]]
    own = np.full(workers, -1)
    own[rows.worker[paid]] = paid
    return found | _own_limits(rows, hours, own)


def _own_limits(rows: Contracts, hours: Hours, own: Ints) -> Ints:
    """What was agreed with the worker; `own` is their last paid contract or -1."""
    codes = np.zeros(len(own), dtype=np.int64)
    if not len(rows.worker):
        return codes
    for limit, sums, code in (
        (rows.day_min, hours.days, "own_daily_max"),
        (rows.week_min, hours.weeks, "own_weekly_max"),
        (rows.week_days, hours.week_days, "own_days_per_week"),
    ):
        limited = np.flatnonzero((own >= 0) & (limit[own] < NO_LIMIT))
        most = limit[own[limited]]
        for got in sums.values():
            codes[limited[got[limited] > most]] |= _SOFT_BIT[code]
    return codes


def _answers(staff: Staff, job: Job, hours: Hours, valid: Ints) -> Ints:
    """Mask of each valid contract, as workers.rules.engagement has it."""
    rows = staff.contracts
    worker, kind = rows.worker[valid], rows.kind[valid]
    codes = np.zeros(len(valid), dtype=np.int64)
    codes[rows.no_business[valid]] |= _HARD_BIT["subsidy_excludes_business"]
    for n, rule in enumerate(job.kinds):
        mine = np.flatnonzero(kind == n)
        if rule.says_nothing or not len(mine):
            continue
        who = worker[mine]
        got = (
            hours.days[hours.on][who],
            hours.weeks[hours.monday][who],
            hours.week_days[hours.monday][who],
        )
        codes[mine] |= _kind_codes(rule, job, hours.on, got)
        if rule.unpaid:
            codes[mine] |= _written(rows, valid[mine], got)
        if rule.min_age:
            young = (job.on_number - staff.birth[who]) // 10_000 < rule.min_age
            codes[mine[young]] |= _HARD_BIT["engagement_min_age"]
    return codes


def _kind_codes(rule: KindRules, job: Job, on: int, got: tuple[Ints, Ints, Ints]) -> Ints:
    day, week, days = got
    fixed = _HARD_BIT["kind_disabled"] * rule.disabled
    fixed |= _HARD_BIT["rehabilitative_at_company"] * (rule.not_at_company and job.at_company)
    fixed |= _SOFT_BIT["kind_not_billable"] * rule.not_billable
    fixed |= _HARD_BIT["school_practice_weekend"] * (rule.no_weekend and (on - 1) % 7 >= 5)
    table = _SOFT_BIT if rule.most_is_soft else _HARD_BIT
    codes = np.full(len(day), fixed)
    codes |= np.where(day < rule.day_least, _SOFT_BIT["engagement_day_short"], 0)
    codes |= np.where(day > rule.day_most, table["engagement_day_long"], 0)
    codes |= np.where(week > rule.week_most, table["engagement_week_long"], 0)
    codes |= np.where(days > rule.days_most, _HARD_BIT["engagement_week_days"], 0)
    return codes


def _written(rows: Contracts, valid: Ints, got: tuple[Ints, Ints, Ints]) -> Ints:
    """The limits that an unpaid engagement itself names."""
    day, week, days = got
    codes = np.where(day > rows.day_min[valid], _HARD_BIT["engagement_own_day_min"], 0)
    codes |= np.where(week > rows.week_min[valid], _HARD_BIT["engagement_own_week_min"], 0)
    codes |= np.where(days > rows.week_days[valid], _HARD_BIT["engagement_own_week_days"], 0)
    return codes


# --------------------------------------------------------------------------- what would help

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
    how much shorter the way has to be, for SKILL the number of the skill (its bit), for COACH 0.
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

    coach, skill = _SOFT_BIT["coach_needed"], _HARD_BIT["skill_missing"]
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


_Rows = TypeVar("_Rows", Contracts, Spans)


def only(staff: Staff, around: Around, rows: Ints) -> tuple[Staff, Around]:
    """The same arrays for these workers, in this order."""
    place = np.full(len(staff.lat), -1)
    place[rows] = np.arange(len(rows))
    contracts = _chosen(staff.contracts, place[staff.contracts.worker])
    arrays = {
        name: getattr(staff, name)[rows]
        for name in Staff.__dataclass_fields__
        if name != "contracts"
    }
    few = Staff(**arrays, contracts=contracts)
    number = np.diff(around.busy.ptr)[rows]
    ptr = np.concatenate(([0], np.cumsum(number)))
    gigs = np.repeat(around.busy.ptr[rows] - ptr[:-1], number) + np.arange(ptr[-1])
    busy = Busy(
        ptr,
        *(getattr(around.busy, n)[gigs] for n in ("start", "end", "lat", "lon", "order")),
    )
    return few, Around(
        windows=_chosen(around.windows, place[around.windows.worker]),
        liked=_chosen(around.liked, place[around.liked.worker]),
        absent=around.absent[rows],
        done=around.done[rows],
        at_site=around.at_site[rows],
        earlier_min=around.earlier_min[rows],
        busy=busy,
    )


def _chosen(rows: _Rows, place: Ints) -> _Rows:
    """Rows of the workers that have a place, by place."""
    kept = np.flatnonzero(place >= 0)
    kept = kept[np.argsort(place[kept], kind="stable")]
    values = {name: getattr(rows, name)[kept] for name in type(rows).__dataclass_fields__}
    return type(rows)(**values | {"worker": place[kept]})
