"""Static files: a style sheet or script that is written in parts is served as one.

`static/askare/css/askare.css` names its parts in the order in which they hold, and so do the
scripts of `static/askare/js`; browsers get them joined and short, as `askare/askare.css`. The
joined file is written beside the data when somebody asks for it, and again when a part has changed;
collectstatic and whitenoise take it from there.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage, Storage

from core import scripts, stylesheet

# Served name -> the sheet or script that names the parts, or has none.
JOINED = {
    "askare/askare.css": "askare/css/askare.css",
    "askare/site_map.css": "askare/css/site_map.css",
    "askare/askare.js": "askare/js/askare.js",
    "askare/board.js": "askare/js/board.js",
}
PARTS = ("askare/css/", "askare/js/")


# What each joined file was made from, by this process.
_made: dict[Path, tuple[tuple[str, int, int], ...]] = {}


def build(name: str, index: Path) -> Path:
    """The joined file, written when it is not what its parts say."""
    target = Path(settings.STATIC_BUILD) / name
    kind = scripts if index.suffix == ".js" else stylesheet
    stats = [(path, path.stat()) for path in (index, *kind.parts(index))]
    state = tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in stats)
    if _made.get(target) == state and target.is_file():
        return target
    text = kind.joined(index)
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Several processes may do this at once: each writes a whole file, and all are the same.
        number, draft = tempfile.mkstemp(dir=target.parent, suffix=index.suffix)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        Path(draft).chmod(0o644)
        Path(draft).replace(target)
    _made[target] = state
    return target


class PartsFinder(FileSystemFinder):
    """Files of STATICFILES_DIRS, with joined ones in place of their parts."""

    def _indexes(self) -> Iterator[tuple[str, Path]]:
        for name, source in JOINED.items():
            path = super().find(source)
            if path:
                yield name, Path(str(path))

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Where a file lies; of a joined one, where it was written."""
        for name, index in self._indexes():
            if path == name:
                built = str(build(name, index))
                return [built] if find_all else built
        if path.startswith(PARTS):
            return []
        return super().find(path, find_all=True) if find_all else super().find(path)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        """Every file that is served."""
        for name, index in self._indexes():
            build(name, index)
            yield name, FileSystemStorage(location=settings.STATIC_BUILD)
        for path, storage in super().list(ignore_patterns):
            if not path.startswith(PARTS):
                yield path, storage
