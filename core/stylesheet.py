"""Style sheets: read, joined from their parts, and written short for browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SPACE = re.compile(r"\s+")
IMPORT = re.compile(r"""@import\s+["']([\w./-]+\.css)["']""")
_CLOSING = {"(": ")", "[": "]"}


class StyleError(ValueError):
    """A style sheet that cannot be read."""


@dataclass
class Comment:
    text: str


@dataclass
class Declaration:
    """`color:red`, or a rule without a block: `@import "a.css"`."""

    text: str


@dataclass
class Block:
    """A rule or a @media with what is in it."""

    prelude: str
    body: list[Node] = field(default_factory=list)


Node = Comment | Declaration | Block


class _Reader:
    def __init__(self, source: str) -> None:
        self.source, self.at = source, 0

    def nodes(self, *, inside: bool = False) -> list[Node]:
        found: list[Node] = []
        while True:
            self._skip()
            if self.at >= len(self.source):
                if inside:
                    raise StyleError("a block has no end")
                return found
            if self.source[self.at] == "}":
                if not inside:
                    raise StyleError(f"a block too many ends before {self.source[self.at :][:40]}")
                self.at += 1
                return found
            if self.source.startswith("/*", self.at):
                end = self.source.index("*/", self.at) + 2
                found.append(Comment(self.source[self.at : end]))
                self.at = end
                continue
            text, stop = self._upto()
            if stop == "{":
                found.append(Block(text, self.nodes(inside=True)))
            elif text:
                found.append(Declaration(text))

    def _skip(self) -> None:
        while self.at < len(self.source) and self.source[self.at] in " \t\r\n\f;":
            self.at += 1

    def _upto(self) -> tuple[str, str]:
        """Text up to ";", "{" or "}", which is left where it closes a block."""
        start = self.at
        for part, depth in pieces(self.source, start):
            if depth == 0 and part in ";{}":
                text = SPACE.sub(" ", self.source[start : self.at]).strip()
                self.at += part != "}"
                return text, part
            self.at += len(part)
        return SPACE.sub(" ", self.source[start:]).strip(), ""


def pieces(source: str, at: int = 0) -> Iterator[tuple[str, int]]:
    """Characters, with strings whole, and how many brackets stand around each."""
    depth = 0
    while at < len(source):
        char = source[at]
        end = at + 1
        if char in "\"'":
            end = source.index(char, end) + 1
        elif char in _CLOSING:
            depth += 1
        elif char in ")]":
            depth -= 1
        yield source[at:end], depth
        at = end


def read(source: str) -> list[Node]:
    """The rules of a style sheet."""
    return _Reader(source).nodes()


def _outside_strings(pattern: str, text: str, by: str) -> str:
    parts = re.split(r"(\"[^\"]*\"|'[^']*')", text)
    return "".join(p if i % 2 else re.sub(pattern, by, p) for i, p in enumerate(parts))


def short_prelude(text: str) -> str:
    """A selector or a condition without spaces that mean nothing."""
    if text.startswith("@"):
        return _outside_strings(r"\s*([:,])\s*", text, r"\1")
    text = _outside_strings(r"\s*,\s*", text, ",")
    marked = (f"\0{p}\0" if depth == 0 and p in ">+~" else p for p, depth in pieces(text))
    return re.sub(r" ?\0 ?", "", "".join(marked))


def short_declaration(text: str) -> str:
    """A declaration without spaces that mean nothing."""
    name, colon, value = text.partition(":")
    if not colon or text.startswith("@"):
        return text
    value = _outside_strings(r"\s*,\s*", value.strip(), ",")
    value = _outside_strings(r"\s*!important", value, "!important")
    return f"{name.strip()}:{value}"


def compact(nodes: list[Node]) -> str:
    """The rules in the fewest characters, in their order; comments are left out."""
    out: list[str] = []
    waiting = ""  # between two declarations
    for node in nodes:
        if isinstance(node, Declaration):
            out.append(waiting + short_declaration(node.text))
            waiting = ";"
        elif isinstance(node, Block):
            out.append(f"{waiting}{short_prelude(node.prelude)}{{{compact(node.body)}}}")
            waiting = ""
    return "".join(out)


def parts(index: Path) -> list[Path]:
    """The files that a style sheet imports, in their order; one that imports none is itself."""
    nodes = [n for n in read(index.read_text(encoding="utf-8")) if not isinstance(n, Comment)]
    names = [IMPORT.fullmatch(n.text) if isinstance(n, Declaration) else None for n in nodes]
    if not any(names):
        return [index]
    if not all(names):
        raise StyleError(f"{index.name}: only @import may stand beside @import")
    return [index.parent / name.group(1) for name in names if name]


def joined(index: Path) -> str:
    """One style sheet of all that it imports, a line for each rule."""
    nodes = [node for part in parts(index) for node in read(part.read_text(encoding="utf-8"))]
    rules = [node for node in nodes if not isinstance(node, Comment)]
    return "".join(compact([rule]) + "\n" for rule in rules)
