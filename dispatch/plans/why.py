"""Why a place stays empty: which rules together keep it so, and what would fill it.

Every answer is a trial: `eligibility.judge` looks at each worker as things are, without the
assignments and days away that stand between, and at other starts of the same day. A way out is
named only when the rules would then have nothing against the people it names. Limits of the law
explain; they are never offered as a way out, and neither is anything that may touch on somebody's
health.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.intervals import contains, local_dates, overlaps
from core.violations import Violation
from core.zone import HELSINKI, local_date
from dispatch.eligibility import judge
from dispatch.eligibility.worker_time import Gig
from dispatch.planning.explain import explain
from dispatch.plans.facts import PlanningFacts, load_facts
from orders.models import WorkOrder
from workers.models import Worker

# Other starts are tried hour by hour between these, for so many of the nearest people.
FIRST_HOUR, LAST_HOUR = 6, 22
NEAREST = 60
MOST_WAYS = 3


class Family(StrEnum):
    """Kinds of rules as a dispatcher sees them, the easiest to change first."""

    START = "start"
    AVAILABILITY = "availability"
    BUSY = "busy"
    DISTANCE = "distance"
    COACH = "coach"
    CONSENT = "consent"
    SKILLS = "skills"
    AGREED = "agreed"
    AWAY = "away"
    CONTRACT = "contract"
    AGE = "age"
    HOURS = "hours"
    REST = "rest"
    OTHER = "other"


_F = Family
OFFERED = (_F.START, _F.AVAILABILITY, _F.BUSY, _F.DISTANCE, _F.COACH, _F.CONSENT, _F.SKILLS)
# These do not depend on when the work is done.
_FIXED = frozenset({_F.SKILLS, _F.AGREED, _F.COACH})
_CODES: dict[Family, frozenset[str]] = {
    _F.BUSY: frozenset({"overlap", "travel_from_previous", "travel_to_next"}),
    _F.AVAILABILITY: frozenset(
        {"not_available", "partly_available", "travel_outside_availability"}
    ),
    _F.DISTANCE: frozenset({"trip_too_long"}),
    _F.COACH: frozenset({"coach_needed"}),
    _F.CONSENT: frozenset({"sunday_work", "holiday_work", "outside_agreed_hours"}),
    _F.SKILLS: frozenset({"skill_missing"}),
    _F.AGREED: frozenset({"restricted"}),
    _F.AWAY: frozenset({"absent"}),
    _F.CONTRACT: frozenset(
        {
            "no_engagement",
            "kind_disabled",
            "kind_not_billable",
            "rehabilitative_at_company",
            "subsidy_excludes_business",
            "school_practice_weekend",
        }
    ),
    _F.REST: frozenset(
        {"daily_rest", "daily_rest_floor", "weekly_rest", "young_daily_rest", "young_weekly_rest"}
    ),
    _F.HOURS: frozenset({"daily_hours", "weekly_hours", "weekly_max", "weekly_average"}),
    _F.AGE: frozenset({"under_working_age", "guardian_consent_missing"}),
}
_BY_CODE = {code: family for family, codes in _CODES.items() for code in codes}
_BY_START = {
    "engagement_own_": _F.HOURS,
    "engagement_week_": _F.HOURS,
    "engagement_day_": _F.HOURS,
    "engagement_": _F.CONTRACT,
    "own_": _F.HOURS,
    "young_": _F.AGE,
    "child_": _F.AGE,
    "task_": _F.AGE,
}


def family_of(code: str) -> Family:
    """The family of a rule's code; what is not known is never offered as a way out."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    return next((family for start, family in _BY_START.items() if code.startswith(start)), _F.OTHER)


@dataclass(frozen=True)
class Helper:
    """Somebody who could come, what is in the way now, and the gigs they would leave."""

    worker: Worker
    families: frozenset[Family]
    violations: tuple[Violation, ...]
    leaves: tuple[Gig, ...]

    @property
    def may_be_asked(self) -> bool:
        """Whether an offer with a reason is allowed as things are."""
        return bool(self.violations) and not any(v.is_hard for v in self.violations)


@dataclass(frozen=True)
class WayOut:
    """These people fill the places at this start once these rules do not stand in the way."""

    families: tuple[Family, ...]
    starts_at: datetime
    helpers: tuple[Helper, ...]


@dataclass(frozen=True)
class Why:
    """Why places of an order are empty.

    `because` is a smallest set of families that together keep them so; empty when there are too
    few workers whatever the rules, or when somebody `fits` after all.
    """

    order: WorkOrder
    missing: int
    because: tuple[Family, ...] = ()
    ways: tuple[WayOut, ...] = ()
    fits: bool = False


