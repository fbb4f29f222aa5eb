"""What the codes of assignments and trips say to a person, in the active language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import texts
from core.formats import clock, clockrange, minutes
from core.violations import RuleBroken, Violation
from dispatch.assignments.services import BookedMeanwhile

# Their sentences name the worker themselves.
NAMES_WORKER = frozenset({"booked_meanwhile"})


def problem_texts(error: RuleBroken) -> list[str]:
    """What a refusal says to a dispatcher: one sentence for each reason."""
    if isinstance(error, BookedMeanwhile):
        values = {
            "by": error.by_name or _("Somebody"),
            "name": error.worker_name,
            "number": error.order_number,
            "time": clock(error.at),
        }
        return [_("%(by)s booked %(name)s for order %(number)s at %(time)s.") % values]
    return texts.problem_texts(error)


def assignment_text(violation: Violation) -> str | None:
    """The sentence of a code of assignments; None for codes of others."""
    known = _TEXTS.get(violation.code)
    return known(violation) if known else None


def _minutes(v: Violation, name: str) -> int:
    return int(v.numbers.get(name, 0))


def _instant(v: Violation, name: str) -> datetime | None:
    value = str(v.numbers.get(name, ""))
    return datetime.fromisoformat(value) if value else None


def _booked_meanwhile(v: Violation) -> str:
    facts = {
        "worker": v.numbers.get("worker", ""),
        "order": v.numbers.get("order", ""),
        "by": v.numbers.get("by", ""),
        "at": clock(_instant(v, "at")),
    }
    if facts["by"]:
        return _("%(by)s gave %(worker)s order %(order)s at %(at)s. Choose somebody else.") % facts
    return _("%(worker)s got order %(order)s at %(at)s. Choose somebody else.") % facts


def _overlap(v: Violation) -> str:
    start, end = _instant(v, "from"), _instant(v, "until")
    if start is None:
        return _("overlaps with another gig")
    facts = {"order": v.numbers.get("order", ""), "time": clockrange(start, end)}
    return _("overlaps with order %(order)s, %(time)s") % facts


def _from_previous(v: Violation) -> str:
    facts = {
        "order": v.numbers.get("order", ""),
        "ends": clock(_instant(v, "ends")),
        "way": minutes(_minutes(v, "travel_min")),
        "from": clock(_instant(v, "fits_from")),
    }
    return _("order %(order)s ends at %(ends)s, trip %(way)s: would fit from %(from)s") % facts


def _to_next(v: Violation) -> str:
    facts = {
        "order": v.numbers.get("order", ""),
        "starts": clock(_instant(v, "starts")),
        "way": minutes(_minutes(v, "travel_min")),
        "until": clock(_instant(v, "fits_until")),
    }
    return (
        _("order %(order)s starts at %(starts)s, trip %(way)s: would fit until %(until)s") % facts
    )


def _travel_outside(v: Violation) -> str:
    free = {"time": clockrange(_instant(v, "from"), _instant(v, "until"))}
    away = {"away": clockrange(_instant(v, "leaves"), _instant(v, "home"))}
    return _("free %(time)s, with the way away from home %(away)s") % {**free, **away}


def _order_full(v: Violation) -> str:
    people = int(v.numbers.get("people", 1))
    return ngettext(
        "The place of this order is taken.",
        "All %(people)s places of this order are taken.",
        people,
    ) % {"people": people}


def _coach_needed(_v: Violation) -> str:
    return _("first gigs: no coach on site or within reach")


_TEXTS: dict[str, Callable[[Violation], str]] = {
    "booked_meanwhile": _booked_meanwhile,
    "order_not_open": lambda _v: _("The order does not take workers any more."),
    "gig_in_past": lambda _v: _("The time of this gig is over."),
    "order_full": _order_full,
    "not_possible_now": lambda _v: _("This is not possible any more. Open the page again."),
    "no_show_early": lambda _v: _("The gig has not begun yet."),
    "undo_late": lambda _v: _("It is too late to take this back. Call us."),
    "undo_late_office": lambda v: (
        _("A tap can be taken back for %(minutes)s minutes. Now only the hours can be corrected.")
        % {"minutes": v.numbers.get("minutes", "")}
    ),
    "undo_done": lambda _v: _("It was taken back already."),
    "punch_in_future": lambda _v: _("That time has not come yet. Check the clock."),
    "check_in_early": lambda _v: _("It is too early to check in. Try again before the gig."),
    "check_in_late": lambda _v: _("The gig is over. Call the office and tell your hours."),
    "punch_noted": lambda v: (
        _("%(time)s was noted already. If that is wrong, tell the office.")
        % {"time": clock(_instant(v, "at"))}
    ),
    "check_out_before_in": lambda _v: _("The end must be later than the start."),
    "absence_ends_before_start": lambda _v: _("The last moment must be later than the first."),
    "already_on_order": lambda _v: _("is on this order already"),
    "overlap": _overlap,
    "travel_overlap": lambda _v: _("not enough time for the way between two gigs"),
    "travel_from_previous": _from_previous,
    "travel_to_next": _to_next,
    "travel_outside_availability": _travel_outside,
    "trip_too_long": lambda v: (
        _("trip %(got)s, wishes %(limit)s at most")
        % {"got": minutes(_minutes(v, "got_min")), "limit": minutes(_minutes(v, "limit_min"))}
    ),
    "coach_needed": _coach_needed,
}
