"""Invoices of every kind that e-invoices must carry, made without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from random import Random

from billing.rules.document import (
    CREDIT_NOTE,
    INVOICE,
    Allowance,
    DocumentLine,
    InvoiceDocument,
    Party,
)
from billing.rules.vat import totals, vat_breakdown
from core.money import cents

ISSUED = date(2026, 11, 20)
LONG_NAME = (
    "Etelä-Karjalan hyvinvointialueen ja Saimaan seudun kuntien yhteinen tukipalvelujen, "
    "siivouksen, kiinteistönhoidon ja ruokapalvelujen osuuskunta Saimaan Apu ja Askare "
    "työosuuskunta osk, Lappeenranta ja Imatra"
)[:200].strip()
FAMILY = "👩\u200d👩\u200d👧\u200d👦"

SELLER = Party(
    "Askare Saimaa ry", "Valtakatu 30", "53100", "Lappeenranta", "2077474-0", "FI20774740",
    email="palvelu@askare.example", phone="05 123 4567",
    e_invoice_address="003720774740", e_invoice_operator="003723327487",
)  # fmt: skip
PRIVATE = Party(
    "Kahvila Saimaa Oy",
    "Kauppakatu 4",
    "53100",
    "Lappeenranta",
    "0112038-9",
    e_invoice_address="003701120389",
    e_invoice_operator="NDEAFIHH",
)
PUBLIC = Party(
    "Åbo stad",
    "Universitetsgatan 27 A",
    "20100",
    "Åbo",
    "0737546-2",
    e_invoice_address="003707375462ABC12",
    e_invoice_operator="003723327487",
)
SWEDISH = Party(
    "Städ & Hjälp AB", "Drottninggatan 1", "11151", "Stockholm", "5560125790", "SE556012579001",
    country="SE", e_invoice_address="0007:5560125790", e_invoice_operator="NDEAFIHH",
)  # fmt: skip
# As the product freezes buyers from abroad: a VAT number and no Y-tunnus.
ESTONIAN = Party(
    "Tartu Ladu & Kaubandus OÜ", "Riia 12", "51010", "Tartu", "", "EE100931558", country="EE",
    e_invoice_address="9931:EE100931558", e_invoice_operator="NDEAFIHH",
)  # fmt: skip
GERMAN = Party(
    "Nordhafen Spedition <Lübeck> GmbH", "Hafenstraße 7", "23568", "Lübeck", "", "DE136695976",
    country="DE", e_invoice_address="9930:DE136695976", e_invoice_operator="DABAFIHH",
)  # fmt: skip
GREEK = Party(
    "Ελληνική Αποθήκη 'Πειραιάς' ΑΕ", "Ακτή Μιαούλη 1", "185 35", "Πειραιάς", "", "EL094259216",
    country="GR", e_invoice_address="9933:EL094259216", e_invoice_operator="NDEAFIHH",
)  # fmt: skip
ABROAD = (SWEDISH, ESTONIAN, GERMAN, GREEK)
ESCAPED = replace(PRIVATE, name="""Möki & Söner <Oy> "Ab" 'Ky' ]]> &amp;""")
EMOJI = replace(PRIVATE, name=f"Kahvila {FAMILY} {'ä' * 58} 🇫🇮 Oy", street="Rantatie 5 ☕")
LONG = replace(PRIVATE, name=LONG_NAME, street="Pitkänsillankatu 120 " * 5)
EMAIL_ONLY = replace(PRIVATE, e_invoice_address="", e_invoice_operator="")
BUYERS = (PRIVATE, PUBLIC, ESCAPED, EMOJI, LONG)

S, MID, LOW, ZERO = ("S", "25.5"), ("S", "13.5"), ("S", "10"), ("Z", "0")
E_, AE, O_ = ("E", "0"), ("AE", "0"), ("O", "0")
RATES: dict[str, tuple[tuple[str, str], ...]] = {
    "standard": (S, S, S),
    "all rates": (S, MID, LOW),
    "exempt": (E_, E_),
    "standard and exempt": (S, E_, LOW),
    "zero": (S, ZERO),
    "reverse": (AE, AE, AE),
    "reverse and standard": (AE, S),
    "reverse abroad": (AE, AE),
    "reverse and property abroad": (AE, S, AE),
    "property abroad": (S, S),
    "outside": (O_, O_),
}
LANGUAGES = ("fi", "sv", "en")
DISCOUNTS = ("none", "line", "document", "both")
KINDS = ("invoice", "whole credit", "part credit")
# Minutes as four-decimal hours, prices of two to five decimals.
HOURS = (Decimal("4.0000"), Decimal("0.8333"), Decimal("7.2500"), Decimal("1.0167"))
PRICES = (Decimal("32.00000"), Decimal("38.40000"), Decimal("29.99500"), Decimal("33.33333"))
TEXTS = (
    "Siivous, Kauppakatu 4",
    "Pihatyö & 'haravointi' <takapiha> \"iso\"",
    f"Muuttoapu {FAMILY} " + "kantaminen kolmanteen kerrokseen ilman hissiä " * 3,
    "Trädgårdsarbete\x0b, kväll +20 %",
)


def line(n: int, rate: tuple[str, str], *, discount: str = "0") -> DocumentLine:
    quantity, unit_net = HOURS[n % 4], PRICES[n % 4]
    cut = Decimal(discount)
    return DocumentLine(
        TEXTS[n % 4][:200], ISSUED - timedelta(days=20 - n), quantity, "HUR" if n % 3 else "C62",
        unit_net, cents(quantity * unit_net) - cut, rate[0], Decimal(rate[1]),
        str(2000 + n // 2), cut, "Sopimusalennus" if cut else "",
    )  # fmt: skip


def summed(doc: InvoiceDocument) -> InvoiceDocument:
    """`doc` with the sums that its lines and allowances give."""
    parts = [(x.vat_code, x.vat_pct, x.net) for x in doc.lines]
    parts += [(x.vat_code, x.vat_pct, -x.amount) for x in doc.allowances]
    rows = vat_breakdown(parts)
    found = totals(rows)
    return replace(doc, vat_rows=rows, net=found.net, vat=found.vat, gross=found.gross)


def document(
    rates: tuple[tuple[str, str], ...] = (S,),
    *,
    buyer: Party = PRIVATE,
    discount: str = "none",
    **fields: object,
) -> InvoiceDocument:
    cut = "3.10" if discount in ("line", "both") else "0"
    lines = tuple(line(n, rate, discount=cut if n == 0 else "0") for n, rate in enumerate(rates))
    allowances: tuple[Allowance, ...] = ()
    if discount in ("document", "both"):
        allowances = (
            Allowance("Vuosialennus & <5 %>", Decimal("5.05"), rates[0][0], Decimal(rates[0][1])),
        )
    seller = replace(SELLER, vat_id="") if rates[0][0] == "O" else SELLER
    if rates[0][0] == "AE" and buyer.country == "FI":
        buyer = replace(buyer, vat_id="FI" + buyer.business_id.replace("-", ""))
    made = InvoiceDocument(
        kind=INVOICE, number=1007, language="fi", issued_on=ISSUED,
        due_on=ISSUED + timedelta(days=14), seller=seller, buyer=buyer, customer_no="1234",
        buyer_reference="", lines=lines, vat_rows=(), net=Decimal(0), vat=Decimal(0),
        gross=Decimal(0), iban="FI2112345600000785", bic="NDEAFIHH", reference="12345672",
        payment_term_days=14, allowances=allowances,
    )  # fmt: skip
    return summed(replace(made, **fields))  # type: ignore[arg-type]


def credited(doc: InvoiceDocument, *, only_first: bool = False) -> InvoiceDocument:
    """The credit note of a whole invoice, or of its first line."""
    lines = doc.lines[:1] if only_first else doc.lines
    return summed(
        replace(
            doc,
            kind=CREDIT_NOTE,
            number=9001,
            original_number=doc.number,
            original_issued_on=doc.issued_on,
            lines=tuple(
                replace(x, quantity=-x.quantity, net=-x.net, discount=-x.discount) for x in lines
            ),
            allowances=()
            if only_first
            else tuple(replace(x, amount=-x.amount) for x in doc.allowances),
        )
    )


def matrix() -> dict[str, InvoiceDocument]:
    """Kinds x rates x discounts, with buyers, languages and references taking turns."""
    found = {}
    for n, (kind, (name, rates), discount) in enumerate(product(KINDS, RATES.items(), DISCOUNTS)):
        buyer = (ABROAD if "abroad" in name else BUYERS)[n % (4 if "abroad" in name else 5)]
        reference = "KP 4001 & <osasto>" if buyer is PUBLIC or n % 2 else ""
        doc = document(
            rates,
            buyer=buyer,
            discount=discount,
            language=("fi", "sv", "en")[n % 3],
            buyer_reference=reference,
            notes=("Kiitos & hei <kevät>",) if n % 4 == 0 else (),
            reference="RF111232" if n % 7 == 0 else "12345672",
        )
        if kind != "invoice":
            doc = credited(doc, only_first=kind == "part credit")
        found[f"{kind}, {name}, discount {discount}"] = doc
    return found


def sized(n: int) -> InvoiceDocument:
    """A document of `n` lines with everything else drawn by lot, the same each time.

    Every third line has a percentage off, as a customer's agreed discount gives it.
    """
    draw = Random(n)  # noqa: S311 (a lot that must come out the same, nothing secret)
    name = draw.choice(list(RATES))
    rates = tuple(RATES[name][k % len(RATES[name])] for k in range(n))
    buyer = draw.choice(ABROAD if "abroad" in name else BUYERS)
    doc = document(
        rates,
        buyer=buyer,
        discount=draw.choice(DISCOUNTS),
        language=LANGUAGES[n % 3],
        buyer_reference=draw.choice(("", "KP 4001 & <osasto>")),
    )
    lines = []
    for k, x in enumerate(doc.lines):
        cut = cents((x.net + x.discount) * Decimal("0.075")) if k % 3 == 1 else x.discount
        on = ISSUED - timedelta(days=1 + k % 28)
        net = x.net + x.discount - cut
        text = "sopimusalennus 7,5 %" if cut else ""
        lines.append(replace(x, performed_on=on, net=net, discount=cut, discount_text=text))
    return summed(replace(doc, lines=tuple(lines)))


def everyone() -> dict[str, InvoiceDocument]:
    """Each buyer in each language: what a sale to it carries, exempt or reverse charged too."""
    found = {}
    for buyer, language, n in product((*BUYERS, *ABROAD), LANGUAGES, range(4)):
        home = ("all rates", "exempt", "standard and exempt", "reverse")
        abroad = ("reverse abroad", "reverse and property abroad", "property abroad", "standard")
        name = (home if buyer in BUYERS else abroad)[n]
        found[f"{buyer.name[:20]} in {language}, {name}"] = document(
            RATES[name],
            buyer=buyer,
            language=language,
            discount=DISCOUNTS[len(found) // 4 % 4],
            buyer_reference="KP 4001" if buyer is PUBLIC or n % 2 else "",
        )
    return found


def whole_matrix() -> dict[str, InvoiceDocument]:
    """Every document: over 200 invoices and 120 credit notes.

    132 kinds x rates x discounts, 1 to 60 lines with their credit notes, each buyer in each
    language.
    """
    found = {**matrix(), **everyone()}
    for n in range(1, 61):
        found[f"{n} lines"] = doc = sized(n)
        if n % 3:
            found[f"{n} lines, credit"] = credited(doc, only_first=n % 3 == 1)
    return found
