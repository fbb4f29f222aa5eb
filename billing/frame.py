"""What billing adds to the frame of every page: doors, first pages, places, looks of statuses."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from accounts.models import Role
from core import menu, places, status_words
from core.menu import Door


def register() -> None:
    """Called once, when the apps are ready."""
    _doors()
    places.register("order page", "billing:order-page")
    places.register("order page by link", "billing:order-page-link")
    places.register("move order", "billing:order-move")
    status_words.register(
        {
            "open": ("info", "clock"),
            "submitted": ("info", "send"),
            "approved": ("ok", "badge-check"),
            "locked": ("neutral", "lock"),
            "disputed": ("warn", "message-square-warning"),
            "issued": ("info", "file-check"),
            "sent": ("info", "mail"),
            "paid": ("ok", "banknote"),
            "credited": ("neutral", "undo-2"),
            "overdue": ("error", "triangle-alert"),
        }
    )


def _doors() -> None:
    menu.register_home(Role.FINANCE, "billing:invoice-ready")
    menu.register(
        Door("billing:customer-invoices", pgettext_lazy("menu", "Invoices"), "receipt", 30),
        Role.CUSTOMER,
    )
    menu.register(
        Door("billing:my-hours", pgettext_lazy("menu", "My hours"), "clock", 30), Role.WORKER
    )
    menu.register(
        Door("billing:subsidies", pgettext_lazy("menu", "Subsidies"), "hand-coins", 20), Role.COACH
    )
    # Finance begins with money; the office has it last.
    hours = ("billing:hours", pgettext_lazy("menu", "Hours"), "clock")
    invoicing = ("billing:invoice-ready", pgettext_lazy("menu", "Invoicing"), "receipt")
    menu.register(Door(*invoicing, 10), Role.FINANCE)
    menu.register(
        Door("billing:invoice-drafts", pgettext_lazy("menu", "Invoices"), "file-text", 20),
        Role.FINANCE,
    )
    menu.register(Door(*hours, 30), Role.FINANCE)
    menu.register(Door(*hours, 60), Role.DISPATCHER, Role.ADMIN)
    menu.register(Door(*invoicing, 70), Role.ADMIN)
