"""A proposed plan in rows: who goes where, which places stay empty and why."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.violations import Violation
from dispatch.candidates.listing import reasons_of
from dispatch.candidates.reasons import Reason
from dispatch.eligibility import judge
from dispatch.models.plan_lifecycle import FULL, SIMPLE
from dispatch.plans.facts import OPEN, PlanningFacts, load_facts
from dispatch.plans.problem import WEIGHTS, fairness
from orders.models import WorkOrder
from workers.models import Worker

# Why a search ended before it began.
NOTHING, RULES, PIECES = "nothing to plan", "rules", "pieces"


@dataclass(frozen=True)
class Pick:
    """A worker proposed for an order, with the reasons a dispatcher reads."""

    order: WorkOrder
    worker: Worker
    reasons: list[Reason]
    week_min: int


@dataclass(frozen=True)
class Lack:
    """Places of an order that stay empty, and why: how many workers fall out for which code.

    The code `busy_elsewhere` counts those who could go by the rules and are used elsewhere.
    """

    order: WorkOrder
    missing: int
    why: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class DayPlan:
    """What the planner proposes for a day.

    `objective` and `bound` are in the problem's units, None when nothing is known; `dropped`
    counts pairs that the rules refused once the whole day was looked at.
    """

    on: date
    picks: list[Pick]
    lacks: list[Lack]
    places: int
    objective: int | None
    bound: int | None
    travel_min: int
    seconds: float
    engine: str
    stopped_by: str
    dropped: int = 0


def keep_what_holds(
    facts: PlanningFacts, picked: Mapping[int, list[WorkOrder]]
) -> list[tuple[WorkOrder, int]]:
    """Take what the rules still allow when the gigs of a day are looked at together."""
    kept: list[tuple[WorkOrder, int]] = []
    for worker_id, orders in sorted(picked.items()):
        mine: list[WorkOrder] = []
        for order in orders:
            if facts.missing(order) and _take_if_all_hold(facts, order, worker_id, mine):
                mine.append(order)
        kept += [(order, worker_id) for order in mine]
    return kept


def _take_if_all_hold(
    facts: PlanningFacts, order: WorkOrder, worker_id: int, earlier: Iterable[WorkOrder]
) -> bool:
    """Take the place unless the rules refuse it, or then refuse what was taken before."""
    if facts.judge(order, worker_id).violations:
        return False
    facts.take(order, worker_id)
    if any(facts.judge(other, worker_id).violations for other in earlier):
        facts.release(order, worker_id)
        return False
    return True


def fill_places(facts: PlanningFacts, lacking: Iterable[WorkOrder]) -> list[tuple[WorkOrder, int]]:
    """Give what is left to whoever costs least, as a dispatcher would by hand."""
    found: list[tuple[WorkOrder, int]] = []
    for order in lacking:
        if not facts.missing(order):
            continue
        able = [
            w
            for w in facts.workers
            if w not in facts.held(order) and facts.has_no_objection(order, w)
        ]
        for worker_id in sorted(able, key=lambda w: (_cost(facts, order, w), w)):
            if not facts.missing(order):
                break
            mine = [o for o, w in found if w == worker_id]
            if _take_if_all_hold(facts, order, worker_id, mine):
                found.append((order, worker_id))
    return found


def _cost(facts: PlanningFacts, order: WorkOrder, worker_id: int) -> float:
    """Trips and the pair, in the units of WEIGHTS."""
    finding, worker = facts.judge(order, worker_id), facts.workers[worker_id]
    pair = WEIGHTS["pair_base"] + order.duration_min / 60 * fairness(
        facts.week_min(worker_id, order.works_on), worker.wish_week_min
    )
    pair += WEIGHTS["familiar"] if facts.at_site[worker_id, order.site_id] else 0
    pair += WEIGHTS["preferred"] if facts.suits(order, worker_id) else 0
    trips = finding.leg_in_min + finding.leg_out_min
    return trips + min(WEIGHTS["pair_max"], max(WEIGHTS["pair_min"], pair))


@dataclass(frozen=True)
class PieceFound:
    """What a piece gave: pairs (order id, worker id), and what is known of their worth."""

    pairs: tuple[tuple[int, int], ...]
    objective: int | None
    bound: int | None
    travel_min: int
    engine: str
    stopped_by: str


def gather(facts: PlanningFacts, on: date, found: Sequence[PieceFound], *, exact: bool) -> DayPlan:
    """The pieces of a date as one plan, taken into the facts.

    Every pair is judged again beside all others and the days that the facts hold already; what
    does not hold is filled anew. The cost and the bound are known only when all pairs hold and the
    pieces are `exact`.
    """
    started = time.monotonic()
    lacking = [o for o in facts.orders if o.works_on == on and facts.missing(o)]
    places = sum(facts.missing(o) for o in lacking)
    by_id, picked = {o.pk: o for o in lacking}, defaultdict[int, list[WorkOrder]](list)
    pairs = [pair for piece in found for pair in piece.pairs]
    for order_id, worker_id in pairs:
        if order_id in by_id and worker_id in facts.workers:
            picked[worker_id].append(by_id[order_id])
    for orders in picked.values():
        orders.sort(key=lambda o: o.starts_at)
    kept = keep_what_holds(facts, picked)
    dropped, filled = len(pairs) - len(kept), fill_places(facts, lacking)
    whole = exact and bool(found) and not dropped and not filled
    costs, bounds = [f.objective for f in found], [f.bound for f in found]
    return DayPlan(
        on=on,
        picks=[pick_of(facts, order, worker_id) for order, worker_id in [*kept, *filled]],
        lacks=[lack_of(facts, order) for order in lacking if facts.missing(order)],
        places=places,
        objective=_sum(costs) if whole else None,
        bound=_sum(bounds) if whole else None,
        travel_min=sum(f.travel_min for f in found),
        seconds=time.monotonic() - started,
        engine=FULL if any(f.engine == FULL for f in found) else SIMPLE,
        stopped_by=found[0].stopped_by if len(found) == 1 else RULES if not found else PIECES,
        dropped=dropped,
    )


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [n for n in numbers if n is not None]
    return sum(known) if len(known) == len(numbers) else None


def pick_of(facts: PlanningFacts, order: WorkOrder, worker_id: int) -> Pick:
    case, person = facts.case(order), facts.person(order, worker_id)
    finding = judge.judge(case, person)
    reasons = reasons_of(case, person, finding)
    return Pick(order, facts.workers[worker_id], reasons, finding.week_min)


def lack_of(facts: PlanningFacts, order: WorkOrder) -> Lack:
    """Why the places of an order stay empty: the first reason of everybody, counted."""
    why: Counter[str] = Counter()
    for worker_id in facts.workers:
        if worker_id in facts.held(order):
            continue
        violations = facts.judge(order, worker_id).violations
        why[violations[0].code if violations else "busy_elsewhere"] += 1
    return Lack(order, facts.missing(order), tuple(why.most_common()))


def recheck(
    rows: Iterable[tuple[int, int]], *, first: date, last: date, now: datetime
) -> dict[tuple[int, int], list[Violation]]:
    """What the rules say now of pairs (order id, worker id) proposed earlier, taken together.

    Each row is looked at after those before it by the clock; an empty list means it still holds.
    The codes besides those of the rules are `order_not_open` and `order_full`.
    """
    facts = load_facts(first, last, now=now)
    orders = {order.pk: order for order in facts.orders}
    answers: dict[tuple[int, int], list[Violation]] = {}
    known = [pair for pair in rows if pair[0] in orders and pair[1] in facts.workers]
    for pair in sorted(known, key=lambda p: (orders[p[0]].starts_at, p)):
        order, worker_id = orders[pair[0]], pair[1]
        if order.status not in OPEN or order.starts_at <= now:
            found = [Violation("order_not_open", judge.HARD, str(order.ref))]
        elif not facts.missing(order):
            found = [Violation("order_full", judge.HARD, str(order.ref))]
        else:
            found = facts.judge(order, worker_id).violations
        answers[pair] = found
        if not found:
            facts.take(order, worker_id)
    return answers
