"""Every URL x role x owner: who may, who may not (403), whose it is not (404). Deny by default.

The table is written by hand and knows nothing of the decorators: a URL without a row fails, and
so does a row without a URL. Two plants show that the matrix sees a missing check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import product
from typing import Any

import pytest
from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Role, User
from billing.invoices import services
from billing.models import HourEntry, Invoice, InvoiceLine
from billing.models.payments import BankEntry, BankFile, Payment, Reminder
from billing.models.payroll import (
    LiabilityPack,
    LiabilityPaper,
    PayrollBatch,
    PayrollFile,
    SubsidyDecision,
)
from dispatch.models import Assignment, Plan
from orders.models import Customer, ImportBatch
from orders.ordering.links import order_token
from tests import builders
from workers.models import Absence, AvailabilityException

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
CUSTOMER, WORKER, DISPATCHER, COACH, FINANCE, MANAGER, ADMIN = (r.value for r in Role)
OFFICE = {DISPATCHER, ADMIN}
FIELD = {DISPATCHER, ADMIN, COACH}
MONEY = {FINANCE, ADMIN}
HOURS = {DISPATCHER, FINANCE, ADMIN}
ANYONE = "public"
SIGNED_IN = {r.value for r in Role}

# Name of the URL -> roles that may use it (for what is theirs), or ANYONE.
TABLE: dict[str, set[str] | str] = {
    "healthz": ANYONE,
    "set_language": ANYONE,
    "sign_in_link": ANYONE,
    "sign_in_link_use": ANYONE,
    "accessibility": ANYONE,
    "audit-list": {ADMIN},
    "orders:home": ANYONE,
    "orders:order-new": ANYONE,
    "dispatch:order-when": ANYONE,
    "dispatch:order-estimate": ANYONE,
    "orders:order-places": ANYONE,
    "orders:order-check": ANYONE,
    "orders:reorder-link": ANYONE,
    "orders:my-orders": {CUSTOMER},
    "orders:my-sites": {CUSTOMER},
    "orders:reorder": {CUSTOMER},
    "orders:customer-list": {DISPATCHER, FINANCE, MANAGER, ADMIN},
    "orders:customer-new": {DISPATCHER, FINANCE, ADMIN},
    "orders:customer-detail": {DISPATCHER, FINANCE, MANAGER, ADMIN},
    "orders:customer-edit": {DISPATCHER, FINANCE, ADMIN},
    "orders:customer-discount": {FINANCE, ADMIN},
    "orders:site-edit": {CUSTOMER, DISPATCHER, ADMIN},
    "orders:import-new": OFFICE,
    "orders:import-template": OFFICE,
    "orders:import-preview": OFFICE,
    "orders:import-apply": OFFICE,
    **dict.fromkeys(
        (
            "dispatch:today", "dispatch:day", "dispatch:week", "dispatch:day-map",
            "dispatch:worker-day",
            "dispatch:order-list", "dispatch:order-new", "dispatch:order-detail",
            "dispatch:order-why", "dispatch:order-new-link", "dispatch:assign",
            "dispatch:assignment-withdraw",
            "dispatch:assignment-reassign", "dispatch:assignment-no-show", "dispatch:worker-new",
            "dispatch:worker-edit", "dispatch:absence-replace", "dispatch:plan-new",
            "dispatch:plan-detail", "dispatch:plan-progress", "dispatch:plan-stop",
            "dispatch:plan-accept", "dispatch:plan-undo", "dispatch:plan-send",
            "dispatch:plan-discard",
        ),
        OFFICE,
    ),
    **dict.fromkeys(
        (
            "dispatch:assignment-absent", "dispatch:assignment-accept",
            "dispatch:assignment-decline", "dispatch:assignment-check-in",
            "dispatch:assignment-check-out", "dispatch:assignment-undo", "dispatch:worker-list",
            "dispatch:worker-detail", "dispatch:worker-week", "dispatch:absence-new",
            "dispatch:absence-detail", "dispatch:absence-remove", "dispatch:coach-home",
        ),
        FIELD,
    ),
    **dict.fromkeys(
        (
            "dispatch:my-home", "dispatch:my-gig", "dispatch:my-accept", "dispatch:my-decline",
            "dispatch:my-check-in", "dispatch:my-check-out", "dispatch:my-left",
            "dispatch:my-undo", "dispatch:my-cannot-come", "dispatch:my-late", "dispatch:my-help",
            "dispatch:my-availability", "dispatch:my-availability-exception",
            "dispatch:my-availability-exception-remove", "dispatch:my-absence",
            "dispatch:my-profile",
        ),
        {WORKER},
    ),
    **dict.fromkeys(
        (
            "billing:order-page-link", "billing:order-approve-hours-link",
            "billing:order-dispute-hours-link", "billing:order-cancel-link",
            "billing:order-move-link",
        ),
        ANYONE,
    ),
    "billing:order-page": {CUSTOMER, DISPATCHER, FINANCE, MANAGER, ADMIN},
    "billing:order-approve-hours": {CUSTOMER, *HOURS},
    "billing:order-dispute-hours": {CUSTOMER, *HOURS},
    "billing:order-cancel": {CUSTOMER, *OFFICE},
    "billing:order-move": {CUSTOMER, *OFFICE},
    **dict.fromkeys(
        ("billing:hours", "billing:hours-approve", "billing:hours-correct",
         "billing:hours-dispute"),
        HOURS,
    ),
    "billing:my-hours": {WORKER},
    "billing:hour-log-worker": {WORKER, COACH, *HOURS},
    "billing:hour-log-customer": {CUSTOMER, *HOURS},
    **dict.fromkeys(
        (
            "billing:invoice-ready", "billing:invoice-drafts-make", "billing:invoice-drafts",
            "billing:invoice-run", "billing:invoice-result", "billing:invoice-detail",
            "billing:invoice-issue", "billing:invoice-send", "billing:invoice-paid",
            "billing:invoice-credit", "billing:invoice-discard", "billing:invoice-xml",
            "billing:invoice-credit-rows", "billing:invoice-payments", "billing:payments",
            "billing:invoice-wish", "billing:invoice-new",
            "billing:payment-upload", "billing:payment-file", "billing:payment-file-apply",
            "billing:payment-entry", "billing:payment-entry-give", "billing:payment-entry-aside",
            "billing:payment-back", "billing:reminders", "billing:reminders-send",
            "billing:reminder-rate", "billing:books",
            "billing:books-rows", "billing:books-open", "billing:books-open-file",
            "billing:books-file",
        ),
        MONEY,
    ),
    **dict.fromkeys(
        (
            "billing:pay", "billing:pay-export", "billing:pay-batch", "billing:pay-file",
            "billing:hours-decide", "billing:subsidy-new", "billing:liability",
            "billing:liability-give",
        ),
        MONEY,
    ),
    "billing:register-worker": {WORKER, COACH, *HOURS},
    **dict.fromkeys(
        ("billing:subsidies", "billing:subsidy-claim", "billing:attendance-report"),
        {COACH, *MONEY},
    ),
    "billing:liability-paper": {CUSTOMER, *MONEY},
    "billing:my-papers": {CUSTOMER},
    "billing:customer-invoices": {CUSTOMER},
    **dict.fromkeys(
        ("billing:invoice-pdf", "billing:invoice-web", "billing:reminder-pdf",
         "billing:reminder-web"),
        {CUSTOMER, *MONEY},
    ),
    **dict.fromkeys(
        (
            "reports:manager-home", "reports:manager-orders", "reports:manager-hours",
            "reports:manager-invoices",
        ),
        {MANAGER, ADMIN},
    ),
}  # fmt: skip

# allauth's own pages: anybody before signing in, or every signed-in person for their own account.
ALLAUTH_OPEN = {
    "account_login", "account_logout", "account_inactive", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "mfa_authenticate", "mfa_login_webauthn",
}  # fmt: skip
# They act on the signed-in person's own row only; the package tests them.
NOT_FOR_SIGNED_OUT = ("account_", "mfa_")


@dataclass
class World:
    """One of everything that belongs to A, and people who are not A."""

    people: dict[str, User] = field(default_factory=dict)
    strangers: dict[str, User] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)


def all_urls() -> Iterator[tuple[str, URLPattern]]:
    def walk(resolver: Any, space: str) -> Iterator[tuple[str, URLPattern]]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry, entry.namespace or space)
            else:
                yield (f"{space}:{entry.name}" if space else str(entry.name)), entry

    yield from walk(get_resolver(), "")


def own_urls() -> dict[str, URLPattern]:
    return {
        name: entry
        for name, entry in all_urls()
        if not name.startswith(("admin:", *NOT_FOR_SIGNED_OUT))
    }


def build() -> World:
    world = World()
    builders.organisation()
    for role in Role:
        world.people[role.value] = builders.user(role)
    for role in (Role.CUSTOMER, Role.WORKER, Role.COACH):
        world.strangers[role.value] = builders.user(role)
    owner, other = builders.customer(), builders.customer()
    builders.contact(owner, user=world.people[CUSTOMER])
    builders.contact(other, user=world.strangers[CUSTOMER])
    worker = builders.worker(user=world.people[WORKER], coach=world.people[COACH])
    builders.worker(user=world.strangers[WORKER], coach=world.strangers[COACH])
    order = builders.order(customer=owner)
    assignment = Assignment.objects.create(
        order=order,
        worker=worker,
        status="accepted",
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        created_at=NOW,
    )
    entry = HourEntry.objects.create(
        assignment=assignment,
        works_on=order.works_on,
        started_at=order.starts_at,
        ended_at=order.ends_at,
        work_min=240,
        engagement_kind="employment",
        status="submitted",
        created_at=NOW,
    )
    invoice = Invoice.objects.create(customer=owner, created_at=NOW)
    InvoiceLine.objects.create(
        invoice=invoice,
        position=1,
        order=order,
        performed_on=order.works_on,
        text="Siivous",
        quantity=4,
        unit_net=32,
        net=128,
        vat_pct="25.5",
    )
    Invoice.objects.filter(pk=invoice.pk).update(net=128, vat="32.64", gross="160.64")
    invoice = services.issue_invoice(invoice, by=None, now=NOW)
    world.rows = {
        "customer": owner,
        "site": order.site,
        "order": order,
        "assignment": assignment,
        "worker": worker,
        "entry": entry,
        "invoice": invoice,
        "plan": Plan.objects.create(
            first_on=NOW.date() + timedelta(days=3), last_on=NOW.date() + timedelta(days=3),
            week_on=NOW.date(), seconds=5, state="ready", created_at=NOW, beat_at=NOW,
        ),
        "payroll": PayrollBatch.objects.create(
            number=1, first_on=order.works_on, last_on=order.works_on, minutes=0, rows_count=0,
            content_hash="x", created_at=NOW,
        ),
        "subsidy": SubsidyDecision.objects.create(
            engagement=worker.engagements.get(), funder="X", decision_no="1", percent=50,
            starts_on=order.works_on, ends_on=order.works_on,
        ),
        **money_rows(invoice, world.people[FINANCE]),
        "paper": paper_given(owner, world.people[FINANCE]),
        "batch": ImportBatch.objects.create(
            kind="sites", file_name="x.csv", content=b"Y-tunnus;Osoite;Postinumero\n",
            created_by=world.people[DISPATCHER], created_at=NOW,
        ),
        "absence": Absence.objects.create(
            worker=worker, starts_at=NOW + timedelta(days=9), ends_at=NOW + timedelta(days=10),
            created_at=NOW,
        ),
        "exception": AvailabilityException.objects.create(
            worker=worker, on=NOW.date() + timedelta(days=20), available=False
        ),
    }  # fmt: skip
    PayrollFile.objects.create(
        batch=world.rows["payroll"],
        format="neutral",
        name="x.csv",
        content=b"",
        content_hash=sha256(b"").hexdigest(),
    )
    return world


def money_rows(invoice: Invoice, by: User) -> dict[str, Any]:
    file = BankFile.objects.create(
        file_name="x.csv",
        format="csv",
        content=b"Pvm;Summa\n",
        content_hash="x",
        created_by=by,
        created_at=NOW,
    )
    entry = BankEntry.objects.create(
        key="x", bank_file=file, booked_on=NOW.date(), amount=1, created_at=NOW
    )
    payment = Payment.objects.create(
        kind="manual", invoice=invoice, amount=1, paid_on=NOW.date(), created_at=NOW
    )
    reminder = Reminder.objects.create(
        invoice=invoice, serial=1, made_on=NOW.date(), due_on=NOW.date(), principal=1, interest=0,
        compensation=0, fee=0, total=1, content="", content_hash="x", created_at=NOW,
    )  # fmt: skip
    return {"bank_file": file, "bank_entry": entry, "payment": payment, "reminder": reminder}


def paper_given(owner: Customer, by: User) -> LiabilityPaper:
    paper = LiabilityPaper.objects.create(
        kind="taxes",
        issued_on=NOW.date(),
        expires_on=NOW.date(),
        file_name="x.pdf",
        content=b"%PDF-",
        added_at=NOW,
        added_by=by,
    )
    pack = LiabilityPack.objects.create(customer=owner, given_at=NOW, good_until=NOW.date())
    pack.papers.add(paper)
    return paper


NOUNS = (
    ("orders:customer-", "customer"), ("orders:site-", "site"), ("orders:import-", "batch"),
    ("orders:reorder", "order"), ("dispatch:order-", "order"), ("dispatch:assign", "order"),
    ("dispatch:assignment-", "assignment"), ("dispatch:my-availability", "exception"),
    ("dispatch:my-", "assignment"), ("dispatch:worker-", "worker"),
    ("dispatch:absence-", "worker"), ("dispatch:plan-", "plan"), ("billing:order-", "order"),
    ("billing:hour-log-customer", "customer"), ("billing:hour-log-worker", "worker"),
    ("billing:customer-hour-log", "customer"), ("billing:worker-hour-log", "worker"),
    ("billing:hours-", "entry"),
    ("billing:register-", "worker"), ("billing:pay-", "payroll"), ("billing:subsidy-", "subsidy"),
    ("billing:liability-give", "customer"), ("billing:liability-paper", "paper"),
    ("billing:invoice-wish", "customer"), ("billing:payment-file", "bank_file"),
    ("billing:payment-entry", "bank_entry"), ("billing:payment-back", "payment"),
    ("billing:reminder-pdf", "reminder"), ("billing:reminder-web", "reminder"),
    ("billing:my-", "entry"), ("billing:invoice-", "invoice"),
    ("billing:customer-invoice", "invoice"), ("billing:", "invoice"),
)  # fmt: skip


def address(name: str, entry: URLPattern, world: World, ending: str = "pdf") -> str:
    noun = max((n for n in NOUNS if name.startswith(n[0])), key=lambda n: len(n[0]), default=None)
    row = world.rows[noun[1]] if noun else None
    kwargs: dict[str, Any] = {}
    for key in entry.pattern.converters:
        match key:
            case "ref":
                assert row is not None, f"{name}: what does its ref mean?"
                kwargs[key] = row.ref
            case "pk":
                kwargs[key] = world.rows["absence" if "absence-" in name else "exception"].pk
            case "token":
                kwargs[key] = (
                    signing.dumps("x")
                    if name == "sign_in_link_use"
                    else order_token(world.rows["order"])
                )
            case "kind":
                kwargs[key] = "customers"
            case "name":
                kwargs[key] = "journal"
            case "year":
                kwargs[key] = 2026
            case "month":
                kwargs[key] = 11
            case "on" | "day":
                kwargs[key] = NOW.date().isoformat()
            case "format" | "kind_of_file":
                kwargs[key] = ending
            case _:
                raise AssertionError(f"{name}: no value for {key}")
    return reverse(name, kwargs=kwargs)


def ask(user: User | None, method: str, url: str) -> int:
    """Status of one request whose writes are taken back."""
    client = Client()
    if user:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    with transaction.atomic():
        answer = getattr(client, method)(url)
        transaction.set_rollback(True)
    return int(answer.status_code)


def expected(
    name: str, allowed: set[str] | str, world: World, *, has_owner: bool
) -> Iterator[tuple[str, User | None, str]]:
    """Who asks, and what they must get: in, sign in, forbidden or not found."""
    open_to_all = allowed == ANYONE
    yield "anonymous", None, "in" if open_to_all else "sign in"
    for role, user in world.people.items():
        may = open_to_all or role in allowed
        theirs = OWN_ROW.get(name, role) == role
        yield role, user, "forbidden" if not may else "in" if theirs else "not found"
    for role, user in world.strangers.items():
        if has_owner and not open_to_all and role in allowed:
            yield f"other {role}", user, "not found"


def fits(name: str, status: int, wanted: str) -> bool:
    """Whether a status is what was wanted; 405 gives nothing away."""
    if wanted == "sign in":
        return status == 302
    if wanted == "forbidden":
        return status in {403, 405}
    if wanted == "not found":
        return status in {404, 405}
    gone = status in {404, 410} and name in GONE_LINKS
    return gone or status in {200, 204, 302, 303, 400, 405, 409, 422, 503}


def leaks(world: World) -> tuple[list[str], int]:
    """What the matrix finds wrong, and how many requests it made."""
    found: list[str] = []
    count = 0
    for name, entry in own_urls().items():
        allowed = TABLE.get(name)
        if allowed is None:
            continue
        has_owner = "ref" in entry.pattern.converters
        # Hours and registers are files or, with "html", web pages: the same rows hold for both.
        endings = ("pdf", "html") if "format" in entry.pattern.converters else ("pdf",)
        for ending, method in product(endings, ("get", "post")):
            url = address(name, entry, world, ending)
            for who, user, wanted in expected(name, allowed, world, has_owner=has_owner):
                count += 1
                status = ask(user, method, url)
                if not fits(name, status, wanted):
                    found.append(f"{name} {method} as {who}: {status}, expected {wanted}")
    return found, count


# A wrong sign-in link is gone and an estimate without a draft is nothing, for everybody.
GONE_LINKS = {"sign_in_link_use", "dispatch:order-estimate"}
# An upload is seen by the one who sent it only: here the dispatcher.
OWN_ROW = {"orders:import-preview": DISPATCHER, "orders:import-apply": DISPATCHER}


def test_every_url_has_a_row_and_every_row_a_url() -> None:
    urls = set(own_urls())
    assert sorted(urls - set(TABLE)) == [], "add these to TABLE"
    assert sorted(set(TABLE) - urls) == [], "these rows have no URL any more"


@pytest.mark.django_db
def test_every_url_role_and_owner_no_leak() -> None:
    """Guarantee 5."""
    found, count = leaks(build())
    assert found == [], "\n".join(found)
    assert count > 1_500


@pytest.mark.django_db
def test_planted_missing_role_check_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = own_urls()["dispatch:worker-list"]
    monkeypatch.setattr(entry, "callback", entry.callback.__wrapped__)
    monkeypatch.setattr(f"{__name__}.own_urls", lambda: {"dispatch:worker-list": entry})
    found, _count = leaks(build())
    assert "dispatch:worker-list get as customer: 200, expected forbidden" in found


@pytest.mark.django_db
def test_planted_missing_owner_check_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = lambda user: Assignment.objects.select_related(  # noqa: E731 - one-line plant
        "order__site", "order__task_type", "order__customer", "worker"
    )
    monkeypatch.setattr("dispatch.access.assignments_for", everything)
    entry = own_urls()["dispatch:my-gig"]
    monkeypatch.setattr(f"{__name__}.own_urls", lambda: {"dispatch:my-gig": entry})
    found, _count = leaks(build())
    assert any("as other worker" in line for line in found)


@pytest.mark.django_db
def test_settings_site_opens_for_admin_only() -> None:
    for role in Role:
        user = builders.user(role, is_staff=role == Role.ADMIN, is_superuser=role == Role.ADMIN)
        status = ask(user, "get", reverse("admin:index"))
        assert status == (200 if role == Role.ADMIN else 302), role


@pytest.mark.django_db
def test_account_pages_of_the_package_need_sign_in() -> None:
    for name, entry in all_urls():
        if not name.startswith(NOT_FOR_SIGNED_OUT) or entry.pattern.converters:
            continue
        if name == "account_signup":
            continue
        try:
            url = reverse(name)
        except Exception:  # noqa: BLE001, S112 - keyed links of the package
            continue
        status = ask(None, "get", url)
        if name in ALLAUTH_OPEN:
            assert status in {200, 302, 405}, name
        else:
            assert status in {302, 405} or name == "account_email_verification_sent", name


@pytest.mark.django_db
def test_nobody_signs_up_by_themselves() -> None:
    before = User.objects.count()
    Client().post(
        reverse("account_signup"),
        {"email": "x@y.example", "password1": "pitka-salasana-1", "password2": "pitka-salasana-1"},
    )
    assert User.objects.count() == before
