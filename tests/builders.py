"""Rows with sensible defaults for tests; each builder makes only what it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count, islice
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Organisation, Role, User
from orders.models import Contact, Customer, Site, Tariff, TaskType, VatRate, WorkOrder
from workers.models import Engagement, Skill, WeeklyAvailability, Worker

HELSINKI = ZoneInfo("Europe/Helsinki")
_serial = count(1)
# Valid Y-tunnus numbers for customers built in a row.
WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


def _business_ids() -> Iterator[str]:
    for base in count(1_000_000):
        rest = sum(int(d) * w for d, w in zip(str(base), WEIGHTS, strict=True)) % 11
        if rest != 1:
            yield f"{base}-{0 if rest == 0 else 11 - rest}"


_found: list[str] = []
_more = _business_ids()


def business_id(n: int) -> str:
    """The n-th valid Y-tunnus from 1000000 upwards."""
    _found.extend(islice(_more, max(n - len(_found), 0)))
    return _found[n - 1]


def user(role: Role = Role.DISPATCHER, **fields: Any) -> User:
    n = next(_serial)
    defaults = {"email": f"{role}{n}@askare.example", "name": f"Testi {role.title()} {n}"}
    return User.objects.create_user(password="salasana-testi", role=role, **(defaults | fields))


def organisation(**fields: Any) -> Organisation:
    defaults = {
        "name": "Askare Saimaa ry",
        "business_id": "2077474-0",
        "street": "Valtakatu 30",
        "postal_code": "53100",
        "city": "Lappeenranta",
        "phone": "05 123 4567",
        "email": "palvelu@askare.example",
        "contact_name": "Liisa",
        "iban": "FI2112345600000785",
        "bic": "NDEAFIHH",
    }
    return Organisation.objects.create(**(defaults | fields))


def skill(code: str = "cleaning") -> Skill:
    return Skill.objects.get_or_create(
        code=code, defaults={"name_fi": code, "name_sv": code, "name_en": code}
    )[0]


def worker(*, skills: tuple[str, ...] = (), available: bool = True, **fields: Any) -> Worker:
    """A worker in central Lappeenranta, employed, free every day 7-21 unless told otherwise."""
    n = next(_serial)
    kind = fields.pop("engagement", "employment")
    defaults = {
        "worker_no": f"T{n:04d}",
        "first_name": f"Aino{n}",
        "last_name": "Mäki",
        "birth_date": date(1995, 5, 17),
        "postal_code": "53100",
        "city": "Lappeenranta",
        "lat": 61.0587,
        "lon": 28.1887,
        "coached_gigs": 0,
    }
    row = Worker.objects.create(**(defaults | fields))
    row.skills.set([skill(code) for code in skills])
    if kind:
        Engagement.objects.create(worker=row, kind=kind, starts_on=date(2026, 1, 1))
    if available:
        WeeklyAvailability.objects.bulk_create(
            WeeklyAvailability(worker=row, weekday=d, starts=time(7), ends=time(21))
            for d in range(7)
        )
    return row


def customer(**fields: Any) -> Customer:
    n = next(_serial)
    defaults = {
        "customer_no": str(1000 + n),
        "name": f"Kahvila Saimaa {n} Oy",
        "business_id": business_id(n),
        "street": "Kauppakatu 4",
        "postal_code": "53100",
        "city": "Lappeenranta",
        "invoice_email": f"laskut{n}@yritys.example",
    }
    return Customer.objects.create(**(defaults | fields))


def contact(of: Customer, **fields: Any) -> Contact:
    person = fields.pop("user", None) or user(Role.CUSTOMER)
    return Contact.objects.create(customer=of, user=person, name=person.name, **fields)


def site(of: Customer, **fields: Any) -> Site:
    defaults = {
        "street": "Kauppakatu 4",
        "postal_code": "53100",
        "city": "Lappeenranta",
        "lat": 61.0587,
        "lon": 28.1887,
    }
    return Site.objects.get_or_create(customer=of, **(defaults | fields))[0]


def task_type(code: str = "cleaning", *, skills: tuple[str, ...] = (), **fields: Any) -> TaskType:
    defaults = {"name_fi": "Siivous", "name_sv": "Städning", "name_en": "Cleaning"}
    row, _ = TaskType.objects.get_or_create(code=code, defaults=defaults | fields)
    row.skills.set([skill(s) for s in skills])
    return row


def tariff(hourly: str = "32.00", **fields: Any) -> Tariff:
    VatRate.objects.get_or_create(
        kind="general",
        valid_from=date(2024, 9, 1),
        defaults={"percent": Decimal("25.5"), "source": "rules"},
    )
    found = Tariff.objects.filter(**({"task_type": None, "customer": None} | fields)).first()
    return found or Tariff.objects.create(
        valid_from=date(2026, 1, 1), hourly_net=Decimal(hourly), **fields
    )


def order(
    *,
    on: date = date(2026, 11, 26),
    at: time = time(9),
    duration_min: int = 240,
    **fields: Any,
) -> WorkOrder:
    """A placed order for one person, by default Thursday 26.11.2026 9.00-13.00."""
    n = next(_serial)
    owner = fields.pop("customer", None) or customer()
    row = tariff()
    starts_at = datetime.combine(on, at, HELSINKI).astimezone(ZoneInfo("UTC"))
    people = fields.get("people", 1)
    net = Decimal(32) * people * duration_min / 60
    defaults: dict[str, Any] = {
        # Five digits: a page without the order shows no such number, 2026 it does.
        "number": 70_000 + n,
        "status": "placed",
        "customer": owner,
        "site": fields.pop("site", None) or site(owner),
        "task_type": fields.pop("task_type", None) or task_type(),
        "works_on": on,
        "starts": at,
        "duration_min": duration_min,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=duration_min),
        "orderer_name": "Maija Virtanen",
        "orderer_email": "maija@yritys.example",
        "site_contact_name": "Maija Virtanen",
        "quote_net": net,
        "quote_vat_pct": Decimal("25.5"),
        "quote_vat": (net * Decimal("0.255")).quantize(Decimal("0.01")),
        "quote_gross": (net * Decimal("1.255")).quantize(Decimal("0.01")),
        "tariff_ref": str(row.pk),
        "placed_at": datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("UTC")),
        "created_at": datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("UTC")),
    }
    return WorkOrder.objects.create(**(defaults | fields))
