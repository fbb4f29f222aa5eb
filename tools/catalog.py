"""The texts of the program: collect, merge translations, check, compile. Needs no GNU gettext.

    python tools/catalog.py --update              collect texts into locale/*/LC_MESSAGES/django.po
    python tools/catalog.py --update a.json …     and take these translations over
    python tools/catalog.py --check               fail when a text is missing, fuzzy or stale
    python tools/catalog.py --compile             write the .mo files that Django reads

A translation file is a list of {"msgid", "msgctxt", "msgid_plural", "fi", "sv", "easy"}; where
there is a plural, each translation is [one, many]. "easy" is for the pages of workers; what has no
easy text shows the Finnish one.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALES = {"fi": "fi", "sv": "sv", "easy": "fi_Easy"}
COMPLETE = ("fi", "sv")
APPS = (
    "config",
    "core",
    "accounts",
    "workers",
    "orders",
    "dispatch",
    "billing",
    "coaching",
    "reports",
)
LEFT_OUT = {"migrations", "__pycache__"}
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)\}|(%[sd])")
# One moment for all headers: a date that changes with each run would only make noise.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

Key = tuple[str, str | None]


def key_of(message: Message) -> Key:
    """A message is known by its (singular) text and its context."""
    text = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
    return text, message.context


def po_path(language: str) -> Path:
    return ROOT / "locale" / LOCALES[language] / "LC_MESSAGES" / "django.po"


# --------------------------------------------------------------------------- collecting


def _sources() -> Iterator[Path]:
    for app in APPS:
        yield from sorted((ROOT / app).rglob("*.py"))
    for suffix in ("*.html", "*.txt"):
        yield from sorted((ROOT / "templates").rglob(suffix))


def _as_python(path: Path) -> bytes:
    """Source in which babel's reader of Python finds the calls."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text.encode()
    # templatize keeps the indentation of the template, which the tokenizer would refuse.
    lines = templatize(text, origin=str(path.relative_to(ROOT))).splitlines()
    return "\n".join(line.lstrip() for line in lines).encode()


def collect() -> Catalog:
    """Every text the program marks for translation, with the files that use it."""
    found = Catalog()
    for path in _sources():
        if LEFT_OUT & set(path.parts):
            continue
        where = str(path.relative_to(ROOT))
        rows = extract("python", BytesIO(_as_python(path)), keywords=KEYWORDS)
        for _line, text, _comments, context in rows:
            found.add(text, locations=[(where, 0)], context=context)
    return found


def load(language: str) -> Catalog:
    path = po_path(language)
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file, locale="fi" if language == "easy" else language)


# --------------------------------------------------------------------------- updating


def read_translations(paths: list[Path]) -> dict[Key, dict[str, Any]]:
    """Rows of all translation files; two files that disagree are named, the later one counts."""
    rows: dict[Key, dict[str, Any]] = {}
    for path in paths:
        for row in json.loads(path.read_text(encoding="utf-8")):
            key = (row["msgid"], row.get("msgctxt") or None)
            given = {lang: row[lang] for lang in LOCALES if row.get(lang)}
            for lang, text in given.items():
                if rows.get(key, {}).get(lang, text) != text:
                    say(f"{path.name}: two {lang} texts for {key[0]!r}, taking {text!r}")
            rows[key] = {**rows.get(key, {}), **given}
    return rows


def update(paths: list[Path]) -> None:
    """Write the catalogues anew: what is used, with the translations known or given."""
    source = collect()
    used = {key_of(m): m for m in source if m.id}
    given = read_translations(paths)
    for key in given.keys() - used.keys():
        say(f"not used by the program, left out: {key[0]!r}")
    for language in LOCALES:
        known = {key_of(m): m for m in load(language) if m.id}
        fresh = Catalog(
            locale="fi" if language == "easy" else language,
            project="Askare",
            version="0.1",
            msgid_bugs_address="palvelu@askare.example",
            creation_date=EPOCH,
            revision_date=EPOCH,
            last_translator="Askare",
            language_team=language,
            fuzzy=False,
            header_comment=f"# Texts of Askare: {language}. Written by tools/catalog.py.",
        )
        for key, message in used.items():
            old = known.get(key)
            text = given.get(key, {}).get(language) or (old.string if old else "")
            if language == "easy" and not _filled(text):
                continue
            if isinstance(message.id, (tuple, list)):
                text = _forms(text)
            fresh.add(message.id, text, locations=message.locations, context=message.context)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, fresh, sort_output=True, include_lineno=False, width=100)
        missing = sum(not _filled(m.string) for m in fresh if m.id)
        say(f"{path.relative_to(ROOT)}: {len(fresh)} texts, {missing} without a translation")


def _forms(text: Any) -> tuple[str, str]:
    """Translations of a plural: both forms, or neither."""
    if isinstance(text, (tuple, list)) and len(text) == 2:
        return str(text[0]), str(text[1])
    return (text, text) if isinstance(text, str) else ("", "")


def _filled(text: Any) -> bool:
    return bool(text) and (isinstance(text, str) or all(text))


# --------------------------------------------------------------------------- checking


def placeholders(text: Any) -> set[str]:
    texts = text if isinstance(text, (tuple, list)) else (text,)
    return {"".join(match) for one in texts for match in PLACEHOLDER.findall(one)}


def problems() -> list[str]:
    """What is wrong with the catalogues, one line each."""
    used = {key_of(m): m for m in collect() if m.id}
    found = []
    for language in LOCALES:
        rows = {key_of(m): m for m in load(language) if m.id}
        found += [f"{language}: stale: {key[0]!r}" for key in rows.keys() - used.keys()]
        found += [f"{language}: fuzzy: {key[0]!r}" for key, m in rows.items() if m.fuzzy]
        for key, message in used.items():
            row = rows.get(key)
            if row is None or not _filled(row.string):
                if language in COMPLETE:
                    found.append(f"{language}: missing: {key[0]!r} ({message.locations[0][0]})")
                continue
            if not placeholders(row.string) <= placeholders(message.id) or (
                isinstance(message.id, str) and placeholders(row.string) != placeholders(message.id)
            ):
                found.append(f"{language}: other placeholders than the source: {key[0]!r}")
            if isinstance(message.id, (tuple, list)) != isinstance(row.string, (tuple, list)):
                found.append(f"{language}: plural forms differ from the source: {key[0]!r}")
    return sorted(found)


def compile_all() -> None:
    """Write the .mo beside each .po."""
    for language in LOCALES:
        path = po_path(language)
        if not path.exists():
            continue
        found = load(language)
        if language == "easy":
            # Django's own Finnish would come before ours where there is no easy text.
            known = {key_of(message) for message in found if message.id}
            for message in load("fi"):
                if message.id and message.string and key_of(message) not in known:
                    found.add(message.id, message.string, context=message.context)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, found)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("translations", nargs="*", type=Path)
    options = parser.parse_args()
    # templatize reads no settings of ours, but Django wants to be told so.
    settings.configure(USE_I18N=False)
    django.setup()
    if options.update or options.translations:
        update(options.translations)
    if options.compile:
        compile_all()
    if options.check:
        found = problems()
        for line in found:
            say(line)
        say(f"catalogues: {len(found)} problems" if found else "catalogues: complete")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
