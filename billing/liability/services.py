"""Orderer's liability (1233/2006): our papers with their expiry, and each customer's running sums.

A customer must have our papers when hired work lasts more than ten working days in all, or a
contract is worth 9,000 euros or more before VAT; consecutive contracts are added up. The numbers
are dated rows (data/liability_limits.csv, or legal limits of the settings).
"""

from __future__ import annotations

import hashlib
from collections import Counter as Tally
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet, Sum

from accounts.access import MONEY
from accounts.models import Role, User
from billing.models.payroll import LiabilityPack, LiabilityPaper
from core import audit
from core.violations import RuleBroken
from dispatch.models import Assignment
from dispatch.models.lifecycle import FILLING
from orders.access import customers_for
from orders.models import Customer, WorkOrder
from orders.models.lifecycle import OrderStatus
from workers.rules.engagement import months_later
from workers.rules.worktime_limits import LegalLimits, load_limits
from workers.worktime.selectors import legal_limits

LIMITS_FILE = Path(__file__).parents[1] / "data" / "liability_limits.csv"
REQUIRED = tuple(kind for kind in LiabilityPaper.Kind if kind != LiabilityPaper.Kind.ACCIDENT)
MOST_BYTES = 5 * 1024 * 1024


@lru_cache(maxsize=1)
def _shipped() -> LegalLimits:
    return load_limits(LIMITS_FILE.read_text(encoding="utf-8"))


def limits() -> LegalLimits:
    """The limits in force; rows of the same code in the settings replace the shipped ones."""
    return LegalLimits({**_shipped().rows, **legal_limits().rows})


def limits_of_law(on: date) -> dict[str, int]:
    """Working days above which, and euros from which, the papers must be given."""
    found = limits()
    return {
        "days": found.value("liability_hired_days", on),
        "net": found.value("liability_contract", on),
    }


@dataclass(frozen=True)
class Running:
    """What a customer has ordered within the window, against the limits."""

    customer: Customer
    days: int
    net: Decimal
    days_limit: int
    net_limit: int
    days_alert: int
    net_alert: int
    good_until: date | None
    on: date

    @property
    def must_have_papers(self) -> bool:
        """The law asks for the papers: more than the days, or the sum and above."""
        return self.days > self.days_limit or self.net >= self.net_limit

    @property
    def near(self) -> bool:
        """Soon; give the papers now."""
        return self.days >= self.days_alert or self.net >= self.net_alert

    @property
    def has_papers(self) -> bool:
        """The last pack given is still good."""
        return self.good_until is not None and self.good_until >= self.on

    @property
    def state(self) -> str:
        """ok, info (near), warn (over without papers): a tone of the status chip."""
        if self.has_papers or not self.near:
            return "ok"
        return "error" if self.must_have_papers else "warn"


def running(on: date) -> list[Running]:
    """Every customer with work in the window, those who lack papers first.

    Days are person-days of gigs done or promised; the sum is what was promised before VAT.
    """
    found = limits()
    months = found.value("liability_window", on)
    begins = _months_before(on, months)
    orders = (
        WorkOrder.objects.filter(works_on__gt=begins)
        .exclude(status__in=(OrderStatus.CANCELLED, OrderStatus.UNFILLED))
        .order_by()
    )
    nets = dict(orders.values_list("customer").annotate(Sum("quote_net")))
    gigs = Assignment.objects.filter(
        order__in=orders, status__in=[status.value for status in FILLING]
    ).order_by()
    days = Tally(
        customer
        for customer, _worker, _on in gigs.values_list(
            "order__customer", "worker", "order__works_on"
        ).distinct()
    )
    # Of several packs the last one given counts.
    packs = dict(
        LiabilityPack.objects.order_by("given_at", "pk").values_list("customer_id", "good_until")
    )
    value = {
        code: found.value(f"liability_{code}", on)
        for code in ("hired_days", "hired_days_alert", "contract", "contract_alert")
    }
    rows = [
        Running(
            customer, days[customer.pk], nets[customer.pk] or Decimal(0),
            value["hired_days"], value["contract"], value["hired_days_alert"],
            value["contract_alert"], packs.get(customer.pk), on,
        )
        for customer in Customer.objects.filter(pk__in=nets)
    ]  # fmt: skip
    order = {"error": 0, "warn": 1, "ok": 2}
    return sorted(rows, key=lambda r: (order[r.state], -r.net, r.customer.name))


def _months_before(on: date, months: int) -> date:
    """The day `months` before; months_later counts inclusive periods, so one day less."""
    return months_later(on, -months)


# --------------------------------------------------------------------------- papers


def papers_in_force(on: date) -> dict[str, LiabilityPaper]:
    """The newest paper of each kind that is good on a day."""
    found: dict[str, LiabilityPaper] = {}
    for row in LiabilityPaper.objects.filter(expires_on__gte=on).order_by("expires_on", "pk"):
        found[row.kind] = row
    return found


def missing(on: date) -> list[str]:
    """Kinds of required papers that none is good of."""
    found = papers_in_force(on)
    return [kind.value for kind in REQUIRED if kind.value not in found]


def papers_for(user: User) -> QuerySet[LiabilityPaper]:
    """All for finance; a customer those of the packs given to them."""
    rows = LiabilityPaper.objects.defer("content")
    if user.role in MONEY:
        return rows
    if user.role == Role.CUSTOMER:
        return rows.filter(packs__customer__in=customers_for(user)).distinct()
    return rows.none()


def add_paper(
    *,
    kind: str,
    issued_on: date,
    expires_on: date | None,
    file_name: str,
    content: bytes,
    by: User,
    now: datetime,
) -> LiabilityPaper:
    """Keep a paper; without a day of expiry it is good for as long as the law lets it be.

    Raises:
        RuleBroken: liability_file (not a PDF, or too large), liability_dates.
    """
    if not content.startswith(b"%PDF-") or len(content) > MOST_BYTES:
        raise RuleBroken.of("liability_file")
    until = expires_on or months_later(issued_on, limits().value("liability_paper_age", issued_on))
    if until < issued_on:
        raise RuleBroken.of("liability_dates")
    with transaction.atomic():
        row = LiabilityPaper.objects.create(
            kind=kind,
            issued_on=issued_on,
            expires_on=until,
            file_name=file_name[:120],
            content=content,
            content_hash=hashlib.sha256(content).hexdigest(),
            added_at=now,
            added_by=by,
        )
        audit.record(
            "liability.paper_added",
            kind="liability",
            ref=row.ref,
            by=by,
            now=now,
            after={"kind": kind, "expires_on": until},
        )
    return row


def give_pack(customer: Customer, *, by: User, now: datetime, on: date) -> LiabilityPack:
    """Give a customer the papers in force; what was given is kept as it was.

    Raises:
        RuleBroken: liability_papers_missing.
    """
    if lacking := missing(on):
        raise RuleBroken.of("liability_papers_missing", ", ".join(lacking))
    with transaction.atomic():
        papers = list(papers_in_force(on).values())
        pack = LiabilityPack.objects.create(
            customer=customer,
            given_at=now,
            given_by=by,
            good_until=min(paper.expires_on for paper in papers if paper.kind in REQUIRED),
        )
        pack.papers.set(papers)
        audit.record(
            "liability.pack_given",
            kind="customer",
            ref=customer.ref,
            by=by,
            now=now,
            after={"good_until": pack.good_until, "papers": len(papers)},
        )
    return pack
