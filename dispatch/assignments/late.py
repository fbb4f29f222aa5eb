"""A worker says that they come later: the office hears it, and nobody is asked why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from core import audit, outbox
from core.formats import clock, day
from dispatch.models import Assignment

# Two taps on the same button within this time are one message.
SAME_TAP = timedelta(minutes=5)


@transaction.atomic
def tell_late(
    assignment: Assignment, minutes: int, *, by: User, now: datetime, actor_label: str = ""
) -> None:
    """Tell the office that the worker of `assignment` arrives `minutes` after the start."""
    office = Organisation.objects.first()
    order, worker = assignment.order, assignment.worker
    window = int(now.timestamp() // SAME_TAP.total_seconds())
    with translation.override("fi"):
        context = {"assignment": assignment, "order": order, "worker": worker, "minutes": minutes}
        outbox.enqueue(
            f"worker_late:{assignment.ref}:{minutes}:{window}",
            kind="worker_late",
            to=office.email if office else "",
            language="fi",
            subject=_("%(name)s is %(minutes)s min late, %(time)s, order %(number)s")
            % {
                "name": worker.first_name,
                "minutes": minutes,
                "time": f"{day(order.starts_at)} {clock(order.starts_at)}",
                "number": order.number,
            },
            body=render_to_string("messages/worker_late.txt", context),
            now=now,
        )
    audit.record(
        "assignment.late_told",
        kind="assignment",
        ref=assignment.ref,
        order_ref=order.ref,
        by=by,
        now=now,
        after={"minutes": minutes},
        actor_label=actor_label,
    )
