"""What is drawn on a worker's line: places in quarter hours, bars, trips and assignments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.formats import clockrange
from core.intervals import Interval, subtract
from core.zone import HELSINKI
from dispatch.board.looks import STYLES, WORDS, address, is_late
from dispatch.eligibility import travel
from dispatch.models import Assignment
from workers.models import Worker

QUARTER_MIN = 15


@dataclass(frozen=True)
class Cell:
    """A thing on a worker's line; `kind` is off, away, trip, gig (an assignment) or ghost."""

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
        return draw_bar(self.kind, self.col, self.span, self.text)


@lru_cache(maxsize=1024)
def draw_bar(kind: str, col: int, span: int = 0, text: str = "") -> SafeString:
    tag = "div" if text else "i"
    css = f"{kind} c-{col} s-{span}" if span else f"{kind} c-{col}"
    return format_html('<{} class="{}">{}</{}>', tag, css, text, tag)


@lru_cache(maxsize=1024)
def draw_meter(week_min: int, limit_min: int, css: str) -> SafeString:
    html = '<progress class="{}" value="{}" max="{}" aria-hidden="true"></progress>'
    return format_html(html, css, week_min, limit_min or 1)


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


@lru_cache(maxsize=1024)
def off_cells(known: tuple[Interval, ...], frame: Frame) -> tuple[Cell, ...]:
    """The hours without a statement; many people have the same usual day."""
    whole = _whole(frame)
    return tuple(place_cells("off", subtract([whole], known) if whole else [], frame))


def _whole(frame: Frame) -> Interval | None:
    start = datetime.combine(frame.on, time(0), HELSINKI) + timedelta(hours=frame.first_h)
    last = frame.on + timedelta(days=frame.last_h // 24)
    end = datetime.combine(last, time(frame.last_h % 24), HELSINKI)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    return Interval(start, end) if start < end else None


def place_cells(kind: str, spans: Iterable[Interval], frame: Frame, text: str = "") -> list[Cell]:
    placed = [frame.place(s.start, s.end) for s in spans]
    return [Cell(kind, at[0], at[1], text=text) for at in placed if at]


def trip_cells(worker: Worker, assignments: Sequence[Assignment], frame: Frame) -> list[Cell]:
    """Dots before each assignment for the trip to it, from the site before or from home."""
    cells: list[Cell] = []
    place = travel.Point(worker.lat, worker.lon)
    before: datetime | None = None
    for assignment in assignments:
        site = travel.Point(assignment.order.site.lat, assignment.order.site.lon)
        minutes = round(travel.trip_min(worker.travel_mode, place, site))
        starts = assignment.starts_at - timedelta(minutes=minutes)
        at = frame.place(max(starts, before) if before else starts, assignment.starts_at)
        if at and minutes >= QUARTER_MIN / 2:
            cells.append(Cell("trip", at[0], at[1]))
        place, before = site, assignment.ends_at
    return cells


def assignment_cell(
    assignment: Assignment, frame: Frame, now: datetime, lanes: list[int]
) -> Cell | None:
    at = frame.place(assignment.starts_at, assignment.ends_at)
    if at is None:
        return None
    times = clockrange(assignment.starts_at, assignment.ends_at)
    late = is_late(assignment, now)
    css, icon = ("bad", "triangle-alert") if late else STYLES[assignment.status]
    word = _("not arrived") if late else str(WORDS[assignment.status])
    task = assignment.order.task_type.label
    lane = next((n for n, until in enumerate(lanes) if until <= at[0]), len(lanes))
    lanes[lane : lane + 1] = [at[0] + at[1]]
    where = assignment.order.site.street or assignment.order.site.city
    return Cell(
        "gig",
        at[0],
        at[1],
        lane=lane + 1,
        css=css,
        icon=icon,
        text=f"{assignment.order.number} {task}: {word}"
        if late
        else f"{assignment.order.number} {task}, {where}",
        label=f"{times}, {word}",
        url=address("dispatch:order-detail", assignment.order.ref),
        status="problem" if late else assignment.status,
        word=word,
        times=times,
        order_ref=str(assignment.order.ref),
    )
