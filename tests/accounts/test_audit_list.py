"""The page of the audit trail: what each filter finds, and that it changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit_trail import subjects
from accounts.audit_trail.subjects import refs_of
from accounts.models import Role
from core import audit
from core.models import AuditEvent
from tests import builders

pytestmark = pytest.mark.django_db
URL = "/audit/"


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(
        builders.user(Role.ADMIN), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    client.cookies["django_language"] = "en"
    return client


def write(verb: str = "order.placed", at: str = "2026-11-20T12:00", **more: Any) -> AuditEvent:
    fields: dict[str, Any] = {"kind": verb.split(".", maxsplit=1)[0], "ref": "r", "by": None}
    return audit.record(verb, now=datetime.fromisoformat(at).replace(tzinfo=UTC), **(fields | more))


def found(office: Client, **query: str) -> list[int]:
    answer = office.get(URL, query)
    assert answer.status_code == 200
    return [line.event.pk for line in answer.context["page"]]


def test_the_newest_stand_first_with_their_changes(office: Client) -> None:
    old = write(at="2026-11-01T12:00", before={"status": "placed"}, after={"status": "<b>"})
    new = write("invoice.paid", after={"amount": "1.00"}, reason="Käteinen")
    assert found(office) == [new.pk, old.pk]
    page = office.get(URL).content.decode()
    assert "status: placed → &lt;b&gt;" in page
    assert "Käteinen" in page
    assert reverse("audit-list") == URL


def test_no_owner_is_asked_for_more_than_a_statement_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """32,766 values are the limit of a plain build of SQLite; a file tells of more."""
    asked: list[int] = []

    class Owner:
        def refs_of(self, text: str) -> set[str]:
            return set()

        def subjects_of(self, refs: Collection[str]) -> dict[str, subjects.Subject]:
            asked.append(len(refs))
            return {ref: subjects.Subject(ref, "/") for ref in refs}

    monkeypatch.setattr(subjects, "_owners", [Owner()])
    known = subjects.subjects_of({str(n) for n in range(50_000)})
    assert len(known) == 50_000
    assert max(asked) < 32_766


@pytest.mark.engine
def test_deed_of_somebody_with_a_long_name_is_written() -> None:
    by = builders.user(Role.ADMIN)
    by.name = "Maria-Magdalena " * 7
    assert write(by=by).actor_label == by.name[:60]


def test_by_kind(office: Client) -> None:
    write()
    paid = write("invoice.paid")
    assert found(office, kind="invoice") == [paid.pk]
    assert found(office, kind="nonsense") == found(office)


def test_by_the_number_of_an_order_or_a_reference(office: Client) -> None:
    order, other = builders.order(), builders.order()
    placed = write(ref=order.ref)
    offered = write("assignment.offered", ref="a-1", order_ref=order.ref)
    write(ref=other.ref)
    assert found(office, ref=str(order.number)) == [offered.pk, placed.pk]
    assert found(office, ref=str(order.ref)) == [offered.pk, placed.pk]
    assert found(office, ref=" a-1 ") == [offered.pk]
    for text in ("9" * 30, "٣", "-1", "=1", "%", str(order.number + 10_000)):
        assert found(office, ref=text) == []
    page = office.get(URL, {"ref": order.number}).content.decode()
    assert page.count(f'href="{reverse("dispatch:order-detail", args=[order.ref])}"') == 2
    assert refs_of(str(order.number)) == {str(order.ref)}


def test_by_person_and_by_the_label_of_the_day(office: Client) -> None:
    liisa = builders.user(Role.DISPATCHER, name="Liisa Salo")
    hers = write(by=liisa)
    behalf = write(by=builders.user(Role.COACH, name="Ville Koo"), actor_label="coach on behalf")
    write()
    assert found(office, by="salo LIISA") == [hers.pk]
    assert found(office, by="behalf") == [behalf.pk]
    page = office.get(URL).content.decode()
    assert "Ville Koo (coach on behalf)" in page


def test_days_are_those_of_helsinki_and_both_belong_to_it(office: Client) -> None:
    before = write(at="2026-11-19T21:59")  # 23.59 in Helsinki
    first = write(at="2026-11-19T22:00")
    last = write(at="2026-11-20T21:59")
    after = write(at="2026-11-20T22:00")
    assert found(office, first="2026-11-20", last="2026-11-20") == [last.pk, first.pk]
    assert found(office, last="2026-11-19") == [before.pk]
    assert found(office, first="2026-11-21") == [after.pk]


@pytest.mark.parametrize("text", ["x", "2026-02-30", "9999-12-31", "0001-01-01", "26.11.2026", " "])
def test_a_day_that_is_none_asks_for_nothing(office: Client, text: str) -> None:
    row = write()
    assert found(office, first=text, last=text) == [row.pk]


def test_nothing_found_says_so(office: Client) -> None:
    assert "No events here." in office.get(URL, {"ref": "zzz"}).content.decode()


def test_the_page_takes_no_form(office: Client) -> None:
    row = write()
    assert office.post(URL, {"verb": "x"}).status_code == 405
    assert AuditEvent.objects.get().pk == row.pk


def test_menu_of_the_administrator_leads_there(office: Client) -> None:
    assert f'href="{URL}" aria-current="page"' in office.get(URL).content.decode()
