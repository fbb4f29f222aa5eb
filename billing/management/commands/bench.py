"""`manage.py bench pages`: what each main page costs, on the data that is loaded."""

from __future__ import annotations

import gzip
import json
import re
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
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
from dispatch.models import Assignment
from orders.links import order_token
from orders.models import Customer, WorkOrder
from workers.models import Worker

ASSET = re.compile(rb'<(?:link[^>]+rel="stylesheet"[^>]+href|script[^>]+src)="/static/([^"?]+)')
ROUNDS = 7


@dataclass(frozen=True)
class Cost:
    """Median CPU milliseconds of one request, queries at 25 and 50 rows, gzip bytes."""

    page: str
    url: str
    cpu_ms: float
    queries_25: int
    queries_50: int
    html_bytes: int
    first_load_bytes: int


@contextmanager
def rows_per_page(count: int) -> Iterator[None]:
    """Every Paginator shows `count` rows, whatever the page asks for."""
    original: Callable[..., None] = Paginator.__init__

    def patched(self: Any, object_list: Any, per_page: Any, *args: Any, **kwargs: Any) -> None:
        original(self, object_list, count, *args, **kwargs)

    Paginator.__init__ = patched  # type: ignore[method-assign]
    try:
        yield
    finally:
        Paginator.__init__ = original  # type: ignore[method-assign]


def pages() -> list[tuple[str, Role | None, str]]:
    """Name, role and address of each measured page."""
    order = (
        WorkOrder.objects.filter(status="placed").order_by("starts_at").first()
        or WorkOrder.objects.first()
    )
    if order is None:
        raise CommandError("There are no orders. Load some: manage.py demo_data")
    shown = Assignment.objects.filter(status="completed").order_by("-starts_at").first()
    seen = shown.order if shown else order
    detail = reverse("dispatch:order-detail", args=[order.ref])
    return [
        ("order form", None, reverse("orders:order-new")),
        ("order page", None, reverse("billing:order-page-link", args=[order_token(seen)])),
        ("orders list", Role.DISPATCHER, reverse("dispatch:order-list")),
        ("day view", Role.DISPATCHER, reverse("dispatch:today")),
        ("candidates", Role.DISPATCHER, detail),
        ("worker home", Role.WORKER, reverse("dispatch:my-home")),
        ("hours", Role.DISPATCHER, reverse("billing:hours")),
        ("invoices", Role.FINANCE, reverse("billing:invoice-ready")),
        ("customers", Role.DISPATCHER, reverse("orders:customer-list")),
    ]


def asset_bytes(html: bytes) -> int:
    """Size of the style sheets and scripts of a page, gzip."""
    total = 0
    for name in {m.decode() for m in ASSET.findall(html)}:
        path = finders.find(name)
        if path:
            total += len(gzip.compress(Path(str(path)).read_bytes(), 6))
    return total


def measure(name: str, role: Role | None, url: str) -> Cost:
    """Cost of one page; the first request warms templates and caches and does not count."""
    client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0])
    if role:
        client.force_login(
            User.objects.filter(role=role).earliest("pk"),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
    secure = bool(settings.SECURE_SSL_REDIRECT)
    first = client.get(url, secure=secure)
    if first.status_code != 200:
        raise CommandError(f"{url} answered {first.status_code}")
    queries = {}
    for rows in (25, 50):
        with rows_per_page(rows), CaptureQueriesContext(connection) as captured:
            client.get(url, secure=secure)
        queries[rows] = len(captured)
    spent = []
    with rows_per_page(25):
        for _ in range(ROUNDS):
            start = time.process_time()
            answer = client.get(url, secure=secure)
            spent.append((time.process_time() - start) * 1000)
    size = len(gzip.compress(answer.content, 6))
    return Cost(
        name,
        url,
        round(statistics.median(spent), 1),
        queries[25],
        queries[50],
        size,
        size + asset_bytes(answer.content),
    )


class Command(BaseCommand):
    help = "Measure CPU time, queries and bytes of the main pages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["pages"])
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        size = {
            "workers": Worker.objects.count(),
            "customers": Customer.objects.count(),
            "orders": WorkOrder.objects.count(),
            "database": connection.vendor,
        }
        found = [measure(*page) for page in pages()]
        if options["json"]:
            costs = [asdict(c) for c in found]
            self.stdout.write(json.dumps({"size": size, "pages": costs}, indent=1))
            return
        self.stdout.write(", ".join(f"{k} {v}" for k, v in size.items()))
        self.stdout.write(
            f"{'page':14}{'CPU ms':>8}{'q 25':>6}{'q 50':>6}{'html gz':>9}{'first gz':>10}"
        )
        for c in found:
            self.stdout.write(
                f"{c.page:14}{c.cpu_ms:8.1f}{c.queries_25:6}{c.queries_50:6}"
                f"{c.html_bytes:9}{c.first_load_bytes:10}"
            )
