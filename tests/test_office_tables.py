"""The tables of the office: order by every head, files of what is filtered, who gets one, queries.

Every page is told once (PAGES): who opens it, what its rows are, and by which key of a row each of
its heads orders. The keys are written here anew, in Python.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import Role
from billing.models import HourEntry, Invoice
from billing.models.payments import BankEntry, BankFile, Payment
from billing.models.payroll import SubsidyDecision
from core import audit, formats, tables
from core.table_export import csv_cell
from dispatch.models import Assignment
from orders.models import Customer, WorkOrder
from tests import builders
from tests.test_access import TABLE

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Not in the order of the alphabet, some twice, one that a spreadsheet would reckon.
NAMES = ("Poro Oy", "Ahven Oy", "=cmd Oy", "Kuha Oy", "Ahven Oy", "Siika Oy", "Muikku Oy")
Key = Callable[[Any], Any]


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    builders.organisation()


def task(n: int) -> Any:
    name = ("Siivous", "Arkisto", "Pakkaus")[n % 3]
    return builders.task_type(
        code=name, name_fi=name, name_en="" if n % 3 == 1 else f"{name[::-1]}"
    )


def customer(n: int, **more: Any) -> Customer:
    return builders.customer(
        name=NAMES[n % 7], city=("Imatra", "Lappeenranta", "")[n % 3], active=n % 4 != 0, **more
    )


def order(n: int, **more: Any) -> WorkOrder:
    status = ("placed", "filled", "cancelled", "closed", "in_progress")[n % 5]
    fields = {"status": status, "people": 1 + n % 3, "customer": customer(n), "task_type": task(n)}
    at = time(8 + n % 4)
    return builders.order(on=TODAY + timedelta(days=n % 3), at=at, **(fields | more))


def gig(n: int, **more: Any) -> Assignment:
    work = order(n, status="done", **more)
    standing = ("accepted", "offered", "completed")[n % 3]
    return Assignment.objects.create(
        order=work, worker=worker(n), status=standing, starts_at=work.starts_at,
        ends_at=work.ends_at, created_at=NOW,
    )  # fmt: skip


def worker(n: int, **more: Any) -> Any:
    first = ("Ville", "Aino", "Eeva", "+Aino", "Aino", "Oskari", "Liisa")[n % 7]
    coach = builders.user(Role.COACH, name=f"Valmentaja {n % 2}") if n % 3 else None
    return builders.worker(
        first_name=first, last_name=("Mäki", "Laine")[n % 2], coach=coach,
        city=("Imatra", "Rauha")[n % 2], skills=("b", "a")[: n % 3], **more
    )  # fmt: skip


def hours(n: int) -> None:
    work = gig(n)
    status = ("submitted", "disputed", "open", "submitted")[n % 4]
    left = None if status == "open" else work.ends_at + timedelta(minutes=(0, 40, -30)[n % 3])
    HourEntry.objects.create(
        assignment=work, works_on=work.order.works_on, started_at=work.starts_at, ended_at=left,
        work_min=60 * (n % 3), engagement_kind="employment", status=status, created_at=NOW,
        note="=note" if n == 2 else "",
    )  # fmt: skip


def draft(n: int) -> None:
    Invoice.objects.create(
        customer=customer(n), customer_reference=("", "B", "A")[n % 3], net=n % 4, vat=n % 3,
        gross=n % 4 + n % 3, created_at=NOW,
    )  # fmt: skip


def sent(n: int) -> Invoice:
    return Invoice.objects.create(
        customer=customer(n), number=1001 + Invoice.objects.count(),
        kind=("invoice", "credit_note")[n % 2],
        series=("invoice", "credit")[n % 2], status=("sent", "issued", "credited")[n % 3],
        issued_on=TODAY - timedelta(days=n % 3), due_on=TODAY + timedelta(days=n % 4 - 9),
        gross=10 - n, open_sum=(n * 7) % 5, created_at=NOW,
    )  # fmt: skip


def payment(n: int) -> None:
    if n % 3:
        row = {"kind": ("manual", "bank", "refund")[n % 3], "invoice": sent(2 * (n // 2))}
    else:
        by = builders.user(Role.FINANCE)
        file = BankFile.objects.create(
            file_name="x", format="csv", content=b"", content_hash=str(n), created_by=by,
            created_at=NOW,
        )  # fmt: skip
        entry = BankEntry.objects.create(
            key=str(n), bank_file=file, booked_on=TODAY, amount=1, payer=f"Maksaja {n % 2}",
            created_at=NOW,
        )  # fmt: skip
        row = {"kind": "aside", "entry": entry}
    Payment.objects.create(
        amount=Decimal(n % 4 + 1) * (-1) ** n, paid_on=TODAY - timedelta(days=n % 3),
        created_at=NOW,
        note="@note" if n == 1 else "", **row,
    )  # fmt: skip


def subsidy(n: int) -> None:
    SubsidyDecision.objects.create(
        engagement=worker(n, engagement="pay_subsidy").engagements.get(), funder=NAMES[n % 7],
        decision_no=f"{n % 3}", percent=n % 4, starts_on=TODAY - timedelta(days=n % 3),
        ends_on=TODAY + timedelta(days=n % 5),
    )  # fmt: skip


def event(n: int) -> None:
    about = order(n)
    by = builders.user(Role.DISPATCHER, name=f"Liisa {n % 2}") if n % 3 else None
    audit.record(
        f"order.{('moved', 'placed')[n % 2]}", kind=("order", "invoice")[n % 2], ref=about.ref,
        by=by, now=NOW - timedelta(hours=n % 4), order_ref=about.ref if n % 2 else "",
        before={"number": n}, after={"number": "=1"}, reason="",
    )  # fmt: skip


STATES = ["draft", "placed", "filled", "in_progress", "done", "closed", "cancelled", "unfilled"]
BILLS = ["draft", "issued", "sent", "paid", "credited"]


@dataclass(frozen=True)
class Page:
    """A page with a table: its URL's name, how a row is made, and the keys of its heads."""

    role: Role
    name: str
    make: Callable[[int], Any]
    keys: dict[str, Key]
    query: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return reverse(self.name)


