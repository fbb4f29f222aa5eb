"""The layout of style sheets and scripts: one declaration a line, at most 120 characters.

    python tools/styles.py             lay out every style sheet under static/
    python tools/styles.py --check     fail when one is laid out otherwise, or a line is long

A rule of one declaration stands in one line. A sheet whose short form would change is never
written, so nothing here can change what people see. Of scripts only the length of lines is looked
at: people break them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from core.stylesheet import (  # noqa: E402 - a tool is started as a file
    Block,
    Comment,
    Declaration,
    Node,
    StyleError,
    compact,
    pieces,
    read,
    short_declaration,
    short_prelude,
)

WIDTH = 120
STEP = "  "


def _commas(text: str) -> list[str]:
    """Parts between the commas that stand in no bracket."""
    found = [""]
    for part, depth in pieces(text):
        if part == "," and depth == 0:
            found.append("")
        else:
            found[-1] += part
    return found


def _spaced(text: str) -> str:
    """A space behind each comma that stands in no string."""
    return "".join(", " if part == "," else part for part, _ in pieces(text))


def _selector(text: str) -> str:
    marked = (f" {p} " if depth == 0 and p in ">+~" else p for p, depth in pieces(text))
    return _spaced("".join(marked)).strip()


def _prelude(text: str, indent: str) -> str:
    short = short_prelude(text)
    if short.startswith("@"):
        return indent + _spaced(short.replace(":", ": "))
    parts = [_selector(part) for part in _commas(short)]
    one = indent + ", ".join(parts)
    return one if len(one) + 2 <= WIDTH else ",\n".join(indent + part for part in parts)


def _declaration(text: str, indent: str) -> str:
    short = short_declaration(text)
    name, colon, value = short.partition(":")
    if not colon or short.startswith("@"):
        return f"{indent}{short};"
    value = _spaced(value).replace("!important", " !important")
    line = f"{indent}{name}: {value};"
    if len(line) <= WIDTH:
        return line
    return _broken(f"{indent}{name}:", value, indent + STEP)


def _broken(start: str, value: str, indent: str) -> str:
    """A long value over several lines, broken where a space stands in no string."""
    words = [""]
    for part, depth in pieces(value):
        if part == " " and depth <= 1:
            words.append("")
        else:
            words[-1] += part
    lines = [start]
    for word in words:
        if len(lines) == 1 or len(lines[-1]) + len(word) + 2 > WIDTH:
            lines.append(indent + word)
        else:
            lines[-1] += f" {word}"
    return "\n".join(lines) + ";"


def _comment(text: str, indent: str) -> str:
    lines = [line.strip() for line in text.split("\n")]
    return "\n".join(indent + (line if i == 0 else f"   {line}") for i, line in enumerate(lines))


def _lines(nodes: list[Node], indent: str = "") -> str:
    out: list[str] = []
    last: Node | None = None
    last_long = False
    for node in nodes:
        if isinstance(node, Comment):
            text = _comment(node.text, indent)
        elif isinstance(node, Declaration):
            text = _declaration(node.text, indent)
        else:
            text = _block(node, indent)
        long = isinstance(node, Block) and "\n" in text
        apart = (long or last_long) and not isinstance(last, Comment)
        apart = apart or (isinstance(node, Comment) and isinstance(last, Block))
        if last is not None and apart:
            out.append("")
        out.append(text)
        last, last_long = node, long
    return "\n".join(out)


def _block(node: Block, indent: str) -> str:
    prelude = _prelude(node.prelude, indent)
    only = node.body[0] if len(node.body) == 1 else None
    if isinstance(only, Declaration):
        one = f"{prelude} {{ {_declaration(only.text, '')} }}"
        if "\n" not in one and len(one) <= WIDTH:
            return one
    return f"{prelude} {{\n{_lines(node.body, indent + STEP)}\n{indent}}}"


def layout(source: str) -> str:
    """The style sheet laid out; raises StyleError when that cannot be done without changing it."""
    result = _lines(read(source)) + "\n"
    if compact(read(result)) != compact(read(source)):
        raise StyleError("its layout would change the style sheet")
    return result


def run(paths: list[Path], *, check: bool) -> list[str]:
    """Lay out the files, or only look; what is wrong comes back in words."""
    problems = []
    for path in paths:
        name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".css":
            try:
                result = layout(text)
            except (StyleError, ValueError) as fault:
                problems.append(f"{name}: {fault}")
                continue
            if result != text and check:
                problems.append(f"{name}: not laid out; run: .venv/bin/python tools/styles.py")
                continue
            if result != text:
                path.write_text(result, encoding="utf-8")
                text = result
        problems += [
            f"{name}:{number}: {len(line)} characters, at most {WIDTH}"
            for number, line in enumerate(text.split("\n"), 1)
            # A picture in an address cannot be broken.
            if len(line) > WIDTH and "url(" not in line
        ]
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    static = ROOT / "static"
    paths = [*sorted(static.rglob("*.css")), *sorted(static.rglob("*.js"))]
    problems = run(paths, check=options.check)
    for problem in problems:
        sys.stderr.write(problem + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
