"""View model of the dispatcher's day: troubles first, open orders, one row per worker.

Everything is read in a number of queries that does not grow with the rows; places on the
timeline are quarter-hour columns (`col`, `span`), because the pages carry no inline style.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.formats import hoursof
from core.intervals import (
    Interval,
    WeeklyWindow,
    clip,
    local_day_bounds,
    weekly_windows,
)
from core.zone import HELSINKI
from dispatch.board.looks import address
from dispatch.board.selectors import held_within, open_lane, workers_of
from dispatch.board.timeline import (
    Cell,
    Frame,
    assignment_cell,
    draw_bar,
    draw_meter,
    off_cells,
    place_cells,
    trip_cells,
)
from dispatch.board.troubles import Strip, Trouble, find_troubles
from dispatch.eligibility import worker_time
from dispatch.models import Assignment
from orders.models import WorkOrder
from workers.models import Worker

DAY_STARTS, DAY_ENDS = 7, 17


@dataclass
class Row:
    worker: Worker
    week_min: int
    limit_min: int
    first_gig: bool
    away: bool = False
    free: bool = False
    cells: list[Cell] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    url: str = ""
    # What can be done about this worker's day; the date is added by the page.
    day_url: str = ""

    @property
    def assignment_cells(self) -> list[Cell]:
        """The assignments in the order of the clock, for the list that replaces the timeline."""
        return [c for c in self.cells if c.kind == "gig"]

    @cached_property
    def name(self) -> str:
        """First and last name."""
        return str(self.worker)

    @cached_property
    def week_hours(self) -> str:
        """Hours booked of the week's limit, for people."""
        return hoursof(self.week_min, self.limit_min)

    @property
    def idle_bars(self) -> SafeString | None:
        """The whole line of somebody without assignments; None when there is more to draw."""
        if any(c.kind in {"gig", "ghost"} for c in self.cells):
            return None
        return SafeString("".join(c.bar for c in self.cells))

    @property
    def full(self) -> bool:
        """Whether the week's hours are used up."""
        return self.limit_min > 0 and self.week_min >= self.limit_min

    @property
    def meter(self) -> SafeString:
        """The hours of the week as a bar."""
        return draw_meter(self.week_min, self.limit_min, "bar full" if self.full else "bar")


@dataclass
class DayBoard:
    on: date
    frame: Frame
    now_col: int | None
    rows: list[Row]
    hidden: int
    folded: int
    open_here: list[WorkOrder]
    open_elsewhere: list[WorkOrder]
    open_elsewhere_count: int
    troubles: list[Trouble]
    chosen_held: list[Assignment]

    @cached_property
    def strip(self) -> Strip:
        """The troubles as the board shows them."""
        return Strip(self.troubles)

    @property
    def nowline(self) -> SafeString | str:
        """The present minute as a line, on every row; nothing on other days."""
        return draw_bar("nowline", self.now_col) if self.now_col else ""

    @property
    def total(self) -> int:
        """Workers of the day, hidden ones too."""
        return len(self.rows) + self.hidden + self.folded


def day_board(
    on: date,
    *,
    now: datetime,
    query: str = "",
    chosen: WorkOrder | None = None,
    ghosts: Sequence[int] = (),
    most: int | None = None,
) -> DayBoard:
    """The day as the board shows it; `ghosts` are worker ids to try the chosen order on.

    With `most` only so many workers are drawn: first those with assignments, then who gave hours.
    """
    bounds = local_day_bounds(on, HELSINKI)
    held = held_within(bounds)
    by_worker: dict[int, list[Assignment]] = defaultdict(list)
    for a in held:
        by_worker[a.worker_id].append(a)
    wanted = {a.worker_id for a in held if chosen and a.order_id == chosen.pk}.union(ghosts)
    # A search goes through everybody.
    people = workers_of(on, by_worker, most=None if query else most, wanted=wanted)
    everybody = people[0].everybody if people else 0
    waiting = open_lane(on, now)
    here = waiting.here
    frame = _frame(on, [a for rows in by_worker.values() for a in rows], here)
    free, away = _free_and_away(people, on, bounds)
    matching = [w for w in people if matches(w, query)] if query else people
    shown = matching[:most]
    rows = [_row(w, by_worker[w.pk], free[w.pk], away[w.pk], frame, now) for w in shown]
    rows.sort(key=lambda r: (r.away and not r.assignments, not r.free and not r.assignments))
    if chosen is not None and chosen.works_on == on:
        _add_ghosts(rows, chosen, ghosts, frame)
    at = frame.place(now, now + timedelta(minutes=1)) if bounds.start <= now < bounds.end else None
    return DayBoard(
        on=on,
        frame=frame,
        now_col=at[0] if at else None,
        rows=rows,
        hidden=len(people) - len(matching),
        folded=len(matching) - len(shown) if query else everybody - len(shown),
        open_here=here,
        open_elsewhere=waiting.elsewhere,
        open_elsewhere_count=waiting.elsewhere_count,
        troubles=find_troubles(now, waiting.soon),
        chosen_held=_held_by(people, held, chosen),
    )


