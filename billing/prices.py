"""What done hours cost, by the rule and the tariff that were promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from billing.hours import default_break, refuse
from billing.models import HourEntry
from orders.models import Customer, Tariff
from orders.pricing import Price, PricingGap, TariffRow, price_work
from orders.selectors import holidays_between, is_reverse_charge, priced_row, tariff_in_force
from orders.timing import HELSINKI
from workers.selectors import legal_limits
from workers.worktime import LegalLimits


@dataclass
class Tariffs:
    """What was looked up already: a run over many hours asks per tariff and day, not per entry."""

    promised: dict[int, Tariff | None] = field(default_factory=dict)
    rows: dict[tuple[object, ...], TariffRow] = field(default_factory=dict)

    @cached_property
    def limits(self) -> LegalLimits:
        """The legal numbers behind the usual break."""
        return legal_limits()


def price_of(entry: HourEntry, tariffs: Tariffs | None = None) -> Price:
    """Price of done hours by the rule that made the quote.

    The customer pays for the time that the worker was there, as ordered; the break that the law
    asks for is inside it, as it is inside the quoted time. `tariffs` keeps what was looked up, for
    runs over many entries.

    Raises:
        RuleBroken: hours_not_closed, price_missing.
    """
    if entry.ended_at is None:
        raise refuse("hours_not_closed")
    known = tariffs or Tariffs()
    tariff = _tariff_of(entry, known)
    day = timedelta(days=1)
    holidays, eves = holidays_between(entry.works_on - day, entry.works_on + day)
    minutes = charged_min(entry, known)
    return price_work(tariff, entry.started_at, minutes, 1, holidays, eves, HELSINKI)


def charged_min(entry: HourEntry, known: Tariffs | None = None) -> int:
    """Minutes that the customer pays for: presence, less what a break is longer than usual."""
    if entry.ended_at is None:
        return 0
    presence = int((entry.ended_at - entry.started_at).total_seconds()) // 60
    if not entry.break_min:
        return presence
    limits = known.limits if known else None
    usual = default_break(entry.assignment, entry.started_at, entry.ended_at, limits)
    return presence - max(0, entry.break_min - usual)


def _tariff_of(entry: HourEntry, known: Tariffs) -> TariffRow:
    """The tariff that was promised, with the VAT of the day of work; see P2 and C22."""
    order, on = entry.assignment.order, entry.works_on
    reverse = is_reverse_charge(
        order.task_type, order.customer, construction_site=order.construction_site
    )
    promised = _promised(order.tariff_ref, known)
    # What was promised is the same for all; what is in force depends on task and customer.
    whose = (promised.pk,) if promised else (0, order.task_type_id, order.customer_id)
    key = (*whose, reverse, on)
    if key not in known.rows:
        try:
            row = promised or tariff_in_force(order.task_type, order.customer, on)
            if row is None:
                raise PricingGap(on)
            known.rows[key] = priced_row(row, on, reverse_charge=reverse)
        except PricingGap as gap:
            raise refuse("price_missing", str(order.number), on=gap.on.isoformat()) from gap
    return known.rows[key]


def _promised(ref: str, known: Tariffs) -> Tariff | None:
    number = int(ref) if ref.isdecimal() else 0
    if number not in known.promised:
        rows = Tariff.objects.prefetch_related("supplements")
        known.promised[number] = rows.filter(pk=number).first()
    return known.promised[number]


def what_lacks(customer: Customer) -> list[str]:
    """Codes of what the customer card lacks for an invoice."""
    need = {
        "customer_name": customer.name,
        "customer_address": customer.street and customer.postal_code and customer.city,
        "customer_business_id": customer.business_id,
    }
    return [code for code, value in need.items() if not value]
