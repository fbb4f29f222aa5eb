"""States of a work order and the only moves between them."""

from enum import StrEnum


class OrderStatus(StrEnum):
    PLACED = "placed"
    FILLED = "filled"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    UNFILLED = "unfilled"


class OrderAction(StrEnum):
    FILL = "fill"
    REOPEN = "reopen"
    START = "start"
    FINISH = "finish"
    RESUME = "resume"
    CLOSE = "close"
    UNCLOSE = "unclose"
    CANCEL = "cancel"
    GIVE_UP = "give_up"


_S, _A = OrderStatus, OrderAction

# A form that is being filled in is no order yet: an order begins when it is placed.
BIRTHS = frozenset({_S.PLACED})
MOVES: dict[tuple[OrderStatus, OrderAction], OrderStatus] = {
    (_S.PLACED, _A.FILL): _S.FILLED,
    (_S.PLACED, _A.CANCEL): _S.CANCELLED,
    # By the clock: its time is over and nobody was found.
    (_S.PLACED, _A.GIVE_UP): _S.UNFILLED,
    # A worker of a team may start while another place is still open.
    (_S.PLACED, _A.START): _S.IN_PROGRESS,
    (_S.FILLED, _A.REOPEN): _S.PLACED,
    (_S.FILLED, _A.START): _S.IN_PROGRESS,
    (_S.FILLED, _A.CANCEL): _S.CANCELLED,
    (_S.IN_PROGRESS, _A.FINISH): _S.DONE,
    # The only check-in was taken back: nobody is at work yet.
    (_S.IN_PROGRESS, _A.REOPEN): _S.PLACED,
    # A correction of hours may put somebody back at work, or a wrong check-in is undone.
    (_S.DONE, _A.RESUME): _S.IN_PROGRESS,
    (_S.DONE, _A.CLOSE): _S.CLOSED,
    # A correction after approval drops the approval, and with it the close.
    (_S.CLOSED, _A.UNCLOSE): _S.DONE,
    (_S.UNFILLED, _A.REOPEN): _S.PLACED,
}

OPEN = frozenset({_S.PLACED, _S.FILLED, _S.IN_PROGRESS})


def target(status: str, action: OrderAction) -> OrderStatus | None:
    """State that `action` leads to, or None where the move does not exist."""
    return MOVES.get((OrderStatus(status), action))


def allowed_actions(status: str) -> frozenset[OrderAction]:
    """Every action that a work order in `status` can take."""
    return frozenset(a for (s, a) in MOVES if s == status)
