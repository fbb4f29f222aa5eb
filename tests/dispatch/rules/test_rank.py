"""The ranking as pure arrays: points that add up, order, and the smallest change that helps."""

from __future__ import annotations

import ast
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dispatch.bench import ranking_sample
from dispatch.bench.ranking_sample import ON, job, town
from dispatch.rules import rank as rank_module
from dispatch.rules import rank_hours
from dispatch.rules.codes import ALL_HARD, FITS, NO
from dispatch.rules.points import PARTS
from dispatch.rules.rank import rank
from dispatch.rules.rank_arrays import Around, Busy, Job, Spans, Staff, only
from dispatch.rules.rank_changes import would_fit
from dispatch.rules.rank_hours import DAY
from tests.dispatch.rules.masks import codes_in

HOUR = 60


def one(**changes: Any) -> tuple[Staff, Around]:
    """One worker who lives at the site, can do everything, is free all day and has no gigs."""
    staff, around = town(1)
    start = changes.pop("start", 6 * HOUR)
    end = changes.pop("end", 22 * HOUR)
    gigs = changes.pop("gigs", ())
    staff = replace(
        staff,
        lat=np.array([61.06]),
        lon=np.array([28.19]),
        mode=np.array([0]),
        birth=np.array([19_900_615]),
        max_trip_min=np.array([60]),
        wish_min=np.array([900]),
        skills=np.array([[0b1111]], dtype=np.uint64),
        strains=np.array([0]),
        has_coach=np.array([True]),
        coached_gigs=np.array([0]),
        contracts=replace(
            only(staff, around, np.array([0]))[0].contracts,
            worker=np.array([0]),
            kind=np.array([0]),
            from_day=np.array([1]),
            to_day=np.array([1 << 30]),
            day_min=np.array([1 << 30]),
            week_min=np.array([1 << 30]),
            week_days=np.array([1 << 30]),
            no_business=np.array([False]),
        ),
    )
    staff = replace(staff, **changes)
    window = np.array([0]), np.array([ON * DAY + start]), np.array([ON * DAY + end])
    nobody = np.zeros(0, dtype=np.int64)
    around = Around(
        windows=Spans(*window),
        liked=Spans(nobody, nobody, nobody),
        absent=np.array([False]),
        done=np.array([5]),
        at_site=np.array([False]),
        earlier_min=np.array([0]),
        busy=Busy(
            ptr=np.array([0, len(gigs)]),
            start=np.array([ON * DAY + g[0] for g in gigs], dtype=np.int64),
            end=np.array([ON * DAY + g[1] for g in gigs], dtype=np.int64),
            lat=np.full(len(gigs), 61.06),
            lon=np.full(len(gigs), 28.19),
            order=np.arange(len(gigs)),
        ),
    )
    return staff, around


def codes(staff: Staff, around: Around, asked: Job) -> list[str]:
    return codes_in(int(rank(staff, around, asked).codes[0]))


def helps(staff: Staff, around: Around, asked: Job) -> tuple[str, int] | None:
    [change] = would_fit(staff, around, asked, rank(staff, around, asked))
    return None if change is None else (change.kind, change.amount)


# --------------------------------------------------------------------------- all together


def test_parts_add_up_to_the_score_of_everybody() -> None:
    """Whole points, without rounding between them."""
    found = rank(*town(2000), job())
    assert found.parts.shape == (2000, len(PARTS))
    assert np.array_equal(found.parts.sum(axis=1), found.score)
    assert len(set(found.score.tolist())) > 30


def test_order_is_by_fit_then_points_then_name() -> None:
    staff, around = town(500)
    found = rank(staff, around, job())
    keys = [(int(found.fit[n]), -int(found.score[n]), int(staff.tie[n])) for n in found.order]
    assert keys == sorted(keys)
    assert sorted(found.order.tolist()) == list(range(500))


def test_a_few_workers_alone_get_what_they_get_among_all() -> None:
    staff, around = town(800)
    asked = job()
    rows = np.array([700, 3, 41, 42, 799, 0])
    few = rank(*only(staff, around, rows), asked)
    everybody = rank(staff, around, asked)
    assert few.codes.tolist() == everybody.codes[rows].tolist()
    assert few.parts.tolist() == everybody.parts[rows].tolist()


def test_nobody_at_all_is_an_empty_ranking() -> None:
    staff, around = only(*town(5), np.zeros(0, dtype=np.int64))
    assert rank(staff, around, job()).order.tolist() == []


def test_nothing_of_earlier_answers_is_given() -> None:
    """Who says no keeps the rank: the arrays have no place for an answer."""
    fields = {*Staff.__dataclass_fields__, *Around.__dataclass_fields__, *Job.__dataclass_fields__}
    assert not {f for f in fields if "declin" in f or "answer" in f or "offer" in f}


@pytest.mark.parametrize("module", [rank_module, rank_hours, ranking_sample])
def test_pure_part_imports_no_framework(module: object) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    names = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert not {n for n in names if n.startswith(("django", "config")) or n.endswith("models")}


