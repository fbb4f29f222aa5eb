"""Workers of the demo: skills, engagements, when they can work and when they are away."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from accounts.models import Role
from billing.demo.names import FIRST_NAMES, LAST_NAMES
from billing.demo.region import Person, Region
from core.zone import HELSINKI
from workers.models import (
    Absence,
    Engagement,
    Restriction,
    Strain,
    TravelMode,
    WeeklyAvailability,
    Worker,
)

PAID_KINDS = ["employment"] * 5 + ["pay_subsidy"] * 2 + ["apprenticeship"]
UNPAID_KINDS = ["work_trial", "training_agreement", "school_practice"]


def make_people(region: Region, count: int) -> None:
    """Workers with their usual week; Aino, whose phone a visitor looks at, is the first."""
    windows: list[WeeklyAvailability] = []
    for n in range(count):
        person = _worker(region, n)
        windows += _usual_week(region, n, person)
        if n and region.rng.random() < 0.2:
            _away(region, person)
        region.staff.append(person)
    WeeklyAvailability.objects.bulk_create(windows)


def _worker(region: Region, n: int) -> Person:
    rng = region.rng
    first = "Aino" if n == 0 else rng.choice(FIRST_NAMES)
    last = "Mäki" if n == 0 else rng.choice(LAST_NAMES)
    young = n in (3, 11, 19)
    age = rng.randint(16, 17) if young else rng.randint(18, 61)
    kind = UNPAID_KINDS[n % 3] if n in (7, 14, 21) else rng.choice(PAID_KINDS)
    kind = "employment" if n == 0 else kind
    week = rng.choice((600, 900, 1200, 1500, 1800))
    row = Worker.objects.create(
        worker_no=f"T{n + 1:04d}",
        user=region.users[Role.WORKER] if n == 0 else None,
        first_name=first,
        last_name=last,
        birth_date=date(region.today.year - age, rng.randint(1, 10), 5),
        phone=f"+35840{rng.randint(1000000, 9999999)}",
        email="worker@askare.example" if n == 0 else "",
        travel_mode=rng.choices(
            [TravelMode.BUS, TravelMode.BIKE, TravelMode.CAR, TravelMode.WALK], [5, 3, 3, 1]
        )[0],
        max_trip_min=rng.choice((45, 60, 60, 75)),
        wish_week_min=week,
        coach=region.users[Role.COACH] if n % 2 == 0 else None,
        payroll_no=str(5000 + n),
        **region.home(),
    )
    skills = frozenset(
        ["cleaning", "kitchen", "hygiene", "office", "garden"]
        if n == 0
        else rng.sample(sorted(region.skills), rng.randint(3, 6))
    )
    row.skills.set([region.skills[s] for s in skills])
    strains = frozenset(
        rng.sample([str(s) for s in Strain.values], 1) if n and rng.random() < 0.3 else []
    )
    Restriction.objects.bulk_create(Restriction(worker=row, strain=s) for s in strains)
    _engage(region, row, kind, week)
    return Person(row, skills, strains, {}, kind, min(week, 2100))


def _engage(region: Region, row: Worker, kind: str, week_min: int) -> None:
    Engagement.objects.create(
        worker=row,
        kind=kind,
        starts_on=region.today - timedelta(days=region.rng.randint(100, 400)),
        ends_on=region.today + timedelta(days=region.rng.randint(60, 300))
        if kind != "employment"
        else None,
        weekly_max_min=min(week_min + 300, 2250),
        subsidy_pct=Decimal(50) if kind == "pay_subsidy" else Decimal(0),
    )


def _usual_week(region: Region, n: int, person: Person) -> list[WeeklyAvailability]:
    """The windows of the week, kept in the person as well."""
    windows = []
    for weekday in range(7):
        if weekday >= 5 and region.rng.random() < 0.6 and n:
            continue
        if weekday < 5 and n and region.rng.random() < 0.12:
            continue
        start = region.rng.choice((7, 7, 8, 8, 9))
        end = region.rng.choice((15, 16, 17, 18, 20))
        if n == 0:
            start, end = 7, 18
        person.windows[weekday] = (time(start), time(end))
        windows.append(
            WeeklyAvailability(
                worker=person.row, weekday=weekday, starts=time(start), ends=time(end)
            )
        )
    return windows


def _away(region: Region, person: Person) -> None:
    """An absence of a few days around today."""
    first_day = region.today + timedelta(days=region.rng.randint(-20, 12))
    days = region.rng.randint(1, 4)
    person.away |= {first_day + timedelta(days=d) for d in range(days)}
    Absence.objects.create(
        worker=person.row,
        starts_at=datetime.combine(first_day, time(0), HELSINKI),
        ends_at=datetime.combine(first_day + timedelta(days=days), time(0), HELSINKI),
        created_at=region.now - timedelta(days=25),
        created_by=region.users[Role.DISPATCHER],
    )
