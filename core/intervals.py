"""Half-open intervals [start, end): on instants and on whole minutes.

Instants are kept in UTC, because Python compares and subtracts two datetimes of the *same* zone by
their wall clock: on a clock-change night that is wrong by an hour. Wall time enters through
`local_instant` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TypeVar

from core.zone import local_date

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, order=True)
class Interval:
    """[start, end) between two aware instants, normalised to UTC.

    Raises:
        ValueError: for a naive datetime and when `end` is not after `start`.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError("an interval needs aware datetimes")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end <= self.start:
            raise ValueError("an interval must end after it starts")

    @property
    def duration(self) -> timedelta:
        """Elapsed time, exact."""
        return self.end - self.start

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes (a started minute does not count)."""
        return self.duration // MINUTE


@dataclass(frozen=True, order=True)
class MinuteSpan:
    """[start, end) in whole minutes from an origin the caller knows, e.g. local midnight.

    Raises:
        ValueError: `end` is not after `start`.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a span must end after it starts")

    @property
    def duration(self) -> timedelta:
        """Elapsed time, exact."""
        return (self.end - self.start) * MINUTE

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return self.end - self.start


Span = TypeVar("Span", Interval, MinuteSpan)


def overlaps(a: Span, b: Span) -> bool:
    """True when they share time. Touching ones (one ends as the other starts) do not."""
    return a.start < b.end and b.start < a.end


def contains(outer: Span, inner: Span) -> bool:
    """True when all of `inner` lies in `outer`; equal edges are inside."""
    return outer.start <= inner.start and inner.end <= outer.end


def intersection(a: Span, b: Span) -> Span | None:
    """The time they share, or None."""
    start, end = max(a.start, b.start), min(a.end, b.end)
    return type(a)(start, end) if start < end else None


def gap_min(a: Span, b: Span) -> int:
    """Whole minutes between the two, whichever comes first.

    0 when they touch, negative (minus the shared minutes) when they overlap.
    """
    if overlaps(a, b):
        shared = intersection(a, b)
        return -shared.minutes if shared is not None else 0
    first, second = (a, b) if a.end <= b.start else (b, a)
    return 0 if first.end == second.start else type(a)(first.end, second.start).minutes


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time as sorted spans that neither overlap nor touch."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            last = merged[-1]
            if span.end > last.end:
                merged[-1] = type(last)(last.start, span.end)
        else:
            merged.append(span)
    return merged


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """The time of `spans` that is in none of `holes`: sorted and merged."""
    left = merge(spans)
    for hole in merge(holes):
        kept: list[Span] = []
        for span in left:
            if not overlaps(span, hole):
                kept.append(span)
                continue
            if span.start < hole.start:
                kept.append(type(span)(span.start, hole.start))
            if hole.end < span.end:
                kept.append(type(span)(hole.end, span.end))
        left = kept
    return left


def clip(spans: Iterable[Span], frame: Span) -> list[Span]:
    """The time of `spans` that lies in `frame`: sorted and merged."""
    inside = (intersection(span, frame) for span in spans)
    return merge(span for span in inside if span is not None)


def free(frame: Span, busy: Iterable[Span]) -> list[Span]:
    """The time of `frame` that nothing in `busy` takes."""
    found: list[Span] = []
    reached = frame.start
    for span in merge(span for span in busy if overlaps(span, frame)):
        if reached < span.start:
            found.append(type(frame)(reached, span.start))
        reached = max(reached, span.end)
    if reached < frame.end:
        found.append(type(frame)(reached, frame.end))
    return found


def total_min(spans: Iterable[Span]) -> int:
    """Whole minutes of the union: time covered twice counts once."""
    return sum((span.duration for span in merge(spans)), timedelta()) // MINUTE


