"""View model of the dispatcher's day: troubles first, open orders, one row per worker.

Everything is read in a number of queries that does not grow with the rows; places on the
timeline are quarter-hour columns (`col`, `span`), because the pages carry no inline style.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.clock import HELSINKI
from accounts.templatetags.askare import clock, clockrange, day
from dispatch import travel
from dispatch.lifecycle import FILLING, HOLDING, AssignmentStatus
from dispatch.models import STATUS_CHOICES, Assignment
from orders.lifecycle import OrderStatus
from orders.models import WorkOrder
from workers.intervals import (
    DateException,
    Interval,
    WeeklyWindow,
    local_day_bounds,
    local_week_bounds,
    subtract,
    weekly_windows,
)
from workers.models import (
    Absence,
    AvailabilityException,
    Engagement,
    WeeklyAvailability,
    Worker,
)

# How long after the planned minute a missing tap is worth a phone call.
LATE_AFTER = timedelta(minutes=10)
LEFT_OPEN_AFTER = timedelta(minutes=30)
SOON = timedelta(hours=24)
QUARTER_MIN = 15
DAY_STARTS, DAY_ENDS = 7, 17
OTHER_DAYS_SHOWN = 8

_S = AssignmentStatus
ON_BOARD = (*HOLDING, _S.NO_SHOW)
_STYLE: dict[str, tuple[str, str]] = {
    _S.PLANNED: ("plan", "file-pen"),
    _S.OFFERED: ("offer", "clock"),
    _S.ACCEPTED: ("", "circle-check"),
    _S.ON_SITE: ("onsite", "circle-dot"),
    _S.COMPLETED: ("done", "check"),
    _S.NO_SHOW: ("bad", "triangle-alert"),
}


# The choices' own lookup builds a dict of all lazy words for each row.
_WORDS = dict(STATUS_CHOICES)
_NO_REF = UUID(int=0)


def _address(name: str, ref: UUID) -> str:
    """The page of a ref; the pattern is resolved once, a board has hundreds of links."""
    return _pattern(name).replace(str(_NO_REF), str(ref))


@lru_cache(maxsize=8)
def _pattern(name: str) -> str:
    return reverse(name, args=[_NO_REF])


@dataclass(frozen=True)
class Trouble:
    """Something that wants a person now; `tone` is error or warn."""

    code: str
    tone: str
    icon: str
    text: str
    order: WorkOrder
    assignment: Assignment | None = None
    phone: str = ""


@dataclass(frozen=True)
class Cell:
    """A thing on a worker's line; `kind` is off, away, trip, gig or ghost."""

    kind: str
    col: int
    span: int
    lane: int = 1
    css: str = ""
    icon: str = ""
    text: str = ""
    label: str = ""
    url: str = ""
    status: str = ""
    word: str = ""
    times: str = ""
    order_ref: str = ""


@dataclass
class Row:
    worker: Worker
    week_min: int
    limit_min: int
    first_gig: bool
    away: bool
    free: bool
    cells: list[Cell] = field(default_factory=list)
    gigs: list[Assignment] = field(default_factory=list)
    url: str = ""

    @property
    def gig_cells(self) -> list[Cell]:
        """The gigs in the order of the clock, for the list that replaces the timeline."""
        return [c for c in self.cells if c.kind == "gig"]

    @property
    def full(self) -> bool:
        """Whether the week's hours are used up."""
        return self.limit_min > 0 and self.week_min >= self.limit_min


