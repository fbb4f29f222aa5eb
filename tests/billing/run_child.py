"""A process that works at an invoice run until it is done or killed: `python -m … RUN_ID`."""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()
    from datetime import timedelta

    from accounts.clock import now
    from billing import runs
    from billing.money_models import InvoiceRun

    # The dead one before has not let go of its lease: time passes, as the schedule would wait.
    run = InvoiceRun.objects.get(pk=int(sys.argv[1]))
    runs.work(run, now=now() + timedelta(minutes=5 * int(sys.argv[2])))


if __name__ == "__main__":
    main()
