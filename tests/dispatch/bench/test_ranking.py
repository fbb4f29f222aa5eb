"""The bench of the ranking: what it tells, and that it fails when something is over its limit."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role
from dispatch.bench import ranking as bench_ranking
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_ranking, "ROUNDS", 1)


def test_pure_part_and_whole_request_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    builders.user(Role.DISPATCHER)
    builders.worker()
    builders.order()
    call_command("bench", "ranking", "--workers", "200", "--json")
    rows = json.loads(capsys.readouterr().out)["ranking"]
    parts = ["pure", "read and rank", "after a change", "whole request"]
    assert [row["part"] for row in rows] == parts
    assert [row["workers"] for row in rows] == [200, 1, 1, 1]


def test_check_fails_over_a_limit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_ranking, "PURE_MS", {200: 0.0001})
    with pytest.raises(CommandError, match="pure, 200 workers"):
        call_command("bench", "ranking", "--check")
    assert "OVER" in capsys.readouterr().out
