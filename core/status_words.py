"""How a status looks: a tint and a shape beside its word. Each app registers its own statuses.

A status is shown as shape + word; the tone picks the tint, the icon is the shape.
"""

from __future__ import annotations

from collections.abc import Mapping

Look = tuple[str, str]
NEUTRAL: Look = ("neutral", "circle")
_looks: dict[str, Look] = {
    "ok": ("ok", "circle-check"),
    "info": ("info", "info"),
    "warn": ("warn", "triangle-alert"),
    "error": ("error", "triangle-alert"),
    "neutral": NEUTRAL,
    "plum": ("plum", "circle-dot"),
}


def register(looks: Mapping[str, Look]) -> None:
    """Add statuses: stored value -> (tone, icon).

    Raises:
        ValueError: another app has given the same value another look.
    """
    for status, look in looks.items():
        if _looks.setdefault(status, look) != look:
            raise ValueError(f"{status} is {_looks[status]} already")


def known() -> dict[str, Look]:
    """Every status that an app has registered, and the bare tones."""
    return dict(_looks)


def look_of(status: str) -> Look:
    """Tone and icon of a status or of a bare tone; an unknown one is drawn in the neutral tone."""
    return _looks.get(status, NEUTRAL)
