"""The file of sites."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from orders.imports.kinds.base import (
    ADDRESS,
    BUSINESS_ID,
    COORDINATES,
    FileColumn,
    FileKind,
    WantedRow,
    current,
    customer_named,
    fitting,
    point_of,
    present,
    write_fields,
)
from orders.models import Site


class Sites(FileKind):
    name = "sites"
    columns = (
        BUSINESS_ID,
        FileColumn("name", ("Kohteen nimi", "Nimi", "Namn", "Name")),
        FileColumn("street", ADDRESS[0].headings, required=True),
        *ADDRESS[1:],
        *COORDINATES,
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> WantedRow:
        owner = customer_named(values)
        row = Site.objects.filter(
            customer=owner, street=values["street"], postal_code=values["postal_code"]
        ).first()
        point = point_of(values)
        fields: dict[str, Any] = {
            "customer_id": owner.pk,
            "street": values["street"],
            "postal_code": values["postal_code"],
            "city": point["city"],
            **present(values, "name"),
        }
        pinned = values.get("lat") is not None
        # A pin that somebody moved on the map is not moved back by the middle of the postcode.
        if row is None or pinned:
            fields |= {"lat": point["lat"], "lon": point["lon"]}
            fields["located"] = Site.Located.PIN if pinned else Site.Located.POSTAL_CODE
        fitting(Site, fields)
        return WantedRow(
            f"{owner}: {values['street']}",
            (owner.pk, values["street"], values["postal_code"]),
            row,
            fields,
            current(row, fields),
        )

    def write(self, wanted: WantedRow, *, by: User | None, now: datetime) -> None:
        if wanted.found is None:
            Site.objects.create(**wanted.values)
        else:
            write_fields(wanted.found, wanted.values)
