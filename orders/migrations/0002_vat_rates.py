"""VAT percentages of orders/data/vat_rates.csv; later ones are added in the settings pages."""

import csv
from decimal import Decimal
from pathlib import Path

from django.db import migrations

TABLE = Path(__file__).parent.parent / "data" / "vat_rates.csv"


def _rows():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(apps, schema_editor):
    rates = apps.get_model("orders", "VatRate").objects.using(schema_editor.connection.alias)
    for row in _rows():
        rates.get_or_create(
            kind=row["kind"],
            valid_from=row["valid_from"],
            defaults={"percent": Decimal(row["percent"]), "source": row["source"]},
        )


def unload(apps, schema_editor):
    rates = apps.get_model("orders", "VatRate").objects.using(schema_editor.connection.alias)
    for row in _rows():
        rates.filter(kind=row["kind"], valid_from=row["valid_from"]).delete()


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
