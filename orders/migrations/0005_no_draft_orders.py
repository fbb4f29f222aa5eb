"""No order was ever a draft: the state goes, and an order begins as placed."""

from django.db import migrations, models

import orders.models.lifecycle

STATES = ["placed", "filled", "in_progress", "done", "closed", "cancelled", "unfilled"]


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_eu_buyers")]

    operations = [
        migrations.RemoveConstraint(model_name="workorder", name="order_status_known"),
        migrations.AlterField(
            model_name="workorder",
            name="status",
            field=models.CharField(
                choices=[
                    ("placed", "Looking for a worker"),
                    ("filled", "Worker found"),
                    ("in_progress", "Under way"),
                    ("done", "Done, hours open"),
                    ("closed", "Hours approved"),
                    ("cancelled", "Cancelled"),
                    ("unfilled", "No worker found"),
                ],
                default=orders.models.lifecycle.OrderStatus["PLACED"],
                max_length=12,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            model_name="workorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", STATES)), name="order_status_known"
            ),
        ),
    ]