# ------------------------------------------------------------------- wall time
@lru_cache(maxsize=8192)
def local_instant(on: date, at: time, tz: tzinfo) -> datetime:
    """The UTC instant of a wall time.

    A time that happens twice (autumn) is its first occurrence; a time that does not happen
    (spring) is the moment the clock jumps over it. So a later wall time is never an earlier
    instant, and windows that touch on the wall touch in time.
    """
    wall = datetime.combine(on, at)
    first = wall.replace(tzinfo=tz, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=tz, fold=1).astimezone(UTC)
    if first <= second:
        return first
    # In the skipped hour the two readings stand in reverse order around the jump: find it.
    early, late = second, first
    after = late.astimezone(tz).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(tz).utcoffset() == after:
            late = middle
        else:
            early = middle
    return (late + timedelta(seconds=30)).replace(second=0, microsecond=0)


@lru_cache(maxsize=4096)
def local_day_bounds(on: date, tz: tzinfo) -> Interval:
    """Local midnight to local midnight: 24 h, but 23 h or 25 h when the clock changes."""
    midnight = time(0)
    return Interval(
        local_instant(on, midnight, tz), local_instant(on + timedelta(days=1), midnight, tz)
    )


def local_week_bounds(on: date, tz: tzinfo) -> Interval:
    """The ISO week (Monday to Sunday, local) that holds `on`."""
    monday = on - timedelta(days=on.weekday())
    return Interval(
        local_day_bounds(monday, tz).start, local_day_bounds(monday + timedelta(days=6), tz).end
    )


def local_dates(interval: Interval, tz: tzinfo) -> list[date]:
    """Every local date the interval touches, in order."""
    day = local_date(interval.start, tz)
    last = local_date(interval.end - timedelta(microseconds=1), tz)
    return [day + timedelta(days=n) for n in range((last - day).days + 1)]


@dataclass(frozen=True)
class WeeklyWindow:
    """Available every week on `weekday` (0 = Monday) from `start` to `end`, local time.

    An end at or before the start is on the next day, so 00:00-00:00 is the whole day.
    """

    weekday: int
    start: time
    end: time


@dataclass(frozen=True)
class DateException:
    """What is different on one local date. Without times it is about the whole day."""

    on: date
    available: bool
    start: time | None = None
    end: time | None = None


def local_window(on: date, start: time | None, end: time | None, tz: tzinfo) -> Interval | None:
    """A wall-clock window as an interval; None when the clock jumps over all of it."""
    start, end = start or time(0), end or time(0)
    end_on = on if end > start else on + timedelta(days=1)
    begins, ends = local_instant(on, start, tz), local_instant(end_on, end, tz)
    return Interval(begins, ends) if begins < ends else None


def weekly_windows(
    pattern: Iterable[WeeklyWindow],
    exceptions: Iterable[DateException],
    date_from: date,
    date_to: date,
    tz: tzinfo,
) -> list[Interval]:
    """When a person is available from `date_from` to `date_to`, both days included.

    The more exact statement wins: a whole day off clears the weekly pattern, hours given for the
    date are added, hours refused for the date are taken away last. The day before `date_from`
    is read too, because a window may run over midnight.
    """
    frame = Interval(local_day_bounds(date_from, tz).start, local_day_bounds(date_to, tz).end)
    changes = list(exceptions)
    off = {c.on for c in changes if not c.available and not (c.start or c.end)}
    first = date_from - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((date_to - first).days + 1)]
    weekly = list(pattern)
    working = [d for d in days if d not in off]
    usual = _windows(
        [(d, w.start, w.end) for d in working for w in weekly if w.weekday == d.weekday()], tz
    )
    usual = subtract(usual, [local_day_bounds(d, tz) for d in off])
    added = _windows([(c.on, c.start, c.end) for c in changes if c.available], tz)
    refused = _windows(
        [(c.on, c.start, c.end) for c in changes if not c.available and (c.start or c.end)], tz
    )
    return clip(subtract([*usual, *added], refused), frame)


def _windows(walls: Sequence[tuple[date, time | None, time | None]], tz: tzinfo) -> list[Interval]:
    windows = (local_window(on, start, end, tz) for on, start, end in walls)
    return [window for window in windows if window is not None]
