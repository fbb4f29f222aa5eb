"""From rows to the planner's format: a day of orders and workers as a problem to solve."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from core.intervals import MINUTE, Interval, local_day_bounds, merge, subtract
from core.zone import HELSINKI
from dispatch.eligibility import travel, travel_arrays
from dispatch.eligibility.roads import RoadServer, measured
from dispatch.eligibility.travel import Point
from dispatch.planning import problem as planning
from dispatch.plans.facts import PlanningFacts, in_force
from orders.models import WorkOrder
from workers.models import Worker
from workers.rules.worktime_facts import AgeRule, age_rule

log = logging.getLogger(__name__)
# What a place and a pair cost, in travel minutes: an empty place outweighs any detour or wish.
WEIGHTS: Mapping[str, Any] = {
    # Where everybody was found already, nobody may be taken away without a substitute.
    "unfilled": {"normal": 1000, "kept": 20_000},
    "unfilled_per_hour": 100,
    "pair_base": 60,
    "preferred": -40,
    "familiar": -20,
    "pair_min": 0,
    "pair_max": 100,
}
# Points an hour for somebody without any hours this week, and for somebody far over the wish.
FAIR_LOW, FAIR_HIGH = -5.0, 10.0
ORDERS_A_DAY = 4
DAY_MIN = planning.DAY_MIN
_LIMITS = {
    AgeRule.ADULT: ("adult_daily_regular", "adult_weekly_regular"),
    AgeRule.YOUNG: ("young_daily_regular", "young_weekly_regular"),
    AgeRule.YOUNG_PUPIL: ("young_daily_regular", "pupil_term_week_max"),
    AgeRule.CHILD: ("child_daily_max", "child_weekly_max"),
}


@dataclass(frozen=True)
class DayProblem:
    """A day in the planner's format, its orders and workers by the ids used in it.

    `places`: how many people each open order lacks, by id.
    """

    data: dict[str, Any]
    orders: dict[str, WorkOrder]
    workers: dict[str, Worker]
    places: dict[str, int]
    pairs: int


def day_problem(
    facts: PlanningFacts,
    on: date,
    *,
    only: Collection[int] | None = None,
    unlocked: Collection[int] = (),
) -> DayProblem:
    """A day of the facts in the planner's format (askare-planning-problem/1).

    Ids are primary keys as text. Minutes count from 24 hours before the day's last midnight, which
    is the wall clock's own midnight except for what lies before a change of the clocks. `only`
    names the orders whose places are open (None: every order that lacks people). `unlocked` are
    workers whose day the planner cannot repeat: they stay as they are and get nothing more.
    """
    origin = _origin(on)
    rows = [o for o in facts.orders if o.works_on == on and _fits_day(o, origin)]
    lacking = {
        o.pk: facts.missing(o) for o in rows if facts.missing(o) and (only is None or o.pk in only)
    }
    people = [pk for pk in facts.workers if pk not in unlocked]
    locks = {o.pk: sorted(facts.held(o).intersection(people)) for o in rows}
    rows = [o for o in rows if lacking.get(o.pk) or locks[o.pk]]
    able = {
        o.pk: [w for w in people if w not in locks[o.pk] and facts.has_no_objection(o, w)]
        if lacking.get(o.pk)
        else []
        for o in rows
    }
    data = write_problem(facts, on, rows, lacking=lacking, able=able, held=locks, locked=locks)
    return DayProblem(
        data,
        orders={str(o.pk): o for o in rows},
        workers={str(pk): worker for pk, worker in facts.workers.items()},
        places={str(pk): n for pk, n in lacking.items()},
        pairs=sum(len(ws) for ws in able.values()),
    )


def write_problem(
    facts: PlanningFacts,
    on: date,
    rows: Sequence[WorkOrder],
    *,
    lacking: Mapping[int, int],
    able: Mapping[int, Sequence[int]],
    held: Mapping[int, Sequence[int]],
    locked: Mapping[int, Sequence[int]],
    people: Collection[int] | None = None,
) -> dict[str, Any]:
    """The planner's format of these orders: who may take them, holds them, and has to keep them.

    All maps go by order id. `people` are the workers written down (None: everybody). An order
    that lacks nobody keeps those it has before any other gets one.
    """
    origin = _origin(on)
    slot = 5 if all(_on_grid(o, origin) for o in rows) else 1
    known = [pk for pk in facts.workers if people is None or pk in people]
    return {
        "format": planning.FORMAT,
        "name": f"day {on}",
        "date": on.isoformat(),
        "slot_min": slot,
        "travel": _travel(facts, rows, on, known),
        "limits": {"max_orders_per_worker": _most_orders(held.values())},
        "weights": dict(WEIGHTS),
        "workers": [_worker(facts, pk, on, origin, rows, held, able) for pk in known],
        "orders": [_order(facts, o, origin, lacking, held, able, known) for o in rows],
        "locked": [
            {"order": str(o.pk), "worker": str(w), "role": "worker", "start_min": start_min(o, on)}
            for o in rows
            for w in locked[o.pk]
        ],
    }


def start_min(order: WorkOrder, on: date) -> int:
    """The order's start in the minutes of the day's problem."""
    return _at(order, _origin(on))


def _origin(on: date) -> datetime:
    return local_day_bounds(on, HELSINKI).end - DAY_MIN * MINUTE


def _at(order: WorkOrder, origin: datetime) -> int:
    return (order.starts_at - origin) // MINUTE


def _fits_day(order: WorkOrder, origin: datetime) -> bool:
    return 0 <= _at(order, origin) < DAY_MIN


def _on_grid(order: WorkOrder, origin: datetime) -> bool:
    return _at(order, origin) % 5 == 0 and order.duration_min % 5 == 0


def _most_orders(locks: Iterable[Collection[int]]) -> int:
    held = Counter(worker for workers in locks for worker in workers)
    return min(12, max([ORDERS_A_DAY, *held.values()]))


def _travel(
    facts: PlanningFacts, rows: Sequence[WorkOrder], on: date, people: Sequence[int]
) -> dict[str, Any]:
    """Modes, and the minutes as `dispatch.eligibility.travel` reckons them."""
    workers = [facts.workers[pk] for pk in people]
    names = sorted({w.travel_mode for w in workers})
    modes = {name: travel.mode_on(name, on) for name in names}
    sites = [Point(o.site.lat, o.site.lon) for o in rows]
    homes = [Point(w.lat, w.lon) for w in workers]
    from_home, between = _metres(homes, sites), _metres(sites, sites)
    roads = _roads(names, homes, sites)
    return {
        "detour": 1,
        "same_place_km": travel.SAME_PLACE_M / 1000,
        "max_home_min": DAY_MIN,
        "modes": {n: {"kmh": m.kmh, "fixed_min": m.fixed_min} for n, m in modes.items()},
        "measured": {
            name: {
                "home_to_site": _later(_minutes(from_home, mode), roads, name, "home_to_site"),
                "site_to_site": _later(_minutes(between, mode), roads, name, "site_to_site"),
            }
            for name, mode in modes.items()
            if rows
        },
    }


def _roads(
    names: Sequence[str], homes: Sequence[Point], sites: Sequence[Point]
) -> dict[str, dict[str, list[list[int]]]]:
    """Road times by mode where a road server is set and answers; what fails is logged."""
    if not settings.ROADS_URL or not homes or not sites:
        return {}
    server = RoadServer(settings.ROADS_URL, settings.ROADS_PROFILES, settings.ROADS_TIMEOUT_S)
    found, failures = measured(server, dict.fromkeys(names, homes), sites)
    for failure in failures:
        log.warning("No road times, the straight line stands in. %s", failure)
    return found


def _later(
    line: list[list[int]], roads: Mapping[str, Any], name: str, part: str
) -> list[list[int]]:
    """The longer of both ways of reckoning: the rules for a pair know the straight line only."""
    if name not in roads:
        return line
    rows: list[list[int]] = np.maximum(line, roads[name][part]).tolist()
    return rows


def _metres(places: Sequence[Point], sites: Sequence[Point]) -> NDArray[np.float64]:
    """Metres from each place to each site: (places, sites)."""
    if not places or not sites:
        return np.zeros((len(places), len(sites)))
    return np.array([travel_arrays.distances_m(places, site) for site in sites]).T


def _minutes(metres: NDArray[np.float64], mode: travel.Mode) -> list[list[int]]:
    found = travel_arrays.minutes_for(metres, mode.kmh, mode.fixed_min, mode.detour)
    return [[int(n) for n in row] for row in np.minimum(found, np.iinfo(np.int16).max)]


def _worker(
    facts: PlanningFacts,
    worker_id: int,
    on: date,
    origin: datetime,
    rows: Sequence[WorkOrder],
    locks: Mapping[int, Sequence[int]],
    able: Mapping[int, Sequence[int]],
) -> dict[str, Any]:
    worker = facts.workers[worker_id]
    held = [o for o in rows if worker_id in locks[o.pk]]
    mine = [o for o in rows if worker_id in able[o.pk]]
    held_min = sum(o.duration_min for o in held)
    longest = max((o.duration_min for o in mine), default=0)
    return {
        "id": str(worker_id),
        "home": [worker.lat, worker.lon],
        "mode": worker.travel_mode,
        "available": _available(facts, worker_id, on, origin, held) if held or mine else [],
        # What the rules let somebody do alone is never cut off here.
        "max_work_min": min(
            DAY_MIN, max(held_min + longest, _most_min(facts, worker_id, on, held_min))
        ),
        "skills": [],
        "can_coach": False,
        "needs_coach": False,
        "fairness_per_hour": fairness(facts.week_min(worker_id, on), worker.wish_week_min),
        **_breaks(facts, worker_id, on),
    }


def _available(
    facts: PlanningFacts, worker_id: int, on: date, origin: datetime, held: Sequence[WorkOrder]
) -> list[list[int]]:
    """Hours given less days away, in minutes; what is held already counts as given, trips too."""
    given = subtract(facts.windows(worker_id, [on]), facts.time.away[worker_id])
    spans = [(max(0, (w.start - origin) // MINUTE), (w.end - origin) // MINUTE) for w in given]
    if held:
        trip = {o.pk: facts.home_min(o, worker_id) for o in held}
        first = min(held, key=lambda o: o.starts_at)
        last = max(held, key=lambda o: o.ends_at)
        slack = 10  # minutes are rounded up to the grid on both ends
        opens = (first.starts_at - origin) // MINUTE - trip[first.pk] - slack
        closes = (last.ends_at - origin) // MINUTE + trip[last.pk] + slack
        spans.append((max(0, opens), min(2 * DAY_MIN, closes)))
    whole = merge(
        Interval(origin + a * MINUTE, origin + min(b, 2 * DAY_MIN) * MINUTE)
        for a, b in spans
        if b > a
    )
    return [[(w.start - origin) // MINUTE, (w.end - origin) // MINUTE] for w in whole]


def _most_min(facts: PlanningFacts, worker_id: int, on: date, held_min: int) -> int:
    """Minutes of work that the date still takes: the law's regular day and week, the contract's."""
    rule = age_rule(facts.age_facts(worker_id), on, facts.limits)
    if rule not in _LIMITS:
        return 0
    day, week = (facts.limits.value(code, on) for code in _LIMITS[rule])
    contracts = [c for c in facts.contracts[worker_id] if in_force(c, on)]
    if contracts:
        day = min(day, max(c.daily_max_min or day for c in contracts))
        week = min(week, max(c.weekly_max_min or week for c in contracts))
    left = week - facts.week_min(worker_id, on) + held_min
    return max(0, min(day, left))


def fairness(week_min: int, wish_min: int) -> float:
    """Price of an hour for somebody with `week_min` of the `wish_min` they wish this week.

    Below nought for those who lack hours, above for those who have theirs.
    """
    share = week_min / max(1, wish_min)
    return round(min(FAIR_HIGH, FAIR_LOW + (0 - FAIR_LOW) * 2 * share), 2)


def _breaks(facts: PlanningFacts, worker_id: int, on: date) -> dict[str, int]:
    """The young need a free half hour between gigs; an adult's break lies inside a gig."""
    if age_rule(facts.age_facts(worker_id), on, facts.limits) is AgeRule.ADULT:
        return {"break_after_min": 0, "break_min": 0}
    return {
        "break_after_min": facts.limits.value("young_break_over", on),
        "break_min": facts.limits.value("young_break", on),
    }


def _order(
    facts: PlanningFacts,
    order: WorkOrder,
    origin: datetime,
    lacking: Mapping[int, int],
    locks: Mapping[int, Sequence[int]],
    able: Mapping[int, Sequence[int]],
    people: Sequence[int],
) -> dict[str, Any]:
    may = {*able[order.pk], *locks[order.pk]}
    start = _at(order, origin)
    return {
        "id": str(order.pk),
        "site": [order.site.lat, order.site.lon],
        "duration_min": order.duration_min,
        "earliest_start_min": start,
        "latest_start_min": start,
        "workers_needed": lacking.get(order.pk, 0) + len(locks[order.pk]),
        "skills": [],
        "coach_on_site": False,
        "priority": "normal" if lacking.get(order.pk) else "kept",
        "preferred": [str(w) for w in sorted(may) if facts.suits(order, w)],
        "familiar": [str(w) for w in sorted(may) if facts.at_site[w, order.site_id]],
        "blocked": [str(w) for w in people if w not in may],
    }
