"""Addresses to points: the shipped table, and a server when one is set."""

from types import SimpleNamespace
from typing import Any

import pytest
from geopy.exc import GeocoderTimedOut

from orders import geocode
from orders.geocode import AddressNotFound, Located, locate, postal_place, postal_table


def test_postal_table_every_row_is_a_finnish_point() -> None:
    table = postal_table()
    assert len(table) == 3576
    assert all(len(code) == 5 and code.isdigit() for code in table)
    assert all(59 < p.lat < 71 and 19 < p.lon < 32 for p in table.values())


def test_postal_place_lappeenranta() -> None:
    place = postal_place(" 53100 ")
    assert place is not None
    assert (place.place, place.lat, place.lon) == ("Lappeenranta", 61.0564, 28.1938)


def test_locate_by_postcode_is_offline(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.GEOCODER = "postal"
    monkeypatch.setattr(geocode, "_geocoder", lambda: pytest.fail("asked a server"))
    assert locate("Kauppakatu 4", "53100") == Located(
        61.0564, 28.1938, "Lappeenranta", "postal_code"
    )


def test_locate_unknown_postcode_is_refused(settings: Any) -> None:
    settings.GEOCODER = "postal"
    with pytest.raises(AddressNotFound):
        locate("Kauppakatu 4", "99998")


class Server:
    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, ""

    def geocode(self, address: str, timeout: int) -> Any:
        self.asked = address
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def with_server(settings: Any, monkeypatch: pytest.MonkeyPatch, answer: Any) -> Server:
    server = Server(answer)
    settings.GEOCODER = "nominatim"
    monkeypatch.setattr(geocode, "_geocoder", lambda: server)
    return server


def test_locate_with_a_server_finds_the_house(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = with_server(settings, monkeypatch, SimpleNamespace(latitude=61.1, longitude=28.2))
    assert locate("Kauppakatu 4", "53100") == Located(61.1, 28.2, "Lappeenranta", "address")
    assert server.asked == "Kauppakatu 4, 53100 Lappeenranta, Finland"


@pytest.mark.parametrize("answer", [None, GeocoderTimedOut("away")])
def test_locate_server_without_answer_falls_back_to_the_table(
    settings: Any, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    with_server(settings, monkeypatch, answer)
    assert locate("Kauppakatu 4", "53100").precision == "postal_code"


@pytest.mark.parametrize("kind", ["nominatim", "photon"])
def test_geocoder_is_made_for_the_named_server(settings: Any, kind: str) -> None:
    settings.GEOCODER, settings.GEOCODER_URL = kind, "https://maps.askare.example/search"
    made = geocode._geocoder()
    assert made.domain.startswith("maps.askare.example")
    assert made.scheme == "https"
