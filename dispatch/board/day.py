"""View model of the dispatcher's day: troubles first, open orders, one row per worker.

Everything is read in a number of queries that does not grow with the rows; places on the
timeline are quarter-hour columns (`col`, `span`), because the pages carry no inline style.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.formats import clock, clockrange, day, hoursof
from core.intervals import (
    Interval,
    WeeklyWindow,
    clip,
    local_day_bounds,
    local_week_bounds,
    subtract,
    weekly_windows,
)
from core.zone import HELSINKI, local_date
from dispatch.assignments.punches import LATE_AFTER, LEFT_OPEN_AFTER
from dispatch.eligibility import travel, worker_time
from dispatch.eligibility.judge import under_contract
from dispatch.models import STATUS_CHOICES, Assignment
from dispatch.models.lifecycle import FILLING, HOLDING, AssignmentStatus
from orders.models import WorkOrder
from orders.models.lifecycle import OrderStatus
from workers.models import AvailabilityException, Engagement, WeeklyAvailability, Worker

SOON = timedelta(hours=24)
# Gigs of workers who have left are shown so long before.
AHEAD = timedelta(days=7)
QUARTER_MIN = 15
DAY_STARTS, DAY_ENDS = 7, 17
OTHER_DAYS_SHOWN = 8
STRIP_SHOWN, STRIP_MOST, STRIP_FOLDED = 3, 8, 12
# Workers drawn at once; the page says how many more there are.
ROWS_SHOWN = 30
LACKS_PEOPLE = (OrderStatus.PLACED, OrderStatus.UNFILLED)

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
    order: WorkOrder
    now: datetime
    assignment: Assignment | None = None

    @property
    def text(self) -> str:
        """What is wrong, in a few words; made only for those that are shown."""
        if self.assignment is None:
            return _text_of_order(self.order, self.now)
        return _text_of_assignment(self.assignment, self.now)

    @property
    def phone(self) -> str:
        """The worker's number as it is stored."""
        return getattr(self.assignment, "phone_stored", "")

    @property
    def order_url(self) -> str:
        """The page of the order."""
        return _address("dispatch:order-detail", self.order.ref)

    @property
    def find_url(self) -> str:
        """The board with the order's candidates."""
        return f"{reverse('dispatch:day')}?order={self.order.ref}"

    @property
    def url(self) -> str:
        """Where it is put right."""
        return self.find_url if self.code == "unfilled" else self.order_url


@dataclass(frozen=True)
class Strip:
    """The troubles on the board: the worst are in sight, the rest is folded, never left out."""

    all: list[Trouble]

    @property
    def shown(self) -> list[Trouble]:
        """The first ones, and every red one that follows, up to two rows of a wide screen."""
        red = sum(t.tone == "error" for t in self.all)
        first = sorted(self.all, key=lambda t: t.tone != "error")
        return first[: min(max(red, STRIP_SHOWN), STRIP_MOST)]

    @property
    def more(self) -> list[Trouble]:
        """What is folded."""
        seen = {id(t) for t in self.shown}
        return [t for t in self.all if id(t) not in seen]

    @property
    def folded(self) -> list[Trouble]:
        """What the fold lists; the page of the day has them all."""
        return self.more[:STRIP_FOLDED]

    @property
    def more_words(self) -> str:
        """The folded ones counted by kind."""
        kinds: dict[str, int] = defaultdict(int)
        for t in self.more:
            kinds[t.code] += 1
        return ", ".join(_KIND[code](n) for code, n in kinds.items())


_KIND: dict[str, Callable[[int], str]] = {
    "late": lambda n: ngettext("%(n)s not arrived", "%(n)s not arrived", n) % {"n": n},
    "left_open": lambda n: ngettext("%(n)s not left", "%(n)s not left", n) % {"n": n},
    "no_contract": lambda n: (
        ngettext("%(n)s without a contract", "%(n)s without a contract", n) % {"n": n}
    ),
    "unfilled": lambda n: (
        ngettext("%(n)s without a worker", "%(n)s without a worker", n) % {"n": n}
    ),
    "unanswered": lambda n: ngettext("%(n)s offer out", "%(n)s offers out", n) % {"n": n},
}


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

    @property
    def bar(self) -> SafeString:
        """What is not a link, drawn; a board has hundreds of these and few different ones."""
        return _bar(self.kind, self.col, self.span, self.text)


@lru_cache(maxsize=1024)
def _bar(kind: str, col: int, span: int = 0, text: str = "") -> SafeString:
    tag = "div" if text else "i"
    css = f"{kind} c-{col} s-{span}" if span else f"{kind} c-{col}"
    return format_html('<{} class="{}">{}</{}>', tag, css, text, tag)


