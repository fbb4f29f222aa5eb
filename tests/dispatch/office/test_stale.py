"""Pages that were opened before things changed: no answer says that something was done or kept
when it was not, nobody is sent away or called for nothing, and no message comes too late.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Role, User
from core.models import OutboxMessage
from core.violations import RuleBroken
from dispatch.assignments import services
from dispatch.board.troubles import find_troubles
from dispatch.models import Assignment, Punch
from dispatch.models.lifecycle import AssignmentAction
from orders.models import WorkOrder
from orders.ordering.services import cancel_order, move_order
from tests import builders
from workers.models import Engagement, WeeklyAvailability, Worker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)  # Wednesday 12.00 in Helsinki
GIG = date(2026, 11, 26)


def local(hour: int, minute: int = 0, *, on: date = GIG) -> datetime:
    """Helsinki winter time."""
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC) - timedelta(hours=2)


@pytest.fixture
def office(db: None) -> User:
    builders.organisation()
    return builders.user(Role.DISPATCHER, name="Liisa Salo")


@pytest.fixture
def ville(office: User) -> Worker:
    return builders.worker(
        user=builders.user(Role.WORKER, language="en"), first_name="Ville", email="v@post.example"
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def booked(worker: Worker, by: User, *, offer: bool = False, now: datetime = NOW, **fields: Any):
    return services.assign(builders.order(**fields), [worker.pk], by=by, now=now, offer=offer)[0]


def codes(call: Any) -> list[str]:
    with pytest.raises(RuleBroken) as caught:
        call()
    return [v.code for v in caught.value.violations]


def post(client: Client, moment: datetime, name: str, row: Any, **data: Any) -> str:
    """What the page says after a form was sent at a moment."""
    with time_machine.travel(moment, tick=False):
        url = reverse(name, args=[row.ref])
        answer = client.post(url, {"form_key": uuid4(), **data}, follow=True)
    return answer.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


def mails(kind: str = "", to: str = "v@post.example") -> list[OutboxMessage]:
    rows = OutboxMessage.objects.filter(to=to).order_by("pk")
    return list(rows.filter(kind=kind) if kind else rows)


# --------------------------------------------------------------------------- moved and cancelled


def test_moved_order_tells_the_worker_the_time_that_is_off(ville, office):
    """The message names the gig that they know of, not the new time that they never had."""
    row = booked(ville, office)
    move_order(row.order, date(2026, 11, 30), time(13), by=office, now=NOW)
    (told,) = mails("assignment_withdrawn")
    for text in (told.subject, told.body):
        assert "26 Nov" in text.replace("\u00a0", " ")
        assert "9:00" in text
        assert "30 Nov" not in text.replace("\u00a0", " ")


def test_move_to_the_time_that_it_has_sends_nobody_away(ville, office):
    row = booked(ville, office)
    assert codes(lambda: move_order(row.order, GIG, time(9), by=office, now=NOW)) == [
        "order_same_time"
    ]
    row.refresh_from_db()
    assert row.status == "accepted"
    assert not mails("assignment_withdrawn")


@pytest.mark.parametrize(("role", "code"), [(None, "order_begun"), ("d", "order_begun_office")])
def test_order_that_began_by_the_clock_is_neither_cancelled_nor_moved(ville, office, role, code):
    """Somebody may be at work without a tap: hours of a cancelled gig could never be recorded."""
    row, by, later = booked(ville, office), office if role else None, local(9, 1)
    order = WorkOrder.objects.get(pk=row.order_id)
    assert codes(lambda: cancel_order(order, by=by, now=later)) == [code]
    order = WorkOrder.objects.get(pk=row.order_id)
    moved = lambda: move_order(order, date(2026, 11, 30), time(9), by=by, now=later)  # noqa: E731
    assert codes(moved) == [code]
    order.refresh_from_db()
    row.refresh_from_db()
    assert (order.status, order.works_on, row.status) == ("filled", GIG, "accepted")
    assert not mails("assignment_withdrawn")


def test_order_that_nobody_came_to_is_cancelled_afterwards(ville, office):
    row = booked(ville, office)
    action = AssignmentAction.MARK_NO_SHOW
    services.apply_action(row, action, by=office, now=local(10))
    order = cancel_order(WorkOrder.objects.get(pk=row.order_id), by=office, now=local(10))
    assert order.status == "cancelled"


# --------------------------------------------------------------------------- taps and times


def test_other_time_than_the_noted_one_is_not_thanked_for(ville, office):
    """The office closed the gig at 12.00; the worker's page was still open and says 14.15."""
    row, phone, desk = (
        booked(ville, office, duration_min=240),
        *map(signed_in, (ville.user, office)),
    )
    post(phone, local(9), "dispatch:my-check-in", row)
    post(desk, local(14), "dispatch:assignment-check-out", row, at="12:00")
    page = post(phone, local(14, 30), "dispatch:my-left", row, left="14:15")
    assert "12:00 was noted already. If that is wrong, tell the office." in page
    assert "You left at" not in page
    assert Punch.objects.get(kind="out").at == local(12)
    page = post(phone, local(14, 31), "dispatch:my-left", row, left="12:00")
    assert "Thank you. You left at 12:00." in page


