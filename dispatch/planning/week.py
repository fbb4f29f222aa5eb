"""A week: days coupled by weekly limits, rest between days and the hours people wish for.

Each day is planned in date order with what the days around it leave: minutes of the week, rest
before and after, and a price on hours that rises above and falls below the worker's wish. A second
pass plans each day again, knowing all the others. The bound is the sum of the days' own bounds
without the coupling, which can only make a week dearer.

Only the benchmark uses this, for weeks given as problem files, which know no law. A week of our own
rows goes through the same turns in `plan_services`, where the rules themselves judge every pair
with what the other days hold.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dispatch.planning.greedy import assignments
from dispatch.planning.problem import DAY_MIN, Assignment, Problem, read_problem
from dispatch.planning.search import Progress, Result, search
from dispatch.planning.stopwatch import Stopwatch, turns


@dataclass(frozen=True)
class WeekFacts:
    """What couples one worker's days.

    `limit_min`: most work in the week; `wished_min`: hours wished for; `worked_min`: work of
    the week that is not in any of the days; `rest_min`: least time from one day's end to the next
    day's start, work to work; `hour_price`: cost per hour above the wish.
    """

    limit_min: int
    wished_min: int
    worked_min: int = 0
    rest_min: int = 11 * 60
    hour_price: float = 12.0


@dataclass(frozen=True)
class Day:
    """One planned day of a week: its problem as given, and its search."""

    data: Mapping[str, Any]
    problem: Problem
    result: Result

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Who works where and when."""
        return assignments(self.result.problem, self.result.routes)


@dataclass(frozen=True)
class Week:
    """A planned week. `under_min`: minutes short of everybody's wishes, together."""

    days: tuple[Day, ...]
    under_min: int

    @property
    def filled(self) -> tuple[int, int]:
        """Places filled and places in all."""
        hands = sum(a.role == "worker" for day in self.days for a in day.assignments)
        return hands, sum(int(day.problem.needed.sum()) for day in self.days)


@dataclass
class _Spans:
    """Work of one worker on one day: first start, last end, minutes."""

    first: int
    last: int
    minutes: int


def _spans(day: Day) -> dict[str, _Spans]:
    found: dict[str, _Spans] = {}
    for a in day.assignments:
        minutes = int(day.problem.duration_min[a.order])
        end = a.start_min + minutes
        name = day.problem.worker_ids[a.worker]
        mine = found.setdefault(name, _Spans(a.start_min, end, 0))
        mine.first, mine.last = min(mine.first, a.start_min), max(mine.last, end)
        mine.minutes += minutes
    return found


def _coupled(
    data: Mapping[str, Any],
    facts: Mapping[str, WeekFacts],
    others: Sequence[dict[str, _Spans] | None],
    at: int,
) -> dict[str, Any]:
    """The day's problem with what the other days leave to each worker."""
    day = copy.deepcopy(dict(data))
    for worker in day["workers"]:
        fact = facts.get(worker["id"])
        if fact is None:
            continue
        used = fact.worked_min + sum(
            spans[worker["id"]].minutes
            for n, spans in enumerate(others)
            if spans and n != at and worker["id"] in spans
        )
        worker["max_work_min"] = max(0, min(worker["max_work_min"], fact.limit_min - used))
        short = fact.wished_min - used
        price = 0.0 if short >= worker["max_work_min"] else fact.hour_price
        worker["fairness_per_hour"] += price if short <= 0 else price / 2
        before = others[at - 1] if at > 0 else None
        after = others[at + 1] if at + 1 < len(others) else None
        opens, closes = 0, 2 * DAY_MIN
        if before and worker["id"] in before:
            opens = before[worker["id"]].last + fact.rest_min - DAY_MIN
        if after and worker["id"] in after:
            closes = after[worker["id"]].first + DAY_MIN - fact.rest_min
        # Rest counts from work to work; the way there is kept inside it, on the safe side.
        worker["available"] = [
            [max(a, opens), min(b, closes)]
            for a, b in worker["available"]
            if max(a, opens) < min(b, closes)
        ]
    return day


def plan_week(
    days: Sequence[Mapping[str, Any]],
    facts: Mapping[str, WeekFacts],
    watch: Stopwatch,
    seed: int = 0,
    on_progress: Callable[[int, Progress], None] | None = None,
) -> Week:
    """Plan consecutive days (askare-planning-problem/1 each) together.

    `on_progress` hears the day's number and its progress. Locked assignments of every day stay.
    """
    planned: list[Day | None] = [None] * len(days)
    spans: list[dict[str, _Spans] | None] = [None] * len(days)
    for at, part in turns([1.0] * len(days)):
        if watch.over() and planned[at] is not None:
            continue
        data = _coupled(days[at], facts, spans, at)
        mine = replace(watch, seconds=watch.left() * part)
        result = search(
            read_problem(data), mine, seed, partial(on_progress, at) if on_progress else None
        )
        candidate = Day(days[at], read_problem(data), result)
        if _better(candidate, planned[at]):
            planned[at], spans[at] = candidate, _spans(candidate)
    done = tuple(day for day in planned if day is not None)
    return Week(done, _under(done, facts))


def _better(new: Day, old: Day | None) -> bool:
    """A second pass may only fill as much as the first, or more."""
    if old is None:
        return True
    now = sum(a.role == "worker" for a in new.assignments)
    return now >= sum(a.role == "worker" for a in old.assignments)


def _under(days: Sequence[Day], facts: Mapping[str, WeekFacts]) -> int:
    worked: dict[str, int] = {}
    for day in days:
        for name, span in _spans(day).items():
            worked[name] = worked.get(name, 0) + span.minutes
    return sum(
        max(0, fact.wished_min - fact.worked_min - worked.get(name, 0))
        for name, fact in facts.items()
    )
