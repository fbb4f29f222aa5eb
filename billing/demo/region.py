"""What the builders of the demo share: people and firms made so far, dates, dice."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

from accounts.models import Role, User
from billing.demo.names import POSTAL_CODES, STREETS
from core.models import AuditEvent
from core.zone import HELSINKI
from orders.geocode import postal_place
from orders.models import Customer, Site, TaskType, WorkOrder
from workers.models import Skill, Worker


def places() -> dict[str, tuple[str, float, float]]:
    """Postcode -> town, latitude, longitude, from the shipped table."""
    found = {code: postal_place(code) for code in set(POSTAL_CODES)}
    return {code: (p.place, p.lat, p.lon) for code, p in found.items() if p}


@dataclass
class Slot:
    """When somebody is at work."""

    start: datetime
    end: datetime


@dataclass
class Person:
    """A worker and what decides which orders suit; `slots` and `week_min` fill as work is given."""

    row: Worker
    skills: frozenset[str]
    strains: frozenset[str]
    windows: dict[int, tuple[time, time]]
    kind: str
    week_max_min: int
    slots: dict[date, list[Slot]] = field(default_factory=lambda: defaultdict(list))
    week_min: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    away: set[date] = field(default_factory=set)


class Firm(NamedTuple):
    """A customer with its sites, the tasks it orders and the name of who orders."""

    customer: Customer
    sites: list[Site]
    tasks: tuple[str, ...]
    orderer: str


@dataclass
class Region:
    """What is made so far of the region, and the dice; `now` decides what is past and future."""

    now: datetime
    rng: random.Random
    places: dict[str, tuple[str, float, float]] = field(default_factory=places)
    audit: list[AuditEvent] = field(default_factory=list)
    users: dict[Role, User] = field(default_factory=dict)
    skills: dict[str, Skill] = field(default_factory=dict)
    tasks: dict[str, TaskType] = field(default_factory=dict)
    # Skills that the tasks ask for, by code.
    task_skills: dict[str, frozenset[str]] = field(default_factory=dict)
    staff: list[Person] = field(default_factory=list)
    firms: list[Firm] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.astimezone(HELSINKI).date()

    def home(self) -> dict[str, Any]:
        """Address fields of a card, anywhere in the region."""
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

    def event(
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
        """Keep an event of an order; all are written at the end."""
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