@lru_cache(maxsize=1024)
def _meter(week_min: int, limit_min: int, css: str) -> SafeString:
    html = '<progress class="{}" value="{}" max="{}" aria-hidden="true"></progress>'
    return format_html(html, css, week_min, limit_min or 1)


@dataclass
class Row:
    worker: Worker
    week_min: int
    limit_min: int
    first_gig: bool
    away: bool = False
    free: bool = False
    cells: list[Cell] = field(default_factory=list)
    gigs: list[Assignment] = field(default_factory=list)
    url: str = ""
    # What can be done about this worker's day; the date is added by the page.
    day_url: str = ""

    @property
    def gig_cells(self) -> list[Cell]:
        """The gigs in the order of the clock, for the list that replaces the timeline."""
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
        """The whole line of somebody without gigs; None when there is more to draw."""
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
        return _meter(self.week_min, self.limit_min, "bar full" if self.full else "bar")


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


@dataclass(frozen=True)
class Lane:
    """Orders without a worker: of the day, the next ones of other days, and those that are soon."""

    here: list[WorkOrder]
    elsewhere: list[WorkOrder]
    elsewhere_count: int
    soon: list[WorkOrder]


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
        return _bar("nowline", self.now_col) if self.now_col else ""

    @property
    def total(self) -> int:
        """Workers of the day, hidden ones too."""
        return len(self.rows) + self.hidden + self.folded


def open_orders() -> QuerySet[WorkOrder]:
    """Orders that still lack people, with `filled` and `offered` counted."""
    rows = WorkOrder.objects.filter(status__in=LACKS_PEOPLE).order_by("starts_at", "id")
    return listed(rows)


