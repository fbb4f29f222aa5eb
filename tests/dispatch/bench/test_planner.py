"""The planner's bench: other engines' days come back as plans that the judge accepts."""

import json

import pytest
from django.core.management import call_command

from dispatch.bench import peers as bench_peers
from dispatch.bench import planner as bench_planner
from dispatch.planning.check import judge
from dispatch.planning.generate import generate
from dispatch.planning.greedy import assignments, coached, cost, greedy
from dispatch.planning.problem import read_problem


@pytest.fixture(scope="module")
def data():
    return generate(12, 20, "mixed", 3)


@pytest.fixture(scope="module")
def problem(data):
    return read_problem(data)


def days_of(problem, split, plan):
    """What an engine would answer that found this very plan."""
    free = {}
    for visit, key in enumerate(zip(split.order, split.role, strict=True)):
        free.setdefault(tuple(map(int, key)), []).append(visit)
    days = [[] for _ in range(problem.workers)]
    for row in sorted(assignments(problem, plan), key=lambda a: a.start_min):
        days[row.worker].append(free[row.order, int(row.role == "coach")].pop())
    return days


def verdict(data, problem, plan):
    return judge(data, bench_planner.plain_plan(problem, plan))


def test_split_of_problem_has_one_visit_per_place_and_coach(problem):
    split = bench_peers.as_visits(problem)
    assert split.visits.count == problem.needed.sum() + problem.coach_needed.sum()
    together = problem.synced[split.order]
    assert (split.visits.earliest == split.visits.latest)[together].all()


def test_mended_known_plan_comes_back_no_dearer(data, problem):
    plan, split = greedy(problem), bench_peers.as_visits(problem)
    back = bench_peers.mended(problem, split, days_of(problem, split, plan))
    assert cost(problem, back) <= cost(problem, plan)
    assert not verdict(data, problem, back).faults


def test_mended_nonsense_days_become_a_plan_without_faults(data, problem):
    """Negative control: everybody everywhere breaks every rule before it is mended."""
    split = bench_peers.as_visits(problem)
    days = [list(range(split.visits.count)) for _ in range(problem.workers)]
    plan = bench_peers.mended(problem, split, days)
    hands = [0] * problem.orders
    for row in assignments(problem, plan):
        hands[row.order] += row.role == "worker"
    assert max(h - n for h, n in zip(hands, problem.needed, strict=True)) <= 0
    assert not verdict(data, problem, plan).faults


def test_mended_without_coach_leaves_no_lonely_visit(data, problem):
    plan, split = greedy(problem), bench_peers.as_visits(problem)
    days = [
        [visit for visit in day if split.role[visit] == 0] for day in days_of(problem, split, plan)
    ]
    back = bench_peers.mended(problem, split, days)
    assert coached(problem, back) == back
    assert not verdict(data, problem, back).faults


def test_split_of_breaks_is_refused(data):
    """What the engines cannot express is not compared."""
    rows = [worker | {"break_after_min": 300, "break_min": 30} for worker in data["workers"]]
    with pytest.raises(ValueError, match="breaks"):
        bench_peers.as_visits(read_problem(data | {"workers": rows}))


def test_bench_planner_greedy_json_row_is_judged(capsys, monkeypatch):
    monkeypatch.setenv("ASKARE_BENCH_PYTHON", "/nowhere/python")
    call_command(
        "bench", "planner", "--sizes", "6x8", "--engines", "greedy", "vroom", "--seconds", "0.5",
        "--json",
    )  # fmt: skip
    ours, peer = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert ours["objective"] > 0
    assert ours["faults"] == 0
    assert ours["cpu_s"] < 0.5
    assert "vroom" in peer["failed"]
