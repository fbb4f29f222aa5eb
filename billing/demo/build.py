"""A believable region for demonstrations and measurements, the same for the same seed and day.

Rows are written in bulk (a service call per order would take minutes at 5,000 orders), invoices
through the billing services, so that numbers, hashes and states are those of the real thing.
`manage.py check_books` proves the result.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Organisation, Role, User
from billing.demo.names import FIRMS, FIRST_NAMES, LAST_NAMES, POSTAL_CODES, SKILLS, STREETS, TASKS
from billing.dunning import services as reminding
from billing.hours import services as hours
from billing.invoices import delivery, services
from billing.invoices import messages as invoice_messages
from billing.models import HourEntry, Invoice
from billing.models.lifecycle import InvoiceStatus
from billing.rules.late_interest import half_year, next_half
from core import messages
from core.languages import Language
from core.messages import Recipient
from core.models import AuditEvent, Counter, OutboxMessage
from core.outbox_lifecycle import OutboxState
from core.zone import HELSINKI, local_date
from dispatch.models import Assignment, Punch
from orders.geocode import postal_place
from orders.models import (
    Contact,
    Customer,
    Site,
    Tariff,
    TariffSupplement,
    TaskType,
    VatRate,
    WorkOrder,
)
from orders.ordering.selectors import quote
from orders.rules.customer_card import Channel
from orders.rules.pricing import Price
from orders.rules.vat_treatment import HOME
from workers.models import (
    Absence,
    Engagement,
    Restriction,
    Skill,
    Strain,
    TravelMode,
    WeeklyAvailability,
    Worker,
)

PASSWORD = "askare-demo-2026"  # noqa: S105 - printed on purpose, demo accounts only
ACCOUNTS = (
    (Role.ADMIN, "Antti Ylönen"),
    (Role.DISPATCHER, "Liisa Välittäjä"),
    (Role.COACH, "Pekka Valmentaja"),
    (Role.FINANCE, "Raija Laskuttaja"),
    (Role.MANAGER, "Mervi Johtaja"),
    (Role.WORKER, "Aino Mäki"),
    (Role.CUSTOMER, "Maija Virtanen"),
)
FIRST_ORDER_NO = 2001
# What is done to goods and papers, not to a building or a yard.
MOVABLE_WORK = frozenset({"office", "archive", "packing", "shelving"})
FROM_ABROAD, DISCOUNTED = 1, 6
SWEDISH = {
    "country": "SE",
    "business_id": "",
    "vat_id": "SE556012579001",
    "street": "Drottninggatan 1",
    "postal_code": "111 51",
    "city": "Stockholm",
    "language": Language.SV,
}


@dataclass
class _Slot:
    start: datetime
    end: datetime


@dataclass
class _Person:
    row: Worker
    skills: frozenset[str]
    strains: frozenset[str]
    windows: dict[int, tuple[time, time]]
    kind: str
    week_max_min: int
    slots: dict[date, list[_Slot]] = field(default_factory=lambda: defaultdict(list))
    week_min: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    away: set[date] = field(default_factory=set)


# What the papers of the oldest run, and those of the newest, became: a page shows each of these.
OLDEST_PAPERS = ("reminded", "credited", "paid")
NEWEST_PAPERS = ("sent", "issued", "draft")
# Assignments that hold nobody's time; the newest past orders have one each.
SIDE_STATES = ("no_show", "absent", "withdrawn", "expired", "declined")
# Between these hours somebody is at work, whatever the weekday.
WORK_HOURS = range(7, 20)


def month_runs(now: datetime) -> list[tuple[date, datetime]]:
    """The last day of each month that was invoiced before `now`, and when that was, oldest first.

    A month is invoiced on the second day of the next one, so there are always two or three.
    """
    first = local_date(now).replace(day=1)
    found = []
    for _ in range(3):
        until = first - timedelta(days=1)
        run_at = datetime.combine(until + timedelta(days=2), time(9), HELSINKI)
        if run_at <= now:
            found.append((until, run_at))
        first = until.replace(day=1)
    return found[::-1]


def fates_of_papers(runs: list[datetime]) -> list[str]:
    """What becomes of each draft, in order of time; `runs` says when each was made.

    The first and the last ones show every state, whatever the day; those between are as usual.
    """
    fates, n = [], 0
    for place, run in enumerate(runs):
        n = n + 1 if place and runs[place - 1] == run else 0
        if run == runs[-1]:
            fates.append({1: "draft", 2: "issued"}.get(n % 6, "sent"))
        else:
            fates.append("credited" if n == 3 else "sent" if n % 7 == 3 else "paid")
    shown = [*OLDEST_PAPERS, *NEWEST_PAPERS]
    if len(fates) >= len(shown):
        fates[: len(OLDEST_PAPERS)] = OLDEST_PAPERS
        fates[-len(NEWEST_PAPERS) :] = NEWEST_PAPERS
    return fates


def business_ids(rng: random.Random, count: int) -> list[str]:
    """Business ids (Y-tunnus) of invented firms; their check digit is right."""
    weights = (7, 9, 10, 5, 8, 4, 2)
    found: dict[str, None] = {}
    while len(found) < count:
        base = f"{rng.randrange(1_500_000, 3_400_000)}"
        rest = sum(int(d) * w for d, w in zip(base, weights, strict=True)) % 11
        if rest != 1:
            found[f"{base}-{0 if rest == 0 else 11 - rest}"] = None
    return list(found)


def places() -> dict[str, tuple[str, float, float]]:
    """Postcode -> town, latitude, longitude, from the shipped table."""
    found = {code: postal_place(code) for code in set(POSTAL_CODES)}
    return {code: (p.place, p.lat, p.lon) for code, p in found.items() if p}


def _einvoice(business_id: str, n: int) -> dict[str, str]:
    """Card fields of a customer who takes e-invoices at the address of its Y-tunnus."""
    return {
        "invoice_channel": Channel.FINVOICE if n % 2 else Channel.PEPPOL,
        "e_invoice_address": f"0037{business_id.replace('-', '')}",
        "e_invoice_operator": "003723327487",
    }


class Demo:
    """Builds the whole data set; `now` decides what is past, present and future."""

    def __init__(
        self, *, now: datetime, seed: int, workers: int, customers: int, orders: int, days: int
    ) -> None:
        self.now = now
        self.today = local_date(now)
        self.rng = random.Random(seed)  # noqa: S311 - reproducible demo rows, not secrets
        self.sizes = (workers, customers, orders, days)
        self.places = places()
        self.audit: list[AuditEvent] = []
        self.offered = self.planned = False
        # States of past orders that the first ones show, so that no day is without them.
        self.owed = ["unfilled", "cancelled"]

    def build(self) -> None:
        """Write everything in one transaction, invoices after it."""
        with transaction.atomic():
            self.accounts()
            self.catalogue()
            self.people()
            self.customers()
            self.orders()
            AuditEvent.objects.bulk_create(self.audit, batch_size=1000)

    # -- people and catalogue ---------------------------------------------------------------

    def accounts(self) -> None:
        password = make_password(PASSWORD)
        self.users = {
            role: User.objects.create(
                email=f"{role.value}@askare.example",
                name=name,
                role=role,
                password=password,
                is_staff=role == Role.ADMIN,
                is_superuser=role == Role.ADMIN,
            )
            for role, name in ACCOUNTS
        }
        if not Organisation.objects.exists():
            Organisation.objects.create(
                name="Askare Saimaa ry",
                business_id="2345678-0",
                street="Valtakatu 30",
                postal_code="53100",
                city="Lappeenranta",
                phone="05 123 4567",
                email="palvelu@askare.example",
                contact_name="Liisa",
                iban="FI2112345600000785",
                bic="NDEAFIHH",
                e_invoice_address="003723456780",
                e_invoice_operator="003723327487",
            )

    def catalogue(self) -> None:
        self.skills = {
            code: Skill.objects.get_or_create(
                code=code, defaults={"name_fi": fi, "name_sv": sv, "name_en": en}
            )[0]
            for code, fi, sv, en in SKILLS
        }
        VatRate.objects.get_or_create(
            kind="general",
            valid_from=date(2024, 9, 1),
            defaults={"percent": Decimal("25.5"), "source": "AVL 84 §, 1.9.2024"},
        )
        self.tasks: dict[str, TaskType] = {}
        self.task_skills = {code: frozenset(needs) for code, *_, needs, _s, _p, _a, _h in TASKS}
        first_day = self.today.replace(month=1, day=1) - timedelta(days=366)
        for sort, (code, icon, name, text, wear, skills, strains, price, age, hazard) in enumerate(
            TASKS
        ):
            row = TaskType.objects.create(
                code=code,
                icon=icon,
                sort=sort * 10,
                strains=list(strains),
                min_age=age,
                hazardous=hazard,
                light_work=not hazard,
                real_property=code not in MOVABLE_WORK,
                **dict(zip(("name_fi", "name_sv", "name_en"), name, strict=True)),
                **dict(
                    zip(("description_fi", "description_sv", "description_en"), text, strict=True)
                ),
                **dict(zip(("wear_fi", "wear_sv", "wear_en"), wear, strict=True)),
            )
            row.skills.set([self.skills[s] for s in skills])
            tariff = Tariff.objects.create(
                task_type=row, valid_from=first_day, hourly_net=Decimal(price), min_charge_min=120
            )
            TariffSupplement.objects.bulk_create(
                TariffSupplement(
                    tariff=tariff, kind=kind, percent=Decimal(percent), from_min=start, to_min=end
                )
                for kind, percent, start, end in (
                    ("evening", 15, 18 * 60, 22 * 60),
                    ("saturday", 20, 0, 1440),
                    ("sunday", 100, 0, 1440),
                    ("holiday", 100, 0, 1440),
                )
            )
            self.tasks[code] = row

    def _home(self) -> dict[str, Any]:
        code = self.rng.choice(POSTAL_CODES)
        town, lat, lon = self.places[code]
        # Scatter within about a kilometre: a postcode's centre is not everybody's home.
        return {
            "street": f"{self.rng.choice(STREETS)} {self.rng.randint(1, 60)}",
            "postal_code": code,
            "city": town,
            "lat": round(lat + self.rng.uniform(-0.008, 0.008), 5),
            "lon": round(lon + self.rng.uniform(-0.016, 0.016), 5),
        }

    def people(self) -> None:
        count = self.sizes[0]
        kinds = ["employment"] * 5 + ["pay_subsidy"] * 2 + ["apprenticeship"]
        unpaid = ["work_trial", "training_agreement", "school_practice"]
        self.staff: list[_Person] = []
        windows: list[WeeklyAvailability] = []
        for n in range(count):
            first = "Aino" if n == 0 else self.rng.choice(FIRST_NAMES)
            last = "Mäki" if n == 0 else self.rng.choice(LAST_NAMES)
            young = n in (3, 11, 19)
            age = self.rng.randint(16, 17) if young else self.rng.randint(18, 61)
            kind = unpaid[n % 3] if n in (7, 14, 21) else self.rng.choice(kinds)
            kind = "employment" if n == 0 else kind
            week = self.rng.choice((600, 900, 1200, 1500, 1800))
            row = Worker.objects.create(
                worker_no=f"T{n + 1:04d}",
                user=self.users[Role.WORKER] if n == 0 else None,
                first_name=first,
                last_name=last,
                birth_date=date(self.today.year - age, self.rng.randint(1, 10), 5),
                phone=f"+35840{self.rng.randint(1000000, 9999999)}",
                email="worker@askare.example" if n == 0 else "",
                travel_mode=self.rng.choices(
                    [TravelMode.BUS, TravelMode.BIKE, TravelMode.CAR, TravelMode.WALK],
                    [5, 3, 3, 1],
                )[0],
                max_trip_min=self.rng.choice((45, 60, 60, 75)),
                wish_week_min=week,
                coach=self.users[Role.COACH] if n % 2 == 0 else None,
                payroll_no=str(5000 + n),
                **self._home(),
            )
            skills = frozenset(
                ["cleaning", "kitchen", "hygiene", "office", "garden"]
                if n == 0
                else self.rng.sample(sorted(self.skills), self.rng.randint(3, 6))
            )
            row.skills.set([self.skills[s] for s in skills])
            strains = frozenset(
                self.rng.sample([str(s) for s in Strain.values], 1)
                if n and self.rng.random() < 0.3
                else []
            )
            Restriction.objects.bulk_create(Restriction(worker=row, strain=s) for s in strains)
            Engagement.objects.create(
                worker=row,
                kind=kind,
                starts_on=self.today - timedelta(days=self.rng.randint(100, 400)),
                ends_on=self.today + timedelta(days=self.rng.randint(60, 300))
                if kind != "employment"
                else None,
                weekly_max_min=min(week + 300, 2250),
                subsidy_pct=Decimal(50) if kind == "pay_subsidy" else Decimal(0),
            )
            person = _Person(row, skills, strains, {}, kind, min(week, 2100))
            for weekday in range(7):
                if weekday >= 5 and self.rng.random() < 0.6 and n:
                    continue
                if weekday < 5 and n and self.rng.random() < 0.12:
                    continue
                start = self.rng.choice((7, 7, 8, 8, 9))
                end = self.rng.choice((15, 16, 17, 18, 20))
                if n == 0:
                    start, end = 7, 18
                person.windows[weekday] = (time(start), time(end))
                windows.append(
                    WeeklyAvailability(
                        worker=row, weekday=weekday, starts=time(start), ends=time(end)
                    )
                )
            if n and self.rng.random() < 0.2:
                first_day = self.today + timedelta(days=self.rng.randint(-20, 12))
                days = self.rng.randint(1, 4)
                person.away |= {first_day + timedelta(days=d) for d in range(days)}
                Absence.objects.create(
                    worker=row,
                    starts_at=datetime.combine(first_day, time(0), HELSINKI),
                    ends_at=datetime.combine(first_day + timedelta(days=days), time(0), HELSINKI),
                    created_at=self.now - timedelta(days=25),
                    created_by=self.users[Role.DISPATCHER],
                )
            self.staff.append(person)
        WeeklyAvailability.objects.bulk_create(windows)

    def customers(self) -> None:
        count = self.sizes[1]
        ids = business_ids(self.rng, count)
        self.firms: list[tuple[Customer, list[Site], tuple[str, ...], str]] = []
        for n in range(count):
            name, kind, usual = FIRMS[n % len(FIRMS)]
            tasks: tuple[str, ...] = usual
            if n >= len(FIRMS):
                name = f"{self.rng.choice(LAST_NAMES)} {n} Oy"
                tasks = tuple(self.rng.sample(list(self.tasks), 3))
            home = self._home()
            row = Customer.objects.create(
                customer_no=str(1001 + n),
                name=name,
                business_id=ids[n],
                kind=kind,
                street=home["street"],
                postal_code=home["postal_code"],
                city=home["city"],
                invoice_email=f"laskut{n + 1}@yritys.example",
                invoice_reference=f"KP {4000 + n}" if n % 3 == 0 else "",
                payment_term_days=30 if kind == "public" else 14,
                language=Language.SV if name.endswith(" rf") else Language.FI,
                # Every third with a reference takes e-invoices, of both kinds in turn.
                **(_einvoice(ids[n], n) if n % 3 == 0 else {}),
            )
            if n == FROM_ABROAD:
                Customer.objects.filter(pk=row.pk).update(**SWEDISH)
                row.refresh_from_db()
            elif n == DISCOUNTED:
                row.discounts.create(valid_from=date(2026, 1, 1), percent=Decimal(5))
            person = (
                "Maija Virtanen"
                if n == 0
                else f"{self.rng.choice(FIRST_NAMES)} {self.rng.choice(LAST_NAMES)}"
            )
            Contact.objects.create(
                customer=row,
                user=self.users[Role.CUSTOMER] if n == 0 else None,
                name=person,
                email=f"tilaaja{n + 1}@yritys.example",
                phone=f"+35850{self.rng.randint(1000000, 9999999)}",
            )
            sites = [Site.objects.create(customer=row, **home)]
            if self.rng.random() < 0.4:
                second = self._home()
                if second["street"] != home["street"]:
                    sites.append(Site.objects.create(customer=row, **second))
            self.firms.append((row, sites, tasks, person))

    # -- orders and what became of them -------------------------------------------------------

    def _days(self) -> list[date]:
        """A date per order, working days far more often than weekends, in order of time."""
        back = self.sizes[3]
        span = [self.today + timedelta(days=d) for d in range(-back, 29)]
        weights = [(1.0, 1.0, 1.0, 1.0, 1.0, 0.25, 0.08)[d.weekday()] for d in span]
        days = self.rng.choices(span, weights, k=max(self.sizes[2] - 6, 0))
        # The next days are never empty in a demonstration.
        days += [self.today, self.today, *(self.today + timedelta(days=d) for d in (1, 1, 2, 3))]
        return sorted(days)

    def orders(self) -> None:
        rows: list[WorkOrder] = []
        prices: dict[tuple[object, ...], Price] = {}
        discounted = set(Customer.objects.filter(discounts__isnull=False))
        self.shown: int | None = None
        for n, day in enumerate(self._days()):
            owner, sites, tasks, person = self.rng.choice(self.firms)
            if n % 11 == 0:
                owner, sites, tasks, person = self.firms[0]
            code = self.rng.choice(tasks)
            if code == "snow" and day.month not in (11, 12, 1, 2, 3):
                code = "yard"
            task = self.tasks[code]
            duration = self.rng.choice((120, 150, 180, 180, 240, 240, 240, 300, 360, 480))
            at = time(self.rng.choice((8, 8, 9, 9, 10, 11, 12, 13)), self.rng.choice((0, 0, 0, 30)))
            people = self.rng.choices((1, 2, 3), (8, 2, 1))[0] if code != "moving" else 2
            hour = self.now.astimezone(HELSINKI).hour
            if day == self.today and self.shown is None and hour in WORK_HOURS:
                # The demo's customer and worker can look at one that is under way.
                owner, sites, _tasks, person = self.firms[0]
                task, code, people = self.tasks["cleaning"], "cleaning", 1
                at, duration, self.shown = time(max(hour - 1, 7)), 180, n
            starts_at = datetime.combine(day, at, HELSINKI).astimezone(UTC)
            own = owner.pk if owner.country != HOME or owner in discounted else 0
            key = (code, day, at, duration, people, own)
            if key not in prices:
                prices[key] = quote(task, owner, day, at, duration, people)
            price = prices[key]
            placed = starts_at - timedelta(
                days=self.rng.randint(2, 12), hours=self.rng.randint(0, 5)
            )
            placed = min(placed, self.now - timedelta(hours=3))
            rows.append(
                WorkOrder(
                    number=FIRST_ORDER_NO + n,
                    status="placed",
                    customer=owner,
                    site=self.rng.choice(sites),
                    task_type=task,
                    works_on=day,
                    starts=at,
                    duration_min=duration,
                    people=people,
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(minutes=duration),
                    orderer_name=person,
                    orderer_email="customer@askare.example" if owner is self.firms[0][0] else "",
                    site_contact_name=person,
                    site_contact_phone="+358501234567",
                    wear=task.wear_fi,
                    customer_reference=owner.invoice_reference,
                    quote_net=price.net,
                    quote_vat_pct=price.vat_pct,
                    quote_vat=price.vat,
                    quote_gross=price.gross,
                    quote_lines=[],
                    tariff_ref=price.tariff_ref,
                    discount_pct=price.discount_pct,
                    placed_at=placed,
                    created_at=placed,
                )
            )
        Counter.objects.update_or_create(
            series="order", defaults={"last": FIRST_ORDER_NO + len(rows) - 1}
        )
        WorkOrder.objects.bulk_create(rows, batch_size=500)
        assignments: list[Assignment] = []
        for row in rows:
            self._event(row, "order.placed", row.placed_at, kind="order", label=row.orderer_name)
            shown = self.shown is not None and row.number == FIRST_ORDER_NO + self.shown
            assignments += self._assign(row, [self.staff[0]] if shown else None)
        assignments += self._sides(rows, assignments)
        Assignment.objects.bulk_create(assignments, batch_size=500)
        WorkOrder.objects.bulk_update(rows, ["status", "cancelled_at"], batch_size=500)
        self._hours(assignments)

    def _event(
        self,
        order: WorkOrder,
        verb: str,
        at: datetime | None,
        *,
        kind: str,
        ref: object = None,
        label: str = "",
        after: Mapping[str, object] | None = None,
    ) -> None:
        self.audit.append(
            AuditEvent(
                at=at or self.now,
                actor_label=label,
                verb=verb,
                kind=kind,
                ref=str(ref or order.ref),
                order_ref=str(order.ref),
                after=dict(after or {}),
            )
        )

    def _free(self, order: WorkOrder, day: date) -> list[_Person]:
        task = order.task_type
        needed = self.task_skills[task.code]
        start = order.starts_at - timedelta(minutes=45)
        end = order.ends_at + timedelta(minutes=45)
        week = day.isocalendar()[:2]
        found = []
        for p in self.staff:
            window = p.windows.get(day.weekday())
            if window is None or day in p.away or not needed <= p.skills:
                continue
            if p.strains & set(task.strains):
                continue
            if p.kind in {"school_practice", "work_trial"} and (
                order.duration_min < 240 or order.duration_min > 360
            ):
                continue
            age = (day - p.row.birth_date).days // 365
            if age < 18 and (task.hazardous or task.min_age > age or day.weekday() >= 5):
                continue
            if (order.starts < window[0]) or (
                datetime.combine(day, window[1], HELSINKI) < order.ends_at
            ):
                continue
            if p.week_min[week] + order.duration_min > p.week_max_min:
                continue
            if (
                sum((s.end - s.start).seconds // 60 for s in p.slots[day]) + order.duration_min
                > 480
            ):
                continue
            if any(s.start < end and s.end > start for s in p.slots[day]):
                continue
            lat, lon = p.row.lat - order.site.lat, (p.row.lon - order.site.lon) / 2
            if (lat * lat + lon * lon) ** 0.5 * 111 > 18:
                continue
            found.append(p)
        return found

    def _sides(self, orders: list[WorkOrder], made: list[Assignment]) -> list[Assignment]:
        """The newest past orders show each way in which a person did not come."""
        held = defaultdict(set)
        for row in made:
            held[row.order_id].add(row.worker_id)
        past = [order for order in reversed(orders) if order.status == "done"]
        found = []
        for order, status in zip(past, SIDE_STATES, strict=False):
            others = [p for p in self.staff if p.row.pk not in held[order.pk]]
            found.append(self._assignment(order, self.rng.choice(others), status))
        return found

    def _assign(self, order: WorkOrder, by: list[_Person] | None = None) -> list[Assignment]:
        past = order.ends_at < self.now
        under_way = order.starts_at <= self.now <= order.ends_at
        owed = self.owed.pop() if past and self.owed else ""
        if past and (self.rng.random() < 0.04 or owed == "cancelled"):
            order.status = "cancelled"
            order.cancelled_at = order.starts_at - timedelta(days=2)
            self._event(
                order, "order.cancelled", order.cancelled_at, kind="order", label=order.orderer_name
            )
            return []
        free = by or self._free(order, order.works_on)
        self.rng.shuffle(free)
        free.sort(key=lambda p: p.row.pk != self.staff[0].row.pk)
        late = order.works_on > self.today + timedelta(days=9)
        chosen = [] if owed == "unfilled" else free[: order.people]
        if not past and not under_way and (self.rng.random() < (0.3 if late else 0.1)):
            chosen = chosen[:-1]
        if past and len(chosen) < order.people:
            chosen = chosen if chosen and order.people > 1 else []
        made: list[Assignment] = []
        filled = 0
        for person in chosen:
            status = "completed" if past else "on_site" if under_way else "accepted"
            waits = self.rng.random() < 0.06 or not self.offered
            if not past and not under_way and waits:
                status, self.offered = "offered", True
            elif not past and not under_way and not self.planned:
                status, self.planned = "planned", True
            person.slots[order.works_on].append(_Slot(order.starts_at, order.ends_at))
            person.week_min[order.works_on.isocalendar()[:2]] += order.duration_min
            made.append(self._assignment(order, person, status))
            filled += status not in {"offered", "planned"}
        if free[order.people :] and self.rng.random() < 0.08:
            made.append(self._assignment(order, free[order.people], "declined"))
        if past:
            order.status = "done" if made and filled else "unfilled"
        elif under_way:
            order.status = "in_progress" if filled else "placed"
        else:
            order.status = "filled" if filled == order.people else "placed"
        return made

    def _assignment(self, order: WorkOrder, person: _Person, status: str) -> Assignment:
        offered = min((order.placed_at or self.now) + timedelta(hours=2), self.now)
        tomorrow = datetime.combine(self.today + timedelta(days=1), time(12), HELSINKI)
        answer_by = min(order.starts_at - timedelta(hours=2), tomorrow.astimezone(UTC))
        row = Assignment(
            order=order,
            worker=person.row,
            status=status,
            starts_at=order.starts_at,
            ends_at=order.ends_at,
            answer_by=answer_by if status == "offered" else None,
            answered_at=None
            if status in {"offered", "planned"}
            else offered + timedelta(minutes=50),
            told_at=None if status == "planned" else offered,
            created_at=offered,
            created_by=self.users[Role.DISPATCHER],
        )
        first = {"worker": str(person.row.ref)}
        if status == "planned":
            return row
        self._event(
            order,
            "assignment.offered",
            offered,
            kind="assignment",
            ref=row.ref,
            after=first,
            label="Liisa Välittäjä",
        )  # fmt: skip
        if status not in {"offered", "declined", "expired", "withdrawn"}:
            self._event(
                order,
                "assignment.accepted",
                row.answered_at,
                kind="assignment",
                ref=row.ref,
                after=first,
                label=person.row.first_name,
            )
        return row

    def _hours(self, assignments: list[Assignment]) -> None:
        punches: list[Punch] = []
        entries: list[HourEntry] = []
        kinds = {p.row.pk: p.kind for p in self.staff}
        # The week before last and everything older is approved; the newest wait.
        waits_from = self.today - timedelta(days=6)
        open_orders: set[int] = set()
        for a in assignments:
            if a.status not in {"completed", "on_site"}:
                continue
            order = a.order
            begin = a.starts_at + timedelta(minutes=self.rng.choice((-4, -2, 0, 0, 0, 3)))
            begin = min(begin, self.now - timedelta(minutes=1))
            punches.append(
                Punch(assignment=a, kind="in", at=begin, received_at=begin, by=a.worker.user)
            )
            entry = HourEntry(
                assignment=a,
                works_on=order.works_on,
                started_at=a.starts_at,
                engagement_kind=kinds[a.worker_id],
                created_at=begin,
                bill_state="not_billable"
                if kinds[a.worker_id] in {"work_trial", "training_agreement", "school_practice"}
                else "unbilled",
            )
            entries.append(entry)
            if a.status == "on_site":
                continue
            done = a.ends_at + timedelta(minutes=self.rng.choice((0, 0, 0, 0, 0, 0, 15, -15)))
            punches.append(
                Punch(assignment=a, kind="out", at=done, received_at=done, by=a.worker.user)
            )
            entry.ended_at = done
            span = int((done - entry.started_at).total_seconds()) // 60
            entry.break_min = 30 if span > 360 else 0
            entry.work_min = span - entry.break_min
            if order.works_on >= waits_from:
                entry.status = "disputed" if self.rng.random() < 0.1 else "submitted"
                open_orders.add(order.pk)
            else:
                entry.status = "approved"
                entry.approved_at = done + timedelta(days=1)
                entry.approved_by = self.users[Role.DISPATCHER]
                entry.approved_as = "dispatcher"
        ended = [entry for entry in entries if entry.ended_at]
        for entry, status in zip(
            reversed(ended), ("submitted", "disputed", "submitted"), strict=False
        ):
            entry.status, entry.approved_at, entry.approved_by = status, None, None
            entry.approved_as = ""
            open_orders.add(entry.assignment.order_id)
        Punch.objects.bulk_create(punches, batch_size=500)
        HourEntry.objects.bulk_create(entries, batch_size=500)
        WorkOrder.objects.filter(status="done").exclude(pk__in=open_orders).update(status="closed")
        if len(ended) > 2:
            late = HourEntry.objects.get(ref=ended[-3].ref)
            left_at = late.started_at + timedelta(minutes=late.work_min + late.break_min - 15)
            hours.correct_hours(
                late, started_at=late.started_at, ended_at=left_at,
                break_min=late.break_min, by=self.users[Role.DISPATCHER], now=self.now,
                note="Lähti vartin aiemmin.",
            )  # fmt: skip

    # -- invoices -----------------------------------------------------------------------------

    def invoices(self) -> None:
        """Month runs of the past through the billing services, leaving every state to be seen."""
        finance = self.users[Role.FINANCE]
        customers = list(Customer.objects.values_list("pk", flat=True))
        papers = [
            (draft, run_at)
            for until, run_at in month_runs(self.now)
            for draft in services.make_drafts(customers, until=until, by=finance, now=run_at)
        ]
        fates = fates_of_papers([run_at for _, run_at in papers])
        for (draft, run_at), fate in zip(papers, fates, strict=True):
            self._live(draft, fate, run_at)

    def _live(self, draft: Invoice, fate: str, run_at: datetime) -> None:
        """Take a draft as far as its fate says."""
        if fate == "draft":
            return
        finance = self.users[Role.FINANCE]
        invoice = services.issue_invoice(draft, by=finance, now=run_at)
        if fate == "issued":
            return  # not yet sent
        self._mark_sent(invoice, run_at)
        if fate == "paid":
            paid = run_at.date() + timedelta(days=self.rng.randint(5, 16))
            services.invoice_paid(invoice, on=min(paid, self.today), by=finance, now=self.now)
        elif fate == "credited":
            services.credit_invoice(invoice, by=finance, now=self.now, reason="Tuplalasku")
        elif fate == "reminded":
            self._remind(invoice)

    def _remind(self, invoice: Invoice) -> None:
        """A first reminder, as if it had gone; rates that nobody has entered yet are entered."""
        finance = self.users[Role.FINANCE]
        known = reminding.rates()
        half = half_year(invoice.due_on or self.today)
        while half <= self.today:
            if half not in known:
                reminding.enter_rate(
                    half, known[max(known)], source="Esittely: edellisen puolivuoden korko",
                    by=finance, now=self.now,
                )  # fmt: skip
            half = next_half(half)
        reminder = reminding.send_reminder(invoice, by=finance, now=self.now)
        OutboxMessage.objects.filter(attachment_ref=str(reminder.ref)).update(
            state=OutboxState.SENT, sent_at=self.now
        )

    def _mark_sent(self, invoice: Invoice, at: datetime) -> None:
        """As if it had gone: demo customers have neither a mailbox nor an operator."""
        invoice.status = InvoiceStatus.SENT
        invoice.sent_at = at
        invoice.save(update_fields=["status", "sent_at"])
        if delivery.format_of(invoice.customer):
            delivery.enqueue(invoice, now=at)
            invoice.einvoices.update(receipt="demo")
        else:
            to = Recipient(invoice.customer.invoice_email, invoice.customer.language)
            messages.send_file(
                to, invoice_messages.KIND, services.pdf_name(invoice),
                attachment_ref=str(invoice.ref), key=invoice_messages.mail_key(invoice), now=at,
            )  # fmt: skip
        OutboxMessage.objects.filter(attachment_ref=str(invoice.ref)).update(
            state=OutboxState.SENT, sent_at=at
        )
