"""What is open of an invoice, and the money that settles it: one home for both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import DecimalField, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Round

from accounts.models import User
from billing.invoices.status import move_invoice
from billing.models import Invoice
from billing.models.lifecycle import InvoiceAction, InvoiceStatus, settled_status
from billing.models.payments import BankEntry, Payment
from core import audit
from core.counters import lock_series
from core.money import ZERO, cents
from core.violations import RuleBroken
from core.zone import local_date

# Who writes about bank entries holds this row, so that no euro of an entry is given twice.
LOCK = "payments"
PAYABLE = (InvoiceStatus.ISSUED, InvoiceStatus.SENT, InvoiceStatus.PAID)
# The step to a state that money and credit notes lead to.
SETTLING = {
    InvoiceStatus.PAID: InvoiceAction.PAY,
    InvoiceStatus.CREDITED: InvoiceAction.CREDIT,
    InvoiceStatus.SENT: InvoiceAction.OWE_AGAIN,
    InvoiceStatus.ISSUED: InvoiceAction.OWE_AGAIN_UNSENT,
}


@dataclass(frozen=True)
class Balance:
    """Euros of one invoice; `open` is negative when more came than was asked for.

    `charges` is what the newest reminder asks for on top, `charges_paid` what came of it.
    """

    gross: Decimal
    credited: Decimal
    paid: Decimal
    charges: Decimal
    charges_paid: Decimal

    @property
    def open(self) -> Decimal:
        return self.gross - self.credited - self.paid

    @property
    def charges_open(self) -> Decimal:
        return max(ZERO, self.charges - self.charges_paid)

    @property
    def overpaid(self) -> Decimal:
        return max(ZERO, -self.open)


def balance_of(invoice: Invoice) -> Balance:
    """The balance from the documents and payments themselves."""
    # SQLite adds up in floating point: 160.64 - 160.63 is not quite 0.01 until it is rounded.
    notes = invoice.credit_notes.filter(number__isnull=False).aggregate(t=Sum("gross"))["t"]
    rows = invoice.payments.order_by().values_list("kind").annotate(t=Sum("amount"))
    sums = {kind: cents(total) for kind, total in rows}
    charges_paid = sums.pop(Payment.Kind.CHARGES, ZERO)
    last = invoice.reminders.order_by("-serial").first()
    return Balance(
        gross=invoice.gross,
        credited=-cents(notes or ZERO),
        paid=sum(sums.values(), ZERO),
        charges=last.interest + last.compensation + last.fee if last else ZERO,
        charges_paid=charges_paid,
    )


def lock_invoice(invoice: Invoice) -> Invoice:
    """The invoice as it is now, held until the transaction ends.

    An UPDATE, because SQLite silently ignores `select_for_update`.
    """
    Invoice.objects.filter(pk=invoice.pk).update(open_sum=F("open_sum"))
    return Invoice.objects.select_related("customer", "original").get(pk=invoice.pk)


def settle_invoice(invoice: Invoice, *, on: date | None, by: User | None, now: datetime) -> Balance:
    """Write open sum and state from the documents and payments; `on` is the day of the last one.

    Call it in the transaction that changed either. The fields of `invoice` are set as well.
    """
    balance = balance_of(invoice)
    invoice.refresh_from_db(fields=["status"])
    status = settled_status(
        balance.gross, balance.credited, balance.paid, sent=invoice.sent_at is not None
    )
    paid_on = invoice.paid_on if status == invoice.status else on
    if status != InvoiceStatus.PAID:
        paid_on = None
    changes = {"open_sum": balance.open, "paid_on": paid_on}
    if status != invoice.status:
        move_invoice(
            invoice,
            SETTLING[status],
            changes,
            by=by,
            now=now,
            verb=status.value,
            after={"open": balance.open},
        )
        return balance
    Invoice.objects.filter(pk=invoice.pk).update(**changes)
    for name, value in changes.items():
        setattr(invoice, name, value)
    return balance


# --------------------------------------------------------------------------- by hand


def enter_payment(
    invoice: Invoice,
    *,
    amount: Decimal,
    on: date,
    by: User | None,
    now: datetime,
    kind: str = Payment.Kind.MANUAL,
    note: str = "",
) -> Payment:
    """Enter a payment, a return (a positive amount that leaves us) or a small difference.

    Raises:
        RuleBroken: invoice_not_possible, paid_before_issue, paid_in_future, payment_amount,
            payment_more_than_open, payment_more_than_paid, payment_note.
    """
    with transaction.atomic():
        invoice_now = lock_invoice(invoice)
        _check(invoice_now, amount, on, kind, note, now)
        signed = -amount if kind == Payment.Kind.REFUND else amount
        payment = _write(invoice_now, signed, on, kind=kind, by=by, now=now, note=note, entry=None)
        settle_invoice(invoice_now, on=on, by=by, now=now)
    _copy_state(invoice_now, invoice)
    return payment


def _check(
    invoice: Invoice, amount: Decimal, on: date, kind: str, note: str, now: datetime
) -> None:
    allowed: tuple[InvoiceStatus, ...] = PAYABLE
    if kind == Payment.Kind.REFUND:
        allowed = (*PAYABLE, InvoiceStatus.CREDITED)
    if invoice.kind != Invoice.Kind.INVOICE or invoice.status not in allowed:
        raise RuleBroken.of("invoice_not_possible", status=str(invoice.status))
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise RuleBroken.of("payment_amount")
    if invoice.issued_on and on < invoice.issued_on:
        raise RuleBroken.of("paid_before_issue")
    if on > local_date(now):
        raise RuleBroken.of("paid_in_future")
    balance = balance_of(invoice)
    if kind == Payment.Kind.WRITE_OFF and amount > balance.open:
        raise RuleBroken.of("payment_more_than_open")
    if kind == Payment.Kind.REFUND and amount > balance.paid:
        raise RuleBroken.of("payment_more_than_paid")
    if kind in (Payment.Kind.WRITE_OFF, Payment.Kind.REFUND) and not note.strip():
        raise RuleBroken.of("payment_note")


def pay_rest(invoice: Invoice, *, on: date, by: User | None, now: datetime) -> Payment:
    """Enter everything that is open as paid on a day; raises as `enter_payment`."""
    if invoice.status not in (InvoiceStatus.ISSUED, InvoiceStatus.SENT):
        raise RuleBroken.of("invoice_not_possible", status=str(invoice.status))
    with transaction.atomic():
        rest = balance_of(lock_invoice(invoice)).open
        return enter_payment(invoice, amount=rest, on=on, by=by, now=now)


def take_back_payment(payment: Payment, *, by: User | None, now: datetime, note: str) -> Payment:
    """Undo a payment by a row of its own; money of a bank entry waits to be given again.

    Raises:
        RuleBroken: payment_taken_back, payment_note.
    """
    if not note.strip():
        raise RuleBroken.of("payment_note")
    with transaction.atomic():
        lock_series(LOCK)
        payment = Payment.objects.select_related("invoice", "entry").get(pk=payment.pk)
        if payment.reverses_id or hasattr(payment, "reversed_by"):
            raise RuleBroken.of("payment_taken_back")
        undone = _write(
            payment.invoice, -payment.amount, payment.paid_on, kind=payment.kind, by=by, now=now,
            note=note, entry=payment.entry, reverses=payment,
        )  # fmt: skip
        if payment.invoice:
            settle_invoice(lock_invoice(payment.invoice), on=payment.paid_on, by=by, now=now)
    return undone


# --------------------------------------------------------------------------- from the bank


def waiting_entries() -> QuerySet[Any]:
    """Bank entries of which some is still nobody's, with `left` in euros, the oldest first."""
    money = DecimalField(max_digits=12, decimal_places=2)
    given = Coalesce(Sum("payments__amount"), Value(ZERO), output_field=money)
    left = Round(F("amount") - given, precision=2)
    return BankEntry.objects.annotate(left=left).exclude(left=0)


