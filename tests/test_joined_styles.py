"""Style sheets: parts are served as one, in their order, and the check sees a bad layout."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from core import staticfiles
from core.stylesheet import StyleError, compact, joined, parts, read
from tools import styles

SHEETS = settings.BASE_DIR / "static" / "askare"

BAD = """/* rows */
.a>li , .b{color:red;margin:0 auto!important}
@media (min-width:760px){.a{padding:0 1px,2px}}
.c{background:url("data:image/svg+xml,%3Csvg a='x; y{}' >")}
"""
GOOD = """/* rows */
.a > li, .b {
  color: red;
  margin: 0 auto !important;
}

@media (min-width: 760px) {
  .a { padding: 0 1px, 2px; }
}

.c { background: url("data:image/svg+xml,%3Csvg a='x; y{}' >"); }
"""
SHORT = (
    ".a>li,.b{color:red;margin:0 auto!important}@media (min-width:760px){.a{padding:0 1px,2px}}"
    ".c{background:url(\"data:image/svg+xml,%3Csvg a='x; y{}' >\")}"
)


@pytest.fixture
def sheet(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "static" / "askare" / "css"
    folder.mkdir(parents=True)
    (folder / "one.css").write_text("/* first */\n.a {\n  color: red;\n}\n")
    (folder / "two.css").write_text(".a { color: blue; }\n")
    (folder / "askare.css").write_text('/* order */\n@import "one.css";\n@import "two.css";\n')
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATIC_BUILD = tmp_path / "build"
    return folder


def test_short_form_keeps_what_counts() -> None:
    assert compact(read(BAD)) == SHORT
    assert compact(read(GOOD)) == SHORT
    for text in (".a .b{c:d}", ".a:not(.b > .c) + d{e:calc(1px + 2px)}", "a:is(b ,c)>d{e:f}"):
        assert compact(read(compact(read(text)))) == compact(read(text))
    assert compact(read(".a .b { c: calc(1px + 2px) }")) == ".a .b{c:calc(1px + 2px)}"
    assert compact(read("@page{size:A4;@bottom-right{content:'a ; b'}}")) == (
        "@page{size:A4;@bottom-right{content:'a ; b'}}"
    )


@pytest.mark.parametrize("source", [".a{color:red", ".a{color:red}}", "x{a:'b}"])
def test_broken_sheet_is_refused(source: str) -> None:
    with pytest.raises((StyleError, ValueError)):
        read(source)


def test_planted_bad_layout_is_seen_and_put_right(tmp_path: Path) -> None:
    path = tmp_path / "a.css"
    path.write_text(BAD)
    (problem,) = styles.run([path], check=True)
    assert "not laid out" in problem
    assert path.read_text() == BAD
    assert styles.run([path], check=False) == []
    assert path.read_text() == GOOD
    assert styles.run([path], check=True) == []


def test_long_line_of_a_script_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.js"
    path.write_text("ok();\n" + "x" * 121 + "\n")
    (problem,) = styles.run([path], check=True)
    assert problem.endswith("a.js:2: 121 characters, at most 120")


def test_every_sheet_and_script_is_laid_out() -> None:
    paths = [*SHEETS.rglob("*.css"), *SHEETS.rglob("*.js")]
    assert len(paths) > 20
    assert styles.run(paths, check=True) == []


def test_every_part_is_named_once() -> None:
    index = SHEETS / "css" / "askare.css"
    named = parts(index)
    alone = {
        SHEETS.parent / source for source in staticfiles.JOINED.values() if source.endswith(".css")
    }
    assert sorted(named) == sorted(set(index.parent.glob("*.css")) - alone)
    assert all(path.is_file() for path in alone)


def test_parts_are_served_as_one_in_their_order(sheet: Path) -> None:
    finder = staticfiles.PartsFinder()
    built = Path(finder.find("askare/askare.css"))
    assert built.read_text() == ".a{color:red}\n.a{color:blue}\n"
    assert finder.find("askare/askare.css", find_all=True) == [str(built)]
    assert finder.find("askare/css/one.css") == []
    assert [name for name, _ in finder.list(None)] == ["askare/askare.css"]
    (sheet / "two.css").write_text(".a { color: green; }\n")
    assert Path(finder.find("askare/askare.css")).read_text().endswith("green}\n")
    # A joined file from elsewhere, with a newer date, is not believed.
    built.write_text("old")
    staticfiles._made.clear()
    assert Path(finder.find("askare/askare.css")).read_text().endswith("green}\n")


def test_only_imports_may_stand_in_the_list_of_parts(sheet: Path) -> None:
    (sheet / "askare.css").write_text('@import "one.css";\n.b { color: red; }\n')
    with pytest.raises(StyleError, match="only @import"):
        joined(sheet / "askare.css")


@pytest.mark.django_db
def test_a_page_asks_for_one_sheet_of_ours_and_gets_it() -> None:
    client = Client()
    page = client.get("/").content.decode()
    assert re.findall(r'href="/static/(askare/[^"]+\.css)"', page) == ["askare/askare.css"]
    answer = client.get("/static/askare/askare.css")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert answer.status_code == 200
    assert text == joined(SHEETS / "css" / "askare.css")
    assert finders.find("askare/css/print.css") is None
