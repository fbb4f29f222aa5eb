"""What orders adds to the frame of every page: doors, first pages, looks of statuses."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from accounts.models import Role
from core import menu, status_words
from core.menu import Door


def register() -> None:
    """Called once, when the apps are ready."""
    menu.register_home(Role.CUSTOMER, "orders:my-orders")
    menu.register(
        Door("orders:my-orders", pgettext_lazy("menu", "Orders"), "clipboard-list", 10),
        Role.CUSTOMER,
    )
    menu.register(
        Door("orders:order-new", pgettext_lazy("menu", "Order work"), "plus", 20), Role.CUSTOMER
    )
    menu.register(
        Door("orders:my-sites", pgettext_lazy("menu", "Sites"), "map-pin", 40), Role.CUSTOMER
    )
    menu.register(
        Door("orders:customer-list", pgettext_lazy("menu", "Customers"), "building-2", 50),
        Role.DISPATCHER,
        Role.FINANCE,
        Role.MANAGER,
        Role.ADMIN,
    )
    status_words.register(
        {
            "draft": ("neutral", "file-pen"),
            "placed": ("warn", "circle-dashed"),
            "filled": ("ok", "circle-check"),
            "in_progress": ("plum", "circle-dot"),
            "done": ("info", "circle-check-big"),
            "closed": ("neutral", "lock"),
            "cancelled": ("neutral", "x"),
            "unfilled": ("warn", "circle-dashed"),
        }
    )
