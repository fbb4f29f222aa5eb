"""The availability hint of the public order form: three levels, never a name, never a number.

What counts as free: active, with the skills and an engagement of that day, nothing held, not away,
inside the hours they gave with the trips there and back, a trip they accept, and room in the hours
they wish for that week. Rest between shifts and the trip from one gig to the next are left to the
booking itself, so the hint is a hint and promises nothing.

The count is made coarse before it is compared: asking for 1, 2, 3 … people does not count workers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from core.intervals import (
    DateException,
    Interval,
    WeeklyWindow,
    contains,
    local_week_bounds,
    weekly_windows,
)
from core.timing import NoSuchLocalTime, window
from core.zone import HELSINKI
from dispatch.eligibility import travel_arrays
from dispatch.eligibility.travel import Point
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING
from orders.models import TaskType
from workers.models import (
    Absence,
    AvailabilityException,
    Engagement,
    Restriction,
    WeeklyAvailability,
    Worker,
)

STEPS = (0, 1, 3, 6, 12, 24)
"""A count is rounded down to one of these before anything is said about it."""
PLENTY = 3
"""So many times the people asked for, and at least so many, is "well free"."""
CACHE_S = 120
ONE_MINUTE, ONE_DAY = timedelta(minutes=1), timedelta(days=1)


class Level(StrEnum):
    """What is said: well free, some free, or ask us."""

    GOOD = "good"
    SOME = "some"
    ASK = "ask"


@dataclass(frozen=True)
class Need:
    """What somebody is about to order, and where."""

    task: TaskType
    starts: time
    duration_min: int
    people: int
    place: Point


def level(free: int, people: int) -> Level:
    """Words for a count: only its step is looked at."""
    rough = max(step for step in STEPS if step <= free)
    if rough >= PLENTY * people:
        return Level.GOOD
    return Level.SOME if rough >= people else Level.ASK


def level_on(need: Need, on: date) -> Level:
    """The hint for a day, kept for two minutes. Four queries when it is not known yet."""
    place = (round(need.place.lat, 3), round(need.place.lon, 3))
    key = f"hint:{need.task.pk}:{on}:{need.starts:%H%M}:{need.duration_min}:{place[0]}:{place[1]}"
    free = cache.get(key)
    if free is None:
        free = free_count(need, on)
        cache.set(key, free, CACHE_S)
    return level(free, need.people)


def better_day(need: Need, days: Sequence[date]) -> date | None:
    """The first of the days on which somebody is free, or None."""
    return next((day for day in days if level_on(need, day) != Level.ASK), None)


def free_count(need: Need, on: date) -> int:
    """How many workers could be asked for that time. For this file only: never shown."""
    try:
        interval = Interval(*window(on, need.starts, need.duration_min))
    except NoSuchLocalTime:
        return 0
    rows = list(
        _able(need.task, on, interval).values_list(
            "pk", "lat", "lon", "travel_mode", "max_trip_min", "wish_week_min"
        )
    )
    homes = [Point(lat, lon) for _pk, lat, lon, _mode, _trip, _wish in rows]
    _metres, trips = travel_arrays.trips_min([row[3] for row in rows], homes, need.place, on)
    held = _held_min(on)
    near = {
        row[0]: int(trip)
        for row, trip in zip(rows, trips.tolist(), strict=True)
        if trip <= row[4] and held.get(row[0], 0) + need.duration_min <= row[5]
    }
    return _at_hand(near, on, interval)


def _able(task: TaskType, on: date, interval: Interval) -> QuerySet[Worker]:
    """Active workers with skill and engagement whose time nothing holds."""
    meets = Q(starts_at__lt=interval.end, ends_at__gt=interval.start)
    own = {"worker": OuterRef("pk")}
    valid = Engagement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on), **own, starts_on__lte=on
    ).filter(excludes_business=False)
    rows = Worker.objects.filter(
        Exists(valid),
        ~Exists(Assignment.objects.filter(meets, **own, status__in=HOLDING)),
        ~Exists(Absence.objects.filter(meets, **own)),
        active=True,
    )
    for skill in task.skills.all():
        rows = rows.filter(skills=skill)
    if task.strains:
        rows = rows.filter(~Exists(Restriction.objects.filter(**own, strain__in=task.strains)))
    return rows.order_by()


def _held_min(on: date) -> dict[int, int]:
    """Minutes of work held in the week of a date, by worker."""
    week = local_week_bounds(on, HELSINKI)
    rows = Assignment.objects.filter(
        status__in=HOLDING, starts_at__gte=week.start, starts_at__lt=week.end
    ).order_by()
    counted = rows.values_list("worker_id").annotate(total=Sum("order__duration_min"))
    return dict(counted)


def _at_hand(near: dict[int, int], on: date, interval: Interval) -> int:
    """How many of the workers (pk -> minutes of the trip) can be away from home for all of it."""
    usual: defaultdict[int, list[tuple[int, time, time]]] = defaultdict(list)
    weekdays = {on.weekday(), (on - ONE_DAY).weekday(), (on + ONE_DAY).weekday()}
    for pk, weekday, starts, ends in WeeklyAvailability.objects.filter(
        weekday__in=weekdays
    ).values_list("worker_id", "weekday", "starts", "ends"):
        if pk in near:
            usual[pk].append((weekday, starts, ends))
    changes: defaultdict[int, list[DateException]] = defaultdict(list)
    nearby = (on - ONE_DAY, on + ONE_DAY)
    for pk, day, can, since, until in AvailabilityException.objects.filter(
        on__range=nearby
    ).values_list("worker_id", "on", "available", "starts", "ends"):
        changes[pk].append(DateException(day, can, since, until))
    shared: dict[tuple[tuple[int, time, time], ...], list[Interval]] = {}
    found = 0
    for pk, trip_min in near.items():
        pattern = tuple(sorted(usual[pk]))
        if pk in changes:
            windows = _windows(pattern, changes[pk], nearby)
        else:
            if pattern not in shared:
                shared[pattern] = _windows(pattern, [], nearby)
            windows = shared[pattern]
        trip = trip_min * ONE_MINUTE
        away = Interval(interval.start - trip, interval.end + trip)
        found += any(contains(w, away) for w in windows)
    return found


def _windows(
    pattern: tuple[tuple[int, time, time], ...],
    changes: Sequence[DateException],
    days: tuple[date, date],
) -> list[Interval]:
    weekly = [WeeklyWindow(*row) for row in pattern]
    return weekly_windows(weekly, changes, *days, HELSINKI)
