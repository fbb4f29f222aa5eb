"""The bridge from rows to the pure rules: who may do an order, as codes and numbers.

The same code answers for one worker (when a place is given) and for all of them (the list of
candidates), so the list never promises what the booking refuses. Nothing here writes and nothing
here is a sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet

from core.intervals import Interval, contains, intersection, overlaps
from core.violations import Severity, Violation, in_order
from core.zone import HELSINKI, local_date
from dispatch.eligibility import travel
from dispatch.eligibility.facts import Case, Person, load
from dispatch.eligibility.travel import SAME_OUTING
from dispatch.eligibility.worker_time import Gig
from dispatch.models import Assignment
from dispatch.models.lifecycle import HOLDING
from orders.models import Customer, WorkOrder
from workers.models import Engagement, Worker
from workers.rules import worktime
from workers.rules.engagement import UNPAID_KINDS, EngagementKind, check_engagement
from workers.rules.worktime_counts import minutes_by_day, overtime_min
from workers.rules.worktime_facts import (
    AgeRule,
    PersonFacts,
    Shift,
    age_on,
    age_rule,
    required_break_min,
)

HARD, SOFT = Severity.HARD, Severity.SOFT
# For adults nothing in the working-time rules looks at the date of birth: one stands for all.
ANY_ADULT = date(1980, 1, 1)


@dataclass(frozen=True)
class Finding:
    """What the rules say about one person and one order.

    `before` and `after` are the neighbouring gigs of the same outing, `leg_in_min` and
    `leg_out_min` the ways there and from there (from home or from the neighbour). `week_min` is
    the work booked in the order's week without this order.
    """

    violations: list[Violation]
    clash: Gig | None
    before: Gig | None
    after: Gig | None
    leg_in_min: int
    leg_out_min: int
    window: Interval | None
    week_min: int
    first_gig: bool

    @property
    def is_hard(self) -> bool:
        """True when this person cannot do the order, whoever wishes it."""
        return any(v.is_hard for v in self.violations)


# --------------------------------------------------------------------------- questions


def check(order: WorkOrder, worker_ids: Collection[int]) -> dict[int, list[Violation]]:
    """Violations of each worker against an order; the caller holds their locks."""
    case, people = load(order, worker_ids)
    several = len(people) > 1
    found: dict[int, list[Violation]] = {}
    for person in people:
        violations = judge(case, person).violations
        name = person.worker.first_name
        found[person.worker.pk] = [_named(v, name) for v in violations] if several else violations
    return found


def _named(violation: Violation, name: str) -> Violation:
    numbers = {**violation.numbers, "worker": name}
    return Violation(violation.code, violation.severity, violation.subject, numbers)


def _overlapping(worker_ids: Collection[int], order: WorkOrder) -> Q:
    return Q(worker_id__in=worker_ids, starts_at__lt=order.ends_at, ends_at__gt=order.starts_at)


def holding(order: WorkOrder, worker_ids: Collection[int]) -> list[tuple[int, int, int]]:
    """(assignment, worker, order) that hold a place of the order or the time of these workers."""
    rows = Assignment.objects.filter(
        Q(order=order.pk) | _overlapping(worker_ids, order), status__in=HOLDING
    )
    return list(rows.order_by("pk").values_list("pk", "worker_id", "order_id"))


def holders() -> QuerySet[Assignment]:
    """Assignments with what the news about them needs."""
    return Assignment.objects.select_related("worker__user", "created_by", "order")


def holder(worker_ids: Collection[int], order: WorkOrder) -> Assignment | None:
    """The assignment that already holds the time of one of these workers, if any."""
    return (
        holders()
        .filter(_overlapping(worker_ids, order), status__in=HOLDING)
        .order_by("worker_id", "starts_at")
        .first()
    )


# --------------------------------------------------------------------------- judging


def judge(case: Case, person: Person) -> Finding:
    """Everything that speaks against this person doing this order, hard ones first."""
    found = _fitness(case, person)
    clash = next((g for g in person.gigs if overlaps(g.interval, case.interval)), None)
    before, after = _neighbours(case, person)
    mode = person.worker.travel_mode
    leg_in = travel.trip_min(mode, before.place, case.place, case.on) if before else person.home_min
    leg_out = travel.trip_min(mode, case.place, after.place, case.on) if after else person.home_min
    window = _window(case, person)
    if clash is not None:
        found.append(_clash(case, clash))
    else:
        found += _legs(case, before, after, leg_in, leg_out)
    if person.absences:
        found.append(Violation("absent", HARD, "", {"until": _iso(person.absences[0].end)}))
    else:
        found += _availability(case, person, window, before, after, leg_in, leg_out)
    if max(leg_in if before else person.home_min, 0) > person.worker.max_trip_min:
        numbers: dict[str, int | str] = {"got_min": leg_in, "limit_min": person.worker.max_trip_min}
        found.append(Violation("trip_too_long", SOFT, "", numbers))
    facts = _facts(case, person)
    others = _shifts(case, person, facts)
    by_day = minutes_by_day(others, case.tz) if others else {}
    week_min = sum(n for day, n in by_day.items() if _same_week(day, case.on))
    if clash is None and not person.absences:
        others = _without_old_way(case, others)
        shift = Shift(
            case.interval,
            travel_before_min=leg_in if before else 0,
            travel_after_min=leg_out if after else 0,
            break_min=_break(case, facts, case.interval.minutes),
        )
        facts = _with_earlier(case, person, facts, (*others, shift))
        found += _worktime(case, facts, shift, others)
        found += _engagement(case, person, shift, others)
    first_gig = person.done < person.worker.coached_gigs
    if first_gig and not case.order.coach_on_site and person.worker.coach_id is None:
        found.append(Violation("coach_needed", SOFT, "", {"done": person.done}))
    return Finding(
        violations=in_order(found),
        clash=clash,
        before=before,
        after=after,
        leg_in_min=leg_in,
        leg_out_min=leg_out,
        window=window,
        week_min=week_min,
        first_gig=first_gig,
    )


def contract_violations(worker: Worker, starts_at: datetime) -> list[Violation]:
    """Why somebody who was chosen earlier cannot come any more: they or the contract have gone."""
    if not worker.active:
        return [Violation("worker_inactive", HARD, str(worker.ref))]
    on = local_date(starts_at, HELSINKI)
    if not under_contract(worker.pk, on):
        return [Violation("no_engagement", HARD, on.isoformat())]
    return []


def under_contract(worker: int | OuterRef, on: date | F) -> QuerySet[Engagement]:
    """Contracts of a worker that are in force on a day."""
    return Engagement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on), worker=worker, starts_on__lte=on
    )


def _fitness(case: Case, person: Person) -> list[Violation]:
    """What does not depend on the time: the person and the task."""
    found: list[Violation] = []
    if not person.worker.active:
        found.append(Violation("worker_inactive", HARD, str(person.worker.ref)))
    for skill in person.missing_skills:
        names: dict[str, int | str] = {
            "fi": skill.name_fi,
            "sv": skill.name_sv,
            "en": skill.name_en,
        }
        found.append(Violation("skill_missing", HARD, skill.code, names))
    found += [Violation("restricted", HARD, strain) for strain in person.strains]
    task = case.order.task_type
    found += worktime.check_task(
        _birth(case, person),
        min_age=task.min_age,
        hazardous=task.hazardous,
        light_work_ok=task.light_work,
        on=case.on,
        limits=case.limits,
    )
    return found


def _birth(case: Case, person: Person) -> PersonFacts:
    """Age, and what a young worker's papers allow; the papers of adults matter to no rule."""
    worker = person.worker
    facts = PersonFacts(worker.birth_date, worker.basic_school_done)
    if age_rule(facts, case.on, case.limits) is AgeRule.ADULT:
        return facts
    return replace(
        facts,
        overtime_consent_on=worker.overtime_consent_on,
        guardian_consent_on=worker.guardian_consent_on,
        permits=person.permits,
    )


