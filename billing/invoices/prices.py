"""What done hours cost, by the rule and the tariff that were promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from billing.hours.rounding_versions import all_rules
from billing.models import HourEntry
from billing.rules.breaks import usual_break
from billing.rules.rounding import Purpose, RawMinutes, RoundingRule, choose
from core.holidays import holidays_between
from core.violations import RuleBroken
from core.zone import HELSINKI
from orders.models import Customer, Tariff
from orders.prices.selectors import Vat, most_exact, priced_with
from orders.rules.pricing import Price, PricingGap, TariffRow, price_work
from orders.rules.vat_treatment import Sale, Why, buyer_problems
from workers.rules.worktime_facts import PersonFacts
from workers.rules.worktime_limits import LegalLimits
from workers.worktime.selectors import legal_limits


@dataclass
class Tariffs:
    """What was read already: a run over many hours reads each table once, not per entry."""

    rows: dict[tuple[object, ...], TariffRow] = field(default_factory=dict)
    by_vat: dict[tuple[object, ...], TariffRow] = field(default_factory=dict)
    vat: Vat = field(default_factory=Vat)
    days: dict[date, tuple[frozenset[date], frozenset[date]]] = field(default_factory=dict)
    bill_rules: dict[tuple[int, date], RoundingRule] = field(default_factory=dict)

    @cached_property
    def limits(self) -> LegalLimits:
        """The legal numbers behind the usual break."""
        return legal_limits()

    @cached_property
    def rounding(self) -> tuple[RoundingRule, ...]:
        """Every version of the rounding rules."""
        return all_rules()

    def bill_rule(self, customer_id: int, on: date) -> RoundingRule:
        """The rounding rule of a customer's bill on a day; kept, a run asks for each entry."""
        key = (customer_id, on)
        if key not in self.bill_rules:
            self.bill_rules[key] = choose(self.rounding, Purpose.BILL, customer_id, on)
        return self.bill_rules[key]

    @cached_property
    def by_pk(self) -> dict[int, Tariff]:
        """Every tariff, with its supplements."""
        return {row.pk: row for row in Tariff.objects.prefetch_related("supplements")}

    def promised(self, ref: str) -> Tariff | None:
        """The tariff that an order's quote was made from."""
        return self.by_pk.get(int(ref)) if ref.isdecimal() else None

    def in_force(self, task_type_id: int, customer_id: int, on: date) -> Tariff | None:
        """The same answer as orders.prices.selectors.tariff_in_force, from what was read."""
        return most_exact(
            row
            for row in self.by_pk.values()
            if row.task_type_id in {task_type_id, None}
            and row.customer_id in {customer_id, None}
            and row.valid_from <= on
        )

    def priced(
        self, row: Tariff, vat: tuple[str, Decimal, Why], discount_pct: Decimal
    ) -> TariffRow:
        """A tariff with its VAT; most days have the same, so there are few."""
        key = (row.pk, vat, discount_pct)
        if key not in self.by_vat:
            self.by_vat[key] = priced_with(row, vat, discount_pct)
        return self.by_vat[key]

    def holidays(self, on: date) -> tuple[frozenset[date], frozenset[date]]:
        """Holidays and eves of a day and its neighbours, over which work may reach."""
        if on not in self.days:
            day = timedelta(days=1)
            self.days[on] = holidays_between(on - day, on + day)
        return self.days[on]


class Done(NamedTuple):
    """Done hours as pricing reads them; FIELDS names the same of an entry, in the same order."""

    works_on: date
    started_at: datetime
    ended_at: datetime | None
    break_min: int
    birth_date: date
    basic_school_done: bool
    order_id: int
    order_number: int
    tariff_ref: str
    construction_site: bool
    task_type_id: int
    construction_related: bool
    customer_id: int
    construction_seller: bool
    planned_min: int
    real_property: bool
    country: str
    business_id: str
    vat_id: str
    discount_pct: Decimal


_ORDER = "assignment__order__"
FIELDS = (
    "works_on",
    "started_at",
    "ended_at",
    "break_min",
    "assignment__worker__birth_date",
    "assignment__worker__basic_school_done",
    "assignment__order_id",
    f"{_ORDER}number",
    f"{_ORDER}tariff_ref",
    f"{_ORDER}construction_site",
    f"{_ORDER}task_type_id",
    f"{_ORDER}task_type__construction_related",
    f"{_ORDER}customer_id",
    f"{_ORDER}customer__construction_seller",
    f"{_ORDER}duration_min",
    f"{_ORDER}task_type__real_property",
    f"{_ORDER}customer__country",
    f"{_ORDER}customer__business_id",
    f"{_ORDER}customer__vat_id",
    f"{_ORDER}discount_pct",
)


