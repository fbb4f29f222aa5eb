"""Customers, sites, task types, prices and orders, as rows."""

from orders.models.customers import INVOICE_CHANNEL_CHOICES, Contact, Customer, Site
from orders.models.imports import ImportBatch
from orders.models.orders import STATUS_CHOICES, WorkOrder
from orders.models.prices import CustomerDiscount, Tariff, TariffSupplement, VatRate
from orders.models.task_types import TaskType

__all__ = [
    "Contact",
    "Customer",
    "CustomerDiscount",
    "INVOICE_CHANNEL_CHOICES",
    "ImportBatch",
    "STATUS_CHOICES",
    "Site",
    "Tariff",
    "TariffSupplement",
    "TaskType",
    "VatRate",
    "WorkOrder",
]
