"""Scripts: joined from their parts inside one closure, and written shorter for browsers."""

from __future__ import annotations

import re
from pathlib import Path

PART = re.compile(r"""^[ \t]*// part "([\w./-]+\.js)"$""", re.MULTILINE)
CLOSED = re.compile(r"/\*.*?\*/")


def parts(index: Path) -> list[Path]:
    """The files that a script names with `// part "a.js"`, in their order."""
    return [index.parent / name for name in PART.findall(index.read_text(encoding="utf-8"))]


def joined(index: Path) -> str:
    """One script: each part stands where the index names it."""
    # Each piece is made short by itself: in the whole, a line that names a part is a comment.
    pieces = PART.split(index.read_text(encoding="utf-8"))
    for number in range(1, len(pieces), 2):
        pieces[number] = (index.parent / pieces[number]).read_text(encoding="utf-8")
    return "".join(short(piece) for piece in pieces)


def short(source: str) -> str:
    """A script without indents, empty lines and the comments that fill whole lines.

    Line ends stay, so a statement without a semicolon still ends where it did. A script in which
    text may run over a line end is left alone.
    """
    lines = [line.strip(" \t") for line in source.split("\n")]
    if any("`" in line or line.endswith("\\") for line in lines):
        return source
    out: list[str] = []
    inside = False  # a comment that began at the start of a line
    for line in lines:
        if not inside and not line.startswith("/*"):
            if not line or line.startswith("//"):
                continue
            if "/*" in CLOSED.sub("", line):
                return source  # a comment that begins behind code and may go on
            out.append(line + "\n")
            continue
        _, end, behind = line[0 if inside else 2 :].partition("*/")
        if behind.strip():
            return source
        inside = not end
    return source if inside else "".join(out)
