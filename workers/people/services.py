"""Changes of a worker's own facts: the usual week, single dates, profile, contract, limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import identity
from accounts.models import Role, User
from core import audit
from workers.models import (
    AvailabilityException,
    Engagement,
    Restriction,
    Skill,
    WeeklyAvailability,
    Worker,
)

NO, CAN, PREFER = "no", "can", "prefer"
FIRST_WORKER_NO = 100


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


@transaction.atomic
def save_profile(
    user: User, worker: Worker | None, *, language: str, phone: Any, now: datetime
) -> None:
    """What people change about themselves: language and phone; the worker's row follows."""
    user.language, user.phone = language, phone
    user.save(update_fields=["language", "phone"])
    if worker is not None:
        worker.phone = phone
        worker.save(update_fields=["phone"])
    audit.record(
        "user.profile_changed",
        kind="user",
        ref=user.ref,
        by=user,
        now=now,
        after={"language": language},
    )


@transaction.atomic
def save_worker(
    worker: Worker,
    *,
    skills: Iterable[Skill],
    strains: Iterable[str],
    contract: Mapping[str, Any] | None,
    by: User,
    now: datetime,
    signs_in: bool | None = None,
) -> Worker:
    """Store a new or changed worker with skills, task limits and the present contract.

    `contract` holds fields of Engagement; the engagement that starts on the same day is changed,
    another start makes a new one, and an open one before it ends the day before. `signs_in` opens
    or closes the worker's own account under their e-mail; None leaves it as it is.
    """
    new = worker.pk is None
    before = {} if new else _facts(Worker.objects.get(pk=worker.pk))
    if new:
        _save_numbered(worker)
    else:
        # lock_no is raised by bookings meanwhile: never write the number read earlier.
        names = [f.name for f in Worker._meta.concrete_fields if f.name not in {"id", "lock_no"}]
        worker.save(update_fields=names)
    worker.skills.set(skills)
    wanted = set(strains)
    Restriction.objects.filter(worker=worker).exclude(strain__in=wanted).delete()
    kept = set(worker.restrictions.values_list("strain", flat=True))
    Restriction.objects.bulk_create(
        Restriction(worker=worker, strain=s) for s in sorted(wanted - kept)
    )
    if contract:
        _save_contract(worker, contract)
    if signs_in is not None:
        _save_account(worker, signs_in=signs_in, by=by, now=now)
    audit.record(
        "worker.created" if new else "worker.changed",
        kind="worker",
        ref=worker.ref,
        by=by,
        now=now,
        before=before,
        after=_facts(worker),
    )
    return worker


def _save_numbered(worker: Worker) -> None:
    """Give the next free worker number; two people adding at once get two numbers."""
    for _attempt in range(5):
        used = Worker.objects.values_list("worker_no", flat=True)
        digits = ("".join(c for c in text if c.isdigit()) for text in used)
        number = max((int(d) for d in digits if d), default=FIRST_WORKER_NO - 1) + 1
        worker.worker_no = worker.worker_no or str(number)
        try:
            with transaction.atomic():
                worker.save()
        except IntegrityError:
            if Worker.objects.filter(worker_no=worker.worker_no).exists():
                worker.worker_no = ""
                continue
            raise
        return
    raise RuntimeError("no free worker number in five attempts")


def _save_account(worker: Worker, *, signs_in: bool, by: User, now: datetime) -> None:
    """The worker's account follows the e-mail the office has written; it is closed, not deleted."""
    user = worker.user
    if user is None:
        if not signs_in:
            return
        user = User.objects.create_user(
            worker.email, name=str(worker), phone=worker.phone, role=Role.WORKER
        )
        worker.user = user
        worker.save(update_fields=["user"])
        identity.changed(user, None, by=by, now=now)
        return
    if user.role != Role.WORKER:
        # The page of a worker never changes how people of the office sign in.
        return
    before = identity.facts(user)
    user.is_active = signs_in
    if signs_in:
        user.email = worker.email.lower()
    user.save(update_fields=["email", "is_active"])
    identity.changed(user, before, by=by, now=now)


def _save_contract(worker: Worker, contract: Mapping[str, Any]) -> None:
    starts_on: date = contract["starts_on"]
    open_before = worker.engagements.filter(starts_on__lt=starts_on, ends_on__isnull=True)
    for row in open_before:
        row.ends_on = date.fromordinal(starts_on.toordinal() - 1)
        row.save(update_fields=["ends_on"])
    values = {k: v for k, v in contract.items() if k != "starts_on"}
    Engagement.objects.update_or_create(worker=worker, starts_on=starts_on, defaults=values)


def _facts(worker: Worker) -> dict[str, Any]:
    """What the audit trail keeps: no address and no date of birth."""
    return {
        "active": worker.active,
        "skills": sorted(worker.skills.values_list("code", flat=True)),
        "limits": sorted(worker.restrictions.values_list("strain", flat=True)),
        "coach": worker.coach_id,
        "coached_gigs": worker.coached_gigs,
        "basic_school_done": worker.basic_school_done,
        "overtime_consent_on": worker.overtime_consent_on,
        "guardian_consent_on": worker.guardian_consent_on,
        "wish_week_min": worker.wish_week_min,
        "travel_mode": worker.travel_mode,
        "max_trip_min": worker.max_trip_min,
    }
