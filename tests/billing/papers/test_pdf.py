"""billing.pdf: what a reader, a scanner and an archive get."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader

from billing.papers.pdf.hour_log import render_hour_log
from billing.papers.pdf.invoice import render_invoice
from billing.papers.pdf.sheet import day, money, number, printable, wrap
from billing.papers.pdf.words import WORDS
from billing.rules.barcode import bank_barcode, epc_text
from billing.rules.document import (
    CREDIT_NOTE,
    INVOICE,
    DocumentLine,
    HourLogDocument,
    HourLogRow,
    InvoiceDocument,
    Party,
)
from billing.rules.reference import make_reference, rf_from_national
from billing.rules.vat import totals, vat_breakdown
from tests.oracle import check_invoice_pdf, disagreements

NB = "\u00a0"
SELLER = Party(
    "Askare Saimaa ry", "Valtakatu 30", "53100", "Lappeenranta", "2345678-0", "FI23456780",
    email="palvelu@askare.example", phone="05 123 4567",
)  # fmt: skip
BUYER = Party("Kahvila Saimaanranta Oy", "Kauppakatu 4", "53100", "Lappeenranta", "2077474-0")


def line(n: int = 0, **changes: object) -> DocumentLine:
    made = DocumentLine(
        f"Siivous {n:03d}, Kauppakatu 4", date(2026, 10, 1 + n % 28), Decimal("4.0000"), "HUR",
        Decimal("32.00000"), Decimal("128.00"), "S", Decimal("25.5"), str(2041 + n),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def document(*lines: DocumentLine, **changes: object) -> InvoiceDocument:
    lines = lines or (line(),)
    rows = vat_breakdown((x.vat_code, x.vat_pct, x.net) for x in lines)
    found = totals(rows)
    made = InvoiceDocument(
        INVOICE, 1207, "fi", date(2026, 11, 2), date(2026, 11, 16), SELLER, BUYER, "1001",
        "KP 4000", lines, rows, found.net, found.vat, found.gross, "FI2112345600000785",
        "NDEAFIHH", make_reference("1001001207"), 14,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def credit_of_a_line() -> InvoiceDocument:
    return document(
        line(quantity=Decimal(-4), net=Decimal("-128.00")),
        kind=CREDIT_NOTE, number=5001, original_number=1207,
        original_issued_on=date(2026, 11, 2),
    )  # fmt: skip


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text().replace(NB, " ") for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize(("language", "lines"), [("fi", 1), ("sv", 40), ("en", 40)])
def test_invoice_pdf_passes_scanner_and_archive(language: str, lines: int) -> None:
    doc = document(*(line(n) for n in range(lines)), language=language)
    assert check_invoice_pdf(render_invoice(doc)) == []


def test_invoice_pdf_same_document_same_bytes() -> None:
    assert render_invoice(document()) == render_invoice(document())


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_invoice_pdf_names_language_and_title(language: str) -> None:
    doc = document(language=language)
    with pikepdf.open(io.BytesIO(render_invoice(doc))) as pdf:
        assert str(pdf.Root.Lang) == language
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        title = f"{WORDS[language]['invoice']} 1207, Askare Saimaa ry"
        assert str(pdf.docinfo["/Title"]) == title


def test_invoice_pdf_holds_what_the_vat_act_asks() -> None:
    """VAT act 209 e: dates, number, parties, IDs, extent and nature, base, rate and tax."""
    text = pages_of(render_invoice(document()))[0]
    for part in (
        "Lasku 1207", "2.11.2026", "16.11.2026", "Askare Saimaa ry", "2345678-0", "FI23456780",
        "Kahvila Saimaanranta Oy", "Kauppakatu 4", "53100 Lappeenranta", "2077474-0",
        "Siivous 000, Kauppakatu 4", "1.10.2026", "4,00 h", "32,00", "25,5", "128,00", "32,64",
        "160,64 €", "14 pv netto", "KP 4000", "FI21 1234 5600 0007 85", "NDEAFIHH", "2041",
        "Viivästyskorko korkolain mukaan.",
    ):  # fmt: skip
        assert part in text
    code = bank_barcode(
        "FI2112345600000785", Decimal("160.64"), make_reference("1001001207"), date(2026, 11, 16)
    )
    assert f"Virtuaaliviivakoodi {code}" in text


def test_invoice_pdf_pages_carry_their_sums() -> None:
    pages = pages_of(render_invoice(document(*(line(n) for n in range(60)))))
    assert len(pages) == 3
    carried = [
        next(row for row in page.splitlines() if "Siirtyy" in row or "Siirto" in row)
        for page in pages
    ]
    assert ["Siirtyy" in carried[0], "Siirto" in carried[2]] == [True, True]
    for n, page in enumerate(pages, start=1):
        assert f"Sivu {n} / 3" in page
        assert ("Virtuaaliviivakoodi" in page) == (n == 3)
    for n in range(60):
        assert sum(page.count(f"Siivous {n:03d},") for page in pages) == 1
    first = sum(f"Siivous {n:03d}," in pages[0] for n in range(60)) * 128
    assert f"{money(Decimal(first), 'fi').replace(NB, ' ')}" in pages[0]
    assert f"{money(Decimal(first), 'fi').replace(NB, ' ')}" in pages[1]


@pytest.mark.parametrize("lines", range(8, 34))
def test_invoice_pdf_any_length_no_lonely_last_line(lines: int) -> None:
    pages = pages_of(render_invoice(document(*(line(n) for n in range(lines)))))
    on_last = sum(f"Siivous {n:03d}," in pages[-1] for n in range(lines))
    assert on_last >= min(3, lines)
    assert sum(page.count("Siivous") for page in pages) == lines


def test_invoice_pdf_very_long_texts_stay_on_the_paper() -> None:
    doc = document(
        line(text="Muuttoapu ja kantaminen, " + "Standertskjöldinkatu" * 12),
        buyer=replace(BUYER, name="Itä-Suomen kiinteistönhuolto- ja siivouspalvelut " * 3),
        buyer_reference="X" * 70,
    )
    assert check_invoice_pdf(render_invoice(doc)) == []


def test_invoice_pdf_reverse_charge_names_buyer_and_reason() -> None:
    note = "Käännetty verovelvollisuus / Reverse charge, AVL 8 c §"
    doc = document(
        line(vat_code="AE", vat_pct=Decimal(0)),
        buyer=replace(BUYER, vat_id="FI20774740"),
        notes=(note,),
    )
    content = render_invoice(doc)
    text = pages_of(content)[0]
    assert "FI20774740" in text
    assert note in text
    assert "Käännetty verovelvollisuus 0,0 %" in text
    assert check_invoice_pdf(content) == []


def test_credit_note_pdf_names_its_invoice_and_cannot_be_paid() -> None:
    doc = credit_of_a_line()
    text = pages_of(render_invoice(doc))[0]
    assert "Hyvityslasku 5001" in text
    assert "Hyvittää laskun 1207, 2.11.2026" in text
    assert "\u2212160,64 €" in text
    assert "Virtuaaliviivakoodi" not in text
    assert check_invoice_pdf(render_invoice(doc), payable=False) == []


def test_own_look_control_sees_what_must_and_what_must_not_be_scanned() -> None:
    payable, credit_note = render_invoice(document(line())), render_invoice(credit_of_a_line())
    seen = check_invoice_pdf(credit_note, payable=True)
    assert {"no bank barcode", "no EPC QR"} <= set(seen)
    seen = check_invoice_pdf(payable, payable=False)
    assert {"a bank barcode", "an EPC QR"} <= set(seen)


def test_own_look_control_sees_a_font_that_is_not_embedded() -> None:
    with pikepdf.open(io.BytesIO(render_invoice(credit_of_a_line()))) as pdf:
        for font in pdf.pages[0].Resources.Font.values():
            holder = font.DescendantFonts[0] if "/DescendantFonts" in font else font
            if "/FontDescriptor" in holder:
                del holder["/FontDescriptor"]
        planted = io.BytesIO()
        pdf.save(planted)
    found = check_invoice_pdf(planted.getvalue(), payable=False)
    assert any("is not embedded" in problem for problem in found)


@pytest.mark.parametrize("reference", ["1001001207", "RF"])
def test_own_look_control_sees_codes_that_disagree(reference: str) -> None:
    national = make_reference("1001001207")
    ours = rf_from_national(national) if reference == "RF" else national
    iban, other_iban, due_on = "FI2112345600000785", "FI4950009420028730", date(2026, 11, 16)
    bar = bank_barcode(iban, Decimal("160.64"), ours, due_on)
    code = {"name": "Askare", "iban": iban, "bic": "", "amount": Decimal("160.64"),
            "reference": ours, "due_on": due_on}  # fmt: skip
    assert list(disagreements(bar, epc_text(**code))) == []
    plants = {
        "pays to": {"iban": other_iban},
        "cents": {"amount": Decimal("160.65")},
        "has reference": {"reference": make_reference("1001001208")},
    }
    for word, planted in plants.items():
        (found,) = disagreements(bar, epc_text(**(code | planted)))
        assert word in found


def test_oracles_that_are_named_but_missing_are_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ORACLES", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="check_invoice_pdf.py"):
        check_invoice_pdf(render_invoice(document(line())))


def test_invoice_pdf_nothing_to_pay_has_no_barcode() -> None:
    doc = document(line(quantity=Decimal(0), net=Decimal("0.00")))
    text = pages_of(render_invoice(doc))[0]
    assert "Ei maksettavaa." in text
    assert "Virtuaaliviivakoodi" not in text


def test_document_canonical_text_gives_the_document_back() -> None:
    doc = document(
        line(), line(1), kind=CREDIT_NOTE, original_number=1, original_issued_on=date(2026, 1, 2)
    )
    assert InvoiceDocument.from_canonical(doc.canonical()) == doc
    again = InvoiceDocument.from_canonical(doc.canonical())
    assert again.canonical() == doc.canonical()
    assert render_invoice(again) == render_invoice(doc)


def test_words_every_language_has_every_word() -> None:
    assert WORDS["fi"].keys() == WORDS["sv"].keys() == WORDS["en"].keys()
    for words in WORDS.values():
        assert all(words.values())


def hour_row(n: int, **changes: object) -> HourLogRow:
    made = HourLogRow(
        date(2026, 10, 1 + n % 31), f"Kohde {n:03d}", "Siivous", time(9), time(13), 30, 210,
        "Työsuhde", "Hyväksytty", worker="Aino",
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def hour_log(rows: int, **changes: object) -> HourLogDocument:
    made = HourLogDocument(
        "fi",
        "Tuntiluettelo",
        "Aino Mäki",
        "10/2026",
        "Askare Saimaa ry",
        tuple(hour_row(n) for n in range(rows)),
        (("Työsuhde", rows * 210),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("rows", [0, 1, 30, 31, 34, 35, 36, 37, 72, 73])
def test_hour_log_pdf_any_length_each_row_once_and_signed_on_the_last_page(rows: int) -> None:
    pages = pages_of(render_hour_log(hour_log(rows)))
    for n in range(rows):
        assert sum(page.count(f"Kohde {n:03d}") for page in pages) == 1
    signed = ["allekirjoitus" in page for page in pages]
    assert signed == [False] * (len(pages) - 1) + [True]
    assert f"{money(Decimal(rows * 210) / 60, 'fi')} h".replace(NB, " ") in pages[-1]
    if not rows:
        assert "Ei tunteja tältä ajalta." in pages[0]


def test_hour_log_pdf_for_customer_names_worker_not_site() -> None:
    text = pages_of(render_hour_log(hour_log(2, for_customer=True)))[0]
    assert "Aino" in text
    assert "Kohde 000" not in text
    assert "Asiakas: päiväys ja allekirjoitus" in text


def test_hour_log_pdf_fonts_embedded_and_same_bytes() -> None:
    content = render_hour_log(hour_log(3))
    assert content == render_hour_log(hour_log(3))
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.Root.Lang) == "fi"
        for font in pdf.pages[0].Resources.Font.values():
            assert "/FontFile2" in font.FontDescriptor


@pytest.mark.parametrize("name", ["Анна Иванова", "Őszi Ödön", "Ķēniņš", "Nguyễn", "Ωμέγα"])
def test_printable_names_of_our_workers_are_kept(name: str) -> None:
    assert printable(name) == name


def test_printable_what_no_letter_draws_is_a_question_mark() -> None:
    assert printable("Siivous 🧹") == "Siivous"


@pytest.mark.parametrize(
    ("amount", "fi", "en"),
    [
        ("1234.5", f"1{NB}234,50", f"1{NB}234.50"),
        ("-0.5", "\u22120,50", "\u22120.50"),
        ("1234567.89", f"1{NB}234{NB}567,89", f"1{NB}234{NB}567.89"),
    ],
)
def test_money_by_language(amount: str, fi: str, en: str) -> None:
    assert money(Decimal(amount), "fi") == money(Decimal(amount), "sv") == fi
    assert money(Decimal(amount), "en") == en


@pytest.mark.parametrize(
    ("amount", "text"), [("4.0000", "4,00"), ("0.8333", "0,8333"), ("4.78500", "4,785")]
)
def test_number_as_few_decimals_as_it_has(amount: str, text: str) -> None:
    assert number(Decimal(amount), "fi") == text


def test_day_by_language() -> None:
    assert day(date(2026, 3, 5), "fi") == day(date(2026, 3, 5), "sv") == "5.3.2026"
    assert day(date(2026, 3, 5), "en") == "5 Mar 2026"


# ------------------------------------------------------------- buyers abroad, discounts, any name

ESTONIAN = Party("Tartu Ladu OÜ", "Riia 12", "51010", "Tartu", "", "EE100931558", country="EE")


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "Käännetty verovelvollisuus"), ("sv", "Omvänd skatt"), ("en", "Reverse charge 0")],
)
def test_invoice_pdf_to_another_eu_country_says_who_is_liable(language: str, words: str) -> None:
    note = "Reverse charge / Käännetty verovelvollisuus, VAT Directive art. 44/196 (2006/112/EC)"
    cut: dict[str, object] = {
        "discount": Decimal("6.40"),
        "discount_text": "avtal 5 %",
        "net": Decimal("121.60"),
        "vat_code": "AE",
        "vat_pct": Decimal(0),
    }
    doc = document(
        replace(line(), **cut),
        line(1),  # type: ignore[arg-type]
        buyer=ESTONIAN,
        notes=(note,),
        language=language,
    )
    content = render_invoice(doc)
    text = pages_of(content)[0]
    for part in ("EE100931558", "ESTONIA", "51010 Tartu", note, words, "avtal 5 %"):
        assert part in text
    assert money(Decimal("-6.40"), language).replace(NB, " ") in text
    assert check_invoice_pdf(content) == []


NAMES = (
    "☕" * 200,
    "👩\u200d👩\u200d👧\u200d👦" * 28,
    ("Möki & Söner <Oy> 'Ab' \"Ky\" 🇫🇮 " * 9)[:200],
    "ä" * 200,
    ("Etelä-Karjalan tukipalvelujen ja siivouksen osuuskunta 🧹 & <osasto> 'B' " * 4)[:200],
    "日本語株式会社 & Co",
)


@pytest.mark.parametrize("name", NAMES)
def test_invoice_pdf_any_name_keeps_its_layout(name: str) -> None:
    """Emoji, markup and 200 letters: one page, one address, codes that machines read."""
    buyer = replace(BUYER, name=name, street=("Rantatie ☕ & <B> " * 20)[:120])
    doc = document(line(text=name[:200]), line(1), buyer=buyer)
    content = render_invoice(doc)
    [text] = pages_of(content)
    for part in ("Lasku 1207", "53100 Lappeenranta", "2077474-0", "321,28 €"):
        assert part in text
    assert "☕" not in text
    assert check_invoice_pdf(content) == []


def test_invoice_pdf_long_name_is_written_whole() -> None:
    name = " ".join(f"Osuuskunta{n:02d}" for n in range(15))
    assert len(name) == 194
    text = " ".join(pages_of(render_invoice(document(buyer=replace(BUYER, name=name))))[0].split())
    assert name in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kahvila ☕ Oy", "Kahvila Oy"),
        ("A & <B> 'C' \"D\"", "A & <B> 'C' \"D\""),
        ("👩\u200d👧 Perhe 🇫🇮", "Perhe"),
        ("☕", "[hot beverage]"),
        ("Ｗｉｄｅ 𝐁𝐨𝐥𝐝 Oy", "Wide Bold Oy"),
        ("日本 Oy", "?? Oy"),
        ("a\x0bb", "a b"),
        ("", ""),
    ],
)
def test_printable_leaves_pictures_out_and_marks_unknown_letters(name: str, shown: str) -> None:
    assert printable(name) == shown


def test_wrap_keeps_an_amount_with_its_unit() -> None:
    text = f"Siivous, Kauppakatu 4 (sopimusalennus 7,5 % \u22123,10{NB}€)"
    for width in range(80, 260, 5):
        lines = wrap(text, size=8.5, width=width)
        assert " ".join(lines) == text
        assert any(f"3,10{NB}€" in row for row in lines)


@pytest.mark.parametrize(
    ("code", "language", "reason"),
    [
        ("E", "fi", "Arvonlisäverosta vapautettu, AVL 37 §"),
        ("E", "sv", "Momsfri, mervärdesskattelagen 37 §"),
        ("E", "en", "Exempt from VAT, Finnish VAT Act section 37"),
        ("O", "fi", "Myyjä ei ole arvonlisäverovelvollinen"),
    ],
)
def test_invoice_pdf_without_tax_names_the_reason(code: str, language: str, reason: str) -> None:
    """VAT act 209 e, 11: the provision that frees the sale of tax."""
    doc = document(line(vat_code=code, vat_pct=Decimal(0)), language=language)
    assert reason in pages_of(render_invoice(doc))[0]
    assert reason not in pages_of(render_invoice(document(language=language)))[0]
