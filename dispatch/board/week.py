"""View model of the dispatcher's week: open orders of each day on top, one row per worker.

Everything is read in four queries, whatever the number of rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.formats import clockrange, hours
from core.intervals import (
    DateException,
    Interval,
    WeeklyWindow,
    clip,
    local_day_bounds,
    local_week_bounds,
    subtract,
    weekly_windows,
)
from core.zone import HELSINKI, local_date
from dispatch.board import day as board
from dispatch.board.looks import is_late, status_word, style_of
from dispatch.board.selectors import (
    LACKS_PEOPLE,
    ON_BOARD,
    open_places,
    with_list_columns,
    workers_of,
)
from dispatch.eligibility import worker_time
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus
from orders.models import WorkOrder
from workers.models import Worker

DAYS = 7
# More open orders of one day than this are behind a link that says how many there are.
OPEN_SHOWN = 4
_WAITS = frozenset({AssignmentStatus.OFFERED, AssignmentStatus.PLANNED})


@dataclass(frozen=True)
class Column:
    """One day of the week with the orders that lack people, and how many places they lack."""

    on: date
    today: bool
    past: bool
    open_orders: list[WorkOrder]
    missing: int

    @property
    def shown(self) -> list[WorkOrder]:
        """The first open orders."""
        return self.open_orders[:OPEN_SHOWN]

    @property
    def more(self) -> int:
        """Open orders behind the link."""
        return max(len(self.open_orders) - OPEN_SHOWN, 0)


@dataclass(frozen=True)
class DayCell:
    """A worker's day; `kind` is gig, free, away or off, `css` the look of the assignments."""

    kind: str
    text: str = ""
    more: str = ""
    css: str = ""
    icon: str = ""
    label: str = ""
    url: str = ""


@dataclass(frozen=True)
class WeekRow:
    """A worker's line: hours of the week and seven days."""

    row: board.Row
    cells: list[DayCell]


@dataclass(frozen=True)
class WeekBoard:
    """A week, Monday to Sunday."""

    monday: date
    columns: list[Column]
    rows: list[WeekRow]
    hidden: int
    folded: int

    @property
    def total(self) -> int:
        """Workers of the week, hidden ones too."""
        return len(self.rows) + self.hidden + self.folded


def week_board(on: date, *, now: datetime, query: str = "", most: int | None = None) -> WeekBoard:
    """The week that holds a date, as the dispatcher plans it; at most so many workers."""
    monday = on - timedelta(days=on.weekday())
    days = [monday + timedelta(days=n) for n in range(DAYS)]
    bounds = [local_day_bounds(d, HELSINKI) for d in days]
    assignments = _assignments(local_week_bounds(on, HELSINKI))
    people = workers_of(monday, assignments, until=days[-1], most=None if query else most)
    everybody = people[0].everybody if people else 0
    matching = [w for w in people if board.matches(w, query)] if query else people
    shown = matching[:most]
    time = worker_time.load(
        [monday - timedelta(days=1), *days],
        Interval(bounds[0].start, bounds[-1].end),
        [w.pk for w in shown],
    )
    free = _free(shown, time, days, bounds)
    rows = [
        WeekRow(
            board.plain_row(w),
            [
                _cell(w, d, b, assignments[w.pk], free[w.pk][n], time.away[w.pk], now)
                for n, (d, b) in enumerate(zip(days, bounds, strict=True))
            ],
        )
        for w in shown
    ]
    columns = _columns(days, local_date(now))
    folded = len(matching) - len(shown) if query else everybody - len(shown)
    return WeekBoard(monday, columns, rows, len(people) - len(matching), folded)


def _columns(days: Sequence[date], today: date) -> list[Column]:
    waiting = with_list_columns(
        WorkOrder.objects.filter(
            status__in=LACKS_PEOPLE, works_on__range=(days[0], days[-1])
        ).order_by("starts_at", "id")
    )
    by_day: dict[date, list[WorkOrder]] = defaultdict(list)
    for order in waiting:
        by_day[order.works_on].append(order)
    return [
        Column(
            on=d,
            today=d == today,
            past=d < today,
            open_orders=by_day[d],
            missing=sum(max(open_places(o), 0) for o in by_day[d]),
        )
        for d in days
    ]


