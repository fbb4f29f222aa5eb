"""Which hours are billed and which are paid, by kind of engagement and by decision."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import HourEntry
from billing.models.payroll import HourMark
from core.violations import RuleBroken
from workers.rules.engagement import FACTS, UNPAID_KINDS, EngagementKind

UNPAID = tuple(kind.value for kind in UNPAID_KINDS)


NEVER_BILLED = tuple(kind.value for kind in EngagementKind if not FACTS[kind].billable_default)


def marked(mark: HourMark.Mark) -> Exists:
    """Condition on hour entries: this decision has been made about their gig."""
    return Exists(HourMark.objects.filter(assignment=OuterRef("assignment"), mark=mark))


def wage_hours(rows: QuerySet[HourEntry]) -> QuerySet[HourEntry]:
    """Those of `rows` that a wage is owed for: paid kinds, and decisions to pay."""
    return rows.filter(~Q(engagement_kind__in=UNPAID) | marked(HourMark.Mark.PAY))


def attendance(rows: QuerySet[HourEntry]) -> QuerySet[HourEntry]:
    """The others: attendance that is recorded and never paid."""
    return rows.filter(~marked(HourMark.Mark.PAY), engagement_kind__in=UNPAID)


def unbillable(entries: Iterable[HourEntry]) -> list[HourEntry]:
    """Entries of kinds that may not be billed and that nobody has decided to bill.

    Asked again when a draft is made, whatever the entry's own state says.
    """
    suspects = [e for e in entries if e.engagement_kind in NEVER_BILLED]
    allowed = set(
        HourMark.objects.filter(
            assignment__in={e.assignment_id for e in suspects}, mark=HourMark.Mark.BILL
        ).values_list("assignment_id", flat=True)
    )
    return [e for e in suspects if e.assignment_id not in allowed]


def refuse_unbillable(entries: Iterable[HourEntry]) -> None:
    """The gate of every draft.

    Raises:
        RuleBroken: hours_kind_not_billable.
    """
    for entry in unbillable(entries):
        raise RuleBroken.of("hours_kind_not_billable", str(entry.assignment.worker))
