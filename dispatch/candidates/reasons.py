"""Words for the reasons of a candidate list; the codes come from `listing` and the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import clock, clockrange, hours, km, minutes
from core.texts import violation_text
from core.violations import Violation

Kind = Literal["y", "w", "n"]


@dataclass(frozen=True)
class Reason:
    """Why somebody fits (y), fits with a note (w) or does not (n): a code and its numbers."""

    kind: Kind
    code: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    violation: Violation | None = None

    @property
    def text(self) -> str:
        """The reason in the active language, short enough for one line."""
        if self.violation is not None:
            return violation_text(self.violation)
        return _TEXTS[self.code](self.numbers)


def _free(numbers: Mapping[str, Any]) -> str:
    between = clockrange(_at(numbers["from"]), _at(numbers["until"]))
    return _("free %(time)s") % {"time": between}


def _near(numbers: Mapping[str, Any]) -> str:
    trip = {"km": km(numbers["m"]), "minutes": minutes(numbers["min"])}
    return _("%(km)s, trip %(minutes)s") % trip


def _from_previous(numbers: Mapping[str, Any]) -> str:
    facts = {
        "time": clock(_at(numbers["ends"])),
        "order": numbers["order"],
        "minutes": minutes(numbers["min"]),
    }
    return _("order %(order)s ends at %(time)s, trip %(minutes)s") % facts


def _to_next(numbers: Mapping[str, Any]) -> str:
    facts = {
        "time": clock(_at(numbers["starts"])),
        "order": numbers["order"],
        "minutes": minutes(numbers["min"]),
    }
    return _("order %(order)s starts at %(time)s, trip %(minutes)s") % facts


def _hours_left(numbers: Mapping[str, Any]) -> str:
    facts = {"booked": hours(numbers["week_min"]), "wish": hours(numbers["wish_min"])}
    return _("%(booked)s of %(wish)s wished this week") % facts


def _over_wish(numbers: Mapping[str, Any]) -> str:
    facts = {"booked": hours(numbers["after_min"]), "wish": hours(numbers["wish_min"])}
    return _("would be %(booked)s this week, wishes %(wish)s") % facts


def _familiar(numbers: Mapping[str, Any]) -> str:
    n = numbers["n"]
    return ngettext("has been here once", "has been here %(n)s times", n) % {"n": n}


def _skilled(_numbers: Mapping[str, Any]) -> str:
    return _("knows the work")


def _preferred(_numbers: Mapping[str, Any]) -> str:
    return _("likes to work at this time")


def _first_gig_coached(_numbers: Mapping[str, Any]) -> str:
    return _("first gigs, the coach is on site")


def _first_gig_reach(numbers: Mapping[str, Any]) -> str:
    return _("first gigs, the coach has to be within reach: %(name)s") % numbers


def _would_fit_later(numbers: Mapping[str, Any]) -> str:
    later = {"minutes": minutes(numbers["min"])}
    return _("would fit if the order began %(minutes)s later") % later


def _would_fit_earlier(numbers: Mapping[str, Any]) -> str:
    earlier = {"minutes": minutes(numbers["min"])}
    return _("would fit if the order began %(minutes)s earlier") % earlier


def _would_fit_shorter(numbers: Mapping[str, Any]) -> str:
    shorter = {"minutes": minutes(numbers["min"])}
    return _("would fit if the trip were %(minutes)s shorter") % shorter


def _would_fit_skill(numbers: Mapping[str, Any]) -> str:
    return _("would fit with the skill: %(skill)s") % {"skill": numbers["skill"].label}


def _would_fit_coach(_numbers: Mapping[str, Any]) -> str:
    return _("would fit with a coach on site")


_TEXTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "free": _free,
    "skilled": _skilled,
    "near": _near,
    "from_previous": _from_previous,
    "to_next": _to_next,
    "hours_left": _hours_left,
    "over_wish": _over_wish,
    "familiar": _familiar,
    "preferred": _preferred,
    "first_gig_coached": _first_gig_coached,
    "first_gig_reach": _first_gig_reach,
    "would_fit_hour": _would_fit_later,
    "would_fit_earlier": _would_fit_earlier,
    "would_fit_trip": _would_fit_shorter,
    "would_fit_skill": _would_fit_skill,
    "would_fit_coach": _would_fit_coach,
}


def _at(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
