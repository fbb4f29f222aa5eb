"""Exception permits of young workers: which rule each kind of permit lets go. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.violations import Severity, Violation

HARD, SOFT = Severity.HARD, Severity.SOFT


class PermitKind(StrEnum):
    """What an authority's exception permit for a young worker lets go; never a shorter rest."""

    OVERTIME = "overtime"  # more overtime in the year
    HOURS = "hours"  # longer days and weeks
    CLOCK = "clock"  # earlier or later on the clock
    TASK = "task"  # a task that is otherwise closed to the age
    AGE = "age"  # work before the working age


PERMITTED: Mapping[str, PermitKind] = {
    "young_daily_max": PermitKind.HOURS,
    "young_weekly_max": PermitKind.HOURS,
    "young_term_week": PermitKind.HOURS,
    "young_school_day": PermitKind.HOURS,
    "young_term_free_day": PermitKind.HOURS,
    "young_school_and_work": PermitKind.HOURS,
    "young_clock": PermitKind.CLOCK,
    "task_hazardous_for_young": PermitKind.TASK,
    "task_not_light_work": PermitKind.TASK,
    "under_working_age": PermitKind.AGE,
}
"""Hard codes that a permit of the kind makes soft; what is not here, no permit bends.

A permit of overtime reaches as far as its own limit of hours; see `worktime_young`.
"""


@dataclass(frozen=True)
class Permit:
    """An exception permit: its number, and the first and the last day on which it holds."""

    number: str
    kind: PermitKind
    valid_from: date
    valid_to: date

    def holds_on(self, on: date) -> bool:
        """True on each day of its period."""
        return self.valid_from <= on <= self.valid_to


def permitted(
    violations: Iterable[Violation], permits: Iterable[Permit], days: Iterable[date]
) -> list[Violation]:
    """The violations, with those soft that a permit lets go on every one of the days.

    The permit's number is added to theirs: who overrides says which paper allows it.
    """
    number_of = numbers_by_kind(permits, days)
    found: list[Violation] = []
    for v in violations:
        kind = PERMITTED.get(v.code)
        softer = v.is_hard and kind in number_of
        found.append(with_permit(v, number_of[kind]) if softer and kind else v)
    return found


def numbers_by_kind(permits: Iterable[Permit], days: Iterable[date]) -> dict[PermitKind, str]:
    """Number of the permit that holds on all of the days, by kind."""
    wanted = list(days)
    holding = [permit for permit in permits if all(permit.holds_on(day) for day in wanted)]
    return {permit.kind: permit.number for permit in reversed(holding)}


def with_permit(violation: Violation, number: str) -> Violation:
    """The violation made soft, with the permit's number among its numbers."""
    numbers = {**violation.numbers, "permit": number}
    return Violation(violation.code, SOFT, violation.subject, numbers)
