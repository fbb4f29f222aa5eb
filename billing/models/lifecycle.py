"""States of hour entries, of billed minutes and of invoices, and the moves between them."""

from decimal import Decimal
from enum import StrEnum


class HourStatus(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    DISPUTED = "disputed"
    APPROVED = "approved"
    LOCKED = "locked"
    CORRECTED = "corrected"


class BillState(StrEnum):
    """Every approved minute is in exactly one of these."""

    UNBILLED = "unbilled"
    BILLED = "billed"
    CREDITED = "credited"
    NOT_BILLABLE = "not_billable"


class InvoiceStatus(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"
    SENT = "sent"
    PAID = "paid"
    CREDITED = "credited"


class HourAction(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    DISPUTE = "dispute"
    RESUBMIT = "resubmit"
    LOCK = "lock"
    RELEASE = "release"
    CORRECT = "correct"


class BillAction(StrEnum):
    BILL = "bill"
    CREDIT = "credit"
    BILL_AGAIN = "bill_again"
    ALLOW = "allow"


class InvoiceAction(StrEnum):
    ISSUE = "issue"
    SEND = "send"
    PAY = "pay"
    CREDIT = "credit"
    OWE_AGAIN = "owe_again"
    OWE_AGAIN_UNSENT = "owe_again_unsent"


_H, _A, _I, _J = HourStatus, HourAction, InvoiceStatus, InvoiceAction
_B, _C = BillState, BillAction

# Hours begin with a check-in; a correction begins where the hours it replaces had been sent.
HOUR_BIRTHS = frozenset({_H.OPEN, _H.SUBMITTED})
HOUR_MOVES: dict[tuple[HourStatus, HourAction], HourStatus] = {
    (_H.OPEN, _A.SUBMIT): _H.SUBMITTED,
    (_H.SUBMITTED, _A.APPROVE): _H.APPROVED,
    (_H.SUBMITTED, _A.DISPUTE): _H.DISPUTED,
    (_H.DISPUTED, _A.RESUBMIT): _H.SUBMITTED,
    # On a draft of an invoice; off it again when the draft is thrown away or the row credited.
    (_H.APPROVED, _A.LOCK): _H.LOCKED,
    (_H.LOCKED, _A.RELEASE): _H.APPROVED,
    # A correction is a new row; the old one is kept and named by it. So an approval is dropped.
    (_H.OPEN, _A.CORRECT): _H.CORRECTED,
    (_H.SUBMITTED, _A.CORRECT): _H.CORRECTED,
    (_H.DISPUTED, _A.CORRECT): _H.CORRECTED,
    (_H.APPROVED, _A.CORRECT): _H.CORRECTED,
}

# Minutes that may not be billed are so from the start; a person can allow it.
BILL_BIRTHS = frozenset({_B.UNBILLED, _B.NOT_BILLABLE})
BILL_MOVES: dict[tuple[BillState, BillAction], BillState] = {
    (_B.NOT_BILLABLE, _C.ALLOW): _B.UNBILLED,
    (_B.UNBILLED, _C.BILL): _B.BILLED,
    (_B.BILLED, _C.CREDIT): _B.CREDITED,
    (_B.BILLED, _C.BILL_AGAIN): _B.UNBILLED,
}

INVOICE_BIRTHS = frozenset({_I.DRAFT})
INVOICE_MOVES: dict[tuple[InvoiceStatus, InvoiceAction], InvoiceStatus] = {
    (_I.DRAFT, _J.ISSUE): _I.ISSUED,
    (_I.ISSUED, _J.SEND): _I.SENT,
    (_I.ISSUED, _J.PAY): _I.PAID,
    (_I.SENT, _J.PAY): _I.PAID,
    (_I.ISSUED, _J.CREDIT): _I.CREDITED,
    (_I.SENT, _J.CREDIT): _I.CREDITED,
    (_I.PAID, _J.CREDIT): _I.CREDITED,
    # A payment was taken back, or money was returned.
    (_I.PAID, _J.OWE_AGAIN): _I.SENT,
    (_I.PAID, _J.OWE_AGAIN_UNSENT): _I.ISSUED,
}


def settled_status(
    gross: Decimal, credited: Decimal, paid: Decimal, *, sent: bool
) -> InvoiceStatus:
    """State of an issued invoice by what was credited and paid of it (euros, both positive)."""
    if credited >= gross:
        return InvoiceStatus.CREDITED
    if credited + paid >= gross:
        return InvoiceStatus.PAID
    return InvoiceStatus.SENT if sent else InvoiceStatus.ISSUED


def hour_target(status: str, action: HourAction) -> HourStatus | None:
    """State that `action` leads to, or None where the move does not exist."""
    return HOUR_MOVES.get((HourStatus(status), action))


def bill_target(state: str, action: BillAction) -> BillState | None:
    """State that `action` leads to, or None where the move does not exist."""
    return BILL_MOVES.get((BillState(state), action))


def invoice_target(status: str, action: InvoiceAction) -> InvoiceStatus | None:
    """State that `action` leads to, or None where the move does not exist."""
    return INVOICE_MOVES.get((InvoiceStatus(status), action))
