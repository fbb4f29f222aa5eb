"""What a kind of file is: columns under the headings people use, and rows; shared columns."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.db.models import Model

from accounts.models import User
from core import cells
from core.cells import BadCell
from orders.geocode import AddressNotFound, locate
from orders.imports import checked_cells
from orders.models import Customer

# Namespace of order keys, so that the same row of the same customer is the same order for ever.
ORDER_KEYS = uuid.UUID("6a0c9e0e-5f5e-4c56-9d2b-0f6f2b8a4e11")


def choice(table: Mapping[str, str], value: str) -> str:
    """Value of a word list; the remedy names the words."""
    try:
        return table[value.casefold().strip()]
    except KeyError as error:
        raise BadCell("choice", words=", ".join(list(table)[:8])) from error


def fitting(model: type[Model], fields: Mapping[str, Any], **columns: str) -> None:
    """Refuse a text that is longer than its place in `model`; not every database does.

    `columns` says for a field which column it came from, when that has another name.
    """
    for name, value in fields.items():
        most = getattr(model._meta.get_field(name), "max_length", None)
        if isinstance(value, str) and most and len(value) > most:
            raise BadCell("long", column=columns.get(name, name), most=most)


@dataclass(frozen=True)
class FileColumn:
    """One column: its key, the headings that mean it (the first is the template's), its parser."""

    key: str
    headings: tuple[str, ...]
    parse: Callable[[str], Any] = str
    required: bool = False


@dataclass
class WantedRow:
    """What one row asks for: values by field, ready to compare with what is there."""

    label: str
    key: object
    found: Any
    values: dict[str, Any]
    now_values: dict[str, Any] = field(default_factory=dict)
    numbers: tuple[object, ...] = ()
    """Further values that no other row of the file may have."""

    @property
    def changed(self) -> list[str]:
        """Fields whose value would change; all of them for a new row."""
        return [k for k, v in self.values.items() if self.now_values.get(k) != v]


class FileKind:
    """A kind of file. `wanted` reads only; `write` makes it so inside the caller's transaction."""

    name: ClassVar[str]
    columns: ClassVar[tuple[FileColumn, ...]]

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> WantedRow:
        raise NotImplementedError

    def write(self, wanted: WantedRow, *, by: User | None, now: datetime) -> None:
        raise NotImplementedError


def present(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Only the values that the file gives: an empty cell leaves what is there."""
    return {n: values[n] for n in names if values.get(n) not in (None, "")}


def point_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Coordinates: those of the file, else of the address.

    Raises:
        BadCell: an address whose postcode does not exist (column postal_code).
    """
    if values.get("lat") is not None and values.get("lon") is not None:
        return {"lat": float(values["lat"]), "lon": float(values["lon"]), "city": values["city"]}
    try:
        point = locate(values.get("street", ""), values["postal_code"], values.get("city", ""))
    except AddressNotFound as error:
        raise BadCell("postal_code_unknown", column="postal_code") from error
    return {"lat": point.lat, "lon": point.lon, "city": values.get("city") or point.city}


ADDRESS = (
    FileColumn("street", ("Katuosoite", "Osoite", "Gatuadress", "Adress", "Street", "Address")),
    FileColumn(
        "postal_code",
        ("Postinumero", "Postinro", "Postnummer", "Postcode", "Postal code"),
        cells.postal_code,
        required=True,
    ),
    FileColumn("city", ("Postitoimipaikka", "Kaupunki", "Kunta", "Ort", "Stad", "Town", "City")),
)
# Finland: a swapped pair is told, not stored in another country.
COORDINATES = (
    FileColumn(
        "lat",
        ("Leveysaste", "Latitud", "Latitude", "Lat"),
        partial(cells.within, least=59, most=71),
    ),
    FileColumn(
        "lon",
        ("Pituusaste", "Longitud", "Longitude", "Lon"),
        partial(cells.within, least=19, most=32),
    ),
)
BUSINESS_ID = FileColumn(
    "business_id",
    ("Y-tunnus", "FO-nummer", "Business ID"),
    cells.business_id,
    required=True,
)
PHONE = FileColumn("phone", ("Puhelin", "Telefon", "Phone"), checked_cells.phone)
EMAIL = FileColumn("email", ("Sähköposti", "E-post", "Email", "E-mail"), checked_cells.email)


def customer_named(values: Mapping[str, Any]) -> Customer:
    """The customer whose Y-tunnus the row names."""
    row = Customer.objects.filter(business_id=values["business_id"]).first()
    if row is None:
        raise BadCell("customer_unknown", column="business_id")
    return row


def current(row: Model | None, names: Mapping[str, Any]) -> dict[str, Any]:
    """What those fields hold now; nothing for a row that is not there yet."""
    return {n: getattr(row, n) for n in names} if row else {}


def write_fields(row: Any, fields: Mapping[str, Any]) -> None:
    """Write those fields of a row and no others."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
