"""Templates: what the loader takes away is never seen, and the check sees a bad layout."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.test import Client

from core import markup
from core.loaders import Edges
from core.markup import compact
from core.markup_tokens import MarkupError
from tools import templates

ROOT = settings.BASE_DIR / "templates"

BAD = (
    "{% load i18n %}<table><tr>{% for row in rows %}<td>{{ row.day }}</td>"
    '<td class="r">{{ row.net }} {% if row.code %} <b>({{ row.code }})</b>{% endif %}</td>'
    '<td><a href="/{{ row.ref }}"{% if row.now %} aria-current="true"{% endif %}>'
    '{% translate "Open" %}<span class="visually-hidden"> {{ row.day }}</span></a></td>'
    "{% endfor %}</tr></table>\n"
)
GOOD = """\
{% load i18n %}
<table>
  <tr>
    {% for row in rows %}
      <td>{{ row.day }}</td>
      <td class="r">{{ row.net }} {% if row.code %}<b>({{ row.code }})</b>{% endif %}</td>
      <td>
        <a
          href="/{{ row.ref }}"
          {% if row.now %} aria-current="true"{% endif %}
        >{% translate "Open" %}<span class="visually-hidden"> {{ row.day }}</span></a>
      </td>
    {% endfor %}
  </tr>
</table>
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # beside a block element nothing is seen, between words one space is
        ("<p>\n  a\n  b\n</p>\n<p>c</p>\n", "<p>a b</p><p>c</p>"),
        ("<p><b>a</b>\n  <i>b</i></p>", "<p><b>a</b> <i>b</i></p>"),
        # through branches: only where every way leads to an edge or another space
        ("<p>\n{% if x %}\n a\n{% endif %}\n</p>", "<p>{% if x %}a{% endif %}</p>"),
        ("<p>a {% if x %} b{% endif %}</p>", "<p>a {% if x %}b{% endif %}</p>"),
        ("<p>a{% if x %} b{% endif %} c</p>", "<p>a{% if x %} b{% endif %} c</p>"),
        ("<p>{% for x in y %}{{ x }} {% endfor %}</p>",) * 2,
        (
            "<ul>\n{% for x in y %}\n<li>a</li>\n{% endfor %}\n</ul>",
            "<ul>{% for x in y %}<li>a</li>{% endfor %}</ul>",
        ),
        ("a{% if x %}\n<p>b</p>\n{% else %}\n c{% endif %}",
         "a{% if x %}<p>b</p>{% else %} c{% endif %}"),
        # inside a tag
        ('<a\n  href="x"\n  {% if x %} b{% endif %}\n>c</a>',
         '<a href="x"{% if x %} b{% endif %}>c</a>'),
        ('<p class="a\n  b">c</p>', '<p class="a b">c</p>'),
        ("<input value=3 />",) * 2,
        # what is hidden has no edges of its own
        ('a <input type="hidden" name="b"> c', 'a <input type="hidden" name="b">c'),
        ("<button>\n a\n</button> b", "<button>a</button> b"),
        # as it stands
        ("<textarea>\n a  b\n</textarea>",) * 2,
        ("<p>a\u00a0 b</p>",) * 2,
        ("{% blocktranslate %}a\n  b{% endblocktranslate %}",) * 2,
        (
            "{% blocktranslate trimmed %}\n a\n  b\n{% endblocktranslate %}",
            "{% blocktranslate trimmed %}a b{% endblocktranslate %}",
        ),
        # notes for who reads the source
        ("<p>{# n #}{% comment %}m{% endcomment %}a</p>", "<p>a</p>"),
        # a block may be filled by another page
        ("<p>a {% block b %} c{% endblock %}</p>",) * 2,
        ("{% extends 'x' %}\n\n{% block b %}\n c\n{% endblock %}\n",
         "{% extends 'x' %}{% block b %} c {% endblock %}"),
    ],
)  # fmt: skip
def test_only_white_space_that_nobody_sees_is_taken_away(source: str, expected: str) -> None:
    assert compact(source) == expected
    assert compact(expected) == expected


def test_included_files_lend_their_edges(tmp_path: Path) -> None:
    (tmp_path / "block.html").write_text("{% if x %}<div>a</div>\n{% endif %}\n")
    (tmp_path / "word.html").write_text("<b>a</b>\n")
    (tmp_path / "self.html").write_text('{% include "self.html" %} a')
    edges = Edges([tmp_path])
    two = '<p>\n{{% include "{0}" %}}\n{{% include "{0}" %}}\n</p>'
    assert compact(two.format("block.html"), edges) == (
        '<p>{% include "block.html" %}{% include "block.html" %}</p>'
    )
    assert compact(two.format("word.html"), edges) == (
        '<p>{% include "word.html" %}{% include "word.html" %}</p>'
    )
    assert " " in compact(two.format("none.html"), edges).split("%}")[1]
    assert edges("self.html") is not None


@pytest.mark.parametrize(
    "source",
    [
        "{% if x %}<a{% else %}<b {% endif %}>",
        "<p{% if x %}>{% endif %}",
        "{% endif %}",
        "{% if x %}{% endfor %}",
        "{% for x in y %}",
        "{% comment %}",
        '<a href="x>',
        "<textarea>",
    ],
)
def test_what_cannot_be_read_is_refused(source: str) -> None:
    with pytest.raises(MarkupError):
        compact(source)


def test_planted_bad_layout_is_seen_and_put_right(tmp_path: Path) -> None:
    root = tmp_path / "templates"
    root.mkdir()
    page = root / "a.html"
    page.write_text(BAD)
    problems = templates.run(root, [page], check=True)
    assert problems == [
        "templates/a.html: not laid out; run: .venv/bin/python tools/templates.py"
    ]  # fmt: skip
    assert page.read_text() == BAD
    assert templates.run(root, [page], check=False) == []
    assert page.read_text() == GOOD
    assert templates.run(root, [page], check=True) == []


