"""The bridge from rows to the pure rules: what is read, and with which numbers it asks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.utils import timezone

from core.intervals import Interval, WeeklyWindow, weekly_windows
from dispatch.eligibility import facts, judge
from dispatch.models import Assignment
from orders.models import Customer
from tests import builders
from workers.models import AvailabilityException, Engagement, LegalLimit, WeeklyAvailability
from workers.worktime import selectors

pytestmark = pytest.mark.django_db
THURSDAY = date(2026, 11, 26)


def hold(worker, order, status: str = "accepted") -> Assignment:
    return Assignment.objects.create(
        order=order,
        worker=worker,
        status=status,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        created_at=timezone.now(),
    )


def said(order, worker) -> dict[str, dict]:
    return {v.code: v.numbers for v in judge.check(order, [worker.pk])[worker.pk]}


def engaged(kind: str, **fields):
    worker = builders.worker(engagement=None)
    defaults = {"starts_on": date(2026, 1, 1)}
    Engagement.objects.create(worker=worker, kind=kind, **(defaults | fields))
    return worker


# --------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("status", "counts"),
    [("planned", 1), ("offered", 1), ("completed", 1), ("declined", 0), ("withdrawn", 0)],
)
def test_only_rows_that_hold_time_are_neighbours(status, counts):
    worker = builders.worker()
    hold(worker, builders.order(on=date(2026, 11, 24)), status)
    _, [person] = facts.load(builders.order(), [worker.pk])
    assert len(person.gigs) == counts


def test_neighbours_reach_eight_days_past_the_week():
    worker = builders.worker()
    for on in (date(2026, 11, 14), date(2026, 11, 16), date(2026, 12, 7), date(2026, 12, 9)):
        hold(worker, builders.order(on=on))
    _, [person] = facts.load(builders.order(), [worker.pk])
    starts = [g.interval.start.date() for g in person.gigs]
    assert starts == [date(2026, 11, 16), date(2026, 12, 7)]


def test_engagement_of_the_date_is_read_and_no_other():
    worker = engaged("employment", ends_on=date(2026, 11, 25))
    assert set(said(builders.order(), worker)) == {"no_engagement"}
    assert said(builders.order(on=date(2026, 11, 25)), worker) == {}


def test_of_two_engagements_the_one_that_allows_it_counts():
    worker = engaged("pay_subsidy", excludes_business=True)
    Engagement.objects.create(worker=worker, kind="employment", starts_on=date(2026, 6, 1))
    _, [person] = facts.load(builders.order(), [worker.pk])
    assert len(person.contracts) == 2
    assert said(builders.order(), worker) == {}


@pytest.mark.parametrize("preferred", [True, False])
def test_shared_windows_equal_those_of_the_pure_rule(preferred):
    """The quick way (patterns shared by many) and weekly_windows give the same free time."""
    worker = builders.worker(available=False)
    for day, (starts, ends) in product(range(7), ((time(7), time(12)), (time(12), time(17)))):
        WeeklyAvailability.objects.create(
            worker=worker, weekday=day, starts=starts, ends=ends, preferred=preferred
        )
    case, [person] = facts.load(builders.order(), [worker.pk])
    pattern = [WeeklyWindow(d, s, e) for d, s, e in _pattern(worker)]
    assert person.windows == weekly_windows(pattern, [], THURSDAY, THURSDAY, case.tz)
    assert person.preferred == (person.windows if preferred else [])


def _pattern(worker):
    return worker.weekly_availability.values_list("weekday", "starts", "ends")


def test_added_hours_of_a_date_count():
    worker = builders.worker(available=False)
    AvailabilityException.objects.create(
        worker=worker, on=THURSDAY, available=True, starts=time(9), ends=time(13)
    )
    assert said(builders.order(), worker) == {}


def test_windows_on_a_clock_change_day_follow_the_wall():
    """On 25.10.2026 the clock goes back; nine o'clock stays nine o'clock."""
    worker = builders.worker(available=False)
    WeeklyAvailability.objects.create(worker=worker, weekday=6, starts=time(9), ends=time(13))
    order = builders.order(on=date(2026, 10, 25))
    _, [person] = facts.load(order, [worker.pk])
    assert person.windows == [
        Interval(datetime(2026, 10, 25, 7, tzinfo=UTC), datetime(2026, 10, 25, 11, tzinfo=UTC))
    ]
    assert set(said(order, worker)) == {"sunday_work"}


# --------------------------------------------------------------------------- asking


def test_long_gig_is_counted_without_its_break():
    """Eight hours on site hold a break of half an hour: 7.5 h of work, so no daily overtime."""
    worker = builders.worker()
    order = builders.order(at=time(8), duration_min=480)
    assert said(order, worker) == {}
    hold(worker, order)
    _, [person] = facts.load(builders.order(on=date(2026, 11, 27)), [worker.pk])
    case, _ = facts.load(builders.order(on=date(2026, 11, 27)), [worker.pk])
    assert judge.judge(case, person).week_min == 450


def test_way_between_two_gigs_of_a_day_is_working_time():
    worker = builders.worker(travel_mode="car")
    customer = builders.customer()
    site = builders.site(customer, street="Kuja 1", lat=61.12, lon=28.35)
    hold(worker, builders.order(at=time(8), duration_min=240))
    order = builders.order(at=time(13), duration_min=240, customer=customer, site=site)
    case, [person] = facts.load(order, [worker.pk])
    leg = judge.judge(case, person).leg_in_min
    assert 10 < leg < 40
    assert said(order, worker)["daily_hours"]["got_min"] == 480 + leg


def test_sixth_and_seventh_day_break_the_weekly_rest():
    worker = builders.worker()
    for day in range(23, 29):
        hold(worker, builders.order(on=date(2026, 11, day), at=time(12), duration_min=480))
    found = said(builders.order(on=date(2026, 11, 29), at=time(12), duration_min=480), worker)
    assert {"weekly_rest", "sunday_work", "weekly_hours"} & set(found) >= {
        "weekly_rest",
        "sunday_work",
    }


def test_public_holiday_is_asked_about():
    assert "holiday_work" in said(builders.order(on=date(2026, 12, 25)), builders.worker())


def test_rehabilitative_work_at_a_company_is_refused_and_for_a_city_only_noted(settings):
    settings.ENGAGEMENT_KINDS = ["rehabilitative"]
    worker = engaged("rehabilitative")
    company = builders.order()
    city = builders.order(customer=builders.customer(kind=Customer.Kind.PUBLIC))
    assert "rehabilitative_at_company" in said(company, worker)
    assert set(said(city, worker)) == {"kind_not_billable"}


def test_kind_that_is_switched_off_is_refused(settings):
    settings.ENGAGEMENT_KINDS = ["employment"]
    assert "kind_disabled" in said(builders.order(), engaged("pay_subsidy"))


def test_fifth_day_of_rehabilitative_week_is_refused(settings):
    settings.ENGAGEMENT_KINDS = ["rehabilitative"]
    worker = engaged("rehabilitative")
    customer = builders.customer(kind=Customer.Kind.PUBLIC)
    for day in (23, 24, 25, 27):
        hold(worker, builders.order(on=date(2026, 11, day), customer=customer))
    numbers = said(builders.order(customer=customer), worker)["engagement_week_days"]
    assert (numbers["got_days"], numbers["limit_days"]) == (5, 4)


def test_task_for_adults_is_refused_to_the_young():
    worker = builders.worker(birth_date=date(2010, 1, 1))
    task = builders.task_type("roof", hazardous=True, min_age=18)
    assert {"task_min_age", "task_hazardous_for_young"} <= set(
        said(builders.order(task_type=task), worker)
    )


def test_limit_in_the_database_beats_the_shipped_one():
    """Legal numbers are dated rows: the office can correct one without new software."""
    LegalLimit.objects.create(
        code="adult_daily_regular",
        valid_from=date(2026, 1, 1),
        value=Decimal(180),
        unit="min",
        source="test",
    )
    numbers = said(builders.order(), builders.worker())["daily_hours"]
    assert (numbers["got_min"], numbers["limit_min"], numbers["source"]) == (240, 180, "test")


def test_shipped_limits_are_used_where_the_database_has_none():
    LegalLimit.objects.filter(code="adult_age").delete()
    assert selectors.legal_limits().row("adult_age", THURSDAY).certainty == "certain"
    LegalLimit.objects.all().delete()
    assert selectors.legal_limits() == selectors.shipped_limits()


def test_later_limit_ends_the_earlier_one():
    LegalLimit.objects.filter(code="adult_age").delete()
    for on, value in ((date(2020, 1, 1), 18), (date(2027, 1, 1), 19)):
        LegalLimit.objects.create(
            code="adult_age", valid_from=on, value=value, unit="years", source="test"
        )
    limits = selectors.legal_limits()
    days = (date(2020, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [limits.value("adult_age", day) for day in days] == [18, 18, 19]


def test_memo_of_shared_checks_changes_no_answer():
    """Adults without other gigs share one answer; somebody with own limits does not."""
    plain = [builders.worker() for _ in range(3)]
    short = engaged("employment", daily_max_min=120)
    order = builders.order()
    case, everybody = facts.load(order)
    together = {p.worker.pk: judge.judge(case, p).violations for p in everybody}
    alone = {w.pk: judge.check(order, [w.pk])[w.pk] for w in (*plain, short)}
    assert together == alone
    assert [v.code for v in together[short.pk]] == ["own_daily_max"]
    assert len(case.shifts_checked) == 2


def test_holder_names_the_row_that_holds_the_time():
    worker, order = builders.worker(), builders.order()
    row = hold(worker, order)
    assert judge.holder([worker.pk], builders.order(at=time(12, 30))) == row
    later = builders.order(at=time(13), duration_min=60)
    assert later.starts_at == order.ends_at
    assert judge.holder([worker.pk], later) is None
    assert order.ends_at - order.starts_at == timedelta(hours=4)