def test_gig_that_went_on_past_midnight_can_be_closed(ville, office):
    WeeklyAvailability.objects.filter(worker=ville).update(starts=time(0), ends=time(23, 59))
    evening = builders.order(at=time(18), duration_min=330)
    row = services.assign(
        evening, [ville.pk], by=office, now=NOW, offer=False, override_reason="agreed"
    )[0]
    phone, desk = signed_in(ville.user), signed_in(office)
    post(phone, local(18), "dispatch:my-check-in", row)
    page = post(phone, local(8, on=date(2026, 11, 27)), "dispatch:my-left", row, left="00:20")
    assert "Thank you. You left at 0:20." in page
    assert Punch.objects.get(kind="out").at == local(0, 20, on=date(2026, 11, 27))
    post(desk, local(8, 5, on=date(2026, 11, 27)), "dispatch:assignment-undo", row)
    post(desk, local(8, 6, on=date(2026, 11, 27)), "dispatch:assignment-check-out", row, at="0.30")
    last = Punch.objects.filter(kind="out").latest("pk")
    assert last.at == local(0, 30, on=date(2026, 11, 27))


def test_undo_pressed_twice_takes_one_tap_back(ville, office):
    row, desk = booked(ville, office), signed_in(office)
    post(desk, local(9), "dispatch:assignment-check-in", row)
    post(desk, local(13), "dispatch:assignment-check-out", row)
    for _press in range(2):
        page = post(desk, local(13, 1), "dispatch:assignment-undo", row, status="completed")
    row.refresh_from_db()
    assert row.status == "on_site"
    assert "It was taken back already." in page


@pytest.mark.parametrize("end", ["withdraw", "complete"])
def test_late_is_told_only_of_a_gig_that_is_still_to_come(ville, office, end):
    row, phone = booked(ville, office), signed_in(ville.user)
    if end == "withdraw":
        services.apply_action(row, AssignmentAction.WITHDRAW, by=office, now=NOW)
    else:
        post(phone, local(9), "dispatch:my-check-in", row)
        post(phone, local(11), "dispatch:my-check-out", row)
    page = post(phone, local(11, 5), "dispatch:my-late", row, minutes="20")
    assert "We know now that you are late" not in page
    assert not OutboxMessage.objects.filter(kind="worker_late").exists()


def test_late_is_not_told_days_before(ville, office):
    row, phone = booked(ville, office), signed_in(ville.user)
    with time_machine.travel(NOW, tick=False):
        home = phone.get(reverse("dispatch:my-home")).content.decode()
    assert reverse("dispatch:my-late", args=[row.ref]) not in home
    post(phone, NOW, "dispatch:my-late", row, minutes="20")
    assert not OutboxMessage.objects.filter(kind="worker_late").exists()
    post(phone, local(7), "dispatch:my-late", row, minutes="20")
    mail = OutboxMessage.objects.get(kind="worker_late")
    assert "26.11." in mail.subject


# --------------------------------------------------------------------------- what was chosen


def choose(row: Assignment, office: User, mode: str) -> str:
    return post(
        signed_in(office), NOW, "dispatch:assign", row.order, worker=str(row.worker.ref), mode=mode
    )


def test_given_directly_after_an_offer_is_given(ville, office):
    row = booked(ville, office, offer=True)
    assert "Ville: placed and told." in choose(row, office, "direct")
    row.refresh_from_db()
    assert (row.status, row.answered_at) == ("accepted", None)
    assert WorkOrder.objects.get(pk=row.order_id).status == "filled"
    assert [m.kind for m in mails()] == ["assignment_offer", "assignment_placed"]


@pytest.mark.parametrize(
    ("mode", "status", "kind"),
    [("offer", "offered", "assignment_offer"), ("direct", "accepted", "assignment_placed")],
)
def test_draft_of_a_plan_that_is_chosen_is_told(ville, office, mode, status, kind):
    order = builders.order()
    (row,) = services.assign(order, [ville.pk], by=office, now=NOW, draft=True)
    assert not mails()
    page = choose(row, office, mode)
    assert ("Offer sent: Ville." if mode == "offer" else "Ville: placed and told.") in page
    row.refresh_from_db()
    assert row.status == status
    assert [m.kind for m in mails()] == [kind]


