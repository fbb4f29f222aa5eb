"""Pay: what approved hours are worth in kinds of paid time, and exports of it to payroll.

An export holds what had not been exported of its period. When hours are corrected afterwards, the
next export holds the differences only, so that all exports together are always what the hours say.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum

from accounts.models import Organisation, User
from billing.hours import rounding_versions
from billing.hours.billable import attendance, wage_hours
from billing.models import HourEntry
from billing.models.lifecycle import HourStatus
from billing.models.payroll import HourMark, PayrollBatch, PayrollFile, PayrollRow
from billing.payroll.formats import FormatRow, Paper, digest, render_all
from billing.payroll.rule_versions import PayRules, rule_set_on
from billing.payroll.texts import wage_names
from billing.rules.pay import PARTS, PayKind, PayLine, Work, pay_lines
from core import audit
from core.counters import lock_series, next_number
from core.holidays import holidays_between
from core.violations import RuleBroken
from core.zone import HELSINKI
from workers.models import Worker

SETTLED = (HourStatus.APPROVED, HourStatus.LOCKED)
WAITING = (HourStatus.OPEN, HourStatus.SUBMITTED, HourStatus.DISPUTED)
SERIES = "payroll"
LONGEST_DAYS = 366


# --------------------------------------------------------------------------- which hours


def settled() -> QuerySet[HourEntry]:
    """Hours that count for pay: approved ones.

    While a correction of hours that were exported waits for its approval, what was approved and
    exported before stands, so that no export takes a wage back and gives it again.
    """
    of_gig = HourEntry.objects.filter(assignment=OuterRef("assignment"))
    exported = Exists(PayrollRow.objects.filter(entry=OuterRef("pk")))
    later = of_gig.filter(exported, pk__gt=OuterRef("pk"))
    held = (
        Q(status=HourStatus.CORRECTED, approved_at__isnull=False)
        & Q(exported)
        & ~Q(Exists(of_gig.filter(status__in=SETTLED)))
        & Q(Exists(of_gig.filter(status__in=WAITING)))
        & ~Q(Exists(later))
    )
    return HourEntry.objects.filter(
        Q(status__in=SETTLED) | held, ended_at__isnull=False
    ).select_related(
        "assignment__worker",
        "assignment__order__site",
        "assignment__order__task_type",
        "approved_by",
    )


class Paid(NamedTuple):
    """A pay line and the entry it comes from."""

    entry: HourEntry
    line: PayLine


def paid_between(first: date, last: date, workers: Iterable[int] | None = None) -> list[Paid]:
    """Lines of all paid hours from `first` to `last`, both included, by worker and time.

    Whole weeks are read, because weekly overtime begins before a month does.
    """
    begins = first - timedelta(days=first.weekday())
    ends = last + timedelta(days=6 - last.weekday())
    rows = wage_hours(settled()).filter(works_on__range=(begins, ends))
    if workers is not None:
        rows = rows.filter(assignment__worker__in=set(workers))
    by_worker: dict[int, list[HourEntry]] = defaultdict(list)
    for entry in rows.order_by("assignment__worker", "started_at", "pk"):
        by_worker[entry.assignment.worker_id].append(entry)
    rules = PayRules(set(by_worker))
    emergencies = set(
        HourMark.objects.filter(mark=HourMark.Mark.EMERGENCY).values_list("assignment", flat=True)
    )
    day = timedelta(days=1)
    special = holidays_between(begins - day, ends + 2 * day)
    found: list[Paid] = []
    for worker_id, entries in by_worker.items():
        named = {entry.pk: entry for entry in entries}
        lines = pay_lines(
            [_work(entry, rules, emergencies) for entry in entries],
            lambda on, of=worker_id: rule_set_on(rules.sets, rules.agreement(of, on), on),  # type: ignore[misc]
            *special,
            HELSINKI,
        )
        found += [Paid(named[x.key], x) for x in lines if first <= x.on <= last]
    return found


def _work(entry: HourEntry, rules: PayRules, emergencies: set[int]) -> Work:
    worker_id, on = entry.assignment.worker_id, entry.works_on
    deal = rules.deal(worker_id, on)
    raw = rounding_versions.raw_of(entry)
    return Work(
        key=entry.pk,
        on=on,
        started_at=entry.started_at,
        ended_at=raw.ended_at,
        break_min=entry.break_min,
        paid_min=rules.rounding_rule(worker_id, on).minutes(raw),
        emergency=entry.assignment_id in emergencies,
        agreed_day_min=deal.daily_max_min if deal else None,
        agreed_week_min=deal.weekly_max_min if deal else None,
    )


# --------------------------------------------------------------------------- the period


class Key(NamedTuple):
    """What a difference is reckoned by."""

    worker: int
    assignment: int
    on: date
    kind: str
    wage_code: str
    percent: Decimal
    eur_h: Decimal | None


class Change(NamedTuple):
    """Minutes to export under a key; `entry` is where they come from now, or came from."""

    key: Key
    entry: int
    minutes: int
    is_part: bool
    is_correction: bool
    rules_version: str


@dataclass
class PayOfWorker:
    """One worker's period on the screen: minutes by kind, and how many are not exported yet."""

    worker: Worker
    by_kind: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid_min: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def to_export_min(self) -> int:
        """Paid minutes that the next export would hold; may be negative."""
        return sum(change.minutes for change in self.changes if change.is_part)


