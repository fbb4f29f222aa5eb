"""Each paper as a web page: all that the PDF says, in its language, for those it belongs to."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Role, User
from billing.dunning import services as dunning
from billing.hours import log
from billing.invoices import services
from billing.invoices.document import document_of
from billing.models import Invoice
from billing.models.payments import Reminder
from billing.papers.pdf.hour_log import render_hour_log
from billing.papers.pdf.invoice import render_invoice
from billing.papers.pdf.reminder import render_reminder
from billing.papers.pdf.words import WORDS
from billing.papers.register_pdf import render_register
from billing.papers.web import Sheet, hour_log_sheet, invoice_sheet, register_sheet, reminder_sheet
from billing.rules.document import (
    CREDIT_NOTE,
    Allowance,
    DocumentLine,
    HourLogDocument,
    InvoiceDocument,
)
from billing.rules.late_interest import Span
from billing.rules.register import Register, RegisterRow
from billing.rules.reminder_document import ReminderDocument
from orders.models import Customer
from tests import builders
from tests.billing import world
from tests.billing.papers.test_pdf import BUYER, NB, SELLER, document, hour_row, line, pages_of
from tests.billing.world import BILLING

LANGUAGES = ("fi", "sv", "en")
RATES = (("S", "25.5"), ("S", "13.5"), ("S", "10"), ("Z", "0"))


# --------------------------------------------------------------------------- the papers


def rated(n: int, sign: int = 1) -> DocumentLine:
    """A line at one of four rates, with a price of three decimals here and there."""
    code, pct = RATES[n % len(RATES)]
    net = Decimal("128.40") + n
    return line(
        n,
        text=f"Siivous {n:03d}, Åkerlundinkatu 4",
        vat_code=code,
        vat_pct=Decimal(pct),
        quantity=Decimal("4.25") * sign,
        unit_net=Decimal("32.785"),
        net=net * sign,
        discount=Decimal("3.10") * sign if n % 3 == 0 else Decimal(0),
        discount_text="Vuosialennus" if n % 3 == 0 else "",
    )


def invoice(language: str, lines: int = 9) -> InvoiceDocument:
    made = document(
        *(rated(n) for n in range(lines)),
        language=language,
        notes=("Kiitos, että tilasit.",),
        allowances=(Allowance("Syysale", Decimal("5.00"), "S", Decimal("25.5")),),
    )
    return replace(made, buyer=replace(BUYER, vat_id="FI20774740"))


def credit_note(language: str) -> InvoiceDocument:
    return document(
        *(rated(n, -1) for n in range(3)),
        language=language,
        kind=CREDIT_NOTE,
        number=5001,
        original_number=1207,
        original_issued_on=date(2026, 11, 2),
    )


def reminder(language: str, spans: int = 2) -> ReminderDocument:
    rows = tuple(
        Span(
            date(2026, 1 + n % 12, 1),
            date(2026, 1 + n % 12, 20),
            Decimal("1160.64") - n,
            Decimal("10.5"),
        )
        for n in range(spans)
    )
    return ReminderDocument(
        language=language, serial=2, made_on=date(2027, 1, 20), due_on=date(2027, 2, 3),
        seller=SELLER, buyer=BUYER, customer_no="1001", number=1207, issued_on=date(2026, 11, 2),
        invoice_due_on=date(2026, 11, 16), gross=Decimal("1260.64"), credited=Decimal("60.00"),
        paid=Decimal("40.00"), principal=Decimal("1160.64"), spans=rows, interest=Decimal("9.39"),
        compensation=Decimal("40.00"), fee=Decimal("5.00"), charges_paid=Decimal("4.00"),
        total=Decimal("1211.03"), iban="FI2112345600000785", bic="NDEAFIHH",
        reference=document().reference,
    )  # fmt: skip


def log_of(language: str, rows: int = 40, *, for_customer: bool = False) -> HourLogDocument:
    return HourLogDocument(
        language,
        "Tuntiluettelo",
        "Aino Mäki",
        "10/2026",
        "Askare Saimaa ry",
        tuple(hour_row(n, break_min=30 * (n % 2)) for n in range(rows)),
        (("Hyväksytty", 4000), ("Odottaa", 4400)),
        for_customer=for_customer,
    )


def register_of(language: str, rows: int = 40) -> Register:
    columns = (
        ("ordinary", "Perus"),
        ("additional", "Lisä"),
        ("overtime 50", "Yli 50"),
        ("overtime 100", "Yli 100"),
        ("emergency", "Hätä"),
        ("sunday", "Pyhä"),
    )
    first = date(2026, 11, 1)
    made = [
        RegisterRow(
            first + timedelta(days=n % 30), "2041", time(8), time(16, 5), 30 * (n % 2), 455, 0,
            "Työsuhde", {"ordinary": 400 + n, "sunday": 55},
        )
        for n in range(rows)
    ]  # fmt: skip
    trials = [
        replace(x, attendance_min=240, paid_min=0, kind="Työkokeilu", minutes={}) for x in made[:1]
    ]
    return Register(
        language, "Öhman Aino", "1007", "Askare Saimaa ry", first, date(2026, 11, 30), columns,
        (*made, *trials), 135,
    )  # fmt: skip


# --------------------------------------------------------------------------- what is read


class Text(HTMLParser):
    """The words of the page's article that people see, without labels repeated for small screens.

    The label of a small screen's card is hidden from readers, and the heading says it already.
    """

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def page_of(sheet: Sheet, ui: str = "fi") -> str:
    with translation.override(ui):
        context = {"sheet": sheet, "page_language": ui, "page_title": "x", "pdf": "/x/"}
        return render_to_string("billing/papers/document.html", context)


def article(html: str) -> str:
    found = re.search(r"<article.*</article>", html, re.S)
    assert found
    return found[0]


def words_of(html: str) -> set[str]:
    reader = Text()
    reader.feed(article(html))
    return set(unescape(" ".join(reader.parts)).replace(NB, " ").split())


def pdf_words(content: bytes, language: str) -> list[str]:
    """The words of the PDF's lines, but for those that only turn its pages."""
    words = WORDS[language]
    turning = (words["carried"], words["carry"], words["page"].split(" ")[0])
    rows = [row for page in pages_of(content) for row in page.splitlines()]
    turns = [row.strip().startswith(turning) for row in rows]
    # What is carried to the next page is an amount of its own row below these words.
    carried = [row.strip() in turning for row in rows]
    kept = [
        row
        for row, turn, above in zip(rows, turns, [False, *carried], strict=False)
        if not turn and not above
    ]
    # "Not approved yet: 2.25 h" of the PDF is a row of a table on the page, without its colon.
    return [word for row in kept for word in row.split() if word != "·"]


