"""Named reads of the catalogue, tariffs, VAT and discounts: what an order costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import Exists, Q, QuerySet

from accounts.models import Organisation
from core.holidays import holidays_between
from core.timing import window
from core.zone import HELSINKI
from orders.models import Customer, Tariff, TaskType, VatRate
from orders.rules import pricing
from orders.rules.vat_treatment import Sale, Why, is_construction, treatment


def task_types() -> QuerySet[TaskType]:
    """What can be ordered, in the order of the catalogue."""
    return TaskType.objects.filter(active=True)


def tariff_in_force(
    task_type: TaskType | None, customer: Customer | None, on: date
) -> Tariff | None:
    """The tariff in force: customer and task first, then customer, then task, then general.

    Within the most exact kind the latest `valid_from` not after `on` counts.
    """
    rows = Tariff.objects.filter(
        Q(task_type=task_type) | Q(task_type__isnull=True),
        Q(customer=customer) | Q(customer__isnull=True),
        valid_from__lte=on,
    ).prefetch_related("supplements")
    return most_exact(rows)


def most_exact(rows: Iterable[Tariff]) -> Tariff | None:
    """Of tariffs that have begun and fit, the one that counts; None when there is none."""
    return max(
        rows,
        key=lambda t: (t.customer_id is not None, t.task_type_id is not None, t.valid_from),
        default=None,
    )


def tariff_row(
    task_type: TaskType,
    customer: Customer | None,
    on: date,
    *,
    construction_site: bool = False,
) -> pricing.TariffRow:
    """The tariff in force with its VAT, as pricing wants it; `ref` is the Tariff's primary key.

    Raises:
        PricingGap: no tariff or no VAT rate is in force on the day.
    """
    row = tariff_in_force(task_type, customer, on)
    if row is None:
        raise pricing.PricingGap(on)
    sale = sale_of(task_type, customer, construction_site=construction_site)
    return priced_row(row, on, sale=sale, discount_pct=discount_in_force(customer, on))


def sale_of(
    task_type: TaskType | None, customer: Customer | None, *, construction_site: bool = False
) -> Sale:
    """What decides the VAT of a sale; without a customer the buyer is a Finnish business."""
    construction = is_construction(
        site=construction_site, task=bool(task_type and task_type.construction_related)
    )
    real_property = task_type is None or task_type.real_property
    if customer is None:
        return Sale(real_property=real_property, construction=construction)
    return Sale(
        country=customer.country,
        business_id=customer.business_id,
        vat_id=customer.vat_id,
        real_property=real_property,
        construction=construction,
        construction_seller=customer.construction_seller,
    )


def discount_in_force(customer: Customer | None, on: date) -> Decimal:
    """Per cent off that was agreed with a customer for a day; 0 when nothing was."""
    if customer is None or customer.pk is None:
        return Decimal(0)
    row = customer.discounts.filter(valid_from__lte=on).order_by("-valid_from").first()
    return row.percent if row else Decimal(0)


def priced_row(
    row: Tariff,
    on: date,
    *,
    sale: Sale | None = None,
    vat: Vat | None = None,
    discount_pct: Decimal = Decimal(0),
) -> pricing.TariffRow:
    """A tariff of the database with the VAT of the sale on the day of supply.

    `vat` keeps what was read already, for runs over many rows.

    VAT codes: S standard, AE reverse charge, O seller not registered for VAT; see
    orders.rules.vat_treatment.

    Raises:
        PricingGap: no VAT rate is in force on the day.
    """
    return priced_with(row, (vat or Vat()).of(sale or Sale(), row.vat_kind, on), discount_pct)


def priced_with(
    row: Tariff, vat: tuple[str, Decimal, Why], discount_pct: Decimal = Decimal(0)
) -> pricing.TariffRow:
    """A tariff of the database with code, percentage and reason of a VAT, as Vat.of has them."""
    code, percent, why = vat
    supplements = tuple(
        pricing.Supplement(pricing.SupplementKind(s.kind), s.percent, s.from_min, s.to_min)
        for s in row.supplements.all()
    )
    return pricing.TariffRow(
        str(row.pk), row.valid_from, row.hourly_net, row.min_charge_min, supplements, percent, code,
        why, discount_pct,
    )  # fmt: skip


class Vat:
    """Our registration and the dated rates, read in one query when first asked for."""

    @cached_property
    def _rows(self) -> list[tuple[str, date, Decimal, bool]]:
        unregistered = Exists(Organisation.objects.filter(vat_registered=False))
        rows = VatRate.objects.annotate(unregistered=unregistered).order_by("valid_from")
        return list(rows.values_list("kind", "valid_from", "percent", "unregistered"))

    @cached_property
    def registered(self) -> bool:
        """Whether we charge VAT at all."""
        if self._rows:
            return not self._rows[0][3]
        return not Organisation.objects.filter(vat_registered=False).exists()

    def of(self, sale: Sale, kind: str, on: date) -> tuple[str, Decimal, Why]:
        """Code, percentage and reason of the VAT of a sale on the day of supply.

        Raises:
            PricingGap: no VAT rate is in force on the day.
        """
        code, why = treatment(replace(sale, registered=self.registered))
        percent = self.percent(kind, on) if code == "S" else Decimal(0)
        if percent is None:
            raise pricing.PricingGap(on)
        return code, percent, why

    def percent(self, kind: str, on: date) -> Decimal | None:
        """VAT percentage of a kind on the day of supply, or None when no row is in force."""
        begun = [rate for of, since, rate, _ in self._rows if of == kind and since <= on]
        return begun[-1] if begun else None


def quote(
    task_type: TaskType,
    customer: Customer | None,
    works_on: date,
    starts: time,
    duration_min: int,
    people: int,
    *,
    construction_site: bool = False,
) -> pricing.Price:
    """What an order costs, by the tariff in force on its day.

    Raises:
        PricingGap: no tariff or no VAT rate is in force.
        NoSuchLocalTime: the clocks jump over the start.
    """
    row = tariff_row(task_type, customer, works_on, construction_site=construction_site)
    starts_at, _ends_at = window(works_on, starts, duration_min)
    # A supplement may begin the evening before, and the work may end after midnight.
    days = (works_on - timedelta(days=1), works_on + timedelta(days=1))
    public_holidays, eves = holidays_between(*days)
    return pricing.price_work(
        row,
        starts_at,
        duration_min,
        people,
        holidays=public_holidays,
        eves=eves,
        tz=HELSINKI,
    )


def prices_from(on: date) -> dict[int, Decimal]:
    """Hourly price excl. VAT by task type id, without customer prices and supplements."""
    exact: dict[int | None, Tariff] = {}
    for row in Tariff.objects.filter(customer__isnull=True, valid_from__lte=on):
        known = exact.get(row.task_type_id)
        if known is None or known.valid_from < row.valid_from:
            exact[row.task_type_id] = row
    general = exact.get(None)
    prices = {}
    for pk in task_types().values_list("pk", flat=True):
        row_or_none = exact.get(pk, general)
        if row_or_none is not None:
            prices[pk] = row_or_none.hourly_net
    return prices
