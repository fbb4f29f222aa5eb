"""ISO 20022 camt.053 (statement) and camt.054 (notification) into bank lines. Pure.

Source: the message definitions at iso20022.org and Finance Finland's "ISO 20022 account statement
guide". Versions differ in name space and in a few paths (the payer's name, the status), which are
all looked for; elements that a bank adds are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from billing.rules.bank_lines import BankLine, BankLines, NotABankFile, keyed

NAME_SPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.(\d{3})\.001\.(\d{2})")
ROOTS = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}
MAX_BYTES = 20 * 1024 * 1024
# lxml comes without types.
Element = Any


def read_camt(content: bytes) -> BankLines:
    """The transactions of a camt.053 or camt.054 file.

    Raises:
        NotABankFile: codes empty, too_large, not_xml, xml_declares, not_camt, camt_other (with
            the message it is), camt_damaged (with the place).
    """
    root = _root(content)
    name_space = NAME_SPACE.fullmatch(etree.QName(root).namespace or "")
    if name_space is None or etree.QName(root).localname != "Document":
        raise NotABankFile("not_camt")
    message, version = name_space.groups()
    if message not in ROOTS:
        raise NotABankFile("camt_other", f"camt.{message}")
    outer, inner = ROOTS[message]
    if _one(root, outer) is None:
        raise NotABankFile("not_camt")
    lines: list[BankLine] = []
    for statement in _all(root, outer, inner):
        lines += _statement(statement)
    return BankLines(f"camt.{message}.001.{version}", keyed(lines))


def _root(content: bytes) -> Element:
    if not content.strip():
        raise NotABankFile("empty")
    if len(content) > MAX_BYTES:
        raise NotABankFile("too_large")
    # Bank messages declare nothing. UTF-16 could hide a declaration from this look.
    if b"\x00" in content or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotABankFile("not_xml")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise NotABankFile("xml_declares")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NotABankFile("not_xml") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotABankFile("xml_declares")
    return root


def _path(names: tuple[str, ...]) -> str:
    return "/".join(f"{{*}}{name}" for name in names)


def _one(of: Element, *names: str) -> Element:
    return of.find(_path(names))


def _all(of: Element, *names: str) -> list[Element]:
    return list(of.findall(_path(names)))


def _text(of: Element, *names: str) -> str:
    found = _one(of, *names)
    return " ".join((found.text or "").split()) if found is not None else ""


def _first(of: Element, *paths: tuple[str, ...]) -> str:
    return next((text for path in paths if (text := _text(of, *path))), "")


def _statement(statement: Element) -> Iterator[BankLine]:
    name = _text(statement, "Id")
    account = _first(statement, ("Acct", "Id", "IBAN"), ("Acct", "Id", "Othr", "Id"))
    account = "".join(account.split()).upper()
    for n, entry in enumerate(_all(statement, "Ntry"), start=1):
        try:
            yield from _entry(entry, account, name, f"{name} / {n}")
        except (ValueError, InvalidOperation) as error:
            raise NotABankFile("camt_damaged", f"{name} / {n}") from error


def _entry(entry: Element, account: str, batch: str, place: str) -> Iterator[BankLine]:
    whole, currency = _amount(entry)
    reversal = _text(entry, "RvslInd") in ("true", "1")
    line = BankLine(
        place=place, account=account, booked_on=_booked(entry), amount=whole, currency=currency,
        reversal=reversal, bank_ref=_first(entry, ("AcctSvcrRef",), ("NtryRef",)), batch=batch,
        message=_text(entry, "AddtlNtryInf")[:300], problem=_problem(entry, whole, currency,
        reversal=reversal),
    )  # fmt: skip
    details = _all(entry, "NtryDtls", "TxDtls")
    if not details:
        count = _text(entry, "NtryDtls", "Btch", "NbOfTxs")
        many = count.isdecimal() and int(count) > 1
        yield _changed(line, problem=line.problem or ("batch_without_details" if many else ""))
        return
    found = [
        _detail(detail, line, n, alone=len(details) == 1) for n, detail in enumerate(details, 1)
    ]
    if not line.problem and sum((x.amount for x in found), Decimal(0)) != whole:
        yield _changed(line, problem="details_differ")
        return
    yield from found


def _changed(line: BankLine, **values: object) -> BankLine:
    return BankLine(**{**vars(line), **values})  # type: ignore[arg-type]


def _problem(entry: Element, amount: Decimal, currency: str, *, reversal: bool) -> str:
    """Why an entry is not money that our customers paid; empty when it is."""
    status = _first(entry, ("Sts", "Cd"), ("Sts",))
    if status not in ("BOOK", ""):
        return "not_booked"
    if currency != "EUR":
        return "currency"
    # A reversal's direction is its own: money that goes back to the payer is a debit.
    if (amount < 0) != reversal:
        return "outgoing"
    return ""


def _amount(of: Element) -> tuple[Decimal, str]:
    found = _one(of, "Amt")
    if found is None:
        raise ValueError("amount")
    return _signed(of, found), found.get("Ccy", "")


def _signed(of: Element, found: Element, inherited: str = "") -> Decimal:
    value = Decimal((found.text or "").strip())
    direction = _text(of, "CdtDbtInd") or inherited
    if not value.is_finite() or value < 0 or direction not in ("CRDT", "DBIT"):
        raise ValueError("amount")
    # Some banks write more zeros than cents; a tenth of a cent is no money.
    if value != value.quantize(Decimal("0.01")):
        raise ValueError("amount")
    return value if direction == "CRDT" else -value


def _booked(entry: Element) -> date:
    text = _first(entry, ("BookgDt", "Dt"), ("BookgDt", "DtTm"), ("ValDt", "Dt"), ("ValDt", "DtTm"))
    return date.fromisoformat(text[:10])


def _detail(detail: Element, line: BankLine, n: int, *, alone: bool) -> BankLine:
    direction = "CRDT" if line.amount >= 0 else "DBIT"
    amount = line.amount
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        found = _one(detail, *path)
        if found is not None and found.get("Ccy", line.currency) == line.currency:
            amount = _signed(detail, found, direction)
            break
    else:
        if not alone:
            raise ValueError("amount")
    references = {_compact(x.text) for x in _all(detail, "RmtInf", "Strd", "CdtrRefInf", "Ref")}
    free = " ".join(" ".join((x.text or "").split()) for x in _all(detail, "RmtInf", "Ustrd"))
    if len(references) > 1:
        free = " ".join([*sorted(references), free]).strip()
    return _changed(
        line,
        place=line.place if alone else f"{line.place} / {n}",
        amount=amount,
        reference=references.pop() if len(references) == 1 else "",
        bank_ref=_text(detail, "Refs", "AcctSvcrRef") or line.bank_ref,
        payer=_first(
            detail,
            ("RltdPties", "Dbtr", "Pty", "Nm"),
            ("RltdPties", "Dbtr", "Nm"),
            ("RltdPties", "UltmtDbtr", "Pty", "Nm"),
            ("RltdPties", "UltmtDbtr", "Nm"),
        )[:140],
        message=(free or line.message)[:300],
    )


def _compact(text: str | None) -> str:
    return "".join((text or "").split()).upper()[:35]
