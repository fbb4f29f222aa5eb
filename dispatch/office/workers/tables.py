"""The office's table of workers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.formats import phonetext
from core.tables import Column, OfficeTable
from workers.models import Worker


def _skills(worker: Worker) -> str:
    return ", ".join(skill.label for skill in worker.skills.all())


class WorkerTable(OfficeTable):
    """Workers; their skills are read in one query for all rows."""

    row_template = "dispatch/office/_worker_table_row.html"
    file_name = "workers"

    name = Column(_("Name"), sort=("first_name", "last_name"), value=str)
    number = Column(_("Number"), sort=("worker_no",), value=lambda w: w.worker_no)
    city = Column(_("Town"), sort=("city",), value=lambda w: w.city)
    skills = Column(_("Skills"), value=_skills)
    phone = Column(_("Phone"), value=lambda w: phonetext(w.phone))
    coach = Column(
        pgettext_lazy("column", "Coach"),
        sort=("coach__name",),
        value=lambda w: str(w.coach) if w.coach else "",
    )
    state = Column(
        pgettext_lazy("column", "Active"),
        value=lambda w: _("Yes") if w.active else _("No"),
        visible=False,
    )
    act = Column(_("Actions"), css="act")
