"""States of a message that is to leave exactly once, and the moves between them. Pure."""

from enum import StrEnum


class OutboxState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"


class OutboxAction(StrEnum):
    CLAIM = "claim"
    DELIVER = "deliver"
    RETRY = "retry"
    LOSE = "lose"
    GIVE_UP = "give_up"
    CONFIRM = "confirm"
    SEND_AGAIN = "send_again"


_S, _A = OutboxState, OutboxAction

BIRTHS = frozenset({_S.PENDING})
# What a person has to look at.
STUCK = (_S.UNKNOWN, _S.DEAD)

MOVES: dict[tuple[OutboxState, OutboxAction], OutboxState] = {
    (_S.PENDING, _A.CLAIM): _S.SENDING,
    (_S.SENDING, _A.DELIVER): _S.SENT,
    # It certainly did not leave: once more, until it was tried often enough.
    (_S.SENDING, _A.RETRY): _S.PENDING,
    (_S.SENDING, _A.GIVE_UP): _S.DEAD,
    # Nobody can tell whether it left.
    (_S.SENDING, _A.LOSE): _S.UNKNOWN,
    # A person decides.
    (_S.UNKNOWN, _A.CONFIRM): _S.SENT,
    (_S.DEAD, _A.CONFIRM): _S.SENT,
    (_S.UNKNOWN, _A.SEND_AGAIN): _S.PENDING,
    (_S.DEAD, _A.SEND_AGAIN): _S.PENDING,
}


def target(state: str, action: OutboxAction) -> OutboxState | None:
    """State that `action` leads to, or None where the move does not exist."""
    return MOVES.get((OutboxState(state), action))


def sources(action: OutboxAction) -> dict[OutboxState, OutboxState]:
    """The states from which `action` is possible, each with where it leads."""
    return {old: new for (old, of), new in MOVES.items() if of is action}
