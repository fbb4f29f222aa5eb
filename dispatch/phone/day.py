"""What a worker's phone shows: what is next with its one big button, offers, the week's hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import quote

from django.db.models import Q
from django.utils.translation import get_language

from accounts.models import User
from core.intervals import local_week_bounds
from core.zone import HELSINKI, local_date
from dispatch.assignments import late, punches
from dispatch.assignments.punches import LEFT_OPEN_AFTER
from dispatch.eligibility import travel
from dispatch.models import Assignment, Punch
from dispatch.models.lifecycle import FILLING, AssignmentStatus
from workers.models import Absence, Engagement, Worker

_S = AssignmentStatus
# The button for arriving appears so long before the start.
ARRIVE_FROM = timedelta(minutes=60)
# Work that is done stays on the first page for so long, while its last tap can be taken back.
DONE_SHOWN_FOR = timedelta(hours=12)


@dataclass
class ShownAssignment:
    """One assignment with what its worker needs to know."""

    assignment: Assignment
    now: datetime
    mates: list[str] = field(default_factory=list)
    coach: User | None = None
    last_punch: Punch | None = None
    trip_min: int | None = None

    @property
    def state(self) -> str:
        """offer, wait (too early to arrive), arrive, leave, left_open, done or other."""
        a = self.assignment
        if a.status == _S.OFFERED:
            return "offer"
        if a.status == _S.ACCEPTED:
            return "wait" if self.now < a.starts_at - ARRIVE_FROM else "arrive"
        if a.status == _S.ON_SITE:
            return "left_open" if self.now >= a.ends_at + LEFT_OPEN_AFTER else "leave"
        return "done" if a.status == _S.COMPLETED else "other"

    @property
    def may_be_late(self) -> bool:
        """Whether it is near enough for somebody to know that they come late."""
        return late.may_be_late(self.assignment, self.now)

    @property
    def arrive_from(self) -> datetime:
        """When the button for arriving appears."""
        return self.assignment.starts_at - ARRIVE_FROM

    @property
    def can_undo(self) -> bool:
        """Whether the last tap can still be taken back."""
        punch = self.last_punch
        return (
            self.assignment.status in (_S.ON_SITE, _S.COMPLETED)
            and punch is not None
            and punch.kind != Punch.Kind.UNDO
            and punch.received_at >= self.now - punches.UNDO_WITHIN
        )

    @property
    def days_away(self) -> int:
        """Local days until it starts: 0 today, 1 tomorrow."""
        return (local_date(self.assignment.starts_at) - local_date(self.now)).days

    @property
    def wear(self) -> str:
        """What to wear: the order's own words, else those of the task."""
        order = self.assignment.order
        return order.wear or order.task_type.in_language("wear", get_language())

    @property
    def geo(self) -> str:
        """A geo: address that the phone's own map app opens; nothing is sent from here."""
        site = self.assignment.order.site
        words = quote(f"{site.street}, {site.postal_code} {site.city}")
        return f"geo:{site.lat:.5f},{site.lon:.5f}?q={words}"

    @property
    def live(self) -> bool:
        """Whether the place, the contact and the ways to ask for help are of use."""
        return self.assignment.status in (_S.OFFERED, _S.ACCEPTED, _S.ON_SITE)


@dataclass
class Home:
    next: ShownAssignment | None
    offers: list[ShownAssignment]
    later: list[Assignment]
    just_done: ShownAssignment | None
    week_min: int
    limit_min: int


def show_assignment(assignment: Assignment, now: datetime) -> ShownAssignment:
    """Read what the phone shows of an assignment: who else comes, the trip, the last tap."""
    worker, order = assignment.worker, assignment.order
    mates = (
        Assignment.objects.filter(order=order, status__in=FILLING)
        .exclude(worker=worker)
        .values_list("worker__first_name", flat=True)
        .order_by("worker__first_name")
    )
    minutes = travel.trip_min(
        worker.travel_mode,
        travel.Point(worker.lat, worker.lon),
        travel.Point(order.site.lat, order.site.lon),
    )
    return ShownAssignment(
        assignment,
        now,
        mates=list(mates) if order.people > 1 else [],
        coach=worker.coach if order.coach_on_site else None,
        last_punch=assignment.punches.last()
        if assignment.status in (_S.ON_SITE, _S.COMPLETED)
        else None,
        trip_min=round(minutes),
    )


def home(worker: Worker, now: datetime) -> Home:
    """Everything of the worker's first page; the number of queries does not grow."""
    week = local_week_bounds(local_date(now), HELSINKI)
    rows = list(
        Assignment.objects.filter(worker=worker)
        .filter(
            Q(status=_S.ON_SITE)
            | Q(status__in=[_S.OFFERED, _S.ACCEPTED], ends_at__gt=now)
            | Q(
                status__in=[_S.ACCEPTED, _S.COMPLETED],
                starts_at__lt=week.end,
                ends_at__gt=week.start,
            )
        )
        .select_related("order__task_type", "order__site", "worker__coach")
        .order_by("starts_at", "id")
    )
    offers = [a for a in rows if a.status == _S.OFFERED and not _too_late(a, now)]
    coming = [
        a for a in rows if a.status == _S.ON_SITE or (a.status == _S.ACCEPTED and a.ends_at > now)
    ]
    coming.sort(key=lambda a: (a.status != _S.ON_SITE, a.starts_at))
    done = [a for a in rows if a.status == _S.COMPLETED]
    last = done[-1] if done and done[-1].ends_at > now - DONE_SHOWN_FOR else None
    recent = show_assignment(last, now) if last else None
    return Home(
        next=show_assignment(coming[0], now) if coming else None,
        offers=[show_assignment(a, now) for a in offers[:3]],
        later=coming[1:],
        just_done=recent if recent and recent.can_undo else None,
        week_min=sum(
            a.planned_min
            for a in rows
            if a.status in FILLING and week.start <= a.starts_at < week.end
        ),
        limit_min=week_limit_min(worker, now),
    )


def _too_late(offer: Assignment, now: datetime) -> bool:
    return offer.answer_by is not None and offer.answer_by <= now


def week_limit_min(worker: Worker, now: datetime) -> int:
    """Minutes a week: the contract's limit, else the worker's own wish."""
    on = local_date(now)
    limit = (
        Engagement.objects.filter(worker=worker, starts_on__lte=on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
        .order_by("-starts_on")
        .values_list("weekly_max_min", flat=True)
        .first()
    )
    return limit or worker.wish_week_min


def last_day(absence: Absence) -> date:
    """The last local day of an absence (it ends at the midnight after)."""
    return local_date(absence.ends_at - timedelta(minutes=1))


def absences(worker: Worker, now: datetime) -> list[tuple[Absence, date, date]]:
    """Present and coming days away with their first and last local day."""
    rows = worker.absences.filter(ends_at__gt=now)
    return [(row, local_date(row.starts_at), last_day(row)) for row in rows]
