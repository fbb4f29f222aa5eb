"""An order between two gigs: its answer does not depend on which was booked first, and what a hint
promises holds when it is taken.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine

from dispatch.candidates.listing import listing
from dispatch.eligibility import judge
from dispatch.models import Assignment
from orders.models import WorkOrder
from tests import builders
from workers.models import WeeklyAvailability, Worker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LAT, LON = 61.058, 28.188


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def place(north: float = 0.0) -> Any:
    return builders.site(builders.customer(), lat=LAT + north, lon=LON)


def given(order: WorkOrder, worker: Worker) -> None:
    Assignment.objects.create(
        order=order,
        worker=worker,
        status="accepted",
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        created_at=NOW,
    )


def free(worker: Worker, starts: time, ends: time) -> None:
    for day in range(7):
        WeeklyAvailability.objects.create(worker=worker, weekday=day, starts=starts, ends=ends)


def answers(order: WorkOrder, worker: Worker) -> tuple[list[str], list[str]]:
    """Codes by the rules one by one and by the arrays that rank everybody."""
    fresh = WorkOrder.objects.select_related("site", "task_type", "customer").get(pk=order.pk)
    found = listing(fresh, shown=50)
    (ranked,) = (c for c in (*found.can, *found.cannot) if c.worker.pk == worker.pk)
    one = [v.code for v in judge.check(fresh, [worker.pk])[worker.pk]]
    return sorted(one), sorted(v.code for v in ranked.violations)


@pytest.mark.parametrize("young", [True, False])
def test_way_that_is_no_longer_travelled_is_not_counted(young: bool) -> None:
    """Two orders at one place: who is there does not come from the gig of the morning again."""
    worker = builders.worker(
        travel_mode="bike",
        max_trip_min=120,
        available=False,
        **({"birth_date": date(2009, 3, 3)} if young else {}),
    )
    free(worker, time(6), time(23))
    near, far = place(), place(0.03 if young else 0.10)
    task = builders.task_type("light", light_work=True)
    times: tuple[tuple[time, int, Any], ...] = (
        ((time(8), 120, near), (time(11), 145, far), (time(14), 120, far))
        if young
        else ((time(8), 150, near), (time(14), 90, far), (time(17), 150, far))
    )
    first, between, last = (
        builders.order(at=at, duration_min=minutes, site=site, task_type=task)
        for at, minutes, site in times
    )
    found = []
    for booked, asked in (((first, last), between), ((first, between), last)):
        Assignment.objects.all().delete()
        for order in booked:
            given(order, worker)
        found.append(answers(asked, worker))
    assert found == [([], []), ([], [])]


@pytest.mark.parametrize(("next_gig", "hinted"), [(time(13), 0), (time(14), 30)])
def test_other_hour_that_is_hinted_breaks_nothing_else(next_gig: time, hinted: int) -> None:
    """Half an hour later suits the hours of the day, unless it runs into the next gig."""
    worker = builders.worker(travel_mode="car", wish_week_min=2400, available=False)
    free(worker, time(9, 30), time(21))
    given(builders.order(at=next_gig, duration_min=120), worker)
    order = builders.order(at=time(9), duration_min=240)
    fresh = WorkOrder.objects.select_related("site", "task_type", "customer").get(pk=order.pk)
    change = listing(fresh, shown=5).can[0].change
    if not hinted:
        assert change is None
        return
    assert change is not None
    assert (change.code, change.numbers["min"]) == ("would_fit_hour", hinted)
    shift = timedelta(minutes=hinted)
    WorkOrder.objects.filter(pk=order.pk).update(
        starts_at=order.starts_at + shift, ends_at=order.ends_at + shift
    )
    assert answers(order, worker)[0] == []