PAGES = {
    "orders": Page(
        Role.DISPATCHER, "dispatch:order-list", order,
        {
            "number": lambda o: o.number, "state": lambda o: STATES.index(o.status),
            "customer": lambda o: o.customer.name,
            "task": lambda o: o.task_type.name_en or o.task_type.name_fi,
            "site": lambda o: (o.site.city, o.site.street), "when": lambda o: o.starts_at,
            "found": lambda o: (o.filled, o.people),
        },
        {"show": "all"},
    ),
    "workers": Page(
        Role.DISPATCHER, "dispatch:worker-list", worker,
        {
            "name": lambda w: (w.first_name, w.last_name), "number": lambda w: w.worker_no,
            "city": lambda w: w.city, "coach": lambda w: w.coach and w.coach.name,
        },
    ),
    "customers": Page(
        Role.FINANCE, "orders:customer-list", lambda n: [order(n) if n % 2 else customer(n)],
        {
            "name": lambda c: c.name, "number": lambda c: c.customer_no,
            "business": lambda c: (c.business_id, c.vat_id), "city": lambda c: c.city,
            "orders": lambda c: c.orders.count(),
            "last": lambda c: max((o.works_on for o in c.orders.all()), default=None),
        },
    ),
    "hours": Page(
        Role.FINANCE, "billing:hours", hours,
        {
            "worker": lambda e: (e.assignment.worker.first_name, e.assignment.worker.last_name),
            "order": lambda e: e.assignment.order.number,
            "customer": lambda e: e.assignment.order.customer.name,
            "day": lambda e: e.started_at, "done": lambda e: e.work_min,
        },
    ),
    "drafts": Page(
        Role.FINANCE, "billing:invoice-drafts", draft,
        {
            "customer": lambda i: i.customer.name, "reference": lambda i: i.customer_reference,
            "net": lambda i: i.net, "vat": lambda i: i.vat, "gross": lambda i: i.gross,
        },
    ),
    "sent": Page(
        Role.FINANCE, "billing:invoice-drafts", sent,
        {
            "number": lambda i: i.number, "kind": lambda i: i.kind == "credit_note",
            "customer": lambda i: i.customer.name, "issued": lambda i: i.issued_on,
            "due": lambda i: i.due_on, "gross": lambda i: i.gross,
            "left": lambda i: i.open_sum if i.kind == "invoice" else None,
            "state": lambda i: BILLS.index(i.status),
        },
        {"tab": "sent"},
    ),
    "payments": Page(
        Role.FINANCE, "billing:payments", payment,
        {
            "day": lambda p: p.paid_on, "invoice": lambda p: p.invoice and p.invoice.number,
            "payer": lambda p: p.invoice.customer.name if p.invoice else p.entry.payer,
            "kind": lambda p: Payment.Kind.values.index(p.kind), "amount": lambda p: p.amount,
        },
    ),
    "subsidies": Page(
        Role.FINANCE, "billing:subsidies", subsidy,
        {
            "worker": lambda r: str(r.decision.engagement.worker),
            "funder": lambda r: r.decision.funder, "decision": lambda r: r.decision.decision_no,
            "percent": lambda r: r.decision.percent, "starts": lambda r: r.decision.starts_on,
            "ends": lambda r: r.decision.ends_on, "hours": lambda r: r.total_min,
        },
    ),
    "audit": Page(
        Role.ADMIN, "audit-list", event,
        {
            "at": lambda r: r.event.at, "verb": lambda r: r.event.verb,
            "kind": lambda r: r.event.kind,
            "by": lambda r: (r.event.actor and r.event.actor.name, r.event.actor_label),
        },
    ),
}  # fmt: skip


