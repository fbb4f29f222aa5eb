"""States of an assignment (an offer is one that awaits its answer) and the moves between them."""

from enum import StrEnum

from orders.models.lifecycle import OrderStatus


class AssignmentStatus(StrEnum):
    PLANNED = "planned"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    COMPLETED = "completed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ABSENT = "absent"
    NO_SHOW = "no_show"


class AssignmentAction(StrEnum):
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    UNDO = "undo"
    MARK_ABSENT = "mark_absent"
    MARK_NO_SHOW = "mark_no_show"


_S, _A = AssignmentStatus, AssignmentAction

# These five hold the worker's time; the database guard knows the same list.
HOLDING = (_S.PLANNED, _S.OFFERED, _S.ACCEPTED, _S.ON_SITE, _S.COMPLETED)
# A place counts as filled once the worker has said yes (or has been put there directly).
FILLING = (_S.ACCEPTED, _S.ON_SITE, _S.COMPLETED)

# Who holds a place and has not come yet: these can still be released.
YET_TO_COME = (_S.PLANNED, _S.OFFERED, _S.ACCEPTED)
# Orders that still take workers; an unfilled one comes back to life when somebody is found.
TAKES_WORKERS = frozenset(
    {OrderStatus.PLACED, OrderStatus.FILLED, OrderStatus.IN_PROGRESS, OrderStatus.UNFILLED}
)

# A place is offered, given directly, or held by a draft that the worker does not know of yet.
BIRTHS = frozenset({_S.PLANNED, _S.OFFERED, _S.ACCEPTED})

MOVES: dict[tuple[AssignmentStatus, AssignmentAction], AssignmentStatus] = {
    (_S.PLANNED, _A.OFFER): _S.OFFERED,
    (_S.PLANNED, _A.ACCEPT): _S.ACCEPTED,
    (_S.PLANNED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.OFFERED, _A.ACCEPT): _S.ACCEPTED,
    (_S.OFFERED, _A.DECLINE): _S.DECLINED,
    (_S.OFFERED, _A.EXPIRE): _S.EXPIRED,
    (_S.OFFERED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ACCEPTED, _A.CHECK_IN): _S.ON_SITE,
    (_S.ACCEPTED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ACCEPTED, _A.MARK_ABSENT): _S.ABSENT,
    (_S.ACCEPTED, _A.MARK_NO_SHOW): _S.NO_SHOW,
    (_S.ON_SITE, _A.CHECK_OUT): _S.COMPLETED,
    # A too-early tap can be taken back; the raw punch stays for ever.
    (_S.ON_SITE, _A.UNDO): _S.ACCEPTED,
    (_S.COMPLETED, _A.UNDO): _S.ON_SITE,
    (_S.PLANNED, _A.MARK_ABSENT): _S.ABSENT,
    (_S.OFFERED, _A.MARK_ABSENT): _S.ABSENT,
}


def target(status: str, action: AssignmentAction) -> AssignmentStatus | None:
    """State that `action` leads to, or None where the move does not exist."""
    return MOVES.get((AssignmentStatus(status), action))


def allowed_actions(status: str) -> frozenset[AssignmentAction]:
    """Every action that an assignment in `status` can take."""
    return frozenset(a for (s, a) in MOVES if s == status)
