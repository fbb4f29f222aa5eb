"""What a plan says to a dispatcher: how good it is, why places stay empty, why it was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import pct
from core.violations import Violation
from dispatch.models.plan_lifecycle import SIMPLE

# Codes of the rules that say the same to somebody who looks at a whole plan.
_GROUPS: Mapping[str, str] = {
    "skill_missing": "skill",
    "restricted": "limit",
    "not_available": "time",
    "partly_available": "time",
    "travel_outside_availability": "way",
    "absent": "away",
    "overlap": "busy",
    "travel_from_previous": "busy",
    "travel_to_next": "busy",
    "trip_too_long": "way",
    "daily_hours": "hours",
    "weekly_hours": "hours",
    "weekly_max": "hours",
    "own_daily_max": "hours",
    "own_weekly_max": "hours",
    "own_days_per_week": "hours",
    "engagement_week_days": "hours",
    "engagement_week_long": "hours",
    "engagement_day_long": "hours",
    "daily_rest": "rest",
    "daily_rest_floor": "rest",
    "weekly_rest": "rest",
    "young_daily_rest": "rest",
    "young_weekly_rest": "rest",
    "coach_needed": "coach",
    "no_engagement": "contract",
    "busy_elsewhere": "elsewhere",
}


def why_empty(why: Sequence[Sequence[Any]]) -> list[str]:
    """Reasons for an empty place, the most frequent first: [("skill_missing", 3), …] in words."""
    counts: dict[str, int] = {}
    for code, n in why:
        group = _GROUPS.get(str(code), "other")
        counts[group] = counts.get(group, 0) + int(n)
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    return [_phrase(group, n) for group, n in ranked] or [_("there are no workers")]


def _phrase(group: str, n: int) -> str:
    texts = {
        "skill": ngettext("%(n)s lacks the skill", "%(n)s lack the skill", n),
        "limit": ngettext("%(n)s is not asked to do this", "%(n)s are not asked to do this", n),
        "time": ngettext("%(n)s is not free then", "%(n)s are not free then", n),
        "way": ngettext("for %(n)s the trip is too long", "for %(n)s the trip is too long", n),
        "away": ngettext("%(n)s is away", "%(n)s are away", n),
        "busy": ngettext("%(n)s has another gig", "%(n)s have another gig", n),
        "hours": ngettext("%(n)s has no hours left", "%(n)s have no hours left", n),
        "rest": ngettext("%(n)s would rest too little", "%(n)s would rest too little", n),
        "coach": ngettext("%(n)s needs a coach there", "%(n)s need a coach there", n),
        "contract": ngettext("%(n)s has no contract then", "%(n)s have no contract then", n),
        "elsewhere": ngettext(
            "%(n)s could go but is of more use elsewhere",
            "%(n)s could go but are of more use elsewhere",
            n,
        ),
        "other": ngettext("%(n)s cannot for another reason", "%(n)s cannot for other reasons", n),
    }
    return texts[group] % {"n": n}


def quality(numbers: Mapping[str, Any], *, week: bool) -> str:
    """How good the plan is, never more than was proven."""
    if not numbers.get("filled"):
        return ""
    if numbers.get("engine") == SIMPLE:
        if numbers.get("has_engine"):
            return _("Made by simple rules.")
        return _("Made by simple rules: the full planner is not installed on this machine.")
    if numbers.get("proven"):
        if week:
            return _("The best possible for each day, planned one after another.")
        return _("The best possible.")
    gap = numbers.get("gap_pct")
    if gap is None:
        return _("No proof yet of how good it is.")
    if week:
        return _("Each day at most %(gap)s from the best possible.") % {"gap": pct(gap)}
    return _("At most %(gap)s from the best possible.") % {"gap": pct(gap)}


def stage(code: str) -> str:
    """What the search is doing, for the page that waits for it."""
    return {
        "": _("Reading workers and orders"),
        "greedy": _("A first plan"),
        "bound": _("How good could it get?"),
        "parts": _("Several parts are planned at once"),
    }.get(code, _("Making it better"))


def failure(code: str) -> tuple[str, str]:
    """What went wrong with a plan, and what helps."""
    texts = {
        "queue_silent": (
            _("The plan was never begun: the background work does not answer."),
            _("Ask the administrator to start it (manage.py qcluster), then plan again."),
        ),
        "unreadable": (
            _("The planner could not read a worker or an order."),
            _("Check what was changed last, or choose the workers by hand on the board."),
        ),
    }
    lost = (
        _("The work on this plan stopped in the middle."),
        _("Nothing was changed. Plan again; with fewer seconds it is ready sooner."),
    )
    return texts.get(code, lost)


def plan_text(violation: Violation) -> str | None:
    """Texts of the codes of plans; None for the codes of others."""
    texts = {
        "plan_running": _("A plan for this week is being made already."),
        "plan_in_past": _("The day is over. Choose today or a later day."),
        "plan_too_long": _("One week at most can be planned at a time."),
        "plan_not_open": _("Somebody has dealt with this plan already."),
        "order_moved": _("The order was moved to another time."),
    }
    return texts.get(violation.code)
