"""E-invoices as files: form, sums, texts, and what is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from lxml import etree
from pypdf import PdfReader

from accounts.einvoice_address import check_address, check_operator, endpoint
from billing.papers.einvoice import text
from billing.papers.einvoice.formats import Format, lacks, render
from billing.papers.einvoice.text import TooLong
from billing.papers.pdf.invoice import render_invoice
from billing.rules.document import INVOICE, InvoiceDocument, Party
from billing.rules.vat import vat_breakdown
from tests.billing.einvoice_world import (
    ABROAD,
    EMAIL_ONLY,
    ESTONIAN,
    FAMILY,
    LONG,
    PRIVATE,
    PUBLIC,
    RATES,
    SELLER,
    SWEDISH,
    credited,
    document,
    line,
    summed,
    whole_matrix,
)
from tests.einvoice_oracle import own_look, problems_of
from tests.oracle import check_invoice_pdf

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"


def finvoice(doc: InvoiceDocument) -> etree._Element:
    return etree.fromstring(render(doc, Format.FINVOICE))


def ubl(doc: InvoiceDocument) -> etree._Element:
    return etree.fromstring(render(doc, Format.UBL))


def comma(root: etree._Element, path: str) -> Decimal:
    return Decimal((root.findtext(path) or "nothing").replace(",", "."))


def amount(root: etree._Element, *path: str) -> Decimal:
    return Decimal(root.findtext("/".join([*(CAC + p for p in path[:-1]), CBC + path[-1]])) or "")


# --------------------------------------------------------------------------- the whole matrix


def test_matrix_of_340_documents_has_no_finding() -> None:
    """Both formats of every document; a judge from outside joins where it is at hand."""
    documents = whole_matrix()
    files = {f"{name}, {to}": render(doc, to) for name, doc in documents.items() for to in Format}
    assert (len(documents), len(files)) == (340, 680)
    assert problems_of(files) == []


def test_matrix_holds_what_it_is_to_hold() -> None:
    """1 to 60 lines, each rate and category, discounts of both kinds, every buyer and language."""
    documents = whole_matrix().values()
    assert {len(doc.lines) for doc in documents} == set(range(1, 61))
    assert sum(doc.kind == INVOICE for doc in documents) > 200
    wanted = {("S", "25.5"), ("S", "13.5"), ("S", "10"), ("Z", "0"), ("E", "0"), ("AE", "0"),
              ("O", "0")}  # fmt: skip
    rows = [{(x.vat_code, str(x.vat_pct)) for x in doc.lines} for doc in documents]
    assert set().union(*rows) == wanted
    assert max(len(row) for row in rows) == 3
    every = {(doc.buyer.country, doc.language) for doc in documents}
    assert every == {(c, x) for c in ("FI", "SE", "EE", "DE", "GR") for x in ("fi", "sv", "en")}
    cuts = {(any(x.discount for x in doc.lines), bool(doc.allowances)) for doc in documents}
    assert len(cuts) == 4
    assert max(len(doc.buyer.name) for doc in documents) == 200
    assert {
        part for doc in documents for part in ("&", "<", "'", FAMILY) if part in doc.buyer.name
    } == {"&", "<", "'", FAMILY}
    assert any(doc.original_number and len(doc.lines) == 1 for doc in documents)
    assert any(x.quantity % 1 for doc in documents for x in doc.lines)


# A paper takes a second or two to look at: every so many here, all with MATRIX_STEP=1.
PAPERS = list(whole_matrix().items())[:: int(os.environ.get("MATRIX_STEP", "24"))]


@pytest.mark.parametrize(("name", "doc"), PAPERS, ids=[str(n) for n in range(len(PAPERS))])
def test_matrix_papers_pass_scanner_and_archive(name: str, doc: InvoiceDocument) -> None:
    """Bar code, QR code, language, title, fonts; nothing to scan on a credit note."""
    problems = check_invoice_pdf(render_invoice(doc), payable=doc.kind == INVOICE)
    assert problems == [], name


def test_own_look_control_sees_a_wrong_order_an_empty_element_and_a_wrong_form() -> None:
    raw = render(document(), Format.FINVOICE)
    root = etree.fromstring(raw)
    details = root.find("InvoiceDetails")
    assert details is not None
    details.append(details[0])
    root.find("InvoiceRow/RowVatExcludedAmount").text = "12.50"  # type: ignore[union-attr]
    root.find("InvoiceRow/ArticleName").text = ""  # type: ignore[union-attr]
    found = " ".join(own_look(etree.tostring(root)))
    for word in ("out of order", "RowVatExcludedAmount is", "ArticleName is empty"):
        assert word in found


@pytest.mark.parametrize("to", Format)
@pytest.mark.parametrize("field", ["net", "vat", "gross"])
def test_own_look_control_sees_a_wrong_sum(to: Format, field: str) -> None:
    doc = document((("S", "25.5"), ("S", "10")), discount="both")
    wrong = replace(doc, **{field: getattr(doc, field) + Decimal("0.01")})
    assert own_look(render(doc, to)) == []
    assert own_look(render(wrong, to)) != []
    assert problems_of({"wrong": render(wrong, to)}) != []


@pytest.mark.parametrize("to", Format)
def test_same_document_gives_the_same_bytes(to: Format) -> None:
    for doc in (document(), credited(document())):
        again = InvoiceDocument.from_canonical(doc.canonical())
        assert again == doc
        assert render(again, to) == render(doc, to)


def test_document_of_before_discounts_is_still_read() -> None:
    """Frozen content written by an earlier version has neither discounts nor allowances."""
    import json

    raw = json.loads(document().canonical())
    raw.pop("allowances")
    for row in raw["lines"]:
        row.pop("discount")
        row.pop("discount_text")
    assert InvoiceDocument.from_canonical(json.dumps(raw)) == document()


# --------------------------------------------------------------------------- sums


@pytest.mark.parametrize("name", [n for n in RATES if "abroad" not in n])
def test_both_formats_carry_the_sums_of_the_document(name: str) -> None:
    for doc in (document(RATES[name], discount="both"), document(RATES[name])):
        fin, xml = finvoice(doc), ubl(doc)
        assert comma(fin, "InvoiceDetails/InvoiceTotalVatExcludedAmount") == doc.net
        assert comma(fin, "InvoiceDetails/InvoiceTotalVatAmount") == doc.vat
        assert comma(fin, "InvoiceDetails/InvoiceTotalVatIncludedAmount") == doc.gross
        assert amount(xml, "LegalMonetaryTotal", "TaxExclusiveAmount") == doc.net
        assert amount(xml, "TaxTotal", "TaxAmount") == doc.vat
        assert amount(xml, "LegalMonetaryTotal", "PayableAmount") == doc.gross
        rows = [
            (r.findtext("VatCode"), r.findtext("VatBaseAmount"), r.findtext("VatRateAmount"))
            for r in fin.iter("VatSpecificationDetails")
        ]
        assert rows == [
            (r.code, f"{r.base:.2f}".replace(".", ","), f"{r.vat:.2f}".replace(".", ","))
            for r in doc.vat_rows
        ]


def test_vat_is_rounded_once_per_rate_half_up() -> None:
    """2 x 10.10 at 25.5 % is 5.15, not 5.16; 99.00 gives 25.25, not 25.24."""
    ten = replace(
        line(0, ("S", "25.5")), quantity=Decimal(1), unit_net=Decimal("10.10"), net=Decimal("10.10")
    )
    doc = summed(replace(document(), lines=(ten, ten)))
    assert comma(finvoice(doc), "InvoiceDetails/InvoiceTotalVatAmount") == Decimal("5.15")
    assert amount(ubl(doc), "TaxTotal", "TaxAmount") == Decimal("5.15")
    [row] = vat_breakdown([("S", Decimal("25.5"), Decimal("99.00"))])
    assert row.vat == Decimal("25.25")


def test_fraction_of_an_hour_and_price_keep_their_decimals() -> None:
    doc = summed(replace(document(), lines=(line(1, ("S", "25.5")), line(3, ("S", "25.5")))))
    fin, xml = finvoice(doc), ubl(doc)
    assert fin.findtext("InvoiceRow/InvoicedQuantity") == "0,8333"
    assert fin.find("InvoiceRow/InvoicedQuantity").get("QuantityUnitCodeUN") == "HUR"  # type: ignore[union-attr]
    assert fin.findtext("InvoiceRow[2]/UnitPriceNetAmount") == "33,33333"
    [first, second] = xml.findall(f"{CAC}InvoiceLine")
    assert first.findtext(f"{CBC}InvoicedQuantity") == "0.8333"
    assert second.findtext(f"{CAC}Price/{CBC}PriceAmount") == "33.33333"


def test_price_below_zero_moves_its_minus_to_the_quantity() -> None:
    """BR-27: an item price is never negative."""
    minus = replace(
        line(0, ("S", "25.5")), quantity=Decimal(1), unit_net=Decimal(-5), net=Decimal(-5)
    )
    doc = summed(replace(document(), lines=(line(2, ("S", "25.5")), minus)))
    second = ubl(doc).findall(f"{CAC}InvoiceLine")[1]
    assert second.findtext(f"{CAC}Price/{CBC}PriceAmount") == "5.00"
    assert second.findtext(f"{CBC}InvoicedQuantity") == "-1"
    assert problems_of({"minus": render(doc, Format.UBL)}) == []


def test_pdf_of_the_same_document_shows_its_discounts() -> None:
    doc = document(discount="both")
    pages = PdfReader(BytesIO(render_invoice(doc))).pages
    words = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Sopimusalennus -3,10" in words.replace("\u2212", "-")
    assert "Vuosialennus" in words
    assert "-5,05" in words.replace("\u2212", "-")


# --------------------------------------------------------------------------- credit notes


@pytest.mark.parametrize("part", [False, True])
def test_credit_note_is_negative_in_finvoice_and_positive_in_ubl(part: bool) -> None:
    """A credit note has its own type, names what it credits, and has one sum in both formats."""
    original = document((("S", "25.5"), ("S", "10")), discount="both")
    note = credited(original, only_first=part)
    fin, xml = finvoice(note), ubl(note)
    assert fin.findtext("InvoiceDetails/InvoiceTypeCode") == "INV02"
    assert fin.findtext("InvoiceDetails/OriginalInvoiceNumber") == "1007"
    assert fin.findtext("InvoiceDetails/OriginalInvoiceDate") == "20261120"
    total = comma(fin, "InvoiceDetails/InvoiceTotalVatIncludedAmount")
    assert total == note.gross < 0
    assert fin.find("VirtualBankBarcode") is None
    assert etree.QName(xml).localname == "CreditNote"
    assert amount(xml, "LegalMonetaryTotal", "PayableAmount") == -note.gross > 0
    about = f"{CAC}BillingReference/{CAC}InvoiceDocumentReference/"
    assert xml.findtext(f"{about}{CBC}ID") == "1007"
    assert xml.findtext(f"{about}{CBC}IssueDate") == "2026-11-20"
    assert all(not (e.text or "").startswith("-") for e in xml.iter())
    assert (total == -original.gross) is not part


# --------------------------------------------------------------------------- tax without tax


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "Käännetty verovelvollisuus, AVL 8 c §"), ("sv", "Omvänd"), ("en", "Reverse charge")],
)
def test_reverse_charge_says_so_and_names_both_vat_numbers(language: str, words: str) -> None:
    doc = document((("AE", "0"),), language=language)
    fin, xml = finvoice(doc), ubl(doc)
    assert (fin.findtext(".//VatFreeText") or "").startswith(words)
    assert fin.findtext("BuyerPartyDetails/BuyerOrganisationTaxCode") == "FI01120389"
    assert [e.text for e in xml.iter(f"{CBC}TaxExemptionReasonCode")] == ["VATEX-EU-AE"]
    assert len(xml.findall(f".//{CAC}PartyTaxScheme")) == 2


def test_reverse_charge_abroad_cites_the_directive() -> None:
    fin = finvoice(document((("AE", "0"),), buyer=SWEDISH))
    assert "2006/112/EY" in (fin.findtext(".//VatFreeText") or "")
    assert fin.findtext("BuyerPartyDetails/BuyerPostalAddressDetails/CountryCode") == "SE"


@pytest.mark.parametrize("buyer", ABROAD)
def test_buyer_from_abroad_is_named_by_its_vat_number_and_its_own_scheme(buyer: Party) -> None:
    """0212 and 0216 are Finnish lists: nothing of a foreign buyer may claim to be on them."""
    doc = document((("AE", "0"), ("S", "25.5")), buyer=buyer, discount="line")
    fin, xml = finvoice(doc), ubl(doc)
    assert fin.findtext("BuyerPartyDetails/BuyerOrganisationTaxCode") == buyer.vat_id
    party = xml.find(f"{CAC}AccountingCustomerParty/{CAC}Party")
    assert party is not None
    end = party.find(f"{CBC}EndpointID")
    assert end is not None
    assert f"{end.get('schemeID')}:{end.text}" == buyer.e_invoice_address
    assert party.findtext(f"{CAC}PartyTaxScheme/{CBC}CompanyID") == buyer.vat_id
    assert party.findtext(f".//{CBC}IdentificationCode") == buyer.country
    assert {e.get("schemeID") for e in party.iter()} & {"0212", "0216"} == set()
    assert party.find(f"{CAC}PartyLegalEntity/{CBC}CompanyID") is None or buyer is SWEDISH
    assert [e.text for e in xml.iter(f"{CBC}TaxExemptionReasonCode")] == ["VATEX-EU-AE"]


def test_foreign_buyer_of_construction_is_named_by_its_finnish_number() -> None:
    buyer = replace(ESTONIAN, business_id="0112038-9", vat_id="FI01120389")
    fin = finvoice(document((("AE", "0"),), buyer=buyer))
    assert "AVL 8 c §" in (fin.findtext(".//VatFreeText") or "")


def test_outside_vat_names_no_vat_number_and_no_rate() -> None:
    """BR-O-02, BR-O-05."""
    doc = document((("O", "0"),))
    xml = ubl(replace(doc, seller=SELLER))
    assert xml.find(f".//{CAC}PartyTaxScheme") is None
    assert xml.find(f".//{CBC}Percent") is None
    assert finvoice(doc).find(".//RowVatRatePercent") is None


# --------------------------------------------------------------------------- texts and ids


def test_markup_quotes_and_emoji_arrive_as_written() -> None:
    name = """A & B <Oy> "C" 'D' ]]> &amp; """ + FAMILY
    for root in (finvoice, ubl):
        xml = root(document(buyer=replace(PRIVATE, name=name)))
        texts = {e.text for e in xml.iter()}
        assert name in texts
    assert b"&lt;Oy&gt;" in render(document(buyer=replace(PRIVATE, name=name)), Format.UBL)
    raw = render(document(buyer=replace(PRIVATE, name=name)), Format.FINVOICE)
    assert raw.startswith(b"<?xml version='1.0' encoding='ISO-8859-15'?>")
    assert b"&#128105;" in raw, "what ISO-8859-15 lacks goes as a numeric reference"


def test_name_of_200_letters_is_not_cut() -> None:
    fin = finvoice(document(buyer=LONG))
    parts = [e.text or "" for e in fin.iter("BuyerOrganisationName")]
    assert len(LONG.name) > 160
    assert " ".join(parts) == LONG.name
    assert all(2 <= len(part) <= 70 for part in parts)
    assert (
        ubl(document(buyer=LONG)).findtext(
            f"{CAC}AccountingCustomerParty/{CAC}Party/{CAC}PartyLegalEntity/{CBC}RegistrationName"
        )
        == LONG.name
    )


def test_long_article_keeps_its_whole_text_in_the_description() -> None:
    long = replace(line(2, ("S", "25.5")), text="Muuttoapu " + "kantaminen " * 15)
    row = finvoice(summed(replace(document(), lines=(long,)))).find("InvoiceRow")
    assert row is not None
    assert len(row.findtext("ArticleName") or "") <= 100
    assert row.findtext("ArticleDescription") == long.text.strip()


@pytest.mark.parametrize(
    ("words", "limit", "kept"),
    [
        ("Saimaan Siivous Oy", 30, "Saimaan Siivous Oy"),
        ("Saimaan Siivous Oy", 16, "Saimaan Siivous"),
        ("Saimaan Siivous Oy", 15, "Saimaan Siivous"),
        ("x" * 40, 35, "x" * 35),
        (f"abcd{FAMILY}", 8, "abcd"),
        ("abcde👍🏽", 6, "abcde"),
        ("abc🇫🇮🇸🇪", 6, "abc🇫🇮"),
        ("abcdé", 5, "abcdé"),
        ("a\x00b\x0bc\ud800d", 9, "a b c d"),
    ],
)
def test_shorten_cuts_between_words_or_letters(words: str, limit: int, kept: str) -> None:
    assert text.shorten(words, limit) == kept
    assert len(text.shorten(words, limit)) <= limit


def test_pieces_lose_nothing_and_leave_no_single_letter() -> None:
    for words in ("x" * 71, "sana " * 40, "y" * 141, f"{'z' * 69} {FAMILY}"):
        parts = text.pieces(words, 70)
        assert "".join("".join(parts).split()) == "".join(words.split())
        assert all(2 <= len(p) <= 70 for p in parts), parts


@pytest.mark.parametrize(
    ("value", "written"),
    [("4.0000", "4"), ("0.8333", "0.8333"), ("-0.0000", "0"), ("10", "10"), ("1E+2", "100")],
)
def test_figure_has_no_exponent_and_no_minus_zero(value: str, written: str) -> None:
    assert text.figure(Decimal(value)) == written


def test_identifier_that_does_not_fit_is_refused_not_cut() -> None:
    with pytest.raises(TooLong, match="reference"):
        render(document(buyer_reference="R" * 71), Format.FINVOICE)


def test_buyer_reference_or_order_number_is_always_there() -> None:
    """Peppol R003: one of the two."""
    one = document()
    assert ubl(one).findtext(f"{CAC}OrderReference/{CBC}ID") == "2000"
    several = summed(replace(one, lines=tuple(line(n, ("S", "25.5")) for n in range(4))))
    assert ubl(several).findtext(f"{CBC}BuyerReference") == "1234"
    own = document(buyer=PUBLIC, buyer_reference="KP 4001")
    assert ubl(own).findtext(f"{CBC}BuyerReference") == "KP 4001"
    assert finvoice(own).findtext("InvoiceDetails/BuyerReferenceIdentifier") == "KP 4001"


def test_summer_time_stamp_of_the_message() -> None:
    doc = document(issued_on=date(2026, 7, 1), due_on=date(2026, 7, 15))
    stamp = finvoice(doc).findtext("MessageTransmissionDetails/MessageDetails/MessageTimeStamp")
    assert stamp == "2026-07-01T12:00:00+03:00"


# --------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("doc", "to", "code"),
    [
        (document(buyer=EMAIL_ONLY), "finvoice", "einvoice_address_missing"),
        (document(buyer=EMAIL_ONLY), "ubl", "einvoice_peppol_address"),
        (
            document(buyer=replace(PRIVATE, e_invoice_operator="")),
            "finvoice",
            "einvoice_operator_missing",
        ),
        (
            document(buyer=replace(PRIVATE, e_invoice_address="FI2112345600000785")),
            "ubl",
            "einvoice_peppol_address",
        ),
        (
            document(seller=replace(SELLER, e_invoice_address="003799999999")),
            "ubl",
            "einvoice_our_address",
        ),
        (
            document(seller=replace(SELLER, e_invoice_operator="")),
            "finvoice",
            "einvoice_our_operator",
        ),
        (document(seller=replace(SELLER, vat_id="")), "ubl", "einvoice_our_vat_id"),
        (
            replace(document((("AE", "0"),)), buyer=PRIVATE),
            "ubl",
            "einvoice_buyer_vat_id",
        ),
        (document((("S", "25.5"), ("O", "0"))), "ubl", "einvoice_vat_mixed"),
        (document((("K", "0"),)), "ubl", "einvoice_vat_category"),
        (document(buyer=replace(PRIVATE, name="X")), "finvoice", "einvoice_name"),
    ],
)
def test_lacks_names_what_is_missing(doc: InvoiceDocument, to: str, code: str) -> None:
    assert code in lacks(doc, Format(to))
    with pytest.raises(ValueError, match="einvoice_"):
        render(doc, Format(to))


def test_bank_address_works_for_finvoice() -> None:
    doc = document(buyer=replace(PRIVATE, e_invoice_address="FI21 1234 5600 0007 85"))
    to = finvoice(doc).find("MessageTransmissionDetails/MessageReceiverDetails/ToIdentifier")
    assert to is not None
    assert (to.text, to.get("SchemeID")) == ("FI2112345600000785", None)
    assert problems_of({"bank": render(doc, Format.FINVOICE)}) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0037 2077 4740", "003720774740"),
        ("003720774740abc12", "003720774740ABC12"),
        ("0216:003720774740", "003720774740"),
        ("FI21 1234 5600 0007 85", "FI2112345600000785"),
        ("0007:5560125790", "0007:5560125790"),
        ("TE003-12.a", "TE003-12.a"),
    ],
)
def test_address_is_normalised(typed: str, kept: str) -> None:
    assert check_address(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("003720774741", "einvoice_ovt"),
        ("00372077474", "einvoice_ovt"),
        ("003720774740ABCDEF", "einvoice_ovt"),
        ("FI2112345600000786", "einvoice_iban"),
        ("x", "einvoice_address"),
        ("ä" * 5, "einvoice_address"),
        ("a" * 36, "einvoice_address"),
    ],
)
def test_address_wrong_is_refused_with_its_code(typed: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        check_address(typed)


@pytest.mark.parametrize("typed", ["003723327487", "ndeafihh", "OKOYFIHHXXX"])
def test_operator_is_an_ovt_code_or_a_bic(typed: str) -> None:
    assert check_operator(typed) == typed.upper()


@pytest.mark.parametrize("typed", ["Apix", "003723327488", "12345678", "NDEAFIH"])
def test_operator_wrong_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="einvoice_operator"):
        check_operator(typed)


def test_endpoint_of_finland_is_0216() -> None:
    assert endpoint("003720774740") == ("0216", "003720774740")
    assert endpoint("0007:5560125790") == ("0007", "5560125790")
    assert endpoint("FI2112345600000785") is None
    assert endpoint("") is None
