"""Limits of workers/data/legal_limits.csv; later ones are added in the settings pages."""

import csv
from decimal import Decimal
from pathlib import Path

from django.db import migrations

TABLE = Path(__file__).parent.parent / "data" / "legal_limits.csv"


def _rows():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(apps, schema_editor):
    limits = apps.get_model("workers", "LegalLimit").objects.using(schema_editor.connection.alias)
    for row in _rows():
        limits.get_or_create(
            code=row["code"],
            valid_from=row["valid_from"],
            defaults={
                "valid_to": row["valid_to"] or None,
                "value": Decimal(row["value"]),
                "unit": row["unit"],
                "source": row["source"],
            },
        )


def unload(apps, schema_editor):
    limits = apps.get_model("workers", "LegalLimit").objects.using(schema_editor.connection.alias)
    for row in _rows():
        limits.filter(code=row["code"], valid_from=row["valid_from"]).delete()


class Migration(migrations.Migration):
    dependencies = [("workers", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
