"""Pages that a lower app leads to and a higher app owns.

The lower app names the place in its own words ("order page"); the higher app says in `ready()`
which address that is. So no app names an address of an app to its left.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

_places: dict[str, str] = {}


def register(place: str, url_name: str) -> None:
    """Say that `place` is the page with the address `url_name`."""
    _places[place] = url_name


def url_of(place: str, *args: Any) -> str:
    """Path of a place.

    Raises:
        KeyError: no app has said where the place is.
        NoReverseMatch: the arguments are not those of its address.
    """
    return reverse(_places[place], args=args)