@dataclass
class Period:
    """Pay from `first` to `last`: what the page shows and the next export will hold."""

    first: date
    last: date
    workers: list[PayOfWorker] = field(default_factory=list)
    waiting: int = 0
    attendance_min: int = 0

    @property
    def lacking(self) -> list[PayOfWorker]:
        """Workers with something to export and no number in payroll: they are left out."""
        return [row for row in self.workers if row.changes and not row.worker.payroll_no.strip()]

    @property
    def ready(self) -> list[PayOfWorker]:
        """Workers whom the next export holds."""
        return [row for row in self.workers if row.changes and row.worker.payroll_no.strip()]

    @property
    def paid_min(self) -> int:
        return sum(row.paid_min for row in self.workers)

    @property
    def to_export_min(self) -> int:
        return sum(row.to_export_min for row in self.ready)

    @property
    def by_kind(self) -> dict[str, int]:
        """Minutes of every kind, in the order of kinds."""
        sums = {kind.value: sum(row.by_kind[kind] for row in self.workers) for kind in PayKind}
        return {kind: minutes for kind, minutes in sums.items() if minutes}


def check_period(first: date, last: date) -> None:
    """A period ends after it begins and is not longer than a year.

    Raises:
        RuleBroken: period_order, period_too_long.
    """
    if last < first:
        raise RuleBroken.of("period_order")
    if (last - first).days > LONGEST_DAYS:
        raise RuleBroken.of("period_too_long", days=LONGEST_DAYS)


def period(first: date, last: date) -> Period:
    """The pay of a period.

    Raises:
        RuleBroken: period_order, period_too_long.
    """
    check_period(first, last)
    paid = paid_between(first, last)
    found: dict[int, PayOfWorker] = {}
    for entry, line in paid:
        worker = entry.assignment.worker
        row = found.setdefault(worker.pk, PayOfWorker(worker))
        row.by_kind[line.rule.kind] += line.minutes
        row.paid_min += line.minutes if line.is_part else 0
    changes = differences(paid, first, last)
    gone = {change.key.worker for change in changes} - set(found)
    found |= {worker.pk: PayOfWorker(worker) for worker in Worker.objects.filter(pk__in=gone)}
    for change in changes:
        found[change.key.worker].changes.append(change)
    rows = HourEntry.objects.filter(works_on__range=(first, last))
    unpaid = attendance(settled()).filter(works_on__range=(first, last))
    return Period(
        first,
        last,
        sorted(
            found.values(), key=lambda r: (r.worker.last_name, r.worker.first_name, r.worker.pk)
        ),
        waiting=wage_hours(rows.filter(status__in=WAITING)).count(),
        attendance_min=unpaid.aggregate(total=Sum("work_min"))["total"] or 0,
    )


