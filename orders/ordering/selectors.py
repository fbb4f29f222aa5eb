"""Named reads of orders, customers and prices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from accounts.models import Organisation
from core.search import search_words
from core.timing import window
from core.zone import HELSINKI
from orders.geocode import postal_table
from orders.models import Contact, Customer, Site, Tariff, TaskType, VatRate, WorkOrder
from orders.models.lifecycle import OPEN, OrderStatus
from orders.rules import pricing
from orders.rules.vat_treatment import Sale, Why, treatment

# --------------------------------------------------------------------------- days


@lru_cache(maxsize=32)
def _calendar(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Public holidays of Finland and the eves of Midsummer and Christmas in a year."""
    import holidays  # noqa: PLC0415 - the calendars of every country

    named = holidays.country_holidays("FI", years=year, language="en_US")
    days = frozenset(day for day, name in named.items() if "Eve" not in name)
    midsummer_eve = next(date(year, 6, d) for d in range(19, 26) if date(year, 6, d).weekday() == 4)
    return days, frozenset({midsummer_eve, date(year, 12, 24)})


def holidays_between(first: date, last: date) -> tuple[frozenset[date], frozenset[date]]:
    """Public holidays and eves (Midsummer, Christmas) from `first` to `last`, both included."""
    days: set[date] = set()
    eves: set[date] = set()
    for year in range(first.year, last.year + 1):
        of_year = _calendar(year)
        days |= of_year[0]
        eves |= of_year[1]
    return (
        frozenset(d for d in days if first <= d <= last),
        frozenset(d for d in eves if first <= d <= last),
    )


# --------------------------------------------------------------------------- catalogue and prices


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
    construction = construction_site or bool(task_type and task_type.construction_related)
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
        pricing.Supplement(pricing.Kind(s.kind), s.percent, s.from_min, s.to_min)
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


def vat_percent(kind: str, on: date) -> Decimal | None:
    """VAT percentage of a kind on the day of supply, or None when no row is in force."""
    return Vat().percent(kind, on)


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


# --------------------------------------------------------------------------- lists


def list_orders(
    rows: QuerySet[WorkOrder],
    *,
    search: str = "",
    statuses: Iterable[str] = (),
    newest: bool = True,
) -> QuerySet[WorkOrder]:
    """Orders (from orders.access) by number, customer, street or orderer, in one query."""
    rows = rows.select_related("customer", "site", "task_type")
    statuses = list(statuses)
    if statuses:
        rows = rows.filter(status__in=statuses)
    for word in search_words(search):
        match = (
            Q(customer__name__icontains=word)
            | Q(site__street__icontains=word)
            | Q(orderer_name__icontains=word)
            | Q(customer_reference__icontains=word)
        )
        # A superscript two is a digit, but no number.
        if word.isdecimal() and len(word) <= 10:
            match |= Q(number=int(word))
        rows = rows.filter(match)
    return rows.order_by("-starts_at" if newest else "starts_at", "-id")


def in_parts(rows: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Orders with `part`: hours to check (0), coming with the next first (1), earlier (2)."""
    coming = Q(status__in=OPEN)
    return rows.annotate(
        part=Case(When(status=OrderStatus.DONE, then=0), When(coming, then=1), default=Value(2)),
        comes_at=Case(When(coming, then=F("starts_at"))),
    ).order_by("part", F("comes_at").asc(nulls_last=True), "-starts_at", "-id")


def list_customers(rows: QuerySet[Customer], *, search: str = "") -> QuerySet[Customer]:
    """Customers with `order_count` and `last_on`, by name, any of their numbers or contact."""
    for word in search_words(search):
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(customer_no__icontains=word)
            | Q(business_id__icontains=word)
            | Q(vat_id__icontains=word)
            | Q(pk__in=Contact.objects.filter(name__icontains=word).values("customer"))
        )
    return rows.annotate(order_count=Count("orders"), last_on=Max("orders__works_on")).order_by(
        "name", "id"
    )


def sites_of(customer: Customer) -> QuerySet[Site]:
    """Sites of a customer, the most recently used first, with the last order's day and ref."""
    newest = WorkOrder.objects.filter(site=OuterRef("pk")).order_by("-starts_at", "-id")
    return (
        Site.objects.filter(customer=customer)
        .annotate(last_on=Max("orders__works_on"), last_ref=Subquery(newest.values("ref")[:1]))
        .order_by(F("last_on").desc(nulls_last=True), "street", "id")
    )


def last_order_of(customer: Customer) -> WorkOrder | None:
    """The customer's newest order, to fill in what need not be typed again."""
    return WorkOrder.objects.filter(customer=customer).order_by("-created_at", "-id").first()


def organisation() -> Organisation | None:
    """Ourselves."""
    return Organisation.objects.first()


def order_notice_min() -> int:
    """How long before the start a customer orders at the latest, minutes (organisation setting)."""
    us = organisation() or Organisation()
    return us.order_notice_min


# Degrees of latitude, about 900 m.
LABELS_APART = 0.008


def places_near(lat: float, lon: float, count: int = 24) -> list[tuple[str, float, float]]:
    """The nearest postcode areas as (name, lat, lon): what the map without tiles shows."""
    # One degree of longitude is about half as long as one of latitude in Finland.
    near = sorted(
        postal_table().values(), key=lambda p: (p.lat - lat) ** 2 + ((p.lon - lon) / 2) ** 2
    )
    points: list[tuple[str, float, float]] = []
    for place in near:
        if len(points) == count:
            break
        # Post-office boxes share a point, and labels a kilometre apart would cover each other.
        if all(abs(place.lat - p[1]) + abs(place.lon - p[2]) / 2 > LABELS_APART for p in points):
            points.append((f"{place.code} {place.place}", place.lat, place.lon))
    return points
