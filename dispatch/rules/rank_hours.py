"""Working time of many workers around one order: minutes of days and weeks, and the rests.

The adult rules of `workers.rules.worktime` as arrays, without texts and sources; pure. Only who
has gigs near the order needs a closer look at the rests, so those rules walk over a few rows from
gig to gig, and everybody else is answered at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dispatch.rules.rank_arrays import DAY, Busy, Flags, Ints, Law

WEEK_DAYS = 7
# The rests around an order are those of the gigs this near to it, as the full rules have it.
NEAR = 3 * DAY


@dataclass(frozen=True)
class Leg:
    """The trips to and from the neighbours; 0 where there is none in the same outing.

    `first_after` is the index of the first gig after the order in the arrays of gigs. `counted`
    marks the workers whose rests are looked at.
    """

    first_after: Ints
    in_min: Ints
    out_min: Ints
    counted: Flags


@dataclass(frozen=True)
class Person:
    """What else the sums ask of each worker.

    `trips` has the length of the gigs: minutes to each from the one before, 0 for another outing;
    `earlier_min` is work before the gigs that counts in the average.
    """

    young: Flags
    earlier_min: Ints
    trips: Ints


@dataclass(frozen=True)
class Hours:
    """Minutes with and without the order, and which limits of the law are passed.

    `week_min` is without the order; `days` (each date of the order), `weeks` (each ISO week)
    and `week_days` (days with work in each of them) are with it. `on` is the order's date.
    """

    on: int
    week_min: Ints
    days: dict[int, Ints]
    weeks: dict[int, Ints]
    week_days: dict[int, Ints]
    over: dict[str, Flags] = field(default_factory=dict)

    @property
    def monday(self) -> int:
        """Monday of the week in which the order begins."""
        return monday_of(self.on)


def monday_of(day: int) -> int:
    """Ordinal of the Monday of the ISO week (ordinal 1 is a Monday)."""
    return day - (day - 1) % WEEK_DAYS


def hours_of(busy: Busy, law: Law, job: tuple[int, int], leg: Leg, person: Person) -> Hours:
    """Days, weeks and rests of every worker, were the order (start, end) theirs."""
    gigs = _Gigs.of(busy, law, person.trips, person.young)
    start, end = job
    dates = law.days(start, end)
    mondays = sorted({monday_of(day) for day in dates})
    own = _pieces(law, start, end, dates)
    joins = gigs.joins(leg, start, end, dates[0])
    by_day = {d: gigs.sum_between(d, d + 1) + own[d] for d in dates}
    by_day[dates[0]] += joins
    before = {m: gigs.sum_between(m, m + WEEK_DAYS) for m in mondays}
    weeks = {m: before[m] + sum(n for d, n in own.items() if monday_of(d) == m) for m in mondays}
    weeks[mondays[0]] = weeks[mondays[0]] + joins
    hours = Hours(
        on=dates[0],
        week_min=before[mondays[0]],
        days=by_day,
        weeks=weeks,
        week_days={m: gigs.days_between(m, dates[0]) for m in mondays},
    )
    hours.over.update(_rests(gigs, leg, start, end))
    hours.over["daily_hours"] |= _any_over(by_day, law.day_regular)
    too_long = _any_over(weeks, law.week_max)
    hours.over["weekly_max"] = too_long
    one_regular = [(law.week_regular < n) & (n <= law.week_max) for n in weeks.values()]
    hours.over["weekly_hours"] = np.logical_or.reduce(one_regular)
    average = np.zeros(len(joins), dtype=bool)
    earlier = np.flatnonzero(person.earlier_min)
    if len(earlier):
        period = gigs.sum_between(0, mondays[-1] + WEEK_DAYS) + joins + sum(own.values())
        together = person.earlier_min[earlier] + period[earlier]
        average[earlier] = together > law.week_max * law.average_weeks
    hours.over["weekly_average"] = average
    return hours


def _any_over(sums: dict[int, Ints], limit: int) -> Flags:
    return np.logical_or.reduce([n > limit for n in sums.values()])


def _pieces(law: Law, start: int, end: int, dates: range) -> dict[int, int]:
    """Minutes of the order on each of its dates; the break comes off the longest."""
    found = {day: min(end, law.begins(day + 1)) - max(start, law.begins(day)) for day in dates}
    longest = max(found, key=lambda day: found[day])
    pause = int(law.break_min(np.array(end - start)))
    found[longest] = max(0, found[longest] - pause)
    return found


@dataclass(frozen=True)
class _Gigs:
    """Gigs with what the sums need; a gig over midnight has its second piece in `late`."""

    busy: Busy
    law: Law
    worker: Ints
    day: Ints
    work: Ints
    minutes: Ints
    trip: Ints
    counted_trip: Ints
    new_day: Flags
    late: tuple[Ints, Ints, Ints]

    @classmethod
    def of(cls, busy: Busy, law: Law, trips: Ints, young: Flags) -> _Gigs:
        """Pieces of every gig by local date, with the trips that are working time."""
        number = np.diff(busy.ptr)
        worker = np.repeat(np.arange(len(number)), number)
        day = law.day_of(busy.start)
        presence = busy.end - busy.start
        pause = law.break_min(presence, young[worker] if young.any() else None)
        work = np.maximum(presence - pause, 0)
        same = np.zeros(len(worker), dtype=bool)
        same[1:] = worker[1:] == worker[:-1]
        gap = np.zeros_like(presence)
        gap[1:] = busy.start[1:] - busy.end[:-1]
        counted = np.where(same, np.clip(trips, 0, np.maximum(gap, 0)), 0)
        new_day = np.ones(len(worker), dtype=bool)
        new_day[1:] = ~same[1:] | (day[1:] != day[:-1])
        minutes = work + np.where(new_day, 0, counted)
        late = _late_pieces(busy, law, day, pause, minutes, work)
        return cls(busy, law, worker, day, work, minutes, trips, counted, new_day, late)

    def sum_between(self, first: int, until: int) -> Ints:
        """Minutes of each worker on the days [first, until)."""
        workers = len(self.busy.ptr) - 1
        chosen = np.flatnonzero((self.day >= first) & (self.day < until))
        found = np.bincount(self.worker[chosen], self.minutes[chosen], workers).astype(np.int64)
        if len(self.late[0]):
            worker, day, minutes = self.late
            chosen = np.flatnonzero((day >= first) & (day < until))
            late = np.bincount(worker[chosen], minutes[chosen], workers)
            found += late.astype(np.int64)
        return found

    def days_between(self, monday: int, on: int) -> Ints:
        """Dates of the week on which a gig begins, the order's own date among them."""
        workers = len(self.busy.ptr) - 1
        chosen = self.new_day & (self.day >= monday) & (self.day < monday + WEEK_DAYS)
        if monday <= on < monday + WEEK_DAYS:
            chosen &= self.day != on
        found = np.bincount(self.worker[chosen], minlength=workers)
        return np.asarray(found + (monday <= on < monday + WEEK_DAYS))

    def joins(self, leg: Leg, start: int, end: int, on: int) -> Ints:
        """Trips of the order's own date that come with it, less the one they replace."""
        before, after, has_before, has_after = self.around(leg)
        found = np.zeros(len(has_before), dtype=np.int64)
        if not len(self.day):
            return found
        before_on = has_before & (self.day[before] == on)
        after_on = has_after & (self.day[after] == on)
        found += np.where(
            before_on, np.clip(leg.in_min, 0, np.maximum(start - self.busy.end[before], 0)), 0
        )
        # The trip from the gig before is not travelled any more: the order lies between.
        out = np.where(has_before, leg.out_min, np.maximum(leg.out_min, self.trip[after]))
        found += np.where(after_on, np.clip(out, 0, np.maximum(self.busy.start[after] - end, 0)), 0)
        return found - np.where(before_on & after_on, self.counted_trip[after], 0)

    def around(self, leg: Leg) -> tuple[Ints, Ints, Flags, Flags]:
        """Index of the gig before and of the one after, and whether there is one."""
        ptr, after = self.busy.ptr, leg.first_after
        last = max(len(self.day) - 1, 0)
        return (
            np.clip(after - 1, 0, last),
            np.clip(after, 0, last),
            after > ptr[:-1],
            after < ptr[1:],
        )


