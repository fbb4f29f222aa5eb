"""Somebody cannot come: the answer at once, and a better one that moves people already notified.

The exact repair looks at the people nearest to the lost orders and at what they do that day.
`eligibility.judge` says who may take what, as everywhere. The whole answer is judged again
together, and a pair that does not hold is ruled out before the next try. Nothing here writes.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus
from dispatch.planning import problem as planning
from dispatch.plans import solve
from dispatch.plans.facts import PlanningFacts, load_facts
from dispatch.plans.problem import start_min, write_problem
from dispatch.plans.result import DayPlan, Pick, pick_of
from orders.models import WorkOrder
from workers.models import Worker

# Whoever has begun stays; a draft belongs to a plan that somebody is about to send.
MOVABLE = frozenset({AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED})
SECONDS = 0.6
# People looked at: for each lost gig, and for each gig that one of those would leave.
FIRST, SECOND, TEAM = 10, 4, 30
TRIES = 3


@dataclass(frozen=True)
class Step:
    """One order of an answer: who leaves it (None: nobody) and who comes (None: nobody)."""

    order: WorkOrder
    leaves: Worker | None
    comes: Pick | None


@dataclass(frozen=True)
class Answer:
    """Gigs given anew. `chains` are steps that only make sense together."""

    chains: tuple[tuple[Step, ...], ...]
    cost: int | None = None

    @property
    def steps(self) -> list[Step]:
        """Every step."""
        return [step for chain in self.chains for step in chain]

    @property
    def changes(self) -> int:
        """How many people who know of a gig hear that they do not do it."""
        return sum(step.leaves is not None for step in self.steps)

    @property
    def filled(self) -> int:
        """Places that somebody takes, those that others leave not counted."""
        return sum(step.comes is not None for step in self.steps) - self.changes


@dataclass(frozen=True)
class Replacement:
    """The gigs of a day that lost somebody: the answer at once, and a better one if there is."""

    at_once: DayPlan
    better: Answer | None

    @property
    def quick(self) -> Answer:
        """The answer at once in the form of the other: each place on its own."""
        return Answer(tuple((Step(pick.order, None, pick),) for pick in self.at_once.picks))


def replacements(
    orders: Collection[WorkOrder], ill: Worker, *, now: datetime, seconds: float = SECONDS
) -> list[Replacement]:
    """Who could do the orders that `ill` leaves, day by day.

    `seconds` are for the better answers of all days together.
    """
    days = sorted({order.works_on for order in orders})
    if not days:
        return []
    facts = load_facts(days[0], days[-1], now=now)
    lost = {order.pk for order in orders}
    found: list[Replacement] = []
    if solve.has_engine():
        _ready()
    until = time.monotonic() + seconds
    for n, on in enumerate(days):
        at_once = solve.plan_day(facts, on, seconds=0.0, only=lost)
        share = (until - time.monotonic()) / (len(days) - n)
        better = None
        if at_once.places and share > 0 and solve.has_engine():
            with _without(facts, at_once.picks):
                better = _better(facts, on, lost, ill, at_once, share)
        found.append(Replacement(at_once, better))
    return found


@cache
def _ready() -> None:
    """Load the compiled loops before the clock runs: once in the life of a process."""
    from dispatch.planning.warm import warm  # noqa: PLC0415 - packages that may be missing

    warm()


@contextmanager
def _without(facts: PlanningFacts, picks: Sequence[Pick]) -> Iterator[None]:
    """The facts as they were before these picks."""
    for pick in picks:
        facts.release(pick.order, pick.worker.pk)
    yield
    for pick in picks:
        facts.take(pick.order, pick.worker.pk)


# --------------------------------------------------------------------------- the day's problem


@dataclass
class _Day:
    """What the repair of a date may change, by order id and worker id."""

    orders: dict[int, WorkOrder]
    lost: list[WorkOrder]
    movable: dict[int, list[int]]
    held: dict[int, list[int]] = field(default_factory=dict)
    able: dict[int, list[int]] = field(default_factory=dict)
    team: list[int] = field(default_factory=list)

    def locked(self) -> dict[int, list[int]]:
        """Who has to stay, by order."""
        return {
            pk: [w for w in held if w not in self.movable.get(pk, ())]
            for pk, held in self.held.items()
        }


def _day(facts: PlanningFacts, on: date, lost: Collection[int], picks: Sequence[Pick]) -> _Day:
    orders = {o.pk: o for o in facts.orders if o.works_on == on}
    rows = Assignment.objects.filter(
        order__in=orders, status__in=MOVABLE, starts_at__gt=facts.now, worker__active=True
    )
    movable: defaultdict[int, list[int]] = defaultdict(list)
    for order_id, worker_id in rows.order_by("pk").values_list("order_id", "worker_id"):
        # Who stays on a gig that lost somebody is not taken from it as well.
        if order_id not in lost and worker_id in facts.workers:
            movable[order_id].append(worker_id)
    day = _Day(orders, [o for o in orders.values() if o.pk in lost and facts.missing(o)], movable)
    for order_id, workers in movable.items():
        for worker_id in workers:
            facts.release(orders[order_id], worker_id)
    _choose(facts, day, [pick.worker.pk for pick in picks])
    for order_id, workers in movable.items():
        for worker_id in workers:
            facts.take(orders[order_id], worker_id)
    wanted = {o.pk for o in day.lost}
    wanted |= {pk for pk, o in orders.items() if facts.held(o).intersection(day.team)}
    day.held = {pk: sorted(facts.held(orders[pk]).intersection(day.team)) for pk in wanted}
    day.able = {pk: [w for w in day.able.get(pk, ()) if w not in day.held[pk]] for pk in wanted}
    return day


def _choose(facts: PlanningFacts, day: _Day, picked: Sequence[int]) -> None:
    """The people nearest to the lost gigs, and those who could come where they would leave.

    Everybody counts as free of what may be moved: the facts hold none of it here.
    """
    team = dict.fromkeys(picked)
    for order in day.lost:
        team |= dict.fromkeys(_nearest(facts, order, FIRST))
    first = list(team)[:TEAM]
    left = [day.orders[pk] for pk, workers in day.movable.items() if set(workers) & set(first)]
    team = dict.fromkeys(first)
    for order in left:
        team |= dict.fromkeys(_nearest(facts, order, SECOND))
    day.team = list(team)[:TEAM]
    mine = {o.pk: o for o in [*day.lost, *left]}
    mine |= {
        pk: day.orders[pk] for pk, workers in day.movable.items() if set(workers) & set(day.team)
    }
    for pk, order in mine.items():
        held = day.movable.get(pk, ())
        day.able[pk] = [w for w in day.team if w not in held and facts.has_no_objection(order, w)]


def _nearest(facts: PlanningFacts, order: WorkOrder, count: int) -> list[int]:
    found: list[int] = []
    for worker_id in sorted(facts.workers, key=lambda w: (facts.home_min(order, w), w)):
        if worker_id not in facts.held(order) and facts.has_no_objection(order, worker_id):
            found.append(worker_id)
            if len(found) == count:
                break
    return found


# --------------------------------------------------------------------------- solving


def _better(
    facts: PlanningFacts,
    on: date,
    lost: Collection[int],
    ill: Worker,
    at_once: DayPlan,
    seconds: float,
) -> Answer | None:
    """An answer that fills more places than the one at once, or as many for less, nobody moved."""
    from dispatch.plans import engine as plan_engine  # noqa: PLC0415 - loads compiled loops, only where needed

    until = time.monotonic() + seconds
    day = _day(facts, on, lost, at_once.picks)
    if not day.lost or not day.team or ill.pk not in facts.workers:
        return None
    for _try in range(TRIES):
        problem, announced, away = _problem(facts, on, day, ill)
        left = max(0.05, until - time.monotonic())
        found = plan_engine.repaired(problem, announced, [away], seconds=left)
        gone, new = _pairs(problem, found.gone), _pairs(problem, found.new)
        kept = {pair for pair in _pairs(problem, announced) if pair[1] != ill.pk}
        quick = [*kept, *((p.order.pk, p.worker.pk) for p in at_once.picks)]
        limit = found.cost_of(_rows(problem, day, on, quick))
        filled = len(new) - len(gone)
        if filled < len(at_once.picks):
            return None
        # Nobody told is moved only to make a trip shorter.
        dearer = bool(gone) or limit is None or found.cost >= limit
        if filled == len(at_once.picks) and dearer:
            return None
        answer, refused = _judged(facts, day, gone, new)
        if not refused:
            return Answer(answer.chains, found.cost)
        for order_id, worker_id in refused:
            day.able[order_id].remove(worker_id)
        if time.monotonic() >= until:
            return None
    return None


Pairs = list[tuple[int, int]]


def _problem(
    facts: PlanningFacts, on: date, day: _Day, ill: Worker
) -> tuple[planning.Problem, list[planning.Assignment], int]:
    """The problem, everybody who was told (the ill one too), and the ill one's place in it."""
    from dispatch.plans import engine as plan_engine  # noqa: PLC0415 - as above

    unheld: set[int] = set()
    while True:
        held = {pk: [w for w in ws if w not in unheld] for pk, ws in day.held.items()}
        problem = _written(facts, on, day, held, held, ill)
        broken = {int(problem.worker_ids[w]) for w in plan_engine.broken_days(problem)}
        if not broken:
            break
        # Held days that break the planner's grid stay as they are and get nothing more.
        unheld |= broken
        day.able = {pk: [w for w in ws if w not in broken] for pk, ws in day.able.items()}
    locked = {pk: [w for w in ws if w in held[pk]] for pk, ws in day.locked().items()}
    problem = _written(facts, on, day, held, locked, ill)
    announced = _rows(problem, day, on, [(pk, w) for pk, ws in held.items() for w in ws])
    announced += _rows(problem, day, on, [(o.pk, ill.pk) for o in day.lost])
    return problem, announced, problem.worker_index[str(ill.pk)]


