"""Rounding rules from the shipped table and the database, and the results that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from billing.models import HourEntry
from billing.models.payroll import AgreementOfWorker, RoundedMinutes, RoundingVersion
from billing.rules.rounding import (
    Purpose,
    RawMinutes,
    RoundingRule,
    UnknownVersionError,
    canonical,
    choose,
    load_rules,
    run_again,
)

RULES_FILE = Path(__file__).parents[1] / "data" / "rounding_rules.csv"


@lru_cache(maxsize=1)
def shipped_rules() -> tuple[RoundingRule, ...]:
    """The rules that come with the software: how hours counted before there were any others."""
    return load_rules(RULES_FILE.read_text(encoding="utf-8"))


def all_rules() -> tuple[RoundingRule, ...]:
    """Every version there is, the shipped ones first. One query."""
    return (*shipped_rules(), *(row.rule for row in RoundingVersion.objects.order_by("pk")))


def times_rule(on: date) -> RoundingRule:
    """The rule that turns taps at the door into hours, in force on a day."""
    return choose(all_rules(), Purpose.TIMES, None, on)


def agreements_on(workers: Iterable[int]) -> dict[int, list[tuple[date, int]]]:
    """Agreements of workers as (from, agreement), the latest first. One query."""
    found: dict[int, list[tuple[date, int]]] = {}
    rows = AgreementOfWorker.objects.filter(worker__in=set(workers)).order_by("-valid_from")
    for worker_id, valid_from, agreement_id in rows.values_list(
        "worker_id", "valid_from", "agreement_id"
    ):
        found.setdefault(worker_id, []).append((valid_from, agreement_id))
    return found


def agreement_of(of_worker: Iterable[tuple[date, int]], on: date) -> int | None:
    """The agreement in force on a day, of a list that agreements_on gave."""
    return next((agreement for valid_from, agreement in of_worker if valid_from <= on), None)


def raw_of(entry: HourEntry, usual_break_min: int = 0) -> RawMinutes:
    """The approved hours of an entry as rules read them.

    Raises:
        ValueError: the work has not ended.
    """
    if entry.ended_at is None:
        raise ValueError("hours-not-closed")
    return RawMinutes(
        started_at=entry.started_at,
        ended_at=entry.ended_at,
        break_min=entry.break_min,
        usual_break_min=usual_break_min,
        planned_min=entry.assignment.order.duration_min,
    )


def keep(found: Iterable[tuple[HourEntry, RoundingRule, RawMinutes]], *, now: datetime) -> None:
    """Store what rules made of hours; the same result of the same version is kept once."""
    RoundedMinutes.objects.bulk_create(
        [
            RoundedMinutes(
                entry=entry,
                purpose=rule.purpose.value,
                version=rule.version,
                minutes=rule.minutes(raw),
                content=canonical(rule, raw),
                created_at=now,
            )
            for entry, rule, raw in found
        ],
        ignore_conflicts=True,
    )


def changed_results() -> Iterator[str]:
    """A sentence for each kept result that its own version would not give again."""
    rules = all_rules()
    for row in RoundedMinutes.objects.iterator():
        try:
            again = run_again(row.content, rules)
        except UnknownVersionError:
            yield f"rounding version {row.version} of hour entry {row.entry_id} is gone"
            continue
        if again != row.content:
            yield f"hour entry {row.entry_id}: version {row.version} now gives another result"
