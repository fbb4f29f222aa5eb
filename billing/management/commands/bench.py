"""`manage.py bench pages`: what each main page costs, on the data that is loaded.

`manage.py bench planner` is in dispatch/bench/planner.py.
"""

from __future__ import annotations

import gzip
import json
import re
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError
from django.core.paginator import Paginator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from billing.bench import invoices as bench_invoices
from core.clock import now
from dispatch.bench import planner as bench_planner
from dispatch.bench import ranking as bench_ranking
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING
from orders.models import Customer, WorkOrder
from orders.ordering.links import order_token
from workers.models import Worker

ASSET = re.compile(rb'<(?:link[^>]+rel="stylesheet"[^>]+href|script[^>]+src)="/static/([^"?]+)')
ROUNDS = 15
MOST_QUERIES = 12
LIST_MS, CANDIDATES_MS = 40, 300


@dataclass(frozen=True)
class Page:
    """A measured page: who opens it (None: anybody), and the CPU milliseconds it may take."""

    name: str
    role: Role | None
    url: str
    limit_ms: int = LIST_MS
    headers: Mapping[str, str] = field(default_factory=dict)
    limit_queries: int = MOST_QUERIES


@dataclass(frozen=True)
class Cost:
    """Lowest CPU milliseconds of one request, queries at 25 and 50 rows, gzip bytes.

    The lowest of several rounds: what others do on the machine only ever adds.
    """

    page: str
    url: str
    cpu_ms: float
    limit_ms: int
    queries_25: int
    queries_50: int
    limit_queries: int
    html_bytes: int
    first_load_bytes: int

    @property
    def faults(self) -> list[str]:
        """What is over its limit, in words for the terminal."""
        found = []
        if self.cpu_ms > self.limit_ms:
            found.append(f"{self.page}: {self.cpu_ms} ms CPU, limit {self.limit_ms}")
        if self.queries_25 != self.queries_50:
            numbers = f"{self.queries_25} at 25 rows, {self.queries_50} at 50"
            found.append(f"{self.page}: queries grow with the rows: {numbers}")
        if self.queries_50 > self.limit_queries:
            found.append(f"{self.page}: {self.queries_50} queries, limit {self.limit_queries}")
        return found


@contextmanager
def rows_per_page(count: int) -> Iterator[None]:
    """Every Paginator shows `count` rows, whatever the page asks for."""
    original: Callable[..., None] = Paginator.__init__

    def patched(
        self: Any,
        object_list: Any,
        per_page: Any,  # noqa: ARG001 - Django's own name of it
        *args: Any,
        **kwargs: Any,
    ) -> None:
        original(self, object_list, count, *args, **kwargs)

    Paginator.__init__ = patched  # type: ignore[method-assign]
    try:
        yield
    finally:
        Paginator.__init__ = original  # type: ignore[method-assign]


def pages() -> list[Page]:
    """Every measured page, on the order that most likely has candidates."""
    waiting = WorkOrder.objects.filter(status="placed", starts_at__gt=now())
    order = (
        waiting.exclude(assignments__status__in=HOLDING).order_by("starts_at").first()
        or WorkOrder.objects.first()
    )
    if order is None:
        raise CommandError("There are no orders. Load some: manage.py demo_data")
    shown = Assignment.objects.filter(status="completed").order_by("-starts_at").first()
    seen = shown.order if shown else order
    board, detail = reverse("dispatch:day"), reverse("dispatch:order-detail", args=[order.ref])
    lists = reverse("billing:invoice-drafts")
    office, money = Role.DISPATCHER, Role.FINANCE
    return [
        Page("order form", None, reverse("orders:order-new")),
        Page("order page", None, reverse("billing:order-page-link", args=[order_token(seen)])),
        Page("today", office, reverse("dispatch:today")),
        Page("day view", office, board),
        Page("orders list", office, f"{reverse('dispatch:order-list')}?show=all"),
        Page(
            "candidates",
            office,
            f"{board}?order={order.ref}",
            CANDIDATES_MS,
            {"HX-Request": "true"},
        ),
        # The first opening of an order without htmx: two lists in one page.
        Page("day + candid.", office, f"{board}?order={order.ref}", CANDIDATES_MS, {}, 16),
        Page("order detail", office, detail, CANDIDATES_MS),
        Page("all candidates", office, f"{detail}?all=1", CANDIDATES_MS),
        Page("worker home", Role.WORKER, reverse("dispatch:my-home")),
        Page("hours", office, reverse("billing:hours")),
        Page("ready", money, reverse("billing:invoice-ready")),
        Page("invoices", money, f"{lists}?tab=sent"),
        Page("drafts", money, lists),
        Page("customers", office, reverse("orders:customer-list")),
    ]