def desk(role: Role) -> Client:
    client = Client()
    client.force_login(builders.user(role), backend=BACKEND)
    client.cookies["django_language"] = "en"
    return client


def ask(page: Page, client: Client | None = None, /, **query: str) -> Any:
    answer = (client or desk(page.role)).get(page.url, page.query | query)
    assert answer.status_code == 200, (page.url, query)
    return answer


def key_of(row: Any) -> int:
    """Primary key of a row, whatever stands around it."""
    inner = getattr(row, "event", None) or getattr(row, "decision", None) or row
    return int(inner.pk)


def shown(answer: HttpResponse) -> list[Any]:
    return list(answer.context["page"].object_list)  # type: ignore[attr-defined]


def in_python(rows: list[Any], key: Key, *, down: bool) -> list[int]:
    """Keys of the rows sorted by Python: NULL last, then the primary key."""

    def place(row: Any) -> Any:
        value = key(row)
        parts = value if isinstance(value, tuple) else (value,)
        return [((part is None) != down, part) for part in parts], key_of(row)

    return [key_of(row) for row in sorted(rows, key=place, reverse=down)]


HEADS = [(name, head) for name, page in PAGES.items() for head in page.keys]


@pytest.mark.engine
@pytest.mark.parametrize(("name", "head"), HEADS)
def test_every_head_orders_both_ways_as_python_does(name: str, head: str) -> None:
    page = PAGES[name]
    for n in range(7):
        page.make(n)
    client = desk(page.role)
    rows = shown(ask(page, client))
    assert len(rows) >= 4
    # Rows of a list that are equal keep the place that they had.
    stable = name == "subsidies"
    for sort, down in ((head, False), (f"-{head}", True)):
        answer = ask(page, client, sort=sort)
        assert answer.context["table"].order_by == (sort,)
        if stable:
            wanted = [key_of(r) for r in sorted(rows, key=page.keys[head], reverse=down)]
        else:
            wanted = in_python(rows, page.keys[head], down=down)
        assert [key_of(row) for row in shown(answer)] == wanted, sort
        html = answer.content.decode()
        assert html.count("aria-sort=") == 1
        assert f'aria-sort="{"descending" if down else "ascending"}"' in html
        assert f'href="?sort={head if down else "-" + head}' in html


def test_every_head_of_a_page_that_orders_is_told_here() -> None:
    """A new head fails until its key is written down."""
    for name, page in PAGES.items():
        page.make(0)
        page.make(1)
        table = ask(page).context["table"]
        heads = {c.name for c in table.columns.itervisible() if c.column.orderable}
        assert heads == set(page.keys), name


@pytest.mark.parametrize("name", PAGES)
def test_rows_of_the_page_have_a_cell_for_each_head(name: str) -> None:
    page = PAGES[name]
    for n in range(7):
        page.make(n)
    html = ask(page).content.decode()
    table = html.split('<table class="dt"', 1)[1].split("</table>", 1)[0]
    heads, *rows = (part for part in table.split('<tr role="row"')[1:])
    rows = [row for row in rows if not row.startswith(' class="group"')]
    assert len(rows) >= 4
    assert {row.count('role="cell"') for row in rows} == {heads.count('role="columnheader"')}


# --------------------------------------------------------------------------- files


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "PAGE_SIZES", (2, 3, 4))


def walked(page: Page, client: Client, /, **query: str) -> Iterator[Any]:
    """Every row of every page."""
    number, last = 1, 1
    while number <= last:
        answer = ask(page, client, page=str(number), per_page="2", **query)
        yield from shown(answer)
        last = answer.context["page"].paginator.num_pages
        number += 1


