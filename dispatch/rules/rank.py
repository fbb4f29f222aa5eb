"""Every worker against one order at once: reasons as bits, points that add up, and the order.

Pure numpy. It says for all workers what `dispatch.eligibility.judge.judge` says for one, so that
a list of everybody is put in order without the full rules; a test holds the two against each
other. People under the adult age are the exception: their law is long and they are few. Their rows
are marked in `needs_full_rules`, and the caller settles them with the answer of the full rules.

Instants are whole minutes from any common zero; a day is the ordinal of a local date. W workers,
G gigs, C contracts, K words of 64 skills, P parts of the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from dispatch.eligibility.travel import SAME_OUTING
from dispatch.eligibility.travel_arrays import metres_between, minutes_for
from dispatch.rules.codes import (
    ALL_HARD,
    FITS,
    HARD_BIT,
    NO,
    NOTE,
    NOTE_BIT,
    SOFT_BIT,
)
from dispatch.rules.points import (
    points_of,
)
from dispatch.rules.rank_arrays import (
    Around,
    Busy,
    Flags,
    Floats,
    Ints,
    Job,
    Spans,
    Staff,
)
from dispatch.rules.rank_contracts import law_codes
from dispatch.rules.rank_hours import Leg, Person, hours_of

# The outing of the rules in minutes.
OUTING_MIN = SAME_OUTING // timedelta(minutes=1)


@dataclass(frozen=True)
class Ranking:
    """The answer: `codes` masks, `parts` W x P whose rows sum to `score`, `fit` 0-2.

    `order` holds the workers' indices, best first. `needs_full_rules` marks rows that the full
    rules have to settle. `leg_in_min` is the trip there, `home_m` the trip from home in metres,
    `week_min` the work booked in the order's week without this order. `short_min` says by how much
    the trip is too long for the person or for the time between (0 or less: it is not).
    """

    codes: Ints
    parts: Ints
    score: Ints
    fit: Ints
    order: Ints
    needs_full_rules: Flags
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
    young = (job.on_number - staff.birth) // 10_000 < job.law.adult_age
    counted = ~(near.clash | around.absent)
    hours = hours_of(
        around.busy,
        job.law,
        (job.start, job.end),
        Leg(
            near.first_after,
            leg_in * near.has_before,
            leg_out * near.has_after,
            counted & ~young,
        ),
        Person(young, around.earlier_min, _trips(staff, around.busy, job)),
    )
    codes = _fitness(staff, job)
    codes |= near.codes
    codes |= _legs(near, leg_in, leg_out)
    codes |= np.where(around.absent, HARD_BIT["absent"], 0)
    free_from, free_until, window_codes = _windows(around.windows, len(metres), job)
    leaves = job.start - np.where(near.has_before, 0, leg_in)
    home = job.end + np.where(near.has_after, 0, leg_out)
    outside = (window_codes == 0) & ((free_from > leaves) | (free_until < home))
    window_codes |= np.where(outside, SOFT_BIT["travel_outside_availability"], 0)
    codes |= np.where(around.absent, 0, window_codes)
    codes |= np.where(leg_in > staff.max_trip_min, SOFT_BIT["trip_too_long"], 0)
    codes |= np.where(counted, law_codes(staff, job, hours), 0)
    codes |= _first_gigs(staff, around, job)
    short = np.maximum(leg_in - staff.max_trip_min, near.short(leg_in, leg_out))
    early_or_late = np.maximum(free_from - leaves, home - free_until)
    short = np.maximum(short, np.where(outside, early_or_late, 0))
    over = hours.week_min + job.minutes > staff.wish_min
    codes |= np.where(over & (codes & ALL_HARD == 0), NOTE_BIT["over_wish"], 0)
    parts = points_of(staff, around, job, codes, leg_in, hours.week_min)
    score = parts.sum(axis=1)
    fit = np.where(codes & ALL_HARD, NO, np.where(codes, NOTE, FITS))
    return Ranking(
        codes=codes,
        parts=parts,
        score=score,
        fit=fit,
        order=in_order(fit, score, staff.tie),
        needs_full_rules=young,
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
        """Minutes by which the longer trip to a neighbour is too long; 0 or less: none."""
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
    code = np.where(own, HARD_BIT["already_on_order"], HARD_BIT["overlap"])
    codes = np.where(clash, code, 0)
    return _Near(codes, clash, first_after, before, after, has_before, has_after, gap_in, gap_out)


def _leg(staff: Staff, busy: Busy, job: Job, gig: Ints, there: Flags, home_min: Ints) -> Ints:
    """Minutes between the order and the neighbour, or home where there is no neighbour."""
    rows = np.flatnonzero(there)
    found = home_min.copy()
    if len(rows):
        metres = _metres(busy.lat[gig[rows]], busy.lon[gig[rows]], job)
        found[rows] = _minutes(metres, staff.mode[rows], job)
    return found


def _trips(staff: Staff, busy: Busy, job: Job) -> Ints:
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
    """Is there time for the trips from the assignment before and to the one after?"""
    late = near.has_before & (leg_in > near.gap_in) & ~near.clash
    early = near.has_after & (leg_out > near.gap_out) & ~near.clash
    codes = np.where(late, HARD_BIT["travel_from_previous"], 0)
    codes |= np.where(early, HARD_BIT["travel_to_next"], 0)
    return codes


# --------------------------------------------------------------------------- the person


def _fitness(staff: Staff, job: Job) -> Ints:
    """What does not depend on the time: the person and the task."""
    codes = np.zeros(len(staff.lat), dtype=np.int64)
    lacking = (job.skills & ~staff.skills).any(axis=1)
    codes |= np.where(lacking, HARD_BIT["skill_missing"], 0)
    if job.strains:
        codes |= np.where(staff.strains & job.strains, HARD_BIT["restricted"], 0)
    if job.min_age:
        young = (job.on_number - staff.birth) // 10_000 < job.min_age
        codes |= np.where(young, HARD_BIT["task_min_age"], 0)
    return codes


def _first_gigs(staff: Staff, around: Around, job: Job) -> Ints:
    """Somebody in their first gigs needs a coach on site or within reach."""
    if job.coach_on_site:
        return np.zeros(len(staff.lat), dtype=np.int64)
    first = around.done < staff.coached_gigs
    code = np.where(staff.has_coach, NOTE_BIT["first_gig_reach"], SOFT_BIT["coach_needed"])
    return np.where(first, code, 0)


def _windows(spans: Spans, workers: int, job: Job) -> tuple[Ints, Ints, Ints]:
    """The window that covers the order (start, end; 0 where none does) and what is wrong."""
    touching = np.flatnonzero((spans.start < job.end) & (spans.end > job.start))
    worker = spans.worker[touching]
    codes = np.full(workers, SOFT_BIT["not_available"])
    codes[worker] = SOFT_BIT["partly_available"]
    start, end = spans.start[touching], spans.end[touching]
    whole = np.flatnonzero((start <= job.start) & (end >= job.end))
    free_from, free_until = np.zeros((2, workers), dtype=np.int64)
    free_from[worker[whole]], free_until[worker[whole]] = start[whole], end[whole]
    codes[worker[whole]] = 0
    return free_from, free_until, codes
