"""A reminder of payment as it is printed: frozen values, no rows, no clock. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from billing.rules.document import Party, _plain, _typed
from billing.rules.late_interest import Span


@dataclass(frozen=True)
class ReminderDocument:
    """Euros; `interest` and `compensation` are asked for on top of `principal`.

    `business` says that the debtor is a business or a public body: other law, other words.
    """

    language: str
    serial: int
    made_on: date
    due_on: date
    seller: Party
    buyer: Party
    customer_no: str
    number: int
    issued_on: date
    invoice_due_on: date
    gross: Decimal
    credited: Decimal
    paid: Decimal
    principal: Decimal
    spans: tuple[Span, ...]
    interest: Decimal
    compensation: Decimal
    fee: Decimal
    charges_paid: Decimal
    total: Decimal
    iban: str
    bic: str
    reference: str
    business: bool = True

    def canonical(self) -> str:
        """The same text for the same paper, for ever."""
        return json.dumps(
            asdict(self), default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    @classmethod
    def from_canonical(cls, text: str) -> ReminderDocument:
        """The document back from `canonical()`."""
        raw = json.loads(text)
        raw["seller"], raw["buyer"] = Party(**raw["seller"]), Party(**raw["buyer"])
        raw["spans"] = tuple(_typed(Span, span) for span in raw["spans"])
        found: ReminderDocument = _typed(cls, raw)
        return found