def _held_by(
    people: Sequence[Worker], held: Sequence[Assignment], order: WorkOrder | None
) -> list[Assignment]:
    """The assignments of the chosen order, with their workers, from the rows of the day."""
    if order is None:
        return []
    workers = {w.pk: w for w in people}
    found = [a for a in held if a.order_id == order.pk and a.worker_id in workers]
    for a in found:
        a.worker = workers[a.worker_id]
    return found


def matches(worker: Worker, query: str) -> bool:
    words = query.casefold().split()
    text = f"{worker} {worker.city} {worker.postal_code}".casefold()
    return all(word in text for word in words)


def _frame(on: date, assignments: Sequence[Assignment], orders: Sequence[WorkOrder]) -> Frame:
    whole = Frame(on, 0, 24)
    rows: list[Assignment | WorkOrder] = [*assignments, *orders]
    starts = [whole.wall_min(x.starts_at) for x in rows]
    ends = [whole.wall_min(x.ends_at) for x in rows]
    first = min([DAY_STARTS, *(m // 60 for m in starts)])
    last = max([DAY_ENDS, *(-(-m // 60) for m in ends)])
    return Frame(on, first, min(last, 24))


def _free_and_away(
    people: Sequence[Worker], on: date, bounds: Interval
) -> tuple[dict[int, list[Interval]], dict[int, list[Interval]]]:
    ids = [w.pk for w in people]
    # The day before is read too: a window may run over midnight.
    found = worker_time.load([on - timedelta(days=1), on], bounds, ids)
    free: dict[int, list[Interval]] = {}
    away = {wid: clip(found.away[wid], bounds) for wid in ids}
    # Many people share the same usual week: reckon each pattern once.
    cache: dict[tuple[object, ...], list[Interval]] = {}
    for wid in ids:
        weekly = sorted(found.usual[wid])
        key = (tuple(weekly), tuple(found.changes[wid]))
        if key not in cache:
            windows = [WeeklyWindow(u.weekday, u.starts, u.ends) for u in weekly]
            cache[key] = weekly_windows(windows, found.changes[wid], on, on, HELSINKI)
        free[wid] = cache[key]
    return free, away


def _row(
    worker: Worker,
    assignments: list[Assignment],
    free: list[Interval],
    away: list[Interval],
    frame: Frame,
    now: datetime,
) -> Row:
    row = plain_row(worker)
    row.away, row.free, row.assignments = bool(away), bool(free) and not away, assignments
    row.cells += off_cells((*free, *away), frame)
    row.cells += place_cells("away", away, frame, pgettext("worker", "Away"))
    row.cells += trip_cells(worker, assignments, frame)
    lanes: list[int] = []
    for assignment in assignments:
        cell = assignment_cell(assignment, frame, now, lanes)
        if cell:
            row.cells.append(cell)
    return row


def plain_row(worker: Worker) -> Row:
    """The head of a worker's line; needs `workers_of`."""
    return Row(
        worker=worker,
        week_min=_minutes(getattr(worker, "week_time", None)),
        limit_min=getattr(worker, "contract_min", None) or worker.wish_week_min,
        first_gig=not getattr(worker, "has_worked", True),
        url=address("dispatch:worker-detail", worker.ref),
        day_url=address("dispatch:worker-day", worker.ref),
    )


def _minutes(time: timedelta | None) -> int:
    return int(time.total_seconds()) // 60 if time else 0


def _add_ghosts(rows: list[Row], order: WorkOrder, ghosts: Sequence[int], frame: Frame) -> None:
    at = frame.place(order.starts_at, order.ends_at)
    if at is None:
        return
    text = _("%(number)s %(task)s here?") % {
        "number": order.number,
        "task": order.task_type.label,
    }
    for row in rows:
        busy = any(
            g.starts_at < order.ends_at and g.ends_at > order.starts_at for g in row.assignments
        )
        if row.worker.pk in ghosts and not busy:
            row.cells.append(Cell("ghost", *at, icon="circle-dashed", text=text))