def test_offer_to_somebody_who_has_the_gig_is_not_said_to_be_sent(ville, office):
    row = booked(ville, office)
    page = choose(row, office, "offer")
    assert "Ville: has the gig already." in page
    assert "Offer sent" not in page
    assert [m.kind for m in mails()] == ["assignment_placed"]


# --------------------------------------------------------------------------- the night


def test_news_of_an_early_gig_does_not_wait_for_the_morning(ville, office):
    """A message at the minute when the gig begins is none."""
    WeeklyAvailability.objects.filter(worker=ville).update(starts=time(0))
    row, late = booked(ville, office, at=time(6)), local(21, 10, on=NOW.date())
    services.apply_action(row, AssignmentAction.WITHDRAW, by=office, now=late)
    assert mails("assignment_withdrawn")[0].due_at == late
    offered = booked(ville, office, at=time(7, 15), offer=True, now=late)
    assert mails("assignment_offer")[0].due_at == late
    assert offered.answer_by < offered.starts_at


def test_news_of_a_later_gig_waits_for_the_morning(ville, office):
    late = local(21, 10, on=NOW.date())
    booked(ville, office, at=time(9), now=late)
    assert mails()[0].due_at == local(7)


@pytest.mark.parametrize("offer", [True, False])
def test_night_that_settles_a_gig_leaves_no_message_about_it(ville, office, offer):
    row = booked(ville, office, offer=offer, now=local(21, 30, on=NOW.date()))
    order = WorkOrder.objects.get(pk=row.order_id)
    cancel_order(order, by=office, now=local(21, 40, on=NOW.date()))
    assert mails() == []


def test_offer_answered_at_night_is_not_sent_in_the_morning(ville, office):
    row = booked(ville, office, offer=True, now=local(21, 30, on=NOW.date()))
    post(signed_in(ville.user), local(21, 35, on=NOW.date()), "dispatch:my-decline", row)
    assert mails() == []


def test_message_that_left_is_followed_by_the_news(ville, office):
    """Control: in the day the offer is out, and the worker hears that it is off."""
    row = booked(ville, office, offer=True)
    services.apply_action(row, AssignmentAction.WITHDRAW, by=office, now=NOW)
    assert [m.kind for m in mails()] == ["assignment_offer", "assignment_withdrawn"]


# --------------------------------------------------------------------------- who left us


@pytest.mark.parametrize("gone", ["inactive", "contract"])
def test_yes_of_somebody_who_left_us_is_refused_and_their_gigs_are_shown(ville, office, gone):
    """What was true when the offer went out is asked again at the answer."""
    offered = booked(ville, office, offer=True)
    given = booked(ville, office, on=date(2026, 11, 27))
    if gone == "inactive":
        Worker.objects.filter(pk=ville.pk).update(active=False)
    else:
        Engagement.objects.filter(worker=ville).update(ends_on=date(2026, 11, 25))
    code = {"inactive": "worker_inactive", "contract": "no_engagement"}[gone]
    yes = AssignmentAction.ACCEPT
    offered = Assignment.objects.get(pk=offered.pk)
    assert codes(lambda: services.apply_action(offered, yes, by=office, now=NOW)) == [code]
    with translation.override("en"):
        shown = {t.assignment.pk: (t.code, t.text) for t in find_troubles(NOW) if t.assignment}
    assert {pk: code for pk, (code, _text) in shown.items()} == {
        offered.pk: "unanswered",
        given.pk: "no_contract",
    }
    assert "Ville has no contract for that day" in shown[given.pk][1]


def test_gig_of_somebody_under_contract_is_no_trouble(ville, office):
    booked(ville, office)
    assert find_troubles(NOW) == []


@pytest.mark.parametrize("typed", ["29", "kolmelta", "15.5.", ""])
def test_time_that_cannot_be_read_is_not_now(ville, office, typed):
    row, desk = booked(ville, office), signed_in(office)
    page = post(desk, local(9, 30), "dispatch:assignment-check-in", row, at=typed)
    assert "Enter the time, for example 9.00." in page
    row.refresh_from_db()
    assert row.status == "accepted"
    assert not Punch.objects.exists()
    page = post(desk, local(9, 30), "dispatch:assignment-check-in", row, at="9.10")
    assert Punch.objects.get().at == local(9, 10)
