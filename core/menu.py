"""The main menu and the first page of each role; each app adds its own doors in `ready()`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class Door:
    """One entry of the main menu; doors stand in the order of `rank`, lowest first."""

    url_name: str
    label: Any
    icon: str
    rank: int


_doors: dict[str, list[Door]] = {}
_homes: dict[str, str] = {}


def register(door: Door, *roles: str) -> None:
    """Show a door to these roles."""
    for role in roles:
        doors = _doors.setdefault(role, [])
        if door not in doors:
            doors.append(door)
            doors.sort(key=lambda known: known.rank)


def register_home(role: str, url_name: str) -> None:
    """Say where somebody of this role begins."""
    _homes[role] = url_name


def home_of(role: str) -> str:
    """Path of the first page of a role.

    Raises:
        KeyError: no app has said where the role begins.
    """
    return reverse(_homes[role])


def entries(role: str, path: str) -> list[dict[str, Any]]:
    """Menu entries of a role; the one whose address is the longest start of `path` is current."""
    doors = [(reverse(door.url_name), door) for door in _doors.get(role, ())]
    here = max((url for url, _door in doors if path.startswith(url)), key=len, default="")
    return [
        {"url": url, "label": door.label, "icon": door.icon, "current": url == here}
        for url, door in doors
    ]
