"""The office's table of customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.tables import Column, OfficeTable
from orders.models import Customer


def _number_of_business(customer: Customer) -> str:
    return customer.business_id or customer.vat_id


class CustomerTable(OfficeTable):
    """Customers with how much they order; the rows come from selectors.list_customers()."""

    row_template = "orders/customers/_customer_table_row.html"
    file_name = "customers"

    name = Column(_("Name"), sort=("name",), value=lambda c: c.name)
    number = Column(_("Number"), sort=("customer_no",), value=lambda c: c.customer_no)
    business = Column(_("Business ID"), sort=("business_id", "vat_id"), value=_number_of_business)
    city = Column(_("Town"), sort=("city",), value=lambda c: c.city)
    orders = Column(
        pgettext_lazy("column", "Orders"),
        sort=("order_count",),
        value=lambda c: c.order_count,
        css="r",
    )
    last = Column(_("Last order"), sort=("last_on",), value=lambda c: c.last_on)
    state = Column(
        pgettext_lazy("column", "Active"),
        value=lambda c: _("Yes") if c.active else _("No"),
        visible=False,
    )
