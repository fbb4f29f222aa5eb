"""The law is written twice (docs/adr/0010-law-written-twice.md); random worlds hold it together.

100 worlds in the ordinary run and 1,000 with `LONG=1`. Each planted fault in the arrays has to
be found within as many worlds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from dispatch.candidates import arrays
from dispatch.candidates.staff_snapshot import minute_of
from dispatch.rules import rank as pure
from dispatch.rules import rank_hours as hours
from dispatch.rules.rank_arrays import NO_LIMIT, Around, Job, Law, Staff
from tests.dispatch.rules.law_worlds import Answer, by_arrays, by_law, difference, limits, world
from tests.dispatch.rules.masks import CODES
from tests.rounds import how_many

WORLDS = how_many(100, 1_000)
# Only people under 18 can be too young for a kind of contract, and the law alone judges them.
NOT_OF_ADULTS = {"engagement_min_age"}


@lru_cache(maxsize=1_000)
def law_of(seed: int) -> Answer:
    """The law's answer, asked once for all tests of a process."""
    return by_law(world(seed))


def first_difference(seeds: range) -> str:
    """The first world on which the two writings differ, and how; empty when they agree."""
    for seed in seeds:
        if found := difference(law_of(seed), by_arrays(world(seed))):
            return f"world {seed}: {found}"
    return ""


@pytest.mark.long
def test_arrays_say_what_the_law_says() -> None:
    assert first_difference(range(WORLDS)) == ""


@pytest.mark.long
def test_worlds_reach_every_rule() -> None:
    """A rule that no world breaks would be compared with nothing."""
    met: set[str] = set()
    ages = 0
    for answer in map(law_of, range(WORLDS)):
        ages += len(answer.young)
        for pk, said in answer.said.items():
            if pk not in answer.young:
                met |= {code for code, _hard in said.codes}
    assert met == set(CODES) - NOT_OF_ADULTS
    assert ages > WORLDS / 4


@pytest.mark.long
def test_worlds_hold_nights_clock_changes_birthdays_and_contracts_that_turn() -> None:
    lengths: set[int] = set()
    nights = borders = turning = birthdays = 0
    for seed in range(WORLDS):
        found = world(seed)
        on, order = found.order.works_on, found.order
        law = arrays._law(arrays.Frame.of(order, limits()))
        lengths |= set(np.diff(law.midnights).tolist())
        days = law.days(minute_of(order.starts_at), minute_of(order.ends_at))
        nights += len(days) > 1
        borders += hours.monday_of(days[0]) != hours.monday_of(days[-1])
        for one in found.people:
            edges = [d for c in one.contracts for d in (c.starts_on, c.ends_on) if d is not None]
            turning += any(abs((edge - on).days) <= 3 for edge in edges)
            born = one.worker.birth_date
            birthdays += 0 < (on - date(born.year + 18, born.month, born.day)).days + 8 < 16
    assert lengths == {23 * 60, 24 * 60, 25 * 60}
    assert nights > WORLDS / 10
    assert borders > WORLDS / 50
    assert turning > WORLDS / 2
    assert birthdays > WORLDS / 10


# --------------------------------------------------------------------------- negative controls

Fault = Callable[[pytest.MonkeyPatch], None]


def _law(**wrong: Any) -> Fault:
    """A number of the law that the arrays read wrongly; a function makes it from the right one."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        right = arrays._law

        def planted(frame: arrays.Frame) -> Law:
            law = right(frame)
            values = {k: v(getattr(law, k)) if callable(v) else v for k, v in wrong.items()}
            return replace(law, **values)

        patch.setattr(arrays, "_law", planted)

    return plant


def _part(where: Any, name: str, wrong: Callable[[Any], Any]) -> Fault:
    """Another function or number in place of the right one; `wrong` makes it."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(where, name, wrong(getattr(where, name)))

    return plant


def _given(**wrong: Callable[[Any], Any]) -> Fault:
    """Facts around the order that reach the arrays changed."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        right = pure.rank

        def planted(staff: Staff, around: Around, job: Job) -> pure.Ranking:
            values = {k: v(getattr(around, k)) for k, v in wrong.items()}
            return right(staff, replace(around, **values), job)

        patch.setattr(pure, "rank", planted)

    return plant


def _contracts(**wrong: Callable[[Any], Any]) -> Fault:
    """Contracts that reach the arrays changed."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        right = pure.rank

        def planted(staff: Staff, around: Around, job: Job) -> pure.Ranking:
            values = {k: v(getattr(staff.contracts, k)) for k, v in wrong.items()}
            changed = replace(staff, contracts=replace(staff.contracts, **values))
            return right(changed, around, job)

        patch.setattr(pure, "rank", planted)

    return plant


def _plus(number: int) -> Callable[[Any], Any]:
    return lambda right: right + number


def _nothing(right: Any) -> Any:
    return right * 0


FAULTS: dict[str, Fault] = {
    "daily rest one minute longer": _law(daily_rest=_plus(1)),
    "daily rest one minute shorter": _law(daily_rest=_plus(-1)),
    "shortest rest one minute longer": _law(rest_floor=_plus(1)),
    "weekly rest one minute longer": _law(weekly_rest=_plus(1)),
    "regular day one minute shorter": _law(day_regular=_plus(-1)),
    "regular week an hour longer": _law(week_regular=_plus(60)),
    "longest week an hour shorter": _law(week_max=_plus(-60)),
    "average of sixteen weeks": _law(average_weeks=16),
    "adult at seventeen": _law(adult_age=17),
    "adult at nineteen": _law(adult_age=19),
    "no long break": _law(breaks=lambda right: right[:1]),
    "the young have no break": _law(young_breaks=()),
    "every day has 24 hours": _law(
        midnights=lambda right: right[0] + np.arange(len(right)) * hours.DAY
    ),
    "weeks begin on Sunday": _part(
        hours, "monday_of", lambda _right: lambda day: day - day % hours.WEEK_DAYS
    ),
    "a night counts on its first date": _part(
        hours, "_late_pieces", lambda _right: lambda *_a: (np.zeros(0, dtype=np.int64),) * 3
    ),
    "an outing of eleven hours": _part(pure, "OUTING_MIN", _plus(-60)),
    "rests look two days around": _part(hours, "NEAR", lambda _right: 2 * hours.DAY),
    "the old way counts on": _part(
        hours._Gigs,
        "joins",
        lambda right: lambda self, leg, start, end, on: right(self, leg, start, end, on) + 1,
    ),
    "no trips between assignments": _part(pure, "_trips", lambda right: lambda *a: right(*a) * 0),
    "Sundays and holidays are like others": _part(
        arrays, "_special", lambda _right: lambda _frame: 0
    ),
    "absences are not seen": _given(absent=_nothing),
    "earlier months are not counted": _given(earlier_min=_nothing),
    "finished gigs are one more": _given(done=_plus(1)),
    "hours end a minute early": _given(windows=lambda right: replace(right, end=right.end - 1)),
    "a contract ends a day early": _contracts(to_day=_plus(-1)),
    "a contract begins a day late": _contracts(from_day=_plus(1)),
    "no written limit of the week": _contracts(week_min=lambda r: r * 0 + NO_LIMIT),
    "no written limit of the days": _contracts(week_days=lambda r: r * 0 + NO_LIMIT),
    "subsidised work anywhere": _contracts(no_business=lambda r: r & False),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.long
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the worlds are wide enough to see each of these."""
    FAULTS[fault](monkeypatch)
    assert first_difference(range(WORLDS)) != ""
