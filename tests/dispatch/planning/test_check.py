"""The judge: every kind of damage is seen, and the outside judge sees the same."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings

from dispatch.planning.check import Code, judge
from dispatch.planning.files import write_plan
from dispatch.planning.generate import KINDS, generate
from dispatch.planning.problem import read_problem
from dispatch.planning.search import search
from dispatch.planning.stopwatch import Stopwatch

SHARED = Path(settings.BASE_DIR).parent / "shared" / "planner"
Data = dict[str, Any]


def planned(problem: Data, rounds: int = 0) -> Data:
    return write_plan(search(read_problem(problem), Stopwatch(60.0, rounds=rounds)))


@cache
def _pairs() -> tuple[tuple[str, str], ...]:
    """Problems of every kind with good plans, as text, so that nobody spoils them for others."""
    found = []
    for kind in KINDS:
        problem = generate(20, 34, kind, 9)
        plan = planned(problem)
        found.append((json.dumps(problem), json.dumps(plan)))
    return tuple(found)


def pairs() -> list[tuple[Data, Data]]:
    return [(json.loads(problem), json.loads(plan)) for problem, plan in _pairs()]


def outside() -> ModuleType | None:
    """The outside judge, where it lies beside the project."""
    path = SHARED / "check_plan.py"
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location("check_plan", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def also_outside(problem: Data, plan: Data) -> None:
    """Our verdict is the outside judge's, wherever that one is there to be asked."""
    ours, other = judge(problem, plan), outside()
    if other is not None:
        theirs = other.judge(copy.deepcopy(problem), copy.deepcopy(plan))
        assert bool(ours.faults) == bool(theirs["faults"]), (ours.faults, theirs["faults"])
        if not ours.faults:
            assert ours.objective == theirs["objective"]
            assert (ours.filled, ours.places) == (theirs["filled"], theirs["places"])


# ---------------------------------------------------------------- a thousand damages
Damage = Callable[[random.Random, Data, Data], bool]
DAMAGES: list[Damage] = []


def damage(way: Damage) -> Damage:
    DAMAGES.append(way)
    return way


def _worker(problem: Data, name: str) -> Data:
    return next(w for w in problem["workers"] if w["id"] == name)


def _order(problem: Data, name: str) -> Data:
    return next(o for o in problem["orders"] if o["id"] == name)


@damage
def one_slot_out_of_the_window(rng, problem, plan):
    row = rng.choice(plan["assignments"])
    order = _order(problem, row["order"])
    row["start_min"] = rng.choice(
        [order["latest_start_min"] + 15, order["earliest_start_min"] - 15]
    )
    return True


@damage
def off_the_grid(rng, problem, plan):
    rng.choice(plan["assignments"])["start_min"] += rng.randint(1, 14)
    return True


@damage
def a_worker_without_the_skill(rng, problem, plan):
    row = rng.choice([r for r in plan["assignments"] if r["role"] == "worker"])
    order = _order(problem, row["order"])
    poor = [w for w in problem["workers"] if set(order["skills"]) - set(w["skills"])]
    if not poor:
        return False
    row["worker"] = rng.choice(poor)["id"]
    return True


@damage
def a_blocked_pair(rng, problem, plan):
    row = rng.choice(plan["assignments"])
    _order(problem, row["order"])["blocked"].append(row["worker"])
    return True


@damage
def too_far_from_home(rng, problem, plan):
    row = rng.choice(plan["assignments"])
    worker = _worker(problem, row["worker"])
    worker["home"] = [worker["home"][0] + 1.5, worker["home"][1]]
    return True


@damage
def a_day_too_short_to_get_home(rng, problem, plan):
    row = rng.choice(plan["assignments"])
    mine = [r for r in plan["assignments"] if r["worker"] == row["worker"]]
    ends = max(r["start_min"] + _order(problem, r["order"])["duration_min"] for r in mine)
    _worker(problem, row["worker"])["available"] = [[0, ends - 1]]
    return True


@damage
def a_day_that_opens_too_late(rng, problem, plan):
    row = rng.choice(plan["assignments"])
    mine = [r for r in plan["assignments"] if r["worker"] == row["worker"]]
    first = min(r["start_min"] for r in mine)
    _worker(problem, row["worker"])["available"] = [[first + 1, 1440]]
    return True


@damage
def more_work_than_allowed(rng, problem, plan):
    row = rng.choice(plan["assignments"])
    mine = [r for r in plan["assignments"] if r["worker"] == row["worker"]]
    minutes = sum(_order(problem, r["order"])["duration_min"] for r in mine)
    _worker(problem, row["worker"])["max_work_min"] = minutes - 1
    return True


@damage
def more_orders_than_allowed(rng, problem, plan):
    counts = [r["worker"] for r in plan["assignments"]]
    problem["limits"]["max_orders_per_worker"] = max(map(counts.count, counts)) - 1
    return True


