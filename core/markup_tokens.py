"""A template as tokens: tags of HTML, tags of Django, words and white space."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

SPACE_CHARS = " \t\r\n\f"
DJANGO = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")
DJANGO_NAME = re.compile(r"\{%\s*(\w+)")
AS_NAME = re.compile(r"\sas(?:var)?\s+\w+\s*%\}$")
TAG_OPEN = re.compile(r"<([a-zA-Z][\w-]*)?")
TAG_CLOSE = re.compile(r"</([a-zA-Z][\w-]*)\s*>")
# Their content is taken as it stands.
VERBATIM = {"pre", "textarea", "script", "style"}
LOOSE_PAIRS = {"if", "for", "with", "ifchanged", "autoescape"}
MIDDLE_TAGS = {"elif", "else", "empty"}
SILENT_TAGS = {"load", "extends", "csrf_token", "htmx_script", "regroup"}
OPAQUE_TAGS = {"comment", "verbatim", "blocktranslate", "blocktrans"}


class Kind(Enum):
    SPACE = "space"
    INK = "ink"
    SILENT = "silent"  # prints nothing
    FORK = "fork"  # {% if %}, {% for %}, {% with %}: prints nothing, its content does
    MIDDLE = "middle"  # {% else %}, {% elif %}, {% empty %}
    JOIN = "join"  # {% endif %} …
    WALL = "wall"  # {% block %}, {% slot %} and their ends: somebody else may fill them
    OPEN = "open"  # "<div"
    SHUT = "shut"  # ">" of an opening tag
    CLOSE = "close"  # "</div>"


@dataclass
class Token:
    kind: Kind
    text: str
    name: str = ""
    inside: bool = False  # between "<div" and ">"
    tag: str = ""  # of OPEN, SHUT and CLOSE: the whole opening tag
    in_row: bool = False  # an element between others of a row, where white space is not shown
    mates: list[int] = field(default_factory=list)  # of FORK and WALL: its branches and its end


class MarkupError(ValueError):
    """A template that cannot be read: the message says where and why."""


class Lexer:
    def __init__(self, source: str) -> None:
        self.source, self.at, self.tokens = source, 0, list[Token]()

    def read(self) -> list[Token]:
        while self.at < len(self.source):
            if not (self._space(inside=False) or self._django(inside=False) or self._html()):
                self._word()
        return self.tokens

    def _add(self, kind: Kind, end: int, name: str = "", *, inside: bool = False) -> None:
        self.tokens.append(Token(kind, self.source[self.at : end], name, inside))
        self.at = end

    def _space(self, *, inside: bool) -> bool:
        end = self.at
        while end < len(self.source) and self.source[end] in SPACE_CHARS:
            end += 1
        if end == self.at:
            return False
        self._add(Kind.SPACE, end, inside=inside)
        return True

    def _django(self, *, inside: bool) -> bool:
        match = DJANGO.match(self.source, self.at)
        if not match:
            return False
        text, end = match.group(), match.end()
        if not text.startswith("{%"):
            kind = Kind.SILENT if text.startswith("{#") else Kind.INK
            self._add(kind, end, inside=inside)
            return True
        found = DJANGO_NAME.match(text)
        name = found.group(1) if found else ""
        if name in OPAQUE_TAGS:
            close = re.compile(r"\{%\s*end" + name + r"\s*%\}").search(self.source, end)
            if not close:
                raise MarkupError(f"{text} has no end")
            silent = name == "comment" or AS_NAME.search(text)
            self._add(Kind.SILENT if silent else Kind.INK, close.end(), name, inside=inside)
        elif name in MIDDLE_TAGS:
            self._add(Kind.MIDDLE, end, name, inside=inside)
        elif name.startswith("end"):
            loose = name.removeprefix("end") in LOOSE_PAIRS
            self._add(Kind.JOIN if loose else Kind.WALL, end, name, inside=inside)
        elif name in LOOSE_PAIRS:
            self._add(Kind.FORK, end, name, inside=inside)
        elif re.search(r"\{%\s*end" + name + r"\b", self.source):
            self._add(Kind.WALL, end, name, inside=inside)
        else:
            silent = name in SILENT_TAGS or AS_NAME.search(text)
            self._add(Kind.SILENT if silent else Kind.INK, end, name, inside=inside)
        return True

    def _html(self) -> bool:
        source = self.source
        if source[self.at] != "<":
            return False
        if source.startswith("<!--", self.at):
            end = source.find("-->", self.at)
            self._add(Kind.SILENT, len(source) if end < 0 else end + 3)
            return True
        if source.startswith("<!", self.at):
            self._add(Kind.CLOSE, source.index(">", self.at) + 1, "html")
            return True
        match = TAG_CLOSE.match(source, self.at)
        if match:
            self._add(Kind.CLOSE, match.end(), match.group(1).lower())
            return True
        match = TAG_OPEN.match(source, self.at)
        if not match or not (match.group(1) or source.startswith("{%", match.end())):
            return False
        self._open((match.group(1) or "").lower(), match.end())
        return True

    def _open(self, name: str, end: int) -> None:
        first, start = len(self.tokens), self.at
        self._add(Kind.OPEN, end, name)
        while not self.source.startswith((">", "/>"), self.at):
            if self.at >= len(self.source):
                raise MarkupError(f"<{name} has no end: {self.source[start : start + 60]}")
            if not (self._space(inside=True) or self._django(inside=True)):
                self._attribute()
        self._add(Kind.SHUT, self.source.index(">", self.at) + 1, name)
        self.tokens[first].tag = self.tokens[-1].tag = self.source[start : self.at]
        if name in VERBATIM:
            close = re.compile(rf"</{name}\s*>", re.I).search(self.source, self.at)
            if not close:
                raise MarkupError(f"<{name}> has no end")
            if close.start() > self.at:
                self._add(Kind.INK, close.start(), "verbatim")

    def _attribute(self) -> None:
        """One attribute with its value, or what stands of it before a tag of Django."""
        source, end, quote = self.source, self.at, ""
        while end < len(source):
            django = DJANGO.match(source, end)
            if django and not quote:
                break
            if django:
                end = django.end()
                continue
            char = source[end]
            if not quote and (char in SPACE_CHARS or char == ">" or source.startswith("/>", end)):
                break
            if quote:
                quote = "" if char == quote else quote
            elif char in "\"'":
                quote = char
            end += 1
        if quote or end == self.at:
            raise MarkupError(f"cannot read the attribute {source[self.at : self.at + 60]}")
        self._add(Kind.INK, end, "attribute", inside=True)

    def _word(self) -> None:
        end = self.at + 1
        while end < len(self.source) and self.source[end] not in SPACE_CHARS + "<":
            if DJANGO.match(self.source, end):
                break
            end += 1
        self._add(Kind.INK, end)
