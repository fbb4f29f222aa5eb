"""What every page's frame needs: who we are, and where this role may go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation, Role, User


@dataclass(frozen=True)
class Door:
    """One entry of the main menu."""

    url_name: str
    label: Any
    icon: str


TODAY = Door("dispatch:today", pgettext_lazy("menu", "Today"), "sun")
BOARD = Door("dispatch:day", pgettext_lazy("menu", "Board"), "calendar-days")
ORDERS = Door("dispatch:order-list", pgettext_lazy("menu", "Orders"), "clipboard-list")
PEOPLE = Door("dispatch:worker-list", pgettext_lazy("menu", "Workers"), "users")
CUSTOMERS = Door("orders:customer-list", pgettext_lazy("menu", "Customers"), "building-2")
HOURS = Door("billing:hours", pgettext_lazy("menu", "Hours"), "clock")
INVOICING = Door("billing:invoice-ready", pgettext_lazy("menu", "Invoicing"), "receipt")
DRAFTS = Door("billing:invoice-drafts", pgettext_lazy("menu", "Invoices"), "file-text")
SETTINGS = Door("admin:index", pgettext_lazy("menu", "Settings"), "settings")

DOORS: dict[str, tuple[Door, ...]] = {
    Role.CUSTOMER: (
        Door("orders:my-orders", pgettext_lazy("menu", "Orders"), "clipboard-list"),
        Door("orders:order-new", pgettext_lazy("menu", "Order work"), "plus"),
        Door("billing:customer-invoices", pgettext_lazy("menu", "Invoices"), "receipt"),
        Door("orders:my-sites", pgettext_lazy("menu", "Sites"), "map-pin"),
    ),
    Role.WORKER: (
        Door("dispatch:my-home", pgettext_lazy("menu", "Home"), "house"),
        Door("dispatch:my-availability", pgettext_lazy("menu", "When I can"), "calendar-check"),
        Door("billing:my-hours", pgettext_lazy("menu", "My hours"), "clock"),
        Door("dispatch:my-profile", pgettext_lazy("menu", "Me"), "user"),
    ),
    Role.DISPATCHER: (TODAY, BOARD, ORDERS, PEOPLE, CUSTOMERS, HOURS),
    Role.COACH: (
        Door("dispatch:coach-home", pgettext_lazy("menu", "My workers"), "heart-handshake"),
        Door("billing:subsidies", pgettext_lazy("menu", "Subsidies"), "hand-coins"),
    ),
    Role.FINANCE: (INVOICING, DRAFTS, HOURS, CUSTOMERS),
    Role.MANAGER: (
        Door("reports:manager-home", pgettext_lazy("menu", "Figures"), "chart-column"),
        CUSTOMERS,
    ),
    Role.ADMIN: (TODAY, BOARD, ORDERS, PEOPLE, CUSTOMERS, HOURS, INVOICING, SETTINGS),
}


def menu(role: str, path: str) -> list[dict[str, Any]]:
    """Menu entries of a role; the one whose address is the longest start of `path` is current."""
    doors = [(reverse(door.url_name), door) for door in DOORS.get(role, ())]
    here = max((url for url, _door in doors if path.startswith(url)), key=len, default="")
    return [
        {"url": url, "label": door.label, "icon": door.icon, "current": url == here}
        for url, door in doors
    ]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Organisation for help lines, and the navigation of the signed-in person's role."""
    user = getattr(request, "user", None)
    role = user.role if isinstance(user, User) else ""
    return {
        # Lazy: fragments that htmx fetches show no footer and need no query.
        "organisation": SimpleLazyObject(Organisation.objects.first),
        "nav_items": menu(role, request.path) if role else [],
    }
