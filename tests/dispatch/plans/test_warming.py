"""The planner is loaded before a server process needs it, and only then."""

from __future__ import annotations

import runpy
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django_q.signals import post_spawn

from accounts.models import Role
from dispatch.planning.jit import SOLVER
from dispatch.plans import warming
from tests import builders

ROOT = Path(settings.BASE_DIR)


@pytest.fixture
def _no_server() -> Iterator[None]:
    yield
    warming._web.clear()
    warming._asked.clear()


@pytest.mark.usefixtures("_no_server")
@pytest.mark.django_db
def test_a_web_process_warms_the_planner_when_a_sick_call_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once, and not when it starts: most web processes never plan. Elsewhere nothing is loaded."""
    asked: list[str] = []
    monkeypatch.setattr(warming, "start", lambda: asked.append("web"))
    client = Client()
    client.force_login(builders.user(Role.DISPATCHER))
    page = reverse("dispatch:absence-new", args=[builders.worker().ref])
    assert client.get(page).status_code == 200
    assert asked == []
    hooks = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    hooks["post_worker_init"](object())
    assert client.get(reverse("dispatch:day")).status_code == 200
    assert asked == []
    for _ in range(2):
        client.get(page)
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


def test_the_units_say_where_the_compiled_loops_are_kept() -> None:
    assert SOLVER in {True, False}
    for unit in ("askare-web.service", "askare-queue.service", "compose.yaml"):
        assert "NUMBA_CACHE_DIR" in (ROOT / "deploy" / unit).read_text(encoding="utf-8")
