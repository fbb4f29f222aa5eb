"""Hours that wait for somebody, sorted by how much looking they need."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from billing.lifecycle import HourStatus
from billing.models import HourEntry
from dispatch.lifecycle import AssignmentStatus
from dispatch.models import Assignment

# So little is nobody's time to look at.
TOLERANCE_MIN = 5
LOOK_BACK = timedelta(days=14)
MOST = 200


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
    hidden: int = 0

    @property
    def waiting(self) -> int:
        """How many entries need an answer."""
        return len(self.planned) + len(self.extra) + len(self.short) + len(self.disputed)


def row_of(entry: HourEntry) -> Row:
    """An entry with its difference to the plan; 0 while the work goes on."""
    planned = minutes(entry.assignment.starts_at, entry.assignment.ends_at)
    done = minutes(entry.started_at, entry.ended_at) if entry.ended_at else planned
    return Row(entry, done - planned)


def grouped(
    entries: QuerySet[HourEntry], assignments: QuerySet[Assignment], now: datetime
) -> Groups:
    """Groups of what waits, the oldest first; at most MOST entries, `hidden` says how many more.

    `entries` and `assignments` come from the access module of the person who looks.
    """
    waits = entries.filter(
        status__in=(HourStatus.OPEN, HourStatus.SUBMITTED, HourStatus.DISPUTED)
    ).order_by("started_at", "id")
    found = Groups(hidden=max(0, waits.count() - MOST))
    for entry in waits[:MOST]:
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
        ).order_by("-starts_at")[:MOST]
    )
    return found
