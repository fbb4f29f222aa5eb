"""Who does the orders of the demo, and what became of each assignment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from accounts.models import Role
from billing.demo.region import Person, Region, Slot
from core.zone import HELSINKI
from dispatch.models import Assignment
from orders.models import WorkOrder

# Assignments that hold nobody's time; the newest past orders have one each.
SIDE_STATES = ("no_show", "absent", "withdrawn", "expired", "declined")


@dataclass
class _ToShow:
    """What some order has still to show, so that no day is without it."""

    past: list[str] = field(default_factory=lambda: ["unfilled", "cancelled"])
    offered: bool = True
    planned: bool = True


def make_assignments(
    region: Region, orders: list[WorkOrder], shown: WorkOrder | None
) -> list[Assignment]:
    """People for the orders, whose states follow; Aino does the order that is `shown`."""
    made: list[Assignment] = []
    to_show = _ToShow()
    for row in orders:
        region.event(row, "order.placed", row.placed_at, kind="order", label=row.orderer_name)
        made += _assign(region, row, to_show, [region.staff[0]] if row is shown else None)
    made += _side_assignments(region, orders, made)
    Assignment.objects.bulk_create(made, batch_size=500)
    WorkOrder.objects.bulk_update(orders, ["status", "cancelled_at"], batch_size=500)
    return made


def _free(region: Region, order: WorkOrder, day: date) -> list[Person]:
    """Who could do the order, by the rules that matter for a believable picture."""
    task = order.task_type
    needed = region.task_skills[task.code]
    start = order.starts_at - timedelta(minutes=45)
    end = order.ends_at + timedelta(minutes=45)
    week = day.isocalendar()[:2]
    found = []
    for p in region.staff:
        window = p.windows.get(day.weekday())
        if window is None or day in p.away or not needed <= p.skills:
            continue
        if p.strains & set(task.strains):
            continue
        if p.kind in {"school_practice", "work_trial"} and (
            order.duration_min < 240 or order.duration_min > 360
        ):
            continue
        age = (day - p.row.birth_date).days // 365
        if age < 18 and (task.hazardous or task.min_age > age or day.weekday() >= 5):
            continue
        if (order.starts < window[0]) or (
            datetime.combine(day, window[1], HELSINKI) < order.ends_at
        ):
            continue
        if p.week_min[week] + order.duration_min > p.week_max_min:
            continue
        if sum((s.end - s.start).seconds // 60 for s in p.slots[day]) + order.duration_min > 480:
            continue
        if any(s.start < end and s.end > start for s in p.slots[day]):
            continue
        lat, lon = p.row.lat - order.site.lat, (p.row.lon - order.site.lon) / 2
        if (lat * lat + lon * lon) ** 0.5 * 111 > 18:
            continue
        found.append(p)
    return found


def _side_assignments(
    region: Region, orders: list[WorkOrder], made: list[Assignment]
) -> list[Assignment]:
    """The newest past orders show each way in which a person did not come."""
    held = defaultdict(set)
    for row in made:
        held[row.order_id].add(row.worker_id)
    past = [order for order in reversed(orders) if order.status == "done"]
    found = []
    for order, status in zip(past, SIDE_STATES, strict=False):
        others = [p for p in region.staff if p.row.pk not in held[order.pk]]
        found.append(_assignment(region, order, region.rng.choice(others), status))
    return found


def _assign(
    region: Region, order: WorkOrder, to_show: _ToShow, by: list[Person] | None
) -> list[Assignment]:
    """Decide what became of an order: nothing, a cancellation, or people who do it."""
    past = order.ends_at < region.now
    under_way = order.starts_at <= region.now <= order.ends_at
    owed = to_show.past.pop() if past and to_show.past else ""
    if past and (region.rng.random() < 0.04 or owed == "cancelled"):
        order.status = "cancelled"
        order.cancelled_at = order.starts_at - timedelta(days=2)
        region.event(
            order, "order.cancelled", order.cancelled_at, kind="order", label=order.orderer_name
        )
        return []
    free = by or _free(region, order, order.works_on)
    region.rng.shuffle(free)
    free.sort(key=lambda p: p.row.pk != region.staff[0].row.pk)
    late = order.works_on > region.today + timedelta(days=9)
    chosen = [] if owed == "unfilled" else free[: order.people]
    if not past and not under_way and (region.rng.random() < (0.3 if late else 0.1)):
        chosen = chosen[:-1]
    if past and len(chosen) < order.people:
        chosen = chosen if chosen and order.people > 1 else []
    made: list[Assignment] = []
    filled = 0
    for person in chosen:
        status = "completed" if past else "on_site" if under_way else "accepted"
        waits = region.rng.random() < 0.06 or to_show.offered
        if not past and not under_way and waits:
            status, to_show.offered = "offered", False
        elif not past and not under_way and to_show.planned:
            status, to_show.planned = "planned", False
        person.slots[order.works_on].append(Slot(order.starts_at, order.ends_at))
        person.week_min[order.works_on.isocalendar()[:2]] += order.duration_min
        made.append(_assignment(region, order, person, status))
        filled += status not in {"offered", "planned"}
    if free[order.people :] and region.rng.random() < 0.08:
        made.append(_assignment(region, order, free[order.people], "declined"))
    if past:
        order.status = "done" if made and filled else "unfilled"
    elif under_way:
        order.status = "in_progress" if filled else "placed"
    else:
        order.status = "filled" if filled == order.people else "placed"
    return made


def _assignment(region: Region, order: WorkOrder, person: Person, status: str) -> Assignment:
    offered = min((order.placed_at or region.now) + timedelta(hours=2), region.now)
    tomorrow = datetime.combine(region.today + timedelta(days=1), time(12), HELSINKI)
    answer_by = min(order.starts_at - timedelta(hours=2), tomorrow.astimezone(UTC))
    row = Assignment(
        order=order,
        worker=person.row,
        status=status,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        answer_by=answer_by if status == "offered" else None,
        answered_at=None if status in {"offered", "planned"} else offered + timedelta(minutes=50),
        told_at=None if status == "planned" else offered,
        created_at=offered,
        created_by=region.users[Role.DISPATCHER],
    )
    first = {"worker": str(person.row.ref)}
    if status == "planned":
        return row
    region.event(
        order,
        "assignment.offered",
        offered,
        kind="assignment",
        ref=row.ref,
        after=first,
        label="Liisa Välittäjä",
    )  # fmt: skip
    if status not in {"offered", "declined", "expired", "withdrawn"}:
        region.event(
            order,
            "assignment.accepted",
            row.answered_at,
            kind="assignment",
            ref=row.ref,
            after=first,
            label=person.row.first_name,
        )
    return row
