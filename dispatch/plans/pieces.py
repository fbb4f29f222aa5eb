"""A day cut into pieces that can be planned apart from each other, and one of them planned.

Knows rows and people but no problem of the planner: what a piece gave goes back into the day
through `dispatch.plans.result.gather`, which judges it beside everything else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from core.intervals import Interval, local_day_bounds, overlaps
from core.zone import HELSINKI
from dispatch.eligibility import judge, travel_arrays
from dispatch.planning.groups import groups
from dispatch.plans import solve
from dispatch.plans.facts import PlanningFacts, load_facts
from dispatch.plans.result import PieceFound
from dispatch.plans.solve import Progress
from orders.models import WorkOrder

# Small pieces are put together, larger ones cut by home.
PIECE_ORDERS = 25
AREA_WORKERS = 200


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Piece:
    """Workers and open orders of a date that can be planned apart from the rest of the day.

    `exact`: no pair of the day lies across pieces, so that costs and bounds add up; otherwise
    the piece is an area cut out of a larger one. `places` are those to be filled.
    """

    on: date
    workers: tuple[int, ...]
    orders: tuple[int, ...]
    places: int
    exact: bool


def cut(facts: PlanningFacts, on: date) -> list[Piece]:
    """The date cut where no worker could serve orders on both sides, then large ones by home.

    Who lives within a bearable trip of a site (or works near it that day) and has the skills could
    serve it: a rough look that takes no pair apart which the rules allow, cheap for thousands.
    """
    lacking = [o for o in facts.orders if o.works_on == on and facts.missing(o)]
    if not lacking:
        return []
    able, people = _could_serve(facts, lacking, on), list(facts.workers)
    found: list[Piece] = []
    for members in _bundled(groups(able), able):
        orders = np.flatnonzero(able[members].any(axis=0))
        areas = _areas(facts, [people[m] for m in members], [lacking[n] for n in orders])
        found += [_piece(facts, on, *area, exact=len(areas) == 1) for area in areas]
    # What nobody could serve is counted once all the same.
    nobody = [lacking[n] for n in np.flatnonzero(~able.any(axis=0))]
    if found and nobody:
        more = sum(facts.missing(order) for order in nobody)
        ids = (*found[0].orders, *(o.pk for o in nobody))
        found[0] = replace(found[0], orders=ids, places=found[0].places + more)
    return found


def _piece(
    facts: PlanningFacts,
    on: date,
    workers: Sequence[int],
    orders: Sequence[WorkOrder],
    *,
    exact: bool,
) -> Piece:
    places = sum(facts.missing(order) for order in orders)
    return Piece(on, tuple(workers), tuple(o.pk for o in orders), places, exact)


def _could_serve(facts: PlanningFacts, orders: Sequence[WorkOrder], on: date) -> NDArray[np.bool_]:
    """Who could reach and knows what: (workers, orders)."""
    people = list(facts.workers.values())
    longest = np.array([w.max_trip_min for w in people])
    at = {pk: n for n, pk in enumerate(facts.workers)}
    day = local_day_bounds(on, HELSINKI)
    around = Interval(day.start - judge.SAME_OUTING, day.end + judge.SAME_OUTING)
    gigs = [
        (at[pk], g.place) for pk in at for g in facts.time.gigs[pk] if overlaps(g.interval, around)
    ]
    modes = [people[n].travel_mode for n, _place in gigs]
    able = np.zeros((len(people), len(orders)), bool)
    for column, order in enumerate(orders):
        case = facts.case(order)
        able[:, column] = facts.trips(case)[1] <= longest
        trips = travel_arrays.trips_min(modes, [place for _n, place in gigs], case.place, on)[1]
        for (n, _place), trip in zip(gigs, trips, strict=True):
            able[n, column] |= trip <= longest[n]
        for skill in facts.task_skills[order.task_type_id]:
            able[:, column] &= [skill.pk in facts.skills[pk] for pk in at]
    return able


def _bundled(found: Sequence[Sequence[int]], able: NDArray[np.bool_]) -> list[list[int]]:
    """Small groups put together, so that no part is too small to be worth a task."""
    bundles: list[list[int]] = []
    width = 0
    for members in found:
        size = int(able[list(members)].any(axis=0).sum())
        if bundles and width + size <= PIECE_ORDERS:
            bundles[-1] += members
            width += size
        else:
            bundles.append(list(members))
            width = size
    return bundles


def _areas(
    facts: PlanningFacts, workers: Sequence[int], orders: Sequence[WorkOrder]
) -> list[tuple[list[int], list[WorkOrder]]]:
    """Halves by home along the longer side until each is small enough; sites go by the same cut."""
    if len(workers) <= AREA_WORKERS or len(orders) <= PIECE_ORDERS:
        return [(list(workers), list(orders))]
    homes = np.array([[facts.workers[w].lat, facts.workers[w].lon] for w in workers])
    width = np.ptp(homes, axis=0) * [1.0, math.cos(math.radians(float(homes[0, 0])))]
    axis = int(np.argmax(width))
    cut = float(np.median(homes[:, axis]))
    low = [w for w, home in zip(workers, homes, strict=True) if home[axis] <= cut]
    high = [w for w, home in zip(workers, homes, strict=True) if home[axis] > cut]
    near = [o for o in orders if (o.site.lat, o.site.lon)[axis] <= cut]
    far = [o for o in orders if (o.site.lat, o.site.lon)[axis] > cut]
    if not high or not near or not far:
        return [(list(workers), list(orders))]
    return [*_areas(facts, low, near), *_areas(facts, high, far)]


def plan_piece(
    piece: Piece,
    *,
    seconds: float,
    now: datetime,
    should_stop: Callable[[], bool] = _never,
    on_progress: Callable[[Progress], None] | None = None,
) -> PieceFound:
    """Plan a piece by itself, from the rows as they are now."""
    facts = load_facts(piece.on, piece.on, now=now)
    facts.only_workers(piece.workers)
    day = solve.plan_day(
        facts,
        piece.on,
        seconds=seconds,
        should_stop=should_stop,
        on_progress=on_progress,
        only=piece.orders,
    )
    return PieceFound(
        pairs=tuple((p.order.pk, p.worker.pk) for p in day.picks),
        objective=day.objective,
        bound=day.bound,
        travel_min=day.travel_min,
        engine=day.engine,
        stopped_by=day.stopped_by,
    )
