"""The hours page beyond the groups: ticks, holding back, and the way to a worker's hour log."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Role
from billing import hour_groups
from billing.models import HourEntry
from tests import builders
from tests.billing import world
from tests.billing.test_views import as_, text_of
from tests.billing.world import BILLING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _december(time_machine: Any) -> None:
    time_machine.move_to(BILLING, tick=False)


def ticked(page: str) -> list[str]:
    return re.findall(r'name="entry" value="([0-9a-f-]{36})" checked', page)


def test_planned_hours_are_ticked_and_one_can_be_left_out() -> None:
    """One click approves all; who takes a tick off approves the others."""
    first, second = world.done(), world.done()
    client = as_(Role.DISPATCHER)
    page = text_of(client.get(reverse("billing:hours")))
    assert sorted(ticked(page)) == sorted([str(first.ref), str(second.ref)])
    assert 'form="planned-form"' in page
    client.post(reverse("billing:hours-approve"), {"entry": [str(first.ref)]})
    assert [HourEntry.objects.get(pk=e.pk).status for e in (first, second)] == [
        "approved",
        "submitted",
    ]


def test_approve_of_changed_or_foreign_refs_approves_nothing_else() -> None:
    entry = world.done()
    client = as_(Role.FINANCE)
    for refs in ([], ["nonsense"], ["00000000-0000-4000-8000-000000000000"]):
        client.post(reverse("billing:hours-approve"), {"entry": refs})
        assert HourEntry.objects.get(pk=entry.pk).status == "submitted"


def test_hold_back_needs_a_reason_and_leaves_the_planned_group() -> None:
    entry = world.done()
    client = as_(Role.FINANCE)
    url = reverse("billing:hours-dispute", args=[entry.ref])
    assert url in text_of(client.get(reverse("billing:hours-correct", args=[entry.ref])))
    assert client.post(url, {"note": " "}).status_code == 422
    assert client.post(url, {"note": "Asiakas soitti"}).status_code == 302
    page = text_of(client.get(reverse("billing:hours")))
    assert "Asiakas soitti" in page
    assert ticked(page) == []


def test_finance_finds_the_hour_log_of_any_worker() -> None:
    """P13: pay needs everybody's hours, and finance has no pages of workers."""
    entry = world.approved()
    worker = entry.assignment.worker
    client = as_(Role.FINANCE)
    assert str(worker.ref) in text_of(client.get(reverse("billing:hours")))
    asked = {"worker": str(worker.ref), "month": "2026-11", "format": "csv"}
    answer = client.get(reverse("billing:hours"), asked, follow=True)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert worker.last_name in answer.content.decode("utf-8-sig")


@pytest.mark.parametrize(("month", "worker"), [("2026-13", "x"), ("", ""), ("2026-11", "nobody")])
def test_hour_log_form_with_nonsense_shows_the_page(month: str, worker: str) -> None:
    builders.worker()
    asked = {"worker": worker, "month": month}
    assert as_(Role.FINANCE).get(reverse("billing:hours"), asked).status_code == 200


def test_coach_reads_the_log_of_an_own_worker_only() -> None:
    entry = world.approved()
    coach = builders.user(Role.COACH)
    worker = entry.assignment.worker
    worker.coach = coach
    worker.save(update_fields=["coach"])
    url = reverse("billing:hour-log-worker", args=[worker.ref, 2026, 11, "pdf"])
    from tests.billing.test_views import signed_in

    assert signed_in(coach).get(url).content.startswith(b"%PDF")
    assert as_(Role.COACH).get(url).status_code == 404
    assert as_(Role.MANAGER).get(url).status_code == 403


def test_hours_of_the_next_page_are_one_link_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """P4: fifty entries a page; what is approved is what was on the screen."""
    monkeypatch.setattr(hour_groups, "PAGE_SIZE", 1)
    first, second = world.done(), world.done()
    client = as_(Role.DISPATCHER)
    page = text_of(client.get(reverse("billing:hours")))
    assert ticked(page) == [str(first.ref)]
    assert "1 more waits after these" in page
    assert 'href="?page=2"' in page
    assert ticked(text_of(client.get(reverse("billing:hours"), {"page": 2}))) == [str(second.ref)]
