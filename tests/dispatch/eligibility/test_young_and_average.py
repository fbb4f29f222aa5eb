"""Papers of young workers, the school calendar and the 48 h average, from rows to the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import Role
from core.models import AuditEvent
from core.texts import violation_text
from core.violations import RuleBroken, Violation
from dispatch.assignments.services import assign
from dispatch.eligibility import facts, judge
from dispatch.models import Assignment
from orders.models import Customer, WorkOrder
from tests import builders
from tests.conftest import NOW
from workers.models import ExceptionPermit, SchoolPeriod, Worker

pytestmark = pytest.mark.django_db
MONDAY, THURSDAY = date(2026, 11, 23), date(2026, 11, 26)
FIFTEEN, FOURTEEN = date(2011, 3, 1), date(2012, 3, 1)


def found(order: WorkOrder, worker: Worker) -> dict[str, Violation]:
    return {v.code: v for v in judge.check(order, [worker.pk])[worker.pk]}


def severities(order: WorkOrder, worker: Worker) -> dict[str, str]:
    return {code: v.severity.value for code, v in found(order, worker).items()}


def hold(worker: Worker, on: date, at: time = time(9), minutes: int = 240) -> Assignment:
    # One customer for all: making hundreds of them is slow.
    customer = Customer.objects.first() or builders.customer()
    order = builders.order(on=on, at=at, duration_min=minutes, customer=customer)
    return Assignment.objects.create(
        order=order,
        worker=worker,
        status="completed",
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        created_at=order.created_at,
    )


def permit(worker: Worker, kind: str, first: date = THURSDAY, last: date = THURSDAY) -> None:
    ExceptionPermit.objects.create(
        worker=worker, number="LVV/77/2026", kind=kind, valid_from=first, valid_to=last
    )


# --------------------------------------------------------------------------- consents


@pytest.mark.parametrize(
    ("consent", "severity"),
    [(None, "hard"), (THURSDAY, "soft"), (THURSDAY + timedelta(days=1), "hard")],
)
def test_overtime_of_a_young_worker_needs_a_consent_of_that_day_or_before(consent, severity):
    """998/1993 5 §: eight hours and a half in two gigs."""
    worker = builders.worker(birth_date=date(2009, 3, 1), overtime_consent_on=consent)
    hold(worker, THURSDAY, time(8))
    order = builders.order(at=time(13), duration_min=270)
    assert severities(order, worker) == {"young_daily_hours": severity}


@pytest.mark.parametrize(
    ("consent", "codes"), [(None, {"guardian_consent_missing"}), (THURSDAY, set())]
)
def test_under_fifteen_needs_the_guardian(consent, codes):
    worker = builders.worker(
        birth_date=FOURTEEN, basic_school_done=False, guardian_consent_on=consent
    )
    order = builders.order(on=THURSDAY, at=time(15), duration_min=120)
    builders.task_type(min_age=14)
    order.task_type.min_age = 14
    order.task_type.save()
    assert set(found(order, worker)) == codes


def test_consents_of_an_adult_matter_to_no_rule():
    worker = builders.worker()
    hold(worker, THURSDAY, time(8))
    order = builders.order(at=time(13), duration_min=270)
    assert severities(order, worker) == {"daily_hours": "soft"}


def test_overtime_of_the_year_counts_what_was_done_before():
    """An hour of overtime on each of 79 days, then the eightieth; after it nothing more."""
    worker = builders.worker(birth_date=date(2009, 3, 1), overtime_consent_on=date(2026, 1, 1))
    for day in range(79):
        nine_hours(worker, date(2026, 2, 2) + timedelta(days=2 * day))
    hold(worker, THURSDAY, time(8))
    order = builders.order(at=time(13), duration_min=330)
    assert severities(order, worker) == {"young_daily_hours": "soft"}
    nine_hours(worker, date(2026, 10, 1))
    late = found(order, worker)["young_overtime_year"]
    assert (late.is_hard, late.numbers["got_min"]) == (True, 81 * 60)
    permit(worker, "overtime")
    assert severities(order, worker)["young_overtime_year"] == "soft"
    nine_hours(worker, date(2025, 12, 30))
    assert found(order, worker)["young_overtime_year"].numbers["got_min"] == 81 * 60


def nine_hours(worker: Worker, on: date) -> None:
    """8-12 and 13-18.30 with the break of half an hour."""
    hold(worker, on, time(8))
    hold(worker, on, time(13), 330)


# --------------------------------------------------------------------------- permits


def test_permit_lifts_the_block_within_its_period_only_and_says_its_number():
    worker = builders.worker(birth_date=FIFTEEN)
    early = builders.order(on=THURSDAY, at=time(5), duration_min=180)
    assert found(early, worker)["young_clock"].is_hard
    permit(worker, "clock")
    softer = found(early, worker)["young_clock"]
    assert not softer.is_hard
    with translation.override("en"):
        assert violation_text(softer).endswith("(exception permit LVV/77/2026)")
    day_after = builders.order(on=THURSDAY + timedelta(days=1), at=time(5), duration_min=180)
    assert found(day_after, worker)["young_clock"].is_hard


def test_permit_of_another_kind_or_person_lifts_nothing():
    worker, other = builders.worker(birth_date=FIFTEEN), builders.worker(birth_date=FIFTEEN)
    permit(worker, "hours")
    permit(other, "clock")
    early = builders.order(on=THURSDAY, at=time(5), duration_min=180)
    assert found(early, worker)["young_clock"].is_hard


def test_permit_still_asks_for_a_reason_and_both_are_in_the_trail():
    worker = builders.worker(birth_date=FIFTEEN, email="nuori@askare.example")
    permit(worker, "clock")
    early, by = builders.order(on=THURSDAY, at=time(5), duration_min=180), builders.user()
    with pytest.raises(RuleBroken):
        assign(early, [worker.pk], by=by, now=NOW)
    codes = set(found(early, worker)) | {"young_clock"}
    assign(early, [worker.pk], by=by, now=NOW, override_reason="Lupa LVV/77/2026")
    event = AuditEvent.objects.get(verb="assignment.offered")
    assert set(event.after["override"]) == codes
    assert event.reason == "Lupa LVV/77/2026"


def test_administrator_enters_a_permit_and_the_trail_keeps_it():
    worker = builders.worker(birth_date=FIFTEEN)
    chief = builders.user(Role.ADMIN, is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(chief)
    data = {"worker": worker.pk, "number": "LVV/9", "kind": "hours", "valid_from": "2026-12-01"}
    add = reverse("admin:workers_exceptionpermit_add")
    refused = client.post(add, data | {"valid_to": "2026-11-01"})
    assert refused.status_code == 200
    assert not ExceptionPermit.objects.exists()
    assert client.post(add, data | {"valid_to": "2026-12-31"}).status_code == 302
    row = ExceptionPermit.objects.get()
    event = AuditEvent.objects.get(verb="permit.created")
    assert (event.ref, event.after["number"], event.actor) == (str(worker.ref), "LVV/9", chief)
    change = reverse("admin:workers_exceptionpermit_change", args=[row.pk])
    client.post(change, data | {"valid_to": "2026-12-15"})
    changed = AuditEvent.objects.get(verb="permit.changed")
    assert (changed.before["valid_to"], changed.after["valid_to"]) == ("2026-12-31", "2026-12-15")
    delete = reverse("admin:workers_exceptionpermit_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


# --------------------------------------------------------------------------- school


def pupil() -> Worker:
    return builders.worker(birth_date=FIFTEEN, basic_school_done=False)


def test_without_a_calendar_a_weekday_is_a_school_day_and_the_text_says_so():
    violation = found(builders.order(at=time(15), duration_min=180), pupil())["young_school_day"]
    assert violation.is_hard
    with translation.override("en"):
        assert "no school calendar" in violation_text(violation)


def test_calendar_with_a_holiday_lets_the_pupil_work_a_longer_day():
    SchoolPeriod.objects.create(
        kind="term", name="Syksy", first_on=date(2026, 8, 10), last_on=date(2026, 12, 18)
    )
    order, worker = builders.order(at=time(10), duration_min=240), pupil()
    school = found(order, worker)["young_school_day"]
    assert "assumed" not in school.numbers
    week = {"first_on": MONDAY, "last_on": MONDAY + timedelta(days=6)}
    SchoolPeriod.objects.create(kind="holiday", name="Loma", **week)
    assert found(order, worker) == {}


def test_holiday_of_another_week_changes_nothing():
    """Negative control."""
    SchoolPeriod.objects.create(
        kind="holiday", name="Joulu", first_on=date(2026, 12, 19), last_on=date(2027, 1, 6)
    )
    order = builders.order(at=time(10), duration_min=240)
    assert found(order, pupil())["young_school_day"].numbers["assumed"] == 1


# --------------------------------------------------------------------------- the average


def eight_hours(worker: Worker, on: date) -> None:
    hold(worker, on, time(8))
    hold(worker, on, time(13))


def seventeen_weeks(worker: Worker, saturday_min: int) -> WorkOrder:
    """48 h in each of the 16 weeks before the order's; in its own all but the order's 4 h."""
    first = MONDAY - timedelta(weeks=16)
    for week in range(16):
        for day in range(6):
            eight_hours(worker, first + timedelta(weeks=week, days=day))
    for day in (0, 1, 2, 4):
        eight_hours(worker, MONDAY + timedelta(days=day))
    hold(worker, MONDAY + timedelta(days=5), time(8))
    hold(worker, MONDAY + timedelta(days=5), time(13), saturday_min)
    hold(worker, THURSDAY, time(13))
    return builders.order(on=THURSDAY, at=time(8))


@pytest.mark.parametrize(("saturday", "fires"), [(240, False), (255, True)])
def test_average_of_48_hours_over_seventeen_weeks_at_its_edge(saturday, fires):
    """872/2019 18 §: 816 h in the period are allowed, a quarter more is not (E: the rule fires)."""
    worker = builders.worker()
    order = seventeen_weeks(worker, saturday)
    answer = found(order, worker)
    assert ("weekly_average" in answer) is fires
    assert all(not v.is_hard for v in answer.values())
    if fires:
        assert answer["weekly_average"].numbers == {
            "got_min": 2881,
            "limit_min": 2880,
            "source": answer["weekly_average"].numbers["source"],
        }


def test_average_forgets_what_lies_before_the_period_and_what_did_not_happen():
    """Negative control."""
    worker = builders.worker()
    order = seventeen_weeks(worker, 240)
    for day in range(5):
        eight_hours(worker, MONDAY - timedelta(weeks=17) + timedelta(days=day))
    withdrawn = hold(worker, MONDAY - timedelta(weeks=9, days=1))
    Assignment.objects.filter(pk=withdrawn.pk).update(status="withdrawn")
    assert "weekly_average" not in found(order, worker)
    Assignment.objects.filter(pk=withdrawn.pk).update(status="completed")
    assert "weekly_average" in found(order, worker)


@pytest.mark.engine
def test_history_adds_no_query_and_papers_are_read_for_the_young_only():
    order = builders.order()
    for _ in range(3):
        hold(builders.worker(), MONDAY - timedelta(weeks=8))
    with CaptureQueriesContext(connection) as queries:
        facts.load(order)
    before = len(queries)
    for _ in range(5):
        hold(builders.worker(), MONDAY - timedelta(weeks=8))
    with CaptureQueriesContext(connection) as queries:
        facts.load(order)
    assert len(queries) == before
    assert not [q for q in queries if "exceptionpermit" in q["sql"] or "schoolperiod" in q["sql"]]
    builders.worker(birth_date=FIFTEEN)
    with CaptureQueriesContext(connection) as queries:
        facts.load(order)
    assert len(queries) == before == facts.QUERIES
    assert [q for q in queries if "exceptionpermit" in q["sql"] and "schoolperiod" in q["sql"]]


# --------------------------------------------------------------------------- the form


def test_worker_form_keeps_the_consents_and_refuses_the_future(client):
    worker = builders.worker(birth_date=FIFTEEN)
    client.force_login(builders.user(Role.DISPATCHER))
    url = reverse("dispatch:worker-edit", args=[worker.ref])
    form = client.get(url).context["form"]
    data = {
        n: v for n in form.fields if (v := form[n].value()) not in (None, "") and v is not False
    }
    late = (datetime.now(tz=UTC) + timedelta(days=3)).date()
    refused = client.post(url, data | {"overtime_consent_on": late.isoformat()})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"overtime_consent_on"}
    assert client.post(url, data | {"overtime_consent_on": "2026-09-01"}).status_code == 302
    worker.refresh_from_db()
    assert worker.overtime_consent_on == date(2026, 9, 1)
    event = AuditEvent.objects.get(verb="worker.changed")
    assert event.before["overtime_consent_on"] is None
    assert event.after["overtime_consent_on"] == "2026-09-01"
