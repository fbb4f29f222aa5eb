"""Pages of plans: asked for, watched, accepted row by row, taken back, sent; and sick calls."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from core.models import OutboxMessage
from dispatch.assignments import services
from dispatch.models import Assignment, Plan
from dispatch.plans import services as plan_services
from dispatch.plans.job import make_plan
from orders.models import WorkOrder
from tests import builders
from workers.models import Worker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ON = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk() -> Client:
    builders.organisation()
    client = Client()
    client.force_login(builders.user(Role.DISPATCHER, name="Liisa Salo"))
    client.cookies["django_language"] = "en"
    return client


def url(name: str, plan: Plan) -> str:
    return reverse(f"dispatch:plan-{name}", args=[plan.ref])


def workers(count: int = 2) -> list[Worker]:
    return [builders.worker(email=f"w{n}@askare.example") for n in range(count)]


def orders(count: int = 2) -> list[WorkOrder]:
    return [builders.order(at=time(8 + n)) for n in range(count)]


def made() -> Plan:
    plan = plan_services.start_plan(ON, ON, seconds=1, by=None, now=NOW, ring=False)
    make_plan(plan.pk, clock=lambda: NOW)
    plan.refresh_from_db()
    return plan


def refs(html: str) -> list[str]:
    return re.findall(r'name="row" value="([0-9a-f-]{36})" checked', html)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# ------------------------------------------------------------------ asking


def test_plan_asked_on_the_page_is_ready_when_the_queue_was_quick(
    desk: Client, django_capture_on_commit_callbacks
) -> None:
    workers()
    orders()
    page = desk.get(reverse("dispatch:plan-new"), {"on": "2026-11-26"})
    assert 'value="2026-11-26"' in page.content.decode()
    data = {"on": "2026-11-26", "span": "day", "seconds": "5"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.post(reverse("dispatch:plan-new"), data)
    assert answer.status_code == 302
    shown = desk.get(answer["Location"])
    assert "2 gigs proposed" in text_of(shown)


def test_bad_input_stays_on_the_page_with_its_reason(desk: Client) -> None:
    answer = desk.post(
        reverse("dispatch:plan-new"), {"on": "2026-11-01", "span": "day", "seconds": "5"}
    )
    assert answer.status_code == 422
    assert "The day is over" in answer.content.decode()
    assert not Plan.objects.exists()


def test_second_plan_of_the_week_leads_to_the_first(desk: Client) -> None:
    plan = plan_services.start_plan(ON, ON, seconds=5, by=None, now=NOW, ring=False)
    data = {"on": "2026-11-27", "span": "week", "seconds": "5"}
    answer = desk.post(reverse("dispatch:plan-new"), data)
    assert answer["Location"] == url("detail", plan)


# ------------------------------------------------------------------ waiting


def test_waiting_page_polls_and_reads_without_script(desk: Client) -> None:
    plan = plan_services.start_plan(ON, ON, seconds=5, by=None, now=NOW, ring=False)
    page = desk.get(url("detail", plan)).content.decode()
    assert f'hx-get="{url("progress", plan)}"' in page
    assert url("stop", plan) in page
    assert "Waiting to begin" in desk.get(url("progress", plan)).content.decode()


def test_poll_of_a_plan_that_is_made_opens_the_result(desk: Client) -> None:
    workers()
    orders()
    plan = made()
    answer = desk.get(url("progress", plan), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, url("detail", plan))
    assert desk.get(url("progress", plan))["Location"] == url("detail", plan)


def test_stop_before_the_beginning_calls_it_off(desk: Client) -> None:
    plan = plan_services.start_plan(ON, ON, seconds=5, by=None, now=NOW, ring=False)
    assert desk.post(url("stop", plan))["Location"] == reverse("dispatch:plan-new")
    plan.refresh_from_db()
    assert plan.state == "discarded"


def test_silent_job_shows_what_to_do_and_a_get_writes_nothing(desk: Client) -> None:
    plan = plan_services.start_plan(ON, ON, seconds=5, by=None, now=NOW, ring=False)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        desk.force_login(builders.user(Role.DISPATCHER))
        page = text_of(desk.get(url("detail", plan)))
    assert "background work does not answer" in page
    assert "Plan again" in page
    plan.refresh_from_db()
    assert plan.state == "queued"


# ------------------------------------------------------------------ the proposal


def test_proposal_shows_reasons_per_row_and_honest_words(desk: Client) -> None:
    workers()
    orders()
    page = text_of(desk.get(url("detail", made())))
    assert "Nothing is sent before you accept and send" in page
    assert "knows the work" in page
    assert re.search(r"best possible|No proof yet", page)


def test_accept_some_then_undo_tells_nobody(desk: Client) -> None:
    workers()
    orders()
    plan = made()
    first, _second = refs(desk.get(url("detail", plan)).content.decode())
    page = desk.post(url("accept", plan), {"row": [first]}, follow=True)
    assert "1 gig accepted. Nobody has been told yet." in text_of(page)
    assert Assignment.objects.get().status == "planned"
    page = desk.post(url("undo", plan), follow=True)
    assert "1 gig taken back" in text_of(page)
    assert Assignment.objects.get().status == "withdrawn"
    assert not OutboxMessage.objects.exists()
    assert len(refs(desk.get(url("detail", plan)).content.decode())) == 2


def test_accept_all_and_send_offers(desk: Client) -> None:
    workers()
    orders()
    plan = made()
    rows = refs(desk.get(url("detail", plan)).content.decode())
    page = desk.post(url("accept", plan), {"row": rows}, follow=True)
    assert "Send 2 offers" in text_of(page)
    page = desk.post(url("send", plan), {"mode": "offer"}, follow=True)
    assert "2 offers sent." in text_of(page)
    assert OutboxMessage.objects.filter(kind="assignment_offer").count() == 2
    assert desk.post(url("undo", plan)).status_code == 409


def test_nothing_ticked_is_said(desk: Client) -> None:
    workers()
    orders()
    answer = desk.post(url("accept", made()), {})
    assert (answer.status_code, "Tick at least one" in text_of(answer)) == (422, True)


def test_changed_row_is_shown_and_only_the_valid_one_can_be_ticked(desk: Client) -> None:
    workers()
    first, _second = orders()
    plan = made()
    rows = refs(desk.get(url("detail", plan)).content.decode())
    services.assign(first, [builders.worker().pk], by=None, now=NOW, offer=False)
    page = desk.get(url("detail", plan))
    assert "1 row no longer holds" in text_of(page)
    assert len(refs(page.content.decode())) == 1
    answer = desk.post(url("accept", plan), {"row": rows})
    assert answer.status_code == 409
    assert str(first.number) in text_of(answer)
    assert Assignment.objects.filter(status="planned").count() == 1


def test_empty_result_says_why(desk: Client) -> None:
    builders.worker()
    order = builders.order(task_type=builders.task_type("saw", skills=("saw",)))
    page = text_of(desk.get(url("detail", made())))
    assert "Nobody can take the open places" in page
    assert str(order.number) in page
    assert "1 lacks the skill" in page


def test_day_without_open_places_says_so(desk: Client) -> None:
    builders.worker()
    assert "There are no open places" in text_of(desk.get(url("detail", made())))


def test_simple_rules_are_named_when_the_planner_is_missing(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.plans.solve.has_engine", lambda: False)
    workers()
    orders()
    assert "the full planner is not installed" in text_of(desk.get(url("detail", made())))


def test_discard_changes_nothing(desk: Client) -> None:
    workers()
    orders()
    plan = made()
    page = desk.post(url("discard", plan))
    assert page["Location"].endswith("?on=2026-11-26")
    assert not Assignment.objects.exists()
    assert refs(desk.get(url("detail", plan)).content.decode()) == []


@pytest.mark.engine
def test_queries_of_the_proposal_do_not_grow_with_rows(desk: Client) -> None:
    workers(2)
    orders(2)
    counts = []
    for _round in range(2):
        plan = made()
        with CaptureQueriesContext(connection) as queries:
            desk.get(url("detail", plan))
        counts.append(len(queries))
        plan_services.discard(plan, by=None, now=NOW)
        workers(6)
        orders(6)
    assert counts[0] == counts[1]


# ------------------------------------------------------------------ sick calls


def sick(desk: Client, worker: Worker) -> str:
    """Mark away today from the worker's page; returns the address of the absence."""
    data = {"from_on": ON.isoformat(), "to_on": ON.isoformat()}
    answer = desk.post(reverse("dispatch:absence-new", args=[worker.ref]), data)
    return str(answer["Location"])


