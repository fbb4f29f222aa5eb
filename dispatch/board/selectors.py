"""Which orders, places and workers the board reads, each in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce

from core.intervals import Interval, local_week_bounds
from core.zone import HELSINKI
from dispatch.models import Assignment
from dispatch.models.lifecycle import FILLING, HOLDING, TAKES_WORKERS, AssignmentStatus
from orders.models import WorkOrder
from orders.models.lifecycle import OrderStatus
from workers.models import AvailabilityException, Engagement, WeeklyAvailability, Worker

SOON = timedelta(hours=24)
OTHER_DAYS_SHOWN = 8
LACKS_PEOPLE = (OrderStatus.PLACED, OrderStatus.UNFILLED)
ON_BOARD = (*HOLDING, AssignmentStatus.NO_SHOW)


@dataclass(frozen=True)
class Lane:
    """Orders without a worker: of the day, the next ones of other days, and those that are soon."""

    here: list[WorkOrder]
    elsewhere: list[WorkOrder]
    elsewhere_count: int
    soon: list[WorkOrder]


def open_orders() -> QuerySet[WorkOrder]:
    """Orders that still lack people, with `filled` and `offered` counted."""
    rows = WorkOrder.objects.filter(status__in=LACKS_PEOPLE).order_by("starts_at", "id")
    return with_list_columns(rows)


def with_list_columns(orders: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Orders with their counts and only what a line of a list shows.

    Whole rows are wide, and a phone number is parsed each time one is read.
    """
    return with_counts(orders).only(
        "ref",
        "number",
        "status",
        "people",
        "works_on",
        "starts_at",
        "ends_at",
        "customer__name",
        "site__street",
        "site__city",
        "task_type__name_fi",
        "task_type__name_sv",
        "task_type__name_en",
    )


def with_counts(orders: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """Orders with `filled` (people who come) and `offered` (unanswered) counted."""
    return orders.select_related("task_type", "site", "customer").annotate(
        filled=_count_places(FILLING), offered=_count_places([AssignmentStatus.OFFERED])
    )


def _count_places(statuses: Iterable[str]) -> Coalesce:
    """How many assignments of an order are in one of the statuses.

    Counted per shown order: a join and a grouping would go through every order of the list.
    """
    held = Assignment.objects.filter(order=OuterRef("pk")).order_by().values("order")
    counted = held.annotate(n=Count("pk", filter=Q(status__in=list(statuses))))
    return Coalesce(Subquery(counted.values("n")), 0)


def open_places(order: WorkOrder) -> int:
    """Places that nobody holds or has been offered; needs `with_counts`."""
    held: int = order.filled + order.offered  # type: ignore[attr-defined]
    return order.people - held


def takes_workers(order: WorkOrder, places: int, now: datetime) -> bool:
    """Whether somebody can still be chosen for an order of which so many places are open."""
    return places > 0 and order.status in TAKES_WORKERS and order.ends_at > now


def open_lane(on: date, now: datetime) -> Lane:
    """Open orders beside the day's board, in one query; only those that are shown are read."""
    others = WorkOrder.objects.filter(status__in=LACKS_PEOPLE, ends_at__gt=now).exclude(works_on=on)
    count = others.order_by().annotate(all=Value(1)).values("all").annotate(n=Count("pk"))
    next_ones = others.order_by("starts_at", "id").values("pk")[:OTHER_DAYS_SHOWN]
    rows = open_orders().filter(
        Q(works_on=on)
        | Q(starts_at__lt=now + SOON, ends_at__gt=now)
        | Q(pk__in=Subquery(next_ones))
    )
    found: list[Any] = list(rows.annotate(others=Coalesce(Subquery(count.values("n")), 0)))
    elsewhere = [o for o in found if o.works_on != on and o.ends_at > now]
    return Lane(
        here=[o for o in found if o.works_on == on],
        elsewhere=elsewhere[:OTHER_DAYS_SHOWN],
        elsewhere_count=found[0].others if found else 0,
        soon=found,
    )


def held_within(bounds: Interval) -> list[Assignment]:
    """Assignments that reach into a day, with what the board draws of them, by the clock."""
    return list(
        Assignment.objects.filter(
            status__in=ON_BOARD, starts_at__lt=bounds.end, ends_at__gt=bounds.start
        )
        .select_related("order__task_type", "order__site")
        .only(
            "worker_id",
            "status",
            "starts_at",
            "ends_at",
            "order__ref",
            "order__number",
            "order__site__street",
            "order__site__city",
            "order__site__lat",
            "order__site__lon",
            "order__task_type__name_fi",
            "order__task_type__name_sv",
            "order__task_type__name_en",
        )
        .order_by("starts_at", "id")
    )


def workers_of(
    on: date,
    busy: Iterable[int],
    *,
    until: date | None = None,
    most: int | None = None,
    wanted: Collection[int] = (),
) -> list[Any]:
    """Active workers and those in `busy`, by name, with the hours booked in the week of `on`.

    The weekly limit is that of the newest contract that runs on `on` or starts by `until`. With
    `most` only so many are read: first the `wanted`, then the busy, then those who gave hours.
    Each row carries the number of all of them in `everybody`.
    """
    last, busy = until or on, list(busy)
    contract = Engagement.objects.filter(worker=OuterRef("pk"), starts_on__lte=last).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    )
    done = Assignment.objects.filter(worker=OuterRef("pk"), status=AssignmentStatus.COMPLETED)
    week = local_week_bounds(on, HELSINKI)
    of_week = Assignment.objects.filter(
        worker=OuterRef("pk"), starts_at__lt=week.end, ends_at__gt=week.start
    )
    length = Sum(F("ends_at") - F("starts_at"), filter=Q(status__in=HOLDING))
    booked = of_week.order_by().values("worker").annotate(length=length).values("length")
    rows = (
        Worker.objects.filter(Q(active=True) | Q(pk__in=busy))
        .only(
            "ref",
            "first_name",
            "last_name",
            "city",
            "postal_code",
            "lat",
            "lon",
            "travel_mode",
            "wish_week_min",
        )
        .annotate(
            contract_min=Subquery(contract.order_by("-starts_on").values("weekly_max_min")[:1]),
            has_worked=Exists(done),
            week_time=Subquery(booked),
            everybody=Window(Count("pk")),
        )
        .order_by("first_name", "last_name", "id")
    )
    if most is None:
        return list(rows)
    chosen = rows.annotate(place=_drawn_first(on, last, busy, wanted)).order_by(
        "place", "first_name", "last_name", "id"
    )
    return sorted(chosen[:most], key=lambda w: (w.first_name, w.last_name, w.pk))


def _drawn_first(on: date, last: date, busy: Collection[int], wanted: Collection[int]) -> Case:
    """The rank of a worker when not all are drawn; whether given hours fit is not asked here."""
    days = {(on + timedelta(days=n)).weekday() for n in range((last - on).days + 1)}
    usual = WeeklyAvailability.objects.filter(worker=OuterRef("pk"), weekday__in=days)
    changed = AvailabilityException.objects.filter(worker=OuterRef("pk"), on__range=(on, last))
    return Case(
        When(pk__in=wanted, then=0),
        When(pk__in=busy, then=1),
        When(Exists(usual) | Exists(changed.filter(available=True)), then=2),
        default=3,
    )
