"""Changes of a worker's own facts: profile, skills, task limits, contract, account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts import identity
from accounts.models import Role, User
from core import audit
from workers.models import (
    Engagement,
    Restriction,
    Skill,
    Worker,
)

FIRST_WORKER_NO = 100


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
        identity.record_change(user, None, by=by, now=now)
        return
    if user.role != Role.WORKER:
        # The page of a worker never changes how people of the office sign in.
        return
    before = identity.sign_in_facts(user)
    user.is_active = signs_in
    if signs_in:
        user.email = worker.email.lower()
    user.save(update_fields=["email", "is_active"])
    identity.record_change(user, before, by=by, now=now)


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
