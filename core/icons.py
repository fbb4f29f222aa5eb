"""Icons of the Lucide set, drawn inline."""

from __future__ import annotations

from functools import lru_cache

import lucide
from django.utils.safestring import SafeString, mark_safe


@lru_cache(maxsize=512)
def _svg(name: str) -> SafeString:
    svg = lucide._load_icon(name)  # noqa: SLF001 - the package offers no public loader
    inner = "".join(lucide.ElementTree.tostring(node, encoding="unicode") for node in svg)
    inner = inner.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace("\n", "")
    return mark_safe(  # noqa: S308 - the drawing comes from the icon package, not from input
        '<svg class="i" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        f"{inner.strip()}</svg>"
    )


def drawing(name: str, size: int) -> SafeString:
    """An icon of so many pixels, for pages without our style sheet."""
    sized = _svg(name).replace("<svg ", f'<svg width="{size}" height="{size}" ', 1)
    return mark_safe(sized)  # noqa: S308 - see _icon


def icon_exists(name: str) -> bool:
    """Whether `name` is an icon of the set; for validating names kept in the database."""
    try:
        _svg(name)
    except lucide.IconDoesNotExist:
        return False
    return True


def icon(name: str, instead: str = "") -> SafeString:
    """An inline, decorative SVG of the Lucide set: `{% icon "truck" %}`.

    `instead` is drawn when a name that was kept in the database is none of the set.

    Raises:
        lucide.IconDoesNotExist: no icon has this name.
    """
    return _svg(instead if instead and not icon_exists(name) else str(name))
