"""The layout of templates: one tag a line, at most 120 characters a line.

    python tools/templates.py             lay out every page under templates/
    python tools/templates.py --check     fail when a page is laid out otherwise, or a line is long
    python tools/templates.py a.html …    these only

A line is broken only where a browser shows no white space, or where white space stands already
(core/markup.py says which is which). A page whose compact form would change is never written, so
nothing here can change what people see. What is left longer than a line is for hands: a tag of
Django cannot be broken ({% url … as name %} or {% with %} shortens it).

Messages (*.txt) are plain text, where every line break counts: only what stands between
{% blocktranslate trimmed %} and its end is broken, and no length is asked for.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from core.loaders import Edges  # noqa: E402 - a tool is started as a file
from core.markup import BLOCK, LINE_BREAK, PLURAL, TRIMMED, Beside, Markup, compact  # noqa: E402
from core.markup_tokens import DJANGO, SPACE_CHARS, Kind, MarkupError  # noqa: E402

WIDTH = 120
STEP = 2


# --------------------------------------------------------------------------- documents


@dataclass(frozen=True)
class Gap:
    """A place where a line may end; `flat` stands there when it does not."""

    flat: str = ""
    must: bool = False
    blank: bool = False


@dataclass(frozen=True)
class Indent:
    body: Doc


@dataclass(frozen=True)
class Group:
    """In one line when it fits, else broken at all its own gaps."""

    body: Doc
    must: bool = False


@dataclass(frozen=True)
class Fill:
    """Parts and gaps by turns; a gap is broken only when the next part does not fit."""

    parts: tuple[Doc, ...]


Doc = str | tuple["Doc", ...] | Gap | Indent | Group | Fill


def breaks(doc: Doc) -> bool:
    """Whether there is a line break in it that must be."""
    if isinstance(doc, str):
        return "\n" in doc
    if isinstance(doc, Gap):
        return doc.must
    if isinstance(doc, Group):
        return doc.must or breaks(doc.body)
    if isinstance(doc, Indent):
        return breaks(doc.body)
    return any(breaks(part) for part in (doc.parts if isinstance(doc, Fill) else doc))


Work = tuple[int, bool, Doc]


def fits(work: list[Work], rest: list[Work], room: int) -> bool:
    """Whether the work, and what follows up to the next possible line end, fits into the room."""
    stack, below = list(work), len(rest)
    while room >= 0:
        if not stack:
            if not below:
                return True
            below -= 1
            stack.append(rest[below])
        indent, flat, doc = stack.pop()
        if isinstance(doc, str):
            room -= len(doc)
        elif isinstance(doc, Gap):
            if doc.must or not flat:
                return True
            room -= len(doc.flat)
        elif isinstance(doc, Indent):
            stack.append((indent, flat, doc.body))
        elif isinstance(doc, Group):
            # What follows is taken as one line where it can be: the outer tag is broken first.
            stack.append((indent, not breaks(doc), doc.body))
        else:
            parts = doc.parts if isinstance(doc, Fill) else doc
            stack.extend((indent, flat, part) for part in reversed(parts))
    return False


def render(doc: Doc) -> str:
    """The lines of a document."""
    out: list[str] = []
    column = 0
    stack: list[Work] = [(0, False, doc)]
    while stack:
        indent, flat, doc = stack.pop()
        if isinstance(doc, str):
            out.append(doc)
            column = len(doc) - doc.rfind("\n") - 1 if "\n" in doc else column + len(doc)
        elif isinstance(doc, Gap):
            if flat and not doc.must:
                out.append(doc.flat)
                column += len(doc.flat)
            else:
                out.append(("\n\n" if doc.blank else "\n") + " " * indent)
                column = indent
        elif isinstance(doc, Indent):
            stack.append((indent + STEP, flat, doc.body))
        elif isinstance(doc, Group):
            whole: list[Work] = [(indent, True, doc.body)]
            one_line = not breaks(doc) and (flat or fits(whole, stack, WIDTH - column))
            stack.append((indent, one_line, doc.body))
        elif isinstance(doc, Fill):
            stack.extend(_fill(doc, (indent, flat), stack, WIDTH - column))
        else:
            stack.extend((indent, flat, part) for part in reversed(doc))
    return "\n".join(line.rstrip(SPACE_CHARS) for line in "".join(out).split("\n"))


def _fill(doc: Fill, mode: tuple[int, bool], stack: list[Work], room: int) -> list[Work]:
    """The next part, or the next gap with the part behind it; what is left comes below."""
    indent, flat = mode
    if not doc.parts:
        return []
    first, *rest = doc.parts
    if not isinstance(first, Gap):
        return [(indent, flat, Fill(tuple(rest))), (indent, flat, first)]
    left: Work = (indent, flat, Fill(tuple(rest[1:])))
    together: list[Work] = [(indent, True, rest[0]), (indent, True, first)]
    one_line = not breaks(first) and not breaks(rest[0])
    one_line = one_line and (flat or fits(together, [*stack, left], room))
    return [left, (indent, flat, rest[0]), (indent, one_line, first)]


# --------------------------------------------------------------------------- pages

# Each of these starts a line of its own.
ALONE = {"button", "select", "textarea"}
BUTTON = re.compile(r"""\sclass=["'](?:[^"']*\s)?btn[\s"']""")
COMMENT = re.compile(r"(\{% comment %\})([^\n]*)(\{% endcomment %\})")
INCLUDE = re.compile(r"""\{%\s*include\s+["']([^"']+)["']""")


@dataclass
class Node:
    doc: Doc
    start: int  # first token
    end: int  # behind the last one
    alone: bool = False  # stands in a line of its own where it can
    ends_line: bool = False


class Page:
    """The document of a page."""

    def __init__(self, source: str, edges: Edges) -> None:
        self.edges = edges
        self.markup = Markup(source, edges)
        self.tokens = self.markup.tokens

    def document(self) -> Doc:
        """The whole page; it ends with a line end unless that would show."""
        count = len(self.tokens)
        first, last = self._gap(0, 0), self._gap(count, count)
        nodes = self._nodes(0, count)
        start: Doc = Gap(must=True) if first and first.flat else ""
        end: Doc = Gap(must=True) if last else ""
        return (start, self._sequence(nodes), end)

    # ---------------------------------------------------------------- gaps

    def _gap(self, end: int, start: int) -> Gap | None:
        """The gap between the token before `end` and token `start`; None: no line may end here."""
        tokens = self.tokens
        while end > 0 and tokens[end - 1].kind is Kind.SPACE:
            end -= 1
        while start < len(tokens) and tokens[start].kind is Kind.SPACE:
            start += 1
        spaces = range(end, start)
        if not spaces:
            return Gap() if self.markup.may_break(start) else None
        flat = " " if any(self.markup.shown(i) for i in spaces) else ""
        return Gap(flat, blank=any(tokens[i].text.count("\n") > 1 for i in spaces))

    def _place(self, gap: Gap | None, *, must: bool) -> Doc:
        """The gap as a document; a blank line stays only where a line must end."""
        return Gap(gap.flat, must=must, blank=gap.blank and must) if gap else ""

    # ---------------------------------------------------------------- nodes

    def _nodes(self, start: int, end: int) -> list[Node]:
        nodes = []
        i = start
        while i < end:
            token = self.tokens[i]
            if token.kind is Kind.SPACE:
                i += 1
                continue
            if token.kind is Kind.OPEN:
                node = self._element(i)
            elif token.kind in (Kind.FORK, Kind.WALL) and token.mates:
                node = self._control(i)
            else:
                node = self._single(i)
            nodes.append(node)
            i = node.end
        return nodes

    def _sequence(self, nodes: list[Node]) -> Doc:
        parts: list[Doc] = []
        chain: list[Doc] = []
        for node, following in zip(nodes, [*nodes[1:], None], strict=True):
            chain.append(node.doc)
            gap = self._gap(node.end, following.start) if following else None
            if following and gap:
                own_line = node.alone or node.ends_line or following.alone
                parts += [tuple(chain), self._place(gap, must=own_line)]
                chain = []
        return Fill((*parts, tuple(chain)))

    def _body(self, start: int, end: int, *, indent: bool = True) -> tuple[Doc, bool]:
        """Content between two tags with the gaps around it, and whether it needs lines."""
        nodes = self._nodes(start, end)
        if not nodes:
            gap = self._gap(start, end)
            return (gap.flat if gap else ""), False
        lines = any(n.alone for n in nodes)
        first, last = self._gap(start, nodes[0].start), self._gap(nodes[-1].end, end)
        first, last = (Gap(g.flat) if g else None for g in (first, last))
        inner: Doc = (self._place(first, must=lines), self._sequence(nodes))
        if indent:
            inner = Indent(inner)
        return (inner, self._place(last, must=lines)), lines

    def _single(self, i: int) -> Node:
        token = self.tokens[i]
        doc: Doc = token.text
        alone = token.kind is Kind.SILENT and not token.inside
        if token.name == "comment":
            doc = _comment(token.text)
        elif token.name == "attribute":
            doc = self._attribute(token.text)
        elif token.name in ("blocktranslate", "blocktrans"):
            doc = self._translation(token.text)
        elif token.kind is Kind.CLOSE:
            alone = token.name in BLOCK
        match = INCLUDE.match(token.text)
        if match:
            edges = self.edges(match.group(1))
            words = Beside.SPACE | Beside.INK
            alone = edges is not None and not (edges[0] | edges[1]) & words
        return Node(doc, i, i + 1, alone)

    def _attribute(self, text: str) -> Doc:
        """Line ends in a value count as a space, so a long value is broken at its spaces."""
        words = [""]
        at = 0
        for match in re.finditer(DJANGO.pattern + r"|\s*\n\s*|(?<=\S) (?=\S)", text):
            words[-1] += text[at : match.start()]
            at = match.end()
            if match.group().startswith("{"):
                words[-1] += match.group()
            else:
                words.append("")
        words[-1] += text[at:]
        return Indent(_words(words))

    def _translation(self, text: str) -> Doc:
        trimmed = TRIMMED.fullmatch(text)
        if not trimmed:
            return text
        start, body, end = trimmed.groups()
        parts: list[Doc] = [start]
        for part in PLURAL.split(body):
            if PLURAL.match(part):
                parts.append(part)
            else:
                words = re.split(r"\s*\n\s*|(?<=\S) (?=\S)", _joined(part.strip()))
                parts += [Indent((Gap(), _words([w.replace("\0", " ") for w in words]))), Gap()]
        return Group((*parts, end))

    def _open_tag(self, start: int, shut: int) -> Doc:
        nodes = self._nodes(start + 1, shut)
        opening, closing = self.tokens[start].text, self.tokens[shut].text
        parts: list[Doc] = []
        end = start + 1
        for node in nodes:
            gap = self._gap(end, node.start)
            parts += [self._place(gap, must=False), node.doc]
            end = node.end
        last = self._gap(end, shut) if nodes else None
        return Group((opening, Indent(tuple(parts)), self._place(last, must=False), closing))

    def _element(self, i: int) -> Node:
        token = self.tokens[i]
        shut = i + 1
        while self.tokens[shut].kind is not Kind.SHUT:
            shut += 1
        tag = self._open_tag(i, shut)
        hidden = self.markup.hidden(i)
        alone = token.name in BLOCK | ALONE or bool(BUTTON.search(token.tag)) or hidden
        if token.name == "br":
            return Node(tag, i, shut + 1, ends_line=True)
        close = self.markup.pairs.get(i)
        if close is None:
            return Node(tag, i, shut + 1, alone)
        closing = self.tokens[close].text
        if shut + 1 < len(self.tokens) and self.tokens[shut + 1].name == "verbatim":
            return Node((tag, self.tokens[shut + 1].text, closing), i, close + 1, alone)
        body, lines = self._body(shut + 1, close)
        return Node(Group((tag, body, closing), must=lines), i, close + 1, alone or lines)

    def _control(self, i: int) -> Node:
        """{% if %} … {% else %} … {% endif %}, or any other pair of Django's."""
        opener = self.tokens[i]
        indent = not (self.markup.extends and i in self.markup.top_walls)
        marks = [i, *opener.mates]
        parts: list[Doc] = []
        lines = False
        for here, following in zip(marks, marks[1:], strict=False):
            body, needs = self._body(here + 1, following, indent=indent)
            parts += [self.tokens[here].text, body]
            lines = lines or needs
        parts.append(self.tokens[marks[-1]].text)
        alone = lines or opener.name == "block"
        return Node(Group(tuple(parts), must=lines), i, marks[-1] + 1, alone)


def _comment(text: str) -> str:
    """A comment in one long line gets lines of its own."""
    match = COMMENT.fullmatch(text)
    if not match or len(text) <= WIDTH - 4 * STEP:
        return text
    lines = textwrap.wrap(match.group(2).strip(), WIDTH, break_long_words=False)
    return "\n".join([match.group(1), *lines, match.group(3)])


def _joined(text: str) -> str:
    """The text with the spaces inside Django's tags hidden from the splitting of words."""
    return DJANGO.sub(lambda m: m.group().replace(" ", "\0"), text)


def _words(words: list[str]) -> Doc:
    parts: list[Doc] = []
    for word in words:
        parts += [Gap(" "), word] if parts else [word]
    return Fill(tuple(parts))


def layout(source: str, edges: Edges) -> str:
    """The page laid out; raises MarkupError when that cannot be done without changing it."""
    result = render(Page(source, edges).document())
    if compact(result, edges) != compact(source, edges):
        raise MarkupError("its layout would change the page")
    return result


TRANSLATION = re.compile(
    r"\{%\s*blocktrans(?:late)?\b(?:(?!%\}).)*?\btrimmed\b.*?\{%\s*endblocktrans(?:late)?\s*%\}",
    re.DOTALL,
)


def layout_message(source: str) -> str:
    """A message with the texts of its long lines broken where `trimmed` joins them again."""

    def lines(match: re.Match[str]) -> str:
        start = source.rfind("\n", 0, match.start()) + 1
        end = source.find("\n", match.end())
        around = source[start : end if end >= 0 else None].split("\n")
        trimmed = TRIMMED.fullmatch(match.group())
        if trimmed is None or max(map(len, around)) <= WIDTH:
            return match.group()
        first, body, last = trimmed.groups()
        parts = [p if PLURAL.match(p) else _wrapped(p) for p in PLURAL.split(body)]
        return first + "".join(parts) + last

    return TRANSLATION.sub(lines, source)


def _wrapped(text: str) -> str:
    hidden = _joined(LINE_BREAK.sub(" ", text.strip()))
    # Two spaces side by side are part of the text.
    words = re.split(r"(?<=\S) (?=\S)", hidden)
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) + 1 > WIDTH:
            lines.append(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return "\n" + "\n".join(lines).replace("\0", " ") + "\n"


# --------------------------------------------------------------------------- the command


def long_lines(path: Path, text: str) -> list[str]:
    """Lines that are too long, by name and number."""
    return [
        f"{path}:{number}: {len(line)} characters, at most {WIDTH}"
        for number, line in enumerate(text.split("\n"), 1)
        if len(line) > WIDTH
    ]


def run(root: Path, paths: list[Path], *, check: bool) -> list[str]:
    """Lay out the files, or only look; what is wrong comes back in words."""
    problems = []
    for path in paths:
        name = path.relative_to(root.parent) if path.is_relative_to(root.parent) else path
        text = path.read_text(encoding="utf-8")
        page = path.suffix == ".html"
        try:
            # Others' edges may have changed by what was just written.
            result = layout(text, Edges([root])) if page else layout_message(text)
        except MarkupError as fault:
            problems.append(f"{name}: {fault}")
            continue
        if result != text and check:
            problems.append(f"{name}: not laid out; run: .venv/bin/python tools/templates.py")
            continue
        if result != text:
            path.write_text(result, encoding="utf-8")
        if page:
            problems += long_lines(name, result)
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    root = ROOT / "templates"
    every = [path for suffix in ("*.html", "*.txt") for path in sorted(root.rglob(suffix))]
    problems = run(root, [p.resolve() for p in options.files] or every, check=options.check)
    for problem in problems:
        sys.stderr.write(problem + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