def _neighbours(case: Case, person: Person) -> tuple[Gig | None, Gig | None]:
    """The gig before and the one after that belong to the same outing."""
    start, end = case.interval.start, case.interval.end
    before = [g for g in person.gigs if start - SAME_OUTING < g.interval.end <= start]
    after = [g for g in person.gigs if end <= g.interval.start < end + SAME_OUTING]
    return (
        max(before, key=lambda g: g.interval.end, default=None),
        min(after, key=lambda g: g.interval.start, default=None),
    )


def _clash(case: Case, clash: Gig) -> Violation:
    if clash.order_id == case.order.pk:
        return Violation("already_on_order", HARD, clash.order_ref, {"order": clash.order_number})
    numbers: dict[str, int | str] = {
        "order": clash.order_number,
        "from": _iso(clash.interval.start),
        "until": _iso(clash.interval.end),
    }
    return Violation("overlap", HARD, clash.order_ref, numbers)


def _legs(
    case: Case, before: Gig | None, after: Gig | None, leg_in: int, leg_out: int
) -> list[Violation]:
    """Is there time for the way from the gig before and to the gig after?"""
    found: list[Violation] = []
    if before is not None:
        fits_from = before.interval.end + timedelta(minutes=leg_in)
        if fits_from > case.interval.start:
            numbers: dict[str, int | str] = {
                "order": before.order_number,
                "travel_min": leg_in,
                "ends": _iso(before.interval.end),
                "fits_from": _iso(fits_from),
            }
            found.append(Violation("travel_from_previous", HARD, before.order_ref, numbers))
    if after is not None:
        fits_until = after.interval.start - timedelta(minutes=leg_out)
        if fits_until < case.interval.end:
            numbers = {
                "order": after.order_number,
                "travel_min": leg_out,
                "starts": _iso(after.interval.start),
                "fits_until": _iso(fits_until),
            }
            found.append(Violation("travel_to_next", HARD, after.order_ref, numbers))
    return found