def differences(paid: Iterable[Paid], first: date, last: date) -> list[Change]:
    """What the lines say now less what all exports have said, in a fixed order; zeros left out."""
    now: dict[Key, tuple[int, int, str]] = {}
    for entry, line in paid:
        key = Key(
            entry.assignment.worker_id,
            entry.assignment_id,
            line.on,
            line.rule.kind.value,
            line.rule.wage_code,
            line.rule.percent,
            line.rule.eur_h,
        )
        minutes, _pk, _version = now.get(key, (0, 0, ""))
        now[key] = (minutes + line.minutes, entry.pk, line.version)
    earlier: dict[Key, tuple[int, int, str]] = {}
    rows = PayrollRow.objects.filter(on__range=(first, last)).order_by()
    for *fields, minutes, entry_pk, version in (
        rows.values_list("worker", "assignment", "on", "kind", "wage_code", "percent", "eur_h")
        .annotate(Sum("minutes"), Max("entry"), Max("rules_version"))
        .values_list(
            "worker", "assignment", "on", "kind", "wage_code", "percent", "eur_h",
            "minutes__sum", "entry__max", "rules_version__max",
        )
    ):  # fmt: skip
        earlier[Key._make(fields)] = (minutes, entry_pk, version)
    told = {(key.assignment, key.on) for key in earlier}
    parts = {kind.value for kind in PARTS}
    found = []
    for key in sorted(now.keys() | earlier.keys(), key=_sorting):
        minutes, entry_pk, version = now.get(key) or (0, *earlier[key][1:])
        change = minutes - earlier.get(key, (0, 0, ""))[0]
        if change:
            correction = (key.assignment, key.on) in told
            found.append(Change(key, entry_pk, change, key.kind in parts, correction, version))
    return found


def _sorting(key: Key) -> tuple[object, ...]:
    order = [kind.value for kind in PayKind]
    eur = key.eur_h if key.eur_h is not None else Decimal(-1)
    return (key.worker, key.on, key.assignment, order.index(key.kind), key.wage_code, key.percent,
            eur)  # fmt: skip


# --------------------------------------------------------------------------- export


def export(first: date, last: date, *, by: User, now: datetime) -> PayrollBatch:
    """Make and freeze a batch of what has not been exported of a period, with its files.

    Workers without a number in payroll are left out and come with the next export.

    Raises:
        RuleBroken: period_order, period_too_long, payroll_nothing.
    """
    with transaction.atomic():
        # First the lock: two exports at once would both hold the same minutes.
        lock_series(SERIES)
        found = period(first, last)
        changes = [(row.worker, change) for row in found.ready for change in row.changes]
        if not changes:
            raise RuleBroken.of("payroll_nothing")
        entries = _entries(change.entry for _worker, change in changes)
        number = next_number(SERIES)
        rows = [
            _row(n, worker, change, entries[change.entry])
            for n, (worker, change) in enumerate(changes, start=1)
        ]
        organisation = Organisation.objects.first()
        paper = Paper(number, first, last, organisation.name if organisation else "")
        formats = [_format_row(row, entries[row.entry_id], number) for row in rows]
        before = PayrollBatch.objects.order_by("-number").first()
        batch = PayrollBatch.objects.create(
            number=number,
            first_on=first,
            last_on=last,
            minutes=sum(row.minutes for row in rows if row.is_part),
            rows_count=len(rows),
            content_hash=digest(paper, formats, before.content_hash if before else ""),
            previous_hash=before.content_hash if before else "",
            created_at=now,
            created_by=by,
        )
        for row in rows:
            row.batch = batch
        PayrollRow.objects.bulk_create(rows, batch_size=500)
        files = render_all(paper, formats, _told_days(rows, batch))
        PayrollFile.objects.bulk_create(
            PayrollFile(
                batch=batch,
                format=name,
                name=f"askare-pay-{number}-{name}.{ending}",
                content=content,
                content_hash=hashlib.sha256(content).hexdigest(),
            )
            for name, ending, content in files
        )
        _keep_results({entries[change.entry].pk for _worker, change in changes}, entries, now)
        audit.record(
            "payroll.exported",
            kind="payroll",
            ref=batch.ref,
            by=by,
            now=now,
            after={"number": number, "minutes": batch.minutes, "rows": len(rows)},
        )
    return batch


