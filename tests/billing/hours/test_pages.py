"""Hours from the page to the approval: who sees what, and what each button does."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Role
from billing.models import HourEntry
from tests import builders
from tests.billing import world
from tests.billing.pages import as_, signed_in, text_of
from tests.billing.world import BILLING

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _december(time_machine: Any) -> None:
    time_machine.move_to(BILLING, tick=False)


def test_hours_page_groups_and_approves_all_as_planned_in_one_click() -> None:
    """One click for what is as planned; the rest waits."""
    planned, longer = world.done(), world.done(extra_min=30)
    short = world.done(extra_min=-60)
    client = as_(Role.FINANCE)
    page = text_of(client.get(reverse("billing:hours")))
    for words in ("As planned", "Longer than planned", "Shorter than planned", "+0.5 h", "−1 h"):
        assert words in page
    of_the_form = re.findall(r'name="entry" value="([^"]+)" checked form="planned-form"', page)
    assert of_the_form == [str(planned.ref)]
    client.post(reverse("billing:hours-approve"), {"entry": [str(planned.ref)]})
    states = [HourEntry.objects.get(pk=e.pk).status for e in (planned, longer, short)]
    assert states == ["approved", "submitted", "submitted"]


def test_hours_page_open_hours_block_and_link_to_check_out() -> None:
    row = world.placed(world.order())
    world.check_in(row)
    page = text_of(as_(Role.DISPATCHER).get(reverse("billing:hours")))
    assert "Still at work" in page
    assert reverse("dispatch:order-detail", args=[row.order.ref]) in page


def test_hours_correct_and_approve_in_one_save() -> None:
    entry = world.done()
    client = as_(Role.DISPATCHER)
    url = reverse("billing:hours-correct", args=[entry.ref])
    assert client.get(url).status_code == 200
    data = {"works_on": "2026-11-26", "started": "9.00", "ended": "12.30", "break_min": "0",
            "note": "Avain", "approve": "1"}  # fmt: skip
    assert client.post(url, data).status_code == 302
    new = HourEntry.objects.get(corrects=entry)
    assert (new.status, new.work_min) == ("approved", 210)


def test_hours_correct_past_midnight_ends_the_next_day() -> None:
    """A night shift ends on the next date."""
    entry = world.done()
    data = {
        "works_on": "2026-11-26",
        "started": "20",
        "ended": "1.30",
        "break_min": "0",
        "note": "Yötyö",
    }
    as_(Role.FINANCE).post(reverse("billing:hours-correct", args=[entry.ref]), data)
    assert HourEntry.objects.get(corrects=entry).work_min == 330


def test_hours_correct_mistakes_are_shown_and_kept() -> None:
    entry = world.done()
    url = reverse("billing:hours-correct", args=[entry.ref])
    answer = as_(Role.FINANCE).post(url, {"started": "25.99", "ended": "12", "note": "Avain"})
    assert answer.status_code == 422
    assert "Enter the time, for example 9.00." in text_of(answer)
    assert "25.99" in text_of(answer)


def test_hours_dispute_is_answered_by_the_office() -> None:
    entry = world.done()
    url = reverse("billing:hours-dispute", args=[entry.ref])
    client = as_(Role.DISPATCHER)
    client.post(url, {"note": "Tarkistetaan"})
    entry.refresh_from_db()
    assert entry.status == "disputed"
    client.post(url, {"note": "Oikein on"})
    entry.refresh_from_db()
    assert (entry.status, entry.note) == ("submitted", "Oikein on")


def test_my_hours_shows_own_hours_and_never_money() -> None:
    user = builders.user(Role.WORKER)
    world.approved(
        world.order(on=BILLING.date() - timedelta(days=5)), worker=builders.worker(user=user)
    )
    other = world.approved()
    page = text_of(signed_in(user).get(reverse("billing:my-hours") + "?month=2026-11"))
    assert "4 h" in page
    assert "€" not in page
    assert other.assignment.order.site.street in page  # same address, own row only once
    assert page.count("Cleaning,") == 1