def _window(case: Case, person: Person) -> Interval | None:
    """The free hours that cover the order, else those that share most time with it."""
    touching = [w for w in person.windows if overlaps(w, case.interval)]

    def shared(window: Interval) -> timedelta:
        common = intersection(window, case.interval)
        return common.duration if common is not None else timedelta()

    return max(touching, key=shared, default=None)


def _availability(
    case: Case,
    person: Person,
    window: Interval | None,
    before: Gig | None,
    after: Gig | None,
    leg_in: int,
    leg_out: int,
) -> list[Violation]:
    """The whole outing, not only its start, lies in hours the worker has given."""
    if window is None:
        return [Violation("not_available", SOFT, case.on.isoformat())]
    hours: dict[str, int | str] = {"from": _iso(window.start), "until": _iso(window.end)}
    if not contains(window, case.interval):
        return [Violation("partly_available", SOFT, case.on.isoformat(), hours)]
    leaves = case.interval.start - timedelta(minutes=0 if before else leg_in)
    home = case.interval.end + timedelta(minutes=0 if after else leg_out)
    if not contains(window, Interval(leaves, home)):
        hours |= {"leaves": _iso(leaves), "home": _iso(home)}
        return [Violation("travel_outside_availability", SOFT, case.on.isoformat(), hours)]
    return []


def _facts(case: Case, person: Person) -> PersonFacts:
    """Facts for the working-time rules; written limits of paid contracts are the person's own."""
    facts = _birth(case, person)
    paid = [c for c in person.contracts if c.kind not in UNPAID_KINDS]
    if paid:
        contract = paid[-1]
        facts = replace(
            facts,
            weekly_max_min=contract.weekly_max_min,
            daily_max_min=contract.daily_max_min,
            days_per_week_max=contract.days_per_week_max,
        )
    if age_rule(facts, case.on, case.limits) is AgeRule.ADULT:
        return replace(facts, birth_date=ANY_ADULT, basic_school_done=True)
    if person.year:
        shifts = [Shift(i, break_min=_break(case, facts, i.minutes)) for i in person.year]
        used = overtime_min(shifts, case.limits, case.on, case.tz)
        facts = replace(facts, overtime_used_min=used)
    return facts


