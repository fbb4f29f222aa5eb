"""Problem files: every wrong field is named by its path; plan_file from file to file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from dispatch.management.commands import plan_file
from dispatch.planning import search as search_module
from dispatch.planning.check import judge
from dispatch.planning.generate import generate
from dispatch.planning.problem import ProblemError, read_problem

Data = dict[str, Any]


def problem() -> Data:
    """Two workers and two orders in which every field has a value."""
    found: Data = json.loads(json.dumps(generate(2, 2, "mixed", 1)))
    for worker in found["workers"]:
        worker |= {
            "available": [[420, 1080]],
            "skills": ["clean"],
            "needs_coach": False,
            "break_after_min": 240,
            "break_min": 30,
            "mode": "car",
        }
    for order in found["orders"]:
        order |= {"skills": [], "coach_on_site": False, "blocked": []}
        order |= {"preferred": ["w1"], "familiar": ["w0"], "priority": "normal"}
    found["travel"]["modes"] = {"car": {"kmh": 35.0, "fixed_min": 4.0}}
    found["weights"]["unfilled"] = {"normal": 1000}
    found["travel"]["measured"] = {
        "car": {"home_to_site": [[5, 6], [7, 8]], "site_to_site": [[0, 9], [9, 0]]}
    }
    first = found["orders"][0]["earliest_start_min"]
    found["locked"] = [{"order": "o0", "worker": "w0", "role": "worker", "start_min": first}]
    return found


def fields(data: Any, path: str = "") -> list[str]:
    """Paths of all fields of objects, as in `orders[0].skills`."""
    found = []
    if isinstance(data, dict):
        for key, value in data.items():
            at = f"{path}.{key}".lstrip(".")
            found += [at, *fields(value, at)]
    elif isinstance(data, list):
        for n, value in enumerate(data):
            found += fields(value, f"{path}[{n}]")
    return found


def parent(data: Data, path: str) -> tuple[Any, str]:
    """The object that holds the field, and the field's name in it."""
    *way, last = re.findall(r"[^.\[\]]+", path)
    at: Any = data
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    return at, last


OPTIONAL = {
    "name",
    "locked",
    "travel.measured",
    "travel.measured.car",
    "needs_coach",
    "break_after_min",
    "break_min",
}
# Removing a name that others refer to is seen where they refer to it.
ELSEWHERE = {
    "travel.modes.car": "workers[0].mode",
    "weights.unfilled.normal": "orders[0].priority",
}
REQUIRED = [
    path
    for path in fields(problem())
    if path not in OPTIONAL and path.rsplit(".", 1)[-1] not in OPTIONAL
]


def refused(data: Any) -> str:
    with pytest.raises(ProblemError) as error:
        read_problem(data)
    assert error.value.reason
    return error.value.path


def test_read_problem_as_it_is_accepted():
    """Control: the file whose fields are spoilt below is right."""
    assert read_problem(problem()).locked
    assert len(REQUIRED) > 60


@pytest.mark.parametrize("path", REQUIRED)
def test_read_problem_field_removed_named_by_its_path(path):
    data = problem()
    at, last = parent(data, path)
    del at[last]
    assert refused(data) == ELSEWHERE.get(path, path)


# Null says that a mode was not measured.
@pytest.mark.parametrize(
    "path", [p for p in fields(problem()) if p not in ("name", "travel.measured.car")]
)
def test_read_problem_field_of_the_wrong_kind_named_by_its_path(path):
    data = problem()
    at, last = parent(data, path)
    at[last] = None
    found = refused(data)
    # An object or list that is nothing at all is refused by itself or by its first field.
    assert found == path or found.startswith(f"{path}."), found


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("format", "askare-planning-problem/2", "format"),
        ("slot_min", 0, "slot_min"),
        ("slot_min", 7.5, "slot_min"),
        ("slot_min", True, "slot_min"),
        ("travel.detour", float("nan"), "travel.detour"),
        ("travel.modes.car.kmh", 0, "travel.modes.car.kmh"),
        ("travel.max_home_min", -1, "travel.max_home_min"),
        ("travel.measured.car.home_to_site", [[5, 6]], "travel.measured.car.home_to_site"),
        ("travel.measured.car.home_to_site", [[5], [6, 7]], "travel.measured.car.home_to_site"),
        ("travel.measured.car.site_to_site", [[0, -9], [9, 0]], "travel.measured.car.site_to_site"),
        (
            "travel.measured.car.site_to_site",
            [[0, "x"], [9, 0]],
            "travel.measured.car.site_to_site",
        ),
        ("limits.max_orders_per_worker", 0, "limits.max_orders_per_worker"),
        ("weights.unfilled.normal", "much", "weights.unfilled.normal"),
        ("weights.pair_max", -1, "weights.pair_max"),
        ("workers[1].id", "w0", "workers[1].id"),
        ("workers[0].id", "", "workers[0].id"),
        ("workers[1].home", [61.0], "workers[1].home"),
        ("workers[1].home", [99.0, 28.0], "workers[1].home.latitude"),
        ("workers[1].mode", "boat", "workers[1].mode"),
        ("workers[1].available", [[600, 500]], "workers[1].available[0]"),
        ("workers[1].available", [[420, 600], [900]], "workers[1].available[1]"),
        ("workers[1].available", [[600, 700], [420, 600]], "workers[1].available"),
        ("workers[1].available", [[420, 600], [540, 900]], "workers[1].available"),
        ("workers[1].available", [["8.00", 600]], "workers[1].available[0].from"),
        ("workers[1].max_work_min", -5, "workers[1].max_work_min"),
        ("workers[1].skills", ["clean", 3], "workers[1].skills[1]"),
        ("workers[1].can_coach", "yes", "workers[1].can_coach"),
        ("workers[1].break_min", 2.5, "workers[1].break_min"),
        ("orders[1].duration_min", 0, "orders[1].duration_min"),
        ("orders[1].latest_start_min", 0, "orders[1].latest_start_min"),
        ("orders[1].workers_needed", 0, "orders[1].workers_needed"),
        ("orders[1].priority", "whenever", "orders[1].priority"),
        ("orders[1].preferred", ["w1", "w7"], "orders[1].preferred[1]"),
        ("orders[1].blocked", "w1", "orders[1].blocked"),
        ("orders", [None], "orders[0]"),
        ("workers", {}, "workers"),
        ("locked[0].worker", "w7", "locked[0].worker"),
        ("locked[0].order", "o7", "locked[0].order"),
        ("locked[0].role", "boss", "locked[0].role"),
        ("locked[0].start_min", "8.00", "locked[0].start_min"),
    ],
)
def test_read_problem_impossible_value_named_by_its_path(path, value, named):
    data = problem()
    at, last = parent(data, path)
    at[last] = value
    assert refused(data) == named


