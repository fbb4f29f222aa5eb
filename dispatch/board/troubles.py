"""What wants a person now: the troubles of the moment, and the strip that shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import clock, day
from core.zone import HELSINKI
from dispatch.assignments.punches import LATE_AFTER, LEFT_OPEN_AFTER
from dispatch.board.looks import address
from dispatch.board.selectors import SOON, open_orders
from dispatch.eligibility.judge import under_contract
from dispatch.models import Assignment
from dispatch.models.lifecycle import AssignmentStatus
from orders.models import WorkOrder

# Assignments of workers who have left are shown so long before.
AHEAD = timedelta(days=7)
STRIP_SHOWN, STRIP_MOST, STRIP_FOLDED = 3, 8, 12

_S = AssignmentStatus
# What a trouble shows of its rows.
_COLUMNS = (
    "ref",
    "status",
    "starts_at",
    "ends_at",
    "answer_by",
    "worker__ref",
    "worker__first_name",
    "worker__last_name",
    "order__ref",
    "order__number",
    "order__status",
    "order__works_on",
    "order__starts_at",
    "order__ends_at",
    "order__site__city",
    "order__task_type__name_fi",
    "order__task_type__name_sv",
    "order__task_type__name_en",
)


@dataclass(frozen=True)
class Trouble:
    """Something that wants a person now; `tone` is error or warn."""

    code: str
    tone: str
    icon: str
    order: WorkOrder
    now: datetime
    assignment: Assignment | None = None

    @property
    def text(self) -> str:
        """What is wrong, in a few words; made only for those that are shown."""
        if self.assignment is None:
            return _text_of_order(self.order, self.now)
        return _text_of_assignment(self.assignment, self.now)

    @property
    def phone(self) -> str:
        """The worker's number as it is stored."""
        return getattr(self.assignment, "phone_stored", "")

    @property
    def order_url(self) -> str:
        """The page of the order."""
        return address("dispatch:order-detail", self.order.ref)

    @property
    def find_url(self) -> str:
        """The board with the order's candidates."""
        return f"{reverse('dispatch:day')}?order={self.order.ref}"

    @property
    def url(self) -> str:
        """Where it is put right."""
        return self.find_url if self.code == "unfilled" else self.order_url


@dataclass(frozen=True)
class Strip:
    """The troubles on the board: the worst are in sight, the rest is folded, never left out."""

    all: list[Trouble]

    @property
    def shown(self) -> list[Trouble]:
        """The first ones, and every red one that follows, up to two rows of a wide screen."""
        red = sum(t.tone == "error" for t in self.all)
        first = sorted(self.all, key=lambda t: t.tone != "error")
        return first[: min(max(red, STRIP_SHOWN), STRIP_MOST)]

    @property
    def more(self) -> list[Trouble]:
        """What is folded."""
        seen = {id(t) for t in self.shown}
        return [t for t in self.all if id(t) not in seen]

    @property
    def folded(self) -> list[Trouble]:
        """What the fold lists; the page of the day has them all."""
        return self.more[:STRIP_FOLDED]

    @property
    def more_words(self) -> str:
        """The folded ones counted by kind."""
        kinds: dict[str, int] = defaultdict(int)
        for t in self.more:
            kinds[t.code] += 1
        return ", ".join(_KIND[code](n) for code, n in kinds.items())


_KIND: dict[str, Callable[[int], str]] = {
    "late": lambda n: ngettext("%(n)s not arrived", "%(n)s not arrived", n) % {"n": n},
    "left_open": lambda n: ngettext("%(n)s not left", "%(n)s not left", n) % {"n": n},
    "no_contract": lambda n: (
        ngettext("%(n)s without a contract", "%(n)s without a contract", n) % {"n": n}
    ),
    "unfilled": lambda n: (
        ngettext("%(n)s without a worker", "%(n)s without a worker", n) % {"n": n}
    ),
    "unanswered": lambda n: ngettext("%(n)s offer out", "%(n)s offers out", n) % {"n": n},
}


