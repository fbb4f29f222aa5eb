"""What a stranger may not do: lock people out, read keys in the log, fill the database, stop it."""

from __future__ import annotations

import io
import logging
import zipfile
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.middleware import ProxyAddressMiddleware
from accounts.models import Role
from core.log_lines import Formatter
from core.search import search_words
from orders.imports.reader import NotATable, read_table
from orders.ordering.links import order_token
from tests import builders

PASSWORD = "salasana-testi"  # noqa: S105


@pytest.fixture(autouse=True)
def _counters(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


# --------------------------------------------------------------------------- whose try it was


def address_seen(settings: Any, header: str | None, *, behind: bool = True) -> str:
    settings.BEHIND_PROXY = behind
    seen = []
    middleware = ProxyAddressMiddleware(lambda request: seen.append(request.META["REMOTE_ADDR"]))  # type: ignore[arg-type, func-returns-value]
    extra = {"HTTP_X_FORWARDED_FOR": header} if header is not None else {}
    middleware(RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", **extra))
    return seen[0]


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("203.0.113.66", "203.0.113.66"),
        ("1.2.3.4, 203.0.113.66", "203.0.113.66"),
        ("2001:db8::7", "2001:db8::7"),
        (None, "127.0.0.1"),
        ("", "127.0.0.1"),
        ("nonsense", "127.0.0.1"),
    ],
)
def test_behind_the_proxy_people_have_their_own_addresses(
    settings: Any, header: str | None, address: str
) -> None:
    """Only what the proxy itself wrote, the last entry, is believed."""
    assert address_seen(settings, header) == address


def test_without_a_proxy_nobody_chooses_an_address(settings: Any) -> None:
    with pytest.raises(MiddlewareNotUsed):
        address_seen(settings, "203.0.113.66", behind=False)


def test_address_is_known_before_anything_counts_it() -> None:
    assert configured.MIDDLEWARE[0] == "accounts.middleware.ProxyAddressMiddleware"


def sign_in(login: str, password: str, address: str = "203.0.113.7") -> int:
    url = reverse("account_login")
    return (
        Client().post(url, {"login": login, "password": password}, REMOTE_ADDR=address).status_code
    )


@pytest.mark.django_db
def test_wrong_tries_at_others_lock_nobody_out(settings: Any) -> None:
    """T12: counted per person and address: a neighbour behind the same one still comes in."""
    settings.ACCOUNT_RATE_LIMITS = False
    person = builders.user(Role.DISPATCHER)
    for n in range(configured.AXES_FAILURE_LIMIT + 2):
        sign_in(f"n{n}@nowhere.example", "wrong")
    assert set(AccessAttempt.objects.values_list("username", flat=True)) >= {"n0@nowhere.example"}
    assert sign_in(person.email, PASSWORD) == 302


@pytest.mark.django_db
def test_wrong_tries_at_one_person_stop_that_address_only(settings: Any) -> None:
    """The control: guessing does end."""
    settings.ACCOUNT_RATE_LIMITS = False
    person = builders.user(Role.DISPATCHER)
    for n in range(configured.AXES_FAILURE_LIMIT):
        sign_in(person.email.upper() if n % 2 else f" {person.email}", "wrong")
    assert sign_in(person.email, PASSWORD) == 429
    assert sign_in(person.email, PASSWORD, "198.51.100.9") == 302


# --------------------------------------------------------------------------- keys and copies


@pytest.mark.parametrize(
    "path",
    [
        "/o/aada69c9~1~Nm5xuN/move/",
        "/sign-in-link/WyJmZmNhNDhjYi/",
        "/account/password/reset/key/a-b",
    ],
)
def test_log_lines_have_no_keys(path: str) -> None:
    """T6, T16: of a refused request and of an error in one."""
    try:
        raise ValueError(f"no page {path}")
    except ValueError as error:
        record = logging.LogRecord(
            "django.request",
            logging.WARNING,
            "x",
            1,
            "Forbidden: %s",
            (path,),
            (ValueError, error, error.__traceback__),
        )
    line = Formatter("%(message)s").format(record)
    key = path.removesuffix("move/").rstrip("/").rpartition("/")[2]
    assert key not in line
    assert line.count("…") == 2
    assert "/orders/17/" in Formatter("%(message)s").format(
        logging.LogRecord("x", 20, "x", 1, "Not found: /orders/17/", None, None)
    )


def test_log_is_written_by_that_formatter() -> None:
    made = configured.LOGGING["formatters"]["line"]["()"]
    assert made == f"{Formatter.__module__}.{Formatter.__name__}"


@pytest.mark.django_db
def test_private_pages_are_kept_nowhere() -> None:
    office = Client()
    office.force_login(builders.user(Role.DISPATCHER))
    for client, path in (
        (office, reverse("dispatch:today")),
        (office, reverse("orders:customer-list")),
        (Client(), f"/o/{order_token(builders.order())}/"),
    ):
        kept = client.get(path).headers["Cache-Control"]
        assert {"private", "no-store"} <= set(kept.split(", "))
    assert "no-store" not in Client().get(reverse("orders:home")).headers.get("Cache-Control", "")


# --------------------------------------------------------------------------- too much


def test_search_takes_a_few_words() -> None:
    assert search_words("a b a  c") == ["a", "b", "c"]
    assert len(search_words("x " * 2000)) == 1
    assert len(search_words(" ".join(map(str, range(2000))))) == 8


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["orders:customer-list", "dispatch:worker-list", "dispatch:order-list"]
)
def test_long_search_is_an_answer(name: str) -> None:
    office = Client()
    office.force_login(builders.user(Role.DISPATCHER))
    answer = office.get(reverse(name), {"q": " ".join(f"w{n}" for n in range(900))})
    assert answer.status_code == 200


@pytest.mark.django_db
def test_draft_keeps_no_more_than_a_person_types() -> None:
    builders.organisation()
    builders.tariff()
    builders.task_type("cleaning")
    client = Client()
    client.post("/order/", {"task": "cleaning"})
    client.post("/order/when/", {"description": "x" * 3_000_000})
    assert len(Session.objects.get().session_data) < 10_000


def workbook(rows: str, size: str) -> bytes:
    """An XLSX of one sheet that says what it likes of its size."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/a.xml" ContentType="{kinds}.worksheet+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{rels}"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{rels}"><Relationship Id="r1" Type="{office}/worksheet" '
            'Target="a.xml"/></Relationships>'
        ),
        "xl/a.xml": (
            f'<worksheet xmlns="{main}"><dimension ref="{size}"/>'
            f"<sheetData>{rows}</sheetData></worksheet>"
        ),
    }
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return found.getvalue()


def cell(place: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{place}</t></is></c>'


FIRST = f'<row r="1">{cell("A1")}{cell("B1")}</row><row r="2">{cell("A2")}{cell("B2")}</row>'


def test_sheet_that_claims_a_million_lines_is_read_as_it_is() -> None:
    table = read_table(workbook(FIRST, "A1:XFD1048576"))
    assert table.headings == ("A1", "B1")
    assert [row.cells for row in table.rows] == [("A2", "B2")]


def test_sheet_with_a_cell_in_the_last_line_is_refused_at_once() -> None:
    """Fifteen hundred bytes that were gigabytes of empty cells in memory."""
    bomb = workbook(f'{FIRST}<row r="1048576">{cell("A1048576")}</row>', "A1:XFD1048576")
    with pytest.raises(NotATable, match="too_many_rows"):
        read_table(bomb)
