"""Every page of the job: axe finds nothing, no sideways scroll, nothing from outside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from accounts.models import Role, User
from billing.demo.build import Demo
from billing.models import Invoice
from dispatch.models import Assignment
from orders.models import Customer, WorkOrder
from orders.ordering.links import order_token
from workers.models import Worker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
VIEWS = ((1280, "light"), (1280, "dark"), (320, "dark"), (320, "light"))
# Only what is wrong is told at length: the rest is a long answer that nobody reads.
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}


def problems_of(page: Page, where: str, base: str) -> list[str]:
    """What axe, the width and the log find on the page that is open, in all four views."""
    found: list[str] = []
    axe = Axe()
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 700})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        result = axe.run(page, options=OPTIONS)
        found += [
            f"{where} {width} {scheme}: {v['id']} {v['nodes'][0]['html'][:160]}"
            for v in result.response["violations"]
        ]
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            found.append(f"{where} {width}: {wide} px too wide")
    return found


@pytest.fixture
def demo(live_server: Any) -> str:
    demo = Demo(now=datetime.now(tz=UTC), seed=3, workers=14, customers=8, orders=90, days=84)
    demo.build()
    demo.invoices()
    return str(live_server.url)


def signed_in_page(browser: Browser, base: str, role: str | None) -> Page:
    context = browser.new_context()
    page = context.new_page()
    if role:
        client = Client()
        client.force_login(
            User.objects.filter(role=role).earliest("pk"),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": base}])
    return page


def job_pages() -> list[tuple[str | None, str]]:
    placed = WorkOrder.objects.filter(status="placed").order_by("starts_at").first()
    done = WorkOrder.objects.filter(status__in=("closed", "done")).order_by("-starts_at").first()
    waiting = Assignment.objects.filter(status="accepted").order_by("starts_at").first()
    mine = Assignment.objects.filter(worker__user__isnull=False).order_by("-starts_at").first()
    own = WorkOrder.objects.filter(customer__contacts__user__isnull=False).first()
    issued = Invoice.objects.filter(number__isnull=False).first()
    worker, customer = Worker.objects.first(), Customer.objects.first()
    for row in (placed, done, waiting, mine, own, issued, worker, customer):
        assert row is not None
    d, w, c = Role.DISPATCHER.value, Role.WORKER.value, Role.CUSTOMER.value
    f, m = Role.FINANCE.value, Role.MANAGER.value
    return [
        (None, reverse("orders:home")),
        (None, reverse("orders:order-new")),
        (None, reverse("accessibility")),
        (None, reverse("account_login")),
        (None, reverse("sign_in_link")),
        (None, reverse("billing:order-page-link", args=[order_token(done)])),
        (None, reverse("billing:order-page-link", args=[order_token(waiting.order)])),
        (None, reverse("billing:order-page-link", args=[order_token(placed)])),
        (c, reverse("orders:my-orders")),
        (c, reverse("orders:my-sites")),
        (c, reverse("billing:order-page", args=[own.ref])),
        (c, reverse("billing:customer-invoices")),
        (d, reverse("dispatch:today")),
        (d, reverse("dispatch:day") + f"?order={placed.ref}&on={placed.works_on}"),
        (d, reverse("dispatch:week") + f"?on={placed.works_on}"),
        (d, reverse("dispatch:worker-day", args=[worker.ref]) + f"?on={placed.works_on}"),
        (d, reverse("dispatch:order-list")),
        (d, reverse("dispatch:order-detail", args=[placed.ref])),
        (d, reverse("dispatch:order-new")),
        (d, reverse("dispatch:worker-list")),
        (d, reverse("dispatch:worker-detail", args=[worker.ref])),
        (d, reverse("dispatch:worker-edit", args=[worker.ref])),
        (d, reverse("orders:customer-list")),
        (d, reverse("orders:customer-detail", args=[customer.ref])),
        (d, reverse("orders:import-new")),
        (d, reverse("billing:hours")),
        (w, reverse("dispatch:my-home")),
        (w, reverse("dispatch:my-gig", args=[mine.ref])),
        (w, reverse("dispatch:my-availability")),
        (w, reverse("dispatch:my-profile")),
        (w, reverse("billing:my-hours")),
        (Role.COACH.value, reverse("dispatch:coach-home")),
        (f, reverse("billing:invoice-ready")),
        (f, reverse("billing:invoice-detail", args=[issued.ref])),
        (m, reverse("reports:manager-home")),
        (Role.ADMIN.value, reverse("audit-list")),
    ]


def test_axe_finds_nothing_on_every_page_of_the_job(demo: str, browser: Browser) -> None:
    found: list[str] = []
    pages: dict[str | None, Page] = {}
    outside: list[str] = []
    errors: list[str] = []
    for role, path in job_pages():
        if role not in pages:
            page = pages[role] = signed_in_page(browser, demo, role)
            page.on(
                "request",
                lambda r: None if r.url.startswith((demo, "data:")) else outside.append(r.url),
            )
            page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page = pages[role]
        answer = page.goto(demo + path)
        if answer is None or answer.status != 200:
            found.append(f"{path}: {answer and answer.status}")
            continue
        found += problems_of(page, path, demo)
    assert found == []
    assert outside == []
    assert errors == []


def test_axe_sees_a_planted_fault(live_server: Any, browser: Browser) -> None:
    page = signed_in_page(browser, live_server.url, None)
    page.goto(live_server.url + reverse("account_login"))
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img>')")
    # By a property: the policy refuses style attributes.
    paint = "Object.assign(document.querySelector('h1').style, {color: '#777', background: '#666'})"
    page.evaluate(paint)
    found = problems_of(page, "planted", live_server.url)
    assert any("image-alt" in p for p in found)
    for width, scheme in VIEWS:
        assert any(f"{width} {scheme}: color-contrast" in p for p in found), (width, scheme)
