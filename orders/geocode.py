"""From an address to a point: the shipped postcode table, or a geocoding server when one is set.

Without a server (settings.GEOCODER = "postal") the point is the middle of the postcode area; the
office corrects it by a pin on the site's map. With "nominatim" or "photon" the server named in
settings.GEOCODER_URL is asked first and the table answers when it does not find the house.
"""

from __future__ import annotations

import csv
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

logger = logging.getLogger(__name__)
TABLE = Path(__file__).parent / "data" / "postal_codes_fi.csv"
TIMEOUT_S = 3


class AddressNotFound(Exception):  # noqa: N818 - reads as the sentence it is
    """No such postcode in Finland, and no geocoder that knows the address."""


@dataclass(frozen=True)
class Located:
    """A point in WGS 84 degrees; `precision` is a Site.Located value: address or postal_code."""

    lat: float
    lon: float
    city: str
    precision: str


@dataclass(frozen=True)
class PostalPlace:
    code: str
    place: str
    region: str
    lat: float
    lon: float


@lru_cache(maxsize=1)
def postal_table() -> dict[str, PostalPlace]:
    """Finnish postcodes by code (GeoNames, CC BY 4.0; orders/data/README.md)."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: PostalPlace(
                row["code"], row["place"], row["region"], float(row["lat"]), float(row["lon"])
            )
            for row in csv.DictReader(file)
        }


def postal_place(code: str) -> PostalPlace | None:
    """Place of a five-digit postcode, or None when there is no such postcode."""
    return postal_table().get(code.strip())


def locate(street: str, postal_code: str, city: str = "") -> Located:
    """Point of an address.

    Raises:
        AddressNotFound: neither the geocoder nor the postcode table knows it.
    """
    place = postal_place(postal_code)
    town = city.strip() or (place.place if place else "")
    if settings.GEOCODER != "postal" and street.strip():
        point = _ask_server(f"{street}, {postal_code} {town}, Finland")
        if point is not None:
            return Located(point[0], point[1], town, "address")
    if place is None:
        raise AddressNotFound(postal_code)
    return Located(place.lat, place.lon, town, "postal_code")


def _ask_server(address: str) -> tuple[float, float] | None:
    from geopy.exc import GeopyError  # noqa: PLC0415 - most installations have no server

    try:
        found = _geocoder().geocode(address, timeout=TIMEOUT_S)
    except GeopyError:
        # An order must not fail because a map server is away: the table answers instead.
        logger.warning("The geocoder did not answer; the postcode table is used")
        return None
    return (found.latitude, found.longitude) if found else None


def _geocoder() -> Any:
    from geopy.geocoders import Nominatim, Photon  # noqa: PLC0415 - as above

    server = urlsplit(settings.GEOCODER_URL)
    kind: Any = {"nominatim": Nominatim, "photon": Photon}[settings.GEOCODER]
    options = {"user_agent": "askare"}
    if server.netloc:
        options |= {"domain": server.netloc + server.path.rstrip("/"), "scheme": server.scheme}
    return kind(**options)