def _written(
    facts: PlanningFacts,
    on: date,
    day: _Day,
    held: Mapping[int, Sequence[int]],
    locked: Mapping[int, Sequence[int]],
    ill: Worker,
) -> planning.Problem:
    lacking = {o.pk: facts.missing(o) for o in day.lost}
    data = write_problem(
        facts,
        on,
        [day.orders[pk] for pk in day.held if held[pk] or pk in lacking],
        lacking=lacking,
        able=day.able,
        held=held,
        locked=locked,
        people={*day.team, ill.pk},
    )
    return planning.read_problem(data)


def _rows(
    problem: planning.Problem, day: _Day, on: date, pairs: Pairs
) -> list[planning.Assignment]:
    return [
        planning.Assignment(
            problem.order_index[str(order_id)],
            problem.worker_index[str(worker_id)],
            planning.HANDS,
            start_min(day.orders[order_id], on),
        )
        for order_id, worker_id in pairs
    ]


def _pairs(problem: planning.Problem, rows: Sequence[planning.Assignment]) -> Pairs:
    return [(int(problem.order_ids[a.order]), int(problem.worker_ids[a.worker])) for a in rows]


def _judged(facts: PlanningFacts, day: _Day, gone: Pairs, new: Pairs) -> tuple[Answer, Pairs]:
    """The answer in rows, and the pairs that the rules refuse when all is looked at together.

    The facts are left as they were.
    """
    for order_id, worker_id in gone:
        facts.release(day.orders[order_id], worker_id)
    ordered = sorted(new, key=lambda pair: (day.orders[pair[0]].starts_at, pair))
    refused = [p for p in ordered if not _takes(facts, day.orders[p[0]], p[1])]
    taken = [pair for pair in ordered if pair not in refused]
    # Each again, now that all the others stand.
    refused += [p for p in taken if facts.judge(day.orders[p[0]], p[1]).violations]
    picks = [] if refused else [pick_of(facts, day.orders[o], w) for o, w in ordered]
    for order_id, worker_id in taken:
        facts.release(day.orders[order_id], worker_id)
    for order_id, worker_id in gone:
        facts.take(day.orders[order_id], worker_id)
    leaving = [(day.orders[o], facts.workers[w]) for o, w in gone]
    return Answer(tuple(_chains(leaving, picks))), list(dict.fromkeys(refused))


