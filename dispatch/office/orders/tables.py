"""The office's table of orders."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.tables import Column, OfficeTable, by_language, by_rank
from core.zone import HELSINKI
from orders.models import WorkOrder
from orders.models.lifecycle import OrderStatus


def _clock(order: WorkOrder, name: str) -> str:
    return f"{getattr(order, name).astimezone(HELSINKI):%H:%M}"


class OrderTable(OfficeTable):
    """Orders with what they still lack; the rows come from board.listed()."""

    row_template = "dispatch/office/_order_table_row.html"
    file_name = "orders"

    number = Column(_("Number"), sort=("number",), value=lambda o: o.number)
    state = Column(
        pgettext_lazy("column", "Status"),
        sort=(by_rank("status", list(OrderStatus)),),
        value=lambda o: o.get_status_display(),
    )
    customer = Column(_("Customer"), sort=("customer__name",), value=lambda o: o.customer.name)
    task = Column(
        _("Task"), sort=lambda: by_language("task_type__name"), value=lambda o: o.task_type.label
    )
    site = Column(
        _("Site"),
        sort=("site__city", "site__street"),
        value=lambda o: f"{o.site.street}, {o.site.city}",
    )
    when = Column(_("Day"), sort=("starts_at",), value=lambda o: o.works_on)
    began = Column(_("Starts"), value=lambda o: _clock(o, "starts_at"), visible=False)
    ended = Column(_("Ends"), value=lambda o: _clock(o, "ends_at"), visible=False)
    found = Column(
        pgettext_lazy("column", "Found"), sort=("filled", "people"), value=lambda o: o.filled
    )
    people = Column(_("People"), value=lambda o: o.people, visible=False)
    act = Column(_("Actions"), css="act")
