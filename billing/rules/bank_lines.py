"""One transaction on a bank account as a file tells it, and its key. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal


class NotABankFile(Exception):  # noqa: N818 - reads as the sentence it is
    """The file cannot be read as payments; `code` says why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class BankLine:
    """`amount` is negative when money leaves the account; `problem` says why it cannot be used.

    `reference` is as given (national or RF, without spaces), `bank_ref` the bank's archive id,
    `batch` the bank's own word for the statement, used only when there is no archive id.
    """

    place: str
    account: str
    booked_on: date
    amount: Decimal
    currency: str = "EUR"
    reversal: bool = False
    reference: str = ""
    bank_ref: str = ""
    payer: str = ""
    message: str = ""
    problem: str = ""
    batch: str = ""
    key: str = ""


@dataclass(frozen=True)
class BankLines:
    format: str
    lines: tuple[BankLine, ...]


def keyed(lines: Iterable[BankLine]) -> tuple[BankLine, ...]:
    """The lines with keys that are the same in each file that tells of the same money.

    With an archive id the key is made of it, the sum and the reference: a batch of payments may
    share one id. Like lines of one file are told apart by their order.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for line in lines:
        own: tuple[str, ...] = (line.bank_ref, f"{line.amount:.2f}", line.reference)
        if not line.bank_ref:
            own = (*own, line.booked_on.isoformat(), line.payer, line.message, line.batch)
        what = (line.account, line.currency, *own)
        text = "\x1f".join((*what, str(seen[what])))
        seen[what] += 1
        found.append(replace(line, key=hashlib.sha256(text.encode()).hexdigest()))
    return tuple(found)
