"""A sick call: the answer at once beside the better one that moves people already told."""

from __future__ import annotations

import re
import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from billing.demo.build import Demo
from core.models import OutboxMessage
from dispatch.assignments import services
from dispatch.assignments.absences import record_absence
from dispatch.assignments.services import Move, MoveRefused
from dispatch.eligibility import judge as rules
from dispatch.models import Assignment
from dispatch.plans import bridge
from dispatch.plans import repair as sick_repair
from orders.models import WorkOrder
from tests import builders
from workers.models import Worker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ON = date(2026, 11, 26)


@pytest.fixture
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(_clock) -> Client:
    builders.organisation()
    client = Client()
    client.force_login(builders.user(Role.DISPATCHER, name="Liisa Salo"))
    client.cookies["django_language"] = "en"
    return client


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def ticked(html: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]+)" checked', html)


def place(order: WorkOrder, worker: Worker) -> Assignment:
    return services.assign(order, [worker.pk], by=None, now=NOW, offer=False)[0]


class Puzzle:
    """Only A can garden and is told for cleaning; B can clean. The gardener falls ill."""

    def __init__(self, *, helper: bool = True) -> None:
        garden = builders.skill("garden")
        names = ["Ilo", "Anna", "Bo"][: 3 if helper else 2]
        people = [
            builders.worker(first_name=name, email=f"{name.lower()}@askare.example")
            for name in names
        ]
        self.ill, self.a, *rest = people
        self.b = rest[0] if rest else None
        for worker in (self.ill, self.a):
            worker.skills.add(garden)
        task = builders.task_type("garden", skills=("garden",))
        self.lost = builders.order(task_type=task, at=time(9))
        self.other = builders.order(at=time(9))
        place(self.lost, self.ill)
        self.told = place(self.other, self.a)

    def absence(self, desk: Client) -> str:
        data = {"from_on": ON.isoformat(), "to_on": ON.isoformat()}
        answer = desk.post(reverse("dispatch:absence-new", args=[self.ill.ref]), data)
        return f"{answer['Location']}replacements/"

    def holders(self) -> dict[int, int]:
        rows = Assignment.objects.filter(status__in=["offered", "accepted"])
        return dict(rows.values_list("order_id", "worker_id"))


def test_better_answer_shows_who_leaves_and_who_comes(desk: Client) -> None:
    """One change to somebody told is shown as a diff; nothing is written by looking."""
    puzzle = Puzzle()
    address = puzzle.absence(desk)
    before = list(Assignment.objects.order_by("pk").values_list("pk", "status"))
    page = desk.get(address)
    html, text = page.content.decode(), text_of(page)
    assert "1 gig that was already agreed goes to somebody else." in text
    assert "1 of 1 place gets somebody." in text
    assert re.search(r"<del>.*Anna.*</del>.*<ins>.*Bo", html, re.DOTALL)
    assert len(ticked(html, "chain")) == 1
    assert ticked(html, "pick") == []
    assert list(Assignment.objects.order_by("pk").values_list("pk", "status")) == before


def test_better_answer_is_accepted_in_three_clicks_and_everybody_is_told(
    desk: Client, django_capture_on_commit_callbacks
) -> None:
    """Mark away, find replacements, change and tell; all of it in one transaction."""
    puzzle = Puzzle()
    address = puzzle.absence(desk)  # 1
    chain = ticked(desk.get(address).content.decode(), "chain")  # 2
    OutboxMessage.objects.all().delete()
    answer = desk.post(address, {"chain": chain, "mode": "direct"})  # 3
    assert answer.status_code == 302
    assert puzzle.b is not None
    assert puzzle.holders() == {puzzle.lost.pk: puzzle.a.pk, puzzle.other.pk: puzzle.b.pk}
    puzzle.told.refresh_from_db()
    assert puzzle.told.status == "withdrawn"
    told = set(OutboxMessage.objects.values_list("kind", "to"))
    assert ("assignment_withdrawn", "anna@askare.example") in told
    assert ("assignment_placed", "anna@askare.example") in told
    assert ("assignment_placed", "bo@askare.example") in told
    puzzle.other.refresh_from_db()
    assert puzzle.other.status == "filled"


def test_step_that_no_longer_holds_leaves_everything_as_it_was(desk: Client) -> None:
    """Validated again at acceptance: Bo has been taken, so Anna keeps her gig."""
    puzzle = Puzzle()
    address = puzzle.absence(desk)
    chain = ticked(desk.get(address).content.decode(), "chain")
    assert puzzle.b is not None
    place(builders.order(at=time(10)), puzzle.b)
    before = puzzle.holders()
    answer = desk.post(address, {"chain": chain, "mode": "direct"})
    assert answer.status_code == 409
    assert puzzle.holders() == before
    puzzle.told.refresh_from_db()
    assert puzzle.told.status == "accepted"


def test_chain_without_its_second_half_is_refused_with_the_order(desk: Client) -> None:
    """Negative control: Anna cannot take the lost gig while she keeps her own."""
    puzzle = Puzzle()
    address = puzzle.absence(desk)
    value = f"{puzzle.lost.ref}:-:{puzzle.a.ref}"
    assert desk.post(address, {"chain": [value]}).status_code == 409
    assert puzzle.holders() == {puzzle.other.pk: puzzle.a.pk}