def _with_earlier(
    case: Case, person: Person, facts: PersonFacts, shifts: Iterable[Shift]
) -> PersonFacts:
    """The work before the neighbouring weeks, where it could break the average.

    Left out elsewhere, so that people who are alike share one answer of the rules.
    """
    near = sum(s.interval.minutes + s.travel_before_min + s.travel_after_min for s in shifts)
    weeks = case.limits.value("adult_average_weeks", case.on)
    most = case.limits.value("adult_weekly_max", case.on) * weeks
    if not person.earlier_min or person.earlier_min + near <= most:
        return facts
    return replace(facts, earlier_min=person.earlier_min)


def _break(case: Case, facts: PersonFacts, minutes: int) -> int:
    key = (age_rule(facts, case.on, case.limits), minutes)
    if key not in case.breaks:
        case.breaks[key] = required_break_min(facts, minutes, case.on, case.limits)
    return case.breaks[key]


def _shifts(case: Case, person: Person, facts: PersonFacts) -> tuple[Shift, ...]:
    shifts: list[Shift] = []
    earlier: Gig | None = None
    for gig in person.gigs:
        way = 0
        if earlier is not None and gig.interval.start - earlier.interval.end < SAME_OUTING:
            way = travel.trip_min(person.worker.travel_mode, earlier.place, gig.place, case.on)
        rest = _break(case, facts, gig.interval.minutes)
        shifts.append(Shift(gig.interval, travel_before_min=way, break_min=rest))
        earlier = gig
    return tuple(shifts)


def _without_old_way(case: Case, others: tuple[Shift, ...]) -> tuple[Shift, ...]:
    """The gigs around an order; the one after it is reached from the order, whose own way out says
    how long that takes, and no longer from the gig before.
    """
    after = next((n for n, s in enumerate(others) if s.interval.start >= case.interval.end), 0)
    if not after or others[after - 1].interval.end > case.interval.start:
        return others
    led = replace(others[after], travel_before_min=0)
    return (*others[:after], led, *others[after + 1 :])


def _worktime(
    case: Case, facts: PersonFacts, shift: Shift, others: tuple[Shift, ...]
) -> list[Violation]:
    key = (facts, shift, others)
    if key not in case.shifts_checked:
        found = worktime.check_shift(
            facts, shift, others, case.limits, case.tz, case.holidays, school_days=case.school
        )
        # The ways between gigs are told above, with the order's number and the time that would fit.
        case.shifts_checked[key] = [v for v in found if v.code not in {"overlap", "travel_overlap"}]
    return case.shifts_checked[key]


def _engagement(
    case: Case, person: Person, shift: Shift, others: tuple[Shift, ...]
) -> list[Violation]:
    """What the contract of the date says; of two the one that allows more."""
    if not person.contracts:
        return [Violation("no_engagement", HARD, case.on.isoformat())]
    together = (*others, shift)
    by_day = minutes_by_day(together, case.tz)
    worked = {local_date(s.interval.start, case.tz) for s in together}
    answers = [
        check_engagement(
            contract.kind,
            on=case.on,
            starts_on=contract.starts_on,
            ends_on=contract.ends_on,
            shift_min=shift.work_min,
            day_min=by_day[case.on],
            week_min=sum(n for day, n in by_day.items() if _same_week(day, case.on)),
            week_days=sum(_same_week(day, case.on) for day in worked),
            limits=case.limits,
            daily_max_min=contract.daily_max_min,
            weekly_max_min=contract.weekly_max_min,
            days_per_week_max=contract.days_per_week_max,
            subsidy_excludes_business=contract.excludes_business,
            customer_is_company=case.order.customer.kind == Customer.Kind.PRIVATE,
            company_may_run=frozenset(EngagementKind(k) for k in settings.ENGAGEMENT_KINDS),
            age=age_on(person.worker.birth_date, case.on),
        )
        for contract in person.contracts
    ]
    return min(answers, key=lambda vs: (sum(v.is_hard for v in vs), len(vs)))


def _same_week(day: date, on: date) -> bool:
    return day.isocalendar()[:2] == on.isocalendar()[:2]


def _iso(at: datetime) -> str:
    return at.isoformat()