def find_troubles(now: datetime, waiting: Sequence[WorkOrder] | None = None) -> list[Trouble]:
    """What wants a person now, worst first: not arrived, not left, without a contract,
    unfilled soon, unanswered.

    `waiting` are the open orders when the caller has read them already.
    """
    found: list[Trouble] = []
    live = (
        Assignment.objects.filter(
            Q(status=_S.ACCEPTED, starts_at__lte=now - LATE_AFTER)
            | Q(status=_S.ON_SITE, ends_at__lte=now - LEFT_OPEN_AFTER)
            | Q(status=_S.OFFERED)
            | Q(_gone(), status=_S.ACCEPTED, starts_at__gt=now, starts_at__lt=now + AHEAD)
        )
        .select_related("worker", "order__task_type", "order__site")
        .only(*_COLUMNS)
        # Read as text: parsing a number takes longer than reading the row.
        .annotate(phone_stored=Cast("worker__phone", CharField()))
        .order_by("starts_at", "id")
    )
    found += [_of_assignment(a, now) for a in live]
    orders = open_orders() if waiting is None else waiting
    if isinstance(orders, QuerySet):
        orders = list(orders.filter(starts_at__lt=now + SOON, ends_at__gt=now))
    found += [_of_order(o, now) for o in orders if o.starts_at < now + SOON and o.ends_at > now]
    rank = {"late": 0, "left_open": 1, "no_contract": 2, "unfilled": 3, "unanswered": 4}
    return sorted(found, key=lambda t: (rank[t.code], t.order.starts_at, t.order.pk))


def _gone() -> Q:
    """The worker of an assignment works here no more, or has no contract for its day."""
    held = under_contract(OuterRef("worker"), OuterRef("order__works_on"))
    return Q(worker__active=False) | Q(~Exists(held))


def _of_assignment(a: Assignment, now: datetime) -> Trouble:
    if a.status == _S.ACCEPTED and a.starts_at > now:
        return Trouble("no_contract", "warn", "user-x", a.order, now, a)
    if a.status == _S.ACCEPTED:
        return Trouble("late", "error", "triangle-alert", a.order, now, a)
    if a.status == _S.ON_SITE:
        return Trouble("left_open", "warn", "clock-alert", a.order, now, a)
    return Trouble("unanswered", "warn", "clock", a.order, now, a)


def _text_of_assignment(a: Assignment, now: datetime) -> str:
    name = a.worker.first_name
    if a.status == _S.ACCEPTED and a.starts_at > now:
        values = {"number": str(a.order.number), "name": name}
        return _("%(number)s: %(name)s has no contract for that day") % values
    if a.status == _S.ACCEPTED:
        values = {"time": _when(a.starts_at, now), "name": name}
        return _("%(time)s %(name)s has not arrived, call") % values
    values = {"number": str(a.order.number), "name": name}
    if a.status == _S.ON_SITE:
        values["time"] = _when(a.ends_at, now)
        return _("%(name)s has not left %(number)s, ended %(time)s") % values
    if a.answer_by and a.answer_by <= now:
        return _("%(number)s: %(name)s did not answer in time") % values
    if a.answer_by:
        values["time"] = _when(a.answer_by, now)
        return _("%(number)s: %(name)s answers by %(time)s") % values
    return _("%(number)s waits for %(name)s's answer") % values


def _of_order(order: WorkOrder, now: datetime) -> Trouble:
    tone = "error" if order.starts_at - now < timedelta(hours=4) else "warn"
    return Trouble("unfilled", tone, "circle-dashed", order, now)


def _text_of_order(order: WorkOrder, now: datetime) -> str:
    left = order.starts_at - now
    if left <= timedelta(0):
        return _("%(number)s without a worker, has begun") % {"number": order.number}
    hours = max(int(left.total_seconds() // 3600), 0)
    return ngettext(
        "%(number)s without a worker, starts within %(hours)s hour",
        "%(number)s without a worker, starts within %(hours)s hours",
        hours + 1,
    ) % {"number": order.number, "hours": hours + 1}


def _when(instant: datetime, now: datetime) -> str:
    same_day = instant.astimezone(HELSINKI).date() == now.astimezone(HELSINKI).date()
    return clock(instant) if same_day else f"{day(instant)} {clock(instant)}"