@dataclass(frozen=True)
class Frame:
    """The part of a local day that the timeline shows, in whole hours."""

    on: date
    first_h: int
    last_h: int

    @property
    def hours(self) -> list[tuple[int, int]]:
        """(column, hour) of each hour mark."""
        return [((h - self.first_h) * 4 + 1, h) for h in range(self.first_h, self.last_h)]

    @property
    def count(self) -> int:
        """Hours shown."""
        return self.last_h - self.first_h

    def wall_min(self, instant: datetime) -> int:
        """Wall-clock minutes of an instant from local midnight of the day, clipped to the day."""
        local = instant.astimezone(HELSINKI)
        if local.date() != self.on:
            return 0 if local.date() < self.on else 24 * 60
        return local.hour * 60 + local.minute

    def place(self, start: datetime, end: datetime) -> tuple[int, int] | None:
        """(column, span) in quarter hours, or None when nothing of it is in the frame."""
        low, high = self.first_h * 60, self.last_h * 60
        begins = max(self.wall_min(start), low)
        ends = min(self.wall_min(end), high)
        if ends <= begins:
            return None
        col = (begins - low) // QUARTER_MIN
        until = -(-(ends - low) // QUARTER_MIN)
        return col + 1, max(until - col, 1)


@dataclass
class DayBoard:
    on: date
    frame: Frame
    now_col: int | None
    rows: list[Row]
    hidden: int
    open_here: list[WorkOrder]
    open_elsewhere: list[WorkOrder]
    open_elsewhere_count: int
    troubles: list[Trouble]

    @property
    def total(self) -> int:
        """Workers of the day, hidden ones too."""
        return len(self.rows) + self.hidden


def open_orders() -> QuerySet[WorkOrder]:
    """Orders that still lack people, with `filled` and `offered` counted."""
    return (
        with_counts(WorkOrder.objects.all())
        .filter(status__in=[OrderStatus.PLACED, OrderStatus.UNFILLED])
        # A phone number is parsed each time a row is read, and none of these pages shows it.
        .defer("orderer_phone", "site_contact_phone", "quote_lines", "description")
        .order_by("starts_at", "id")
    )


def with_counts(orders: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Orders with `filled` (people who come) and `offered` (unanswered) counted."""
    return orders.select_related("task_type", "site", "customer").annotate(
        filled=Count("assignments", filter=Q(assignments__status__in=FILLING)),
        offered=Count("assignments", filter=Q(assignments__status=_S.OFFERED)),
    )


def missing(order: WorkOrder) -> int:
    """Places that nobody holds or has been offered; needs :func:`with_counts`."""
    held: int = order.filled + order.offered  # type: ignore[attr-defined]
    return order.people - held


def day_board(
    on: date,
    *,
    now: datetime,
    query: str = "",
    chosen: WorkOrder | None = None,
    ghosts: Sequence[int] = (),
) -> DayBoard:
    """The day as the board shows it; `ghosts` are worker ids to try the chosen order on."""
    week, bounds = local_week_bounds(on, HELSINKI), local_day_bounds(on, HELSINKI)
    held = list(
        Assignment.objects.filter(
            status__in=ON_BOARD, starts_at__lt=week.end, ends_at__gt=week.start
        )
        .select_related("order__task_type", "order__site")
        .only(
            "worker_id",
            "status",
            "starts_at",
            "ends_at",
            "order__ref",
            "order__number",
            "order__site__street",
            "order__site__city",
            "order__site__lat",
            "order__site__lon",
            "order__task_type__name_fi",
            "order__task_type__name_sv",
            "order__task_type__name_en",
        )
        .order_by("starts_at", "id")
    )
    by_worker: dict[int, list[Assignment]] = defaultdict(list)
    week_min: dict[int, int] = defaultdict(int)
    for a in held:
        if a.starts_at < bounds.end and a.ends_at > bounds.start:
            by_worker[a.worker_id].append(a)
        if a.holds_time:
            week_min[a.worker_id] += int((a.ends_at - a.starts_at).total_seconds()) // 60
    people = list(_workers(on, by_worker))
    waiting = list(open_orders().filter(Q(works_on=on) | Q(ends_at__gt=now)))
    here = [o for o in waiting if o.works_on == on]
    elsewhere = [o for o in waiting if o.works_on != on]
    frame = _frame(on, [a for rows in by_worker.values() for a in rows], here)
    free, away = _free_and_away(people, on, bounds)
    shown = [w for w in people if _matches(w, query)]
    rows = [
        _row(w, by_worker[w.pk], week_min[w.pk], free[w.pk], away[w.pk], frame, now) for w in shown
    ]
    rows.sort(key=lambda r: (r.away and not r.gigs, not r.free and not r.gigs))
    if chosen is not None and chosen.works_on == on:
        _add_ghosts(rows, chosen, ghosts, frame)
    at = frame.place(now, now + timedelta(minutes=1)) if bounds.start <= now < bounds.end else None
    return DayBoard(
        on=on,
        frame=frame,
        now_col=at[0] if at else None,
        rows=rows,
        hidden=len(people) - len(shown),
        open_here=here,
        open_elsewhere=elsewhere[:OTHER_DAYS_SHOWN],
        open_elsewhere_count=len(elsewhere),
        troubles=troubles(now, waiting),
    )


def troubles(now: datetime, waiting: Sequence[WorkOrder] | None = None) -> list[Trouble]:
    """What wants a person now, worst first: not arrived, not left, unfilled soon, unanswered.

    `waiting` are the open orders when the caller has read them already.
    """
    found: list[Trouble] = []
    live = (
        Assignment.objects.filter(
            Q(status=_S.ACCEPTED, starts_at__lte=now - LATE_AFTER)
            | Q(status=_S.ON_SITE, ends_at__lte=now - LEFT_OPEN_AFTER)
            | Q(status=_S.OFFERED)
        )
        .select_related("worker", "order__task_type", "order__site")
        .order_by("starts_at", "id")
    )
    found += [_of_assignment(a, now) for a in live]
    orders = open_orders() if waiting is None else waiting
    if isinstance(orders, QuerySet):
        orders = list(orders.filter(starts_at__lt=now + SOON, ends_at__gt=now))
    found += [_of_order(o, now) for o in orders if o.starts_at < now + SOON and o.ends_at > now]
    rank = {"late": 0, "left_open": 1, "unfilled": 2, "unanswered": 3}
    return sorted(found, key=lambda t: (rank[t.code], t.order.starts_at, t.order.pk))


def is_late(assignment: Assignment, now: datetime) -> bool:
    """Confirmed, but the arrival is missing."""
    return assignment.status == _S.ACCEPTED and assignment.starts_at + LATE_AFTER <= now


def _of_assignment(a: Assignment, now: datetime) -> Trouble:
    name = a.worker.first_name
    if a.status == _S.ACCEPTED:
        text = _("%(time)s %(name)s has not arrived, call") % {
            "time": _when(a.starts_at, now),
            "name": name,
        }
        return Trouble("late", "error", "triangle-alert", text, a.order, a, str(a.worker.phone))
    if a.status == _S.ON_SITE:
        text = _("%(name)s has not left %(number)s, ended %(time)s") % {
            "name": name,
            "number": a.order.number,
            "time": _when(a.ends_at, now),
        }
        return Trouble("left_open", "warn", "clock-alert", text, a.order, a, str(a.worker.phone))
    values = {"number": a.order.number, "name": name}
    if a.answer_by and a.answer_by <= now:
        text = _("%(number)s: %(name)s did not answer in time") % values
    elif a.answer_by:
        text = _("%(number)s: %(name)s answers by %(time)s") % (
            values | {"time": _when(a.answer_by, now)}
        )
    else:
        text = _("%(number)s waits for %(name)s's answer") % values
    return Trouble("unanswered", "warn", "clock", text, a.order, a, str(a.worker.phone))


def _of_order(order: WorkOrder, now: datetime) -> Trouble:
    left = order.starts_at - now
    hours = max(int(left.total_seconds() // 3600), 0)
    if left <= timedelta(0):
        text = _("%(number)s without a worker, has begun") % {"number": order.number}
    else:
        text = ngettext(
            "%(number)s without a worker, starts within %(hours)s hour",
            "%(number)s without a worker, starts within %(hours)s hours",
            hours + 1,
        ) % {"number": order.number, "hours": hours + 1}
    tone = "error" if left < timedelta(hours=4) else "warn"
    return Trouble("unfilled", tone, "circle-dashed", text, order)


def _when(instant: datetime, now: datetime) -> str:
    same_day = instant.astimezone(HELSINKI).date() == now.astimezone(HELSINKI).date()
    return clock(instant) if same_day else f"{day(instant)} {clock(instant)}"


def _workers(on: date, busy: Iterable[int]) -> QuerySet[Worker]:
    contract = Engagement.objects.filter(worker=OuterRef("pk"), starts_on__lte=on).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    )
    done = Assignment.objects.filter(worker=OuterRef("pk"), status=_S.COMPLETED)
    return (
        Worker.objects.filter(Q(active=True) | Q(pk__in=list(busy)))
        .only(
            "ref",
            "first_name",
            "last_name",
            "city",
            "postal_code",
            "lat",
            "lon",
            "travel_mode",
            "wish_week_min",
        )
        .annotate(
            contract_min=Subquery(contract.order_by("-starts_on").values("weekly_max_min")[:1]),
            has_worked=Exists(done),
        )
        .order_by("first_name", "last_name", "id")
    )


def _matches(worker: Worker, query: str) -> bool:
    words = query.casefold().split()
    text = f"{worker} {worker.city} {worker.postal_code}".casefold()
    return all(word in text for word in words)


def _frame(on: date, gigs: Sequence[Assignment], orders: Sequence[WorkOrder]) -> Frame:
    whole = Frame(on, 0, 24)
    rows: list[Assignment | WorkOrder] = [*gigs, *orders]
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
    days = [(on.weekday() - 1) % 7, on.weekday()]
    weekly: dict[int, list[WeeklyWindow]] = defaultdict(list)
    rows = WeeklyAvailability.objects.filter(worker__in=ids, weekday__in=days)
    for wid, weekday, starts, ends in rows.values_list("worker_id", "weekday", "starts", "ends"):
        weekly[wid].append(WeeklyWindow(weekday, starts, ends))
    changes: dict[int, list[DateException]] = defaultdict(list)
    dated = AvailabilityException.objects.filter(
        worker__in=ids, on__in=[on - timedelta(days=1), on]
    )
    for wid, when, available, begins_at, ends_at in dated.values_list(
        "worker_id", "on", "available", "starts", "ends"
    ):
        changes[wid].append(DateException(when, available, begins_at, ends_at))
    away: dict[int, list[Interval]] = defaultdict(list)
    gone = Absence.objects.filter(
        worker__in=ids, starts_at__lt=bounds.end, ends_at__gt=bounds.start
    )
    for wid, begins, until in gone.values_list("worker_id", "starts_at", "ends_at"):
        away[wid].append(Interval(max(begins, bounds.start), min(until, bounds.end)))
    # Many people share the same usual week: reckon each pattern once.
    cache: dict[tuple[object, ...], list[Interval]] = {}
    free: dict[int, list[Interval]] = {}
    for wid in ids:
        key = (tuple(weekly[wid]), tuple(changes[wid]))
        if key not in cache:
            cache[key] = weekly_windows(weekly[wid], changes[wid], on, on, HELSINKI)
        free[wid] = cache[key]
    return free, away


def _row(
    worker: Worker,
    gigs: list[Assignment],
    week_min: int,
    free: list[Interval],
    away: list[Interval],
    frame: Frame,
    now: datetime,
) -> Row:
    whole = _whole(frame)
    off = subtract([whole], [*free, *away]) if whole else []
    limit = getattr(worker, "contract_min", None) or worker.wish_week_min
    row = Row(
        worker=worker,
        week_min=week_min,
        limit_min=limit,
        first_gig=not getattr(worker, "has_worked", True),
        away=bool(away),
        free=bool(free) and not away,
        gigs=gigs,
        url=_address("dispatch:worker-detail", worker.ref),
    )
    row.cells += _cells("off", off, frame)
    row.cells += _cells("away", away, frame, pgettext("worker", "Away"))
    row.cells += _trips(worker, gigs, frame)
    lanes: list[int] = []
    for gig in gigs:
        cell = _gig_cell(gig, frame, now, lanes)
        if cell:
            row.cells.append(cell)
    return row


def _whole(frame: Frame) -> Interval | None:
    start = datetime.combine(frame.on, time(0), HELSINKI) + timedelta(hours=frame.first_h)
    last = frame.on + timedelta(days=frame.last_h // 24)
    end = datetime.combine(last, time(frame.last_h % 24), HELSINKI)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    return Interval(start, end) if start < end else None


def _cells(kind: str, spans: Iterable[Interval], frame: Frame, text: str = "") -> list[Cell]:
    placed = [frame.place(s.start, s.end) for s in spans]
    return [Cell(kind, at[0], at[1], text=text) for at in placed if at]


def _trips(worker: Worker, gigs: Sequence[Assignment], frame: Frame) -> list[Cell]:
    """Dots before each gig for the way there: from the gig before, or from home."""
    cells: list[Cell] = []
    place = travel.Point(worker.lat, worker.lon)
    before: datetime | None = None
    for gig in gigs:
        site = travel.Point(gig.order.site.lat, gig.order.site.lon)
        minutes = round(travel.trip_min(worker.travel_mode, place, site))
        starts = gig.starts_at - timedelta(minutes=minutes)
        at = frame.place(max(starts, before) if before else starts, gig.starts_at)
        if at and minutes >= QUARTER_MIN / 2:
            cells.append(Cell("trip", at[0], at[1]))
        place, before = site, gig.ends_at
    return cells


def _gig_cell(gig: Assignment, frame: Frame, now: datetime, lanes: list[int]) -> Cell | None:
    at = frame.place(gig.starts_at, gig.ends_at)
    if at is None:
        return None
    times = clockrange(gig.starts_at, gig.ends_at)
    late = is_late(gig, now)
    css, icon = ("bad", "triangle-alert") if late else _STYLE[gig.status]
    word = _("not arrived") if late else str(_WORDS[gig.status])
    task = gig.order.task_type.label
    lane = next((n for n, until in enumerate(lanes) if until <= at[0]), len(lanes))
    lanes[lane : lane + 1] = [at[0] + at[1]]
    where = gig.order.site.street or gig.order.site.city
    return Cell(
        "gig",
        at[0],
        at[1],
        lane=lane + 1,
        css=css,
        icon=icon,
        text=f"{gig.order.number} {task}: {word}"
        if late
        else f"{gig.order.number} {task}, {where}",
        label=f"{times}, {word}",
        url=_address("dispatch:order-detail", gig.order.ref),
        status="problem" if late else gig.status,
        word=word,
        times=times,
        order_ref=str(gig.order.ref),
    )


def _add_ghosts(rows: list[Row], order: WorkOrder, ghosts: Sequence[int], frame: Frame) -> None:
    at = frame.place(order.starts_at, order.ends_at)
    if at is None:
        return
    text = _("%(number)s %(task)s here?") % {
        "number": order.number,
        "task": order.task_type.label,
    }
    for row in rows:
        busy = any(g.starts_at < order.ends_at and g.ends_at > order.starts_at for g in row.gigs)
        if row.worker.pk in ghosts and not busy:
            row.cells.append(Cell("ghost", *at, icon="circle-dashed", text=text))
