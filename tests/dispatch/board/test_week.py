"""The dispatcher's week, one worker's day, and the strip of troubles."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from core.models import AuditEvent
from dispatch.assignments import services
from dispatch.board import day as board
from dispatch.board import week
from dispatch.board.troubles import Strip, Trouble
from dispatch.models import Assignment
from tests import builders
from workers.models import Absence, AvailabilityException, WeeklyAvailability, Worker

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
ON = date(2026, 11, 26)  # a Thursday
NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)


@pytest.fixture
def office() -> User:
    builders.organisation()
    return builders.user(Role.DISPATCHER)


@pytest.fixture
def desk(office: User, client: Client) -> Any:
    client.force_login(office, backend="allauth.account.auth_backends.AuthenticationBackend")
    with time_machine.travel(NOW, tick=False):
        yield client


def booked(worker: Worker, by: User, *, offer: bool = False, **fields: Any) -> Assignment:
    return services.assign(
        builders.order(**fields), [worker.pk], by=by, now=NOW - timedelta(hours=10), offer=offer
    )[0]


def line(worker: Worker, **kwargs: Any) -> list[week.DayCell]:
    found = week.week_board(ON, now=NOW, **kwargs)
    return next(r.cells for r in found.rows if r.row.worker == worker)


def test_week_runs_from_monday_to_sunday_whatever_day_is_asked() -> None:
    for on in (date(2026, 11, 23), ON, date(2026, 11, 29)):
        found = week.week_board(on, now=NOW)
        assert [c.on.day for c in found.columns] == [23, 24, 25, 26, 27, 28, 29]
        assert [c.on for c in found.columns if c.today] == [ON]


def test_week_cell_is_free_hours_away_or_nothing() -> None:
    worker = builders.worker(available=False)
    for weekday in (0, 1, 2):
        WeeklyAvailability.objects.create(
            worker=worker, weekday=weekday, starts=time(8), ends=time(15)
        )
    AvailabilityException.objects.create(
        worker=worker, on=date(2026, 11, 24), available=False, starts=time(12), ends=time(13)
    )
    start = datetime(2026, 11, 24, 22, tzinfo=UTC)
    Absence.objects.create(
        worker=worker, starts_at=start, ends_at=start + timedelta(days=1), created_at=NOW
    )
    cells = line(worker)
    assert [c.kind for c in cells] == ["free", "free", "away", "off", "off", "off", "off"]
    assert cells[0].text == "8.00–15.00"
    assert cells[1].text == "8.00–12.00, 13.00–15.00"


def test_week_cell_counts_gigs_and_hours_and_shows_the_worst(office: User) -> None:
    worker = builders.worker()
    booked(worker, office, at=time(9), duration_min=120)
    booked(worker, office, at=time(13), duration_min=90, offer=True)
    cell = line(worker)[3]
    assert (cell.kind, cell.css, cell.more) == ("gig", "offer", "3,5\u00a0h")
    assert cell.url == reverse("dispatch:worker-day", args=[worker.ref]) + "?on=2026-11-26"
    late = week.week_board(ON, now=datetime(2026, 11, 26, 7, 30, tzinfo=UTC))
    assert late.rows[0].cells[3].css == "bad"


def test_week_column_counts_places_that_nobody_holds(office: User) -> None:
    order = builders.order(people=3)
    services.assign(order, [builders.worker().pk], by=office, now=NOW)
    for _n in range(5):
        builders.order(on=date(2026, 11, 27))
    columns = week.week_board(ON, now=NOW).columns
    assert [c.missing for c in columns] == [0, 0, 0, 2, 5, 0, 0]
    assert (len(columns[4].shown), columns[4].more) == (4, 1)


def test_week_search_hides_workers_and_says_how_many_but_never_orders() -> None:
    builders.worker(first_name="Ville")
    builders.worker(first_name="Aino")
    builders.order()
    found = week.week_board(ON, now=NOW, query="vil")
    assert (len(found.rows), found.hidden, found.total) == (1, 1, 2)
    assert found.columns[3].missing == 1


def test_week_page_takes_the_same_few_queries_whatever_the_rows(
    desk: Client, office: User, django_assert_max_num_queries: Any
) -> None:
    """At most 12 queries, session and user included."""
    url = reverse("dispatch:week") + "?on=2026-11-26"
    desk.get(url)
    booked(builders.worker(), office)
    builders.order()
    with django_assert_max_num_queries(12) as few:
        desk.get(url)
    for n in range(12):
        booked(builders.worker(), office, on=ON + timedelta(days=n % 3), at=time(12))
        builders.order(on=ON + timedelta(days=n % 3), at=time(12))
    with django_assert_max_num_queries(12) as many:
        desk.get(url)
    assert len(many) == len(few)


def test_week_page_links_to_other_weeks_and_to_days(desk: Client) -> None:
    order = builders.order()
    text = desk.get(reverse("dispatch:week") + "?on=2026-11-26").content.decode()
    for link in (
        "?on=2026-11-19",
        "?on=2026-12-03",
        reverse("dispatch:day") + "?on=2026-11-24",
        reverse("dispatch:day") + f"?order={order.ref}",
    ):
        assert f'href="{link}"' in text
    assert desk.get(reverse("dispatch:week") + "?on=soon").status_code == 200


def test_worker_day_lists_what_can_be_done(desk: Client, office: User) -> None:
    worker = builders.worker()
    row, other = booked(worker, office), booked(worker, office, at=time(14), duration_min=60)
    url = reverse("dispatch:worker-day", args=[worker.ref]) + "?on=2026-11-26"
    text = desk.get(url).content.decode()
    for name, ref in (
        ("dispatch:assignment-withdraw", row.ref),
        ("dispatch:assignment-check-in", row.ref),
        ("dispatch:order-detail", other.order.ref),
        ("dispatch:absence-new", worker.ref),
    ):
        assert reverse(name, args=[ref]) in text
    one = desk.get(f"{url}&order={row.order.ref}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in one
    assert str(row.order.ref) in one
    assert str(other.order.ref) not in one


def test_worker_day_in_the_past_offers_no_day_away(desk: Client) -> None:
    url = reverse("dispatch:worker-day", args=[builders.worker().ref])
    assert "data-away" not in desk.get(url + "?on=2026-11-25").content.decode()
    assert "data-away" in desk.get(url + "?on=2026-11-26").content.decode()


def test_offer_can_be_taken_back_at_once_by_who_sent_it(desk: Client, office: User) -> None:
    worker, order = builders.worker(), builders.order(on=date(2026, 11, 27))
    sent = desk.post(
        reverse("dispatch:assign", args=[order.ref]), {"worker": worker.ref, "mode": "offer"}
    )
    row = Assignment.objects.get()
    undo = reverse("dispatch:assignment-withdraw", args=[row.ref])
    assert undo in desk.get(sent["Location"]).content.decode()
    back = desk.post(undo, {"back": "day"})
    assert back["Location"] == reverse("dispatch:day") + "?on=2026-11-27"
    assert undo not in desk.get(sent["Location"]).content.decode()
    assert AuditEvent.objects.filter(verb="assignment.withdrawn", actor=office).exists()


def test_take_back_is_not_offered_later_or_to_others(desk: Client, office: User) -> None:
    row = booked(builders.worker(), office, on=date(2026, 11, 27), offer=True)
    undo = reverse("dispatch:assignment-withdraw", args=[row.ref])
    url = f"{reverse('dispatch:day')}?on=2026-11-27&made={row.ref}"
    assert undo not in desk.get(url).content.decode()
    Assignment.objects.update(created_at=NOW, created_by=builders.user(Role.DISPATCHER))
    assert undo not in desk.get(url).content.decode()


# --------------------------------------------------------------------------- the strip


def trouble(code: str, tone: str) -> Trouble:
    return Trouble(code, tone, "clock", builders.order(), NOW)


def test_strip_keeps_every_trouble_in_sight_or_counted() -> None:
    red = [trouble("late", "error") for _n in range(2)]
    rest = [trouble("unanswered", "warn") for _n in range(20)]
    strip = Strip([*rest[:1], *red, *rest[1:]])
    assert strip.shown == [*red, rest[0]]
    assert len(strip.shown) + len(strip.more) == 22
    assert strip.more_words.startswith("19 ")
    assert len(strip.folded) == 12


def test_strip_never_folds_red_ones_while_there_is_room() -> None:
    red = [trouble("late", "error") for _n in range(7)]
    assert Strip(red).shown == red
    assert Strip(red).more == []


def test_strip_page_says_how_many_are_folded_and_where_all_are(desk: Client, office: User) -> None:
    for _n in range(17):
        booked(builders.worker(), office, on=date(2026, 11, 30), offer=True)
    text = desk.get(reverse("dispatch:day")).content.decode()
    assert 'class="need-more"' in text
    assert reverse("dispatch:today") + "?all=1" in text
    assert "(17)" in text


def test_too_many_workers_the_busy_and_the_free_are_drawn_and_the_rest_counted(
    office: User, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """300 rows are slow to draw and slower to read; nobody is lost without a word."""
    monkeypatch.setattr("dispatch.board.views.ROWS_SHOWN", 2)
    idle = builders.worker(available=False, first_name="Aada")
    free = builders.worker(first_name="Bea")
    busy = builders.worker(first_name="Citta")
    booked(busy, office)
    for name in ("day", "week"):
        url = reverse(f"dispatch:{name}")
        some = desk.get(url, {"on": ON}).content.decode()
        assert [w.first_name in some for w in (idle, free, busy)] == [False, True, True]
        assert "all=1#board" in some
        assert "2 / 3" in some
        whole = desk.get(url, {"on": ON, "all": 1}).content.decode()
        assert idle.first_name in whole
        assert "all=1#board" not in whole
        found = desk.get(url, {"on": ON, "q": "aada"}).content.decode()
        assert idle.first_name in found
        assert not any(w.first_name in found for w in (free, busy))


def test_chosen_orders_people_are_drawn_however_many_there_are(office: User) -> None:
    for _ in range(3):
        builders.worker(first_name="Aada")
    last = builders.worker(first_name="Åke", available=False)
    gig = booked(builders.worker(first_name="Öberg"), office)
    model = board.day_board(ON, now=NOW, chosen=gig.order, ghosts=[last.pk], most=2)
    assert {r.worker for r in model.rows} == {last, gig.worker}
    assert model.folded == 3