def _late_pieces(
    busy: Busy, law: Law, day: Ints, pause: Ints, minutes: Ints, work: Ints
) -> tuple[Ints, Ints, Ints]:
    """Second pieces (worker, day, minutes) of gigs over midnight; shortens the first in place."""
    if not len(day):
        return day, day, day
    next_day = law.midnights[np.minimum(day - law.first_day + 1, len(law.midnights) - 1)]
    over = np.flatnonzero(busy.end > next_day)
    if not len(over):
        return over, over, over
    first, second = next_day[over] - busy.start[over], busy.end[over] - next_day[over]
    shorter = first >= second
    first = np.where(shorter, np.maximum(first - pause[over], 0), first)
    second = np.where(shorter, second, np.maximum(second - pause[over], 0))
    minutes[over] += first - work[over]
    worker = np.searchsorted(busy.ptr, over, side="right") - 1
    return worker, day[over] + 1, second


# --------------------------------------------------------------------------- the rests


def _rests(gigs: _Gigs, leg: Leg, start: int, end: int) -> dict[str, Flags]:
    """Daily and weekly rest, and the work day that midnight does not cut."""
    workers = len(gigs.busy.ptr) - 1
    law, own_min = gigs.law, end - start
    over = {
        code: np.zeros(workers, dtype=bool)
        for code in ("daily_rest", "daily_rest_floor", "weekly_rest", "daily_hours")
    }
    work = own_min - int(law.break_min(np.array(own_min)))
    if work > law.day_regular:
        over["daily_hours"][:] = True
    before, after, has_before, has_after = gigs.around(leg)
    busy = gigs.busy
    if len(gigs.day):
        gap_in = np.where(has_before, start - busy.end[before], NEAR * WEEK_DAYS)
        gap_out = np.where(has_after, busy.start[after] - end, NEAR * WEEK_DAYS)
        close = (gap_in < law.daily_rest) | (gap_out < law.daily_rest)
        inner = busy.start[before] - busy.end[np.maximum(before - 1, 0)]
        paired = (before > busy.ptr[:-1]) & (inner < law.daily_rest)
        long = busy.end[before] - busy.start[before] > DAY - law.daily_rest
        close |= has_before & (gap_in < NEAR) & (paired | long)
    else:
        gap_in = gap_out = np.full(workers, NEAR * WEEK_DAYS)
        close = np.zeros(workers, dtype=bool)
    if own_min > DAY - law.daily_rest:
        close = np.ones(workers, dtype=bool)
    chosen = np.flatnonzero(close & leg.counted)
    if len(chosen):
        _daily(gigs, leg, (start, end, work), chosen, over)
    for monday in sorted({monday_of(day) for day in law.days(start, end)}):
        _weekly(gigs, leg, (start, end), monday, over["weekly_rest"])
    return over


