"""docs/data-model/ shows the models as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from tools import data_model


def test_pages_are_current_and_name_every_table():
    assert data_model.main(["--check"]) == 0
    text = "".join(p.read_text(encoding="utf-8") for p in data_model.FOLDER.glob("*.md"))
    tables = {m._meta.db_table for app in data_model.our_apps() for m in app.get_models()}
    assert len(tables) > 50
    assert {table for table in tables if f"Table `{table}`." not in text} == set()


@pytest.mark.parametrize("fault", ["changed", "gone", "left over"])
def test_planted_fault_is_noticed(tmp_path: Path, fault: str):
    """Negative control."""
    data_model.update(tmp_path)
    assert data_model.stale(tmp_path) == []
    name = {"changed": "workers.md", "gone": "workers.md", "left over": "moved.md"}[fault]
    page = tmp_path / name
    if fault == "gone":
        page.unlink()
    elif fault == "changed":
        page.write_text(page.read_text(encoding="utf-8").replace("||--o{", "|o--o{", 1))
    else:
        page.write_text("# Tables of an app that is gone\n")
    assert data_model.stale(tmp_path) == [name]
    data_model.update(tmp_path)
    assert data_model.stale(tmp_path) == []


def test_new_column_makes_the_page_old(monkeypatch: pytest.MonkeyPatch):
    """Negative control on the models' side."""
    skill = apps.get_model("workers", "Skill")
    before = data_model.app_page(apps.get_app_config("workers"))
    extra = models.IntegerField()
    extra.set_attributes_from_name("extra")
    fields = (*skill._meta.concrete_fields, extra)
    monkeypatch.setitem(skill._meta.__dict__, "concrete_fields", fields)
    after = data_model.app_page(apps.get_app_config("workers"))
    assert "| `extra` | Integer |" in after
    assert "| `extra` |" not in before
