"""The tools that guard texts, pins and the browser tests: each sees the fault it is for."""

from __future__ import annotations

from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests import browser
from tools import catalog, requirements

SOURCE = """
from django.utils.translation import gettext as _, ngettext, pgettext
_("Sign in")
pgettext("menu", "Hours")
ngettext("%(n)s order", "%(n)s orders", 2)
"""
TEMPLATE = """{% load i18n %}
    {% translate "Send" %}
  {% blocktranslate trimmed with name=x %}
      Hi {{ name }}
  {% endblocktranslate %}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "accounts").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "accounts/views.py").write_text(SOURCE)
    (tmp_path / "templates/a.html").write_text(TEMPLATE)
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    return tmp_path


def texts(tmp_path: Path, *, wrong: str = "") -> Path:
    """A translation file that is complete; `wrong` replaces the Finnish greeting."""
    import json

    rows = [
        {"msgid": "Sign in", "fi": "Kirjaudu", "sv": "Logga in"},
        {"msgid": "Hours", "msgctxt": "menu", "fi": "Tunnit", "sv": "Timmar"},
        {
            "msgid": "%(n)s order",
            "msgid_plural": "%(n)s orders",
            "fi": ["%(n)s tilaus", "%(n)s tilausta"],
            "sv": ["%(n)s beställning", "%(n)s beställningar"],
        },
        {"msgid": "Send", "fi": "Lähetä", "sv": "Skicka", "easy": "Lähetä"},
        {"msgid": "Hi %(name)s", "fi": wrong or "Hei %(name)s", "sv": "Hej %(name)s"},
    ]
    path = tmp_path / "texts.json"
    path.write_text(json.dumps(rows))
    return path


def test_collect_finds_calls_and_template_tags(project: Path) -> None:
    assert {catalog.key_of(m) for m in catalog.collect() if m.id} == {
        ("Sign in", None),
        ("Hours", "menu"),
        ("%(n)s order", None),
        ("Send", None),
        ("Hi %(name)s", None),
    }


def test_missing_translations_are_named_for_finnish_and_swedish(project: Path) -> None:
    catalog.update([])
    found = catalog.problems()
    assert len(found) == 10
    assert all("missing" in line for line in found)


def test_complete_catalogues_have_no_problems_and_compile(project: Path) -> None:
    catalog.update([texts(project)])
    assert catalog.problems() == []
    catalog.compile_all()
    with (project / "locale/fi_Easy/LC_MESSAGES/django.mo").open("rb") as file:
        easy = GNUTranslations(file)
    # Ours in Finnish is beneath, else Django's own "Tallenna ja poistu" for Save came first.
    assert easy.gettext("Send") == "Lähetä"
    fi = catalog.load("fi")
    plain = [m for m in fi if m.id and isinstance(m.id, str) and not m.context]
    assert len(plain) > 2
    assert all(easy.gettext(str(m.id)) for m in plain)
    assert {m.id: easy.gettext(str(m.id)) for m in plain} == {m.id: m.string for m in plain}


def test_update_keeps_known_translations(project: Path) -> None:
    catalog.update([texts(project)])
    catalog.update([])
    assert catalog.problems() == []


@pytest.mark.parametrize("wrong", ["Hei %(nimi)s", "Hei"])
def test_translation_with_other_placeholders_is_seen(project: Path, wrong: str) -> None:
    catalog.update([texts(project, wrong=wrong)])
    assert catalog.problems() == ["fi: other placeholders than the source: 'Hi %(name)s'"]


def test_text_gone_from_the_source_is_stale_until_the_next_update(project: Path) -> None:
    catalog.update([texts(project)])
    (project / "templates/a.html").write_text("")
    assert "sv: stale: 'Send'" in catalog.problems()
    catalog.update([])
    assert catalog.problems() == []


def test_fuzzy_text_is_seen(project: Path) -> None:
    catalog.update([texts(project)])
    rows: Catalog = catalog.load("sv")
    message = rows.get("Send")
    assert message is not None
    message.flags.add("fuzzy")
    with catalog.po_path("sv").open("wb") as file:
        catalog.write_po(file, rows)
    assert "sv: fuzzy: 'Send'" in catalog.problems()


def test_pins_of_the_project_satisfy_what_it_names() -> None:
    assert requirements.problems() == []


def test_pin_outside_the_range_and_missing_pin_are_seen() -> None:
    wanted = ["django>=5.2,<5.3", "Pillow>=13"]
    assert requirements.outside(wanted, {"django": "4.2.1"}, "run.txt") == [
        "run.txt: django==4.2.1 is not <5.3,>=5.2",
        "run.txt: Pillow is not pinned",
    ]


def test_named_browser_that_is_not_there_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    assert browser.find_chromium() is None


def test_playwrights_own_browser_is_the_last_resort(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "chromium-1234/chrome-linux/chrome"
    own.parent.mkdir(parents=True)
    own.touch()
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find_chromium() == str(own)
