"""Customers, sites, task types, prices and orders, as rows."""

from orders.models.orders import (
    INVOICE_CHANNEL_CHOICES,
    STATUS_CHOICES,
    Contact,
    Customer,
    CustomerDiscount,
    ImportBatch,
    Site,
    Tariff,
    TariffSupplement,
    TaskType,
    VatRate,
    WorkOrder,
)

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
