"""Panels on the page of a noun (worker, customer, order): a higher app adds one, the page stays.

The page of a noun belongs to the app of that noun. An app to its left registers a panel in
`ready()`; the page shows it with `{% panels "worker" worker %}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

Context = Callable[[HttpRequest, Any], "dict[str, Any] | None"]


@dataclass(frozen=True)
class Panel:
    """A template and what it needs; `context` answers None when this reader gets no panel."""

    template: str
    context: Context
    rank: int


_panels: dict[str, list[Panel]] = {}


def register(noun: str, template: str, context: Context, *, rank: int = 100) -> None:
    """Add a panel to the page of `noun`; panels stand in the order of `rank`, lowest first."""
    panels = _panels.setdefault(noun, [])
    if all(panel.template != template for panel in panels):
        panels.append(Panel(template, context, rank))
        panels.sort(key=lambda panel: panel.rank)


def render(noun: str, request: HttpRequest, subject: Any) -> SafeString:
    """The panels of one page, for its reader, one after another."""
    shown = []
    for panel in _panels.get(noun, ()):
        context = panel.context(request, subject)
        if context is not None:
            shown.append(render_to_string(panel.template, context, request))
    return mark_safe("".join(shown))  # noqa: S308 - each part was rendered by a template
