"""`manage.py check_books`: name every broken invariant and exit 1, or say that all is well."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from core.book_checks import broken_invariants


class Command(BaseCommand):
    help = (
        "Check overlaps, minutes, numbers, totals, the hash chain, payroll exports, subsidies, "
        "payments, reminders, deliveries, guards and the outbox."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = broken_invariants(clock.now())
        for line in found:
            self.stdout.write(line)
        if found:
            sys.exit(1)
        self.stdout.write("The books are in order.")
