"""What a ranking is given: all workers, their time and one order as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

DAY = 24 * 60

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
# No limit: more than any number of minutes or days.
NO_LIMIT = 1 << 30


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


@dataclass(frozen=True)
class Law:
    """Numbers of the law on the order's date, in minutes unless named otherwise, and the calendar.

    `breaks` and `young_breaks` are pairs (longer than, minutes of break) that add up.
    `midnights` are the instants at which local dates begin, from the ordinal `first_day` on:
    they reach past every gig.
    """

    adult_age: int
    day_regular: int
    week_regular: int
    week_max: int
    average_weeks: int
    daily_rest: int
    rest_floor: int
    weekly_rest: int
    pause: int
    breaks: tuple[tuple[int, int], ...]
    young_breaks: tuple[tuple[int, int], ...]
    midnights: Ints
    first_day: int

    def day_of(self, at: Ints) -> Ints:
        """Local date of each instant, as ordinals."""
        found = (at - self.midnights[0]) // DAY
        if self.is_plain:
            return found + self.first_day
        # A change of the clock moves midnight by an hour at most: the guess is off by one at most.
        last = len(self.midnights) - 1
        found = found - (self.midnights[np.minimum(found, last)] > at)
        found = found + (self.midnights[np.minimum(found + 1, last)] <= at)
        return found + self.first_day

    @cached_property
    def is_plain(self) -> bool:
        """Whether every day has 24 hours."""
        return bool((np.diff(self.midnights) == DAY).all())

    def begins(self, day: int) -> int:
        """The instant of a local midnight."""
        return int(self.midnights[day - self.first_day])

    def days(self, start: int, end: int) -> range:
        """Local dates that an interval touches."""
        first, last = self.day_of(np.array([start, end - 1])).tolist()
        return range(first, last + 1)

    def break_min(self, minutes: Ints, young: Flags | None = None) -> Ints:
        """Break to plan into each presence."""
        adult = sum((minutes > over) * pause for over, pause in self.breaks)
        other = sum((minutes > over) * pause for over, pause in self.young_breaks)
        return np.asarray(adult if young is None else np.where(young, other, adult))
