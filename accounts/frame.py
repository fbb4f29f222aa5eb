"""What accounts adds to the frame of every page: the door of the settings."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from accounts.models import Role
from core import menu
from core.menu import Door


def register() -> None:
    """Called once, when the apps are ready."""
    menu.register(Door("audit-list", pgettext_lazy("menu", "Log"), "scroll-text", 75), Role.ADMIN)
    menu.register(
        Door("admin:index", pgettext_lazy("menu", "Settings"), "settings", 80), Role.ADMIN
    )