def test_nobody_who_could_step_in_gives_no_better_answer(desk: Client) -> None:
    """Taking a gig from somebody to leave it empty is no answer."""
    puzzle = Puzzle(helper=False)
    page = desk.get(puzzle.absence(desk))
    html = page.content.decode()
    assert ticked(html, "chain") == ticked(html, "pick") == []
    assert "Places that stay empty" in text_of(page)


def test_repair_no_better_than_at_once_is_said_and_shown_once(desk: Client) -> None:
    ill, _free = builders.worker(), builders.worker()
    place(builders.order(at=time(9)), ill)
    data = {"from_on": ON.isoformat(), "to_on": ON.isoformat()}
    answer = desk.post(reverse("dispatch:absence-new", args=[ill.ref]), data)
    page = desk.get(f"{answer['Location']}replacements/")
    assert "Moving others was tried too" in text_of(page)
    assert len(ticked(page.content.decode(), "pick")) == 1
    assert ticked(page.content.decode(), "chain") == []


def test_both_answers_are_offered_when_the_better_one_fills_more(desk: Client) -> None:
    """Two gigs lost: at once fills one of them, the better answer both; either in one click."""
    puzzle = Puzzle()
    assert puzzle.b is not None
    second = builders.order(at=time(14))
    place(second, puzzle.ill)
    address = puzzle.absence(desk)
    html = desk.get(address).content.decode()
    assert len(ticked(html, "chain")) == 2
    picks = ticked(html, "pick")
    assert len(picks) == 1
    desk.post(address, {"pick": picks})
    held = puzzle.holders()
    assert second.pk in held
    assert puzzle.lost.pk not in held
    assert held[puzzle.other.pk] == puzzle.a.pk


def test_person_on_site_and_draft_are_never_moved(desk: Client) -> None:
    for status in ("on_site", "planned"):
        puzzle = Puzzle()
        Assignment.objects.filter(pk=puzzle.told.pk).update(status=status)
        html = desk.get(puzzle.absence(desk)).content.decode()
        assert ticked(html, "chain") == []
        Assignment.objects.all().delete()
        WorkOrder.objects.all().update(status="cancelled")
        Worker.objects.all().update(active=False)


def test_order_of_another_day_is_not_touched_by_the_form(desk: Client) -> None:
    puzzle = Puzzle()
    address = puzzle.absence(desk)
    elsewhere = builders.order(on=date(2026, 11, 27))
    value = f"{elsewhere.ref}:-:{puzzle.a.ref}"
    assert desk.post(address, {"chain": [value]}).status_code == 409
    assert elsewhere.pk not in puzzle.holders()


@pytest.mark.usefixtures("_clock")
def test_rearrange_all_or_nothing() -> None:
    """The one door: a refusal names its order and takes back what was done before it."""
    puzzle = Puzzle()
    unskilled = builders.worker()
    assert puzzle.b is not None
    moves = [
        Move(puzzle.other, (puzzle.told,), (puzzle.b.pk,)),
        Move(puzzle.lost, (), (unskilled.pk,)),
    ]
    Assignment.objects.filter(order=puzzle.lost).update(status="withdrawn")
    with pytest.raises(MoveRefused) as refused:
        services.rearrange(moves, by=None, now=NOW)
    assert refused.value.order_number == puzzle.lost.number
    assert puzzle.holders() == {puzzle.other.pk: puzzle.a.pk}


def test_demo_day_is_repaired_within_a_second_and_every_step_passes_the_rules() -> None:
    """On an invented day of a real size: what is shown is booked without a word."""
    moment = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
    Demo(now=moment, seed=3, workers=60, customers=12, orders=260, days=21).build()
    on = (moment + timedelta(days=1)).date()
    days = [on + timedelta(days=n) for n in range(7)]
    busiest = max(days, key=lambda d: Assignment.objects.filter(order__works_on=d).count())
    rows = Assignment.objects.filter(
        order__works_on=busiest, status__in=["accepted", "offered"]
    ).order_by("pk")
    sick_repair.replacements([], rows[0].worker, now=moment)
    checked = 0
    for worker in Worker.objects.filter(pk__in=rows.values("worker")).order_by("pk")[:4]:
        starts = datetime.combine(busiest, time(0), tzinfo=UTC) - timedelta(hours=3)
        released = record_absence(
            worker, starts, starts + timedelta(hours=27), by=None, now=moment
        ).released
        orders = list(
            WorkOrder.objects.filter(pk__in=[a.order_id for a in released]).select_related(
                "customer", "site", "task_type"
            )
        )
        sick_repair.replacements(orders, worker, now=moment)  # the loops are compiled once
        began = stopwatch.process_time()
        found = sick_repair.replacements(orders, worker, now=moment)
        assert stopwatch.process_time() - began < 1.5
        for day in found:
            answer = day.better or day.quick
            assert answer.filled >= day.quick.filled
            book = bridge.load(busiest, busiest, now=moment)
            for step in answer.steps:
                if step.leaves:
                    book.release(step.order, step.leaves.pk)
            for step in answer.steps:
                if step.comes:
                    found_now = rules.judge(
                        book.case(step.order), book.person(step.order, step.comes.worker.pk)
                    )
                    assert not found_now.violations
                    book.take(step.order, step.comes.worker.pk)
                    checked += 1
    assert checked
