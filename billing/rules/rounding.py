"""From raw minutes to minutes that count: dated, versioned rules. Pure.

Raw instants and breaks never change. A rule has a purpose: `times` turns taps at the door into
the hours that are sent for approval; `bill` and `pay` turn approved hours into minutes for the
customer and for the wage. The version stays with each result, so that running an old version
again gives the old result, byte for byte (`canonical`, `run_again`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Purpose(StrEnum):
    TIMES = "times"
    BILL = "bill"
    PAY = "pay"


class Direction(StrEnum):
    """Where a number between two steps goes; exactly half way goes up with NEAREST."""

    NEAREST = "nearest"
    UP = "up"
    DOWN = "down"


class Breaks(StrEnum):
    """What becomes of a break.

    USUAL: the break that the law asks for is inside the counted time, a longer one is not.
    DEDUCTED: it does not count, but for `paid_break_min` of it. PAID: all of it counts.
    """

    USUAL = "usual"
    DEDUCTED = "deducted"
    PAID = "paid"


class UnknownVersionError(LookupError):
    """No rule has this version."""


@dataclass(frozen=True)
class RawMinutes:
    """Approved hours as they are. Instants aware; `planned_min` is the presence as ordered."""

    started_at: datetime
    ended_at: datetime
    break_min: int = 0
    usual_break_min: int = 0
    planned_min: int = 0

    @property
    def presence_min(self) -> int:
        """Elapsed whole minutes from start to end."""
        return (self.ended_at - self.started_at) // timedelta(minutes=1)


@dataclass(frozen=True)
class RoundingRule:
    """One version of a rule.

    Of the purpose `times`: a check-in or check-out within `grace_min` of the plan counts as on
    time. Coming early gives no hours: work begins at the planned time (the customer opens the
    door). Of `bill` and `pay`: `breaks`, then `step_min`. `owner` is the key of the customer or
    the agreement whose rule it is; None is everybody's.
    """

    version: str
    valid_from: date
    grace_min: int
    purpose: Purpose = Purpose.TIMES
    step_min: int = 1
    direction: Direction = Direction.NEAREST
    breaks: Breaks = Breaks.DEDUCTED
    paid_break_min: int = 0
    owner: int | None = None

    def __post_init__(self) -> None:
        if self.step_min < 1:
            raise ValueError("rounding-step")

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

    def minutes(self, raw: RawMinutes) -> int:
        """Minutes that count of approved hours, at least one.

        Hours done exactly as ordered are never rounded: what was promised is what is charged.
        """
        counted = max(1, raw.presence_min - self._break_off(raw))
        if raw.presence_min == raw.planned_min:
            return counted
        return max(1, stepped(counted, self.step_min, self.direction))

    def _break_off(self, raw: RawMinutes) -> int:
        match self.breaks:
            case Breaks.PAID:
                return 0
            case Breaks.USUAL:
                return max(0, raw.break_min - raw.usual_break_min)
        return max(0, raw.break_min - self.paid_break_min)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def stepped(minutes: int, step_min: int, direction: Direction) -> int:
    """`minutes` on the grid of `step_min`: 22 on 15 is 15 (nearest), 30 (up) or 15 (down)."""
    whole, rest = divmod(minutes, step_min)
    goes_up = {
        Direction.NEAREST: 2 * rest >= step_min,
        Direction.UP: rest > 0,
        Direction.DOWN: False,
    }[direction]
    return (whole + goes_up) * step_min


def load_rules(text: str) -> tuple[RoundingRule, ...]:
    """Rules of a csv text whose columns are those of `data/rounding_rules.csv`."""
    return tuple(
        RoundingRule(
            version=row["version"],
            valid_from=date.fromisoformat(row["valid_from"]),
            grace_min=int(row["grace_min"]),
            purpose=Purpose(row["purpose"]),
            step_min=int(row["step_min"]),
            direction=Direction(row["direction"]),
            breaks=Breaks(row["breaks"]),
            paid_break_min=int(row["paid_break_min"]),
        )
        for row in csv.DictReader(io.StringIO(text))
    )


def rule_on(on: date, rules: tuple[RoundingRule, ...]) -> RoundingRule:
    """The rule in force: the latest `valid_from` not after `on`; the first one before them all."""
    valid = [rule for rule in rules if rule.valid_from <= on] or [rules[0]]
    # Of two that begin on the same day the later one counts: it mends the earlier.
    return max(enumerate(valid), key=lambda found: (found[1].valid_from, found[0]))[1]


def choose(
    rules: Iterable[RoundingRule], purpose: Purpose, owner: int | None, on: date
) -> RoundingRule:
    """The owner's own rule when it has one that has begun, else everybody's."""
    of_purpose = [rule for rule in rules if rule.purpose is purpose]
    own = tuple(r for r in of_purpose if r.owner == owner and r.valid_from <= on)
    if owner is not None and own:
        return rule_on(on, own)
    return rule_on(on, tuple(r for r in of_purpose if r.owner is None))


def canonical(rule: RoundingRule, raw: RawMinutes) -> str:
    """One result as text: the raw hours, the rule with all its numbers, the minutes."""
    of_rule = {k: v for k, v in asdict(rule).items() if k not in {"grace_min", "valid_from"}}
    found = {
        "minutes": rule.minutes(raw),
        "raw": asdict(raw)
        | {"started_at": raw.started_at.isoformat(), "ended_at": raw.ended_at.isoformat()},
        "rule": of_rule | {"valid_from": rule.valid_from.isoformat()},
    }
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


def run_again(content: str, rules: Iterable[RoundingRule]) -> str:
    """The result of the version named in `content` on the raw hours kept in it, made anew.

    Raises:
        UnknownVersionError: nobody has kept the rule.
    """
    stored = json.loads(content)
    named = (stored["rule"]["version"], stored["rule"]["purpose"])
    rule = next((r for r in rules if (r.version, r.purpose.value) == named), None)
    if rule is None:
        raise UnknownVersionError(named[0])
    raw = stored["raw"]
    instants = {key: datetime.fromisoformat(raw[key]) for key in ("started_at", "ended_at")}
    return canonical(rule, RawMinutes(**(raw | instants)))