@damage
def no_time_for_the_way_between(rng, problem, plan):
    days: dict[str, list[Data]] = {}
    for row in plan["assignments"]:
        days.setdefault(row["worker"], []).append(row)
    busy = [d for d in days.values() if len(d) > 1]
    if not busy:
        return False
    first, second = sorted(rng.choice(busy), key=lambda r: r["start_min"])[:2]
    gap = second["start_min"] - first["start_min"]
    _order(problem, first["order"])["duration_min"] = gap + 15
    return True


@damage
def the_same_visit_twice(rng, problem, plan):
    plan["assignments"].append(dict(rng.choice(plan["assignments"])))
    return True


@damage
def more_people_than_places(rng, problem, plan):
    row = rng.choice([r for r in plan["assignments"] if r["role"] == "worker"])
    hands = sum(r["role"] == "worker" and r["order"] == row["order"] for r in plan["assignments"])
    _order(problem, row["order"])["workers_needed"] = hands - 1
    return True


@damage
def no_coach_where_one_is_asked(rng, problem, plan):
    coached = {r["order"] for r in plan["assignments"] if r["role"] == "coach"}
    alone = [r["order"] for r in plan["assignments"] if r["order"] not in coached]
    if not alone:
        return False
    _order(problem, rng.choice(alone))["coach_on_site"] = True
    return True


@damage
def a_coach_who_may_not(rng, problem, plan):
    coaches = [r["worker"] for r in plan["assignments"] if r["role"] == "coach"]
    if not coaches:
        return False
    _worker(problem, rng.choice(coaches))["can_coach"] = False
    return True


@damage
def a_coach_nobody_asked_for(rng, problem, plan):
    coached = [r["order"] for r in plan["assignments"] if r["role"] == "coach"]
    if not coached:
        return False
    _order(problem, rng.choice(coached))["coach_on_site"] = False
    return True


@damage
def a_team_that_starts_apart(rng, problem, plan):
    crews: dict[str, list[Data]] = {}
    for row in plan["assignments"]:
        crews.setdefault(row["order"], []).append(row)
    teams = [crew for crew in crews.values() if len(crew) > 1]
    if not teams:
        return False
    row = rng.choice(rng.choice(teams))
    row["start_min"] += rng.choice([-15, 15])
    order = _order(problem, row["order"])
    order["earliest_start_min"] -= 15
    order["latest_start_min"] += 15
    return True


@damage
def a_visit_left_out_of_the_reckoning(rng, problem, plan):
    plan["assignments"].remove(rng.choice(plan["assignments"]))
    return True


@damage
def a_better_objective_than_true(rng, problem, plan):
    plan["objective"] -= rng.randint(1, 900)
    return True


@damage
def a_bound_above_the_objective(rng, problem, plan):
    plan["bound"] = plan["objective"] + rng.randint(1, 900)
    return True


@damage
def somebody_or_something_unknown(rng, problem, plan):
    row = rng.choice(plan["assignments"])
    row[rng.choice(["worker", "order", "role"])] = "nobody"
    return True


def test_judge_thousand_damaged_plans_all_caught_by_both_judges():
    """Nothing that breaks a rule passes; the outside judge says the same of each."""
    rng, sound, done = random.Random(11), pairs(), 0
    seen: set[Code] = set()
    other = outside()
    while done < 1000:
        problem, plan = copy.deepcopy(sound[done % len(sound)])
        way = DAMAGES[rng.randrange(len(DAMAGES))]
        if not way(rng, problem, plan):
            continue
        verdict = judge(problem, plan)
        assert verdict.faults, way.__name__
        if other is not None:
            assert other.judge(problem, plan)["faults"], way.__name__
        seen |= {fault.code for fault in verdict.faults}
        done += 1
    # Those three have tests of their own below.
    assert seen == set(Code) - {Code.NO_BREAK, Code.LOCK_BROKEN, Code.MALFORMED}


def test_judge_undamaged_plans_no_fault():
    """Control: the plans that were damaged are sound, and both judges reckon the same cost."""
    for problem, plan in pairs():
        assert judge(problem, plan).faults == ()
        also_outside(problem, plan)


def test_judge_shuffled_plans_as_the_outside_judge():
    """Plans nobody made on purpose: both judges agree on every one."""
    rng, agreed = random.Random(3), 0
    for problem, plan in pairs() * 12:
        for row in rng.sample(plan["assignments"], rng.randint(0, 2)):
            row["worker"] = rng.choice(problem["workers"])["id"]
        plan["objective"] = None
        plan["bound"] = None
        also_outside(problem, plan)
        agreed += 1
    assert agreed == 12 * len(KINDS)


def test_judge_development_problems_as_the_outside_judge():
    """Where the development problems lie beside the project, plans of theirs are judged by both."""
    files = sorted((SHARED / "instances").glob("[25]0x*.json"))
    for path in files:
        problem = json.loads(path.read_text(encoding="utf-8"))
        plan = write_plan(search(read_problem(problem), Stopwatch(0.2)))
        assert judge(problem, plan).faults == (), path.name
        also_outside(problem, plan)
    assert bool(files) == SHARED.exists()


