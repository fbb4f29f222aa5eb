"""Words for the reasons of a candidate list; the codes come from candidates.py and the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.askare import clock, clockrange, hours, km, minutes
from workers.rule_texts import violation_text
from workers.violations import Violation

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
        return _text(self.code, self.numbers)


def _text(code: str, numbers: Mapping[str, Any]) -> str:
    match code:
        case "free":
            between = clockrange(_at(numbers["from"]), _at(numbers["until"]))
            return _("free %(time)s") % {"time": between}
        case "free_with_travel":
            return _("free, with the way there and back")
        case "skilled":
            return _("knows the work")
        case "near":
            way = {"km": km(numbers["m"]), "minutes": minutes(numbers["min"])}
            return _("%(km)s, trip %(minutes)s") % way
        case "from_previous":
            facts = {
                "time": clock(_at(numbers["ends"])),
                "order": numbers["order"],
                "minutes": minutes(numbers["min"]),
            }
            return _("order %(order)s ends at %(time)s, trip %(minutes)s") % facts
        case "to_next":
            facts = {
                "time": clock(_at(numbers["starts"])),
                "order": numbers["order"],
                "minutes": minutes(numbers["min"]),
            }
            return _("order %(order)s starts at %(time)s, trip %(minutes)s") % facts
        case "hours_left":
            facts = {"booked": hours(numbers["week_min"]), "wish": hours(numbers["wish_min"])}
            return _("%(booked)s of %(wish)s wished this week") % facts
        case "over_wish":
            facts = {"booked": hours(numbers["after_min"]), "wish": hours(numbers["wish_min"])}
            return _("would be %(booked)s this week, wishes %(wish)s") % facts
        case "familiar":
            n = numbers["n"]
            return ngettext("has been here once", "has been here %(n)s times", n) % {"n": n}
        case "preferred":
            return _("likes to work at this time")
        case "first_gig_coached":
            return _("first gigs, the coach is on site")
        case "first_gig_reach":
            return _("first gigs, the coach has to be within reach: %(name)s") % numbers
    raise KeyError(code)


def _at(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