def rows_of(content: bytes, form: str) -> list[list[str]]:
    if form == "csv":
        text = content.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    return [[csv_cell(plain(value)) for value in row] for row in sheet.values]


def plain(value: object) -> object:
    """A day that a spreadsheet gives back as an instant at midnight."""
    is_day = isinstance(value, datetime) and value.time() == time(0)
    return value.date() if is_day else value  # type: ignore[attr-defined]


def number_or_text(rows: list[list[str]]) -> list[list[str]]:
    """Cells without the zeros that only one of the two formats writes."""
    return [
        [
            c.rstrip("0").rstrip(",")
            if "," in c and c.replace(",", "").lstrip("-").isdigit()
            else c
            for c in row
        ]
        for row in rows
    ]


def trimmed(found: re.Match[str]) -> str:
    return f"{found[1]},{found[2]}" if found[2] else found[1]


def expected(page: Page, client: Client, /, **query: str) -> list[list[str]]:
    """The cells of all rows on all pages, in their order."""
    found = list(walked(page, client, **query))
    table = ask(page, client, **query).context["table"]
    values = [c.column.value for c in table.columns.iterall() if c.column.value]
    with translation.override("en"):
        return [[csv_cell(tables.harmless(value(row))) for value in values] for row in found]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", PAGES)
def test_file_has_every_row_of_every_page_in_their_order(name: str, form: str) -> None:
    page = PAGES[name]
    for n in range(7):
        page.make(n)
    client = desk(page.role)
    head = f"-{next(iter(page.keys))}"
    for sort in ("", head):
        wanted = expected(page, client, sort=sort)
        answer = ask(page, client, sort=sort, export=form, page="2")
        assert answer.headers["Content-Disposition"].endswith(f'2026-11-26.{form}"')
        rows = rows_of(answer.content, form)[1:]
        assert len(rows) == len(wanted) > 4
        assert number_or_text(rows) == number_or_text(wanted)


@pytest.mark.usefixtures("small_pages")
def test_control_file_of_one_page_only_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGES["customers"]
    for n in range(7):
        page.make(n)
    client = desk(page.role)
    original = tables.OfficeTable.as_values

    def one_page(self: Any, exclude_columns: Any = None) -> Iterator[list[object]]:
        self.data.data = self.page.object_list
        return original(self, exclude_columns)

    wanted = expected(page, client)
    monkeypatch.setattr(tables.OfficeTable, "as_values", one_page)
    rows = rows_of(ask(page, client, export="csv", per_page="2").content, "csv")[1:]
    assert len(rows) < len(wanted)


def test_file_has_only_what_the_search_finds() -> None:
    page = PAGES["orders"]
    for n in range(7):
        page.make(n)
    client = desk(page.role)
    rows = rows_of(ask(page, client, q="ahven", export="csv").content, "csv")[1:]
    assert {row[2] for row in rows} == {"Ahven Oy"}
    assert len(rows) == len(shown(ask(page, client, q="ahven"))) == 2


@pytest.mark.parametrize("name", ["orders", "workers", "customers", "drafts", "audit"])
def test_a_search_keeps_the_order_of_the_rows(name: str) -> None:
    page = PAGES[name]
    page.make(0)
    kept = '<input type="hidden" name="sort" value="-&quot;&gt;x">'
    html = ask(page, sort='-">x').content.decode()
    assert kept in html.split('role="search"', 1)[1].split("</form>", 1)[0]
    assert 'name="sort"' not in ask(page).content.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_customer_named_like_a_formula_is_text(form: str) -> None:
    page = PAGES["orders"]
    page.make(2)
    ((_number, _state, name, *_rest),) = rows_of(ask(page, export=form).content, form)[1:]
    assert name == "'=cmd Oy"


@pytest.mark.parametrize("name", PAGES)
def test_who_may_not_see_the_page_gets_no_file(name: str) -> None:
    page = PAGES[name]
    allowed = TABLE[page.name]
    for role in Role:
        for form in tables.FORMATS:
            answer = desk(role).get(page.url, page.query | {"export": form})
            assert answer.status_code == (200 if role.value in allowed else 403), (role, form)
    answer = Client().get(page.url, page.query | {"export": "csv"})
    assert answer.status_code == 302
    assert "Content-Disposition" not in answer.headers


def test_coach_gets_the_own_workers_only() -> None:
    client = Client()
    coach = builders.user(Role.COACH)
    client.force_login(coach, backend=BACKEND)
    mine, _other = builders.worker(coach=coach), worker(1)
    for name in ("workers", "subsidies"):
        rows = rows_of(ask(PAGES[name], client, export="csv").content, "csv")[1:]
        assert [row[1] for row in rows] == ([mine.worker_no] if name == "workers" else [])


