"""`manage.py bench invoices`: what it says adds up, and a limit that is passed is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from billing.bench import invoices as bench_invoices


def measured(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    call_command("bench", "invoices", "--count", "5", "--rows", "3", "--json", *options)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_figures_of_every_format_add_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_invoices, "PROFILED", 3)
    found = measured(capsys)
    assert set(found["cpu_s"]) == {"pdf", "finvoice", "ubl"}
    assert sum(found["cpu_s"].values()) == pytest.approx(found["cpu_total_s"], abs=0.01)
    assert 0 < found["in_libraries_pct"] < 100


def test_passed_limit_is_named_and_fails_the_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_invoices, "PROFILED", 3)
    monkeypatch.setattr(bench_invoices, "LIMIT_MB", 1.0)
    monkeypatch.setattr(bench_invoices, "LIBRARY_PCT", 100.0)
    faults = measured(capsys)["faults"]
    assert any("MB" in text for text in faults)
    assert any("reportlab and lxml" in text for text in faults)
    with pytest.raises(CommandError):
        measured(capsys, "--check")


def test_time_of_another_library_is_not_counted() -> None:
    """The control: a maker that never enters reportlab or lxml has none of it."""
    sample = bench_invoices.document(1001, 3)
    slow = lambda of: str(sorted(range(20_000), key=lambda n: -n)).encode()  # noqa: E731
    assert bench_invoices._in_libraries([slow], sample) == 0.0