def test_sick_call_is_replaced_in_three_clicks(desk: Client) -> None:
    """Away, find replacements, change and tell: every gig of the day has somebody."""
    ill, *_others = workers(3)
    gigs = [builders.order(at=time(8), duration_min=120), builders.order(at=time(13))]
    for order in gigs:
        services.assign(order, [ill.pk], by=None, now=NOW, offer=False)
    absence = sick(desk, ill)  # 1
    link = re.search(r'href="([^"]+/replacements/)"', desk.get(absence).content.decode())
    assert link
    page = desk.get(link[1]).content.decode()  # 2
    picks = re.findall(r'name="pick" value="([^"]+)" checked', page)
    assert len(picks) == 2
    assert "knows the work" in page
    desk.post(link[1], {"pick": picks})  # 3
    offered = Assignment.objects.filter(status="offered")
    assert {a.order_id for a in offered} == {o.pk for o in gigs}
    assert ill.pk not in {a.worker_id for a in offered}


def test_two_lost_gigs_at_once_get_two_people(desk: Client) -> None:
    """Chosen together: nobody is proposed for two gigs at the same time."""
    ill, helper, other = workers(3)
    both = [builders.order(at=time(9)), builders.order(at=time(9))]
    services.assign(both[0], [ill.pk], by=None, now=NOW, offer=False)
    services.assign(both[1], [helper.pk], by=None, now=NOW, offer=False)
    absence = sick(desk, ill)
    page = desk.get(f"{absence}replacements/").content.decode()
    picks = re.findall(r'name="pick" value="([^"]+)" checked', page)
    assert picks == [f"{both[0].ref}:{other.ref}"]


def test_lost_gig_that_nobody_can_take_says_why(desk: Client) -> None:
    (ill,) = workers(1)
    services.assign(builders.order(), [ill.pk], by=None, now=NOW, offer=False)
    page = text_of(desk.get(f"{sick(desk, ill)}replacements/"))
    assert "1 is away" in page


def test_substitute_taken_meanwhile_is_said(desk: Client) -> None:
    ill, helper = workers(2)
    order, other = builders.order(), builders.order()
    services.assign(order, [ill.pk], by=None, now=NOW, offer=False)
    address = f"{sick(desk, ill)}replacements/"
    services.assign(other, [helper.pk], by=None, now=NOW, offer=False)
    answer = desk.post(address, {"pick": [f"{order.ref}:{helper.ref}"]})
    assert answer.status_code == 409
    assert str(order.number) in text_of(answer)
