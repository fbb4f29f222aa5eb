"""The working-time register of a worker (Working Hours Act 872/2019, 32 §).

All hours done by kind: ordinary, additional, overtime by rate, and of them emergency work, Sunday
work and the hours of each supplement, on every day. Only approved hours; what waits is counted
apart, and so is attendance that no wage is paid for. The same minutes go to payroll.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Organisation, Role, User
from billing.hours.billable import attendance
from billing.models import HourEntry
from billing.payroll import services as payroll
from billing.payroll.texts import KIND_NAMES
from billing.rules.pay import OVERTIME, PARTS, PayKind, PayLine
from billing.rules.register import Register, RegisterRow
from core.csv_safety import csv_bytes
from core.languages import Language
from core.zone import HELSINKI
from dispatch.access import workers_for
from workers.models import Engagement, Worker

# Columns that the law names are shown when they are empty too.
ALWAYS = ("ordinary", "additional", "overtime 50", "overtime 100", "emergency", "sunday")


def readable(user: User) -> QuerySet[Worker]:
    """Workers whose register this person may read; finance needs everybody's for the pay."""
    return Worker.objects.all() if user.role == Role.FINANCE else workers_for(user)


def register(worker: Worker, first: date, last: date, language: str) -> Register:
    """The register of a worker.

    Raises:
        RuleBroken: period_order, period_too_long.
    """
    payroll.check_period(first, last)
    code = Language(language).document if language in Language.values else "fi"
    organisation = Organisation.objects.first()
    lines: dict[int, list[PayLine]] = defaultdict(list)
    for entry, line in payroll.paid_between(first, last, [worker.pk]):
        lines[entry.pk].append(line)
    mine = payroll.settled().filter(assignment__worker=worker, works_on__range=(first, last))
    waiting = HourEntry.objects.filter(
        assignment__worker=worker, works_on__range=(first, last), status__in=payroll.WAITING
    )
    unpaid = set(attendance(mine).values_list("pk", flat=True))
    with translation.override(code):
        rows = tuple(
            _row(entry, lines[entry.pk], entry.pk in unpaid)
            for entry in mine.order_by("started_at", "pk")
        )
        return Register(
            language=code,
            worker=str(worker),
            worker_no=worker.worker_no,
            organisation=organisation.name if organisation else "",
            first=first,
            last=last,
            columns=_columns(rows),
            rows=rows,
            waiting_min=waiting.aggregate(total=Sum("work_min"))["total"] or 0,
        )


def column_of(line: PayLine) -> str:
    """The column of a line: overtime by its rate, the others by kind."""
    if line.rule.kind in OVERTIME:
        return f"overtime {line.rule.percent.normalize():f}"
    # A public holiday is Sunday work in the words of the law.
    return "sunday" if line.rule.kind is PayKind.HOLIDAY else line.rule.kind.value


def _columns(rows: Iterable[RegisterRow]) -> tuple[tuple[str, str], ...]:
    found = {key for row in rows for key in row.minutes} | set(ALWAYS)
    rates = sorted(Decimal(key.partition(" ")[2]) for key in found if key.startswith("overtime "))
    overtime = [f"overtime {rate:f}" for rate in rates]
    kinds = [kind.value for kind in PayKind if kind not in (*PARTS, PayKind.SUNDAY)]
    order = ["ordinary", "additional", *overtime, "emergency", "sunday"]
    order += [kind for kind in kinds if kind in found and kind not in order]
    return tuple((key, _label(key)) for key in order)


def _label(key: str) -> str:
    kind, _space, rate = key.partition(" ")
    if kind == "overtime":
        return _("Overtime %(rate)s %%") % {"rate": rate}
    if kind == "sunday":
        return pgettext("pay", "Sundays and public holidays")
    return str(KIND_NAMES[kind])


def _row(entry: HourEntry, lines: Iterable[PayLine], is_attendance: bool) -> RegisterRow:  # noqa: FBT001
    minutes: dict[str, int] = defaultdict(int)
    for line in lines:
        minutes[column_of(line)] += line.minutes
    kinds = dict(Engagement.Kind.choices)
    return RegisterRow(
        on=entry.works_on,
        order_no=str(entry.assignment.order.number),
        started=entry.started_at.astimezone(HELSINKI).time(),
        ended=(entry.ended_at or entry.started_at).astimezone(HELSINKI).time(),
        break_min=entry.break_min,
        paid_min=sum(line.minutes for line in lines if line.is_part),
        attendance_min=entry.work_min if is_attendance else 0,
        kind=str(kinds.get(entry.engagement_kind, entry.engagement_kind)),
        minutes=dict(minutes),
    )


# --------------------------------------------------------------------------- csv


def to_csv(found: Register) -> bytes:
    """Semicolons and minutes as whole numbers, UTF-8 with a byte-order mark."""
    rows: list[list[object]] = []
    with translation.override(found.language):
        rows.append(
            [
                _("Day"), _("Order"), _("Contract"), _("Work began"), _("Work ended"),
                _("Break (minutes)"), _("Paid (minutes)"), _("Attendance without pay (minutes)"),
                *(f"{label} (min)" for _key, label in found.columns),
            ]
        )  # fmt: skip
        last = pgettext("register", "Total")
    rows += [
        [
            row.on.isoformat(), row.order_no, row.kind, f"{row.started:%H:%M}",
            f"{row.ended:%H:%M}", row.break_min, row.paid_min, row.attendance_min,
            *(row.minutes.get(key, 0) for key, _label in found.columns),
        ]
        for row in found.rows
    ]  # fmt: skip
    sums = [found.totals[key] for key, _label in found.columns]
    rows.append([last, "", "", "", "", "", found.paid_min, found.attendance_min, *sums])
    return csv_bytes(rows)
