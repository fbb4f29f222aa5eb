"""`manage.py bench ranking`: what ranking everybody for one order costs, in CPU milliseconds.

The pure part is measured on made-up towns, the whole request (the page of one order) on the data
that is loaded. The lowest of several rounds counts: what others do on the machine only ever adds.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, OutputWrapper
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from core.clock import now
from dispatch.bench.ranking_sample import job, town
from dispatch.candidates import arrays
from dispatch.candidates.staff_snapshot import forget
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING
from dispatch.rules.rank import rank
from orders.models import WorkOrder
from workers.models import Worker

ROUNDS = 25
# Limits of the pure part by number of workers; in between they grow with the workers.
PURE_MS: Mapping[int, float] = {5_000: 5, 50_000: 20}
REQUEST_MS, REQUEST_WORKERS = 100, 5_000


@dataclass(frozen=True)
class Cost:
    """One measured part; `limit_ms` None: more workers than a limit was set for."""

    part: str
    workers: int
    gigs: int
    cpu_ms: float
    limit_ms: float | None

    @property
    def fault(self) -> str:
        """What is over its limit, in words for the terminal; empty when nothing is."""
        if self.limit_ms is None or self.cpu_ms <= self.limit_ms:
            return ""
        return f"{self.part}, {self.workers} workers: {self.cpu_ms} ms, limit {self.limit_ms:g}"


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--workers", type=int, help="size of the made-up town; else 5,000, 50,000")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true", help="fail when a limit is exceeded")


def main(options: Mapping[str, Any], out: OutputWrapper) -> None:
    """Measure and tell.

    Raises:
        CommandError: `check` finds something over its limit.
    """
    sizes = [options["workers"]] if options["workers"] else list(PURE_MS)
    found = [_pure(size) for size in sizes]
    order = _order()
    if order is not None:
        found += _whole(order)
    if options["json"]:
        rows = [asdict(cost) for cost in found]
        out.write(json.dumps({"database": connection.vendor, "ranking": rows}, indent=1) + "\n")
    else:
        _table(found, out)
    faults = [cost.fault for cost in found if cost.fault]
    if options["check"] and faults:
        raise CommandError("\n".join(faults))


def _table(found: list[Cost], out: OutputWrapper) -> None:
    out.write(f"{'part':16}{'workers':>9}{'gigs':>9}{'CPU ms':>9}{'limit':>7}\n")
    for c in found:
        limit = "-" if c.limit_ms is None else f"{c.limit_ms:g}"
        over = "  OVER" if c.fault else ""
        out.write(f"{c.part:16}{c.workers:9}{c.gigs:9}{c.cpu_ms:9.2f}{limit:>7}{over}\n")


def _lowest(what: Callable[[], object]) -> float:
    what()
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        what()
        spent.append((time.process_time() - start) * 1000)
    return round(min(spent), 2)


def _pure(workers: int) -> Cost:
    staff, around = town(workers)
    order = job()
    limit = next((ms for size, ms in sorted(PURE_MS.items()) if workers <= size), None)
    cpu_ms = _lowest(lambda: rank(staff, around, order))
    return Cost("pure", workers, len(around.busy.start), cpu_ms, limit)


def _order() -> WorkOrder | None:
    """An order that waits for people and has none yet."""
    waiting = WorkOrder.objects.filter(status="placed", starts_at__gt=now())
    return waiting.exclude(assignments__status__in=HOLDING).order_by("starts_at").first()


def _whole(order: WorkOrder) -> list[Cost]:
    """Reading and ranking, and the whole request, on the loaded data."""
    workers = Worker.objects.filter(active=True).count()
    gigs = Assignment.objects.filter(status__in=HOLDING).count()
    limit = REQUEST_MS if workers <= REQUEST_WORKERS else None
    client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0])
    client.force_login(
        User.objects.filter(role=Role.DISPATCHER).earliest("pk"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    page, secure = reverse("dispatch:order-detail", args=[order.ref]), settings.SECURE_SSL_REDIRECT
    order = WorkOrder.objects.select_related("site", "task_type", "customer").get(pk=order.pk)

    def request() -> None:
        answer = client.get(page, secure=bool(secure))
        if b'class="cand"' not in answer.content:
            raise CommandError(f"{page} answered {answer.status_code} without candidates")

    def cold() -> None:
        forget()
        arrays.ranked(order)

    return [
        Cost("read and rank", workers, gigs, _lowest(lambda: arrays.ranked(order)), limit),
        Cost("after a change", workers, gigs, _lowest(cold), None),
        Cost("whole request", workers, gigs, _lowest(request), limit),
    ]
