"""The planner is loaded when a server process starts, and only then."""

from __future__ import annotations

import runpy
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django_q.signals import post_spawn

from dispatch.planning.jit import SOLVER
from dispatch.plans import warming

ROOT = Path(settings.BASE_DIR)


def test_a_web_process_warms_the_planner_when_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(warming, "start", lambda: asked.append("web"))
    hooks = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    hooks["post_worker_init"](object())
    assert asked == ["web"]


@pytest.mark.parametrize(("parent", "asked"), [(object(), ["queue"]), (None, [])])
def test_a_queue_worker_warms_the_planner_and_a_test_does_not(
    monkeypatch: pytest.MonkeyPatch, parent: object, asked: list[str]
) -> None:
    found: list[str] = []
    monkeypatch.setattr(warming.multiprocessing, "parent_process", lambda: parent)
    monkeypatch.setattr(warming, "start", lambda: found.append("queue"))
    post_spawn.send(sender="django_q", proc_name="Process-1")
    assert found == asked


def test_loading_happens_beside_the_process_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    held = threading.Event()
    seen: list[bool] = []
    monkeypatch.setattr("dispatch.planning.warm.warm", lambda: seen.append(held.is_set()))
    with warming.alone():
        thread = warming.start()
        assert thread is not None
        thread.join(0.2)
        assert seen == []
        held.set()
    thread.join(10)
    assert seen == [True]


def test_a_command_loads_no_solver() -> None:
    """Control: setting Django up loads no solver."""
    script = "import django, sys; django.setup(); sys.exit('highspy' in sys.modules)"
    env = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, check=False)
    assert done.returncode == 0


def test_the_units_say_where_the_compiled_loops_are_kept() -> None:
    assert SOLVER in {True, False}
    for unit in ("askare-web.service", "askare-queue.service", "compose.yaml"):
        assert "NUMBA_CACHE_DIR" in (ROOT / "deploy" / unit).read_text(encoding="utf-8")
