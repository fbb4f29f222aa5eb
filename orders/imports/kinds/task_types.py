"""The file of task types and their prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from accounts.models import User
from core import cells
from orders.imports import checked_cells
from orders.imports.kinds.base import (
    FileColumn,
    FileKind,
    WantedRow,
    current,
    fitting,
    present,
    write_fields,
)
from orders.imports.kinds.skills import skill_called, skill_names
from orders.models import Tariff, TaskType


class TaskTypes(FileKind):
    name = "task_types"
    columns = (
        FileColumn("code", ("Koodi", "Kod", "Code"), checked_cells.code, required=True),
        FileColumn(
            "name_fi", ("Nimi suomeksi", "Nimi", "Namn på finska", "Name in Finnish"), required=True
        ),
        FileColumn(
            "name_sv", ("Nimi ruotsiksi", "Namn på svenska", "Name in Swedish"), required=True
        ),
        FileColumn(
            "name_en", ("Nimi englanniksi", "Namn på engelska", "Name in English"), required=True
        ),
        FileColumn("description_fi", ("Kuvaus", "Kuvaus suomeksi", "Beskrivning", "Description")),
        FileColumn("wear_fi", ("Vaatetus", "Mitä päälle", "Klädsel", "What to wear")),
        FileColumn("icon", ("Kuva", "Bild", "Picture"), checked_cells.picture),
        FileColumn("skills", ("Taidot", "Kunskaper", "Skills"), cells.words),
        FileColumn(
            "real_property",
            ("Kiinteistöön liittyvä", "Anknyter till fastighet", "Connected with real property"),
            cells.yes,
        ),
        FileColumn(
            "min_age",
            ("Alaikäraja", "Åldersgräns", "Youngest age"),
            partial(cells.whole, least=14, most=99),
        ),
        FileColumn(
            "hourly_net", ("Tuntihinta", "Timpris", "Price per hour"), cells.price, required=True
        ),
        FileColumn(
            "min_charge",
            ("Vähimmäisveloitus h", "Minsta debitering h", "Least charge h"),
            partial(cells.hours, most=8),
        ),
        FileColumn(
            "valid_from", ("Hinta alkaen", "Pris från", "Price from"), cells.day, required=True
        ),
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> WantedRow:
        row = TaskType.objects.filter(code=values["code"]).first()
        fields = present(
            values, "code", "name_fi", "name_sv", "name_en", "description_fi", "wear_fi", "icon",
            "min_age", "real_property",
        )  # fmt: skip
        fitting(TaskType, fields)
        now_values = current(row, fields)
        if values.get("skills"):
            fields["skills"] = frozenset(w.casefold() for w in values["skills"])
            now_values["skills"] = skill_names(row) if row else None
        least = values.get("min_charge") or 120
        fields["price"] = (values["valid_from"], values["hourly_net"], least)
        tariff = Tariff.objects.filter(
            task_type=row, customer=None, valid_from=values["valid_from"]
        ).first()
        if row and tariff:
            now_values["price"] = (tariff.valid_from, tariff.hourly_net, tariff.min_charge_min)
        return WantedRow(values["name_fi"], values["code"], row, fields, now_values)

    def write(self, wanted: WantedRow, *, by: User | None, now: datetime) -> None:
        fields = dict(wanted.values)
        valid_from, hourly, least = fields.pop("price")
        skills = fields.pop("skills", None)
        row = wanted.found
        if row is None:
            row = TaskType.objects.create(**fields)
        else:
            write_fields(row, fields)
        if skills is not None:
            row.skills.set([skill_called(name) for name in skills])
        Tariff.objects.update_or_create(
            task_type=row,
            customer=None,
            valid_from=valid_from,
            defaults={"hourly_net": hourly, "min_charge_min": least},
        )
