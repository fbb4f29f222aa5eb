"""Scripts: parts are served as one, in their order and with the same code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from core import staticfiles
from core.scripts import joined, parts, short

FOLDER = settings.BASE_DIR / "static" / "askare" / "js"
INDEXES = [FOLDER / "askare.js", FOLDER / "board.js"]


@pytest.fixture
def script(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "static" / "askare" / "js"
    (folder / "board").mkdir(parents=True)
    (folder / "board" / "one.js").write_text("/* first */\nvar a = 1;\n")
    (folder / "board" / "two.js").write_text("if (a) {\n  a = 2;\n}\n")
    index = '(function () {\n  // part "board/one.js"\n\n  // part "board/two.js"\n})();\n'
    (folder / "board.js").write_text(index)
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATIC_BUILD = tmp_path / "build"
    return folder


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("/* a\n   b */\n  x();\n\n  // c\n  y();\n", "x();\ny();\n"),
        ("/* a */\n/* // b\n*/\nx(); /* c */ // d\n", "x(); /* c */ // d\n"),
        ("return\n  /* a */\n  x\n", "return\nx\n"),
        ('x("// a", "/* b */");\n', 'x("// a", "/* b */");\n'),
        # unsure: left alone
        *[
            (source, source)
            for source in (
                "  x(`\n  // a\n  `);\n",
                "  x('a \\\n  // b');\n",
                "  x(); /* a\n  /* b */\n",
                "  /* a */ x();\n",
                "  x();\n  /* a\n",
                "  x(); /*/\n  // a\n  */ y();\n",
                "  /*/\n  // a\n  */ y();\n",
            )
        ],
    ],
)
def test_short_form_keeps_the_code(source: str, expected: str) -> None:
    assert short(source) == expected


def test_parts_are_served_as_one_in_their_order(script: Path) -> None:
    finder = staticfiles.PartsFinder()
    built = Path(finder.find("askare/board.js"))
    assert built.read_text() == "(function () {\nvar a = 1;\nif (a) {\na = 2;\n}\n})();\n"
    assert finder.find("askare/js/board.js") == []
    assert finder.find("askare/js/board/one.js") == []
    assert [name for name, _ in finder.list(None)] == ["askare/board.js"]
    (script / "board" / "two.js").write_text("a = 30;\n")
    assert "a = 30;" in Path(finder.find("askare/board.js")).read_text()


def test_a_part_that_is_missing_is_found(script: Path) -> None:
    (script / "board" / "two.js").unlink()
    with pytest.raises(FileNotFoundError, match=r"two\.js"):
        staticfiles.PartsFinder().find("askare/board.js")


def test_every_part_is_named_once_and_stands_in_its_place() -> None:
    named = [path for index in INDEXES for path in parts(index)]
    assert sorted([*named, *INDEXES]) == sorted(FOLDER.rglob("*.js"))
    for index in INDEXES:
        text, at = joined(index), 0
        for part in parts(index):
            at = text.index(short(part.read_text(encoding="utf-8")), at) + 1
        # One closure and nothing outside it.
        assert text.startswith('(function () {\n"use strict";\n')
        assert text.endswith("})();\n")
        assert text.count('"use strict"') == 1


@pytest.mark.django_db
def test_a_page_asks_for_one_script_of_ours_and_gets_it() -> None:
    client = Client()
    page = client.get("/").content.decode()
    assert re.findall(r'src="/static/(askare/[^"]+\.js)"', page) == ["askare/askare.js"]
    for index in INDEXES:
        answer = client.get(f"/static/askare/{index.name}")
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        assert answer.status_code == 200
        assert text == joined(index)
    assert finders.find("askare/js/board/grid.js") is None
