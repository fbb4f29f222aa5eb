"""Whatever is typed into a form or an address, the answer is a page and never an error.

A crawler of each role follows the links of the demo, one or two pages of each address pattern,
and sends every form that it finds with one wild text in one field at a time. What was sent is
taken back, so each form is met as the demo left it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import lxml.html
import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from accounts.models import Role, User
from dispatch.office.workers.forms import OfferedField
from orders.models import WorkOrder
from orders.ordering.links import order_token
from tests import builders
from tests.worlds import made_once

pytestmark = pytest.mark.engine

# Every one of these was once an error page, or breaks PostgreSQL when it comes that far.
WILD = ("9999-12-31", "\x00", "²", "99999999999999999999", "NaN", "x" * 5000)
# Names that many pages read, whether a link of theirs says so or not.
READ = ("q", "page", "on", "month")
FEW = 3
LEFT_OUT = ("/admin", "/account/", "/static", "/media")
# A second page of a pattern may be in another state, with other forms.
MOST_PAGES = 2
# What one role sent and could send is not sent again by the next: the code behind it is the same.
ANSWERED: set[tuple[str, str, str]] = set()


def _pattern(path: str) -> str:
    try:
        return resolve(path).route
    except Resolver404:
        return path


class Crawl:
    """What one role meets."""

    def __init__(self, client: Client, wild: tuple[str, ...] = WILD) -> None:
        self.client = client
        self.wild = wild
        self.met: Counter[str] = Counter()
        self.asked = 0
        self.faults: list[str] = []

    def run(self, start: str, *, until: Callable[[], bool] = lambda: False) -> None:
        waiting, known = deque([start]), {start}
        while waiting and not until():
            url = waiting.popleft()
            pattern = _pattern(urlsplit(url).path)
            if self.met[pattern] >= MOST_PAGES:
                continue
            self.met[pattern] += 1
            answer = self._ask("get", url, {})
            if answer is None or "text/html" not in answer.headers.get("Content-Type", ""):
                continue
            if answer.status_code in {301, 302}:
                links = [answer.headers["Location"]]
            elif not answer.content.strip():
                continue
            else:
                page = lxml.html.fromstring(answer.content)
                self._address(url)
                for form in page.forms:
                    self._form(url, form)
                links = [str(a) for a in page.xpath("//a/@href")]
            for link in links:
                parts = urlsplit(urljoin(url, link))
                # Some links open a panel of the page: the query is a part of where they lead.
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                inside = parts.netloc in {"", "testserver"} and parts.scheme in {"", "http"}
                if inside and target not in known and not target.startswith(LEFT_OUT):
                    known.add(target)
                    waiting.append(target)

    def _ask(self, method: str, url: str, data: Any) -> Any:
        self.asked += 1
        try:
            with transaction.atomic():
                answer = getattr(self.client, method)(url, data)
                if answer.streaming:
                    b"".join(answer.streaming_content)
                if method == "post":
                    transaction.set_rollback(True)
        except Exception as error:  # noqa: BLE001 - each is a finding, and all are wanted
            shown = {k: v[:20] for k, v in data.items() if v in self.wild} or data
            self.faults.append(f"{method} {url} {shown}: {type(error).__name__} {error}"[:300])
            return None
        if answer.status_code >= 500:
            self.faults.append(f"{method} {url} {data}: {answer.status_code}"[:300])
        return answer

    def _once(self, method: str, path: str, name: str, wild: str, data: Any) -> None:
        key = (f"{method} {_pattern(path)}", name, wild)
        if key in ANSWERED:
            return
        answer = self._ask(method, path, data)
        if answer is not None and answer.status_code not in {403, 404}:
            ANSWERED.add(key)

    def _address(self, url: str) -> None:
        """The query of an address with wild texts, one at a time."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        for name in {*query, *READ}:
            for wild in self.wild if name in query else self.wild[:FEW]:
                self._once("get", parts.path, name, wild, {**query, name: wild})

    def _form(self, url: str, form: Any) -> None:
        target = urlsplit(urljoin(url, form.action or url))
        if target.path.startswith(LEFT_OUT) or target.netloc not in {"", "testserver"}:
            return
        # A dialog is closed by the browser and never sent.
        if (method := form.method.lower()) not in {"get", "post"}:
            return
        usual = {k: v for k, v in form.form_values() if k != "csrfmiddlewaretoken"}
        names = {i.name for i in form.inputs if i.name} - {"csrfmiddlewaretoken"}
        for name, wild in self._values(names):
            self._once(method, target.path, name, wild, {**usual, name: wild} if name else usual)

    def _values(self, names: set[str]) -> Iterator[tuple[str, str]]:
        yield "", ""
        for name in sorted(names):
            for wild in self.wild:
                yield name, wild


def _demo() -> None:
    call_command("demo_data", "--workers", "8", "--customers", "4", "--orders", "60", verbosity=0)


demo = made_once(_demo)


def _signed_in(client: Client, role: Role) -> Client:
    person = User.objects.filter(role=role).earliest("pk")
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client


# The office first: it meets most, and the others send only what is left.
@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(Role, key=lambda r: r != Role.DISPATCHER))
def test_nothing_typed_breaks_a_page(role: Role, client: Client, demo: None) -> None:
    crawl = Crawl(_signed_in(client, role))
    crawl.run("/")
    assert crawl.faults == []
    assert len(crawl.met) > 5
    assert crawl.asked > len(crawl.met)


@pytest.mark.django_db
def test_nothing_typed_breaks_the_pages_of_anybody(client: Client, demo: None) -> None:
    order = WorkOrder.objects.filter(status="done").earliest("pk")
    crawl = Crawl(client)
    crawl.run("/")
    crawl.run(reverse("billing:order-page-link", args=[order_token(order)]))
    assert crawl.faults == []


@pytest.mark.django_db
def test_page_that_trusts_what_is_typed_is_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: a date is taken as it is written, a choice without a look."""
    builders.organisation()
    builders.worker(skills=("cleaning",))
    builders.user(Role.DISPATCHER)
    monkeypatch.setattr("dispatch.board.views.typed_date", lambda on: on and date.fromisoformat(on))
    monkeypatch.setattr(OfferedField, "clean", lambda self, value: [int(v) for v in value])
    monkeypatch.setattr("tests.test_wild_forms.ANSWERED", set())
    crawl = Crawl(_signed_in(client, Role.DISPATCHER), ("9999-12-31", "²"))
    wanted = {("get", "/dispatch/day/"), ("post", "/dispatch/workers/new/")}

    def found() -> bool:
        return wanted <= {tuple(f.split(" ")[:2]) for f in crawl.faults}

    crawl.run("/dispatch/day/", until=found)
    assert found(), crawl.faults
