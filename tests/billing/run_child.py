"""A process that works at an invoice run until it is done or killed.

`python -m … RUN_ID TURN POINT`: it dies by SIGKILL around its POINTth statement to the database,
never if that is 0. A point counted in statements is the same one on every machine.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()
    from datetime import timedelta

    from django.db import connection

    from billing.invoices import runs
    from billing.models.invoices import InvoiceRun
    from core.clock import now

    run_id, turn, point = map(int, sys.argv[1:])
    statements = 0

    def mortal(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Die before the statement at an odd point, right after it at an even one."""
        nonlocal statements
        statements += 1
        if statements == point and point % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        found = execute(sql, params, many, context)
        if statements == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    # The dead one before has not let go of its lease: time passes, as the schedule would wait.
    run = InvoiceRun.objects.get(pk=run_id)
    with connection.execute_wrapper(mortal):
        runs.work(run, now=now() + timedelta(minutes=5 * turn))


if __name__ == "__main__":
    main()