def done_of(entry: HourEntry) -> Done:
    """What pricing reads of an entry."""
    worker, order = entry.assignment.worker, entry.assignment.order
    return Done(
        entry.works_on,
        entry.started_at,
        entry.ended_at,
        entry.break_min,
        worker.birth_date,
        worker.basic_school_done,
        order.pk,
        order.number,
        order.tariff_ref,
        order.construction_site,
        order.task_type_id,
        order.task_type.construction_related,
        order.customer_id,
        order.customer.construction_seller,
        order.duration_min,
        order.task_type.real_property,
        order.customer.country,
        order.customer.business_id,
        order.customer.vat_id,
        order.discount_pct,
    )


def sale_done(done: Done) -> Sale:
    """What decides the VAT of done hours."""
    return Sale(
        country=done.country,
        business_id=done.business_id,
        vat_id=done.vat_id,
        real_property=done.real_property,
        construction=done.construction_related or done.construction_site,
        construction_seller=done.construction_seller,
    )


def price_of(entry: HourEntry, tariffs: Tariffs | None = None) -> Price:
    """Price of done hours by the rule that made the quote.

    The customer pays for the time that the worker was there, as ordered; the break that the law
    asks for is inside it, as it is inside the quoted time. `tariffs` keeps what was looked up, for
    runs over many entries.

    Raises:
        RuleBroken: hours_not_closed, price_missing.
    """
    return price_done(done_of(entry), tariffs or Tariffs())


def price_done(done: Done, known: Tariffs, minutes: int | None = None) -> Price:
    """The same for hours that were read as `Done`; `minutes` when they are reckoned."""
    if done.ended_at is None:
        raise RuleBroken.of("hours_not_closed")
    if minutes is None:
        minutes = charged_done(done, known)
    tariff, (holidays, eves) = _tariff_of(done, known), known.holidays(done.works_on)
    return _price(tariff, done.started_at, minutes, holidays, eves)


@lru_cache(maxsize=16_384)
def _price(
    tariff: TariffRow,
    started_at: datetime,
    minutes: int,
    holidays: frozenset[date],
    eves: frozenset[date],
) -> Price:
    """The pure price of one person's work, kept: finance looks at the same hours many times."""
    return price_work(tariff, started_at, minutes, 1, holidays, eves, HELSINKI)


def charged_min(entry: HourEntry, known: Tariffs | None = None) -> int:
    """Minutes that the customer pays for, by the rounding rule of the customer's bill."""
    return charged_done(done_of(entry), known or Tariffs())


def charged_done(done: Done, known: Tariffs) -> int:
    """The same for hours that were read as `Done`."""
    if done.ended_at is None:
        return 0
    rule, raw = bill_result(done, known)
    return rule.minutes(raw)


def bill_result(done: Done, known: Tariffs) -> tuple[RoundingRule, RawMinutes]:
    """The rule of the customer's bill and the raw hours that it is asked about.

    Raises:
        RuleBroken: hours_not_closed.
    """
    if done.ended_at is None:
        raise RuleBroken.of("hours_not_closed")
    person = PersonFacts(done.birth_date, done.basic_school_done)
    usual = 0
    if done.break_min:
        usual = usual_break(person, done.started_at, done.ended_at, known.limits)
    hours = (done.started_at, done.ended_at, done.break_min)
    raw = RawMinutes(*hours, usual_break_min=usual, planned_min=done.planned_min)
    return known.bill_rule(done.customer_id, done.works_on), raw


def _tariff_of(done: Done, known: Tariffs) -> TariffRow:
    """The tariff that was promised, with the VAT of the day of work.

    The customer pays by the tariff of the quote, whatever became dearer since.
    """
    on = done.works_on
    construction = done.construction_related or done.construction_site
    promised = known.promised(done.tariff_ref)
    # What was promised is the same for all; what is in force depends on task and customer.
    whose = (promised.pk,) if promised else (0, done.task_type_id, done.customer_id)
    key = (
        *whose,
        construction and (done.construction_seller, done.business_id),
        done.real_property,
        done.country,
        done.vat_id,
        done.discount_pct,
        on,
    )
    if key not in known.rows:
        try:
            row = promised or known.in_force(done.task_type_id, done.customer_id, on)
            if row is None:
                raise PricingGap(on)
            vat = known.vat.of(sale_done(done), row.vat_kind, on)
            known.rows[key] = known.priced(row, vat, done.discount_pct)
        except PricingGap as gap:
            raise RuleBroken.of(
                "price_missing", str(done.order_number), on=gap.on.isoformat()
            ) from gap
    return known.rows[key]


_LACKING = {"business_id_missing": "customer_business_id", "vat_id_missing": "customer_vat_id"}


def missing_for_invoice(customer: Customer) -> list[str]:
    """Codes of what the customer card lacks for an invoice."""
    need = {
        "customer_name": customer.name,
        "customer_address": customer.street and customer.postal_code and customer.city,
    }
    lacks = [code for code, value in need.items() if not value]
    numbers = {"business_id": customer.business_id, "vat_id": customer.vat_id}
    lacks += [_LACKING.get(x, x) for x in buyer_problems(customer.country, **numbers).values()]
    return [*lacks, *customer.einvoice_problems.values()]
