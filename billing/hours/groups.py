"""Hours that wait for somebody, sorted by how much looking they need."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.paginator import Page
from django.db.models import QuerySet

from billing.models import HourEntry
from billing.models.lifecycle import HourStatus
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus

# So little is nobody's time to look at.
TOLERANCE_MIN = 5
LOOK_BACK = timedelta(days=14)
MOST_ABSENT = 200
# As many as one press of a button approves: a few seconds of its reader's time.
MOST_AT_ONCE = 5000
# A key or a range of keys; more digits than these are no key.
_KEYS = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)


def minutes(start: datetime, end: datetime) -> int:
    """Whole elapsed minutes."""
    return int((end - start).total_seconds()) // 60


@dataclass(frozen=True)
class Row:
    """An entry beside what was planned; `diff_min` is presence done less presence planned."""

    entry: HourEntry
    diff_min: int

    @property
    def assignment(self) -> Assignment:
        return self.entry.assignment

    @property
    def more_min(self) -> int:
        return max(0, self.diff_min)

    @property
    def less_min(self) -> int:
        return max(0, -self.diff_min)


@dataclass
class Groups:
    planned: list[Row] = field(default_factory=list)
    extra: list[Row] = field(default_factory=list)
    short: list[Row] = field(default_factory=list)
    disputed: list[Row] = field(default_factory=list)
    open: list[Row] = field(default_factory=list)
    absent: list[Assignment] = field(default_factory=list)
    page: Page[HourEntry] | None = None
    # Everything that is as planned, the other pages too; empty when there is one page.
    all_planned: list[int] = field(default_factory=list)

    @property
    def seen(self) -> str:
        """What is as planned, for the form: it is approved, and nothing that came later."""
        return packed(self.all_planned[:MOST_AT_ONCE])

    @property
    def at_once(self) -> int:
        """How many of these one press approves: all, if they are not absurdly many."""
        return min(len(self.all_planned), MOST_AT_ONCE)

    @property
    def hidden(self) -> int:
        """How many wait on the pages after this one."""
        return self.page.paginator.count - self.page.end_index() if self.page else 0

    @property
    def total(self) -> int:
        """How many wait on all pages, those still at work too when there are several."""
        several = self.page is not None and self.page.has_other_pages()
        return self.page.paginator.count if self.page and several else self.waiting

    @property
    def waiting(self) -> int:
        """How many entries of this page need an answer."""
        return len(self.planned) + len(self.extra) + len(self.short) + len(self.disputed)


def row_of(entry: HourEntry) -> Row:
    """An entry with its difference to the plan; 0 while the work goes on."""
    planned = minutes(entry.assignment.starts_at, entry.assignment.ends_at)
    done = minutes(entry.started_at, entry.ended_at) if entry.ended_at else planned
    return Row(entry, done - planned)


# What a row of the page shows: whole rows of six tables are wide, and phone numbers are parsed.
_ASSIGNMENT = (
    "status",
    "starts_at",
    "ends_at",
    "worker__first_name",
    "worker__last_name",
    "order__ref",
    "order__number",
    "order__customer__name",
    "order__task_type__name_fi",
    "order__task_type__name_sv",
    "order__task_type__name_en",
)
_TABLES = ("worker", "order__customer", "order__task_type")
_ENTRY = (
    "ref", "status", "works_on", "started_at", "ended_at", "work_min", "note",
    *(f"assignment__{name}" for name in _ASSIGNMENT),
)  # fmt: skip


def waiting(entries: QuerySet[HourEntry]) -> QuerySet[HourEntry]:
    """Entries that wait for somebody, the oldest first, with what a row of the page shows."""
    return (
        entries.filter(status__in=(HourStatus.OPEN, HourStatus.SUBMITTED, HourStatus.DISPUTED))
        .order_by("started_at", "id")
        .select_related(None)
        .select_related(*(f"assignment__{name}" for name in _TABLES))
        .only(*_ENTRY)
    )


def grouped(
    page: Page[HourEntry],
    entries: QuerySet[HourEntry],
    assignments: QuerySet[Assignment],
    now: datetime,
) -> Groups:
    """Groups of what waits on a page of `waiting`, each in the order of the page.

    `entries` and `assignments` come from the access module of the person who looks.
    """
    found = Groups(page=page)
    if found.page and found.page.has_other_pages():
        found.all_planned = as_planned(entries)
    for entry in found.page or ():
        row = row_of(entry)
        if entry.status == HourStatus.OPEN:
            found.open.append(row)
        elif entry.status == HourStatus.DISPUTED:
            found.disputed.append(row)
        elif row.diff_min > TOLERANCE_MIN:
            found.extra.append(row)
        elif row.diff_min < -TOLERANCE_MIN:
            found.short.append(row)
        else:
            found.planned.append(row)
    found.absent = list(
        assignments.filter(
            status__in=(AssignmentStatus.ABSENT, AssignmentStatus.NO_SHOW),
            starts_at__range=(now - LOOK_BACK, now),
        )
        .order_by("-starts_at")
        .select_related(None)
        .select_related(*_TABLES)
        .only(*_ASSIGNMENT)[:MOST_ABSENT]
    )
    return found


def as_planned(entries: QuerySet[HourEntry]) -> list[int]:
    """Keys of the submitted hours that are as planned, the oldest first."""
    rows = (
        entries.filter(status=HourStatus.SUBMITTED)
        .order_by("started_at", "id")
        .values_list("pk", "started_at", "ended_at", "assignment__starts_at", "assignment__ends_at")
    )
    return [
        pk
        for pk, came, left, starts, ends in rows
        if left and abs(minutes(came, left) - minutes(starts, ends)) <= TOLERANCE_MIN
    ]


def packed(keys: Iterable[int]) -> str:
    """Keys as ranges, such as `3-9,12`."""
    parts: list[list[int]] = []
    for key in sorted(keys):
        if parts and key == parts[-1][1] + 1:
            parts[-1][1] = key
        else:
            parts.append([key, key])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def unpacked(text: str) -> list[int]:
    """The keys of `packed`, at most MOST_AT_ONCE; what is no key is left out."""
    found: list[int] = []
    for part in text.split(","):
        if match := _KEYS.fullmatch(part):
            first, last = match[1], match[2] or match[1]
            room = MOST_AT_ONCE - len(found)
            found += range(int(first), int(last) + 1)[:room]
    return found