def _entries(pks: Iterable[int]) -> dict[int, HourEntry]:
    return HourEntry.objects.select_related(
        "assignment__worker",
        "assignment__order__task_type",
        "assignment__order__site",
        "approved_by",
    ).in_bulk(set(pks))


def _row(n: int, worker: Worker, change: Change, entry: HourEntry) -> PayrollRow:
    return PayrollRow(
        position=n,
        worker=worker,
        assignment_id=change.key.assignment,
        entry=entry,
        payroll_no=worker.payroll_no.strip(),
        on=change.key.on,
        kind=change.key.kind,
        wage_code=change.key.wage_code,
        percent=change.key.percent,
        eur_h=change.key.eur_h,
        minutes=change.minutes,
        is_part=change.is_part,
        is_correction=change.is_correction,
        engagement_kind=entry.engagement_kind,
        rules_version=change.rules_version,
    )


def _format_row(row: PayrollRow, entry: HourEntry, number: int) -> FormatRow:
    order = entry.assignment.order
    return FormatRow(
        row_id=f"{number}-{row.position}",
        payroll_no=row.payroll_no,
        on=row.on,
        wage_code=row.wage_code,
        wage_name=wage_names()[row.kind],
        minutes=row.minutes,
        is_part=row.is_part,
        is_correction=row.is_correction,
        order_no=str(order.number),
        cost_centre=order.task_type.code,
        engagement_kind=row.engagement_kind,
        approved_by=str(entry.approved_by or entry.approved_as),
        approved_at=entry.approved_at,
        percent=row.percent,
        eur_h=row.eur_h,
    )


def _told_days(rows: Iterable[PayrollRow], batch: PayrollBatch) -> frozenset[tuple[str, date]]:
    """(payroll number, day) of which an earlier batch has told something already."""
    wanted = {(row.worker_id, row.on): row.payroll_no for row in rows}
    earlier = (
        PayrollRow.objects.filter(
            worker__in={worker for worker, _on in wanted}, on__range=(batch.first_on, batch.last_on)
        )
        .exclude(batch=batch)
        .values_list("worker", "on")
        .distinct()
    )
    return frozenset((wanted[key], key[1]) for key in earlier if key in wanted)


def _keep_results(pks: Iterable[int], entries: Mapping[int, HourEntry], now: datetime) -> None:
    """The version of the rounding rule and its result, with each entry that was paid."""
    rules = PayRules({entries[pk].assignment.worker_id for pk in pks})
    kept = []
    for pk in sorted(pks):
        entry = entries[pk]
        rule = rules.rounding_rule(entry.assignment.worker_id, entry.works_on)
        kept.append((entry, rule, rounding_versions.raw_of(entry)))
    rounding_versions.keep(kept, now=now)


def file_of(batch: PayrollBatch, format: str) -> PayrollFile | None:  # noqa: A002
    """The frozen file of a batch.

    Raises:
        RuleBroken: payroll_file_changed.
    """
    found = batch.files.filter(format=format).first()
    if found and hashlib.sha256(bytes(found.content)).hexdigest() != found.content_hash:
        raise RuleBroken.of("payroll_file_changed", str(batch.number))
    return found
