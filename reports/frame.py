"""What reports adds to the frame of every page: the manager's first page and its door."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from accounts.models import Role
from core import menu
from core.menu import Door


def register() -> None:
    """Called once, when the apps are ready."""
    menu.register_home(Role.MANAGER, "reports:manager-home")
    menu.register(
        Door("reports:manager-home", pgettext_lazy("menu", "Figures"), "chart-column", 10),
        Role.MANAGER,
    )
