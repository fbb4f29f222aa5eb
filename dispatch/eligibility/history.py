"""What the rules ask about work that lies outside the weeks around an order.

The list of candidates asks all of it along with other queries; the plan asks table by table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, F, IntegerField, QuerySet, Sum, Value, When

from core.intervals import Interval, local_day_bounds
from dispatch.eligibility.worker_time import Part, WorkerTime
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING
from workers.models import ExceptionPermit, SchoolPeriod
from workers.rules.worktime_counts import average_period
from workers.rules.worktime_facts import SchoolCalendar
from workers.rules.worktime_limits import LegalLimits
from workers.rules.worktime_permits import Permit, PermitKind


def earlier_min(
    worker_ids: Collection[int] | None,
    on: date,
    loaded: Interval,
    limits: LegalLimits,
    tz: ZoneInfo,
) -> dict[int, int]:
    """Planned work less breaks in the 48 h average's period before `loaded`, by worker.

    `on` is the last date of the shift in question; `loaded` is where gigs are read one by one.
    Who could not reach the limit by working through all of `loaded` is left out.
    """
    rows: Any = earlier_rows(on, loaded, limits, tz)
    if worker_ids is not None:
        rows = rows.filter(worker_id__in=worker_ids)
    return dict(rows.values_list("worker_id", "total"))


def earlier_rows(on: date, loaded: Interval, limits: LegalLimits, tz: ZoneInfo) -> Any:
    """The same as rows of `worker_id` and `total`, to be asked along with another query."""
    first, _last = average_period(on, limits)
    begins = local_day_bounds(first, tz).start
    rows = Assignment.objects.filter(
        status__in=HOLDING, starts_at__gte=begins, ends_at__lte=loaded.start
    ).order_by()
    if begins >= loaded.start:
        rows = rows.none()
    most = limits.value("adult_weekly_max", on) * limits.value("adult_average_weeks", on)
    total = Sum(F("order__duration_min") - _adult_break(on, limits))
    return rows.values("worker_id").annotate(total=total).filter(total__gt=most - loaded.minutes)


def _adult_break(on: date, limits: LegalLimits) -> Case:
    """required_break_min of an adult, as SQL."""
    short = limits.value("adult_break", on)
    return Case(
        When(
            order__duration_min__gt=limits.value("adult_long_break_over", on),
            then=Value(short + limits.value("adult_long_break", on)),
        ),
        When(order__duration_min__gt=limits.value("adult_break_over", on), then=Value(short)),
        default=Value(0),
        output_field=IntegerField(),
    )


def permits(worker_ids: Iterable[int], on: date) -> dict[int, tuple[Permit, ...]]:
    """Exception permits of the workers that hold on the date. One query."""
    found: defaultdict[int, tuple[Permit, ...]] = defaultdict(tuple)
    for row in _permits(worker_ids, on).order_by("valid_from", "pk"):
        permit = Permit(row.number, PermitKind(row.kind), row.valid_from, row.valid_to)
        found[row.worker_id] += (permit,)
    return found


def _permits(worker_ids: Iterable[int], on: date) -> QuerySet[ExceptionPermit]:
    return ExceptionPermit.objects.filter(
        worker_id__in=list(worker_ids), valid_from__lte=on, valid_to__gte=on
    )


def _year(
    worker_ids: Iterable[int], year: int, but: tuple[datetime, datetime], tz: ZoneInfo
) -> QuerySet[Assignment]:
    bounds = [local_day_bounds(date(y, 1, 1), tz).start for y in (year, year + 1)]
    return (
        Assignment.objects.filter(
            worker_id__in=list(worker_ids),
            status__in=HOLDING,
            starts_at__gte=bounds[0],
            starts_at__lt=bounds[1],
        )
        .exclude(starts_at__gte=but[0], starts_at__lt=but[1])
        .order_by("starts_at")
    )


def work_of_year(
    worker_ids: Iterable[int], year: int, but: tuple[datetime, datetime], tz: ZoneInfo
) -> dict[int, list[Interval]]:
    """Gigs that begin in a calendar year, but not those that begin in `but`. One query."""
    rows = _year(worker_ids, year, but, tz)
    found: defaultdict[int, list[Interval]] = defaultdict(list)
    for worker_id, starts_at, ends_at in rows.values_list("worker_id", "starts_at", "ends_at"):
        found[worker_id].append(Interval(starts_at, ends_at))
    return found


# --------------------------------------------------------------------------- asked along


def parts_of_young(
    worker_ids: Collection[int], on: date, but: tuple[datetime, datetime], tz: ZoneInfo
) -> list[Part]:
    """What the rules ask of people under 18, to be read together with their time."""
    if not worker_ids:
        return []
    year = _year(worker_ids, on.year, but, tz)
    papers = {"on": "valid_from", "to": "valid_to", "code": "kind", "text": "number"}
    periods = {"on": "first_on", "to": "last_on", "code": "kind"}
    return [
        Part(year, "year", {"begins": "starts_at", "until": "ends_at"}),
        Part(_permits(worker_ids, on), "permit", papers),
        Part(SchoolPeriod.objects.all(), "school", periods, worker=None),
    ]


def years_in(time: WorkerTime) -> dict[int, list[Interval]]:
    """Gigs of the year by worker, from the rows that came along."""
    found: defaultdict[int, list[Interval]] = defaultdict(list)
    for row in time.other["year"]:
        found[row.worker_id].append(Interval(row.begins, row.until))
    return {worker_id: sorted(gigs) for worker_id, gigs in found.items()}


def permits_in(time: WorkerTime) -> dict[int, tuple[Permit, ...]]:
    """Permits by worker, from the rows that came along."""
    found: defaultdict[int, tuple[Permit, ...]] = defaultdict(tuple)
    for row in sorted(time.other["permit"], key=lambda r: (r.on, r.text)):
        found[row.worker_id] += (Permit(row.text, PermitKind(row.code), row.on, row.to),)
    return found


def school_in(time: WorkerTime) -> SchoolCalendar:
    """The school calendar, from the rows that came along."""
    rows = sorted(time.other["school"], key=lambda r: (r.on, r.to))
    return SchoolCalendar(
        terms=tuple((r.on, r.to) for r in rows if r.code == SchoolPeriod.Kind.TERM),
        breaks=tuple((r.on, r.to) for r in rows if r.code == SchoolPeriod.Kind.HOLIDAY),
    )
