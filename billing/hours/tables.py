"""The office's table of hours that wait for somebody."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.hours.groups import row_of
from billing.models import HourEntry
from core.tables import Column, OfficeTable
from core.zone import HELSINKI


def _clock(at: datetime | None) -> str:
    return f"{at.astimezone(HELSINKI):%H:%M}" if at else ""


def _planned(entry: HourEntry) -> str:
    gig = entry.assignment
    return f"{_clock(gig.starts_at)}–{_clock(gig.ends_at)}"


def _minutes(entry: HourEntry) -> int | None:
    return entry.work_min if entry.ended_at else None


class HourTable(OfficeTable):
    """Hours in groups: the order by a column's head holds inside each of them.

    The template of the page draws the groups; `row_template` draws a row of hour_groups.Row.
    """

    row_template = "billing/hours/_hour_table_row.html"
    file_name = "hours"

    worker = Column(
        _("Worker"),
        sort=("assignment__worker__first_name", "assignment__worker__last_name"),
        value=lambda e: str(e.assignment.worker),
    )
    order = Column(
        _("Order"),
        sort=("assignment__order__number",),
        value=lambda e: e.assignment.order.number,
    )
    task = Column(_("Task"), value=lambda e: e.assignment.order.task_type.label, visible=False)
    customer = Column(
        _("Customer"),
        sort=("assignment__order__customer__name",),
        value=lambda e: e.assignment.order.customer.name,
    )
    day = Column(_("Day"), sort=("started_at",), value=lambda e: e.works_on)
    planned = Column(pgettext_lazy("column", "Planned"), value=_planned)
    began = Column(_("Work began"), value=lambda e: _clock(e.started_at), visible=False)
    ended = Column(_("Work ended"), value=lambda e: _clock(e.ended_at), visible=False)
    done = Column(pgettext_lazy("column", "Done"), sort=("work_min",))
    minutes = Column(_("Minutes"), value=_minutes, visible=False)
    more = Column(
        _("More or less than planned (minutes)"),
        value=lambda e: row_of(e).diff_min if e.ended_at else None,
        visible=False,
    )
    state = Column(
        pgettext_lazy("column", "Status"),
        value=lambda e: e.get_status_display(),
        visible=False,
    )
    note = Column(_("Note"), value=lambda e: e.note, visible=False)
    act = Column(_("Actions"), css="act")
