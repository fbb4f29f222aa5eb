"""A week is gone through twice: the second time each day knows all the others."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from dispatch.plans import solve
from dispatch.plans.facts import load_facts
from dispatch.plans.job import propose
from tests import builders

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MON, TUE = date(2026, 11, 23), date(2026, 11, 24)


def test_second_pass_gives_monday_to_who_has_no_hours_on_tuesday() -> None:
    """Ada is nearer on Monday, but only she can do Tuesday: Monday goes to Bo after all."""
    ada = builders.worker(wish_week_min=240, skills=("garden",))
    bo = builders.worker(wish_week_min=240, lat=61.064, lon=28.2)
    monday = builders.order(on=MON, at=time(9))
    garden = builders.task_type("garden", skills=("garden",))
    tuesday = builders.order(on=TUE, at=time(9), duration_min=480, task_type=garden)
    facts = load_facts(MON, TUE, now=NOW)
    alone = solve.plan_day(facts, MON, seconds=1.0)
    assert [pick.worker for pick in alone.picks] == [ada]
    found = propose(MON, TUE, seconds=3, now=NOW)
    given = {pick.order.pk: pick.worker for day in found for pick in day.picks}
    assert given == {monday.pk: bo, tuesday.pk: ada}


def test_plan_that_is_no_better_leaves_the_first_one() -> None:
    """What was taken stays in the facts, place by place."""
    for _n in range(3):
        builders.worker()
        builders.order(on=MON, at=time(9))
    facts = load_facts(MON, MON, now=NOW)
    first = solve.plan_day(facts, MON, seconds=1.0)
    held = {order.pk: set(facts.held(order)) for order in facts.orders}
    again = solve.plan_day(facts, MON, seconds=0.5, before=first)
    assert again.picks == first.picks
    assert {order.pk: set(facts.held(order)) for order in facts.orders} == held
    assert again.seconds >= first.seconds
