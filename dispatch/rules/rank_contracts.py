"""Working time and contracts of adults, were the order theirs."""

from __future__ import annotations

import numpy as np

from dispatch.rules.codes import ALL_HARD, HARD_BIT, SOFT_BIT
from dispatch.rules.rank_arrays import NO_LIMIT, Contracts, Ints, Job, KindRules, Staff
from dispatch.rules.rank_hours import Hours


def law_codes(staff: Staff, job: Job, hours: Hours) -> Ints:
    """Working time and contracts of adults, were the order theirs."""
    codes = np.full(len(staff.lat), job.special)
    for code, over in hours.over.items():
        bit = HARD_BIT[code] if code in HARD_BIT else SOFT_BIT[code]
        codes |= np.where(over, bit, 0)
    return codes | _contracts(staff, job, hours)


def _contracts(staff: Staff, job: Job, hours: Hours) -> Ints:
    """What the contract of the date says; of two the one that allows more."""
    rows, workers = staff.contracts, len(staff.lat)
    valid = np.flatnonzero((rows.from_day <= hours.on) & (hours.on <= rows.to_day))
    found = np.full(workers, HARD_BIT["no_engagement"])
    worker = rows.worker[valid]
    answers = _answers(staff, job, hours, valid)
    found[worker] = answers
    twice = worker[1:] == worker[:-1]
    if twice.any():
        rival = np.flatnonzero(np.append(twice, False) | np.insert(twice, 0, False))
        hard = np.bitwise_count(answers[rival] & ALL_HARD).astype(np.int64)
        weight = hard * 100 + np.bitwise_count(answers[rival])
        who = worker[rival]
        first = np.flatnonzero(np.insert(who[1:] != who[:-1], 0, True))
        # Each weight carries its own place, so the least one says which answer it is.
        least = np.minimum.reduceat(weight * len(rival) + np.arange(len(rival)), first)
        found[who[first]] = answers[rival[least % len(rival)]]
    unpaid = np.array([k.unpaid for k in job.kinds])
    paid = valid[~unpaid[rows.kind[valid]]]
    own = np.full(workers, -1)
    own[rows.worker[paid]] = paid
    return found | _own_limits(rows, hours, own)


def _own_limits(rows: Contracts, hours: Hours, own: Ints) -> Ints:
    """What was agreed with the worker; `own` is their last paid contract or -1."""
    codes = np.zeros(len(own), dtype=np.int64)
    if not len(rows.worker):
        return codes
    for limit, sums, code in (
        (rows.day_min, hours.days, "own_daily_max"),
        (rows.week_min, hours.weeks, "own_weekly_max"),
        (rows.week_days, hours.week_days, "own_days_per_week"),
    ):
        limited = np.flatnonzero((own >= 0) & (limit[own] < NO_LIMIT))
        most = limit[own[limited]]
        for got in sums.values():
            codes[limited[got[limited] > most]] |= SOFT_BIT[code]
    return codes


def _answers(staff: Staff, job: Job, hours: Hours, valid: Ints) -> Ints:
    """Mask of each valid contract, as workers.rules.engagement has it."""
    rows = staff.contracts
    worker, kind = rows.worker[valid], rows.kind[valid]
    codes = np.zeros(len(valid), dtype=np.int64)
    codes[rows.no_business[valid]] |= HARD_BIT["subsidy_excludes_business"]
    for n, rule in enumerate(job.kinds):
        mine = np.flatnonzero(kind == n)
        if rule.says_nothing or not len(mine):
            continue
        who = worker[mine]
        got = (
            hours.days[hours.on][who],
            hours.weeks[hours.monday][who],
            hours.week_days[hours.monday][who],
        )
        codes[mine] |= _kind_codes(rule, job, hours.on, got)
        if rule.unpaid:
            codes[mine] |= _written(rows, valid[mine], got)
        if rule.min_age:
            young = (job.on_number - staff.birth[who]) // 10_000 < rule.min_age
            codes[mine[young]] |= HARD_BIT["engagement_min_age"]
    return codes


def _kind_codes(rule: KindRules, job: Job, on: int, got: tuple[Ints, Ints, Ints]) -> Ints:
    day, week, days = got
    fixed = HARD_BIT["kind_disabled"] * rule.disabled
    fixed |= HARD_BIT["rehabilitative_at_company"] * (rule.not_at_company and job.at_company)
    fixed |= SOFT_BIT["kind_not_billable"] * rule.not_billable
    fixed |= HARD_BIT["school_practice_weekend"] * (rule.no_weekend and (on - 1) % 7 >= 5)
    table = SOFT_BIT if rule.most_is_soft else HARD_BIT
    codes = np.full(len(day), fixed)
    codes |= np.where(day < rule.day_least, SOFT_BIT["engagement_day_short"], 0)
    codes |= np.where(day > rule.day_most, table["engagement_day_long"], 0)
    codes |= np.where(week > rule.week_most, table["engagement_week_long"], 0)
    codes |= np.where(days > rule.days_most, HARD_BIT["engagement_week_days"], 0)
    return codes


def _written(rows: Contracts, valid: Ints, got: tuple[Ints, Ints, Ints]) -> Ints:
    """The limits that an unpaid engagement itself names."""
    day, week, days = got
    codes = np.where(day > rows.day_min[valid], HARD_BIT["engagement_own_day_min"], 0)
    codes |= np.where(week > rows.week_min[valid], HARD_BIT["engagement_own_week_min"], 0)
    codes |= np.where(days > rows.week_days[valid], HARD_BIT["engagement_own_week_days"], 0)
    return codes
