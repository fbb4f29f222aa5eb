"""A bank file: what each of its rows would do, and doing it. The same file twice does nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Organisation, User
from billing.invoices.settlement import LOCK, PAYABLE, ZERO, give_entry
from billing.models import Invoice
from billing.models.payments import BankEntry, BankFile
from billing.rules.bank_camt import read_camt
from billing.rules.bank_csv import read_bank_csv
from billing.rules.bank_lines import BankLine, BankLines, NotABankFile
from billing.rules.reference import validate_reference
from core import audit
from core.counters import lock_series
from core.violations import RuleBroken

# What a row does, in the order that people want to see them.
FULL, PART, OVER, UNDONE = "full", "part", "over", "undone"
WAITS = ("no_reference", "unknown_reference", "not_payable", "twice_like", "reversal_unknown")
MATCHED = (FULL, PART, OVER, UNDONE)
KNOWN = "known"


@dataclass(frozen=True)
class PlannedRow:
    """One bank line and what becomes of it; `open` is the invoice's open sum after it."""

    line: BankLine
    state: str
    invoice: Invoice | None = None
    open: Decimal | None = None

    @property
    def matched(self) -> bool:
        return self.state in MATCHED

    @property
    def waits(self) -> bool:
        """It is kept, and finance must say whose it is."""
        return self.state in WAITS


@dataclass(frozen=True)
class Plan:
    format: str
    rows: tuple[PlannedRow, ...]

    @property
    def to_write(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.matched or row.waits]

    @property
    def total(self) -> Decimal:
        return sum((row.line.amount for row in self.to_write), ZERO)


def read_bank_file(name: str, content: bytes) -> BankLines:
    """The lines of a camt.053, camt.054 or CSV file, by what it is and not by its name.

    Raises:
        NotABankFile: see read_camt and read_bank_csv.
    """
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<" or name.lower().endswith(".xml"):
        return read_camt(content)
    return read_bank_csv(name, content)


def store_file(name: str, content: bytes, *, by: User, now: datetime) -> BankFile:
    """Keep an upload for the preview; the same bytes again give the row that is there.

    Raises:
        NotABankFile: it is not a bank file.
    """
    found = read_bank_file(name, content)
    row, _made = BankFile.objects.get_or_create(
        content_hash=hashlib.sha256(content).hexdigest(),
        defaults={
            "file_name": name[:200],
            "format": found.format,
            "content": content,
            "created_by": by,
            "created_at": now,
        },
    )
    return row


def plan_file(bank_file: BankFile) -> Plan:
    """What applying the file would do now; writes nothing."""
    found = read_bank_file(bank_file.file_name, bytes(bank_file.content))
    return Plan(found.format, tuple(_planned(found.lines)))


def _planned(lines: tuple[BankLine, ...]) -> Iterable[PlannedRow]:
    seller = Organisation.objects.first()
    own = "".join(seller.iban.split()).upper() if seller else ""
    known = set(_known(line.key for line in lines))
    invoices = _invoices({ref for line in lines if (ref := national(line.reference))})
    opens: dict[int, Decimal] = {}
    paid: dict[int, Decimal] = {}
    for line in lines:
        state, invoice = _state(line, own, known, invoices)
        if state or invoice is None:
            yield PlannedRow(line, state, invoice)
            continue
        before = opens.get(invoice.pk, invoice.open_sum)
        after = opens[invoice.pk] = before - line.amount
        if line.amount < 0:
            given = paid.get(invoice.pk, invoice.gross - invoice.open_sum)
            undone = UNDONE if given + line.amount >= 0 else "reversal_unknown"
            yield PlannedRow(line, undone, invoice, after)
            continue
        paid[invoice.pk] = paid.get(invoice.pk, invoice.gross - invoice.open_sum) + line.amount
        state = FULL if after == 0 else PART if after > 0 else OVER
        yield PlannedRow(line, state, invoice, after)


def _state(
    line: BankLine, own: str, known: set[str], invoices: dict[str, list[Invoice]]
) -> tuple[str, Invoice | None]:
    """Why a line pays no invoice by itself, or the invoice that it pays."""
    if line.problem:
        return line.problem, None
    if line.account and line.account != own:
        return "other_account", None
    if line.key in known:
        return KNOWN, None
    if not line.bank_ref and _looks_recorded(line):
        return "twice_like", None
    reference = national(line.reference)
    if not reference:
        return "no_reference", None
    found = invoices.get(reference, [])
    if len(found) != 1:
        return "unknown_reference", None
    if found[0].status not in PAYABLE:
        return "not_payable", found[0]
    return "", found[0]