@pytest.mark.parametrize("data", [None, [], "problem", 3])
def test_read_problem_no_object_at_all_refused(data):
    assert refused(data) == "file"


# ---------------------------------------------------------------- plan_file
def run(folder: Path, data: Any, *options: str) -> tuple[Data, Data, Data]:
    """Plan a problem in this process: what is printed, the plan, the problem."""
    path, out = folder / "problem.json", folder / "plan.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    with (folder / "said").open("w+", encoding="utf-8") as said:
        call_command("plan_file", str(path), "--out", str(out), *options, stdout=said, stderr=said)
        said.seek(0)
        lines = said.read().splitlines()
    return json.loads(lines[-1]), json.loads(out.read_text(encoding="utf-8")), data


def test_plan_file_good_problem_plan_is_sound_and_the_line_tells_of_it(tmp_path):
    """A plan file needs no database: none is open to this test."""
    line, plan, data = run(tmp_path, generate(12, 20, "mixed", 2), "--rounds", "1")
    verdict = judge(data, plan)
    assert verdict.faults == ()
    assert plan["format"] == "askare-plan/1"
    assert line["objective"] == plan["objective"] == verdict.objective
    assert line["bound"] == plan["bound"] <= plan["objective"]
    assert line["ratio"] == round(plan["objective"] / plan["bound"], 4)
    assert (line["filled"], line["places"]) == (verdict.filled, verdict.places)
    assert line["seconds"] == plan["seconds"] < 30


def test_plan_file_same_seed_and_rounds_same_plan(tmp_path):
    data = generate(12, 20, "mixed", 3)
    plans = [run(tmp_path, data, "--rounds", "2", "--seed", "5")[1] for _ in range(2)]
    assert plans[0]["assignments"] == plans[1]["assignments"]


def test_plan_file_own_process_exit_0_and_no_database(tmp_path):
    """The command starts where no database can be reached at all."""
    path, out = tmp_path / "problem.json", tmp_path / "plan.json"
    path.write_text(json.dumps(generate(5, 6, "single", 1)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "manage.py", "plan_file", path, "--seconds", "1", "--out", out],
        capture_output=True, text=True, check=False, cwd=settings.BASE_DIR,
        env={"PATH": "", "DJANGO_SETTINGS_MODULE": "config.settings.test",
             "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert judge(json.loads(path.read_text()), json.loads(out.read_text())).faults == ()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", "not JSON"),
        ("[]", "file"),
        (json.dumps(problem() | {"slot_min": 0}), "slot_min"),
        (json.dumps(problem() | {"orders": [{"id": "o0"}]}), "orders[0]"),
    ],
)
def test_plan_file_malformed_refused_with_exit_2_and_nothing_written(tmp_path, content, named):
    with pytest.raises(CommandError) as error:
        run(tmp_path, content)
    assert error.value.returncode == 2
    assert named in str(error.value)
    assert not (tmp_path / "plan.json").exists()


def test_plan_file_missing_file_refused_with_exit_2(tmp_path):
    with pytest.raises(CommandError) as error:
        call_command("plan_file", str(tmp_path / "no.json"), "--out", str(tmp_path / "plan.json"))
    assert error.value.returncode == 2


def test_plan_file_lock_that_cannot_be_kept_refused_by_its_path(tmp_path):
    data = problem()
    data["workers"][0]["skills"] = []
    data["orders"][0]["skills"] = ["clean"]
    with pytest.raises(CommandError) as error:
        run(tmp_path, data, "--rounds", "0")
    assert error.value.returncode == 2
    assert "locked: w0 may not be on o0" in str(error.value)
    assert not (tmp_path / "plan.json").exists()


def test_plan_file_faulty_plan_never_written(tmp_path, monkeypatch):
    """Control of the guard: a search gone wrong is stopped by the judge."""
    real = plan_file.write_plan

    def wrong(result):
        plan = real(result)
        plan["objective"] -= 5
        return plan

    monkeypatch.setattr(plan_file, "write_plan", wrong)
    with pytest.raises(CommandError, match="not written"):
        run(tmp_path, generate(5, 6, "single", 1), "--rounds", "0")
    assert not (tmp_path / "plan.json").exists()


def test_plan_file_without_the_solver_plans_greedily_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(plan_file, "SOLVER", False)
    monkeypatch.setattr(search_module, "SOLVER", False)
    line, plan, data = run(tmp_path, generate(10, 15, "mixed", 1))
    assert "greedy" in plan["engine"]
    assert line["bound"] is None
    assert line["ratio"] is None
    assert judge(data, plan).faults == ()
    assert "missing" in (tmp_path / "said").read_text(encoding="utf-8")
