"""An invoice or hour log as it is printed: frozen values, no rows, no clock. Pure.

Money is Decimal euros, quantities and unit prices have up to four decimals, dates are dates,
texts are already in the document's language. `canonical()` gives the bytes that are hashed and
stored when the invoice is issued; PDF and XML are made from them and nothing else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date, time
from decimal import Decimal
from typing import Any

from billing.rules.vat import VatRow

INVOICE, CREDIT_NOTE = "invoice", "credit_note"


@dataclass(frozen=True)
class Party:
    """Seller or buyer; `business_id` 1234567-8, `vat_id` FI12345678 or empty."""

    name: str
    street: str
    postal_code: str
    city: str
    business_id: str = ""
    vat_id: str = ""
    country: str = "FI"
    email: str = ""
    phone: str = ""
    e_invoice_address: str = ""
    e_invoice_operator: str = ""


@dataclass(frozen=True)
class DocumentLine:
    """`net` = quantity x unit_net - discount, rounded to the cent; negative on a credit note."""

    text: str
    performed_on: date
    quantity: Decimal
    unit: str
    unit_net: Decimal
    net: Decimal
    vat_code: str
    vat_pct: Decimal
    order_no: str = ""
    discount: Decimal = Decimal(0)
    discount_text: str = ""


@dataclass(frozen=True)
class Allowance:
    """A discount on the whole document, euros before VAT; negative on a credit note."""

    text: str
    amount: Decimal
    vat_code: str
    vat_pct: Decimal


@dataclass(frozen=True)
class InvoiceDocument:
    kind: str
    number: int
    language: str
    issued_on: date
    due_on: date
    seller: Party
    buyer: Party
    customer_no: str
    buyer_reference: str
    lines: tuple[DocumentLine, ...]
    vat_rows: tuple[VatRow, ...]
    net: Decimal
    vat: Decimal
    gross: Decimal
    iban: str
    bic: str
    reference: str
    payment_term_days: int
    original_number: int | None = None
    original_issued_on: date | None = None
    notes: tuple[str, ...] = ()
    allowances: tuple[Allowance, ...] = ()

    def canonical(self) -> str:
        """The same text for the same document, for ever."""
        return json.dumps(
            asdict(self), default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    @classmethod
    def from_canonical(cls, text: str) -> InvoiceDocument:
        """The document back from `canonical()`."""
        raw: dict[str, Any] = json.loads(text)
        raw["seller"], raw["buyer"] = Party(**raw["seller"]), Party(**raw["buyer"])
        raw["lines"] = tuple(_typed(DocumentLine, line) for line in raw["lines"])
        raw["vat_rows"] = tuple(_typed(VatRow, row) for row in raw["vat_rows"])
        raw["notes"] = tuple(raw["notes"])
        # Documents of before there were allowances have none.
        raw["allowances"] = tuple(_typed(Allowance, x) for x in raw.get("allowances", ()))
        return _typed(cls, raw)


@dataclass(frozen=True)
class HourLogRow:
    on: date
    place: str
    task: str
    started: time
    ended: time
    break_min: int
    work_min: int
    kind: str
    status: str
    worker: str = ""


@dataclass(frozen=True)
class HourLogDocument:
    """Hours of one worker (`subject` a person) or one customer, for a month."""

    language: str
    title: str
    subject: str
    period: str
    organisation: str
    rows: tuple[HourLogRow, ...]
    totals: tuple[tuple[str, int], ...]
    for_customer: bool = False

    @property
    def work_min(self) -> int:
        return sum(row.work_min for row in self.rows)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _typed(cls: Any, raw: dict[str, Any]) -> Any:
    """`cls` with its Decimal and date fields read back from text."""
    made = dict(raw)
    for field in fields(cls):
        value = made.get(field.name)
        if not isinstance(value, str):
            continue
        if field.type == "Decimal":
            made[field.name] = Decimal(value)
        elif str(field.type).startswith("date"):
            made[field.name] = date.fromisoformat(value)
    return cls(**made)