# ---------------------------------------------------------------- what only we know
def alone(**worker: Any) -> Data:
    """One worker next door to three orders of two hours from 8.00 on, with half an hour between."""
    problem = generate(1, 3, "single", 0)
    problem["workers"][0] |= {
        "home": [61.06, 28.19],
        "available": [[420, 1080]],
        "max_work_min": 480,
        "skills": [],
        "can_coach": False,
    }
    problem["workers"][0] |= worker
    for n, order in enumerate(problem["orders"]):
        order |= {
            "site": [61.06, 28.19], "duration_min": 120, "earliest_start_min": 480 + 150 * n,
            "latest_start_min": 480 + 150 * n, "workers_needed": 1, "skills": [],
            "coach_on_site": False, "preferred": [], "familiar": [], "blocked": [],
        }  # fmt: skip
    return problem


def whole_day(problem: Data) -> Data:
    rows = [
        {
            "order": o["id"],
            "worker": "w0",
            "role": "worker",
            "start_min": o["earliest_start_min"],
        }
        for o in problem["orders"]
    ]
    return {"assignments": rows}


def codes(problem: Data, plan: Data) -> list[Code]:
    return [fault.code for fault in judge(problem, plan).faults]


@pytest.mark.parametrize(
    ("after", "pause", "found"),
    [
        (120, 30, []),  # each two hours end in a pause of 30
        (239, 31, [Code.NO_BREAK] * 2),  # the pauses are a minute too short
        (240, 31, [Code.NO_BREAK]),  # two fit in a row, not three
        (360, 31, []),
        (119, 30, []),  # an order longer than the limit has its own break
        (119, 31, [Code.NO_BREAK] * 2),  # but must start rested
        (0, 30, []),  # no rule
    ],
)
def test_judge_breaks_runs_of_work_measured(after, pause, found):
    problem = alone(break_after_min=after, break_min=pause)
    assert codes(problem, whole_day(problem)) == found


def test_judge_beginner_alone_no_coach():
    problem = alone(needs_coach=True)
    assert codes(problem, whole_day(problem)) == [Code.NO_COACH] * 3


def test_judge_beginner_beside_a_coach_sound():
    problem = alone(needs_coach=True)
    guide = {**problem["workers"][0], "id": "w1", "needs_coach": False, "can_coach": True}
    problem["workers"].append(guide)
    plan = whole_day(problem)
    plan["assignments"] += [{**row, "worker": "w1", "role": "coach"} for row in plan["assignments"]]
    assert codes(problem, plan) == []
    # Control: without the beginner nobody asked for that coach, and a beginner cannot be one.
    problem["workers"][0]["needs_coach"] = False
    assert codes(problem, plan) == [Code.NOT_A_COACH] * 3
    problem["workers"][0]["needs_coach"] = guide["needs_coach"] = True
    assert Code.NOT_A_COACH in codes(problem, plan)


@pytest.mark.parametrize("change", [{"start_min": 495}, {"worker": "w1"}, {"role": "coach"}, {}])
def test_judge_locked_kept_or_broken(change):
    problem = alone()
    problem["workers"].append({**problem["workers"][0], "id": "w1"})
    plan = whole_day(problem)
    problem["locked"] = [{**plan["assignments"][0], **change}]
    assert codes(problem, plan) == ([Code.LOCK_BROKEN] if change else [])


def test_judge_measured_roads_take_the_place_of_distances():
    problem = alone()
    mode = problem["workers"][0]["mode"]
    plan = whole_day(problem)
    free = judge(problem, plan)
    far = [[0, 30, 30], [30, 0, 30], [30, 30, 0]]
    problem["travel"]["measured"] = {mode: {"home_to_site": [[7, 8, 9]], "site_to_site": far}}
    assert judge(problem, plan).faults == ()
    assert judge(problem, plan).travel_min == free.travel_min + 7 + 30 + 30 + 9
    far[0][1] = 31
    assert codes(problem, plan) == [Code.LATE]


def test_judge_minutes_off_the_grid_as_the_outside_judge():
    """Home at the very minute the day closes, after an order that ends between two slots."""
    problem = alone(available=[[473, 830]])
    for order in problem["orders"]:
        order["duration_min"] = 50
    also_outside(problem, whole_day(problem))
    assert codes(problem, whole_day(problem)) == []
    problem["workers"][0]["available"] = [[473, 829]]
    also_outside(problem, whole_day(problem))
    assert codes(problem, whole_day(problem)) == [Code.NOT_HOME]


@pytest.mark.parametrize(
    "plan",
    [
        None,
        [],
        {},
        {"assignments": None},
        {"assignments": [None]},
        {"assignments": [{"worker": "w0"}]},
        {"assignments": [{"worker": "w0", "order": "o0", "role": "worker", "start_min": "8"}]},
        {"assignments": [{"worker": ["w0"], "order": "o0", "role": "worker", "start_min": 480}]},
        {"assignments": [], "objective": float("nan")},
        {"assignments": [], "bound": "low"},
    ],
)
def test_judge_malformed_plan_is_a_fault_not_a_crash(plan):
    assert judge(alone(), plan).faults
