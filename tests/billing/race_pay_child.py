"""One of several processes that pay and bill the same hours: `python -m … MODE FINANCE_ID`."""

from __future__ import annotations

import os
import sys
import time

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()
    from datetime import date

    from accounts.models import User
    from billing.hours import services as hours
    from billing.invoices import services
    from billing.models import HourEntry, Invoice
    from billing.payroll import services as payroll
    from core.violations import RuleBroken
    from orders.models import Customer
    from tests.billing.world import BILLING
    from tests.racing import wait_for_all

    mode, by = sys.argv[1], User.objects.get(pk=sys.argv[2])
    first, last = date(2026, 11, 1), date(2026, 11, 30)

    def approve() -> None:
        """A few more hours to pay and to bill."""
        some = list(HourEntry.objects.filter(status="submitted").order_by("pk")[:3])
        hours.approve_hours(some, by=by, now=BILLING, as_="finance")
        time.sleep(0.02)

    def pay() -> None:
        payroll.export(first, last, by=by, now=BILLING)

    def pay_late() -> None:
        """The negative control: all look up what is to be paid, and only then lock."""
        found = payroll.period(first, last)
        wait_for_all()
        real, payroll.period = payroll.period, lambda *_dates: found  # type: ignore[assignment]
        try:
            pay()
        finally:
            payroll.period = real

    def bill() -> None:
        for customer in Customer.objects.order_by("pk"):
            for draft in services.make_drafts([customer.pk], until=last, by=by, now=BILLING):
                services.issue_invoice(Invoice.objects.get(pk=draft.pk), by=by, now=BILLING)

    step = {"approve": approve, "pay": pay, "pay_late": pay_late, "bill": bill}[mode]
    wait_for_all()
    until, waits = time.monotonic() + 60, True
    while waits and time.monotonic() < until:
        # What was approved last is still to be paid and billed after nothing waits.
        waits = HourEntry.objects.filter(status="submitted").exists()
        try:
            step()
        except RuleBroken:
            time.sleep(0.01)  # nothing there to pay or to bill at this moment


if __name__ == "__main__":
    main()
