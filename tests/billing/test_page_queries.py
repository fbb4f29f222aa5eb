"""Main pages ask the database the same number of times for 25 rows and for 50, at most twelve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from billing.management.commands import bench
from billing.models import HourEntry, Invoice
from core import formats
from dispatch.eligibility import judge
from dispatch.models import Assignment
from orders.models import WorkOrder
from tests import builders

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)  # Thursday 7.00 in Helsinki
TODAY, LAST_WEEK = date(2026, 11, 26), date(2026, 11, 19)
BOARD, LISTS = "/dispatch/day/", "/finance/invoices/"


def chosen() -> str:
    """The order whose candidates are shown."""
    return str(WorkOrder.objects.filter(status="placed", works_on=TODAY).earliest("pk").ref)


@dataclass(frozen=True)
class Page:
    """Who opens it, where, and what it shows; `marker` is in the page once for each row.

    Without a marker the rows are candidates, whose number is told while most are folded.
    """

    role: Role
    url: Callable[[], str]
    rows: tuple[str, ...]
    marker: str = ""
    most: int = bench.MOST_QUERIES


OFFICE, MONEY = Role.DISPATCHER, Role.FINANCE
DAY, CELL = ("open", "gigs", "offers"), "lead-cell"
PAGES = {
    "today": Page(OFFICE, lambda: "/dispatch/?all=1", DAY, CELL),
    "day view": Page(OFFICE, lambda: f"{BOARD}?all=1", DAY, 'class="line"'),
    "orders": Page(OFFICE, lambda: "/dispatch/orders/?show=all", ("open",), CELL),
    "candidates": Page(OFFICE, lambda: f"{BOARD}?order={chosen()}", DAY, most=16),
    "order": Page(OFFICE, lambda: f"/dispatch/orders/{chosen()}/", DAY),
    "whole": Page(
        OFFICE, lambda: f"/dispatch/orders/{chosen()}/?all=1", ("open", "offers"), 'class="cand"'
    ),
    "hours": Page(OFFICE, lambda: "/hours/", ("hours",), CELL),
    "ready": Page(MONEY, lambda: "/finance/", ("approved",), CELL),
    "drafts": Page(MONEY, lambda: LISTS, ("drafts", "approved"), CELL),
    "sent": Page(MONEY, lambda: f"{LISTS}?tab=sent", ("sent", "approved"), CELL),
    "customers": Page(OFFICE, lambda: "/customers/", ("open",), 'href="/customers/'),
}


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    builders.organisation()


def gig(standing: str, **order: Any) -> Assignment:
    work = builders.order(**order)
    return Assignment.objects.create(
        order=work,
        worker=builders.worker(skills=("cleaning",)),
        status=standing,
        starts_at=work.starts_at,
        ends_at=work.ends_at,
        created_at=work.created_at,
    )


def entry(status: str) -> HourEntry:
    work = gig("completed", on=LAST_WEEK, duration_min=480, status="done")
    return HourEntry.objects.create(
        assignment=work,
        works_on=LAST_WEEK,
        started_at=work.starts_at,
        ended_at=work.ends_at,
        break_min=30,
        work_min=450,
        engagement_kind="employment",
        status=status,
        created_at=NOW,
    )


def bill(**fields: Any) -> Invoice:
    return Invoice.objects.create(customer=builders.customer(), created_at=NOW, **fields)


def sent() -> Invoice:
    number = Invoice.objects.count() + 1
    due_on = TODAY + timedelta(days=7)
    return bill(status="sent", number=number, issued_on=LAST_WEEK, due_on=due_on)


ROWS: dict[str, Callable[[], object]] = {
    "open": lambda: builders.order(on=TODAY, task_type=builders.task_type(strains=["lifting"])),
    "gigs": lambda: gig("accepted", on=TODAY, status="filled"),
    "offers": lambda: gig("offered", on=TODAY + timedelta(days=1)),
    "hours": lambda: entry("submitted"),
    "approved": lambda: entry("approved"),
    "drafts": bill,
    "sent": sent,
}


def grow(page: Page, count: int) -> None:
    """So many more of everything that the page shows."""
    for kind in page.rows:
        for _ in range(count):
            ROWS[kind]()


def asked(page: Page) -> tuple[int, int]:
    """(queries, rows) of a page with as many rows as there are."""
    client = Client()
    client.force_login(User.objects.filter(role=page.role).first() or builders.user(page.role))
    client.cookies["django_language"] = "en"
    address = page.url()
    # A table shows 25 rows until somebody asks for more.
    address += ("&" if "?" in address else "?") + "per_page=50"
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    assert answer.status_code == 200
    if not page.marker:
        return len(seen), answer.context["count"]
    return len(seen), answer.content.decode().count(page.marker)


def asked_by_every_row(page: Page) -> int:
    """Queries of the page when something that every row needs asks the database for itself."""

    def asking(original: Callable[..., Any]) -> Callable[..., Any]:
        def patched(*args: Any) -> Any:
            Invoice.objects.exists()
            return original(*args)

        return patched

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formats, "_language", asking(formats._language))  # noqa: SLF001
        patch.setattr(judge, "judge", asking(judge.judge))
        patch.setattr("orders.models.Customer.__str__", asking(lambda self: self.name))
        return asked(page)[0]


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_as_often_at_25_rows_as_at_50(name: str) -> None:
    """And never more than twelve times; the board beside its candidates is two lists.

    Negative control on the same rows: a query for each row is seen.
    """
    page = PAGES[name]
    grow(page, 25)
    (at_25, rows_25), control_25 = asked(page), asked_by_every_row(page)
    grow(page, 25)
    (at_50, rows_50), control_50 = asked(page), asked_by_every_row(page)
    assert rows_50 >= rows_25 + 25 >= 50
    assert at_25 == at_50 <= page.most
    if name == "order":
        # It judges the people it shows, however many there are: too many queries, but no growth.
        assert control_25 > bench.MOST_QUERIES
    else:
        assert control_50 >= control_25 + 25


# --------------------------------------------------------------------------- the bench command


def cost(**changes: Any) -> bench.Cost:
    values = {
        "page": "hours",
        "url": "/hours/",
        "cpu_ms": 39.9,
        "limit_ms": 40,
        "queries_25": 12,
        "queries_50": 12,
        "limit_queries": 12,
        "html_bytes": 1,
        "first_load_bytes": 1,
    }
    return bench.Cost(**(values | changes))


def test_page_within_its_limits_has_no_fault() -> None:
    assert cost().faults == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cpu_ms": 40.1}, "hours: 40.1 ms CPU, limit 40"),
        ({"queries_50": 11}, "hours: queries grow with the rows: 12 at 25 rows, 11 at 50"),
        ({"queries_25": 13, "queries_50": 13}, "hours: 13 queries, limit 12"),
    ],
)
def test_page_over_a_limit_is_named(changes: dict[str, Any], told: str) -> None:
    assert cost(**changes).faults == [told]


def test_check_fails_when_a_page_is_over_its_limit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    builders.order()
    monkeypatch.setattr(bench, "measure", lambda page: cost(cpu_ms=99.0))
    call_command("bench", "pages")
    assert "OVER" in capsys.readouterr().out
    with pytest.raises(CommandError, match="99.0 ms CPU, limit 40"):
        call_command("bench", "pages", "--check")


# --------------------------------------------------------------------------- what is folded


def test_candidates_beyond_the_first_open_by_a_plain_link() -> None:
    """The best ones at once, all of them one link away, without scripts too."""
    builders.user(Role.DISPATCHER)
    order = builders.order(on=TODAY)
    for _ in range(20):
        builders.worker()
    client = Client()
    client.force_login(User.objects.get(role=Role.DISPATCHER))
    client.cookies["django_language"] = "en"
    detail = reverse("dispatch:order-detail", args=[order.ref])
    short = client.get(detail).content.decode()
    assert short.count('class="cand"') == 12
    assert f'href="{detail}?all=1#panel"' in short
    assert "Show all 20 workers" in short
    whole = client.get(f"{detail}?all=1").content.decode()
    assert whole.count('class="cand"') == 20
    assert "?all=1#panel" not in whole
    board = client.get(f"{BOARD}?order={order.ref}").content.decode()
    assert f"{BOARD}?order={order.ref}&amp;all=1#panel" in board