@pytest.mark.parametrize(("workers", "limit_ms"), [(5_000, 5), (50_000, 20)])
def test_pure_part_stays_cheap(workers: int, limit_ms: int) -> None:
    """Three times the target, because a test machine is shared; `bench ranking` is exact."""
    staff, around = town(workers)
    asked, spent = job(), []
    for _ in range(8):
        start = time.process_time()
        rank(staff, around, asked)
        spent.append((time.process_time() - start) * 1000)
    assert min(spent) < 3 * limit_ms, spent


# --------------------------------------------------------------------------- one worker


def test_free_able_worker_next_door_fits() -> None:
    found = rank(*one(), job())
    assert (found.codes.tolist(), found.fit.tolist()) == ([0], [FITS])
    assert found.score.tolist() == [40 + 30 + 5]


@pytest.mark.parametrize(
    ("changes", "asked", "told"),
    [
        ({"skills": np.array([[0b01]], dtype=np.uint64)}, {}, ["skill_missing"]),
        ({"strains": np.array([0b1])}, {}, ["restricted"]),
        ({}, {"min_age": 40}, ["task_min_age"]),
        ({"gigs": [(10 * HOUR, 11 * HOUR)]}, {}, ["overlap"]),
        ({"gigs": [(10 * HOUR, 11 * HOUR)]}, {"order": 0}, ["already_on_order"]),
        ({"gigs": [(-6 * HOUR, 0)]}, {}, ["daily_rest"]),
        ({"gigs": [(-2 * HOUR, 4 * HOUR)]}, {}, ["daily_rest_floor"]),
        ({"gigs": [(13 * HOUR + 5, 18 * HOUR)]}, {}, ["daily_hours"]),
        ({"start": 10 * HOUR}, {}, ["partly_available"]),
        ({"start": 14 * HOUR}, {}, ["not_available"]),
        ({"wish_min": np.array([100])}, {}, ["over_wish"]),
        ({"coached_gigs": np.array([9])}, {}, ["first_gig_reach"]),
        ({"coached_gigs": np.array([9]), "has_coach": np.array([False])}, {}, ["coach_needed"]),
    ],
)
def test_reason_is_named(changes: dict[str, Any], asked: dict[str, Any], told: list[str]) -> None:
    assert codes(*one(**changes), job(**asked)) == told


# --------------------------------------------------------------------------- what would help


def test_one_lacking_skill_is_named() -> None:
    lacking = one(skills=np.array([[0b01]], dtype=np.uint64))
    assert helps(*lacking, job()) == ("skill", 1)


def test_two_lacking_skills_are_no_single_change() -> None:
    assert helps(*one(skills=np.array([[0]], dtype=np.uint64)), job()) is None


def test_another_hour_is_the_smallest_that_works() -> None:
    """A gig until 10: an hour and a quarter later there is time; two hours would be too much."""
    staff, around = one(gigs=[(8 * HOUR, 10 * HOUR + 5)])
    assert helps(staff, around, job()) == ("hour", 75)


def test_earlier_hour_is_found_too() -> None:
    assert helps(*one(gigs=[(12 * HOUR + 50, 14 * HOUR)]), job()) == ("hour", -15)


def test_coach_is_named_for_first_gigs() -> None:
    staff, around = one(coached_gigs=np.array([9]), has_coach=np.array([False]))
    assert helps(staff, around, job()) == ("coach", 0)
    assert codes(staff, around, job(coach_on_site=True)) == []


def test_shorter_trip_is_named_with_its_minutes() -> None:
    staff, around = one(lat=np.array([61.11]))
    found = rank(staff, around, job())
    over = int(found.leg_in_min[0]) - 60
    assert codes_in(int(found.codes[0])) == ["trip_too_long"]
    assert helps(staff, around, job()) == ("trip", over)
    assert codes(replace(staff, max_trip_min=found.leg_in_min), around, job()) == []


def test_who_fits_needs_no_change() -> None:
    assert helps(*one(), job()) is None


def test_named_change_really_helps_and_no_smaller_hour_does() -> None:
    """Property: for everybody excluded who is offered another hour."""
    staff, around = town(1000)
    asked = job(strains=0)
    before = rank(staff, around, asked)
    rows = np.flatnonzero(before.fit == NO)
    few, around_few = only(staff, around, rows)
    changes = would_fit(few, around_few, asked, rank(few, around_few, asked))
    hours = [(n, c.amount) for n, c in enumerate(changes) if c is not None and c.kind == "hour"]
    assert len(hours) > 10
    for row, amount in hours:
        tried = range(-abs(amount) + 15, abs(amount), 15)
        for shift in (amount, *tried):
            moved = replace(asked, start=asked.start + shift, end=asked.end + shift)
            hard = int(rank(few, around_few, moved).codes[row]) & ALL_HARD
            assert (hard == 0) == (shift == amount)
