"""Every code that a rule or service can raise has a sentence of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation

from core.texts import known_text, violation_text
from core.violations import Severity, Violation
from workers.models import Engagement, Strain

ROOT = Path(__file__).parents[3]
# Where codes are written: in calls, in the tables of limits and in the helpers of the rules.
CODE = re.compile(
    r'(?:Violation|_hard|_soft|_above|broken|over|_Limit)\(\s*(?:case,\s*)?"([a-z_]+)"'
)
PAIR = re.compile(r'code, severity = \("([a-z_]+)", \w+\).*\("([a-z_]+)", \w+\)')
WRITTEN = re.compile(r'f"engagement_own_\{measure\}"')


def codes() -> set[str]:
    found: set[str] = set()
    for app in ("workers", "orders", "dispatch"):
        for path in sorted((ROOT / app).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found |= set(CODE.findall(text))
            for pair in PAIR.findall(text):
                found |= set(pair)
            if WRITTEN.search(text):
                found |= {f"engagement_own_{m}" for m in ("day_min", "week_min", "week_days")}
    return found


def violation(code: str) -> Violation:
    numbers: dict[str, int | str] = {
        "got_min": 600,
        "limit_min": 480,
        "from_minute": 360,
        "to_minute": 1320,
        "order": 2041,
        "limit_months": 3,
        "source": "872/2019",
    }
    for name in ("from", "until", "ends", "starts", "leaves", "home", "at"):
        numbers[name] = "2026-11-26T07:00:00+00:00"
    numbers |= {"fits_from": "2026-11-26T07:00:00+00:00", "fits_until": "2026-11-26T07:00:00+00:00"}
    return Violation(code, Severity.HARD, "2026-11-26", numbers)


def test_codes_are_found_in_the_sources():
    known = {"weekly_rest", "young_weekly_rest", "overlap", "order_full", "order_too_soon"}
    assert known <= codes()


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_has_a_text(code, language):
    with translation.override(language):
        text = violation_text(violation(code))
    assert known_text(violation(code))
    assert text
    assert "%(" not in text


def test_unknown_code_reads_as_a_plain_refusal():
    with translation.override("en"):
        text = violation_text(Violation("no_such_rule", Severity.HARD))
    assert text == "This is not possible now."


def test_texts_name_neither_kind_of_contract_nor_task_code():
    """A text tells limits, never what kind of contract or what state of health."""
    kinds = [k.value for k in Engagement.Kind]
    for code in sorted(c for c in codes() if c.startswith(("engagement", "kind", "rehab"))):
        for kind in kinds:
            with translation.override("en"):
                text = violation_text(Violation(code, Severity.HARD, kind))
            assert kind not in text


@pytest.mark.parametrize("strain", list(Strain))
def test_restriction_reads_as_a_task(strain):
    with translation.override("en"):
        text = violation_text(Violation("restricted", Severity.HARD, strain.value))
        task = str(strain.label).lower()
    assert text == f"not asked to do: {task}"


def test_team_texts_name_the_worker():
    team = Violation("not_available", Severity.SOFT, "", {"worker": "Sara"})
    with translation.override("en"):
        assert violation_text(team) == "Sara: has not said to be free at this time"