def left_of(entry: BankEntry) -> Decimal:
    """What of a bank entry is not given to any invoice yet; negative for a reversal."""
    return entry.amount - cents(entry.payments.aggregate(t=Sum("amount"))["t"] or ZERO)


def give_entry(
    entry: BankEntry,
    invoice: Invoice,
    *,
    by: User | None,
    now: datetime,
    amount: Decimal | None = None,
    note: str = "",
) -> list[Payment]:
    """Give an entry, or `amount` of it, to an invoice; what a reminder asks for comes after it.

    Raises:
        RuleBroken: invoice_not_possible, payment_amount, payment_left, payment_more_than_paid.
    """
    with transaction.atomic():
        lock_series(LOCK)
        left = left_of(entry)
        amount = left if amount is None else amount
        if amount == 0 or amount != amount.quantize(Decimal("0.01")):
            raise RuleBroken.of("payment_amount")
        if (amount > 0) != (left > 0) or abs(amount) > abs(left):
            raise RuleBroken.of("payment_left")
        invoice = lock_invoice(invoice)
        if invoice.kind != Invoice.Kind.INVOICE or invoice.status not in PAYABLE:
            raise RuleBroken.of("invoice_not_possible", status=str(invoice.status))
        parts = _taken(invoice, amount) if amount < 0 else _parts(balance_of(invoice), amount)
        rows = [
            _write(
                invoice, part, entry.booked_on, kind=kind, by=by, now=now, note=note, entry=entry,
                reverses=reverses,
            )
            for kind, part, reverses in parts
        ]  # fmt: skip
        settle_invoice(invoice, on=entry.booked_on, by=by, now=now)
    return rows


