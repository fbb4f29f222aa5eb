"""Prepare the planner on this machine, so that nobody's first plan waits for compilation."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from dispatch.planning.jit import SOLVER
from dispatch.plans import warming


class Command(BaseCommand):
    help = "Compiles the planner's loops (about 20 s once per machine); run before the queue."
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        if not SOLVER:
            self.stdout.write("The planner's packages are not installed: plans will be simple.")
            return
        from dispatch.planning.warm import warm  # noqa: PLC0415 - needs the packages

        with warming.alone():
            warm()
        self.stdout.write("The planner is ready.")
