"""The pay-subsidy ledger: approved hours by decision, funder and month; attendance reports.

Every approved minute of a subsidised contract is under exactly one decision, or it is told as not
covered: the sums are always the approved hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import MONEY
from accounts.models import Role, User
from billing.hours.billable import attendance
from billing.models import HourEntry
from billing.models.payroll import SubsidyDecision
from billing.payroll.services import SETTLED
from core import audit
from core.csv_safety import csv_bytes
from core.months import next_month
from core.violations import RuleBroken
from core.zone import HELSINKI
from workers.models import Engagement

READERS = (Role.COACH, *MONEY)
SUBSIDISED = Engagement.Kind.PAY_SUBSIDY


@dataclass
class LedgerRow:
    """A decision and its approved minutes by month; `on` is the day it is looked at."""

    decision: SubsidyDecision
    on: date
    by_month: dict[date, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total_min(self) -> int:
        return sum(self.by_month.values())

    @property
    def months(self) -> list[tuple[date, int]]:
        """Months with their minutes, the newest first."""
        return sorted(self.by_month.items(), reverse=True)

    @property
    def days_left(self) -> int:
        """Days until the last one; negative when the period is over."""
        return (self.decision.ends_on - self.on).days

    @property
    def ends_soon(self) -> bool:
        """The end is so near that somebody must act: extend, or plan what comes after."""
        return 0 <= self.days_left <= self.decision.alert_days

    @property
    def over_months(self) -> list[date]:
        """Months with more minutes than the decision allows."""
        most = self.decision.month_max_min
        return [m for m, n in sorted(self.by_month.items()) if most is not None and n > most]


@dataclass
class Ledger:
    """All decisions that a person may see, funders' sums, and hours that no decision covers."""

    rows: list[LedgerRow] = field(default_factory=list)
    by_funder: dict[str, dict[date, int]] = field(default_factory=dict)
    uncovered: list[HourEntry] = field(default_factory=list)

    @property
    def uncovered_min(self) -> int:
        return sum(entry.work_min for entry in self.uncovered)

    @property
    def ending(self) -> list[LedgerRow]:
        """Decisions that end soon, the nearest first."""
        return sorted((r for r in self.rows if r.ends_soon), key=lambda r: r.decision.ends_on)


def decisions_for(user: User) -> QuerySet[SubsidyDecision]:
    """All for finance, those of the coached workers for a coach."""
    rows = SubsidyDecision.objects.select_related("engagement__worker")
    if user.role in MONEY:
        return rows
    if user.role == Role.COACH:
        return rows.filter(engagement__worker__coach=user)
    return rows.none()


def deals_for(user: User) -> QuerySet[Engagement]:
    """Subsidised contracts that a decision can be written for."""
    rows = Engagement.objects.filter(kind=SUBSIDISED).select_related("worker")
    if user.role in MONEY:
        return rows.order_by("worker__last_name", "worker__first_name", "starts_on")
    return rows.none()


def subsidised_entries(user: User) -> QuerySet[HourEntry]:
    """Approved hours on a subsidised contract of the workers that this person may see."""
    rows = HourEntry.objects.filter(engagement_kind=SUBSIDISED, status__in=SETTLED)
    if user.role == Role.COACH:
        rows = rows.filter(assignment__worker__coach=user)
    elif user.role not in MONEY:
        return rows.none()
    return rows.select_related("assignment__worker", "assignment__order").order_by("started_at")


def ledger(user: User, on: date) -> Ledger:
    """The ledger as a person may see it on a day."""
    found = Ledger()
    by_worker: dict[int, list[LedgerRow]] = defaultdict(list)
    for decision in decisions_for(user):
        row = LedgerRow(decision, on)
        found.rows.append(row)
        by_worker[decision.engagement.worker_id].append(row)
    for entry in subsidised_entries(user):
        covering = _covering(by_worker[entry.assignment.worker_id], entry.works_on)
        if covering is None:
            found.uncovered.append(entry)
        else:
            covering.by_month[entry.works_on.replace(day=1)] += entry.work_min
    for row in found.rows:
        sums = found.by_funder.setdefault(row.decision.funder, defaultdict(int))
        for month, minutes in row.by_month.items():
            sums[month] += minutes
    return found


