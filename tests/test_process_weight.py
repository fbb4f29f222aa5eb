"""No process carries what it does not use: the planner's packages come with the first plan."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Role
from dispatch.planning.jit import SOLVER
from tests import builders
from tests.racing import database_url

ROOT = Path(__file__).parents[1]
PLANNER = {"numba", "llvmlite", "highspy"}
# Of django.setup(); measured 0.36 s and 60 MB on SQLite.
MOST_CPU_S, MOST_MB = 0.9, 70


def weigh(*steps: str, path: Path | None = None, **env: str) -> dict[str, dict[str, Any]]:
    """What a new process says after each step; `path` holds modules of the test."""
    search = os.pathsep.join(map(str, filter(None, (path, ROOT))))
    done = subprocess.run(
        [sys.executable, "-m", "tests.process_child", *steps],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": search, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {row["step"]: row for row in map(json.loads, done.stdout.splitlines())}


def test_setting_django_up_is_light() -> None:
    """Every command, queue worker and web process pays this first."""
    rounds = [weigh("setup")["setup"] for _ in range(3)]
    assert rounds[0]["heavy"] == []
    assert min(r["cpu_s"] for r in rounds) <= MOST_CPU_S
    # PostgreSQL's driver weighs 9 MB more and is there only where it is used.
    assert min(r["mb"] for r in rounds) <= MOST_MB + 9 * ("postgres" in database_url())


def test_views_load_no_planner() -> None:
    assert not PLANNER & set(weigh("setup", "urls")["urls"]["heavy"])


def test_a_planted_import_is_found(tmp_path: Path) -> None:
    """Negative control: one import at the top of one module is enough to be seen."""
    if not SOLVER:
        return
    (tmp_path / "planted.py").write_text("from dispatch.planning import greedy\n", encoding="utf-8")
    found = weigh("setup", "planted", path=tmp_path)
    assert "numba" in found["planted"]["heavy"]
    assert "numba" not in found["setup"]["heavy"]


@pytest.mark.django_db(transaction=True)
def test_pages_load_no_planner_and_a_plan_does() -> None:
    builders.organisation()
    builders.user(Role.DISPATCHER)
    builders.worker()
    builders.order()
    found = weigh("setup", "urls", "pages", "plan", DATABASE_URL=database_url())
    assert not PLANNER & set(found["pages"]["heavy"])
    if SOLVER:
        assert set(found["plan"]["heavy"]) >= PLANNER