def asset_bytes(html: bytes) -> int:
    """Size of the style sheets and scripts of a page, gzip."""
    total = 0
    for name in {m.decode() for m in ASSET.findall(html)}:
        path = finders.find(name)
        if path:
            total += len(gzip.compress(Path(str(path)).read_bytes(), 6))
    return total


def measure(page: Page) -> Cost:
    """Cost of one page; the first request warms templates and caches and does not count."""
    client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0], headers=dict(page.headers))
    if page.role:
        client.force_login(
            User.objects.filter(role=page.role).earliest("pk"),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
    secure = bool(settings.SECURE_SSL_REDIRECT)
    first = client.get(page.url, secure=secure)
    if first.status_code != 200:
        raise CommandError(f"{page.url} answered {first.status_code}")
    queries = {}
    for rows in (25, 50):
        with rows_per_page(rows), CaptureQueriesContext(connection) as captured:
            client.get(page.url, secure=secure)
        queries[rows] = len(captured)
    spent = []
    # The page as people get it, with as many rows as it shows.
    for _ in range(ROUNDS):
        start = time.process_time()
        answer = client.get(page.url, secure=secure)
        spent.append((time.process_time() - start) * 1000)
    size = len(gzip.compress(answer.content, 6))
    return Cost(
        page.name,
        page.url,
        round(min(spent), 1),
        page.limit_ms,
        queries[25],
        queries[50],
        page.limit_queries,
        size,
        size + asset_bytes(answer.content),
    )


class Command(BaseCommand):
    help = "Measure CPU time, queries and bytes of the main pages, beside their limits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        benches = parser.add_subparsers(dest="what", required=True)
        bench_planner.add_arguments(benches.add_parser("planner"))
        bench_ranking.add_arguments(benches.add_parser("ranking"))
        bench_invoices.add_arguments(benches.add_parser("invoices"))
        parser = benches.add_parser("pages")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--check", action="store_true", help="fail when a limit is exceeded")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["what"] == "planner":
            bench_planner.main(options, self.stdout)
            return
        if options["what"] == "invoices":
            faults = bench_invoices.main(options, self.stdout)
            if faults and options["check"]:
                raise CommandError("; ".join(faults))
            return
        if options["what"] == "ranking":
            bench_ranking.main(options, self.stdout)
            return
        size = {
            "workers": Worker.objects.count(),
            "customers": Customer.objects.count(),
            "orders": WorkOrder.objects.count(),
            "database": connection.vendor,
        }
        found = [measure(page) for page in pages()]
        if options["json"]:
            costs = [asdict(c) for c in found]
            self.stdout.write(json.dumps({"size": size, "pages": costs}, indent=1))
        else:
            self._table(size, found)
        faults = [fault for cost in found for fault in cost.faults]
        if options["check"] and faults:
            raise CommandError("\n".join(faults))

    def _table(self, size: dict[str, Any], found: list[Cost]) -> None:
        self.stdout.write(", ".join(f"{k} {v}" for k, v in size.items()))
        self.stdout.write(
            f"{'page':15}{'CPU ms':>8}{'limit':>7}{'q 25':>6}{'q 50':>6}{'limit':>7}"
            f"{'html gz':>9}{'first gz':>10}"
        )
        for c in found:
            self.stdout.write(
                f"{c.page:15}{c.cpu_ms:8.1f}{c.limit_ms:7}{c.queries_25:6}{c.queries_50:6}"
                f"{c.limit_queries:7}{c.html_bytes:9}{c.first_load_bytes:10}"
                f"{'  OVER' if c.faults else ''}"
            )