def _covering(rows: Iterable[LedgerRow], on: date) -> LedgerRow | None:
    return next((r for r in rows if r.decision.starts_on <= on <= r.decision.ends_on), None)


def add_decision(decision: SubsidyDecision, *, by: User, now: datetime) -> SubsidyDecision:
    """Write down a decision that has been checked by its form.

    Raises:
        RuleBroken: subsidy_not_subsidised.
    """
    if decision.engagement.kind != SUBSIDISED:
        raise RuleBroken.of("subsidy_not_subsidised")
    decision.save()
    audit.record(
        "subsidy.written",
        kind="subsidy",
        ref=decision.ref,
        by=by,
        now=now,
        after={"decision_no": decision.decision_no, "ends_on": decision.ends_on},
    )
    return decision


# --------------------------------------------------------------------------- reports


def claim_csv(decision: SubsidyDecision, first: date) -> bytes:
    """Behind the payment claim of a month: each day's approved hours under the decision."""
    entries = HourEntry.objects.filter(
        assignment__worker=decision.engagement.worker_id,
        engagement_kind=SUBSIDISED,
        status__in=SETTLED,
        works_on__gte=max(first, decision.starts_on),
        works_on__lt=min(next_month(first), decision.ends_on + timedelta(days=1)),
    ).select_related("assignment__order")
    worker = decision.engagement.worker
    head = [
        [_("Worker"), str(worker)],
        [_("Who pays the subsidy"), decision.funder],
        [_("Number of the decision"), decision.decision_no],
        [_("Period"), f"{decision.starts_on.isoformat()} – {decision.ends_on.isoformat()}"],
        [_("Subsidy %"), f"{decision.percent.normalize():f}".replace(".", ",")],
        [_("Month"), f"{first.month}/{first.year}"],
        [],
        [_("Day"), _("Work began"), _("Work ended"), _("Minutes"), _("Hours")],
    ]
    rows = [_day_row(entry) for entry in entries.order_by("started_at")]
    total = sum(entry.work_min for entry in entries)
    last = [pgettext("register", "Total"), "", "", str(total), _hours(total)]
    return csv_bytes([*head, *rows, last])


def _day_row(entry: HourEntry) -> list[str]:
    ended = entry.ended_at or entry.started_at
    return [
        entry.works_on.isoformat(),
        f"{entry.started_at.astimezone(HELSINKI):%H:%M}",
        f"{ended.astimezone(HELSINKI):%H:%M}",
        str(entry.work_min),
        _hours(entry.work_min),
    ]


def attendance_csv(user: User, first: date) -> bytes:
    """Attendance of a month on contracts without pay: days and minutes by person."""
    entries = attendance(
        HourEntry.objects.filter(
            status__in=SETTLED, works_on__gte=first, works_on__lt=next_month(first)
        )
    ).select_related("assignment__worker")
    if user.role == Role.COACH:
        entries = entries.filter(assignment__worker__coach=user)
    kinds = dict(Engagement.Kind.choices)
    rows: list[list[str]] = [
        [_("Worker"), _("Contract"), _("Day"), _("Work began"), _("Work ended"), _("Minutes"),
         _("Hours")]
    ]  # fmt: skip
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    order = ("assignment__worker__last_name", "assignment__worker__first_name", "started_at")
    for entry in entries.order_by(*order):
        person, kind = str(entry.assignment.worker), str(kinds.get(entry.engagement_kind, ""))
        rows.append([person, kind, *_day_row(entry)])
        days[person, kind].add(entry.works_on)
        sums[person, kind] += entry.work_min
    for (person, kind), found in days.items():
        text = _("Days: %(n)s") % {"n": len(found)}
        minutes = sums[person, kind]
        rows.append([person, kind, text, "", "", str(minutes), _hours(minutes)])
    return csv_bytes(rows)


def _hours(minutes: int) -> str:
    return f"{(Decimal(minutes) / 60).quantize(Decimal('0.01'))}".replace(".", ",")
