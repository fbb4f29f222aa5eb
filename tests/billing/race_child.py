"""One of several processes that issue invoices at the same time: `python -m … MODE`."""

from __future__ import annotations

import os
import sys
import time

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()
    from datetime import UTC, datetime

    from django.db import IntegrityError
    from django.db.models import Max

    from billing.invoices import services
    from billing.models import Invoice
    from tests.racing import wait_for_all

    mode, refused = sys.argv[1], 0
    for pk in map(int, wait_for_all().split()):
        if mode == "service":
            services.issue_invoice(Invoice.objects.get(pk=pk), by=None, now=datetime.now(tz=UTC))
            continue
        # The negative control: look for the highest number, then take the next one.
        last = Invoice.objects.aggregate(last=Max("number"))["last"] or 1000
        time.sleep(0.002)  # what a busy server does between the two, so that any machine shows it
        try:
            Invoice.objects.filter(pk=pk).update(
                number=last + 1, issued_on="2026-11-23", status="issued"
            )
        except IntegrityError:
            refused += 1
    sys.stdout.write(str(refused))


if __name__ == "__main__":
    main()
