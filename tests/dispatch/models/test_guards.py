"""The database refuses a double booking whatever code writes, and its absence is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from core import guards
from core.checks import guards_present
from dispatch.models import Assignment, Punch
from dispatch.models.lifecycle import HOLDING, AssignmentStatus
from orders.models import WorkOrder
from tests import builders
from workers.models import Worker

pytestmark = pytest.mark.engine
GUARD = "assignment_no_overlap"


def write(worker: Worker, order: WorkOrder, **fields) -> Assignment:
    """A row straight into the table, past the services."""
    defaults = {
        "status": "accepted",
        "starts_at": order.starts_at,
        "ends_at": order.ends_at,
        "created_at": order.created_at,
    }
    return Assignment.objects.create(order=order, worker=worker, **(defaults | fields))


@pytest.mark.django_db
@pytest.mark.parametrize("first", [s.value for s in HOLDING])
def test_second_holding_row_at_the_same_time_is_refused(first):
    """Nobody is booked twice: the database itself refuses the second row."""
    worker = builders.worker()
    write(worker, builders.order(), status=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        write(worker, builders.order(), status="planned")


@pytest.mark.django_db
@pytest.mark.parametrize("first", [s.value for s in AssignmentStatus if s not in HOLDING])
def test_row_that_holds_no_time_keeps_nobody_away(first):
    worker = builders.worker()
    write(worker, builders.order(), status=first)
    assert write(worker, builders.order()).pk


@pytest.mark.django_db
def test_touching_rows_are_allowed_and_one_minute_more_is_not():
    """Intervals are half-open in the database too, so gigs that touch do not overlap."""
    worker, order, other = builders.worker(), builders.order(), builders.order()
    write(worker, order)
    row = write(worker, other, starts_at=order.ends_at, ends_at=order.ends_at + timedelta(hours=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=row.pk).update(starts_at=order.ends_at - timedelta(minutes=1))


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["worker", "status", "time"])
def test_update_into_an_overlap_is_refused(change):
    busy, free = builders.worker(), builders.worker()
    order, other = builders.order(), builders.order()
    write(busy, order)
    fields: dict[str, object] = {
        "worker": {"worker": free},
        "status": {"status": "withdrawn"},
        "time": {
            "starts_at": order.ends_at,
            "ends_at": order.ends_at + timedelta(hours=1),
        },
    }[change]
    row = write(**({"worker": busy, "order": other} | fields))
    back: dict[str, object] = {
        "worker": {"worker": busy},
        "status": {"status": "accepted"},
        "time": {"starts_at": order.starts_at},
    }[change]
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=row.pk).update(**back)


@pytest.mark.django_db
def test_bulk_create_is_refused_as_well():
    worker, order, other = builders.worker(), builders.order(), builders.order()
    rows = [
        Assignment(
            order=o,
            worker=worker,
            status="accepted",
            starts_at=o.starts_at,
            ends_at=o.ends_at,
            created_at=o.created_at,
        )
        for o in (order, other)
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.bulk_create(rows)
    assert not Assignment.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_punch_cannot_be_changed_or_deleted(verb):
    order = builders.order()
    row = write(builders.worker(), order)
    Punch.objects.create(assignment=row, kind="in", at=order.starts_at, received_at=order.starts_at)
    punches = Punch.objects.filter(assignment=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        punches.update(at=order.ends_at) if verb == "update" else punches._raw_delete("default")


@pytest.mark.django_db(transaction=True)
def test_dropped_guard_is_reported_and_lets_doubles_in():
    """Negative control: without the guard the double goes in, and the check says so."""
    worker = builders.worker()
    write(worker, builders.order())
    assert guards.missing() == []
    guards.drop(only=GUARD)
    try:
        assert guards.missing() == [GUARD]
        assert write(worker, builders.order()).pk
        Assignment.objects.all().delete()
    finally:
        guards.install(only=GUARD)
    assert guards.missing() == []


@pytest.mark.django_db(transaction=True)
def test_guard_comes_back_after_a_migration_that_rebuilds_the_table():
    """On SQLite a changed column drops the triggers without a word; post_migrate restores them."""
    if connection.vendor == "sqlite":
        # As SQLite's schema editor does for most AlterField operations.
        connection.disable_constraint_checking()
        with connection.schema_editor() as editor:
            editor._remake_table(Assignment)
        connection.enable_constraint_checking()
    lost = guards.missing()
    assert (GUARD in lost) == (connection.vendor == "sqlite")
    assert [e.id for e in guards_present(app_configs=None, databases=["default"])] == [
        "core.E001"
    ] * len(lost)
    call_command("migrate", verbosity=0)
    assert guards.missing() == []
    worker = builders.worker()
    write(worker, builders.order())
    with pytest.raises(IntegrityError), transaction.atomic():
        write(worker, builders.order())
