"""Which hours are paid and which are billed, by kind of engagement, and decisions against it.

Unpaid kinds (work trial, rehabilitative work, training agreement, school) are attendance: they
reach neither payroll nor an invoice unless somebody writes down why and on what contract.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from billing.hours.billable import UNPAID
from billing.hours.services import current_entry
from billing.hours.status import move_minutes
from billing.models import HourEntry
from billing.models.lifecycle import BillAction, BillState, HourStatus
from billing.models.payroll import HourMark
from core import audit
from core.violations import RuleBroken
from dispatch.models import Assignment


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
            if entry.status == HourStatus.LOCKED:
                raise RuleBroken.of("hours_locked")
            move_minutes([entry.pk], BillAction.ALLOW)
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
