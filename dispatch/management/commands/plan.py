"""`manage.py plan`: who could go where on a day or in a week, printed; written only on request."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from core import clock
from core.texts import violation_text
from core.violations import RuleBroken
from core.zone import HELSINKI, local_date
from dispatch.plans import services as plan_services
from dispatch.plans import texts as plan_texts
from dispatch.plans.job import make_plan, propose
from dispatch.plans.result import DayPlan


class Command(BaseCommand):
    help = "Propose workers for the open places of a day (or its week). Nobody is told."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", help="YYYY-MM-DD (today)")
        parser.add_argument("--week", action="store_true", help="the whole week of the date")
        parser.add_argument("--seconds", type=int, default=10, help="time to think (10)")
        parser.add_argument(
            "--save", action="store_true", help="write the proposal down for the dispatchers"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        now = clock.now()
        today = local_date(now)
        try:
            on = date.fromisoformat(options["date"]) if options["date"] else today
        except ValueError as error:
            raise CommandError(f"--date must look like 2026-11-26: {error}") from error
        if on < today:
            raise CommandError("The day is over. Give today or a later day.")
        if not 1 <= options["seconds"] <= 3600:
            raise CommandError("--seconds must lie between 1 and 3600.")
        days = plan_services.week_of(on, today) if options["week"] else (on, on)
        if options["save"]:
            self.save(days, options["seconds"])
            return
        for day in propose(*days, seconds=options["seconds"], now=now):
            self.show(day)

    def save(self, days: tuple[date, date], seconds: int) -> None:
        """Make the plan here and now and leave it for the dispatchers to look at."""
        try:
            plan = plan_services.start_plan(
                *days, seconds=seconds, by=None, now=clock.now(), ring=False
            )
        except RuleBroken as error:
            raise CommandError(violation_text(error.violations[0])) from error
        make_plan(plan.pk, clock=clock.now)
        plan.refresh_from_db()
        self.stdout.write(f"{plan.first_on} – {plan.last_on}: {plan.get_state_display()}")
        self.stdout.write(f"  {plan.numbers.get('filled', 0)} of {plan.numbers.get('places', 0)}")
        self.stdout.write(f"  {reverse('dispatch:plan-detail', args=[plan.ref])}")

    def show(self, day: DayPlan) -> None:
        self.stdout.write(f"{day.on}: {len(day.picks)} of {day.places} open places")
        for pick in sorted(day.picks, key=lambda p: (p.order.starts_at, p.order.number)):
            starts = pick.order.starts_at.astimezone(HELSINKI)
            ends = starts + timedelta(minutes=pick.order.duration_min)
            why = "; ".join(reason.text for reason in pick.reasons)
            times = f"{starts:%H.%M}–{ends.astimezone(HELSINKI):%H.%M}"
            self.stdout.write(f"  {pick.order.number} {times} {pick.worker}: {why}")
        for lack in day.lacks:
            why = ", ".join(plan_texts.why_empty(lack.why))
            self.stdout.write(f"  {lack.order.number} × {lack.missing}: {why}")
        if day.objective is not None and day.bound is not None and 0 <= day.bound <= day.objective:
            self.stdout.write(f"  cost {day.objective}, proven not below {day.bound}")
