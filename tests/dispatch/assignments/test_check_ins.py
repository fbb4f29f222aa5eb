"""Check-ins and check-outs: what the clock says, and what is taken back."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accounts.models import Role
from core.violations import RuleBroken
from dispatch.assignments import late, punches
from dispatch.assignments.services import apply_action
from dispatch.models import Assignment, Punch
from dispatch.models.lifecycle import AssignmentAction as A
from dispatch.models.lifecycle import AssignmentStatus as S
from tests import builders
from tests.dispatch.assignments.steps import at_work, codes, mails, placed, status

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def test_check_in_and_out_follow_the_order_to_done(office, now):
    row = at_work(office, now)
    assert status(row.order) == "in_progress"
    row = apply_action(row, A.CHECK_OUT, by=None, now=row.ends_at)
    assert (row.status, status(row.order)) == (S.COMPLETED, "done")
    assert list(Punch.objects.values_list("kind", "at")) == [
        ("in", row.starts_at),
        ("out", row.ends_at),
    ]


def test_check_in_with_the_same_key_counts_once(office, now):
    """A tap that was kept while offline and is sent again counts once."""
    row, key = placed(office, now), uuid.uuid4()
    tapped = row.starts_at - timedelta(minutes=3)
    for sent in (row.starts_at, row.starts_at + timedelta(minutes=5)):
        apply_action(row, A.CHECK_IN, by=None, now=sent, at=tapped, form_key=key)
    assert list(Punch.objects.values_list("kind", "at")) == [("in", tapped)]


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(-121, "check_in_early"), (240, "check_in_late")],
)
def test_check_in_outside_the_gig_is_refused(office, now, minutes, code):
    row = placed(office, now)
    moment = row.starts_at + timedelta(minutes=minutes)
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.CHECK_IN, by=None, now=moment)
    assert codes(error) == {code}


def test_check_in_from_the_future_is_refused(office, now):
    row = placed(office, now)
    with pytest.raises(RuleBroken) as error:
        apply_action(
            row,
            A.CHECK_IN,
            by=None,
            now=row.starts_at - timedelta(minutes=6),
            at=row.starts_at,
        )
    assert codes(error) == {"punch_in_future"}


def test_check_out_before_check_in_is_refused(office, now):
    row = at_work(office, now)
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.CHECK_OUT, by=None, now=row.ends_at, at=row.starts_at)
    assert codes(error) == {"check_out_before_in"}


def test_undo_of_check_in_gives_the_order_back(office, now):
    """A too-early tap can be taken back; the raw taps stay."""
    row = at_work(office, now)
    row = apply_action(row, A.UNDO, by=None, now=row.starts_at + timedelta(minutes=1))
    assert (row.status, status(row.order)) == (S.ACCEPTED, "filled")
    assert list(Punch.objects.values_list("kind", flat=True)) == ["in", "undo"]
    again = row.starts_at + timedelta(minutes=10)
    row = apply_action(row, A.CHECK_IN, by=None, now=again)
    assert punches.checked_in_at(row) == again


def test_undo_of_check_out_puts_the_worker_back_to_work(office, now):
    row = at_work(office, now)
    came = row.starts_at
    row = apply_action(row, A.CHECK_OUT, by=None, now=came + timedelta(hours=1))
    row = apply_action(row, A.UNDO, by=None, now=came + timedelta(hours=1, minutes=1))
    assert (row.status, status(row.order)) == (S.ON_SITE, "in_progress")
    assert punches.checked_in_at(row) == came


@pytest.mark.parametrize("role", [None, Role.WORKER, Role.COACH, Role.DISPATCHER])
def test_undo_later_than_an_hour_is_refused_whoever_asks(office, now, role):
    """The service holds the rule: no page, and no button of the coach, goes past it."""
    row = at_work(office, now)
    by = builders.user(role, email="kysyja@post.example") if role else None
    too_late = row.starts_at + punches.UNDO_WITHIN + timedelta(seconds=1)
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.UNDO, by=by, now=too_late)
    own = role in (None, Role.WORKER)
    assert codes(error) == {"undo_late" if own else "undo_late_office"}
    assert punches.undoable([Assignment.objects.get(pk=row.pk)], too_late) == set()
    in_time = row.starts_at + punches.UNDO_WITHIN
    assert punches.undoable([Assignment.objects.get(pk=row.pk)], in_time) == {row.pk}
    assert apply_action(row, A.UNDO, by=by, now=in_time).status == S.ACCEPTED


def test_undo_counts_from_the_tap_that_it_takes_back(office, now):
    """The check-out may go within its hour; the check-in before it is too old by then."""
    row = at_work(office, now)
    left = row.starts_at + timedelta(hours=2)
    apply_action(row, A.CHECK_OUT, by=None, now=left)
    row = apply_action(row, A.UNDO, by=office, now=left + timedelta(minutes=1))
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.UNDO, by=office, now=left + timedelta(minutes=2))
    assert codes(error) == {"undo_late_office"}


def test_second_press_does_not_take_back_the_tap_before(office, now):
    """Each page says which state it showed; a worker's second press is refused in any case."""
    row = at_work(office, now)
    left = row.starts_at + timedelta(minutes=10)
    row = apply_action(row, A.CHECK_OUT, by=None, now=left)
    apply_action(row, A.UNDO, by=office, now=left, seen="completed")
    for by, seen in ((office, "completed"), (builders.user(Role.WORKER), "")):
        with pytest.raises(RuleBroken) as error:
            apply_action(row, A.UNDO, by=by, now=left, seen=seen)
        assert codes(error) == {"undo_done"}
    again = apply_action(row, A.UNDO, by=office, now=left, seen="on_site")
    assert again.status == S.ACCEPTED, "the office may go on, when it means to"


def test_late_is_told_near_the_start_only_whichever_page_asks(office, now):
    row = placed(office, now)
    for moment in (row.starts_at - late.LATE_FROM - timedelta(seconds=1), row.ends_at):
        with pytest.raises(RuleBroken) as error:
            late.report_lateness(row, 10, by=office, now=moment)
        assert codes(error) == {"not_possible_now"}
    late.report_lateness(row, 10, by=office, now=row.starts_at - late.LATE_FROM)
    assert [m.to for m in mails("worker_late")] == ["palvelu@askare.example"]


def test_order_of_team_is_done_when_the_last_one_is(office, now):
    order = builders.order(people=2)
    rows = [placed(office, now, order=order) for _ in range(2)]
    for row in rows:
        apply_action(row, A.CHECK_IN, by=None, now=order.starts_at)
    apply_action(rows[0], A.CHECK_OUT, by=None, now=order.ends_at)
    assert status(order) == "in_progress"
    apply_action(rows[1], A.CHECK_OUT, by=None, now=order.ends_at)
    assert status(order) == "done"


def test_no_show_before_the_start_is_refused(office, now):
    row = placed(office, now)
    with pytest.raises(RuleBroken) as error:
        apply_action(row, A.MARK_NO_SHOW, by=office, now=row.starts_at - timedelta(minutes=1))
    assert codes(error) == {"no_show_early"}
    done = apply_action(row, A.MARK_NO_SHOW, by=office, now=row.starts_at)
    assert (done.status, status(row.order)) == (S.NO_SHOW, "placed")


def test_replacement_for_a_no_show_can_still_come(office, now):
    row = placed(office, now)
    late = row.starts_at + timedelta(minutes=20)
    apply_action(row, A.MARK_NO_SHOW, by=office, now=late)
    assert placed(office, late, order=row.order).status == S.ACCEPTED
