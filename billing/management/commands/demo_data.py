"""`manage.py demo_data`: load an invented Lappeenranta region into an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.demo.build import Demo
from billing.demo.organisation import ACCOUNTS, PASSWORD
from core import clock
from orders.models import Customer
from workers.models import Worker


class Command(BaseCommand):
    help = "Load demo data: workers, customers, orders in every state, hours and invoices."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workers", type=int, default=30)
        parser.add_argument("--customers", type=int, default=25)
        parser.add_argument("--orders", type=int, default=420)
        parser.add_argument("--days", type=int, default=84, help="days back; 28 lie ahead")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if Customer.objects.exists() or Worker.objects.exists():
            raise CommandError(
                "This database already holds customers or workers. "
                "Demo data is only loaded into an empty one: set ASKARE_DATA to a new folder."
            )
        for name, least in (("workers", 1), ("customers", 1), ("orders", 6), ("days", 7)):
            if options[name] < least:
                raise CommandError(f"--{name} must be at least {least}.")
        demo = Demo(
            now=clock.now(),
            seed=options["seed"],
            workers=options["workers"],
            customers=options["customers"],
            orders=options["orders"],
            days=options["days"],
        )
        demo.build()
        demo.invoices()
        self.stdout.write(
            f"Loaded {options['workers']} workers, {options['customers']} customers, "
            f"{options['orders']} orders (seed {options['seed']})."
        )
        for role, _name in ACCOUNTS:
            self.stdout.write(f"  {role.value}@askare.example  {PASSWORD}")
