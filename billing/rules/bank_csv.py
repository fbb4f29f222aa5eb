"""The account list that a bank's web pages give as CSV (or XLSX) into bank lines. Pure."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from billing.rules.bank_lines import BankLine, BankLines, NotABankFile, keyed
from core import cells
from core.cells import BadCell
from orders.imports.reader import NotATable, Table, read_table

# Headings of Finnish banks' lists and their Swedish and English pages; case does not matter.
HEADINGS = {
    "booked_on": ("kirjauspäivä", "kirjauspvm", "maksupäivä", "pvm", "päivä", "bokföringsdag",
                  "datum", "booking date", "date"),
    "amount": ("määrä", "summa", "määrä euroa", "määrä eur", "belopp", "amount"),
    "reference": ("viite", "viitenumero", "referens", "referensnummer", "reference"),
    "payer": ("maksaja", "saaja/maksaja", "nimi", "betalare", "mottagare/betalare", "payer",
              "name", "saajan nimi/maksaja"),
    "message": ("viesti", "selite", "meddelande", "message"),
    "bank_ref": ("arkistointitunnus", "arkistointikoodi", "arkiveringskod", "archive id",
                 "tapahtumatunnus"),
    "currency": ("valuutta", "valuta", "currency"),
    "account": ("tili", "tilinumero", "oma tili", "konto", "kontonummer", "account", "iban"),
}  # fmt: skip
NEEDED = ("booked_on", "amount")


def read_bank_csv(content: bytes) -> BankLines:
    """The rows of an account list; its headings say which column is which.

    Raises:
        NotABankFile: codes of NotATable, csv_columns (with what is missing).
    """
    try:
        table = read_table(content)
    except NotATable as error:
        raise NotABankFile(error.code) from error
    places = _places(table)
    if lacking := [key for key in NEEDED if key not in places]:
        raise NotABankFile("csv_columns", ", ".join(HEADINGS[key][0] for key in lacking))
    return BankLines("csv", keyed(_line(row.line, row.cells, places) for row in table.rows))


def _places(table: Table) -> dict[str, int]:
    found: dict[str, int] = {}
    plain = [re.sub(r"[\s(].*€.*|\s*\(?eur\)?$", "", h.casefold()).strip() for h in table.headings]
    for key, words in HEADINGS.items():
        for word in words:
            if word in plain:
                found[key] = plain.index(word)
                break
    return found


def _line(number: int, row: tuple[str, ...], places: dict[str, int]) -> BankLine:
    def cell(key: str) -> str:
        return row[places[key]] if key in places else ""

    problem, booked_on, amount = "", None, None
    try:
        booked_on = cells.day(cell("booked_on"))
        amount = cells.number(cell("amount").replace("\u2212", "-").replace("+", ""))
        if amount != amount.quantize(Decimal("0.01")):
            problem = "damaged"
    except BadCell:
        problem = "damaged"
    currency = cell("currency").upper() or "EUR"
    if not problem and currency != "EUR":
        problem = "currency"
    if not problem and amount is not None and amount < 0:
        problem = "outgoing"
    return BankLine(
        place=str(number),
        account="".join(cell("account").split()).upper(),
        booked_on=booked_on or date.min,
        amount=amount if amount is not None else Decimal(0),
        currency=currency,
        # Excel and some banks write a quote before long numbers, and leading zeros.
        reference="".join(cell("reference").split()).lstrip("'").upper()[:35],
        bank_ref=cell("bank_ref").lstrip("'")[:80],
        payer=cell("payer")[:140],
        message=cell("message").lstrip("'")[:300],
        problem=problem or ("nothing" if amount == 0 else ""),
    )
