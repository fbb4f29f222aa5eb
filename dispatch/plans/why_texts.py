"""The words of why a place stays empty and of the ways out."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from dispatch.plans.why import Family, WayOut


def family(which: Family) -> str:
    """A kind of rules as a part of a list; never about one person."""
    return {
        Family.START: pgettext("rule", "the time that was ordered"),
        Family.AVAILABILITY: pgettext("rule", "the hours that people have given"),
        Family.BUSY: pgettext("rule", "the other gigs of that time"),
        Family.DISTANCE: pgettext("rule", "the longest trip that people have chosen"),
        Family.COACH: pgettext("rule", "the coach that first gigs need"),
        Family.CONSENT: pgettext("rule", "work that needs the worker's consent"),
        Family.SKILLS: pgettext("rule", "the skills that the work asks for"),
        Family.AGREED: pgettext("rule", "what has been agreed that people do"),
        Family.AWAY: pgettext("rule", "days away"),
        Family.CONTRACT: pgettext("rule", "contracts"),
        Family.AGE: pgettext("rule", "the rules for young workers"),
        Family.HOURS: pgettext("rule", "the limits on working hours"),
        Family.REST: pgettext("rule", "the rest between working days"),
        Family.OTHER: pgettext("rule", "other rules"),
    }[which]


def families(which: Iterable[Family]) -> str:
    """Several kinds in one line."""
    return _and([family(one) for one in which])


def _and(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(several)s and %(last)s") % {"several": ", ".join(names[:-1]), "last": names[-1]}


def way(out: WayOut) -> str:
    """What a way out says before its button."""
    names = [str(helper.worker) for helper in out.helpers]
    others = [f for f in out.families if f is not Family.START]
    if Family.START not in out.families:
        text = npgettext(
            "way out",
            "%(names)s could come. Only this stands in the way: %(what)s.",
            "%(names)s could come. Only this stands in the way: %(what)s.",
            len(names),
        )
    elif others:
        text = npgettext(
            "way out",
            "At another time %(names)s could come, but for this: %(what)s.",
            "At another time %(names)s could come, but for this: %(what)s.",
            len(names),
        )
    else:
        text = npgettext(
            "way out",
            "At another time %(names)s could come.",
            "At another time %(names)s could come.",
            len(names),
        )
    return text % {"names": _and(names), "what": families(others)}
