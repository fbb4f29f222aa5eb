"""The hour log of a worker or a customer for a month: rows to a document, and to CSV."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Organisation
from billing.models import HourEntry
from billing.models.lifecycle import HourStatus
from billing.rules.document import HourLogDocument, HourLogRow
from core.csv_safety import csv_bytes
from core.holidays import holidays_between
from core.languages import Language
from core.months import next_month
from core.zone import HELSINKI
from orders.models import Customer
from workers.models import Engagement, Worker


def entries_of(owner: Worker | Customer, first: date) -> QuerySet[HourEntry]:
    """Ended entries of a month that count, in order of work."""
    whose = (
        Q(assignment__worker=owner)
        if isinstance(owner, Worker)
        else Q(assignment__order__customer=owner)
    )
    return (
        HourEntry.objects.filter(
            whose, works_on__gte=first, works_on__lt=next_month(first), ended_at__isnull=False
        )
        .exclude(status=HourStatus.CORRECTED)
        .select_related(
            "assignment__worker", "assignment__order__site", "assignment__order__task_type"
        )
        .order_by("started_at", "id")
    )


def hour_log(owner: Worker | Customer, first: date, language: str) -> HourLogDocument:
    """The document; for a customer with first names only and without kinds of engagement."""
    for_customer = isinstance(owner, Customer)
    code = Language(language).document if language in Language.values else "fi"
    organisation = Organisation.objects.first()
    with translation.override(code):
        entries = list(entries_of(owner, first))
        rows = tuple(_row(entry, code, for_customer=for_customer) for entry in entries)
        return HourLogDocument(
            language=code,
            title=pgettext("document", "Hour log"),
            subject=owner.name if isinstance(owner, Customer) else str(owner),
            period=f"{first.month}/{first.year}",
            organisation=organisation.name if organisation else "",
            rows=rows,
            totals=_totals(entries),
            for_customer=for_customer,
        )


def _row(entry: HourEntry, language: str, *, for_customer: bool) -> HourLogRow:
    order, worker = entry.assignment.order, entry.assignment.worker
    ended = entry.ended_at or entry.started_at
    kinds = dict(Engagement.Kind.choices)
    return HourLogRow(
        on=entry.works_on,
        place=f"{order.site.street}, {order.site.city}",
        task=order.task_type.in_language("name", language),
        started=entry.started_at.astimezone(HELSINKI).time(),
        ended=ended.astimezone(HELSINKI).time(),
        break_min=entry.break_min,
        work_min=entry.work_min,
        kind="" if for_customer else str(kinds.get(entry.engagement_kind, "")),
        status=entry.get_status_display(),
        worker=worker.first_name if for_customer else str(worker),
    )


def _totals(entries: Iterable[HourEntry]) -> tuple[tuple[str, int], ...]:
    """Approved and waiting minutes, and those of Sundays and holidays (Working Hours Act, 32 §)."""
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        approved = entry.status in {HourStatus.APPROVED, HourStatus.LOCKED}
        sums["approved" if approved else "waiting"] += entry.work_min
        sums["sunday"] += _sunday_min(entry)
    labels = {
        "approved": _("Approved"),
        "waiting": _("Not approved yet"),
        "sunday": _("Of these on Sundays and public holidays"),
    }
    return tuple((labels[key], sums[key]) for key in labels if sums[key])


def _sunday_min(entry: HourEntry) -> int:
    """Minutes of work on a Sunday or public holiday, by the day on which the work began."""
    on = entry.started_at.astimezone(HELSINKI).date()
    holidays, _eves = holidays_between(on, on)
    return entry.work_min if on.weekday() == 6 or on in holidays else 0


def to_csv(document: HourLogDocument) -> bytes:
    """Semicolons, decimal comma and a byte-order mark: what spreadsheets in Finland open."""
    rows: list[list[object]] = []
    with translation.override(document.language):
        head = [
            _("Day"), _("Worker"), _("Site"), _("Task"), _("Work began"), _("Work ended"),
            _("Break (minutes)"), _("Minutes"), _("Hours"),
        ]  # fmt: skip
        if not document.for_customer:
            head.append(_("Contract"))
        rows.append([*head, _("Status")])
    for row in document.rows:
        cells = [
            row.on.isoformat(), row.worker, row.place, row.task, f"{row.started:%H:%M}",
            f"{row.ended:%H:%M}", row.break_min, row.work_min, _comma(f"{row.work_min / 60:.2f}"),
        ]  # fmt: skip
        if not document.for_customer:
            cells.append(row.kind)
        rows.append([*cells, row.status])
    return csv_bytes(rows)


def _comma(number: str) -> str:
    return number.replace(".", ",")