@dataclass(frozen=True)
class _Line:
    """The gigs near the order of a few workers, the order in its place among them.

    Arrays of all positions, worker after worker; `own` is the position of the order for each of
    the workers. `joined` says that a position is in one work day with the one before, `trip`
    are the minutes between the two that are working time.
    """

    row: Ints
    start: Ints
    end: Ints
    work: Ints
    trip: Ints
    joined: Flags
    own: Ints

    @classmethod
    def of(cls, gigs: _Gigs, leg: Leg, job: tuple[int, int, int], rows: Ints) -> _Line:
        """The line of these workers; `job` is start, end and working minutes of the order."""
        busy, law = gigs.busy, gigs.law
        number = busy.ptr[rows + 1] - busy.ptr[rows]
        row = np.repeat(np.arange(len(rows)), number)
        gig = np.arange(len(row)) - np.repeat(np.cumsum(number) - number - busy.ptr[rows], number)
        near = (busy.end[gig] > job[0] - NEAR) & (busy.start[gig] < job[1] + NEAR)
        row, gig = row[near], gig[near]
        earlier = np.bincount(row, gig < leg.first_after[rows][row], len(rows)).astype(np.int64)
        at = np.searchsorted(row, np.arange(len(rows))) + earlier
        own = at + np.arange(len(rows))
        row = np.insert(row, at, np.arange(len(rows)))
        start = np.insert(busy.start[gig], at, job[0])
        end = np.insert(busy.end[gig], at, job[1])
        day = np.insert(gigs.day[gig], at, law.day_of(np.array(job[0])))
        trip = np.insert(gigs.trip[gig], at, leg.in_min[rows])
        follows = np.flatnonzero(np.append(row[1:] == row[:-1], False)[own])
        after = own[follows] + 1
        trip[after] = leg.out_min[rows[follows]]
        gap = start - np.roll(end, 1)
        joined = np.append(False, row[1:] == row[:-1]) & (gap < law.daily_rest)
        joined &= (day == np.roll(day, 1)) | (gap <= law.pause + trip)
        work = np.insert(gigs.work[gig], at, job[2])
        return cls(row, start, end, work, np.clip(trip, 0, np.maximum(gap, 0)), joined, own)

    def same_row(self, p: Ints, q: Ints) -> Flags:
        """Whether two positions are of one worker; a position beyond either end is of nobody."""
        last = len(self.row) - 1
        inside = (p >= 0) & (p <= last) & (q >= 0) & (q <= last)
        return inside & (self.row[np.clip(p, 0, last)] == self.row[np.clip(q, 0, last)])

    def rest_from(self, first: Ints) -> Ints:
        """Longest free span in the 24 hours from the start at each position."""
        until, last = self.start[first] + DAY, len(self.row) - 1
        best, reached, p = np.zeros_like(first), self.start[first], first
        while True:
            inside = np.minimum(p, last)
            met = self.same_row(p, first) & (self.start[inside] < until)
            if not met.any():
                return np.maximum(best, until - reached)
            best = np.where(met, np.maximum(best, self.start[inside] - reached), best)
            reached = np.where(met, self.end[inside], reached)
            p = p + 1