def listed(orders: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Orders with their counts and only what a line of a list shows.

    Whole rows are wide, and a phone number is parsed each time one is read.
    """
    return with_counts(orders).only(
        "ref",
        "number",
        "status",
        "people",
        "works_on",
        "starts_at",
        "ends_at",
        "customer__name",
        "site__street",
        "site__city",
        "task_type__name_fi",
        "task_type__name_sv",
        "task_type__name_en",
    )


def with_counts(orders: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Orders with `filled` (people who come) and `offered` (unanswered) counted."""
    return orders.select_related("task_type", "site", "customer").annotate(
        filled=_places(FILLING), offered=_places([_S.OFFERED])
    )


def _places(statuses: Iterable[str]) -> Coalesce:
    """How many assignments of an order are in one of the statuses.

    Counted per shown order: a join and a grouping would go through every order of the list.
    """
    held = Assignment.objects.filter(order=OuterRef("pk")).order_by().values("order")
    counted = held.annotate(n=Count("pk", filter=Q(status__in=list(statuses))))
    return Coalesce(Subquery(counted.values("n")), 0)


def missing(order: WorkOrder) -> int:
    """Places that nobody holds or has been offered; needs `with_counts`."""
    held: int = order.filled + order.offered  # type: ignore[attr-defined]
    return order.people - held


def lane(on: date, now: datetime) -> Lane:
    """Open orders beside the day's board, in one query; only those that are shown are read."""
    others = WorkOrder.objects.filter(status__in=LACKS_PEOPLE, ends_at__gt=now).exclude(works_on=on)
    count = others.order_by().annotate(all=Value(1)).values("all").annotate(n=Count("pk"))
    next_ones = others.order_by("starts_at", "id").values("pk")[:OTHER_DAYS_SHOWN]
    rows = open_orders().filter(
        Q(works_on=on)
        | Q(starts_at__lt=now + SOON, ends_at__gt=now)
        | Q(pk__in=Subquery(next_ones))
    )
    found: list[Any] = list(rows.annotate(others=Coalesce(Subquery(count.values("n")), 0)))
    elsewhere = [o for o in found if o.works_on != on and o.ends_at > now]
    return Lane(
        here=[o for o in found if o.works_on == on],
        elsewhere=elsewhere[:OTHER_DAYS_SHOWN],
        elsewhere_count=found[0].others if found else 0,
        soon=found,
    )


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

    With `most` only so many workers are drawn: those with gigs first, then those who gave hours.
    """
    bounds = local_day_bounds(on, HELSINKI)
    held = list(
        Assignment.objects.filter(
            status__in=ON_BOARD, starts_at__lt=bounds.end, ends_at__gt=bounds.start
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
    for a in held:
        by_worker[a.worker_id].append(a)
    wanted = {a.worker_id for a in held if chosen and a.order_id == chosen.pk}.union(ghosts)
    # A search goes through everybody.
    people = workers_of(on, by_worker, most=None if query else most, wanted=wanted)
    everybody = people[0].everybody if people else 0
    waiting = lane(on, now)
    here = waiting.here
    frame = _frame(on, [a for rows in by_worker.values() for a in rows], here)
    free, away = _free_and_away(people, on, bounds)
    matching = [w for w in people if matches(w, query)] if query else people
    shown = matching[:most]
    rows = [_row(w, by_worker[w.pk], free[w.pk], away[w.pk], frame, now) for w in shown]
    rows.sort(key=lambda r: (r.away and not r.gigs, not r.free and not r.gigs))
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
        troubles=troubles(now, waiting.soon),
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


def troubles(now: datetime, waiting: Sequence[WorkOrder] | None = None) -> list[Trouble]:
    """What wants a person now, worst first: not arrived, not left, without a contract,
    unfilled soon, unanswered.

    `waiting` are the open orders when the caller has read them already.
    """
    found: list[Trouble] = []
    live = (
        Assignment.objects.filter(
            Q(status=_S.ACCEPTED, starts_at__lte=now - LATE_AFTER)
            | Q(status=_S.ON_SITE, ends_at__lte=now - LEFT_OPEN_AFTER)
            | Q(status=_S.OFFERED)
            | Q(_gone(), status=_S.ACCEPTED, starts_at__gt=now, starts_at__lt=now + AHEAD)
        )
        .select_related("worker", "order__task_type", "order__site")
        .only(*_TROUBLE)
        # Read as text: parsing a number takes longer than reading the row.
        .annotate(phone_stored=Cast("worker__phone", CharField()))
        .order_by("starts_at", "id")
    )
    found += [_of_assignment(a, now) for a in live]
    orders = open_orders() if waiting is None else waiting
    if isinstance(orders, QuerySet):
        orders = list(orders.filter(starts_at__lt=now + SOON, ends_at__gt=now))
    found += [_of_order(o, now) for o in orders if o.starts_at < now + SOON and o.ends_at > now]
    rank = {"late": 0, "left_open": 1, "no_contract": 2, "unfilled": 3, "unanswered": 4}
    return sorted(found, key=lambda t: (rank[t.code], t.order.starts_at, t.order.pk))


def _gone() -> Q:
    """The worker of a gig works here no more, or has no contract for its day."""
    held = under_contract(OuterRef("worker"), OuterRef("order__works_on"))
    return Q(worker__active=False) | Q(~Exists(held))


_TROUBLE = (
    "ref",
    "status",
    "starts_at",
    "ends_at",
    "answer_by",
    "worker__ref",
    "worker__first_name",
    "worker__last_name",
    "order__ref",
    "order__number",
    "order__status",
    "order__works_on",
    "order__starts_at",
    "order__ends_at",
    "order__site__city",
    "order__task_type__name_fi",
    "order__task_type__name_sv",
    "order__task_type__name_en",
)


def style_of(status: str) -> tuple[str, str]:
    """(class, icon) of a gig in a status."""
    return _STYLE[status]


def status_word(assignment: Assignment) -> str:
    """The status in words."""
    return str(_WORDS[assignment.status])


def is_late(assignment: Assignment, now: datetime) -> bool:
    """Confirmed, but the arrival is missing."""
    return assignment.status == _S.ACCEPTED and assignment.starts_at + LATE_AFTER <= now


def _of_assignment(a: Assignment, now: datetime) -> Trouble:
    if a.status == _S.ACCEPTED and a.starts_at > now:
        return Trouble("no_contract", "warn", "user-x", a.order, now, a)
    if a.status == _S.ACCEPTED:
        return Trouble("late", "error", "triangle-alert", a.order, now, a)
    if a.status == _S.ON_SITE:
        return Trouble("left_open", "warn", "clock-alert", a.order, now, a)
    return Trouble("unanswered", "warn", "clock", a.order, now, a)


def _text_of_assignment(a: Assignment, now: datetime) -> str:
    name = a.worker.first_name
    if a.status == _S.ACCEPTED and a.starts_at > now:
        values = {"number": str(a.order.number), "name": name}
        return _("%(number)s: %(name)s has no contract for that day") % values
    if a.status == _S.ACCEPTED:
        values = {"time": _when(a.starts_at, now), "name": name}
        return _("%(time)s %(name)s has not arrived, call") % values
    values = {"number": str(a.order.number), "name": name}
    if a.status == _S.ON_SITE:
        values["time"] = _when(a.ends_at, now)
        return _("%(name)s has not left %(number)s, ended %(time)s") % values
    if a.answer_by and a.answer_by <= now:
        return _("%(number)s: %(name)s did not answer in time") % values
    if a.answer_by:
        values["time"] = _when(a.answer_by, now)
        return _("%(number)s: %(name)s answers by %(time)s") % values
    return _("%(number)s waits for %(name)s's answer") % values


def _of_order(order: WorkOrder, now: datetime) -> Trouble:
    tone = "error" if order.starts_at - now < timedelta(hours=4) else "warn"
    return Trouble("unfilled", tone, "circle-dashed", order, now)


def _text_of_order(order: WorkOrder, now: datetime) -> str:
    left = order.starts_at - now
    if left <= timedelta(0):
        return _("%(number)s without a worker, has begun") % {"number": order.number}
    hours = max(int(left.total_seconds() // 3600), 0)
    return ngettext(
        "%(number)s without a worker, starts within %(hours)s hour",
        "%(number)s without a worker, starts within %(hours)s hours",
        hours + 1,
    ) % {"number": order.number, "hours": hours + 1}


def _when(instant: datetime, now: datetime) -> str:
    same_day = local_date(instant) == local_date(now)
    return clock(instant) if same_day else f"{day(instant)} {clock(instant)}"


def workers_of(
    on: date,
    busy: Iterable[int],
    *,
    until: date | None = None,
    most: int | None = None,
    wanted: Collection[int] = (),
) -> list[Any]:
    """Active workers, and those who are busy anyway, with the hours of the week of `on`, by name.

    The limit is that of the newest contract that runs on `on`, or starts by `until`. With `most`
    only so many: the `wanted`, the busy, those who gave hours; each knows how many there are in
    `everybody`.
    """
    last, busy = until or on, list(busy)
    contract = Engagement.objects.filter(worker=OuterRef("pk"), starts_on__lte=last).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    )
    done = Assignment.objects.filter(worker=OuterRef("pk"), status=_S.COMPLETED)
    week = local_week_bounds(on, HELSINKI)
    of_week = Assignment.objects.filter(
        worker=OuterRef("pk"), starts_at__lt=week.end, ends_at__gt=week.start
    )
    length = Sum(F("ends_at") - F("starts_at"), filter=Q(status__in=HOLDING))
    booked = of_week.order_by().values("worker").annotate(length=length).values("length")
    rows = (
        Worker.objects.filter(Q(active=True) | Q(pk__in=busy))
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
            week_time=Subquery(booked),
            everybody=Window(Count("pk")),
        )
        .order_by("first_name", "last_name", "id")
    )
    if most is None:
        return list(rows)
    chosen = rows.annotate(place=_place(on, last, busy, wanted)).order_by(
        "place", "first_name", "last_name", "id"
    )
    return sorted(chosen[:most], key=lambda w: (w.first_name, w.last_name, w.pk))


def _place(on: date, last: date, busy: Collection[int], wanted: Collection[int]) -> Case:
    """Who is drawn first when there are too many; roughly, the hours themselves come later."""
    days = {(on + timedelta(days=n)).weekday() for n in range((last - on).days + 1)}
    usual = WeeklyAvailability.objects.filter(worker=OuterRef("pk"), weekday__in=days)
    changed = AvailabilityException.objects.filter(worker=OuterRef("pk"), on__range=(on, last))
    return Case(
        When(pk__in=wanted, then=0),
        When(pk__in=busy, then=1),
        When(Exists(usual) | Exists(changed.filter(available=True)), then=2),
        default=3,
    )


def matches(worker: Worker, query: str) -> bool:
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
    gigs: list[Assignment],
    free: list[Interval],
    away: list[Interval],
    frame: Frame,
    now: datetime,
) -> Row:
    row = plain_row(worker)
    row.away, row.free, row.gigs = bool(away), bool(free) and not away, gigs
    row.cells += _off((*free, *away), frame)
    row.cells += _cells("away", away, frame, pgettext("worker", "Away"))
    row.cells += _trips(worker, gigs, frame)
    lanes: list[int] = []
    for gig in gigs:
        cell = _gig_cell(gig, frame, now, lanes)
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
        url=_address("dispatch:worker-detail", worker.ref),
        day_url=_address("dispatch:worker-day", worker.ref),
    )


def _minutes(time: timedelta | None) -> int:
    return int(time.total_seconds()) // 60 if time else 0


@lru_cache(maxsize=1024)
def _off(known: tuple[Interval, ...], frame: Frame) -> tuple[Cell, ...]:
    """The hours without a statement; many people have the same usual day."""
    whole = _whole(frame)
    return tuple(_cells("off", subtract([whole], known) if whole else [], frame))


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
