"""How long an order is and how many people it may ask for. Pure."""

from __future__ import annotations

from core.violations import Severity, Violation

HARD = Severity.HARD

MIN_MINUTES, MAX_MINUTES, STEP_MINUTES, MAX_PEOPLE = 60, 480, 15, 20


def size_violations(duration_min: int, people: int) -> list[Violation]:
    """Length and number of people outside what can be ordered."""
    found: list[Violation] = []
    if not MIN_MINUTES <= duration_min <= MAX_MINUTES or duration_min % STEP_MINUTES:
        numbers = {"min": duration_min, "from": MIN_MINUTES, "to": MAX_MINUTES}
        found.append(Violation("order_duration", HARD, "", numbers))
    if not 1 <= people <= MAX_PEOPLE:
        found.append(Violation("order_people", HARD, "", {"people": people, "to": MAX_PEOPLE}))
    return found
