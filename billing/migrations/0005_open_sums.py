"""Open sums of invoices that are there already; paid ones get the payment that made them so."""

from decimal import Decimal
from typing import Any

from django.db import migrations
from django.db.models import F, Sum


def fill(apps: Any, _editor: Any) -> None:
    invoice, payment = apps.get_model("billing", "Invoice"), apps.get_model("billing", "Payment")
    live = invoice.objects.filter(number__isnull=False, kind="invoice")
    live.update(open_sum=F("gross"))
    for row in live.filter(status__in=("paid", "credited")):
        notes = row.credit_notes.aggregate(t=Sum("gross"))["t"] or Decimal(0)
        paid = Decimal(0)
        if row.paid_on:
            paid = row.gross
            payment.objects.create(
                kind="manual", invoice=row, amount=paid, paid_on=row.paid_on,
                created_at=row.created_at,
            )  # fmt: skip
        invoice.objects.filter(pk=row.pk).update(open_sum=row.gross + notes - paid)


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_money")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
