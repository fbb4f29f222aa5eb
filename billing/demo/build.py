"""A believable region for demonstrations and measurements, the same for the same seed and day.

Rows are written in bulk (a service call per order would take minutes at 5,000 orders), invoices
through the billing services, so that numbers, hashes and states are those of the real thing.
`manage.py check_books` proves the result.
"""

from __future__ import annotations

import random
from datetime import datetime

from django.db import transaction

from billing.demo.assignments import make_assignments
from billing.demo.customers import make_customers
from billing.demo.hours import make_hours
from billing.demo.orders import make_orders
from billing.demo.organisation import make_accounts, make_catalogue
from billing.demo.papers import make_papers
from billing.demo.people import make_people
from billing.demo.region import Region
from core.models import AuditEvent


class Demo:
    """Builds the whole data set; `now` decides what is past, present and future."""

    def __init__(
        self, *, now: datetime, seed: int, workers: int, customers: int, orders: int, days: int
    ) -> None:
        # Reproducible demo rows, not secrets.
        self.region = Region(now=now, rng=random.Random(seed))  # noqa: S311
        self.workers, self.customers = workers, customers
        self.orders, self.days = orders, days

    def build(self) -> None:
        """Write everything but the invoices, in one transaction."""
        region = self.region
        with transaction.atomic():
            make_accounts(region)
            make_catalogue(region)
            make_people(region, self.workers)
            make_customers(region, self.customers)
            orders, shown = make_orders(region, self.orders, self.days)
            make_hours(region, make_assignments(region, orders, shown))
            AuditEvent.objects.bulk_create(region.audit, batch_size=1000)

    def invoices(self) -> None:
        """Invoice the past months, leaving every state to be seen."""
        make_papers(self.region)
