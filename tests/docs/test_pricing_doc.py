"""The worked numbers of docs/algorithms/pricing.md, run as they stand."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from billing.rules.vat import credit_breakdown, vat_breakdown
from orders.models import Tariff
from orders.prices.selectors import tariff_in_force
from orders.rules.pricing import (
    Price,
    Supplement,
    SupplementKind,
    TariffRow,
    price_work,
)

PAGE = (Path(__file__).parents[2] / "docs/algorithms/pricing.md").read_text(encoding="utf-8")
HELSINKI = ZoneInfo("Europe/Helsinki")
HOLIDAYS = frozenset({date(2026, 12, 6)})
Row = dict[str, str]


def rows(kind: str) -> list[Row]:
    """Every row of every fenced table of one kind, as header -> cell."""
    found: list[Row] = []
    for block in re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        lines = [[cell.strip() for cell in line.split("|")] for line in block.splitlines()]
        found += [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    return found


def by_case(row: Row) -> str:
    return row["case"]


def tariff(start: str, hourly: str, **fields: object) -> TariffRow:
    told: dict[str, object] = {"min_charge_min": 0, "supplements": (), "vat_pct": Decimal("25.5")}
    return TariffRow(start, date.fromisoformat(start), Decimal(hourly), **(told | fields))  # type: ignore[arg-type]


def supplement(text: str) -> Supplement:
    """`evening 15 18-22`; without hours the whole day."""
    kind, percent, *hours = text.split()
    start, end = map(int, hours[0].split("-")) if hours else (0, 24)
    return Supplement(SupplementKind(kind), Decimal(percent), start * 60, end * 60)


def parts(text: str, sign: str = ",") -> list[str]:
    return [] if text == "-" else [part.strip() for part in text.split(sign)]


def priced(row: Row) -> Price:
    of = tariff(
        "2026-01-01",
        row["hourly"],
        min_charge_min=int(row["least"]),
        supplements=tuple(map(supplement, parts(row["supplements"]))),
        vat_pct=Decimal(row["vat"]),
        discount_pct=Decimal(row["off"]),
    )
    start = datetime.fromisoformat(row["start"])
    minutes, people = int(row["minutes"]), int(row["people"])
    return price_work(of, start, minutes, people, HOLIDAYS, frozenset(), HELSINKI)


def assert_price(row: Row) -> None:
    found = priced(row)
    assert " ".join(str(line.net) for line in found.lines) == row["lines"]
    told = tuple(row[key] for key in ("net", "tax", "gross"))
    assert tuple(map(str, (found.net, found.vat, found.gross))) == told


@pytest.mark.parametrize("row", rows("price-cases"), ids=by_case)
def test_price_of_the_page(row: Row):
    assert_price(row)


@pytest.mark.parametrize("row", rows("price-cases"), ids=by_case)
def test_numbers_of_the_page_add_up_by_themselves(row: Row):
    """Reckoned from the page alone: lines make the net, the rate makes the tax, half a cent up."""
    net = sum((Decimal(x) for x in row["lines"].split()), Decimal(0))
    tax = int(net * 100 * Decimal(row["vat"]) / 100 + Decimal("0.5"))
    assert (net, Decimal(tax) / 100) == (Decimal(row["net"]), Decimal(row["tax"]))
    assert net + Decimal(row["tax"]) == Decimal(row["gross"])


@pytest.mark.django_db
@pytest.mark.parametrize("row", rows("tariff-cases"), ids=by_case)
def test_tariff_of_the_page(row: Row):
    for text in parts(row["rows"]):
        start, hourly = text.split()
        Tariff.objects.create(valid_from=date.fromisoformat(start), hourly_net=Decimal(hourly))
    found = tariff_in_force(None, None, date.fromisoformat(row["date"]))
    assert (str(found.hourly_net) if found else "none") == row["hourly"]


def line(text: str) -> tuple[str, Decimal, Decimal]:
    code, pct, net = text.split()
    return code, Decimal(pct), Decimal(net)


@pytest.mark.parametrize("row", rows("vat-cases"), ids=by_case)
def test_vat_of_the_page(row: Row):
    earlier, now = ([line(x) for x in parts(row[key])] for key in ("credited before", "lines"))
    found = credit_breakdown(earlier, now) if earlier else vat_breakdown(now)
    shown = "; ".join(f"{x.code} {x.pct:f} {x.base} {x.vat}" for x in found)
    assert shown == row["rows"]


def test_page_holds_cases_of_each_kind():
    """Negative control: a renamed fence would otherwise silence the page."""
    counts = {kind: len(rows(f"{kind}-cases")) for kind in ("price", "tariff", "vat")}
    assert counts == {"price": 18, "tariff": 4, "vat": 6}


@pytest.mark.parametrize("key", ["lines", "net", "tax", "gross", "hourly", "off", "minutes"])
def test_wrong_number_on_the_page_is_noticed(key: str):
    row = next(r for r in rows("price-cases") if r["case"] == "ten per cent off")
    assert_price(row)
    wrong = {"lines": "128.00 -12.81", "minutes": "241", "off": "11"}.get(key, "1.00")
    with pytest.raises(AssertionError):
        assert_price(row | {key: wrong})
