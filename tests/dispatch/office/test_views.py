"""Dispatcher and coach pages: who may enter, filling orders, conflicts, sick calls."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from core.models import AuditEvent
from dispatch.assignments import services
from dispatch.models import Assignment
from orders.models import Customer, WorkOrder
from tests import builders
from workers.models import Absence, Restriction, WeeklyAvailability, Worker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)  # Thursday 7.00 in Helsinki
OFFICE_PAGES = ["today", "day", "order-list", "order-new", "worker-list", "worker-new"]


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def liisa() -> User:
    builders.organisation()
    return builders.user(Role.DISPATCHER, name="Liisa Salo")


@pytest.fixture
def desk(liisa: User) -> Client:
    return signed_in(liisa)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def assign_url(order: WorkOrder) -> str:
    return reverse("dispatch:assign", args=[order.ref])


def choice(worker: Worker, **more: str) -> dict[str, object]:
    return {"worker": str(worker.ref), "mode": "offer"} | more


def booked(worker: Worker, by: User, *, offer: bool = False, **fields) -> Assignment:
    return services.assign(builders.order(**fields), [worker.pk], by=by, now=NOW, offer=offer)[0]


# --------------------------------------------------------------------------- who may enter


@pytest.mark.parametrize("name", OFFICE_PAGES)
@pytest.mark.parametrize("role", list(Role))
def test_office_page_by_role(liisa, name, role):
    allowed = {Role.DISPATCHER, Role.ADMIN} | ({Role.COACH} if name == "worker-list" else set())
    answer = signed_in(builders.user(role)).get(reverse(f"dispatch:{name}"))
    assert answer.status_code == (200 if role in allowed else 403)


@pytest.mark.parametrize("name", ["withdraw", "reassign", "no-show", "absent", "check-in"])
def test_assignment_verb_refuses_get_and_strangers(liisa, name):
    row = booked(builders.worker(), liisa)
    url = reverse(f"dispatch:assignment-{name}", args=[row.ref])
    assert signed_in(liisa).get(url).status_code == 405
    stranger = signed_in(builders.user(Role.COACH))
    assert stranger.post(url).status_code == (404 if name in {"absent", "check-in"} else 403)
    assert signed_in(builders.user(Role.CUSTOMER)).post(url).status_code == 403
    row.refresh_from_db()
    assert row.status == "accepted"


def test_worker_of_another_coach_is_not_found(liisa):
    mine = builders.worker(coach=builders.user(Role.COACH))
    other = signed_in(builders.user(Role.COACH))
    assert other.get(reverse("dispatch:worker-detail", args=[mine.ref])).status_code == 404


# --------------------------------------------------------------------------- filling an order


def test_day_shows_lane_workers_and_ranked_reasons(desk):
    """Everybody has a visible reason, also those who cannot."""
    builders.worker(first_name="Ville", skills=("garden",))
    builders.worker(first_name="Kim", available=False)
    order = builders.order(task_type=builders.task_type("yard", skills=("garden",)))
    page = desk.get(reverse("dispatch:day"), {"order": order.ref}).content.decode()
    assert f"{order.number} Cleaning" in page
    assert "Ville" in page
    assert 'data-choose="1"' in page
    assert "knows the work" in page
    assert "Cannot" in page or "Choose anyway" in page


def test_day_of_a_wrong_date_or_order_is_no_error(desk):
    assert desk.get(reverse("dispatch:day"), {"on": "2026-99-99"}).status_code == 200
    assert desk.get(reverse("dispatch:day"), {"order": "x"}).status_code == 200
    assert desk.get(reverse("dispatch:day"), {"order": str(uuid4())}).status_code == 404


def test_panel_by_htmx_brings_only_the_panel_and_the_lane(desk):
    builders.worker()
    order = builders.order()
    answer = desk.get(reverse("dispatch:day"), {"order": order.ref}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "<html" not in page
    assert 'id="panel"' in page
    assert 'hx-swap-oob="true"' in page


def test_choose_sends_one_offer_and_says_until_when(desk):
    worker, order = builders.worker(first_name="Ville"), builders.order(on=date(2026, 11, 27))
    answer = desk.post(assign_url(order), choice(worker), follow=True)
    row = Assignment.objects.get()
    assert (row.worker, row.status) == (worker, "offered")
    assert "Offer sent: Ville. Answer by" in answer.content.decode()


def test_choose_twice_makes_one_assignment(desk):
    """A repeated press changes nothing."""
    worker, order = builders.worker(), builders.order()
    for _press in range(2):
        desk.post(assign_url(order), choice(worker))
    assert Assignment.objects.count() == 1


def test_assign_directly_fills_the_order(desk):
    worker, order = builders.worker(), builders.order()
    desk.post(assign_url(order), choice(worker, mode="direct"))
    order.refresh_from_db()
    assert order.status == "filled"


def test_team_order_takes_several_ticked_at_once(desk):
    order = builders.order(people=2)
    pair = [builders.worker(), builders.worker()]
    desk.post(assign_url(order), {"worker": [str(w.ref) for w in pair], "mode": "direct"})
    order.refresh_from_db()
    assert order.status == "filled"
    assert set(order.assignments.values_list("worker", flat=True)) == {w.pk for w in pair}


def test_assign_nobody_ticked_says_so(desk):
    answer = desk.post(assign_url(builders.order()), {"mode": "offer"})
    assert answer.status_code == 422
    assert "Choose at least one worker." in answer.content.decode()


def test_conflict_names_who_booked_and_keeps_the_candidates(desk, liisa):
    """Two dispatchers at once: the second learns who was faster and goes on at once."""
    pekka = builders.user(Role.DISPATCHER, name="Pekka Aro")
    ville = builders.worker(first_name="Ville")
    builders.worker(first_name="Aino")
    faster = booked(ville, pekka)
    order = builders.order()
    answer = desk.post(assign_url(order), choice(ville))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"Pekka Aro booked Ville for order {faster.order.number} at 7:00." in page
    assert "Aino" in page
    assert 'data-choose="1"' in page
    assert not order.assignments.exists()


def test_soft_rule_needs_a_reason_that_is_logged(desk):
    """Block by default; an override needs a reason."""
    worker, order = builders.worker(available=False), builders.order()
    refused = desk.post(assign_url(order), choice(worker))
    assert refused.status_code == 409
    assert not order.assignments.exists()
    desk.post(assign_url(order), choice(worker, override_reason="agreed by phone"))
    row = order.assignments.get()
    assert row.override_reason == "agreed by phone"
    assert AuditEvent.objects.get(verb="assignment.offered").reason == "agreed by phone"


def test_reassign_moves_the_place_or_leaves_it(desk, liisa):
    first, second = builders.worker(), builders.worker()
    row = booked(first, liisa)
    url = reverse("dispatch:assignment-reassign", args=[row.ref])
    busy = booked(builders.worker(), liisa)
    assert desk.post(url, choice(busy.worker, mode="direct")).status_code == 409
    row.refresh_from_db()
    assert row.status == "accepted"
    desk.post(url, choice(second, mode="direct"))
    row.refresh_from_db()
    assert row.status == "withdrawn"
    assert row.order.assignments.get(status="accepted").worker == second


def test_withdraw_opens_the_place_again(desk, liisa):
    row = booked(builders.worker(), liisa)
    desk.post(reverse("dispatch:assignment-withdraw", args=[row.ref]))
    row.order.refresh_from_db()
    assert row.order.status == "placed"


def test_check_in_on_behalf_keeps_the_told_time_and_the_label(desk, liisa):
    row = booked(builders.worker(), liisa, at=time(8))
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        desk.post(reverse("dispatch:assignment-check-in", args=[row.ref]), {"at": "8.05"})
    punch = row.punches.get()
    assert punch.at == datetime(2026, 11, 26, 6, 5, tzinfo=UTC)
    assert AuditEvent.objects.get(verb="assignment.checked_in").actor_label == "office on behalf"


def test_impossible_verb_says_why_and_changes_nothing(desk, liisa):
    row = booked(builders.worker(), liisa)
    answer = desk.post(reverse("dispatch:assignment-check-out", args=[row.ref]), follow=True)
    row.refresh_from_db()
    assert row.status == "accepted"
    assert "msg error" in answer.content.decode()


# --------------------------------------------------------------------------- today and lists


def test_today_puts_late_arrival_first_with_a_phone(desk, liisa):
    ali = builders.worker(first_name="Ali", phone="+358401112222")
    booked(ali, liisa, at=time(8))
    with time_machine.travel(NOW + timedelta(hours=1, minutes=12), tick=False):
        page = desk.get(reverse("dispatch:today")).content.decode()
    assert "8:00 Ali has not arrived, call" in page
    assert "tel:+358401112222" in page


def test_today_keeps_the_gigs_in_reach_of_a_long_list_without_workers(desk):
    """Open orders go weeks ahead: the first few and a link to all, with the whole number."""
    refs = [builders.order(on=NOW.date() + timedelta(days=n)).ref for n in range(1, 11)]
    page = desk.get(reverse("dispatch:today")).content.decode()
    assert [str(ref) in page for ref in refs] == [True] * 8 + [False] * 2
    assert "Show all (10)" in page
    whole = desk.get(reverse("dispatch:today"), {"all": 1}).content.decode()
    assert all(str(ref) in whole for ref in refs)


def test_today_empty_says_all_is_well(desk):
    assert "Nothing needs you right now." in desk.get(reverse("dispatch:today")).content.decode()


def test_order_list_filters_and_finds(desk):
    mine = builders.order(customer=builders.customer(name="Kahvila Aalto"))
    other = builders.order(status="cancelled")
    page = desk.get(reverse("dispatch:order-list"), {"q": "aalto"}).content.decode()
    assert str(mine.number) in page
    assert f"{other.number} " not in page
    gone = desk.get(reverse("dispatch:order-list"), {"show": "cancelled"}).content.decode()
    assert str(other.ref) in gone
    assert str(mine.ref) not in gone


def test_orders_whose_time_is_over_wait_for_nobody(desk):
    """Without a worker are those that somebody can still be found for; the past has its own tab."""
    coming = builders.order(on=NOW.date() + timedelta(days=1))
    builders.order(on=NOW.date() - timedelta(days=20), customer=builders.customer(name="Mennyt Oy"))
    page = desk.get(reverse("dispatch:order-list")).content.decode()
    assert str(coming.ref) in page
    assert "Mennyt Oy" not in page
    assert "Find a worker" in page
    past = desk.get(reverse("dispatch:order-list"), {"show": "missed"}).content.decode()
    assert "Mennyt Oy" in past
    assert str(coming.ref) not in past
    assert "Find a worker" not in past


@pytest.mark.parametrize(
    ("status", "show", "offered"),
    [("placed", "open", True), ("unfilled", "open", True), ("filled", "coming", False),
     ("in_progress", "coming", False), ("filled", "all", False), ("unfilled", "all", True)],
)  # fmt: skip
def test_only_an_order_that_lacks_people_offers_to_find_them(desk, status, show, offered):
    order = builders.order(on=NOW.date() + timedelta(days=1), status=status)
    page = desk.get(reverse("dispatch:order-list"), {"show": show}).content.decode()
    assert str(order.ref) in page
    assert ("Find a worker" in page) == offered


def test_order_detail_shows_people_and_history(desk, liisa):
    row = booked(builders.worker(first_name="Ville"), liisa, offer=True, people=2)
    page = desk.get(reverse("dispatch:order-detail", args=[row.order.ref])).content.decode()
    assert "Ville" in page
    assert "Offer sent: Ville" in page
    assert "Liisa Salo" in page


# --------------------------------------------------------------------------- phone order


def phone_order(**more: str) -> dict[str, str]:
    return {
        "form_key": str(uuid4()),
        "who": "Aal",
        "task_type": str(builders.task_type().pk),
        "works_on": "2026-11-27",
        "starts": "9",
        "duration_min": "180",
        "people": "1",
    } | more


def test_phone_order_known_customer_by_three_letters(desk):
    """A known customer needs a name, a day and a time."""
    builders.tariff()
    customer = builders.customer(name="Kahvila Aalto Oy")
    site = builders.site(customer)
    answer = desk.post(reverse("dispatch:order-new"), phone_order())
    order = WorkOrder.objects.get()
    assert (order.customer, order.site, order.starts) == (customer, site, time(9))
    assert answer.url == f"{reverse('dispatch:day')}?order={order.ref}"


def test_phone_order_sent_twice_is_one_order(desk):
    builders.tariff()
    builders.site(builders.customer(name="Kahvila Aalto Oy"))
    data = phone_order()
    for _press in range(2):
        desk.post(reverse("dispatch:order-new"), data)
    assert WorkOrder.objects.count() == 1


def test_phone_order_two_customers_match_asks_which(desk):
    builders.customer(name="Aalto Oy")
    builders.customer(name="Aallotar Aalto Ry")
    answer = desk.post(reverse("dispatch:order-new"), phone_order())
    assert answer.status_code == 422
    assert "Which one: Aallotar Aalto Ry" in answer.content.decode()
    assert 'value="Aal"' in answer.content.decode()


def test_phone_order_new_customer_needs_a_valid_business_id(desk):
    builders.tariff()
    typed = {
        "who": "Uusi Oy",
        "street": "Kauppakatu 4",
        "postal_code": "53100",
        "orderer_name": "Maija",
    }
    bad = desk.post(
        reverse("dispatch:order-new"), phone_order(**typed, new_business_id="1234567-0")
    )
    assert bad.status_code == 422
    assert not Customer.objects.exists()
    desk.post(reverse("dispatch:order-new"), phone_order(**typed, new_business_id="2077474-0"))
    assert Customer.objects.get().name == "Uusi Oy"
    assert WorkOrder.objects.get().site_contact_name == "Maija"


# --------------------------------------------------------------------------- workers and days away


def worker_form(**more: object) -> dict[str, object]:
    return {
        "first_name": "Tuula",
        "last_name": "Koski",
        "birth_date": "1990-01-02",
        "basic_school_done": "on",
        "active": "on",
        "postal_code": "55100",
        "city": "Imatra",
        "travel_mode": "bus",
        "max_trip_min": "60",
        "coached_gigs": "3",
        "wish_hours": "15",
        "kind": "employment",
        "contract_from": "2026-11-01",
        "week_max_hours": "20",
        "limits": ["lifting"],
        "skills": [str(builders.skill("cleaning").pk)],
    } | more


def test_new_worker_gets_a_point_a_contract_and_task_limits(desk):
    """Limits of tasks, never a diagnosis."""
    desk.post(reverse("dispatch:worker-new"), worker_form())
    worker = Worker.objects.get()
    assert round(worker.lat) == 61
    assert worker.wish_week_min == 900
    assert worker.engagements.get().weekly_max_min == 1200
    assert list(worker.restrictions.values_list("strain", flat=True)) == ["lifting"]
    assert worker.worker_no


@pytest.mark.engine
def test_edit_worker_changes_limits_and_never_the_lock(desk):
    worker = builders.worker()
    Restriction.objects.create(worker=worker, strain="noise")
    Worker.objects.filter(pk=worker.pk).update(lock_no=7)
    desk.post(reverse("dispatch:worker-edit", args=[worker.ref]), worker_form(limits=["heights"]))
    worker.refresh_from_db()
    assert worker.lock_no == 7
    assert list(worker.restrictions.values_list("strain", flat=True)) == ["heights"]


def test_worker_with_unknown_postcode_is_asked_again(desk):
    answer = desk.post(reverse("dispatch:worker-new"), worker_form(postal_code="99998"))
    assert answer.status_code == 422
    assert not Worker.objects.exists()


def test_away_today_lists_released_gigs_with_the_best_substitute_chosen(desk, liisa):
    """Name, away today, change and tell: three presses."""
    sick, well = builders.worker(first_name="Ali"), builders.worker(first_name="Ville")
    row = booked(sick, liisa)
    answer = desk.post(
        reverse("dispatch:absence-new", args=[sick.ref]),
        {"from_on": "2026-11-26", "to_on": "2026-11-26"},
        follow=True,
    )
    page = answer.content.decode()
    absence = Absence.objects.get()
    name = f"for_{row.order.ref}"
    assert f'name="{name}"' in page
    assert f'value="{well.ref}" checked' in page
    row.refresh_from_db()
    assert row.status == "absent"
    url = reverse("dispatch:absence-detail", args=[sick.ref, absence.pk])
    desk.post(url, {name: str(well.ref)})
    assert row.order.assignments.get(status="offered").worker == well


def test_absence_form_has_no_field_for_a_reason(desk):
    worker = builders.worker()
    page = desk.get(reverse("dispatch:absence-new", args=[worker.ref])).content.decode()
    names = {part.split('"')[0] for part in page.split(' name="')[1:]}
    assert names - {"viewport", "color-scheme", "theme-color", "htmx-config"} == {
        "csrfmiddlewaretoken",
        "next",
        "language",
        "from_on",
        "to_on",
    }


# --------------------------------------------------------------------------- coach


def test_coach_accepts_on_behalf_and_the_event_says_so(liisa):
    coach = builders.user(Role.COACH)
    row = booked(builders.worker(coach=coach, coached_gigs=0), liisa, offer=True)
    client = signed_in(coach)
    page = client.get(reverse("dispatch:coach-home")).content.decode()
    assert reverse("dispatch:assignment-accept", args=[row.ref]) in page
    client.post(reverse("dispatch:assignment-accept", args=[row.ref]))
    event = AuditEvent.objects.get(verb="assignment.accepted")
    assert (event.actor, event.actor_label) == (coach, "coach on behalf")


def test_coach_sets_the_week_of_an_own_worker_only(liisa):
    coach = builders.user(Role.COACH)
    mine, other = builders.worker(coach=coach), builders.worker()
    client = signed_in(coach)
    data = {f"d{d}_{p}": "no" for d in range(7) for p in ("morning", "day", "evening")}
    client.post(reverse("dispatch:worker-week", args=[mine.ref]), data)
    refused = client.post(reverse("dispatch:worker-week", args=[other.ref]), data)
    assert refused.status_code == 404
    assert not WeeklyAvailability.objects.filter(worker=mine).exists()
    assert WeeklyAvailability.objects.filter(worker=other).count() == 7


# --------------------------------------------------------------------------- speed


@pytest.mark.parametrize("page", ["day", "today", "order-list", "worker-list", "coach-home"])
@pytest.mark.engine
def test_page_queries_stay_flat(desk, liisa, page, django_assert_max_num_queries):
    """At most twelve queries, however many rows."""
    for _n in range(10):
        booked(builders.worker(), liisa)
        builders.order()
    with django_assert_max_num_queries(12):
        assert desk.get(reverse(f"dispatch:{page}")).status_code == 200


def test_inline_style_and_script_are_nowhere(desk, liisa):
    builders.worker()
    order = builders.order()
    for url in (
        reverse("dispatch:day") + f"?order={order.ref}",
        reverse("dispatch:today"),
        reverse("dispatch:order-detail", args=[order.ref]),
    ):
        page = desk.get(url).content.decode()
        assert " style=" not in page
        assert " onclick" not in page
        assert page.count("<script") == page.count("<script src=")
