"""From approved hours to kinds of paid time: ordinary, additional, overtime, supplements. Pure.

Every paid minute is in exactly one *part* (ordinary, additional, daily or weekly overtime by
rate). *Supplements* (evening, night, Saturday, Sunday, holiday, eve, emergency) lie on top and are
read from the wall clock, so a night with a clock change has an hour more or less of them.

A day is the local date on which the work began; a week is its ISO week. Where the break was taken
is not known, only how long it was: it is laid in the middle of the presence (it may lie neither
at the beginning nor at the end, 872/2019).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from core.intervals import Interval, clip, local_instant, subtract, total_min

DAY_MIN = 24 * 60
COLUMNS = ("kind", "after_min", "from_min", "to_min", "percent", "eur_h", "stacks", "wage_code")


class PayKind(StrEnum):
    ORDINARY = "ordinary"
    ADDITIONAL = "additional"
    DAILY_OVERTIME = "daily_overtime"
    WEEKLY_OVERTIME = "weekly_overtime"
    EVENING = "evening"
    NIGHT = "night"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    HOLIDAY = "holiday"
    EVE = "eve"
    EMERGENCY = "emergency"


PARTS = (PayKind.ORDINARY, PayKind.ADDITIONAL, PayKind.DAILY_OVERTIME, PayKind.WEEKLY_OVERTIME)
OVERTIME = (PayKind.DAILY_OVERTIME, PayKind.WEEKLY_OVERTIME)
BY_CLOCK = (PayKind.EVENING, PayKind.NIGHT)
# A date earns at most one of these: 6 January on a Sunday is not paid for twice.
BY_DAY = (PayKind.HOLIDAY, PayKind.SUNDAY, PayKind.EVE, PayKind.SATURDAY)


@dataclass(frozen=True)
class PayRule:
    """One rule: per cent of the hourly wage, or euros an hour, and its code in the payroll system.

    `after_min` is where a rate of overtime begins (minutes of the day or week); `from_min` and
    `to_min` are minutes from local midnight, evening and night may cross it. A clock supplement
    that does not `stack` is not paid on a date that earns a supplement of its own.
    """

    kind: PayKind
    wage_code: str
    percent: Decimal = Decimal(0)
    eur_h: Decimal | None = None
    after_min: int = 0
    from_min: int = 0
    to_min: int = 0
    stacks: bool = True


@dataclass(frozen=True)
class RuleSet:
    """All rules of one version of an agreement, in force from `valid_from`."""

    version: str
    valid_from: date
    rules: tuple[PayRule, ...]

    def of(self, *kinds: PayKind) -> tuple[PayRule, ...]:
        """Rules of these kinds, by where they begin."""
        found = [rule for rule in self.rules if rule.kind in kinds]
        return tuple(sorted(found, key=lambda rule: (rule.after_min, rule.from_min)))


@dataclass(frozen=True)
class Work:
    """Approved hours of one person on one gig. `paid_min` is what the rounding rule made of them.

    `agreed_day_min` and `agreed_week_min` are the written limits of the contract: paid time above
    them, up to the limits of the law, is additional work. None: the law's limits are the first.
    """

    key: int
    on: date
    started_at: datetime
    ended_at: datetime
    break_min: int
    paid_min: int
    emergency: bool = False
    agreed_day_min: int | None = None
    agreed_week_min: int | None = None


@dataclass(frozen=True)
class PayLine:
    """Minutes of one kind of one piece of work."""

    key: int
    on: date
    rule: PayRule
    minutes: int
    version: str

    @property
    def is_part(self) -> bool:
        """True when these minutes are counted in the sum of paid time."""
        return self.rule.kind in PARTS


def load_rule_set(text: str, version: str, valid_from: date) -> RuleSet:
    """Rules of a text with a line per rule: the columns of `data/pay_rules.csv`, semicolons.

    Raises:
        ValueError: names the line and what is wrong: pay-rule-columns, pay-rule-value,
            pay-rule-window, pay-rule-ordinary (a set needs exactly one ordinary and one additional
            rule).
    """
    reader = csv.DictReader(io.StringIO(text.strip()), delimiter=";")
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError("pay-rule-columns")
    rules: list[PayRule] = []
    for number, row in enumerate(reader, start=2):
        try:
            rules.append(_rule(row))
        except (InvalidOperation, TypeError, ValueError) as error:
            code = str(error) if str(error).startswith("pay-rule") else "pay-rule-value"
            raise ValueError(f"{code} {number}") from error
    for kind in (PayKind.ORDINARY, PayKind.ADDITIONAL):
        if sum(rule.kind is kind for rule in rules) != 1:
            raise ValueError("pay-rule-ordinary")
    return RuleSet(version, valid_from, tuple(rules))


def _rule(row: dict[str, str]) -> PayRule:
    kind = PayKind(row["kind"])
    begins, ends = int(row["from_min"]), int(row["to_min"])
    crosses = begins >= ends
    if kind in (*BY_CLOCK, *BY_DAY) and (
        not (0 <= begins < DAY_MIN and 0 <= ends <= DAY_MIN)
        or begins == ends
        or (crosses and kind in BY_DAY)
    ):
        raise ValueError("pay-rule-window")
    if not row["wage_code"].strip():
        raise ValueError("pay-rule-value")
    return PayRule(
        kind=kind,
        wage_code=row["wage_code"].strip(),
        percent=Decimal(row["percent"].replace(",", ".")),
        eur_h=Decimal(row["eur_h"].replace(",", ".")) if row["eur_h"] else None,
        after_min=int(row["after_min"]),
        from_min=begins,
        to_min=ends,
        stacks=row["stacks"] == "1",
    )


def pay_lines(
    works: Iterable[Work],
    rules_on: Callable[[date], RuleSet],
    holidays: frozenset[date],
    eves: frozenset[date],
    tz: tzinfo,
) -> list[PayLine]:
    """All lines of one person's work; weeks must be whole, or weekly overtime is not seen."""
    found: list[PayLine] = []
    day: date | None = None
    week: tuple[int, int] | None = None
    day_min = week_min = 0
    for work in sorted(works, key=lambda w: (w.started_at, w.key)):
        iso = work.on.isocalendar()[:2]
        day_min = 0 if work.on != day else day_min
        week_min = 0 if iso != week else week_min
        day, week = work.on, iso
        rules = rules_on(work.on)
        regular, parts = _parts(work, rules, day_min, week_min)
        day_min += work.paid_min
        # Weekly overtime counts what is not overtime of a day already.
        week_min += regular
        both = (*parts, *_supplements(work, rules, holidays, eves, tz))
        found += [PayLine(work.key, work.on, r, n, rules.version) for r, n in both if n]
    return found


