"""Bank files are read alike in every version, and what is not one says so. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billing.rules.bank_camt import read_camt
from billing.rules.bank_csv import read_bank_csv
from billing.rules.bank_lines import BankLine, NotABankFile, keyed
from tests.billing.bank_files import OWN, Entry, Tx, camt, one

VERSIONS = [("053", "02"), ("053", "04"), ("053", "08"), ("053", "13"), ("054", "02"),
            ("054", "04"), ("054", "08"), ("054", "13")]  # fmt: skip


@pytest.mark.parametrize(("message", "version"), VERSIONS)
def test_camt_every_version_gives_the_same_line(message: str, version: str) -> None:
    content = camt(one("160.64", "1000010017", bank_ref="A1"), message=message, version=version)
    found = read_camt(content)
    assert found.format == f"camt.{message}.001.{version}"
    (line,) = found.lines
    assert (line.amount, line.reference, line.payer, line.bank_ref, line.account) == (
        Decimal("160.64"),
        "1000010017",
        "Kahvila & Pojat Oy",
        "A1",
        OWN,
    )
    assert (line.booked_on, line.problem) == (date(2026, 12, 10), "")


def test_camt_batch_is_its_payments_and_each_has_a_key() -> None:
    txs = (Tx("10.00", "1009"), Tx("10.00", "1009"), Tx("5.50", "1232"))
    lines = read_camt(camt(Entry(txs, bank_ref="E1"))).lines
    assert [x.amount for x in lines] == [Decimal("10.00"), Decimal("10.00"), Decimal("5.50")]
    assert len({x.key for x in lines}) == 3


def test_camt_statement_and_notification_of_the_same_money_have_the_same_key() -> None:
    entry = one("160.64", "1000010017", bank_ref="A1")
    keys = {
        read_camt(camt(entry, message=m, version=v, name=m + v)).lines[0].key for m, v in VERSIONS
    }
    assert len(keys) == 1


def test_key_without_an_archive_id_tells_statements_apart() -> None:
    """Control of the test above: without the bank's id, two statements are two payments."""
    entry = one("160.64", "1000010017", bank_ref="")
    first, second = (read_camt(camt(entry, name=n)).lines[0].key for n in ("S1", "S2"))
    assert first != second


PROBLEMS = [
    (replace(one("1.00"), status="PDNG"), "not_booked"),
    (replace(one("1.00"), currency="SEK"), "currency"),
    (replace(one("1.00"), direction="DBIT"), "outgoing"),
    (replace(one("1.00"), reversal=True), "outgoing"),
    (replace(one("1.00"), direction="DBIT", reversal=True), ""),
    (Entry((Tx("1.00"), Tx("2.00")), total="3.01"), "details_differ"),
    (Entry((), total="30.00", count=3), "batch_without_details"),
]


@pytest.mark.parametrize(("entry", "problem"), PROBLEMS)
def test_camt_what_is_no_payment_says_why(entry: Entry, problem: str) -> None:
    assert {x.problem for x in read_camt(camt(entry)).lines} == {problem}


def test_camt_reversal_is_money_that_leaves() -> None:
    (line,) = read_camt(camt(replace(one("1.00"), direction="DBIT", reversal=True))).lines
    assert (line.amount, line.reversal) == (Decimal("-1.00"), True)


def test_camt_two_references_in_one_payment_are_left_to_a_person() -> None:
    content = camt(one("30.00", "1009")).replace(
        b"</RmtInf>", b"<Strd><CdtrRefInf><Ref>1232</Ref></CdtrRefInf></Strd></RmtInf>"
    )
    (line,) = read_camt(content).lines
    assert (line.reference, line.message) == ("", "1009 1232")


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">&b;</Document>'
)
FILE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">&a;</Document>'
)
NOT_CAMT = [
    (b"", "empty"),
    (b"<a", "not_xml"),
    (b"<a/>", "not_camt"),
    (BOMB, "xml_declares"),
    (FILE, "xml_declares"),
    ("<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE x><a/>".encode("utf-16"), "not_xml"),
    (camt(message="052"), "camt_other"),
    (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>', "not_camt"),
    (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"/>', "not_camt"),
    (camt(one("1.00")).replace(b">1.00<", b">NaN<"), "camt_damaged"),
    (camt(one("1.00")).replace(b">1.00<", b">1.005<"), "camt_damaged"),
    (camt(one("1.00")).replace(b"2026-12-10", b"2026-13-10"), "camt_damaged"),
    (camt(one("1.00")).replace(b"CRDT", b"XXXX"), "camt_damaged"),
]


@pytest.mark.parametrize(("content", "code"), NOT_CAMT)
def test_not_a_camt_file_is_refused_by_code(content: bytes, code: str) -> None:
    with pytest.raises(NotABankFile) as caught:
        read_camt(content)
    assert caught.value.code == code


CSV = (
    "Kirjauspäivä;Määrä;Saaja/Maksaja;Viite;Viesti;Arkistointitunnus\r\n"
    "10.12.2026;160,64;Kahvila Oy;00010 00010017;;'2026A1\r\n"
    "11.12.2026;-12,00;Pankki;;Palvelumaksu;2026A2\r\n"
    "12.12.2026;abc;Joku;;;\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_csv_headings_of_a_finnish_bank_are_read(encoding: str) -> None:
    first, fee, bad = read_bank_csv(CSV.encode(encoding)).lines
    assert (first.amount, first.reference, first.bank_ref, first.problem) == (
        Decimal("160.64"),
        "0001000010017",
        "2026A1",
        "",
    )
    assert (fee.problem, bad.problem) == ("outgoing", "damaged")


def test_csv_without_the_amount_column_names_it() -> None:
    with pytest.raises(NotABankFile) as caught:
        read_bank_csv(b"Date;Payer\n1.1.2026;A\n")
    assert (caught.value.code, caught.value.detail) == ("csv_columns", "määrä")


def test_overlapping_lists_like_rows_of_a_day_keep_their_keys() -> None:
    """Two payments alike on one day are two, in each list that tells of that day."""
    row = BankLine("1", OWN, date(2026, 12, 10), Decimal("5.00"), payer="A")
    other = replace(row, booked_on=date(2026, 12, 9))
    first, second = keyed([other, row, row]), keyed([row, row])
    assert [x.key for x in first[1:]] == [x.key for x in second]
    assert first[1].key != first[2].key
