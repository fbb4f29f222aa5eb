"""States of a plan and the only moves between them. Pure."""

from enum import StrEnum

# How a plan was made: by the full search, or by simple rules.
FULL, SIMPLE = "columns", "greedy"


class PlanState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    STOPPED = "stopped"
    ACCEPTED = "accepted"
    SENT = "sent"
    DISCARDED = "discarded"
    EXPIRED = "expired"
    FAILED = "failed"


class PlanAction(StrEnum):
    START = "start"
    FINISH = "finish"
    STOP = "stop"
    FAIL = "fail"
    ACCEPT = "accept"
    UNDO = "undo"
    SEND = "send"
    DISCARD = "discard"
    EXPIRE = "expire"


_S, _A = PlanState, PlanAction

# Somebody or something is at work on it; at most one such plan for each week.
WORKING = (_S.QUEUED, _S.RUNNING)
# A proposal whose rows can be accepted.
PROPOSAL = (_S.READY, _S.STOPPED, _S.ACCEPTED)

BIRTHS = frozenset({_S.QUEUED})

MOVES: dict[tuple[PlanState, PlanAction], PlanState] = {
    (_S.QUEUED, _A.START): _S.RUNNING,
    (_S.QUEUED, _A.STOP): _S.DISCARDED,
    (_S.QUEUED, _A.FAIL): _S.FAILED,
    (_S.RUNNING, _A.FINISH): _S.READY,
    # Stopped by a person: the best plan so far is kept and can be accepted.
    (_S.RUNNING, _A.STOP): _S.STOPPED,
    (_S.RUNNING, _A.FAIL): _S.FAILED,
    (_S.READY, _A.ACCEPT): _S.ACCEPTED,
    (_S.STOPPED, _A.ACCEPT): _S.ACCEPTED,
    # More rows of the same plan.
    (_S.ACCEPTED, _A.ACCEPT): _S.ACCEPTED,
    (_S.ACCEPTED, _A.UNDO): _S.READY,
    (_S.ACCEPTED, _A.SEND): _S.SENT,
    (_S.READY, _A.DISCARD): _S.DISCARDED,
    (_S.STOPPED, _A.DISCARD): _S.DISCARDED,
    (_S.READY, _A.EXPIRE): _S.EXPIRED,
    (_S.STOPPED, _A.EXPIRE): _S.EXPIRED,
}


def target(state: str, action: PlanAction) -> PlanState | None:
    """State that `action` leads to, or None where the move does not exist."""
    return MOVES.get((PlanState(state), action))
