"""The worker's usual week and the dates that differ from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F

from accounts.models import User
from core import audit
from workers.models import AvailabilityException, WeeklyAvailability, Worker

NO, CAN, PREFER = "no", "can", "prefer"


@dataclass(frozen=True)
class Part:
    """A part of the day on the worker's grid."""

    code: str
    starts: time
    ends: time


PARTS = (
    Part("morning", time(7), time(12)),
    Part("day", time(12), time(17)),
    Part("evening", time(17), time(21)),
)


Slot = tuple[int, str]


Window = tuple[time, time, bool]


def week_of(rows: Iterable[WeeklyAvailability]) -> dict[Slot, str]:
    """The usual week as (weekday, part) -> no, can or prefer; a part partly free counts as free."""
    found: dict[Slot, str] = {(d, p.code): NO for d in range(7) for p in PARTS}
    for row in rows:
        for part in PARTS:
            if row.starts < part.ends and row.ends > part.starts:
                slot = (row.weekday, part.code)
                if found[slot] != PREFER:
                    found[slot] = PREFER if row.preferred else CAN
    return found


def changed_week(
    rows: Sequence[WeeklyAvailability], wanted: Mapping[Slot, str]
) -> dict[int, list[Window]]:
    """Windows of each weekday after the wish; exact hours stay where the wish changes nothing."""
    present = week_of(rows)
    result: dict[int, list[Window]] = {}
    for weekday in range(7):
        own = [(r.starts, r.ends, r.preferred) for r in rows if r.weekday == weekday]
        pieces = _outside(own)
        for part in PARTS:
            slot = (weekday, part.code)
            wish = wanted.get(slot, present[slot])
            if wish == present[slot]:
                pieces += _inside(own, part)
            elif wish != NO:
                pieces.append((part.starts, part.ends, wish == PREFER))
        result[weekday] = _joined(pieces)
    return result


def _inside(own: Iterable[Window], part: Part) -> list[Window]:
    cut = [(max(s, part.starts), min(e, part.ends), preferred) for s, e, preferred in own]
    return [(s, e, preferred) for s, e, preferred in cut if s < e]


def _outside(own: Iterable[Window]) -> list[Window]:
    first, last = PARTS[0].starts, PARTS[-1].ends
    pieces: list[Window] = []
    for starts, ends, preferred in own:
        if starts < first:
            pieces.append((starts, min(ends, first), preferred))
        if ends > last:
            pieces.append((max(starts, last), ends, preferred))
    return pieces


def _joined(pieces: Iterable[Window]) -> list[Window]:
    joined: list[Window] = []
    for starts, ends, preferred in sorted(pieces):
        if joined and joined[-1][1] >= starts and joined[-1][2] == preferred:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends), preferred)
        else:
            joined.append((starts, ends, preferred))
    return joined


@transaction.atomic
def set_week(
    worker: Worker, wanted: Mapping[Slot, str], *, by: User, now: datetime, actor_label: str = ""
) -> None:
    """Replace the usual week by the wish; nothing is written when nothing changes."""
    # The worker's lock, as an UPDATE: SQLite drops select_for_update without a word.
    Worker.objects.filter(pk=worker.pk).update(lock_no=F("lock_no") + 1)
    rows = list(WeeklyAvailability.objects.filter(worker=worker))
    before = {
        d: _joined((r.starts, r.ends, r.preferred) for r in rows if r.weekday == d)
        for d in range(7)
    }
    after = changed_week(rows, wanted)
    if before == after:
        return
    WeeklyAvailability.objects.filter(worker=worker).delete()
    WeeklyAvailability.objects.bulk_create(
        WeeklyAvailability(worker=worker, weekday=d, starts=s, ends=e, preferred=p)
        for d, windows in after.items()
        for s, e, p in windows
    )
    audit.record(
        "worker.week_changed",
        kind="worker",
        ref=worker.ref,
        by=by,
        now=now,
        before={str(d): _texts(w) for d, w in before.items() if w != after[d]},
        after={str(d): _texts(w) for d, w in after.items() if w != before[d]},
        actor_label=actor_label,
    )


def _texts(windows: Iterable[Window]) -> list[str]:
    return [f"{s:%H:%M}-{e:%H:%M}{' +' if p else ''}" for s, e, p in windows]


@transaction.atomic
def add_exception(
    worker: Worker,
    on: date,
    *,
    available: bool,
    starts: time | None = None,
    ends: time | None = None,
    by: User,
    now: datetime,
) -> AvailabilityException:
    """One date that differs; the same statement twice stays one row."""
    row, created = AvailabilityException.objects.get_or_create(
        worker=worker, on=on, available=available, starts=starts, ends=ends
    )
    if created:
        audit.record(
            "worker.exception_added",
            kind="worker",
            ref=worker.ref,
            by=by,
            now=now,
            after={"on": on, "available": available, "starts": starts, "ends": ends},
        )
    return row


@transaction.atomic
def remove_exception(row: AvailabilityException, *, by: User, now: datetime) -> None:
    """Take back an exception of one date."""
    audit.record(
        "worker.exception_removed",
        kind="worker",
        ref=row.worker.ref,
        by=by,
        now=now,
        before={"on": row.on, "available": row.available, "starts": row.starts, "ends": row.ends},
    )
    row.delete()