def _daily(
    gigs: _Gigs, leg: Leg, job: tuple[int, int, int], rows: Ints, over: dict[str, Flags]
) -> None:
    """The work day of the order, and the one that ends with it as the next gig."""
    line, law = _Line.of(gigs, leg, job, rows), gigs.law
    opens = np.flatnonzero(~line.joined)
    closes = np.append(opens[1:], len(line.row)) - 1
    of_day = np.cumsum(~line.joined) - 1
    mine = of_day[line.own]
    first, last = opens[mine], closes[mine]
    follows = line.same_row(last, last + 1)
    after = np.minimum(last + 1, len(line.row) - 1)
    rest = line.rest_from(first)
    rest = np.where(follows, np.minimum(rest, line.start[after] - line.end[last]), rest)
    leads = (first == line.own) & line.same_row(first, first - 1)
    before = line.own - leads
    rest_before = line.rest_from(opens[of_day[before]])
    rest_before = np.minimum(rest_before, job[0] - line.end[before])
    for minutes in (rest, np.where(leads, rest_before, DAY)):
        over["daily_rest_floor"][rows] |= minutes < law.rest_floor
        over["daily_rest"][rows] |= (law.rest_floor <= minutes) & (minutes < law.daily_rest)
    total = np.cumsum(line.work + np.where(line.joined, line.trip, 0))
    minutes = total[last] - total[first] + line.work[first]
    over["daily_hours"][rows] |= minutes > law.day_regular


def _weekly(gigs: _Gigs, leg: Leg, job: tuple[int, int], monday: int, found: Flags) -> None:
    """Whether a whole weekly rest can be laid at least half inside the week."""
    law, busy = gigs.law, gigs.busy
    half = law.weekly_rest // 2
    opens, closes = law.begins(monday) - half, law.begins(monday + WEEK_DAYS) + half
    before, after, has_before, has_after = gigs.around(leg)
    if not len(gigs.day):
        found |= max(job[0] - opens, closes - job[1]) < law.weekly_rest
        return
    free_in = job[0] - np.where(has_before, np.maximum(busy.end[before], opens), opens)
    free_out = np.where(has_after, np.minimum(busy.start[after], closes), closes) - job[1]
    rows = np.flatnonzero((free_in < law.weekly_rest) & (free_out < law.weekly_rest) & leg.counted)
    for step in (-1, 1):
        rows = rows[~_rested(gigs, leg, rows, (opens, closes), step)]
    found[rows] = True


def _rested(gigs: _Gigs, leg: Leg, rows: Ints, frame: tuple[int, int], step: int) -> Flags:
    """Whether a span before (step -1) or after (1) the neighbours of the order is long enough."""
    busy, need = gigs.busy, gigs.law.weekly_rest
    low, high = busy.ptr[rows], busy.ptr[rows + 1]
    at = leg.first_after[rows] - (step < 0)
    found = np.zeros(len(rows), dtype=bool)
    last = len(busy.start) - 1
    while True:
        here = (low <= at) & (at < high) & ~found
        if not here.any():
            return found
        inside = np.clip(at, 0, last)
        beyond = np.clip(at + step, 0, last)
        more = (low <= at + step) & (at + step < high)
        if step < 0:
            edge = np.where(more, np.maximum(busy.end[beyond], frame[0]), frame[0])
            span = np.minimum(busy.start[inside], frame[1]) - edge
        else:
            edge = np.where(more, np.minimum(busy.start[beyond], frame[1]), frame[1])
            span = edge - np.maximum(busy.end[inside], frame[0])
        found |= here & (span >= need)
        at = at + step
