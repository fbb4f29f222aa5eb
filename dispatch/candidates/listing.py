"""Everybody who could do an order, in the best order, each with reasons and a score that adds up.

The score only orders people within "fits", "note" and "no"; a hard rule never becomes points.
Nothing about earlier answers is read: whoever says no keeps their rank (docs/algorithms).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from core.intervals import contains
from core.violations import Violation
from dispatch.candidates import arrays
from dispatch.candidates.arrays import Everybody
from dispatch.candidates.reasons import Reason
from dispatch.eligibility import facts, judge
from dispatch.eligibility.facts import Case, Person
from dispatch.eligibility.judge import Finding
from dispatch.rules.codes import NO, NOT_FREE_CODES
from dispatch.rules.points import (
    FAMILIAR,
    KNOWS_WORK,
    NEAR,
    POINTS_NOT_FREE,
    POINTS_NOTE,
    PREFERRED,
    SHARE,
)
from dispatch.rules.rank import in_order
from dispatch.rules.rank_arrays import Ints
from dispatch.rules.rank_changes import SKILL, Change
from orders.models import WorkOrder
from workers.models import Worker

Fit = Literal["fits", "note", "no"]
_FIT_ORDER = {"fits": 0, "note": 1, "no": 2}
# What the notes on the trip and on the hours already say in their own words.
_TRIP_CODES = frozenset({"travel_from_previous", "travel_to_next", "trip_too_long"})


@dataclass(frozen=True)
class Candidate:
    """One worker as a candidate: `rank` counts from 1 over the whole list.

    `violations` are what a booking would say now; a soft one needs a reason that is logged.
    `week_min` is the work booked in the order's week without this order, `change` the smallest
    single change that would make the person possible.
    """

    worker: Worker
    fit: Fit
    rank: int
    score: float
    parts: dict[str, float]
    reasons: list[Reason]
    violations: list[Violation]
    distance_km: float
    trip_min: int
    week_min: int
    change: Reason | None = None

    @property
    def needs_reason(self) -> bool:
        """Whether choosing this worker asks the dispatcher for a reason."""
        return self.fit == "note" and bool(self.violations)


@dataclass(frozen=True)
class Listing:
    """Some of the candidates in full, with what would help them, and how many there are."""

    can: list[Candidate]
    cannot: list[Candidate]
    can_count: int
    cannot_count: int

    @property
    def count(self) -> int:
        """Everybody at work."""
        return self.can_count + self.cannot_count


NOBODY = Listing([], [], 0, 0)


def listing(order: WorkOrder, *, shown: int, start: int = 0) -> Listing:
    """The places `start` to `start + shown` of those who can and of those who cannot.

    Everybody is ranked by the arrays; the full rules judge whoever is shown, and the young, whose
    law only they know. At most `arrays.QUERIES + facts.QUERIES - 1` queries.
    """
    everybody = arrays.ranked(order)
    fast = everybody.ranking
    young = np.flatnonzero(fast.needs_full_rules)
    settled = fast.order[~fast.needs_full_rules[fast.order]]
    low = max(start - len(young), 0)
    groups = [settled[fast.fit[settled] != NO], settled[fast.fit[settled] == NO]]
    rows = np.concatenate([group[low : start + shown] for group in groups] + [young])
    ids = everybody.ids[rows].tolist()
    case, found = facts.load(order, ids, known=everybody.known_of(order))
    full = {p.worker.pk: _candidate(case, p, judge.judge(case, p)) for p in found}
    fit, score = fast.fit.copy(), fast.score.copy()
    for row in young.tolist():
        judged = full[int(everybody.ids[row])]
        fit[row], score[row] = _FIT_ORDER[judged.fit], int(judged.score)
    order_of_all = in_order(fit, score, everybody.snapshot.staff.tie)
    can = int((fit != NO).sum())
    shown_rows = [*order_of_all[:can][start : start + shown]]
    shown_rows += [*order_of_all[can:][start : start + shown]]
    place = {int(everybody.ids[row]): rank for rank, row in enumerate(order_of_all, 1)}
    for pk, change in _changes(everybody, shown_rows, fit).items():
        full[pk] = replace(full[pk], change=change)
    listed = [_with_rank(full[pk], place[pk]) for pk in everybody.ids[shown_rows].tolist()]
    return Listing(
        can=[c for c in listed if c.fit != "no"],
        cannot=[c for c in listed if c.fit == "no"],
        can_count=can,
        cannot_count=len(fit) - can,
    )


def _changes(everybody: Everybody, rows: list[int], fit: Ints) -> dict[int, Reason]:
    """What would help whom, by worker id; the young are not asked about, their law is not here."""
    wanting = np.array(
        [row for row in rows if fit[row] and not everybody.ranking.needs_full_rules[row]],
        dtype=np.int64,
    )
    found = zip(everybody.ids[wanting].tolist(), everybody.changes(wanting), strict=True)
    return {pk: _help(everybody, change) for pk, change in found if change is not None}


def _help(everybody: Everybody, change: Change) -> Reason:
    if change.kind != SKILL:
        code = "would_fit_earlier" if change.amount < 0 else f"would_fit_{change.kind}"
        return Reason("w", code, {"min": abs(change.amount)})
    return Reason("w", "would_fit_skill", {"skill": everybody.skill(change)})


def _with_rank(row: Candidate, rank: int) -> Candidate:
    object.__setattr__(row, "rank", rank)
    return row


def _candidate(case: Case, person: Person, finding: Finding) -> Candidate:
    parts = _parts(case, person, finding)
    reasons = reasons_of(case, person, finding)
    fit: Fit = "fits"
    if finding.is_hard:
        fit = "no"
    elif finding.violations or any(r.kind == "w" for r in reasons):
        fit = "note"
    return Candidate(
        worker=person.worker,
        fit=fit,
        rank=0,
        score=sum(parts.values()),
        parts=parts,
        reasons=reasons,
        violations=finding.violations,
        distance_km=round(person.home_m / 1000, 1),
        trip_min=finding.leg_in_min,
        week_min=finding.week_min,
    )


# --------------------------------------------------------------------------- points


def _parts(case: Case, person: Person, finding: Finding) -> dict[str, float]:
    worker = person.worker
    codes = {v.code for v in finding.violations}
    longest = max(worker.max_trip_min, 1)
    wish = max(worker.wish_week_min, 1)
    lacking = max(0, wish - finding.week_min)
    parts = {
        "near": float(round(NEAR * max(0, longest - finding.leg_in_min) / longest)),
        "share": float(round(SHARE * min(lacking, wish) / wish)),
        "familiar": float(FAMILIAR if person.at_site else 0),
        "experience": float(KNOWS_WORK if person.done else 0),
        "preferred": float(PREFERRED if _liked(case, person) else 0),
        "not_free": float(POINTS_NOT_FREE if codes & set(NOT_FREE_CODES) else 0),
        "notes": float(POINTS_NOTE * len({v.code for v in finding.violations if not v.is_hard})),
    }
    return {name: points for name, points in parts.items() if points}


def _liked(case: Case, person: Person) -> bool:
    return any(contains(window, case.interval) for window in person.preferred)


# --------------------------------------------------------------------------- reasons


def reasons_of(case: Case, person: Person, finding: Finding) -> list[Reason]:
    """Why this person suits the order or not.

    Impossible things first, then notes, then what speaks for the person.
    """
    blocking = [Reason("n", v.code, v.numbers, v) for v in finding.violations if v.is_hard]
    notes = [Reason("w", v.code, v.numbers, v) for v in finding.violations if not v.is_hard]
    after_min = finding.week_min + case.interval.minutes
    wish_min = person.worker.wish_week_min
    if not finding.is_hard and after_min > wish_min:
        notes.append(Reason("w", "over_wish", {"after_min": after_min, "wish_min": wish_min}))
    coach = person.worker.coach
    if finding.first_gig and not case.order.coach_on_site and coach is not None:
        notes.append(Reason("w", "first_gig_reach", {"name": coach.get_short_name()}))
    return blocking + notes + _good(case, person, finding)


def _good(case: Case, person: Person, finding: Finding) -> list[Reason]:
    codes = {v.code for v in finding.violations}
    found: list[Reason] = []
    window = finding.window
    free = window is not None and contains(window, case.interval)
    if free and window is not None and not person.absences and finding.clash is None:
        hours = {"from": window.start.isoformat(), "until": window.end.isoformat()}
        found.append(Reason("y", "free", hours))
    if not person.missing_skills and case.order.task_type_id:
        found.append(Reason("y", "skilled"))
    if not codes & _TRIP_CODES and finding.clash is None:
        found.append(_trip(person, finding))
        if finding.after is not None:
            gig = finding.after
            numbers = {
                "order": gig.order_number,
                "starts": gig.interval.start.isoformat(),
                "min": finding.leg_out_min,
            }
            found.append(Reason("y", "to_next", numbers))
    wish_min = person.worker.wish_week_min
    if finding.week_min + case.interval.minutes <= wish_min:
        found.append(
            Reason("y", "hours_left", {"week_min": finding.week_min, "wish_min": wish_min})
        )
    if person.at_site:
        found.append(Reason("y", "familiar", {"n": person.at_site}))
    if _liked(case, person):
        found.append(Reason("y", "preferred"))
    if finding.first_gig and case.order.coach_on_site:
        found.append(Reason("y", "first_gig_coached"))
    return found


def _trip(person: Person, finding: Finding) -> Reason:
    if finding.before is None:
        return Reason("y", "near", {"m": person.home_m, "min": finding.leg_in_min})
    gig = finding.before
    numbers = {
        "order": gig.order_number,
        "ends": gig.interval.end.isoformat(),
        "min": finding.leg_in_min,
    }
    return Reason("y", "from_previous", numbers)
