"""The hours page beyond the groups: ticks, holding back, and the way to a worker's hour log."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from billing.hours import groups
from billing.hours import services as hours
from billing.hours import views as hour_views
from billing.models import HourEntry
from tests import builders
from tests.billing import world
from tests.billing.pages import as_, text_of
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
    """Pay needs everybody's hours, and finance has no pages of workers."""
    entry = world.approved()
    worker = entry.assignment.worker
    client = as_(Role.FINANCE)
    asked = {"worker": worker.last_name, "month": "2026-11", "format": "csv"}
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
    from tests.billing.pages import signed_in

    assert signed_in(coach).get(url).content.startswith(b"%PDF")
    assert as_(Role.COACH).get(url).status_code == 404
    assert as_(Role.MANAGER).get(url).status_code == 403


def test_hours_of_the_next_page_are_one_link_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page has fifty entries; what is approved is what was on the screen."""
    monkeypatch.setattr(hour_views, "PAGE_SIZE", 1)
    first, second = world.done(), world.done()
    client = as_(Role.DISPATCHER)
    page = text_of(client.get(reverse("billing:hours")))
    assert ticked(page) == [str(first.ref)]
    assert "1 more waits after these" in page
    assert 'href="?page=2"' in page
    assert ticked(text_of(client.get(reverse("billing:hours"), {"page": 2}))) == [str(second.ref)]


def seen_of(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9,-]+)"', page)
    assert found
    return found[1]


def test_all_pages_are_approved_at_once_as_they_were_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One press approves all that is as planned; what was corrected or came later still waits."""
    monkeypatch.setattr(hour_views, "PAGE_SIZE", 1)
    rows = [world.done() for _ in range(4)]
    longer = world.done(extra_min=60)
    client = as_(Role.DISPATCHER)
    page = text_of(client.get(reverse("billing:hours")))
    assert "Approve all 4 as planned" in page
    changed = hours.correct_hours(
        rows[0],
        started_at=rows[0].started_at,
        ended_at=rows[0].ended_at + timedelta(hours=2),
        break_min=0,
        by=None,
        now=BILLING,
        note="Jäi pidempään",
    )
    later = world.done()
    answer = client.post(reverse("billing:hours-approve"), {"seen": seen_of(page)}, follow=True)
    assert "3 entries approved." in text_of(answer)
    assert "1 had changed meanwhile and still waits." in text_of(answer)
    status = dict(HourEntry.objects.values_list("pk", "status"))
    assert {status[e.pk] for e in rows[1:]} == {"approved"}
    assert {status[e.pk] for e in (changed, later, longer)} == {"submitted"}


def test_seen_hours_of_others_are_not_approved() -> None:
    """The form names keys; only what its sender may see counts."""
    entry = world.done()
    client = as_(Role.FINANCE)
    for text in ("", "x", f"{entry.pk + 1}-{entry.pk + 9}", "9-1", "-"):
        assert client.post(reverse("billing:hours-approve"), {"seen": text}).status_code == 302
    assert HourEntry.objects.get(pk=entry.pk).status == "submitted"
    assert as_(Role.WORKER).post(
        reverse("billing:hours-approve"), {"seen": str(entry.pk)}
    ).status_code in (403, 404)
    assert HourEntry.objects.get(pk=entry.pk).status == "submitted"


@given(st.sets(st.integers(1, 400), max_size=300))
def test_packed_keys_come_back(keys: set[int]) -> None:
    assert groups.unpacked(groups.packed(keys)) == sorted(keys)


def test_unpacking_a_huge_range_ends_at_the_most() -> None:
    assert len(groups.unpacked("1-999999999,1-5")) == groups.MOST_AT_ONCE


def test_approval_beside_somebody_else_takes_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two press at once: nobody is refused for a row that the other took."""
    first, second = world.done(), world.done()
    hours.approve_hours([HourEntry.objects.get(pk=first.pk)], by=None, now=BILLING, as_="finance")
    done = hours.approve_hours([first, second], by=None, now=BILLING, as_="dispatcher")
    assert done == [second]


def test_several_people_of_a_name_are_offered_to_choose_from() -> None:
    """With 3,000 workers one types a name or a number, and never gets a list of everybody."""
    builders.organisation()
    anna, other = (builders.worker(first_name="Anna", last_name=n) for n in ("Aalto", "Berg"))
    client, url = as_(Role.FINANCE), reverse("billing:hours")
    asked = {"month": "2026-11", "format": "html"}
    page = text_of(client.get(url, {**asked, "worker": "anna"}))
    for worker in (anna, other):
        assert reverse("billing:hour-log-worker", args=[worker.ref, 2026, 11, "html"]) in page
    assert 'value="anna"' in page
    for text in ("anna berg", "Berg", other.worker_no):
        answer = client.get(url, {**asked, "worker": text})
        assert answer.headers["Location"].endswith(
            reverse("billing:hour-log-worker", args=[other.ref, 2026, 11, "html"])
        )
    assert "No worker found by “Zzz”" in text_of(client.get(url, {**asked, "worker": "Zzz"}))
    plain = text_of(client.get(url))
    assert str(anna.ref) not in plain
