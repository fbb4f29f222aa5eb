"""Each database guard by itself: it refuses, and without it the same statement goes through."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from billing.models import Invoice, InvoiceLine
from core import guards
from tools import guards_doc

ROOT = Path(__file__).parents[1]
REGISTRY = guards_doc.registry()
KEPT = [name for name in REGISTRY if name.endswith("_append_only")]
STAMPS = [name for name in REGISTRY if name.startswith("stamp_")]
MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
AT = datetime(2026, 11, 25, 8, tzinfo=UTC)
# What a made-up row needs so that the table's own constraints let it in.
NEEDS: dict[str, dict[str, Any]] = {
    "billing_payment": {"invoice_id": 1},
    "workers_weeklyavailability": {"ends": time(12)},
}
BY_TYPE: tuple[tuple[type[models.Field[Any, Any]], Any], ...] = (
    (models.BooleanField, True),
    (models.DateTimeField, AT),
    (models.DateField, AT.date()),
    (models.TimeField, AT.time()),
    (models.DecimalField, Decimal(1)),
    (models.FloatField, 1.0),
    (models.JSONField, {}),
    (models.BinaryField, b"x"),
    (models.ForeignKey, 1),
    (models.IntegerField, 1),
)


def made_up(field: models.Field[Any, Any]) -> Any:
    """Some value that fits the field."""
    if field.choices:
        return next(iter(field.flatchoices))[0]
    return next((value for kind, value in BY_TYPE if isinstance(field, kind)), "x")


def plant(table: str, **fields: Any) -> int:
    """A row of made-up values; what it refers to need not be there (see `undone`)."""
    model = MODELS[table]
    values = {
        f.attname: made_up(f)
        for f in model._meta.concrete_fields
        if not f.primary_key and not f.null and not f.has_default()
    }
    row = model(**(values | NEEDS.get(table, {}) | fields))
    row.save_base(raw=True, force_insert=True)
    return int(row.pk)


@contextmanager
def undone() -> Iterator[None]:
    """Nothing stays, so the references that lead nowhere are never looked at."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(sql: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def refused(name: str, sql: str, *values: Any) -> None:
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        run(sql, *values)


def off(name: str) -> None:
    """Take a guard away, for this test alone: its rollback brings the guard back."""
    statements = (
        tuple(f"DROP TRIGGER {trigger}" for trigger in REGISTRY[name].sqlite)
        if connection.vendor == "sqlite"
        else REGISTRY[name].postgresql_drop
    )
    for statement in statements:
        run(statement)


@pytest.mark.django_db
@pytest.mark.parametrize("name", KEPT)
@pytest.mark.engine
def test_append_only_row_is_kept_by_its_guard_alone(name: str) -> None:
    table = REGISTRY[name].table
    with undone():
        pk = plant(table)
        change, delete = (
            f"UPDATE {table} SET id = id WHERE id = %s",
            f"DELETE FROM {table} WHERE id = %s",
        )
        refused(name, change, pk)
        refused(name, delete, pk)
        off(name)
        assert guards.missing() == [name]
        assert run(change, pk) == 1
        assert run(delete, pk) == 1


def marks() -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT worker_id, mark FROM workers_workerstamp ORDER BY worker_id")
        return list(cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize("name", STAMPS)
@pytest.mark.engine
def test_change_is_seen_by_the_stamp_guard_alone(name: str) -> None:
    table = REGISTRY[name].table
    column = "active" if table == "workers_worker" else "id"
    steps: tuple[Callable[[int], int], ...] = (
        lambda pk: run(f"UPDATE {table} SET {column} = {column} WHERE id = %s", pk),
        lambda pk: run(f"DELETE FROM {table} WHERE id = %s", pk),
    )
    with undone():
        seen = [marks()]
        pk = plant(table)
        seen.append(marks())
        for step in steps:
            assert step(pk) == 1
            seen.append(marks())
        assert all(before != after for before, after in zip(seen, seen[1:], strict=False))
        off(name)
        pk, before = plant(table), seen[-1]
        assert [step(pk) for step in steps] == [1, 1]
        assert marks() == before


@pytest.mark.django_db
@pytest.mark.engine
def test_line_of_an_issued_invoice_is_kept_by_its_guard_alone() -> None:
    name = "invoice_line_frozen"
    with undone():
        invoice = plant("billing_invoice")
        line = plant("billing_invoiceline", invoice_id=invoice)
        Invoice.objects.filter(pk=invoice).update(
            number=1, status="issued", issued_on=date(2026, 11, 25)
        )
        change = "UPDATE billing_invoiceline SET text = 'y' WHERE id = %s"
        delete = "DELETE FROM billing_invoiceline WHERE id = %s"
        refused(name, change, line)
        refused(name, delete, line)
        with pytest.raises(DatabaseError, match=name), transaction.atomic():
            plant("billing_invoiceline", invoice_id=invoice, position=2)
        off(name)
        assert run(change, line) == 1
        assert run(delete, line) == 1
        assert plant("billing_invoiceline", invoice_id=invoice, position=2)
        assert InvoiceLine.objects.filter(invoice_id=invoice).count() == 1


# --------------------------------------------------------------------------- the page


def test_every_guard_has_a_negative_control_that_exists() -> None:
    told = {name: words.test for name, words in guards_doc.words().items()}
    assert set(told) == set(REGISTRY)
    sources: dict[str, str] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name in told.values():
                sources[node.name] = text
    for name, test in told.items():
        assert name in KEPT + STAMPS or name in sources[test], (name, test)
        assert test in sources, (name, test)


def test_page_is_current_and_holds_the_sql_of_every_guard() -> None:
    assert guards_doc.main(["--check"]) == 0
    text = guards_doc.PAGE.read_text(encoding="utf-8")
    for name, guard in REGISTRY.items():
        assert f"| `{name}` | `{guard.table}` |" in text


def test_guard_without_words_and_old_page_are_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Negative control of the tool."""
    assert guards_doc.problems([*REGISTRY, "unheard"]) == [
        "unheard: say in tools/guards_doc.py what it forbids"
    ]
    assert "a guard that is gone" in guards_doc.problems([*REGISTRY][1:])[0]
    old = tmp_path / "guards.md"
    old.write_text(guards_doc.PAGE.read_text(encoding="utf-8").replace("DELETE", "delete", 1))
    monkeypatch.setattr(guards_doc, "PAGE", old)
    assert guards_doc.main(["--check"]) == 1
    assert "is old" in capsys.readouterr().err
