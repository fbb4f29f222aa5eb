"""docs/data-model/: the tables of each app and their relations, drawn from Django's registry.

    python tools/data_model.py --update     write the pages
    python tools/data_model.py --check      fail when a page is not what the models give

Each page holds one Mermaid diagram, which forges draw by themselves, and a table of columns.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import AppConfig, apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "data-model"
MADE = (
    "Made by `tools/data_model.py` from the models; do not edit. After a change of a model run "
    "`.venv/bin/python tools/data_model.py --update`."
)
Model = type[models.Model]


def our_apps() -> list[AppConfig]:
    """Apps of the repository that have models, the lowest floor first."""
    return [a for a in apps.get_app_configs() if Path(a.path).parent == ROOT and _models(a)]


def _models(app: AppConfig) -> list[Model]:
    return sorted(app.get_models(), key=lambda model: model._meta.object_name or "")


def _links(model: Model) -> Iterator[models.Field]:
    """Columns and tables that lead to other rows."""
    yield from (f for f in model._meta.concrete_fields if f.is_relation)
    yield from model._meta.many_to_many


def _target(field: models.Field) -> Model:
    found = field.related_model
    if not isinstance(found, type):
        raise TypeError(f"{field} leads nowhere")
    return found


def _name(model: Model) -> str:
    return model._meta.object_name or ""


def _arrow(model: Model, field: models.Field) -> str:
    """One relation in Mermaid's words: the row that is pointed at stands on the left."""
    if field.many_to_many:
        kind = "}o--o{"
    elif field.one_to_one:
        kind = "|o--o|" if field.null else "||--o|"
    else:
        kind = "|o--o{" if field.null else "||--o{"
    return f'    {_name(_target(field))} {kind} {_name(model)} : "{field.name}"'


def _kind(field: models.Field) -> str:
    """The type of a column in plain words."""
    if isinstance(field, models.ForeignKey):
        return f"→ {_name(_target(field))}"
    text = field.get_internal_type().removesuffix("Field")
    text = {"BigAuto": "id", "Char": "text", "Text": "long text"}.get(text, text)
    if isinstance(field, models.DecimalField):
        return f"Decimal({field.max_digits}, {field.decimal_places})"
    return f"{text}({field.max_length})" if field.max_length else text


def _first_line(model: Model) -> str:
    lines = (model.__doc__ or "").strip().splitlines()
    # Django writes "Name(id, …)" where a model says nothing of itself.
    return "" if not lines or lines[0].startswith(f"{_name(model)}(") else lines[0]


def _rows(model: Model) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        notes = []
        if field.primary_key:
            notes.append("key")
        elif field.unique:
            notes.append("unique")
        if field.null:
            notes.append("may be empty")
        if field.choices:
            notes.append("one of " + ", ".join(f"`{value}`" for value, _ in field.flatchoices))
        yield f"| `{field.column}` | {_kind(field)} | {'; '.join(notes)} |"
    for many in model._meta.many_to_many:
        yield f"| `{many.name}` | many {_name(_target(many))} | table `{many.m2m_db_table()}` |"


def app_page(app: AppConfig) -> str:
    """The picture and the columns of one app."""
    found = _models(app)
    parts = [f"# Tables of `{app.label}`", "", MADE, ""]
    parts.append("Tables of other apps are drawn without a word of their own.\n")
    parts += ["```mermaid", "erDiagram"]
    parts += [f"    {_name(model)}" for model in found if not list(_links(model))]
    parts += [_arrow(model, field) for model in found for field in _links(model)]
    parts += ["```", ""]
    for model in found:
        meta = model._meta
        parts += [f"## {_name(model)}", ""]
        parts.append(f"Table `{meta.db_table}`. {_first_line(model)}".strip())
        parts += ["", "| column | type | |", "|---|---|---|", *_rows(model), ""]
        rules = [*meta.constraints, *meta.indexes]
        if rules:
            parts += ["Constraints and indexes: " + ", ".join(f"`{x.name}`" for x in rules), ""]
    return "\n".join(parts)


def overview() -> str:
    """Which app's tables point at which app's, and how many tables each has."""
    parts = ["# Data model", "", MADE, "", "An arrow goes from the table that points to the app"]
    parts[-1] += " that it points at; the number says how many columns do."
    parts += ["", "```mermaid", "flowchart RL"]
    counts: dict[tuple[str, str], int] = {}
    for app in our_apps():
        parts.append(f'    {app.label}["{app.label}: {len(_models(app))} tables"]')
        for model in _models(app):
            for field in _links(model):
                pair = (app.label, _target(field)._meta.app_label)
                counts[pair] = counts.get(pair, 0) + (pair[0] != pair[1])
    parts += [f"    {a} -->|{n}| {b}" for (a, b), n in sorted(counts.items()) if n]
    parts += ["```", "", "| app | tables |", "|---|---|"]
    for app in our_apps():
        names = ", ".join(_name(model) for model in _models(app))
        parts.append(f"| [{app.label}]({app.label}.md) | {names} |")
    return "\n".join([*parts, ""])


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {"README.md": overview()} | {f"{a.label}.md": app_page(a) for a in our_apps()}


def stale(folder: Path) -> list[str]:
    """Names of pages that are missing, old or left over."""
    told = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    made = pages()
    return sorted(name for name in told.keys() | made.keys() if told.get(name) != made.get(name))


def update(folder: Path) -> None:
    """Write every page and take away what is left over."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for path in folder.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Write or check the pages; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description="The pages of docs/data-model/")
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true")
    choice.add_argument("--update", action="store_true")
    options = parser.parse_args(arguments)
    if options.update:
        update(FOLDER)
        return 0
    old = stale(FOLDER)
    for name in old:
        sys.stderr.write(f"docs/data-model/{name} is old: tools/data_model.py --update\n")
    return int(bool(old))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    sys.exit(main())
