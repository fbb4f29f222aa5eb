"""Every address of billing: each slice names its own."""

from billing.books import urls as books
from billing.dunning import urls as dunning
from billing.hours import urls as hours
from billing.invoices import urls as invoices
from billing.liability import urls as liability
from billing.order_page import urls as order_page
from billing.payments import urls as payments
from billing.payroll import urls as payroll

app_name = "billing"
urlpatterns = [
    *order_page.urlpatterns,
    *hours.urlpatterns,
    *invoices.urlpatterns,
    *payments.urlpatterns,
    *dunning.urlpatterns,
    *books.urlpatterns,
    *payroll.urlpatterns,
    *liability.urlpatterns,
]
