"""Which hours are paid and which are billed, by kind of engagement, and decisions against it.

Unpaid kinds (work trial, rehabilitative work, training agreement, school) are attendance: they
reach neither payroll nor an invoice unless somebody writes down why and on what contract.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from billing.hours.services import current_entry
from billing.models import HourEntry
from billing.models.lifecycle import BillState, HourStatus
from billing.models.payroll import HourMark
from core import audit
from core.violations import RuleBroken
from dispatch.models import Assignment
from workers.engagement.rules import FACTS, UNPAID_KINDS, EngagementKind

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


def mark_hours(
    assignment: Assignment,
    mark: HourMark.Mark,
    *,
    by: User,
    now: datetime,
    reason: str,
    contract_ref: str = "",
) -> HourMark:
    """Decide against the rule of the contract (to bill, to pay), or that the work was emergency.

    Raises:
        RuleBroken: mark_reason (nothing said), mark_contract (a decision to bill or pay names the
            contract), mark_not_needed, mark_exists, hours_locked.
    """
    if not reason.strip():
        raise RuleBroken.of("mark_reason")
    if mark is not HourMark.Mark.EMERGENCY and not contract_ref.strip():
        raise RuleBroken.of("mark_contract")
    with transaction.atomic():
        entry = current_entry(assignment)
        if entry is None or not _needed(entry, mark):
            raise RuleBroken.of("mark_not_needed")
        try:
            with transaction.atomic():
                row = HourMark.objects.create(
                    assignment=assignment,
                    mark=mark,
                    reason=reason.strip()[:300],
                    contract_ref=contract_ref.strip()[:80],
                    at=now,
                    by=by,
                )
        except IntegrityError as error:
            raise RuleBroken.of("mark_exists") from error
        if mark is HourMark.Mark.BILL:
            moved = HourEntry.objects.filter(
                pk=entry.pk, bill_state=BillState.NOT_BILLABLE
            ).exclude(status=HourStatus.LOCKED)
            if not moved.update(bill_state=BillState.UNBILLED):
                raise RuleBroken.of("hours_locked")
        audit.record(
            f"hours.{mark.value}_decided",
            kind="hours",
            ref=entry.ref,
            order_ref=assignment.order.ref,
            by=by,
            now=now,
            after={"contract_ref": row.contract_ref},
            reason=row.reason,
        )
    return row


def _needed(entry: HourEntry, mark: HourMark.Mark) -> bool:
    match mark:
        case HourMark.Mark.BILL:
            return entry.bill_state == BillState.NOT_BILLABLE
        case HourMark.Mark.PAY:
            return entry.engagement_kind in UNPAID
    return True