def _above(start: int, length: int, limit: int) -> int:
    """Minutes of [start, start + length) that lie above `limit`."""
    return max(0, start + length - max(start, limit))


def _rates(rules: Sequence[PayRule], start: int, length: int) -> Iterator[tuple[PayRule, int]]:
    """Minutes of each rate of overtime; a rate ends where the next begins."""
    for n, rule in enumerate(rules):
        over = _above(start, length, rule.after_min)
        next_over = _above(start, length, rules[n + 1].after_min) if n + 1 < len(rules) else 0
        yield rule, over - next_over


def _parts(
    work: Work, rules: RuleSet, day_min: int, week_min: int
) -> tuple[int, list[tuple[PayRule, int]]]:
    """Minutes that are not daily overtime, and the parts of all paid minutes."""
    daily = list(_rates(rules.of(PayKind.DAILY_OVERTIME), day_min, work.paid_min))
    regular = work.paid_min - sum(n for _rule, n in daily)
    weekly = list(_rates(rules.of(PayKind.WEEKLY_OVERTIME), week_min, regular))
    below = regular - sum(n for _rule, n in weekly)
    over_day = _above(day_min, below, work.agreed_day_min) if work.agreed_day_min else 0
    over_week = _above(week_min, below, work.agreed_week_min) if work.agreed_week_min else 0
    additional = max(over_day, over_week)
    (ordinary_rule,) = rules.of(PayKind.ORDINARY)
    (additional_rule,) = rules.of(PayKind.ADDITIONAL)
    parts = [(ordinary_rule, below - additional), (additional_rule, additional)]
    return regular, [*parts, *daily, *weekly]