def test_long_line_is_named(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<p>\n  " + "x" * 120 + "\n</p>\n")
    problems = templates.run(tmp_path, [page], check=True)
    assert [p.split("/")[-1] for p in problems] == [
        "a.html:2: 122 characters, at most 120",
    ]


def test_message_is_broken_only_where_trimmed_joins_it_again(tmp_path: Path) -> None:
    text = " ".join(["word"] * 30)
    source = (
        "{% load i18n %}{% blocktranslate trimmed count n=n %}"
        + f"{text} one.{{% plural %}}{text}  {{{{ n }}}} many.{{% endblocktranslate %}}\n"
        + "y" * 121
        + "\n\n- {% blocktranslate trimmed %}short{% endblocktranslate %}\n"
    )
    message = tmp_path / "m.txt"
    message.write_text(source)
    (problem,) = templates.run(tmp_path, [message], check=True)
    assert "not laid out" in problem
    assert templates.run(tmp_path, [message], check=False) == []
    assert templates.run(tmp_path, [message], check=True) == []
    result = message.read_text()
    assert result != source
    assert max(map(len, result.split("y" * 121)[0].split("\n"))) <= 120
    for n in (1, 2):
        before, after = (
            Engine(libraries={"i18n": "django.templatetags.i18n"})
            .from_string(t)
            .render(Context({"n": n}))
            for t in (source, result)
        )
        assert before == after


def test_layout_that_would_change_a_page_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "a.html"
    page.write_text(BAD)
    real = templates.render
    # The space before the day is seen: "Open 3.12."
    monkeypatch.setattr(templates, "render", lambda d: real(d).replace('hidden"> {', 'hidden">{'))
    (problem,) = templates.run(tmp_path, [page], check=False)
    assert problem.endswith("a.html: its layout would change the page")
    assert page.read_text() == BAD


def test_every_page_is_laid_out() -> None:
    every = [*sorted(ROOT.rglob("*.html")), *sorted(ROOT.rglob("*.txt"))]
    assert len(every) > 150
    assert templates.run(ROOT, every, check=True) == []


def _seen(html: str) -> str:
    """Words and tags of a page: white space in tags and at edges of blocks does not count."""
    value = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
    html = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    html = re.sub(r"\s+", " ", html)
    html = re.sub(r"\s+(?=/?>)", "", html)
    names = "|".join(sorted({*markup.BLOCK, *markup.BOX, "!doctype"}, key=len, reverse=True))
    html = re.sub(rf" ?(</?(?:{names})\b{value}>) ?", r"\1", html)
    html = re.sub(rf' ?(<input type="hidden"{value}>) ?', r"\1", html)
    # Buttons and rows of buttons are boxes by our style sheet.
    html = re.sub(rf"(<a\b{value}\bbtn\b{value}>) ", r"\1", html)
    return re.sub(r" ?(</a>) ?", r"\1", html).strip()


def test_loader_gives_the_compact_page_and_debug_the_whole_one(tmp_path: Path) -> None:
    source = "<ul>\n  {% for x in y %}\n    <li>{{ x }}</li>\n  {% endfor %}\n</ul>\n"
    (tmp_path / "a.html").write_text(source)
    (tmp_path / "a.txt").write_text("a\n  b\n")
    loaders = [("django.template.loaders.cached.Loader", ["core.loaders.Loader"])]
    rows = Context({"y": "ab"})
    for debug in (False, True):
        engine = Engine(dirs=[str(tmp_path)], loaders=loaders, debug=debug)
        page = engine.get_template("a.html").render(rows)
        assert ("\n" in page) is debug
        assert _seen(page) == "<ul><li>a</li><li>b</li></ul>"
        assert engine.get_template("a.txt").render(rows) == "a\n  b\n"


def _pages(settings: Any, *, compacted: bool) -> list[str]:
    """Pages that need no sign-in, from fresh templates."""
    (engine,) = settings.TEMPLATES
    options = {**engine["OPTIONS"]}
    if not compacted:
        options["loaders"] = [
            "django.template.loaders.filesystem.Loader",
            "django.template.loaders.app_directories.Loader",
        ]
    settings.TEMPLATES = [{**engine, "OPTIONS": options}]
    client = Client()
    urls = ["/", "/order/", "/account/login/", "/sign-in-link/", "/accessibility/", "/nowhere/"]
    pages = [client.get(url, follow=True).content.decode() for url in urls]
    return [re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", page) for page in pages]


@pytest.mark.django_db
def test_pages_say_the_same_with_and_without_the_loader(settings: Any) -> None:
    compacted, whole = _pages(settings, compacted=True), _pages(settings, compacted=False)
    for short, long in zip(compacted, whole, strict=True):
        assert len(short) < len(long)
        assert _seen(short) == _seen(long)


@pytest.mark.django_db
def test_a_space_lost_between_words_is_seen(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup.Markup, "shown", lambda self, i: self.tokens[i].inside)
    compacted, whole = _pages(settings, compacted=True), _pages(settings, compacted=False)
    assert [_seen(page) for page in compacted] != [_seen(page) for page in whole]


def test_fault_of_a_page_names_the_page(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("{% if x %}<p{% endif %}>")
    engine = Engine(dirs=[str(tmp_path)], loaders=["core.loaders.Loader"])
    with pytest.raises(MarkupError, match=r"^a\.html: "):
        engine.get_template("a.html")
