"""The worker's phone: one tap answers, arrivals and leavings, days, late, help, own rows only."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from core.models import AuditEvent, OutboxMessage
from dispatch.assignments import services
from dispatch.models import Assignment, Punch
from orders.models import WorkOrder
from tests import builders
from workers.models import Absence, AvailabilityException, WeeklyAvailability, Worker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)  # Thursday 8.30 in Helsinki


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def office(db: None) -> User:
    builders.organisation()
    return builders.user(Role.DISPATCHER)


@pytest.fixture
def aino(office: User) -> Worker:
    return builders.worker(user=builders.user(Role.WORKER), first_name="Aino")


@pytest.fixture
def phone(aino: Worker) -> Client:
    client = Client()
    client.force_login(aino.user)
    client.cookies["django_language"] = "en"
    return client


def booked(worker: Worker, by: User, *, offer: bool = False, **fields) -> Assignment:
    order: WorkOrder = builders.order(**fields)
    return services.assign(order, [worker.pk], by=by, now=NOW - timedelta(hours=12), offer=offer)[0]


def url(name: str, row: Assignment) -> str:
    return reverse(f"dispatch:{name}", args=[row.ref])


def test_home_next_gig_shows_when_where_and_who_meets(phone, aino, office):
    """What, when, where and who are on the first page."""
    booked(aino, office)
    page = phone.get(reverse("dispatch:my-home")).content.decode()
    for text in ("9:00–13:00", "Kauppakatu 4", "Maija Virtanen meets you", "I am here"):
        assert text in page


def test_home_without_gigs_says_what_to_do_next(phone):
    page = phone.get(reverse("dispatch:my-home")).content.decode()
    assert "No gigs yet." in page
    assert reverse("dispatch:my-availability") in page


def test_home_loads_no_script_but_the_frame(phone, aino, office):
    booked(aino, office)
    page = phone.get(reverse("dispatch:my-home")).content.decode()
    assert page.count("<script") == 1
    assert "htmx" not in page.split("</head>")[1]


@pytest.mark.parametrize("name", ["my-home", "my-availability", "my-profile", "my-help"])
@pytest.mark.parametrize("role", [r for r in Role if r != Role.WORKER])
def test_worker_page_other_role_is_refused(client, office, name, role):
    client.force_login(builders.user(role))
    assert client.get(reverse(f"dispatch:{name}")).status_code == 403


@pytest.mark.parametrize(
    "name", ["my-accept", "my-decline", "my-check-in", "my-check-out", "my-undo", "my-left"]
)
def test_gig_of_somebody_else_is_not_found_and_get_never_writes(phone, office, name):
    other = booked(builders.worker(), office, offer=True)
    assert phone.post(url(name, other)).status_code == 404
    assert phone.get(url(name, other)).status_code == 405
    other.refresh_from_db()
    assert other.status == "offered"


def test_accept_one_tap_makes_the_gig_mine(phone, aino, office):
    """One tap, no reason, no second page."""
    row = booked(aino, office, offer=True)
    answer = phone.post(url("my-accept", row), follow=True)
    row.refresh_from_db()
    assert row.status == "accepted"
    assert "Good. You come on" in answer.content.decode()
    assert AuditEvent.objects.get(verb="assignment.accepted").actor == aino.user


def test_accept_twice_changes_nothing(phone, aino, office):
    row = booked(aino, office, offer=True)
    phone.post(url("my-accept", row))
    phone.post(url("my-accept", row))
    assert AuditEvent.objects.filter(verb="assignment.accepted").count() == 1


def test_accept_after_somebody_else_got_the_gig_says_already_filled(phone, aino, office):
    """The second one gets a clear word and no error page."""
    row = booked(aino, office, offer=True)
    other = builders.worker(first_name="Ville")
    services.reassign(row, other.pk, by=office, now=NOW, offer=False)
    answer = phone.post(url("my-accept", row), follow=True)
    assert answer.status_code == 200
    assert "This gig is already filled." in answer.content.decode()
    row.refresh_from_db()
    assert row.status == "withdrawn"


def test_decline_needs_no_reason_and_stores_none(phone, aino, office):
    """A no is a no."""
    row = booked(aino, office, offer=True)
    answer = phone.post(url("my-decline", row), {"reason": "flunssa"}, follow=True)
    row.refresh_from_db()
    assert row.status == "declined"
    assert "thanks for answering" in answer.content.decode()
    assert not AuditEvent.objects.exclude(reason="").exists()


def test_check_in_double_tap_is_one_punch(phone, aino, office):
    """The same form sent twice counts once."""
    row = booked(aino, office)
    key = uuid4()
    for _tap in range(2):
        phone.post(url("my-check-in", row), {"form_key": key})
    row.refresh_from_db()
    assert row.status == "on_site"
    assert Punch.objects.filter(kind="in").count() == 1


def test_check_in_then_out_the_button_follows_the_state(phone, aino, office):
    row = booked(aino, office)
    page = phone.post(url("my-check-in", row), {"form_key": uuid4()}, follow=True)
    assert "The work is done" in page.content.decode()
    with time_machine.travel(NOW + timedelta(hours=4), tick=False):
        phone.post(url("my-check-out", row), {"form_key": uuid4()})
    row.refresh_from_db()
    assert row.status == "completed"


def test_check_in_hours_before_start_is_not_offered(phone, aino, office):
    booked(aino, office, at=time(15))
    page = phone.get(reverse("dispatch:my-home")).content.decode()
    assert "my-check-in" not in page
    assert "from Thu" in page.replace("\u00a0", " ")


def test_check_out_across_midnight_closes_its_own_check_in(phone, aino, office):
    """A night gig ends on the next date; the morning gig is not touched."""
    WeeklyAvailability.objects.filter(worker=aino).delete()
    night = builders.order(on=date(2026, 11, 26), at=time(21), duration_min=240)
    row = services.assign(
        night, [aino.pk], by=office, now=NOW, offer=False, override_reason="agreed by phone"
    )[0]
    later = booked(builders.worker(), office, on=date(2026, 11, 27), at=time(14), duration_min=120)
    with time_machine.travel(datetime(2026, 11, 26, 18, 55, tzinfo=UTC), tick=False):
        phone.post(url("my-check-in", row), {"form_key": uuid4()})
    with time_machine.travel(datetime(2026, 11, 26, 23, 5, tzinfo=UTC), tick=False):
        phone.post(url("my-check-out", row), {"form_key": uuid4()})
    row.refresh_from_db()
    later.refresh_from_db()
    assert (row.status, later.status) == ("completed", "accepted")
    out = Punch.objects.get(kind="out")
    assert out.assignment == row
    assert out.at == datetime(2026, 11, 26, 23, 5, tzinfo=UTC)


def test_forgotten_check_out_asks_when_and_keeps_that_time(phone, aino, office):
    row = booked(aino, office)
    phone.post(url("my-check-in", row), {"form_key": uuid4()})
    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        page = phone.get(reverse("dispatch:my-home")).content.decode()
        assert "When did you leave?" in page
        assert 'value="13:00"' in page
        phone.post(url("my-left", row), {"left": "13:10", "form_key": uuid4()})
    assert Punch.objects.get(kind="out").at == datetime(2026, 11, 26, 11, 10, tzinfo=UTC)


def test_forgotten_check_out_before_arrival_is_asked_again(phone, aino, office):
    row = booked(aino, office)
    phone.post(url("my-check-in", row), {"form_key": uuid4()})
    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        answer = phone.post(url("my-left", row), {"left": "07:00", "form_key": uuid4()})
    assert answer.status_code == 422
    assert "You came after that" in answer.content.decode()
    assert not Punch.objects.filter(kind="out").exists()


def test_undo_takes_a_wrong_tap_back_within_the_hour(phone, aino, office):
    """A too-early tap can be corrected by the person."""
    row = booked(aino, office)
    phone.post(url("my-check-in", row), {"form_key": uuid4()})
    phone.post(url("my-undo", row), {"form_key": uuid4()})
    row.refresh_from_db()
    assert row.status == "accepted"


def test_undo_after_hours_is_refused_with_a_word(phone, aino, office):
    row = booked(aino, office)
    phone.post(url("my-check-in", row), {"form_key": uuid4()})
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        answer = phone.post(url("my-undo", row), follow=True)
    row.refresh_from_db()
    assert row.status == "on_site"
    assert "too late to take this back" in answer.content.decode()


TOO_LATE = {
    "fi": "Tätä ei voi enää perua. Soita meille.",
    "sv": "Det går inte längre att ta tillbaka. Ring oss.",
    "en": "It is too late to take this back. Call us.",
    "fi-easy": "Et voi enää perua. Soita meille.",
}


@pytest.mark.parametrize(("language", "text"), TOO_LATE.items())
def test_undo_after_hours_is_refused_in_each_language(phone, aino, office, language, text):
    row = booked(aino, office)
    phone.post(url("my-check-in", row), {"form_key": uuid4()})
    phone.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        assert text in phone.post(url("my-undo", row), follow=True).content.decode()


def test_cannot_come_two_taps_and_no_reason(phone, aino, office):
    """The button is always there and asks nothing; opening the page changes nothing."""
    row = booked(aino, office)
    page = phone.get(url("my-cannot-come", row)).content.decode()
    assert "<textarea" not in page
    row.refresh_from_db()
    assert row.status == "accepted"
    phone.post(url("my-cannot-come", row))
    row.refresh_from_db()
    assert row.status == "absent"
    assert row.order.status == "placed"


def test_late_tells_the_office_once(phone, aino, office):
    row = booked(aino, office)
    before = OutboxMessage.objects.count()
    for _tap in range(2):
        phone.post(url("my-late", row), {"minutes": "20"})
    mail = OutboxMessage.objects.filter(kind="worker_late")
    assert mail.count() == 1
    assert mail.get().to == "palvelu@askare.example"
    assert "Aino" in mail.get().subject[:40]
    assert "20" in mail.get().subject[:40]
    assert OutboxMessage.objects.count() == before + 1


def test_late_with_strange_minutes_sends_nothing(phone, aino, office):
    row = booked(aino, office)
    assert phone.post(url("my-late", row), {"minutes": "999"}).status_code == 200
    assert not OutboxMessage.objects.filter(kind="worker_late").exists()


def test_help_lists_phones_of_site_office_and_emergency(phone, aino, office):
    booked(aino, office, site_contact_phone="+358401234567")
    page = phone.get(reverse("dispatch:my-help")).content.decode()
    for number in ("tel:+358401234567", "tel:051234567", "tel:112"):
        assert number in page


def test_week_saving_an_untouched_grid_keeps_exact_hours(phone, aino):
    """The coarse grid does not blur hours that were set exactly."""
    WeeklyAvailability.objects.filter(worker=aino).delete()
    WeeklyAvailability.objects.create(worker=aino, weekday=0, starts=time(8, 30), ends=time(15))
    phone.post(reverse("dispatch:my-availability"), grid(aino) | {"d1_morning": "prefer"})
    rows = WeeklyAvailability.objects.filter(worker=aino).values_list(
        "weekday", "starts", "ends", "preferred"
    )
    assert list(rows) == [
        (0, time(8, 30), time(15), False),
        (1, time(7), time(12), True),
    ]


def grid(worker: Worker) -> dict[str, str]:
    from workers.availability.services import week_of

    found = week_of(worker.weekly_availability.all())
    return {f"d{d}_{p}": value for (d, p), value in found.items()}


def test_week_wrong_value_is_refused(phone, aino):
    before = WeeklyAvailability.objects.filter(worker=aino).count()
    answer = phone.post(reverse("dispatch:my-availability"), grid(aino) | {"d0_day": "maybe"})
    assert answer.status_code == 422
    assert WeeklyAvailability.objects.filter(worker=aino).count() == before


def test_exception_added_and_removed(phone, aino):
    phone.post(
        reverse("dispatch:my-availability-exception"),
        {"date-on": "2026-12-01", "date-available": "no"},
    )
    row = AvailabilityException.objects.get(worker=aino)
    assert (row.on, row.available, row.starts) == (date(2026, 12, 1), False, None)
    phone.post(reverse("dispatch:my-availability-exception-remove", args=[row.pk]))
    assert not AvailabilityException.objects.exists()


def test_exception_of_somebody_else_is_not_found(phone):
    other = AvailabilityException.objects.create(
        worker=builders.worker(), on=date(2026, 12, 1), available=False
    )
    gone = reverse("dispatch:my-availability-exception-remove", args=[other.pk])
    assert phone.post(gone).status_code == 404


def test_absence_releases_the_gig_of_that_day(phone, aino, office):
    row = booked(aino, office, on=date(2026, 11, 30))
    phone.post(
        reverse("dispatch:my-absence"),
        {"away-from_on": "2026-11-30", "away-to_on": "2026-12-01"},
    )
    row.refresh_from_db()
    away = Absence.objects.get(worker=aino)
    assert row.status == "absent"
    assert away.ends_at - away.starts_at == timedelta(days=2)


def test_absence_backwards_keeps_what_was_typed(phone):
    answer = phone.post(
        reverse("dispatch:my-absence"), {"away-from_on": "2026-12-02", "away-to_on": "2026-12-01"}
    )
    assert answer.status_code == 422
    assert 'value="2026-12-02"' in answer.content.decode()
    assert not Absence.objects.exists()


def test_profile_language_becomes_the_cookie_and_the_user(phone, aino):
    answer = phone.post(
        reverse("dispatch:my-profile"), {"language": "fi-easy", "phone": "040 123 4567"}
    )
    aino.refresh_from_db()
    assert answer.cookies["django_language"].value == "fi-easy"
    assert User.objects.get(pk=aino.user_id).language == "fi-easy"
    assert str(aino.phone) == "+358401234567"


def test_planned_gig_not_yet_told_does_not_exist_for_the_worker(phone, aino, office):
    row = booked(aino, office)
    Assignment.objects.filter(pk=row.pk).update(status="planned")
    assert phone.get(url("my-gig", row)).status_code == 404


@pytest.mark.engine
def test_home_query_count_does_not_grow_with_gigs(
    phone, aino, office, django_assert_max_num_queries
):
    for day in range(26, 29):
        booked(aino, office, on=date(2026, 11, day))
    with django_assert_max_num_queries(14):
        phone.get(reverse("dispatch:my-home"))


@pytest.mark.browser
def test_pages_at_320_px_fit_and_the_button_is_in_the_first_view(live_server, page, office):
    """On 320 x 568 nothing scrolls sideways and the big button is above the menu."""
    with time_machine.travel(NOW, tick=True):
        aino = builders.worker(user=builders.user(Role.WORKER), first_name="Aino")
        row = booked(aino, office)
        client = Client()
        client.force_login(aino.user)
        page.set_viewport_size({"width": 320, "height": 568})
        page.context.add_cookies(
            [
                {
                    "name": "sessionid",
                    "value": client.cookies["sessionid"].value,
                    "url": live_server.url,
                }
            ]
        )
        names = ["my-home", "my-availability", "my-profile", "my-help"]
        paths = [reverse(f"dispatch:{n}") for n in names] + [url("my-gig", row)]
        for path in (*paths, url("my-late", row), url("my-cannot-come", row)):
            page.goto(live_server.url + path)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 320, path
        page.goto(live_server.url + reverse("dispatch:my-home"))
        button = page.locator(".btn.big").first.bounding_box()
        menu = page.locator("nav.tabs").bounding_box()
        assert button["height"] >= 64
        assert button["y"] + button["height"] <= menu["y"]
