"""Small random worlds for the two writings of the law: one order, a few workers, their weeks.

Values only, no database: the same world is put to `rules.judge` (`by_law`) and to the
arrays of the ranking (`by_arrays`). The dice fall where rules have edges: nights, both
changes of the clock, week borders and holidays, rests and breaks to the minute, birthdays and
contracts that begin or end within the week.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from accounts.models import User
from core.holidays import holidays_between
from core.intervals import DateException, Interval, local_dates, local_instant, overlaps
from core.zone import local_date
from dispatch.candidates import arrays as ranking
from dispatch.candidates import listing as candidates
from dispatch.candidates.arrays import KINDS, MODES, Frame, Kept
from dispatch.candidates.listing import Candidate
from dispatch.eligibility import facts as people
from dispatch.eligibility import judge as rules
from dispatch.eligibility.facts import Case, Contract, Person
from dispatch.eligibility.travel import Point
from dispatch.eligibility.worker_time import Gig, Row, Usual
from dispatch.rules import rank as pure
from orders.models import Customer, Site, TaskType, WorkOrder
from workers.models import Skill, Strain, Worker
from workers.rules.engagement import EngagementKind
from workers.rules.worktime_facts import age_on
from workers.rules.worktime_limits import LegalLimits, load_limits

TZ = ZoneInfo("Europe/Helsinki")
WORKERS = 5
# Days with an edge: clock changes, a turn of the ISO year, holidays, an ordinary week.
DAYS = (
    date(2026, 10, 24), date(2026, 10, 25), date(2027, 3, 27), date(2027, 3, 28),
    date(2026, 12, 31), date(2027, 1, 3), date(2026, 12, 6), date(2027, 3, 26),
    date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 26), date(2026, 6, 19),
)  # fmt: skip
STARTS = (time(0), time(1), time(2, 30), time(6), time(8), time(9), time(12), time(15), time(19),
          time(21), time(22, 30), time(23, 45))  # fmt: skip
# Presences and pauses on both sides of breaks, days, rests and outings.
LENGTHS = (30, 60, 120, 180, 240, 360, 361, 420, 480, 510, 511, 540, 600, 601, 720, 840, 1020)
PAUSES = (0, 5, 15, 30, 60, 61, 120, 240, 419, 420, 500, 659, 660, 700, 719, 720, 900, 1400, 2099,
          2100, 2101, 2900)  # fmt: skip
PLACES = tuple(Point(61.05 + n / 90, 28.18 + n / 60) for n in range(5)) + (Point(61.4, 28.9),)
COACH = User(pk=9, name="Kaisa Valmentaja")
# Hours of a day; none run over midnight, the database sees to that.
HOURS = (
    (time(0), time(23, 59)),
    (time(6), time(14)),
    (time(7), time(21)),
    (time(8), time(16)),
    (time(12), time(23)),
)
WHOLE_DAY = (None, None)


@lru_cache(maxsize=1)
def limits() -> LegalLimits:
    """The law as it is shipped."""
    file = Path(ranking.__file__).parents[2] / "workers" / "data" / "legal_limits.csv"
    return load_limits(file.read_text(encoding="utf-8"))


@dataclass
class Someone:
    """One worker with everything that both writings ask about."""

    worker: Worker
    contracts: list[Contract] = field(default_factory=list)
    usual: list[Usual] = field(default_factory=list)
    changes: list[DateException] = field(default_factory=list)
    absences: list[Interval] = field(default_factory=list)
    gigs: list[Gig] = field(default_factory=list)
    skills: frozenset[int] = frozenset()
    strains: tuple[str, ...] = ()
    done: int = 0
    at_site: int = 0
    earlier_min: int = 0


@dataclass
class World:
    """One order, what its task asks for, and the people."""

    seed: int
    order: WorkOrder
    skills: tuple[Skill, ...]
    people: list[Someone]


# --------------------------------------------------------------------------- the dice


def world(seed: int) -> World:
    """The world of a seed; the same seed gives the same world."""
    dice = random.Random(seed)
    on = dice.choice(DAYS) + timedelta(days=dice.choice((0, 0, 0, -1, 1)))
    starts_at = local_instant(on, dice.choice(STARTS), TZ)
    ends_at = starts_at + timedelta(minutes=dice.choice(LENGTHS))
    task = TaskType(
        pk=1,
        code="task",
        strains=dice.sample(Strain.values, dice.choice((0, 0, 1, 2))),
        min_age=dice.choice((15, 15, 15, 18, 20)),
        hazardous=dice.random() < 0.1,
        light_work=dice.random() < 0.3,
    )
    kind = dice.choice((Customer.Kind.PRIVATE, Customer.Kind.PRIVATE, Customer.Kind.PUBLIC))
    site = Site(pk=1, lat=PLACES[0].lat, lon=PLACES[0].lon, time_zone=TZ.key)
    order = WorkOrder(
        pk=1, number=1, starts_at=starts_at, ends_at=ends_at, works_on=local_date(starts_at, TZ),
        task_type=task, site=site, customer=Customer(pk=1, kind=kind),
        coach_on_site=dice.random() < 0.3,
    )  # fmt: skip
    skills = tuple(
        Skill(pk=70 + n, code=f"s{n}", name_fi=f"s{n}") for n in range(dice.choice((0, 1, 2)))
    )
    return World(seed, order, skills, [_someone(dice, order, n + 1) for n in range(WORKERS)])


def _someone(dice: random.Random, order: WorkOrder, pk: int) -> Someone:
    on = order.works_on
    home = dice.choice(PLACES)
    worker = Worker(
        pk=pk,
        worker_no=f"W{pk}",
        first_name=f"N{pk}",
        last_name=dice.choice(("Aalto", "Mäki", "Salo")),
        birth_date=_birth(dice, on),
        basic_school_done=dice.random() < 0.5,
        lat=home.lat,
        lon=home.lon,
        travel_mode=dice.choice(MODES),
        max_trip_min=dice.choice((10, 30, 45, 90)),
        wish_week_min=dice.choice((0, 600, 1200, 2400)),
        coached_gigs=dice.choice((0, 0, 3)),
        coach=COACH if dice.random() < 0.5 else None,
    )
    around = Interval(order.starts_at, order.ends_at)
    gigs = _gigs(dice, around)
    near = sum(gig.interval.minutes for gig in gigs)
    return Someone(
        worker,
        contracts=sorted(_contracts(dice, on), key=lambda c: c.starts_on),
        usual=list(_usual(dice)),
        changes=list(_changes(dice, on)),
        absences=list(_absences(dice, around)),
        gigs=gigs,
        skills=frozenset(n for n in (70, 71, 72) if dice.random() < 0.85),
        strains=tuple(s for s in Strain.values if dice.random() < 0.1),
        done=dice.choice((0, 1, 2, 3, 9)),
        at_site=dice.choice((0, 0, 2)),
        # The average allows 17 weeks of 48 hours: some pass it by this order, some by far.
        earlier_min=dice.choice((0, 40_000, 48_960 - round(near * dice.random()))),
    )


def _years(on: date, years: int) -> date:
    return date(on.year - years, on.month, min(on.day, 28))


def _birth(dice: random.Random, on: date) -> date:
    if dice.random() < 0.75:
        return date(dice.randrange(1960, 2004), dice.randrange(1, 13), dice.randrange(1, 29))
    birthday = _years(on, dice.choice((15, 16, 17, 18, 18, 18, 20)))
    return birthday + timedelta(days=dice.choice((-7, -3, -1, 0, 1, 2, 5, 200)))


def _contracts(dice: random.Random, on: date) -> Iterator[Contract]:
    for _ in range(dice.choice((0, 1, 1, 1, 1, 1, 2, 2, 3))):
        many = dice.random() < 0.3
        starts_on = on + timedelta(days=dice.choice((-300, -200, -90, -40, -3, -1, 0, 0, 1, 2)))
        last = dice.choice((None, None, None, -1, 0, 1, 3, 90))
        yield Contract(
            kind=dice.choice((EngagementKind.EMPLOYMENT, *EngagementKind)),
            starts_on=starts_on,
            ends_on=None if last is None else max(starts_on, on + timedelta(days=last)),
            weekly_max_min=dice.choice((600, 900, 2000)) if many else None,
            daily_max_min=dice.choice((240, 300, 480)) if many else None,
            days_per_week_max=dice.choice((2, 3, 5)) if dice.random() < 0.2 else None,
            excludes_business=dice.random() < 0.1,
        )


def _usual(dice: random.Random) -> Iterator[Usual]:
    for weekday in range(7):
        if dice.random() < 0.75:
            starts, ends = dice.choice(HOURS)
            yield Usual(weekday, starts, ends, dice.random() < 0.3)
            if ends == time(14) and dice.random() < 0.5:
                yield Usual(weekday, time(14), time(22), dice.random() < 0.3)


def _changes(dice: random.Random, on: date) -> Iterator[DateException]:
    if dice.random() < 0.3:
        day = on + timedelta(days=dice.choice((-1, 0, 0, 1)))
        hours = dice.choice((WHOLE_DAY, *HOURS, (time(10), time(12))))
        yield DateException(day, dice.random() < 0.5, *hours)


def _absences(dice: random.Random, around: Interval) -> Iterator[Interval]:
    if dice.random() < 0.15:
        start = around.start + timedelta(minutes=dice.choice((-3000, -600, -60, 0, 30, 6000)))
        yield Interval(start, start + timedelta(minutes=dice.choice((60, 600, 2880))))


def _gigs(dice: random.Random, around: Interval) -> list[Gig]:
    """Work before and after the order, its edges a pause away from one another."""
    found: list[Interval] = []
    much = dice.choice((1, 1, 1, 2, 5, 40))

    def step() -> tuple[timedelta, timedelta]:
        pause = dice.choice(PAUSES) * (1 if dice.random() < 0.3 else much)
        return timedelta(minutes=pause), timedelta(minutes=dice.choice(LENGTHS))

    reach = timedelta(days=16)
    at = around.start
    if dice.random() < 0.12:
        # One that the order runs into.
        at += timedelta(minutes=dice.choice((-30, 10, 15)))
        found.append(Interval(at, at + timedelta(minutes=dice.choice((16, 31, 240)))))
    while at > around.start - reach:
        pause, length = step()
        found.append(Interval(at - pause - length, at - pause))
        at -= pause + length
    at = max([around.end, *(gig.end for gig in found)])
    while at < around.end + reach:
        pause, length = step()
        found.append(Interval(at + pause, at + pause + length))
        at += pause + length
    found = [gig for gig in sorted(found) if dice.random() < 0.9]
    own = dice.random() < 0.3
    gigs = []
    for n, gig in enumerate(found):
        number = 1 if own and overlaps(gig, around) else 100 + n
        gigs.append(Gig(number, number, f"gig {n}", gig, dice.choice(PLACES)))
    return gigs


# --------------------------------------------------------------------------- the law in Python


@dataclass(frozen=True)
class Said:
    """What one writing says of one worker; what the young are told is left to the law."""

    fit: str
    parts: Mapping[str, int]
    codes: frozenset[tuple[str, bool | None]]
    leg_in_min: int
    week_min: int


@dataclass(frozen=True)
class Answer:
    """What one writing says of a world: by worker id, who are the adults, and the best first."""

    said: Mapping[int, Said]
    young: frozenset[int]
    best_first: tuple[int, ...]


def told_by_rules(candidate: Candidate) -> tuple[str, dict[str, int], set[tuple[str, bool | None]]]:
    """Fit, points and codes of the full rules."""
    said: set[tuple[str, bool | None]] = {(v.code, v.is_hard) for v in candidate.violations}
    said |= {(r.code, None) for r in candidate.reasons if r.kind == "w" and not r.violation}
    return candidate.fit, {k: int(v) for k, v in candidate.parts.items()}, said


def told_by_arrays(
    found: pure.Ranking, row: int
) -> tuple[str, dict[str, int], set[tuple[str, bool | None]]]:
    """Fit, points and codes of the arrays."""
    mask = int(found.codes[row])
    said: set[tuple[str, bool | None]] = set()
    for among, hard in ((pure.ALL_HARD, True), (pure.ALL_SOFT, False)):
        said |= {(code, hard) for code in pure.codes_in(mask, among=among)}
    notes = ~(pure.ALL_HARD | pure.ALL_SOFT)
    said |= {(code, None) for code in pure.codes_in(mask, among=notes)}
    parts = dict(zip(pure.PARTS, found.parts[row].tolist(), strict=True))
    fit = ("fits", "note", "no")[found.fit[row]]
    return fit, {name: points for name, points in parts.items() if points}, said


def by_law(w: World) -> Answer:
    """The world as `rules.judge` sees it, one person after the other."""
    case = _case(w)
    persons = {p.worker.pk: p for p in (_person(case, w, one) for one in w.people)}
    people._load_trips(case, persons)
    rows = [candidates._candidate(case, p, rules.judge(case, p)) for p in persons.values()]
    rows.sort(
        key=lambda c: (candidates._FIT_ORDER[c.fit], -c.score, c.worker.last_name, c.worker.pk)
    )
    adult = case.limits.value("adult_age", case.on)
    young = frozenset(
        p.worker.pk for p in persons.values() if age_on(p.worker.birth_date, case.on) < adult
    )
    said = {}
    for c in rows:
        fit, parts, codes = told_by_rules(c)
        said[c.worker.pk] = Said(fit, parts, frozenset(codes), c.trip_min, c.week_min)
    return Answer(said, young, tuple(c.worker.pk for c in rows if c.worker.pk not in young))


def _case(w: World) -> Case:
    frame = Frame.of(w.order, limits())
    days = local_date(frame.first, TZ), local_date(frame.last, TZ)
    return Case(
        order=w.order,
        interval=frame.interval,
        on=frame.on,
        place=Point(w.order.site.lat, w.order.site.lon),
        tz=TZ,
        limits=limits(),
        holidays=holidays_between(*days)[0],
    )


def _person(case: Case, w: World, one: Someone) -> Person:
    frame = Frame.of(w.order, limits())
    near = Interval(frame.first, frame.last)
    outing = Interval(
        case.interval.start - people.LONGEST_TRIP, case.interval.end + people.LONGEST_TRIP
    )
    person = Person(
        one.worker,
        contracts=[
            c
            for c in one.contracts
            if c.starts_on <= case.on and (c.ends_on is None or c.ends_on >= case.on)
        ],
        absences=[a for a in one.absences if overlaps(a, case.interval)],
        gigs=[g for g in one.gigs if overlaps(g.interval, near)],
        missing_skills=[s for s in w.skills if s.pk not in one.skills],
        strains=sorted(set(one.strains) & set(w.order.task_type.strains)),
        done=one.done,
        at_site=one.at_site,
        earlier_min=one.earlier_min,
    )
    case.time.usual[one.worker.pk] = one.usual
    days = local_dates(outing, TZ)
    read = {case.on - timedelta(days=1), *days}
    case.time.changes[one.worker.pk] = [c for c in one.changes if c.on in read]
    people._set_windows(case, person, days, {})
    return person


# --------------------------------------------------------------------------- the law in arrays


def by_arrays(w: World) -> Answer:
    """The same world as the ranking sees it, all at once."""
    frame, kept = Frame.of(w.order, limits()), _kept(w)
    found = pure.rank(kept.staff, _around(w, frame, kept), ranking._job(frame, kept))
    said = {}
    for row, pk in enumerate(kept.ids.tolist()):
        fit, parts, codes = told_by_arrays(found, row)
        way, week = int(found.leg_in_min[row]), int(found.week_min[row])
        said[pk] = Said(fit, parts, frozenset(codes), way, week)
    young = frozenset(kept.ids[found.asks].tolist())
    best = (pk for pk in kept.ids[found.order].tolist() if pk not in young)
    return Answer(said, young, tuple(best))


def _kept(w: World) -> Kept:
    """What `ranking._read` would remember of these people."""
    workers = [one.worker for one in w.people]
    skills = tuple(sorted({s.pk for s in w.skills} | {70, 71, 72}))
    words = np.zeros((len(workers), 1), dtype=np.uint64)
    for n, one in enumerate(w.people):
        words[n, 0] = sum(1 << skills.index(pk) for pk in one.skills)
    order = sorted(range(len(workers)), key=lambda n: (workers[n].last_name, workers[n].pk))
    tie = np.empty(len(workers), dtype=np.int64)
    tie[order] = np.arange(len(workers))
    ints = ranking._ints
    staff = pure.Staff(
        lat=np.array([p.lat for p in workers]),
        lon=np.array([p.lon for p in workers]),
        mode=ints(MODES.index(p.travel_mode) for p in workers),
        birth=ints(ranking._number(p.birth_date) for p in workers),
        max_trip_min=ints(p.max_trip_min for p in workers),
        wish_min=ints(p.wish_week_min for p in workers),
        skills=words,
        strains=ints(sum(1 << ranking.STRAINS.index(s) for s in one.strains) for one in w.people),
        has_coach=np.array([p.coach_id is not None for p in workers]),
        coached_gigs=ints(p.coached_gigs for p in workers),
        tie=tie,
        contracts=_contract_rows(w),
    )
    clocks = tuple(sorted({t for one in w.people for u in one.usual for t in (u.starts, u.ends)}))
    every = [
        (n, u.weekday, clocks.index(u.starts), clocks.index(u.ends), u.preferred)
        for n, one in enumerate(w.people)
        for u in sorted(one.usual)
    ]
    nobody = np.zeros(len(workers), dtype=np.int64)
    return Kept(
        stamp=(0, 0),
        ids=ints(p.pk for p in workers),
        staff=staff,
        skills=skills,
        asked={1: w.skills},
        usual=ranking._joined(row[:4] for row in every),
        liked=ranking._joined(row[:4] for row in every if row[4]),
        clocks=clocks,
        gigs=nobody,
        last_gig=nobody,
        limits=limits(),
    )


def _contract_rows(w: World) -> pure.Contracts:
    rows = [(n, c) for n, one in enumerate(w.people) for c in one.contracts]
    ints = ranking._ints

    def most(values: list[int | None]) -> pure.Ints:
        return ints(pure.NO_LIMIT if v is None else v for v in values)

    return pure.Contracts(
        worker=ints(n for n, _c in rows),
        kind=ints(KINDS.index(c.kind) for _n, c in rows),
        from_day=ints(c.starts_on.toordinal() for _n, c in rows),
        to_day=ints(c.ends_on.toordinal() if c.ends_on else ranking.EVER for _n, c in rows),
        day_min=most([c.daily_max_min for _n, c in rows]),
        week_min=most([c.weekly_max_min for _n, c in rows]),
        week_days=most([c.days_per_week_max for _n, c in rows]),
        no_business=np.array([c.excludes_business for _n, c in rows], dtype=bool),
    )


def _around(w: World, frame: Frame, kept: Kept) -> pure.Around:
    span = ranking._outing(frame)
    first = min(frame.on - timedelta(days=1), span[0])
    changed = [
        Row(one.worker.pk, "changed", on=c.on, yes=c.available, from_time=c.start, to_time=c.end)
        for one in w.people
        for c in one.changes
        if first <= c.on <= span[-1]
    ]
    windows, liked = ranking._windows(frame, kept, changed)
    near = Interval(frame.first, frame.last)
    gigs = [[g for g in one.gigs if overlaps(g.interval, near)] for one in w.people]
    flat = [gig for mine in gigs for gig in mine]
    ints = ranking._ints
    return pure.Around(
        windows=windows,
        liked=liked,
        absent=np.array([any(overlaps(a, frame.interval) for a in p.absences) for p in w.people]),
        done=ints(one.done for one in w.people),
        at_site=np.array([one.at_site > 0 for one in w.people]),
        earlier_min=ints(one.earlier_min for one in w.people),
        busy=pure.Busy(
            ptr=np.cumsum([0, *map(len, gigs)]),
            start=ints(ranking.minute_of(g.interval.start) for g in flat),
            end=ints(ranking.minute_of(g.interval.end) for g in flat),
            lat=np.array([g.place.lat for g in flat], dtype=np.float64),
            lon=np.array([g.place.lon for g in flat], dtype=np.float64),
            order=ints(g.order_id for g in flat),
        ),
    )


# --------------------------------------------------------------------------- held together


def difference(law: Answer, arrays: Answer) -> str:
    """What the two say differently; empty when they agree."""
    if law.young != arrays.young:
        return f"who is young: {sorted(law.young)} and {sorted(arrays.young)}"
    for pk, want in law.said.items():
        got = arrays.said[pk]
        if (want.leg_in_min, want.week_min) != (got.leg_in_min, got.week_min):
            return f"worker {pk}: {want} and {got}"
        if pk not in law.young and want != got:
            return f"worker {pk}: {want} and {got}; {sorted(want.codes ^ got.codes, key=str)}"
    if law.best_first != arrays.best_first:
        return f"order of the list: {law.best_first} and {arrays.best_first}"
    return ""
