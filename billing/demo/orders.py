"""Orders of the demo, past and to come, each with the price that the pricing rules promise."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from billing.demo.region import Firm, Region
from core.models import Counter
from core.zone import HELSINKI
from orders.models import Customer, TaskType, WorkOrder
from orders.prices.selectors import quote
from orders.rules.pricing import Price
from orders.rules.vat_treatment import HOME

FIRST_ORDER_NO = 2001
# Between these hours somebody is at work, whatever the weekday.
WORK_HOURS = range(7, 20)


def _days(region: Region, count: int, days_back: int) -> list[date]:
    """A date per order, working days far more often than weekends, in order of time."""
    span = [region.today + timedelta(days=d) for d in range(-days_back, 29)]
    weights = [(1.0, 1.0, 1.0, 1.0, 1.0, 0.25, 0.08)[d.weekday()] for d in span]
    days = region.rng.choices(span, weights, k=max(count - 6, 0))
    # The next days are never empty in a demonstration.
    days += [region.today, region.today, *(region.today + timedelta(days=d) for d in (1, 1, 2, 3))]
    return sorted(days)


def make_orders(
    region: Region, count: int, days_back: int
) -> tuple[list[WorkOrder], WorkOrder | None]:
    """Placed orders in order of time; and the one under way that the demo's people can look at."""
    rows: list[WorkOrder] = []
    prices = _Prices()
    shown: WorkOrder | None = None
    hour = region.now.astimezone(HELSINKI).hour
    for n, day in enumerate(_days(region, count, days_back)):
        firm, wanted = _wanted(region, n, day)
        show = day == region.today and shown is None and hour in WORK_HOURS
        if show:
            # The demo's customer and worker can look at one that is under way.
            firm = region.firms[0]
            wanted = _Wanted("cleaning", time(max(hour - 1, 7)), 180, 1)
        rows.append(_order(region, FIRST_ORDER_NO + n, day, firm, wanted, prices))
        shown = rows[-1] if show else shown
    Counter.objects.update_or_create(
        series="order", defaults={"last": FIRST_ORDER_NO + len(rows) - 1}
    )
    WorkOrder.objects.bulk_create(rows, batch_size=500)
    return rows, shown


class _Wanted(NamedTuple):
    """What somebody orders: the code of a task, when, how long and for how many people."""

    code: str
    at: time
    duration_min: int
    people: int


def _wanted(region: Region, n: int, day: date) -> tuple[Firm, _Wanted]:
    firm = region.rng.choice(region.firms)
    if n % 11 == 0:
        firm = region.firms[0]
    code = region.rng.choice(firm.tasks)
    if code == "snow" and day.month not in (11, 12, 1, 2, 3):
        code = "yard"
    duration = region.rng.choice((120, 150, 180, 180, 240, 240, 240, 300, 360, 480))
    at = time(region.rng.choice((8, 8, 9, 9, 10, 11, 12, 13)), region.rng.choice((0, 0, 0, 30)))
    people = region.rng.choices((1, 2, 3), (8, 2, 1))[0] if code != "moving" else 2
    return firm, _Wanted(code, at, duration, people)


class _Prices:
    """Quotes of the pricing rules, each asked for once."""

    def __init__(self) -> None:
        self.found: dict[tuple[object, ...], Price] = {}
        self.discounted = set(Customer.objects.filter(discounts__isnull=False))

    def of(self, task: TaskType, owner: Customer, day: date, wanted: _Wanted) -> Price:
        own = owner.pk if owner.country != HOME or owner in self.discounted else 0
        key = (day, wanted, own)
        if key not in self.found:
            self.found[key] = quote(task, owner, day, wanted.at, wanted.duration_min, wanted.people)
        return self.found[key]


def _order(
    region: Region, number: int, day: date, firm: Firm, wanted: _Wanted, prices: _Prices
) -> WorkOrder:
    owner, task = firm.customer, region.tasks[wanted.code]
    price = prices.of(task, owner, day, wanted)
    starts_at = datetime.combine(day, wanted.at, HELSINKI).astimezone(UTC)
    placed = starts_at - timedelta(days=region.rng.randint(2, 12), hours=region.rng.randint(0, 5))
    placed = min(placed, region.now - timedelta(hours=3))
    return WorkOrder(
        number=number,
        status="placed",
        customer=owner,
        site=region.rng.choice(firm.sites),
        task_type=task,
        works_on=day,
        starts=wanted.at,
        duration_min=wanted.duration_min,
        people=wanted.people,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=wanted.duration_min),
        orderer_name=firm.orderer,
        orderer_email="customer@askare.example" if firm is region.firms[0] else "",
        site_contact_name=firm.orderer,
        site_contact_phone="+358501234567",
        wear=task.wear_fi,
        customer_reference=owner.invoice_reference,
        quote_net=price.net,
        quote_vat_pct=price.vat_pct,
        quote_vat=price.vat,
        quote_gross=price.gross,
        quote_lines=[],
        tariff_ref=price.tariff_ref,
        discount_pct=price.discount_pct,
        placed_at=placed,
        created_at=placed,
    )