def _takes(facts: PlanningFacts, order: WorkOrder, worker_id: int) -> bool:
    if not facts.missing(order) or facts.judge(order, worker_id).violations:
        return False
    facts.take(order, worker_id)
    return True


def _chains(
    leaving: Sequence[tuple[WorkOrder, Worker]], picks: Sequence[Pick]
) -> Iterator[tuple[Step, ...]]:
    """Steps by order; those that somebody leaves for another stand in one group with it."""
    out: defaultdict[int, list[Worker]] = defaultdict(list)
    for order, worker in leaving:
        out[order.pk].append(worker)
    steps: list[Step] = []
    for pick in picks:
        left = out[pick.order.pk]
        steps.append(Step(pick.order, left.pop(0) if left else None, pick))
    orders = {order.pk: order for order, _worker in leaving}
    steps += [Step(orders[pk], worker, None) for pk, workers in out.items() for worker in workers]
    while steps:
        chain = [steps.pop(0)]
        while near := [s for s in steps if any(_tied(s, other) for other in chain)]:
            chain += near
            steps = [s for s in steps if s not in near]
        yield tuple(chain)


def _tied(one: Step, other: Step) -> bool:
    """Whether somebody leaves one gig to come to the other."""
    pairs = ((one, other), (other, one))
    return any(a.leaves and b.comes and a.leaves.pk == b.comes.worker.pk for a, b in pairs)
