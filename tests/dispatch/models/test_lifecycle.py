"""The table of moves of an assignment, written out as the table of tests. No database."""

from __future__ import annotations

import pytest

from dispatch.models.lifecycle import (
    FILLING,
    HOLDING,
    MOVES,
    AssignmentAction,
    AssignmentStatus,
    allowed_actions,
    target,
)

A, S = AssignmentAction, AssignmentStatus
EXPECTED = {
    S.PLANNED: {
        A.OFFER: S.OFFERED,
        A.ACCEPT: S.ACCEPTED,
        A.WITHDRAW: S.WITHDRAWN,
        A.MARK_ABSENT: S.ABSENT,
    },
    S.OFFERED: {
        A.ACCEPT: S.ACCEPTED,
        A.DECLINE: S.DECLINED,
        A.EXPIRE: S.EXPIRED,
        A.WITHDRAW: S.WITHDRAWN,
        A.MARK_ABSENT: S.ABSENT,
    },
    S.ACCEPTED: {
        A.CHECK_IN: S.ON_SITE,
        A.WITHDRAW: S.WITHDRAWN,
        A.MARK_ABSENT: S.ABSENT,
        A.MARK_NO_SHOW: S.NO_SHOW,
    },
    S.ON_SITE: {A.CHECK_OUT: S.COMPLETED, A.UNDO: S.ACCEPTED},
    S.COMPLETED: {A.UNDO: S.ON_SITE},
}


@pytest.mark.parametrize("action", list(A))
@pytest.mark.parametrize("status", list(S))
def test_target_every_pair_is_as_written_here(status, action):
    assert target(status, action) == EXPECTED.get(status, {}).get(action)


@pytest.mark.parametrize("status", list(S))
def test_allowed_actions_are_those_with_a_target(status):
    assert allowed_actions(status) == frozenset(EXPECTED.get(status, {}))


def test_ended_states_hold_no_time_and_lead_nowhere():
    ended = set(S) - set(HOLDING)
    assert ended == {S.DECLINED, S.EXPIRED, S.WITHDRAWN, S.ABSENT, S.NO_SHOW}
    assert not any(status in ended for status, _ in MOVES)


def test_filling_states_all_hold_time():
    assert set(FILLING) < set(HOLDING)


def test_every_state_can_be_reached():
    assert set(MOVES.values()) | {S.PLANNED} == set(S)
