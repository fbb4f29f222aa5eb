"""Days away release assignments, and a removed absence frees the worker."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from core.models import AuditEvent
from core.violations import RuleBroken
from dispatch.assignments.absences import record_absence, remove_absence
from dispatch.assignments.services import assign
from dispatch.models.lifecycle import AssignmentStatus as S
from tests import builders
from tests.dispatch.assignments.steps import at_work, codes, mails, status
from workers.models import Absence

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def test_absence_releases_overlapping_gigs_and_opens_their_orders(office, now):
    """One call; the customer and the office hear of it, the reason is nowhere."""
    worker = builders.worker()
    first, second = (
        builders.order(at=time(8), duration_min=120),
        builders.order(at=time(12), duration_min=120),
    )
    other_day = builders.order(on=date(2026, 11, 27))
    for order in (first, second, other_day):
        assign(order, [worker.pk], by=office, now=now, offer=False)
    result = record_absence(
        worker,
        first.starts_at - timedelta(hours=8),
        first.starts_at + timedelta(hours=15),
        by=office,
        now=now,
    )
    assert {a.order_id for a in result.released} == {first.pk, second.pk}
    assert {a.status for a in result.released} == {S.ABSENT}
    assert [status(o) for o in (first, second, other_day)] == ["placed", "placed", "filled"]
    assert len(mails("assignment_replacing")) == 2
    assert len(mails("assignment_office")) == 2


def test_absence_twice_is_one_row(office, now):
    worker, order = builders.worker(), builders.order()
    for _ in range(2):
        record_absence(worker, order.starts_at, order.ends_at, by=office, now=now)
    assert Absence.objects.count() == 1
    assert AuditEvent.objects.filter(verb="absence.recorded").count() == 1


def test_absence_leaves_a_gig_under_way(office, now):
    row = at_work(office, now)
    result = record_absence(row.worker, row.starts_at, row.ends_at, by=office, now=row.starts_at)
    row.refresh_from_db()
    assert (result.released, row.status) == ([], S.ON_SITE)


def test_absence_that_ends_before_it_starts_is_refused(office, now):
    with pytest.raises(RuleBroken) as error:
        record_absence(builders.worker(), now, now, by=office, now=now)
    assert codes(error) == {"absence_ends_before_start"}


def test_removed_absence_frees_the_worker(office, now):
    worker, order = builders.worker(), builders.order()
    absence = record_absence(worker, order.starts_at, order.ends_at, by=office, now=now).absence
    remove_absence(absence, by=office, now=now)
    assert assign(order, [worker.pk], by=office, now=now)[0].status == S.OFFERED
