"""From raw check-ins to hours: dated, versioned rules. Pure.

The raw instants never change; the version stays with the result, so that running an old version
again gives the old result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class RoundingRule:
    """A check-in or check-out within `grace_min` of the plan counts as on time.

    Coming early gives no hours: work begins at the planned time (the customer opens the door).
    """

    version: str
    valid_from: date
    grace_min: int

    def apply(
        self,
        planned: tuple[datetime, datetime],
        checked_in: datetime,
        checked_out: datetime | None,
    ) -> tuple[datetime, datetime | None]:
        """Start and end that count, to the minute."""
        return self.start(planned[0], checked_in), self.end(planned, checked_in, checked_out)

    def start(self, planned: datetime, checked_in: datetime) -> datetime:
        """The instant from which hours count."""
        late = checked_in - planned
        if late <= timedelta(minutes=self.grace_min):
            return planned
        return _minute(checked_in)

    def end(
        self,
        planned: tuple[datetime, datetime],
        checked_in: datetime,
        checked_out: datetime | None,
    ) -> datetime | None:
        """The instant until which hours count; at least a minute after the start."""
        if checked_out is None:
            return None
        near = abs(checked_out - planned[1]) <= timedelta(minutes=self.grace_min)
        end = planned[1] if near else _minute(checked_out)
        return max(end, self.start(planned[0], checked_in) + timedelta(minutes=1))


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


RULES = (RoundingRule("2026-1", date(2026, 1, 1), 5),)


def rule_on(on: date, rules: tuple[RoundingRule, ...] = RULES) -> RoundingRule:
    """The rule in force: the latest `valid_from` not after `on`; the first one before them all."""
    valid = [rule for rule in rules if rule.valid_from <= on] or [rules[0]]
    return max(valid, key=lambda rule: rule.valid_from)