def _assignments(week: Interval) -> dict[int, list[Assignment]]:
    rows = (
        Assignment.objects.filter(
            status__in=ON_BOARD, starts_at__lt=week.end, ends_at__gt=week.start
        )
        .select_related("order__task_type")
        .only(
            "worker_id",
            "status",
            "starts_at",
            "ends_at",
            "order__number",
            "order__task_type__name_fi",
            "order__task_type__name_sv",
            "order__task_type__name_en",
        )
        .order_by("starts_at", "id")
    )
    found: dict[int, list[Assignment]] = defaultdict(list)
    for row in rows:
        found[row.worker_id].append(row)
    return found


def _free(
    people: Sequence[Worker],
    time: worker_time.WorkerTime,
    days: Sequence[date],
    bounds: Sequence[Interval],
) -> dict[int, list[list[Interval]]]:
    """By worker the hours given for each day; equal weeks are reckoned once."""
    cache: dict[tuple[object, ...], list[list[Interval]]] = {}
    found: dict[int, list[list[Interval]]] = {}
    for worker in people:
        usual = tuple(sorted(time.usual[worker.pk]))
        changes: tuple[DateException, ...] = tuple(time.changes[worker.pk])
        if (usual, changes) not in cache:
            windows = [WeeklyWindow(u.weekday, u.starts, u.ends) for u in usual]
            spans = weekly_windows(windows, changes, days[0], days[-1], HELSINKI)
            cache[usual, changes] = [clip(spans, b) for b in bounds]
        found[worker.pk] = cache[usual, changes]
    return found


def _cell(
    worker: Worker,
    on: date,
    bounds: Interval,
    assignments: Sequence[Assignment],
    free: Sequence[Interval],
    away: Sequence[Interval],
    now: datetime,
) -> DayCell:
    today = [g for g in assignments if g.starts_at < bounds.end and g.ends_at > bounds.start]
    if today:
        return _assignment_cell(worker, on, today, now)
    gone = clip(away, bounds)
    left = subtract(free, gone) if gone else list(free)
    if left:
        text = ", ".join(clockrange(s.start, s.end) for s in left)
        return DayCell("free", text, label=pgettext("worker", "Free"))
    if gone:
        return DayCell("away", pgettext("worker", "Away"))
    return DayCell("off", label=_("Not available"))


def _assignment_cell(
    worker: Worker, on: date, assignments: Sequence[Assignment], now: datetime
) -> DayCell:
    minutes = sum(g.planned_min for g in assignments)
    lines = []
    for assignment in assignments:
        word = _("not arrived") if is_late(assignment, now) else status_word(assignment)
        what = f"{assignment.order.number} {assignment.order.task_type.label}"
        lines.append(f"{clockrange(assignment.starts_at, assignment.ends_at)} {what}: {word}")
    if len(assignments) == 1:
        text = clockrange(assignments[0].starts_at, assignments[0].ends_at)
    else:
        text = ngettext("%(n)s gig", "%(n)s gigs", len(assignments)) % {"n": len(assignments)}
    css, icon = _look(assignments, now)
    return DayCell(
        "gig",
        text,
        more=hours(minutes),
        css=css,
        icon=icon,
        label="; ".join(lines),
        url=worker_day_url(worker.ref, on),
    )


def _look(assignments: Sequence[Assignment], now: datetime) -> tuple[str, str]:
    """The look of what needs a person most: not arrived, then unanswered, then the rest."""
    if any(is_late(g, now) or g.status == AssignmentStatus.NO_SHOW for g in assignments):
        return style_of(AssignmentStatus.NO_SHOW)
    for assignment in assignments:
        if assignment.status in _WAITS:
            return style_of(assignment.status)
    return style_of(assignments[0].status)


def worker_day_url(ref: UUID, on: date) -> str:
    """The page of a worker's day."""
    return f"{reverse('dispatch:worker-day', args=[ref])}?on={on:%Y-%m-%d}"
