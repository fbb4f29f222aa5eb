"""White space in templates: which of it a browser shows, and which it does not.

A template is read into tokens (tags of HTML, tags of Django, words, white space). Then two walks
along every path through its {% if %} and {% for %} find what stands before and behind each place.
White space beside a block element, or behind other white space, is never shown:

* `compact` takes it out. The loader of templates uses this, so that pages do not carry the
  indentation of their sources (core/loaders.py).
* `tools/templates.py` may break a line exactly there, and where white space stands already. It
  changes no file whose compact form would change: so formatting cannot change a page.

What counts as a block element is HTML's own rule, except for what our style sheet makes of labels
(`BLOCK_BY_STYLE`), of buttons (`BUTTON_CLASS`) and of rows of buttons (`ROW_CLASS`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from core.markup_tokens import OPAQUE_TAGS, VERBATIM, Kind, Lexer, MarkupError, Token

INCLUDE = re.compile(r"""\{%\s*include\s+(["'])([^"']+)\1""")
HIDDEN = re.compile(r"""\stype=["']?hidden\b""")
BUTTON_CLASS = re.compile(r"""\sclass=["'](?:[^"']*\s)?btn[\s"']""")

ROW_CLASS = re.compile(r"""\sclass=["'](?:[^"']*\s)?(?:btnrow|toolbar|group)[\s"']""")
TITLE = re.compile(r"\{%\s*block title\s*%\}")

VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
}  # fmt: skip
BLOCK_BY_STYLE = {"label"}  # static/askare/css/forms.css: label{display:block}
BLOCK = BLOCK_BY_STYLE | {
    "address", "article", "aside", "base", "blockquote", "body", "br", "caption", "col",
    "colgroup", "datalist", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "header", "hr", "html", "legend", "li", "link", "main", "meta", "nav", "ol", "optgroup",
    "option", "p", "script", "section", "style", "summary", "table", "tbody", "td", "template",
    "tfoot", "th", "thead", "title", "tr", "ul",
    # inside a drawing no text is shown
    "circle", "ellipse", "g", "line", "path", "polygon", "polyline", "rect", "use",
}  # fmt: skip
# Words beside them, but white space at their inner edges is not shown.
BOX = {"button", "select", "svg"}

BRANCH_TAGS = {"if": {"elif", "else"}, "ifchanged": {"else"}, "for": {"empty"}}


class Beside:
    """What may stand at a place, seen along every path that leads there.

    Plain numbers that are added up as bits: an IntFlag made reading a page four times as slow.
    """

    EDGE = 1  # of a block element: white space is not shown
    SPACE = 2
    INK = 4
    END = 8  # of an HTML tag
    OUTSIDE = 16  # the edge of this file: whatever stands around its include


# What an included file shows first and last, by its name; None: not known.
Edges = Callable[[str], "tuple[int, int] | None"]


# --------------------------------------------------------------------------- reading


# --------------------------------------------------------------------------- paths


def _outer(token: Token) -> int | None:
    """What an HTML tag is for its neighbour outside; None: it shows nothing."""
    if HIDDEN.search(token.tag):
        return None
    return Beside.EDGE if token.name in BLOCK or token.in_row else Beside.INK


def _inner(token: Token) -> int:
    """What an HTML tag is for its content."""
    if token.name in VERBATIM:
        return Beside.INK
    box = token.name in BLOCK | BOX or BUTTON_CLASS.search(token.tag)
    return Beside.EDGE if box else Beside.INK


class Markup:
    """The tokens of a template, and what may stand before and behind each of them."""

    def __init__(self, source: str, edges: Edges | None = None) -> None:
        self.edges_of = edges or (lambda _name: None)
        self.tokens = Lexer(source).read()
        self.extends = any(t.name == "extends" for t in self.tokens)
        self.before: list[set[int]] = [set() for _ in range(len(self.tokens) + 1)]
        self.behind: list[set[int]] = [set() for _ in range(len(self.tokens) + 1)]
        self.pairs: dict[int, int] = {}  # of HTML: opening tag -> closing tag
        self.openers: dict[int, int] = {}  # of Django's: end -> beginning
        self.top_walls = set[int]()
        self._pair()
        self._link()
        self._find_unseen()

    def _pair(self) -> None:
        """Which tag ends which; an element is whole only inside one branch of {% if %}."""
        stack = list[int]()
        for i, token in enumerate(self.tokens):
            if token.kind is Kind.OPEN:
                token.in_row = self._in_row(stack)
                if token.name and not lone(token):
                    stack.append(i)
            elif token.kind is Kind.SHUT and lone(token):
                token.in_row = self._in_row(stack)
            elif token.kind is Kind.CLOSE:
                self._close(i, stack)
            elif token.kind in (Kind.FORK, Kind.WALL) and not token.name.startswith("end"):
                within = any(self._pairs_django(j) for j in stack)
                if token.kind is Kind.WALL and not within:
                    self.top_walls.add(i)
                stack.append(i)
            elif token.kind in (Kind.MIDDLE, Kind.JOIN, Kind.WALL):
                self._mate(i, stack)
        left = [self.tokens[i] for i in stack if self._pairs_django(i)]
        if left:
            raise MarkupError(f"{left[0].text} has no end")

    def _in_row(self, stack: list[int]) -> bool:
        for i in reversed(stack):
            if self.tokens[i].kind is not Kind.FORK:
                return bool(ROW_CLASS.search(self.tokens[i].tag))
        return False

    def _pairs_django(self, i: int) -> bool:
        return self.tokens[i].kind is not Kind.OPEN

    def _close(self, i: int, stack: list[int]) -> None:
        for depth in range(len(stack) - 1, -1, -1):
            opener = self.tokens[stack[depth]]
            if opener.kind is not Kind.OPEN:
                return
            if opener.name == self.tokens[i].name:
                self.pairs[stack[depth]] = i
                self.tokens[i].tag, self.tokens[i].in_row = opener.tag, opener.in_row
                del stack[depth:]
                return

    def _mate(self, i: int, stack: list[int]) -> None:
        token = self.tokens[i]
        while stack and not self._pairs_django(stack[-1]):
            stack.pop()
        if not stack:
            raise MarkupError(f"{token.text} without its beginning")
        opener = self.tokens[stack[-1]]
        opener.mates.append(i)
        if opener.inside != token.inside:
            raise MarkupError(f"{opener.text}: one branch opens an HTML tag, another does not")
        if token.kind is Kind.MIDDLE:
            if token.name not in BRANCH_TAGS.get(opener.name, ()):
                raise MarkupError(f"{token.text} inside {opener.text}")
            return
        if token.name != f"end{opener.name}":
            raise MarkupError(f"{token.text} ends {opener.text}")
        if stack[-1] in self.top_walls:
            self.top_walls.add(i)
        self.openers[i] = stack[-1]
        stack.pop()

    def _way(self, start: int, to: int) -> None:
        self.behind[start].add(to)
        self.before[to].add(start)

    def _link(self) -> None:
        """Where a reader of the page may come from and go to (the last place is the end)."""
        count = len(self.tokens)
        for i, token in enumerate(self.tokens):
            if i + 1 == count or self.tokens[i + 1].kind is not Kind.MIDDLE:
                self._way(i, i + 1)
            if token.kind is Kind.FORK and token.name in BRANCH_TAGS:
                self._link_fork(i)

    def _link_fork(self, i: int) -> None:
        *branches, end = self.tokens[i].mates
        starts = [i, *branches]
        for start, following in zip(starts, [*branches, end], strict=True):
            # A branch that is taken leads to the end, one that is not to the next branch.
            self._way(following - 1, end)
            last_resort = self.tokens[start].name in ("else", "empty")
            if not last_resort:
                self._way(start, following)
        if self.tokens[i].name == "for":
            last = (branches[0] if branches else end) - 1
            if last != i:
                self._way(last, i)

    def _find_unseen(self) -> None:
        """A page that extends another shows only what stands in its blocks."""
        self.unseen = set[int]()
        depth = 0
        for i, token in enumerate(self.tokens):
            if token.kind is Kind.WALL:
                depth += -1 if token.name.startswith("end") else 1
            elif self.extends and depth == 0:
                self.unseen.add(i)

    def _walk(self, step: Callable[[int, int], int], *, back: bool) -> tuple[list[int], list[int]]:
        """For each token: what a reader has met when he comes to it, and when he has passed it."""
        count = len(self.tokens)
        into = self.behind if back else self.before
        start = count if back else 0
        met, passed = [0] * (count + 1), [0] * (count + 1)
        border = Beside.EDGE if self.extends else Beside.OUTSIDE
        order = range(count, -1, -1) if back else range(count + 1)
        changed = True
        while changed:
            changed = False
            for i in order:
                state = border if i == start else 0
                for j in into[i]:
                    state |= passed[j]
                out = step(i, state) if i < count else state
                if state != met[i] or out != passed[i]:
                    met[i], passed[i], changed = state, out, True
        return met, passed

    def _text_step(self, i: int, state: int, *, back: bool) -> int:
        token = self.tokens[i]
        if token.inside or not state:
            return state
        if i in self.unseen:
            return Beside.EDGE
        if token.kind is Kind.SPACE and not back:
            # Behind white space: an edge hides it, anything else makes it count.
            spaced = Beside.SPACE if state & ~Beside.EDGE else 0
            return (state & Beside.EDGE) | spaced
        if token.kind is Kind.INK:
            return self._ink_step(token, state, back=back)
        if token.kind is Kind.WALL:
            return self._wall_step(i, back=back)
        return self._tag_step(token, state, back=back)

    def _tag_step(self, token: Token, state: int, *, back: bool) -> int:
        if token.kind is Kind.OPEN:
            return (_outer(token) or state) if back else state
        if token.kind is Kind.SHUT and not back:
            return (_outer(token) or state) if lone(token) else _inner(token)
        if token.kind is Kind.CLOSE:
            return _inner(token) if back else _outer(token) or Beside.INK
        return state

    def _wall_step(self, i: int, *, back: bool) -> int:
        """A block may be filled by another page, and then stands among what is not known here."""
        outwards = self.tokens[i].name.startswith("end") != back
        if outwards:
            return Beside.EDGE if self.extends and i in self.top_walls else Beside.INK
        opener = i if self.tokens[i].mates else self.openers[i]
        # Browsers take white space at the edges of a title away.
        return Beside.EDGE if TITLE.match(self.tokens[opener].text) else Beside.INK

    def _ink_step(self, token: Token, state: int, *, back: bool) -> int:
        match = INCLUDE.match(token.text)
        edges = self.edges_of(match.group(2)) if match else None
        if edges is None:
            return Beside.INK
        edge = edges[0 if back else 1]
        return (edge & ~Beside.OUTSIDE) | (state if edge & Beside.OUTSIDE else 0)

    def _inside_step(self, i: int, state: int, gone: set[int]) -> int:
        token = self.tokens[i]
        if token.kind is Kind.SPACE and token.inside:
            return state if i in gone else Beside.SPACE
        if token.kind is Kind.SHUT:
            # "rx=3 />" without its space would be another value.
            return Beside.END if token.text == ">" else Beside.INK
        if token.kind in (Kind.FORK, Kind.MIDDLE, Kind.JOIN, Kind.SILENT):
            return state
        return Beside.INK

    @cached_property
    def _text(self) -> tuple[list[int], list[int]]:
        return self._walk(lambda i, s: self._text_step(i, s, back=False), back=False)

    @cached_property
    def _text_back(self) -> tuple[list[int], list[int]]:
        return self._walk(lambda i, s: self._text_step(i, s, back=True), back=True)

    @cached_property
    def _inside_back(self) -> tuple[list[int], list[int]]:
        return self._walk(lambda i, s: self._inside_step(i, s, set()), back=True)

    @cached_property
    def _inside(self) -> tuple[list[int], list[int]]:
        gone = {
            i
            for i, token in enumerate(self.tokens)
            if token.kind is Kind.SPACE and token.inside and _only(self._inside_back[0][i], _ENDS)
        }
        return self._walk(lambda i, s: self._inside_step(i, s, gone), back=False)

    # ---------------------------------------------------------------- answers

    def hidden(self, i: int) -> bool:
        """Whether the tag shows nothing where it stands."""
        return _outer(self.tokens[i]) is None

    def edges(self) -> tuple[int, int]:
        """What the file shows first and last."""
        return self._text_back[1][0], self._text[0][len(self.tokens)]

    def shown(self, i: int) -> bool:
        """Whether the white space of token i shows on the page."""
        inside = self.tokens[i].inside
        before = self._inside if inside else self._text
        behind = self._inside_back if inside else self._text_back
        return not _hides(before[0][i], behind[0][i], inside=inside)

    def may_break(self, i: int) -> bool:
        """Whether white space put before token i (or at the end) would not show."""
        if i == 0:
            return False
        last = self.tokens[i - 1]
        here = self.tokens[i] if i < len(self.tokens) else None
        if last.name == "verbatim" or (here is not None and here.name == "verbatim"):
            return False
        inside = last.inside or last.kind is Kind.OPEN
        before = self._inside if inside else self._text
        behind = self._inside_back if inside else self._text_back
        # The first place of a branch: only those who take it come by.
        first = last.kind in (Kind.FORK, Kind.MIDDLE) and i in self.behind[i - 1]
        following = behind[1][i] if first else behind[0][i - 1]
        return _hides(before[1][i - 1], following, inside=inside)


_ENDS = Beside.SPACE | Beside.END


def lone(token: Token) -> bool:
    """Whether a tag has no closing tag."""
    return token.name in VOID or token.tag.endswith("/>")


def _only(state: int, allowed: int) -> bool:
    return bool(state) and not state & ~allowed


def _hides(before: int, behind: int, *, inside: bool) -> bool:
    """Whether white space between the two is not shown."""
    if inside:
        return _only(before, Beside.SPACE) or _only(behind, _ENDS)
    return _only(before, Beside.EDGE | Beside.SPACE) or _only(behind, Beside.EDGE)


# ------------------------------------------------------------------- without what is not shown

LINE_BREAK = re.compile(r"\s*\n\s*")
TRIMMED = re.compile(
    r"(\{%\s*blocktrans(?:late)?\b[^\n]*?\btrimmed\b.*?%\})(.*)(\{%\s*end\w+\s*%\})", re.DOTALL
)
PLURAL = re.compile(r"(\{%\s*plural\b.*?%\})")


def _compact_token(token: Token) -> str:
    if token.name == "attribute":
        return LINE_BREAK.sub(" ", token.text)
    trimmed = TRIMMED.fullmatch(token.text) if token.name in OPAQUE_TAGS else None
    if trimmed:
        start, body, end = trimmed.groups()
        # A text as Django's `trimmed` reads it.
        parts = [LINE_BREAK.sub(" ", part.strip()) for part in PLURAL.split(body)]
        return start + "".join(parts) + end
    return token.text


def compact(source: str, edges: Edges | None = None) -> str:
    """The template without comments and without white space that no reader sees."""
    markup = Markup(source, edges)
    out = []
    for i, token in enumerate(markup.tokens):
        if token.kind is Kind.SPACE:
            out.append(" " if markup.shown(i) else "")
        elif token.name != "comment" and not token.text.startswith("{#"):
            out.append(_compact_token(token))
    return "".join(out)