def why_unfilled(
    order: WorkOrder, *, now: datetime, planned: Iterable[tuple[int, int]] = ()
) -> Why:
    """Why nobody has the open places of an order; nothing is written.

    `planned` are pairs (order id, worker id) of a proposal that count as given.
    """
    facts = load_facts(order.works_on, order.works_on, now=now)
    orders = {o.pk: o for o in facts.orders}
    for order_id, worker_id in planned:
        taken = orders.get(order_id)
        if taken is not None and worker_id in facts.workers and facts.missing(taken):
            facts.take(taken, worker_id)
    mine = orders.get(order.pk)
    missing = facts.missing(mine) if mine is not None else 0
    if mine is None or not missing:
        return Why(order, 0)
    trial = _Trial(facts, mine, missing)
    if trial.fits(frozenset()):
        return Why(order, missing, fits=True)
    known = [f for f in Family if f is not _F.START or trial.may_move]
    offered = [f for f in OFFERED if f in known]
    because, ways = explain(known, offered, trial.fits, MOST_WAYS)
    return Why(order, missing, because, ways)


@dataclass
class _Trial:
    """Looks at everybody and remembers what was seen."""

    facts: PlanningFacts
    order: WorkOrder
    missing: int
    may_move: bool = field(init=False)
    near: list[int] = field(init=False)
    starts: list[WorkOrder] = field(init=False)
    _seen: dict[tuple[int, int], Helper] = field(default_factory=dict)

    def __post_init__(self) -> None:
        facts, order = self.facts, self.order
        # Somebody who was told keeps the time that they were told.
        self.may_move = not facts.held(order)
        others = [w for w in facts.workers if w not in facts.held(order)]
        self.near = sorted(others, key=lambda w: (facts.home_min(order, w), w))
        self.starts = list(self._other_starts()) if self.may_move else []

    def fits(self, lifted: frozenset[Family]) -> WayOut | None:
        """Who could take the open places when these families do not hold."""
        found = self._at(self.order, self.near, lifted)
        if found is None and _F.START in lifted:
            tried = (self._at(moved, self.near[:NEAREST], lifted) for moved in self.starts)
            found = next((way for way in tried if way is not None), None)
        return found

    def _at(
        self, order: WorkOrder, near: Iterable[int], lifted: frozenset[Family]
    ) -> WayOut | None:
        helpers: list[Helper] = []
        for worker_id in near:
            if not self._may(order, worker_id, lifted):
                continue
            helper = self._look(order, worker_id)
            if helper.families <= lifted:
                helpers.append(helper)
            if len(helpers) == self.missing:
                used = {f for h in helpers for f in h.families}
                used |= {_F.START} if order is not self.order else set()
                return WayOut(
                    tuple(f for f in Family if f in used), order.starts_at, tuple(helpers)
                )
        return None

    def _may(self, order: WorkOrder, worker_id: int, lifted: frozenset[Family]) -> bool:
        """Cheap answers first: whether a look is worth it."""
        if order is self.order:
            return True
        facts, interval = self.facts, self.facts.case(order).interval
        if not (self._look(self.order, worker_id).families & _FIXED) <= lifted:
            return False
        gigs = (g for g in facts.time.gigs[worker_id] if overlaps(g.interval, interval))
        if _F.BUSY not in lifted and any(gigs):
            return False
        if _F.AVAILABILITY in lifted:
            return True
        days = local_dates(interval, facts.case(order).tz)
        return any(contains(w, interval) for w in facts.windows(worker_id, days))

    def _look(self, order: WorkOrder, worker_id: int) -> Helper:
        key = (order.pk, worker_id)
        if key not in self._seen:
            self._seen[key] = _look(self.facts, order, worker_id)
        return self._seen[key]

    def _other_starts(self) -> Iterable[WorkOrder]:
        """The order at every other hour of its day, the nearest first."""
        hours = sorted((h for h in range(-16, 17) if h), key=lambda h: (abs(h), h))
        for hour in hours:
            moved = copy.copy(self.order)
            moved.pk = -(100 + hour)  # a key of its own in what the facts remember
            moved.starts_at = self.order.starts_at + timedelta(hours=hour)
            moved.ends_at = self.order.ends_at + timedelta(hours=hour)
            begins, ends = moved.starts_at.astimezone(HELSINKI), moved.ends_at.astimezone(HELSINKI)
            same_day = local_date(moved.starts_at) == self.order.works_on == ends.date()
            early = begins.hour >= FIRST_HOUR and (ends.hour, ends.minute) <= (LAST_HOUR, 0)
            if same_day and early and moved.starts_at > self.facts.now:
                yield moved


def _look(facts: PlanningFacts, order: WorkOrder, worker_id: int) -> Helper:
    """Everything against a worker, also what days away and other gigs would hide."""
    case, person = facts.case(order), facts.person(order, worker_id)
    found = judge.judge(case, person).violations
    first = tuple(found)
    families: set[Family] = set()
    if person.absences:
        families.add(_F.AWAY)
        person = replace(person, absences=[])
        found = judge.judge(case, person).violations
    leaves: list[Gig] = []
    while busy := {v.subject for v in found if v.code in _CODES[_F.BUSY]}:
        families.add(_F.BUSY)
        away = [g for g in person.gigs if g.order_ref in busy]
        if not away or any(g.interval.start <= facts.now for g in away):
            families.add(_F.OTHER)
            break
        leaves += away
        person = replace(person, gigs=[g for g in person.gigs if g not in away])
        found = judge.judge(case, person).violations
    families |= {family_of(v.code) for v in found if v.code not in _CODES[_F.BUSY]}
    return Helper(facts.workers[worker_id], frozenset(families), first, tuple(leaves))