def national(reference: str) -> str:
    """The Finnish reference of a reference or its RF form; empty when it is neither."""
    text = reference[4:] if reference.startswith("RF") else reference
    try:
        return validate_reference(text)
    except ValueError:
        return ""


def _known(keys: Iterable[str]) -> Iterable[str]:
    wanted = list(keys)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        yield from BankEntry.objects.filter(key__in=part).values_list("key", flat=True)


def _invoices(references: set[str]) -> dict[str, list[Invoice]]:
    wanted, found = sorted(references), dict[str, list[Invoice]]()
    for start in range(0, len(wanted), 500):
        rows = Invoice.objects.filter(
            kind=Invoice.Kind.INVOICE, reference__in=wanted[start : start + 500]
        )
        for invoice in rows.select_related("customer"):
            found.setdefault(invoice.reference, []).append(invoice)
    return found


def _looks_recorded(line: BankLine) -> bool:
    """Without an archive id, the same sum of the same day and reference may be the same money."""
    return BankEntry.objects.filter(
        booked_on=line.booked_on, amount=line.amount, reference=line.reference
    ).exists()


def apply_file(bank_file: BankFile, *, by: User, now: datetime) -> list[dict[str, Any]]:
    """Keep every row that is money for us and settle the invoices; returns a result by row.

    All or nothing; a row that is kept already, from this or another file, is left alone.
    """
    with transaction.atomic():
        lock_series(LOCK)
        plan = plan_file(bank_file)
        results = [_apply_row(row, bank_file, by=by, now=now) for row in plan.rows]
        written = len(plan.to_write)
        if bank_file.applied_at is None or written:
            bank_file.result, bank_file.applied_at = results, now
            bank_file.save(update_fields=["result", "applied_at"])
            audit.record(
                "bank_file.applied",
                kind="bank_file",
                ref=bank_file.ref,
                by=by,
                now=now,
                after={"file": bank_file.file_name, "rows": written, "total": plan.total},
            )
    return results


def _apply_row(row: PlannedRow, of: BankFile, *, by: User, now: datetime) -> dict[str, Any]:
    line, state, left = row.line, row.state, row.open
    if row.matched or row.waits:
        entry = BankEntry.objects.create(
            key=line.key, bank_file=of, bank_ref=line.bank_ref[:80], account=line.account[:34],
            booked_on=line.booked_on, amount=line.amount, reference=line.reference,
            payer=line.payer, message=line.message, created_at=now,
        )  # fmt: skip
        if row.matched and row.invoice:
            try:
                give_entry(entry, row.invoice, by=by, now=now)
            except RuleBroken:
                # Nothing of it was written: the entry waits for a person.
                state, left = "not_payable", None
    return _told(row, state, left)


def _told(row: PlannedRow, state: str, left: Decimal | None) -> dict[str, Any]:
    line, found = row.line, row.invoice
    return {
        "place": line.place,
        "on": "" if line.problem == "damaged" else line.booked_on.isoformat(),
        "amount": str(line.amount), "currency": line.currency, "payer": line.payer,
        "reference": line.reference, "message": line.message, "state": state,
        "open": None if left is None else str(left), "invoice": str(found.ref) if found else "",
        "number": found.number if found else None, "customer": found.customer.name if found else "",
    }  # fmt: skip


def preview(bank_file: BankFile) -> list[dict[str, Any]]:
    """A result by row as apply_file would give it; writes nothing."""
    return [_told(row, row.state, row.open) for row in plan_file(bank_file).rows]


def amount_of(result: dict[str, Any]) -> Decimal:
    return Decimal(result["amount"])


def suggestions(entry: BankEntry, left: Decimal) -> list[Invoice]:
    """Invoices that an entry may well pay: named in its message, of the same sum, of the payer."""
    rows = Invoice.objects.filter(
        kind=Invoice.Kind.INVOICE, number__isnull=False, status__in=PAYABLE
    ).select_related("customer")
    words = {w for w in entry.message.replace(",", " ").split() if w.isdigit()}
    words.add(national(entry.reference))
    numbers = [int(w) for w in words if w and len(w) < 10]
    found: dict[int, Invoice] = {}
    for part in (
        rows.filter(number__in=numbers),
        rows.filter(reference__in=[w for w in words if w]),
        rows.filter(open_sum=left).order_by("due_on"),
        rows.filter(customer__name__iexact=entry.payer, open_sum__gt=0).order_by("due_on"),
    ):
        for invoice in part[:5]:
            found.setdefault(invoice.pk, invoice)
    return list(found.values())[:5]


__all__ = ["MATCHED", "NotABankFile", "Plan", "PlannedRow", "apply_file", "plan_file",
           "read_bank_file", "store_file", "suggestions"]  # fmt: skip