def missing(content: bytes, html: str, language: str) -> list[str]:
    """Words of the PDF that the page lacks; one cut short in the PDF is there when it begins so."""
    there = words_of(html)
    return [
        word
        for word in pdf_words(content, language)
        if word not in there
        and word.removesuffix(":") not in there
        and not (word.endswith("…") and any(x.startswith(word[:-1]) for x in there))
    ]


def papers(language: str) -> list[tuple[str, bytes, Sheet]]:
    bill, note, late = invoice(language), credit_note(language), reminder(language)
    many, ours, book = reminder(language, 14), log_of(language), register_of(language)
    theirs = log_of(language, for_customer=True)
    return [
        ("invoice", render_invoice(bill), invoice_sheet(bill)),
        ("copy", render_invoice(bill, copy=True), invoice_sheet(bill, copy=True)),
        ("credit note", render_invoice(note), invoice_sheet(note)),
        ("reminder", render_reminder(late), reminder_sheet(late)),
        ("long reminder", render_reminder(many), reminder_sheet(many)),
        ("hour log", render_hour_log(ours), hour_log_sheet(ours)),
        ("customer's log", render_hour_log(theirs), hour_log_sheet(theirs)),
        ("register", render_register(book), register_sheet(book)),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_and_sum_of_each_pdf_is_on_its_page(language: str) -> None:
    found = {
        name: lacking
        for name, content, sheet in papers(language)
        if (lacking := missing(content, page_of(sheet), language))
    }
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_planted_gaps_are_found(language: str) -> None:
    """Negative control: a row, a rate, the code and a sum that the page leaves out."""
    doc = invoice(language)
    content, whole = render_invoice(doc), invoice_sheet(doc)
    assert whole.table
    assert whole.rates
    assert whole.box
    for broken in (
        replace(whole, table=replace(whole.table, rows=whole.table.rows[1:])),
        replace(whole, rates=replace(whole.rates, rows=whole.rates.rows[1:])),
        replace(whole, box=replace(whole.box, code="")),
        replace(whole, sums=None),
        replace(whole, notes=()),
    ):
        assert missing(content, page_of(broken), language)


def test_month_without_hours_says_so() -> None:
    empty = WORDS["sv"]["empty"]
    assert empty in page_of(hour_log_sheet(log_of("sv", 0)))
    assert empty in page_of(register_sheet(register_of("sv", 0)))


def test_each_row_is_on_the_page_once() -> None:
    doc = invoice("fi", 60)
    html = article(page_of(invoice_sheet(doc)))
    assert [html.count(f"Siivous {n:03d},") for n in range(60)] == [1] * 60
    assert html.count("Siirto") == 0


def test_credit_note_page_names_its_invoice_and_cannot_be_paid() -> None:
    html = article(page_of(invoice_sheet(credit_note("fi"))))
    assert "Hyvittää laskun 1207, 2.11.2026" in html
    assert "Hyvityslasku, ei maksettavaa." in html
    assert "Virtuaaliviivakoodi" not in html


# --------------------------------------------------------------------------- for readers


def test_language_is_named_where_it_differs_from_the_page() -> None:
    assert '<article class="paper panel" lang="sv">' in page_of(invoice_sheet(invoice("sv")))
    assert '<article class="paper panel">' in page_of(invoice_sheet(invoice("fi")))


@pytest.mark.parametrize("number", range(8))
def test_tables_have_captions_scopes_and_headings_go_in_order(number: int) -> None:
    name, _content, sheet = papers("fi")[number]
    html = article(page_of(sheet))
    tables = re.findall(r"<table.*?</table>", html, re.S)
    for table in tables:
        assert re.search(r"<caption[^>]*>\S", table), name
        assert all('scope="' in head for head in re.findall(r"<th[ >][^>]*", table)), name
        rows = re.findall(r"<tr.*?</tr>", table, re.S)[1:]
        # A row that only explains the one above it, over the whole width, names nothing.
        assert all(row.count("<th") == 1 for row in rows if "colspan" not in row), name
    levels = [int(n) for n in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert set(levels[1:]) <= {2}
    assert "style=" not in html
    assert "<script" not in html


def test_code_of_the_bank_can_be_selected_as_one_text() -> None:
    sheet = invoice_sheet(invoice("fi"))
    assert sheet.box
    assert re.fullmatch("[0-9]{54}", sheet.box.code)
    assert f'<dd class="num code">{sheet.box.code}</dd>' in page_of(sheet)


# --------------------------------------------------------------------------- with rows


def sent() -> Invoice:
    entry = world.approved()
    owner = entry.assignment.order.customer
    (draft,) = services.make_drafts([owner.pk], until=BILLING.date(), by=None, now=BILLING)
    return services.send_invoice(
        services.issue_invoice(draft, by=None, now=BILLING), by=None, now=BILLING
    )


def reminded(invoice: Invoice) -> Reminder:
    by = builders.user(Role.FINANCE)
    for half in (date(2026, 7, 1), date(2027, 1, 1)):
        dunning.enter_rate(half, Decimal("2.5"), source="Suomen Pankki", by=by, now=BILLING)
    return dunning.send_reminder(invoice, by=by, now=BILLING + timedelta(days=24))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def owner_of(customer: Customer) -> User:
    user = builders.user(Role.CUSTOMER)
    customer.contacts.create(name="Kati", user=user)
    return user


@pytest.fixture
def bill(db: None) -> Invoice:
    builders.organisation()
    return sent()


def test_customer_opens_own_papers_from_the_list_and_no_others(bill: Invoice) -> None:
    late, other = reminded(bill), sent()
    client = signed_in(owner_of(bill.customer))
    page = client.get(reverse("billing:customer-invoices")).content.decode()
    own = [
        reverse("billing:invoice-web", args=[bill.ref]),
        reverse("billing:reminder-web", args=[late.ref]),
    ]
    for url in own:
        assert f'href="{url}"' in page
        assert client.get(url).status_code == 200
        assert client.post(url).status_code == 405
    assert client.get(reverse("billing:reminder-pdf", args=[late.ref])).status_code == 200
    stranger = signed_in(owner_of(other.customer))
    pdf = reverse("billing:reminder-pdf", args=[late.ref])
    assert [stranger.get(url).status_code for url in (*own, pdf)] == [404, 404, 404]
    theirs = reverse("billing:invoice-web", args=[other.ref])
    assert client.get(theirs).status_code == 404


def test_finance_opens_the_page_and_the_copy_from_the_invoice(bill: Invoice) -> None:
    client = signed_in(builders.user(Role.FINANCE))
    url = reverse("billing:invoice-web", args=[bill.ref])
    detail = client.get(reverse("billing:invoice-detail", args=[bill.ref])).content.decode()
    assert f'href="{url}"' in detail
    plain, copy = client.get(url), client.get(f"{url}?copy=1")
    mark = WORDS[document_of(bill).language]["copy"]
    assert mark not in article(plain.content.decode())
    assert mark in article(copy.content.decode())
    assert f"{bill.gross:.2f}".replace(".", ",") in article(plain.content.decode())


def test_draft_has_no_page(db: None) -> None:
    entry = world.approved()
    owner = entry.assignment.order.customer
    (draft,) = services.make_drafts([owner.pk], until=BILLING.date(), by=None, now=BILLING)
    client = signed_in(builders.user(Role.FINANCE))
    assert client.get(reverse("billing:invoice-web", args=[draft.ref])).status_code == 404


def test_changed_reminder_is_not_shown(bill: Invoice) -> None:
    late = reminded(bill)
    late.content = late.content.replace("40.00", "4.00")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("billing.access.get_reminder", lambda _user, _ref: late)
        client = signed_in(builders.user(Role.FINANCE))
        assert client.get(reverse("billing:reminder-web", args=[late.ref])).status_code == 409


@pytest.mark.parametrize(
    ("name", "args"),
    [("billing:hour-log-worker", [2026, 11, "html"]), ("billing:register-worker", ["html"])],
)
def test_worker_opens_own_hours_from_my_hours_and_no_others(
    db: None, name: str, args: list[Any]
) -> None:
    user = builders.user(Role.WORKER)
    own, other = builders.worker(user=user), builders.worker()
    world.approved(worker=own)
    client = signed_in(user)
    url = reverse(name, args=[own.ref, *args])
    mine = client.get(reverse("billing:my-hours") + "?month=2026-11").content.decode()
    assert f'href="{url}' in mine
    assert client.get(url + "?month=2026-11").status_code == 200
    assert client.get(reverse(name, args=[other.ref, *args])).status_code == 404


def test_hour_log_page_for_a_customer_has_first_names_only(db: None) -> None:
    """The customer learns neither surname nor kind of contract on the page either."""
    worker = builders.worker(first_name="Aino", last_name="Sukunimi", engagement="work_trial")
    customer = world.approved(worker=worker).assignment.order.customer
    client = signed_in(owner_of(customer))
    url = reverse("billing:hour-log-customer", args=[customer.ref, 2026, 11, "html"])
    html = client.get(url).content.decode()
    assert "Aino" in html
    assert "Sukunimi" not in html
    assert "kokeilu" not in html.lower()
    bad = reverse("billing:hour-log-customer", args=[customer.ref, 2026, 13, "html"])
    assert client.get(bad).status_code == 404


def test_hour_log_page_is_in_the_readers_language(db: None) -> None:
    worker = builders.worker(user=builders.user(Role.WORKER))
    world.approved(worker=worker)
    for code, word in (("fi-easy", "Tuntiluettelo"), ("sv", "Timlista"), ("en", "Hour log")):
        sheet = hour_log_sheet(log.hour_log(worker, date(2026, 11, 1), code))
        assert sheet.title == word
        assert sheet.language == code[:2]
