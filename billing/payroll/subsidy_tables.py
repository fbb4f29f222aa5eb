"""The table of pay-subsidy decisions, whose hours are counted together in Python."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.tables import Column, OfficeTable


class SubsidyTable(OfficeTable):
    """Rows of subsidy.LedgerRow, in the order in which the decisions end."""

    row_template = "billing/payroll/_subsidy_table_row.html"
    file_name = "subsidies"

    worker = Column(
        _("Worker"),
        sort=(lambda r: str(r.decision.engagement.worker),),
        value=lambda r: str(r.decision.engagement.worker),
    )
    funder = Column(
        _("Who pays the subsidy"),
        sort=(lambda r: r.decision.funder,),
        value=lambda r: r.decision.funder,
    )
    decision = Column(
        _("Number of the decision"),
        sort=(lambda r: r.decision.decision_no,),
        value=lambda r: r.decision.decision_no,
    )
    percent = Column(
        _("Subsidy %"),
        sort=(lambda r: r.decision.percent,),
        value=lambda r: r.decision.percent,
        css="r",
    )
    starts = Column(
        pgettext_lazy("column", "From"),
        sort=(lambda r: r.decision.starts_on,),
        value=lambda r: r.decision.starts_on,
    )
    ends = Column(
        pgettext_lazy("column", "To"),
        sort=(lambda r: r.decision.ends_on,),
        value=lambda r: r.decision.ends_on,
    )
    hours = Column(_("Hours"), sort=(lambda r: r.total_min,), css="r")
    minutes = Column(_("Minutes"), value=lambda r: r.total_min, visible=False)
    act = Column(_("Actions"), css="act")
