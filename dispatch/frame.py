"""What dispatch adds to the frame of every page: doors, first pages, places, looks of statuses."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from accounts.access import OFFICE
from accounts.models import Role
from core import menu, places, status_words
from core.menu import Door


def register() -> None:
    """Called once, when the apps are ready."""
    _doors()
    places.register("order form, step 2", "dispatch:order-when")
    places.register("order form, estimate", "dispatch:order-estimate")
    places.register("order of the office", "dispatch:order-detail")
    status_words.register(
        {
            "planned": ("neutral", "file-pen"),
            "offered": ("info", "clock"),
            "accepted": ("ok", "circle-check"),
            "confirmed": ("ok", "circle-check"),
            "on_site": ("plum", "circle-dot"),
            "completed": ("ok", "check"),
            "declined": ("neutral", "x"),
            "expired": ("neutral", "hourglass"),
            "withdrawn": ("neutral", "undo-2"),
            "absent": ("warn", "user-x"),
            "no_show": ("error", "triangle-alert"),
            "problem": ("error", "triangle-alert"),
        }
    )


def _doors() -> None:
    menu.register_home(Role.WORKER, "dispatch:my-home")
    menu.register_home(Role.COACH, "dispatch:coach-home")
    for role in OFFICE:
        menu.register_home(role, "dispatch:today")
    menu.register(Door("dispatch:today", pgettext_lazy("menu", "Today"), "sun", 10), *OFFICE)
    menu.register(
        Door("dispatch:day", pgettext_lazy("menu", "Board"), "calendar-days", 20), *OFFICE
    )
    menu.register(
        Door("dispatch:order-list", pgettext_lazy("menu", "Orders"), "clipboard-list", 30), *OFFICE
    )
    menu.register(
        Door("dispatch:worker-list", pgettext_lazy("menu", "Workers"), "users", 40), *OFFICE
    )
    menu.register(Door("dispatch:my-home", pgettext_lazy("menu", "Home"), "house", 10), Role.WORKER)
    menu.register(
        Door("dispatch:my-availability", pgettext_lazy("menu", "When I can"), "calendar-check", 20),
        Role.WORKER,
    )
    menu.register(Door("dispatch:my-profile", pgettext_lazy("menu", "Me"), "user", 40), Role.WORKER)
    menu.register(
        Door("dispatch:coach-home", pgettext_lazy("menu", "My workers"), "heart-handshake", 10),
        Role.COACH,
    )
