"""What work costs: one rule set for the quote, the order confirmation and the invoice.

Pure file. A price depends on the tariff in force on the day the work starts, on elapsed minutes
and on the local clock (supplement windows). The quote prices the ordered interval; the invoice
prices each worker's approved interval with the same function, so that a job done as ordered
costs exactly what was promised.

Rounding: each line is rounded once **per person** and then multiplied by the number of people,
because the invoice has a line per person. VAT is taken once on the summed net.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from core.money import ZERO, cents, percent_of

DAY_MIN = 24 * 60
DISCOUNT = "discount"
_UNIT = Decimal("0.00001")  # Finvoice allows five decimals in a unit price
_HOURS = Decimal("0.0001")


class SupplementKind(StrEnum):
    """Kinds of supplement. The first two follow the clock, the others the kind of day."""

    EVENING = "evening"
    NIGHT = "night"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    HOLIDAY = "holiday"
    EVE = "eve"


# A date earns at most one day supplement: 6 January on a Sunday is not paid for twice.
_DAY_ORDER = (
    SupplementKind.HOLIDAY,
    SupplementKind.SUNDAY,
    SupplementKind.EVE,
    SupplementKind.SATURDAY,
)


class PricingGap(Exception):
    """No tariff is in force on a date; carries the date as `on`."""

    def __init__(self, on: date) -> None:
        super().__init__(f"no tariff in force on {on.isoformat()}")
        self.on = on


@dataclass(frozen=True, slots=True)
class Supplement:
    """A percentage on the hourly price inside a window of the local clock.

    Args:
        kind: evening | night | saturday | sunday | holiday | eve.
        percent: per cent of the hourly net price, > 0.
        from_min, to_min: minutes from local midnight, [from, to). Evening and night may cross
            midnight (22.00-6.00 is 1320, 360); a window of a kind of day stays inside its day.

    Raises:
        ValueError: `supplement-window` or `supplement-percent`.
    """

    kind: SupplementKind
    percent: Decimal
    from_min: int
    to_min: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", SupplementKind(self.kind))
        inside = 0 <= self.from_min < DAY_MIN and 0 <= self.to_min <= DAY_MIN
        crosses = self.from_min >= self.to_min
        if not inside or self.from_min == self.to_min or (crosses and self.kind in _DAY_ORDER):
            raise ValueError("supplement-window")
        if self.percent <= 0:
            raise ValueError("supplement-percent")


@dataclass(frozen=True, slots=True)
class TariffRow:
    """A dated hourly price. `hourly_net` in euros an hour, `vat_pct` in per cent."""

    ref: str
    valid_from: date
    hourly_net: Decimal
    min_charge_min: int
    supplements: tuple[Supplement, ...]
    vat_pct: Decimal
    vat_code: str = "S"
    vat_why: str = ""
    discount_pct: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One priced line.

    `code` is `work`, `supplement.<kind>` or `discount`; `minutes` are person-minutes charged,
    over all people; `unit_net` is euros an hour (at most five decimals); `percent` is set on
    supplements and on the discount. `net` is before the discount; `discount` is what comes off this
    line, and the line `discount` at the end takes off what all of them together say.
    `text_args` holds what a text needs: people, minutes_each and, on `work`, worked_min.
    """

    code: str
    text_args: dict[str, Any]
    minutes: int
    unit_net: Decimal
    percent: Decimal | None
    net: Decimal
    discount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Price:
    """A whole price in euros; `gross` is `net` + `vat`."""

    lines: tuple[PriceLine, ...] = field(default_factory=tuple)
    net: Decimal = ZERO
    vat_pct: Decimal = ZERO
    vat: Decimal = ZERO
    gross: Decimal = ZERO
    tariff_ref: str = ""
    vat_code: str = "S"
    vat_why: str = ""
    discount_pct: Decimal = ZERO

    @property
    def charged(self) -> tuple[PriceLine, ...]:
        """The lines that an invoice has; the discount stands on each of them."""
        return tuple(line for line in self.lines if line.code != DISCOUNT)


def quantity_h(minutes: int) -> Decimal:
    """Return hours for an invoice line: exact for steps of 3 minutes, else four decimals."""
    return (Decimal(minutes) / 60).quantize(_HOURS, rounding=ROUND_HALF_UP)


