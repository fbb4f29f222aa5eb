"""Check-ins and hours of the demo."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import Role
from billing.demo.region import Region
from billing.hours import services as hours
from billing.models import HourEntry
from dispatch.models import Assignment, Punch
from orders.models import WorkOrder

NOT_BILLED = {"work_trial", "training_agreement", "school_practice"}


def make_hours(region: Region, assignments: list[Assignment]) -> None:
    """Check-ins and hours of what was begun; old hours are approved, the newest wait."""
    punches: list[Punch] = []
    entries: list[HourEntry] = []
    kinds = {p.row.pk: p.kind for p in region.staff}
    for row in assignments:
        if row.status in {"completed", "on_site"}:
            entries.append(_begun(region, row, kinds[row.worker_id], punches))
            if row.status == "completed":
                _end(region, entries[-1], punches)
    ended = [entry for entry in entries if entry.ended_at]
    for entry, status in zip(reversed(ended), ("submitted", "disputed", "submitted"), strict=False):
        entry.status, entry.approved_at, entry.approved_by = status, None, None
        entry.approved_as = ""
    waiting = {entry.assignment.order_id for entry in ended if entry.status != "approved"}
    Punch.objects.bulk_create(punches, batch_size=500)
    HourEntry.objects.bulk_create(entries, batch_size=500)
    WorkOrder.objects.filter(status="done").exclude(pk__in=waiting).update(status="closed")
    if len(ended) > 2:
        _correct(region, HourEntry.objects.get(ref=ended[-3].ref))


def _begun(region: Region, row: Assignment, kind: str, punches: list[Punch]) -> HourEntry:
    """Hours under way, and the check-in."""
    begin = row.starts_at + timedelta(minutes=region.rng.choice((-4, -2, 0, 0, 0, 3)))
    begin = min(begin, region.now - timedelta(minutes=1))
    punches.append(
        Punch(assignment=row, kind="in", at=begin, received_at=begin, by=row.worker.user)
    )
    return HourEntry(
        assignment=row,
        works_on=row.order.works_on,
        started_at=row.starts_at,
        engagement_kind=kind,
        created_at=begin,
        bill_state="not_billable" if kind in NOT_BILLED else "unbilled",
    )


def _end(region: Region, entry: HourEntry, punches: list[Punch]) -> None:
    """The check-out; hours of the last six days wait or are disputed, older ones are approved."""
    row = entry.assignment
    done = row.ends_at + timedelta(minutes=region.rng.choice((0, 0, 0, 0, 0, 0, 15, -15)))
    punches.append(Punch(assignment=row, kind="out", at=done, received_at=done, by=row.worker.user))
    entry.ended_at = done
    span = int((done - entry.started_at).total_seconds()) // 60
    entry.break_min = 30 if span > 360 else 0
    entry.work_min = span - entry.break_min
    if entry.works_on >= region.today - timedelta(days=6):
        entry.status = "disputed" if region.rng.random() < 0.1 else "submitted"
    else:
        entry.status = "approved"
        entry.approved_at = done + timedelta(days=1)
        entry.approved_by = region.users[Role.DISPATCHER]
        entry.approved_as = "dispatcher"


def _correct(region: Region, entry: HourEntry) -> None:
    left_at = entry.started_at + timedelta(minutes=entry.work_min + entry.break_min - 15)
    hours.correct_hours(
        entry, started_at=entry.started_at, ended_at=left_at, break_min=entry.break_min,
        by=region.users[Role.DISPATCHER], now=region.now, note="Lähti vartin aiemmin.",
    )  # fmt: skip