Part = tuple[str, Decimal, Payment | None]


def _parts(balance: Balance, amount: Decimal) -> list[Part]:
    """First the invoice, then what the reminder asks for; the rest is too much of the invoice."""
    charges = min(max(ZERO, amount - max(ZERO, balance.open)), balance.charges_open)
    parts: list[Part] = [(Payment.Kind.BANK, amount - charges, None)]
    parts.append((Payment.Kind.CHARGES, charges, None))
    return [part for part in parts if part[1]]


def _taken(invoice: Invoice, amount: Decimal) -> list[Part]:
    """What the bank takes back: the payment of the same sum when there is one.

    Raises:
        RuleBroken: payment_more_than_paid.
    """
    came = invoice.payments.filter(
        entry__amount=-amount, reverses__isnull=True, reversed_by__isnull=True
    )
    by_entry: dict[int | None, list[Payment]] = {}
    for row in came.order_by("-paid_on", "-id"):
        by_entry.setdefault(row.entry_id, []).append(row)
    for rows in by_entry.values():
        if sum((row.amount for row in rows), ZERO) == -amount:
            return [(row.kind, -row.amount, row) for row in rows]
    if balance_of(invoice).paid < -amount:
        raise RuleBroken.of("payment_more_than_paid")
    return [(Payment.Kind.BANK, amount, None)]


def put_entry_aside(entry: BankEntry, *, by: User | None, now: datetime, note: str) -> Payment:
    """Say that what is left of an entry pays no invoice, and why.

    Raises:
        RuleBroken: payment_note, payment_left.
    """
    if not note.strip():
        raise RuleBroken.of("payment_note")
    with transaction.atomic():
        lock_series(LOCK)
        left = left_of(entry)
        if left == 0:
            raise RuleBroken.of("payment_left")
        return _write(
            None, left, entry.booked_on, kind=Payment.Kind.ASIDE, by=by, now=now, note=note,
            entry=entry,
        )  # fmt: skip


def _write(
    invoice: Invoice | None,
    amount: Decimal,
    on: date,
    *,
    kind: str,
    by: User | None,
    now: datetime,
    note: str,
    entry: BankEntry | None,
    reverses: Payment | None = None,
) -> Payment:
    payment = Payment.objects.create(
        invoice=invoice, amount=amount, paid_on=on, kind=kind, entry=entry, reverses=reverses,
        note=" ".join(note.split())[:200], created_by=by, created_at=now,
    )  # fmt: skip
    audit.record(
        "payment.taken_back" if reverses else "payment.entered",
        kind="payment",
        ref=payment.ref,
        by=by,
        now=now,
        reason=note,
        after={"amount": amount, "kind": str(kind), "invoice": invoice and invoice.number},
    )
    return payment


def _copy_state(source: Invoice, target: Invoice) -> None:
    for name in ("status", "open_sum", "paid_on"):
        setattr(target, name, getattr(source, name))