def test_more_rows_than_a_file_holds_are_refused_with_a_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tables, "MOST_EXPORTED", 2)
    page = PAGES["workers"]
    for n in range(3):
        page.make(n)
    client = desk(page.role)
    answer = client.get(page.url, {"export": "csv", "sort": "city"}, follow=True)
    assert answer.redirect_chain == [(f"{page.url}?sort=city", 302)]
    assert "at most 2 rows" in answer.content.decode()


# --------------------------------------------------------------------------- queries


def asked(page: Page, client: Client, /, **query: str) -> int:
    ask(page, client, **query)
    with CaptureQueriesContext(connection) as seen:
        ask(page, client, **query)
    return len(seen)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.engine
def test_pages_and_files_ask_as_often_for_three_rows_as_for_seven(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control on the same rows: a query for each row is seen."""
    page = PAGES[name]
    client = desk(page.role)
    found = []
    made = 0
    for rows in (3, 7):
        while made < rows:
            page.make(made)
            made += 1
        sort = next(iter(page.keys))
        found.append([asked(page, client, **q) for q in ({}, {"sort": sort}, {"export": "csv"})])
    # The first seven of each kind: hours and payments show other lists when they have some.
    assert found[0] == found[1], name
    assert max(found[1]) <= 16
    assert found[1][2] <= 7
    language = formats._language

    def asking() -> str:
        Customer.objects.exists()
        return language()

    original = tables.harmless

    def asking_too(value: object) -> object:
        Customer.objects.exists()
        return original(value)

    monkeypatch.setattr(formats, "_language", asking)
    monkeypatch.setattr(tables, "harmless", asking_too)
    assert asked(page, client, export="csv") > found[1][2] + 7


# --------------------------------------------------------------------------- pages and their size


@pytest.mark.usefixtures("small_pages")
def test_size_of_a_page_is_remembered_for_each_person_and_the_address_wins() -> None:
    page = PAGES["workers"]
    for n in range(7):
        page.make(n)
    client = desk(page.role)
    assert len(shown(ask(page, client))) == 7
    answer = ask(page, client, per_page="3")
    assert len(shown(answer)) == 3
    kept = next(m for k, m in answer.cookies.items() if k.startswith("rows_"))
    assert kept["httponly"]
    assert kept["samesite"] == "Lax"
    assert len(shown(ask(page, client))) == 3
    # The same choice holds for the other tables.
    assert ask(PAGES["orders"], client).context["table"].rows_per_page == 3
    assert len(shown(ask(page, client, per_page="2"))) == 2
    other = desk(Role.DISPATCHER)
    other.cookies.update({k: m for k, m in client.cookies.items() if k.startswith("rows_")})
    assert len(shown(ask(page, other))) == 7


def test_a_cookie_that_somebody_wrote_by_hand_is_not_believed() -> None:
    client = Client()
    person = builders.user(Role.DISPATCHER)
    client.force_login(person, backend=BACKEND)
    client.cookies[f"rows_{person.pk}"] = "1000000"
    table = ask(PAGES["workers"], client).context["table"]
    assert table.rows_per_page == tables.TABLE_ROWS


WILD = (
    {"sort": "x' OR 1=1 --"}, {"sort": "-"}, {"sort": "__class__"},
    {"sort": "customer__user__password"},
    {"sort": "pk"}, {"sort": "?"}, {"sort": "\x00"}, {"sort": "," * 9999}, {"sort": "number," * 50},
    {"page": "x"}, {"page": "-1"}, {"page": "9" * 40}, {"page": "0"}, {"page": "1.5"},
    {"page": "٣"},
    {"per_page": "0"}, {"per_page": "-25"}, {"per_page": "9" * 40}, {"per_page": "25x"},
    {"export": "exe"}, {"export": "json"}, {"export": "CSV"}, {"export": ""},
)  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_wild_addresses_show_the_page(name: str) -> None:
    page = PAGES[name]
    for n in range(3):
        page.make(n)
    client = desk(page.role)
    usual = [key_of(row) for row in shown(ask(page, client))]
    for query in WILD:
        answer = ask(page, client, **query)
        assert answer.headers["Content-Type"].startswith("text/html"), query
        rows = [key_of(row) for row in shown(answer)]
        known = query.get("sort", "").startswith("number") and "number" in page.keys
        assert sorted(rows) == sorted(usual) if known else rows == usual, query
