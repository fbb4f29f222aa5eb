"""Templates as they are compiled: without the indentation that only their readers need.

The work is done once for each template, when it is compiled; Django's cached loader keeps the
result. With DEBUG on, templates are taken as they stand, so that line numbers of errors are right:
a page looks the same, it only carries more white space.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from django.template import Origin
from django.template.loaders import filesystem

from core.markup import Markup, compact
from core.markup_tokens import MarkupError


class Edges:
    """What the templates of some folders show first and last; each is read once."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders
        self.known: dict[str, tuple[int, int] | None] = {}

    def __call__(self, name: str) -> tuple[int, int] | None:
        if name not in self.known:
            self.known[name] = None  # while it is read: it may include itself
            paths = [folder / name for folder in self.folders if (folder / name).is_file()]
            if paths:
                markup = Markup(paths[0].read_text(encoding="utf-8"), self)
                self.known[name] = None if markup.extends else markup.edges()
        return self.known[name]


class Loader(filesystem.Loader):
    """Django's loader of the folders in DIRS; pages come compact."""

    @cached_property
    def edges(self) -> Edges:
        return Edges([Path(folder) for folder in self.get_dirs()])

    def get_contents(self, origin: Origin) -> str:
        """Source of a template, ready to be compiled."""
        source = super().get_contents(origin)
        name = str(origin.template_name or origin.name)
        if self.engine.debug or not name.endswith(".html"):
            return source
        try:
            return compact(source, self.edges)
        except MarkupError as fault:
            raise MarkupError(f"{name}: {fault}") from fault