def paid_pieces(work: Work) -> list[Interval]:
    """The time that is paid: presence without the break in its middle, as long as `paid_min`."""
    presence = Interval(work.started_at, work.ended_at)
    off = presence.minutes - work.paid_min
    if off <= 0:
        # A rule that rounds up pays minutes after the end.
        return [Interval(presence.start, presence.start + timedelta(minutes=work.paid_min))]
    first = work.paid_min // 2
    hole_at = presence.start + timedelta(minutes=first)
    hole = Interval(hole_at, hole_at + timedelta(minutes=off))
    end = presence.start + timedelta(minutes=presence.minutes)
    return subtract([Interval(presence.start, end)], [hole])


def _supplements(
    work: Work, rules: RuleSet, holidays: frozenset[date], eves: frozenset[date], tz: tzinfo
) -> Iterator[tuple[PayRule, int]]:
    pieces = paid_pieces(work)
    frame = Interval(pieces[0].start, pieces[-1].end)
    kinds = frozenset(rule.kind for rule in rules.rules)
    special: list[Interval] = []
    for rule in rules.of(*BY_DAY):
        windows = [
            window
            for on in _dates(frame, tz)
            if _day_kind(on, kinds, holidays, eves) is rule.kind
            for window in _window(rule, on, tz)
        ]
        special += windows
        yield rule, _minutes_in(pieces, windows)
    for rule in rules.of(*BY_CLOCK):
        windows = [window for on in _dates(frame, tz) for window in _window(rule, on, tz)]
        yield rule, _minutes_in(pieces, windows if rule.stacks else subtract(windows, special))
    if work.emergency:
        for rule in rules.of(PayKind.EMERGENCY):
            yield rule, work.paid_min


def _minutes_in(pieces: list[Interval], windows: Iterable[Interval]) -> int:
    return sum(total_min(clip(pieces, window)) for window in windows)


def _dates(frame: Interval, tz: tzinfo) -> list[date]:
    """Local dates of the frame and the one before, whose night may reach into it."""
    first = frame.start.astimezone(tz).date() - timedelta(days=1)
    last = frame.end.astimezone(tz).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _window(rule: PayRule, on: date, tz: tzinfo) -> list[Interval]:
    crosses = rule.from_min > rule.to_min
    opens = _at(on, rule.from_min, tz)
    closes = _at(on + timedelta(days=crosses), rule.to_min, tz)
    # A window that the clock jumps over in spring has no minutes.
    return [Interval(opens, closes)] if opens < closes else []


def _at(on: date, minute: int, tz: tzinfo) -> datetime:
    days, rest = divmod(minute, DAY_MIN)
    return local_instant(on + timedelta(days=days), time(rest // 60, rest % 60), tz)


def _day_kind(
    on: date, kinds: frozenset[PayKind], holidays: frozenset[date], eves: frozenset[date]
) -> PayKind | None:
    """The one day supplement of these rules that a date earns."""
    earned = {
        PayKind.HOLIDAY: on in holidays,
        PayKind.SUNDAY: on.isoweekday() == 7,
        PayKind.EVE: on in eves,
        PayKind.SATURDAY: on.isoweekday() == 6,
    }
    return next((kind for kind in BY_DAY if earned[kind] and kind in kinds), None)
