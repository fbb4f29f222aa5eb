"""A worker reports that they come late: the office is notified, and nobody asks why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from core import audit, outbox
from core.formats import clock, day
from core.violations import RuleBroken, Severity, Violation
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus

# A worker can report it so long before the start.
LATE_FROM = timedelta(hours=3)
# Two taps on the same button within this time are one message.
SAME_TAP = timedelta(minutes=5)


def may_be_late(assignment: Assignment, now: datetime) -> bool:
    """Whether it begins soon: about another day a worker says that they cannot come."""
    near = assignment.starts_at - LATE_FROM <= now < assignment.ends_at
    return assignment.status == AssignmentStatus.ACCEPTED and near


def violations(assignment: Assignment, now: datetime) -> list[Violation]:
    """What speaks against reporting it now."""
    if may_be_late(assignment, now):
        return []
    return [Violation("not_possible_now", Severity.HARD, str(assignment.ref))]


@transaction.atomic
def report_lateness(
    assignment: Assignment, minutes: int, *, by: User, now: datetime, actor_label: str = ""
) -> None:
    """Tell the office that the worker of `assignment` arrives `minutes` after the start.

    Raises:
        RuleBroken: `not_possible_now` when the assignment is not about to begin or has begun.
    """
    if broken := violations(assignment, now):
        raise RuleBroken(broken)
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
