"""The one door of hour entries: their tables say what may be, one who comes second is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from billing.models import HourEntry
from billing.models.lifecycle import (
    HOUR_BIRTHS,
    BillAction,
    BillState,
    HourAction,
    HourStatus,
    bill_target,
    hour_target,
)
from core import audit
from core.models import AuditEvent
from core.violations import RuleBroken

# Rows that one statement writes; SQLite takes so many parameters easily.
BATCH = 500


def move_entry(
    entry: HourEntry,
    action: HourAction,
    *,
    by: User | None,
    now: datetime,
    fields: Mapping[str, object] | None = None,
    actor_label: str = "",
) -> None:
    """One step of one entry; a row that somebody else moved first is refused."""
    if not move_hours([entry], action, by=by, now=now, fields=fields, actor_label=actor_label):
        raise RuleBroken.of("hours_changed")


def move_hours(
    entries: Sequence[HourEntry],
    action: HourAction,
    *,
    by: User | None,
    now: datetime,
    fields: Mapping[str, object] | None = None,
    bill_state: BillState | None = None,
    actor_label: str = "",
) -> list[HourEntry]:
    """The one door of an entry's status, for entries of one state; those that went through it.

    A row that somebody else moved first stays where it is, and so does one whose minutes are not
    in `bill_state`, where that is given. So many at once take a few queries.
    """
    if not entries:
        return []
    [old] = {entry.status for entry in entries}
    new = hour_target(old, action)
    if new is None:
        raise RuleBroken.of("hours_not_possible", status=str(old))
    changes = {"status": new.value, **(fields or {})}
    moved: set[int] = set()
    for some in batches([entry.pk for entry in entries]):
        moved |= _moved(some, old, changes, bill_state)
    done = [entry for entry in entries if entry.pk in moved]
    for entry in done:
        for name, value in changes.items():
            setattr(entry, name, value)
    before, after = {"status": old}, {"status": new.value}
    audit.record_all(
        entry_event(
            entry,
            action.value,
            by=by,
            now=now,
            before=before,
            after=after,
            actor_label=actor_label,
        )
        for entry in done
    )
    return done


def move_all_hours(
    entries: Sequence[HourEntry],
    action: HourAction,
    *,
    by: User | None,
    now: datetime,
    bill_state: BillState | None = None,
) -> None:
    """As `move_hours`, but all of the entries or none.

    Raises:
        RuleBroken: hours_changed (somebody moved one of them first), hours_not_possible.
    """
    if len({entry.status for entry in entries}) > 1:
        raise RuleBroken.of("hours_changed")
    with transaction.atomic():
        if len(move_hours(entries, action, by=by, now=now, bill_state=bill_state)) != len(entries):
            raise RuleBroken.of("hours_changed")


def move_minutes(keys: Iterable[int], action: BillAction) -> None:
    """The one door of what became of the minutes of entries: all of them or none.

    The invoice, the credit note or the decision that moves them writes the history.

    Raises:
        RuleBroken: hours_changed (the minutes of an entry are in another state).
    """
    [(old, new)] = [
        (state, found) for state in BillState if (found := bill_target(state, action)) is not None
    ]
    wanted = sorted(set(keys))
    with transaction.atomic():
        moved = sum(
            HourEntry.objects.filter(pk__in=some, bill_state=old).update(bill_state=new.value)
            for some in batches(wanted)
        )
        if moved != len(wanted):
            raise RuleBroken.of("hours_changed")


def begin_entry(status: HourStatus, **fields: Any) -> HourEntry:
    """A new entry, in a state in which one may begin."""
    if status not in HOUR_BIRTHS:
        raise ValueError(f"no entry begins as {status}")
    return HourEntry.objects.create(status=status.value, **fields)


def _moved(
    keys: Sequence[int], old: str, changes: Mapping[str, object], bill_state: BillState | None
) -> set[int]:
    """Compare and set: write where the status is still `old`; the keys of what was written."""
    free = HourEntry.objects.filter(status=old)
    if bill_state is not None:
        free = free.filter(bill_state=bill_state)
    held = set(keys)
    if len(held) > 1:
        # Only of one row does the count tell which it was. Locked in one order: no deadlock.
        locked = free.filter(pk__in=held).select_for_update().order_by("pk")
        held = set(locked.values_list("pk", flat=True))
    return held if free.filter(pk__in=held).update(**changes) else set()


def batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[at : at + BATCH] for at in range(0, len(keys), BATCH))


def entry_event(
    entry: HourEntry,
    verb: str,
    *,
    by: User | None,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    actor_label: str = "",
) -> AuditEvent:
    return audit.event(
        f"hours.{verb}",
        kind="hours",
        ref=entry.ref,
        order_ref=entry.assignment.order.ref,
        by=by,
        now=now,
        before=before,
        after=after,
        actor_label="" if by else actor_label,
    )