def price_work(
    tariff: TariffRow,
    interval_start_local: datetime,
    duration_min: int,
    people: int,
    holidays: frozenset[date],
    eves: frozenset[date],
    tz: ZoneInfo,
) -> Price:
    """Price one interval of work.

    Args:
        tariff: the row chosen for the local start date.
        interval_start_local: naive wall time in `tz`, or an aware instant.
        duration_min: elapsed minutes per person, > 0 (a night with a clock change has an hour more
            or less).
        people: how many do the work, >= 1.
        holidays, eves: local dates that earn the holiday and the eve supplement.

    The minimum charge lengthens the base line only; supplements follow minutes really worked.

    Raises:
        ValueError: `pricing-duration` or `pricing-people`.
    """
    if duration_min <= 0:
        raise ValueError("pricing-duration")
    if people < 1:
        raise ValueError("pricing-people")
    start = _instant(interval_start_local, tz)
    end = start + timedelta(minutes=duration_min)
    charged = max(duration_min, tariff.min_charge_min)
    lines = [_line("work", tariff.hourly_net, charged, people, worked_min=duration_min)]
    kinds = frozenset(s.kind for s in tariff.supplements)
    for extra in tariff.supplements:
        minutes = _minutes_in(extra, kinds, start, end, holidays, eves, tz)
        if minutes:
            lines.append(_extra_line(extra, tariff.hourly_net, minutes, people))
    if tariff.discount_pct:
        lines = _discounted(lines, tariff.discount_pct, people)
    net = sum((line.net for line in lines), ZERO)
    vat = percent_of(net, tariff.vat_pct)
    return Price(
        tuple(lines), net, tariff.vat_pct, vat, net + vat, tariff.ref, tariff.vat_code,
        tariff.vat_why, tariff.discount_pct,
    )  # fmt: skip


def _discounted(lines: list[PriceLine], pct: Decimal, people: int) -> list[PriceLine]:
    """The lines with what comes off each, and the line that says it.

    Rounded once per line and person, as the lines are: the invoice has a line per person.
    """
    cut = [replace(x, discount=percent_of(x.net / people, pct) * people) for x in lines]
    off = sum((x.discount for x in cut), ZERO)
    args = {"people": people, "minutes_each": 0}
    return [*cut, PriceLine(DISCOUNT, args, 0, ZERO, pct, -off)]


def _line(
    code: str,
    unit_net: Decimal,
    minutes: int,
    people: int,
    percent: Decimal | None = None,
    **args: int,
) -> PriceLine:
    # From the hours as printed, so that quantity x unit price is the line also on an e-invoice.
    net = cents(unit_net * quantity_h(minutes)) * people
    text_args = {"people": people, "minutes_each": minutes, **args}
    return PriceLine(code, text_args, minutes * people, unit_net, percent, net)


def _extra_line(extra: Supplement, hourly: Decimal, minutes: int, people: int) -> PriceLine:
    unit = (hourly * extra.percent / 100).quantize(_UNIT, rounding=ROUND_HALF_UP)
    return _line(f"supplement.{extra.kind}", unit, minutes, people, extra.percent)


def _minutes_in(
    extra: Supplement,
    kinds: frozenset[SupplementKind],
    start: datetime,
    end: datetime,
    holidays: frozenset[date],
    eves: frozenset[date],
    tz: ZoneInfo,
) -> int:
    """Elapsed minutes of [start, end) inside the windows of one supplement."""
    total = 0
    # A window that opened yesterday may reach into today.
    day = start.astimezone(tz).date() - timedelta(days=1)
    last = end.astimezone(tz).date()
    while day <= last:
        if extra.kind not in _DAY_ORDER or _day_kind(day, kinds, holidays, eves) == extra.kind:
            opens = _instant(_wall(day, extra.from_min), tz)
            crosses = extra.from_min > extra.to_min
            closes = _instant(_wall(day + timedelta(days=crosses), extra.to_min), tz)
            total += max(0, int((min(end, closes) - max(start, opens)).total_seconds()) // 60)
        day += timedelta(days=1)
    return total


def _day_kind(
    day: date, kinds: frozenset[SupplementKind], holidays: frozenset[date], eves: frozenset[date]
) -> SupplementKind | None:
    """Return the one day supplement of this tariff that a date earns."""
    earned = {
        SupplementKind.HOLIDAY: day in holidays,
        SupplementKind.SUNDAY: day.isoweekday() == 7,
        SupplementKind.EVE: day in eves,
        SupplementKind.SATURDAY: day.isoweekday() == 6,
    }
    return next((kind for kind in _DAY_ORDER if earned[kind] and kind in kinds), None)


def _wall(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def _instant(wall: datetime, tz: ZoneInfo) -> datetime:
    """Turn wall time into UTC. Time skipped in spring becomes the moment of the jump."""
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    local = wall.replace(tzinfo=tz)
    instant = local.astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == wall:
        return instant
    # Skipped: fold=1 reads it by the later offset, which lies just before the jump.
    probe = local.replace(fold=1).astimezone(UTC)
    before = probe.astimezone(tz).utcoffset()
    while probe.astimezone(tz).utcoffset() == before:
        probe += timedelta(minutes=1)
    return probe
